//! What must hold for a revision as a whole.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::{Index, RegistryParts};
use crate::{
    Agency, AgencyCode, AgencyId, Commune, CommuneCode, Dated, PackVersion, Period, ProcedureCode,
    Succession, Territory, dated::any_overlap,
};

/// What is wrong with a revision of the registry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each message says it all")]
pub enum RegistryFault {
    #[error(
        "{what} version {version} is published with other content, and dossiers may pin it: publish what is changed under a version of its own"
    )]
    Pinned { what: String, version: String },
    #[error("a log has at least one partition")]
    NoPartitions,
    #[error("commune {commune} is there twice")]
    DuplicateCommune { commune: CommuneCode },
    #[error("agency {agency} is there twice")]
    DuplicateAgency { agency: AgencyId },
    #[error("agency {agency} has no name")]
    NoName { agency: AgencyId },
    #[error("agency {agency} has two names on one day")]
    TwoNames { agency: AgencyId },
    #[error("agency {agency} has two parents on one day")]
    TwoParents { agency: AgencyId },
    #[error("agency {agency} has a period whose last day is before its first")]
    Reversed { agency: AgencyId },
    #[error("agency {agency} has parent {parent}, which is not another agency of the registry")]
    UnknownParent { agency: AgencyId, parent: AgencyId },
    #[error("code {code} belongs to {one} and {other} on one day")]
    DuplicateCode { code: AgencyCode, one: AgencyId, other: AgencyId },
    #[error("the key of node {node} is there twice")]
    DuplicateNode { node: String },
    #[error("node {node} seals for {agency}, which is not in the registry")]
    UnknownNodeAgency { node: String, agency: AgencyId },
    #[error("agency {agency} may import but is not in the registry")]
    UnknownImporter { agency: AgencyId },
    #[error("pack {procedure} version {version} is there twice")]
    DuplicatePack { procedure: ProcedureCode, version: PackVersion },
    #[error("two versions of {what} begin on one day: {one} and {other}")]
    BeginTogether { what: String, one: String, other: String },
    #[error("{what} version {version} is there twice")]
    DuplicateVersion { what: String, version: String },
    #[error("a succession names {agency}, which is not in the registry")]
    UnknownSuccession { agency: AgencyId },
    #[error("{predecessor} is succeeded in commune {commune}, which is not in the registry")]
    UnknownSuccessionCommune { predecessor: AgencyId, commune: CommuneCode },
    #[error("two agencies take over the same communes from {predecessor}: {one} and {other}")]
    TwoSuccessors { predecessor: AgencyId, one: AgencyId, other: AgencyId },
    #[error("{predecessor} is no more after {last}, and nobody takes over from it in commune {commune}")]
    SuccessionGap { predecessor: AgencyId, last: Date, commune: CommuneCode },
    #[error("the successions lead from {agency} back to itself")]
    SuccessionCycle { agency: AgencyId },
}

/// The first fault of a revision; the index has those of things that are there twice.
pub(super) fn check(parts: &RegistryParts, index: &Index) -> Result<(), RegistryFault> {
    if parts.partitions == 0 {
        return Err(RegistryFault::NoPartitions);
    }
    let ids: BTreeSet<_> = parts.agencies.iter().map(|agency| &agency.id).collect();
    let neighbours = parts.agencies.iter().zip(parts.agencies.iter().skip(1));
    if let Some((agency, _)) = neighbours.into_iter().find(|(one, other)| one.id == other.id) {
        return Err(RegistryFault::DuplicateAgency { agency: agency.id.clone() });
    }
    parts.agencies.iter().try_for_each(|agency| check_agency(agency, &ids))?;
    codes(parts, index)?;
    for node in &parts.nodes {
        if let Some(agency) = node.agencies.iter().find(|agency| !ids.contains(agency)) {
            return Err(RegistryFault::UnknownNodeAgency { node: node.name.clone(), agency: agency.clone() });
        }
    }
    if let Some(agency) = parts.imports.keys().find(|agency| !ids.contains(agency)) {
        return Err(RegistryFault::UnknownImporter { agency: agency.clone() });
    }
    versions(parts, index)?;
    successions(parts, index, &ids)
}

fn check_agency(agency: &Agency, ids: &BTreeSet<&AgencyId>) -> Result<(), RegistryFault> {
    let named = || agency.id.clone();
    let periods = periods(&agency.codes)
        .chain(periods(&agency.names))
        .chain(periods(&agency.parent))
        .chain(periods(&agency.territory))
        .chain([agency.active]);
    if agency.names.is_empty() {
        return Err(RegistryFault::NoName { agency: named() });
    }
    if any_overlap(&agency.names) {
        return Err(RegistryFault::TwoNames { agency: named() });
    }
    if any_overlap(&agency.parent) {
        return Err(RegistryFault::TwoParents { agency: named() });
    }
    if periods.into_iter().any(|period| period.is_reversed()) {
        return Err(RegistryFault::Reversed { agency: named() });
    }
    let unknown = |parent: &&Dated<AgencyId>| parent.value == agency.id || !ids.contains(&parent.value);
    match agency.parent.iter().find(unknown) {
        Some(parent) => Err(RegistryFault::UnknownParent { agency: named(), parent: parent.value.clone() }),
        None => Ok(()),
    }
}

fn periods<T>(values: &[Dated<T>]) -> impl Iterator<Item = Period> {
    values.iter().map(Dated::period)
}

/// A code belongs to one agency at a time.
fn codes(parts: &RegistryParts, index: &Index) -> Result<(), RegistryFault> {
    for (code, positions) in &index.codes {
        let mut taken: Vec<(Period, &AgencyId)> = Vec::new();
        for agency in positions.iter().filter_map(|position| parts.agencies.get(*position)) {
            let held = agency.codes.iter().filter(|dated| dated.value == *code).map(Dated::period);
            let held: Vec<_> = held.map(|period| (period, &agency.id)).collect();
            for (period, _) in &held {
                if let Some((_, one)) = taken.iter().find(|(other, _)| other.overlaps(period)) {
                    let (one, other) = ((*one).clone(), agency.id.clone());
                    return Err(RegistryFault::DuplicateCode { code: code.clone(), one, other });
                }
            }
            taken.extend(held);
        }
    }
    Ok(())
}

/// Of the versions in force on a day the one that began last is taken, so no two begin together.
fn versions(parts: &RegistryParts, index: &Index) -> Result<(), RegistryFault> {
    for (procedure, versions) in &index.packs {
        let packs = versions.values().filter_map(|position| parts.packs.get(*position));
        begin_apart(
            &format!("pack {procedure}"),
            packs.map(|pack| (pack.in_force().from, pack.version().as_str())),
        )?;
    }
    begin_apart("the calendar", parts.calendars.iter().map(|dated| (dated.from, dated.value.version())))?;
    begin_apart("the rates", parts.rates.iter().map(|dated| (dated.from, dated.value.version())))
}

fn begin_apart<'a>(
    what: &str,
    versions: impl IntoIterator<Item = (Option<Date>, &'a str)>,
) -> Result<(), RegistryFault> {
    let (mut begins, mut names) = (BTreeMap::new(), BTreeSet::new());
    for (from, version) in versions {
        if let Some(one) = begins.insert(from, version) {
            let (one, other) = (one.to_owned(), version.to_owned());
            return Err(RegistryFault::BeginTogether { what: what.to_owned(), one, other });
        }
        if !names.insert(version) {
            return Err(RegistryFault::DuplicateVersion {
                what: what.to_owned(),
                version: version.to_owned(),
            });
        }
    }
    Ok(())
}

/// Every agency of a case is taken over by one other, and the chain ends.
fn successions(parts: &RegistryParts, index: &Index, ids: &BTreeSet<&AgencyId>) -> Result<(), RegistryFault> {
    for succession in &parts.successions {
        if let Some(agency) =
            [&succession.predecessor, &succession.successor].into_iter().find(|id| !ids.contains(id))
        {
            return Err(RegistryFault::UnknownSuccession { agency: agency.clone() });
        }
    }
    for succession in &parts.successions {
        let mut communes = succession.communes.iter().flatten();
        if let Some(commune) = communes.find(|commune| !index.communes.contains_key(*commune)) {
            let predecessor = succession.predecessor.clone();
            return Err(RegistryFault::UnknownSuccessionCommune { predecessor, commune: commune.clone() });
        }
    }
    for (predecessor, positions) in &index.successions {
        let of: Vec<_> = positions.iter().filter_map(|position| parts.successions.get(*position)).collect();
        for (count, one) in of.iter().enumerate() {
            if let Some(other) = of.iter().skip(count + 1).find(|other| one.overlaps(other)) {
                let (one, other) = (one.successor.clone(), other.successor.clone());
                return Err(RegistryFault::TwoSuccessors { predecessor: predecessor.clone(), one, other });
            }
        }
        let agency = parts.agencies.iter().find(|agency| agency.id == *predecessor);
        agency.map_or(Ok(()), |agency| no_gap(parts, agency, &of))?;
    }
    acyclic(parts)
}

/// Where an agency that was succeeded is no more, somebody takes over every commune that it answered for.
fn no_gap(parts: &RegistryParts, agency: &Agency, successions: &[&Succession]) -> Result<(), RegistryFault> {
    let Some(last) = agency.active.to else { return Ok(()) };
    let next = last.tomorrow().unwrap_or(last);
    let answered: Vec<_> = agency.territory.iter().filter_map(|territory| territory.on(last)).collect();
    let was_its = |commune: &Commune| {
        let places =
            [Territory::Commune(commune.code.clone()), Territory::Province(commune.province.clone())];
        answered.iter().any(|place| places.contains(place))
    };
    let taken_over = |commune: &Commune| {
        let mut of_it = successions.iter().filter(|succession| succession.covers(&commune.code));
        of_it.any(|succession| succession.effective <= next)
    };
    match parts.communes.iter().find(|commune| was_its(commune) && !taken_over(commune)) {
        Some(commune) => Err(RegistryFault::SuccessionGap {
            predecessor: agency.id.clone(),
            last,
            commune: commune.code.clone(),
        }),
        None => Ok(()),
    }
}

/// Takes away, again and again, agencies that take over from nobody who is left; what stays goes round in a circle.
fn acyclic(parts: &RegistryParts) -> Result<(), RegistryFault> {
    let mut incoming: BTreeMap<&AgencyId, usize> = BTreeMap::new();
    let mut outgoing: BTreeMap<&AgencyId, Vec<&AgencyId>> = BTreeMap::new();
    for succession in &parts.successions {
        incoming.entry(&succession.predecessor).or_default();
        *incoming.entry(&succession.successor).or_default() += 1;
        outgoing.entry(&succession.predecessor).or_default().push(&succession.successor);
    }
    let mut free: Vec<&AgencyId> =
        incoming.iter().filter(|(_, count)| **count == 0).map(|(id, _)| *id).collect();
    while let Some(id) = free.pop() {
        incoming.remove(id);
        for next in outgoing.remove(id).unwrap_or_default() {
            if let Some(count) = incoming.get_mut(next) {
                *count -= 1;
                if *count == 0 {
                    free.push(next);
                }
            }
        }
    }
    match incoming.keys().next() {
        Some(agency) => Err(RegistryFault::SuccessionCycle { agency: (*agency).clone() }),
        None => Ok(()),
    }
}

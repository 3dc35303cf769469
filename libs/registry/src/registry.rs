//! One revision of the registry and its look-ups.
//!
//! ```text
//! (role, commune, day) --resolve--> the commune's own agency, else its province's: exactly one, or why not
//! ```
//!
//! Every look-up goes through an index; none walks the agencies, of which the national exchange has over 110,000.

mod check;
mod index;

use std::{collections::BTreeMap, sync::Arc};

use jiff::civil::Date;
use lienthong_calendar::Calendar;
use lienthong_tax::Rates;

use crate::{
    Agency, AgencyCode, AgencyId, Commune, CommuneCode, Dated, Fault, ImportRight, KeyId, LogKind, Node,
    Pack, PackFault, PackVersion, ProcedureCode, Role, Rules, SealKey, Succession, Territory, WrapKey,
};

pub use check::RegistryFault;
use index::Index;

/// What a revision of the registry says. The whole, not what it changes.
#[derive(Clone, Debug)]
pub struct RegistryParts {
    /// The hash of the genesis.
    pub log_id: [u8; 32],
    /// 0 is the genesis; each publication is one more.
    pub revision: u64,
    /// The rules in force.
    pub rules: Rules,
    /// What the log is for.
    pub kind: LogKind,
    /// How many partitions dossiers are spread over, for ever.
    pub partitions: u16,
    /// The key of the registry authority, which seals revisions and fences.
    pub authority: SealKey,
    /// The log's offline recovery key, to which every data key is wrapped too.
    pub recovery: WrapKey,
    /// The communes that cases may lie in.
    pub communes: Vec<Commune>,
    /// The agencies, those that are gone too.
    pub agencies: Vec<Arc<Agency>>,
    /// Who took over from whom.
    pub successions: Vec<Succession>,
    /// The nodes.
    pub nodes: Vec<Node>,
    /// The procedure packs.
    pub packs: Vec<Arc<Pack>>,
    /// The working-time calendars, and on which days of reception each is pinned.
    pub calendars: Vec<Dated<Arc<Calendar>>>,
    /// The tax rates, and on which days of reception each is pinned.
    pub rates: Vec<Dated<Arc<Rates>>>,
    /// Who may bring in history, and from where.
    pub imports: BTreeMap<AgencyId, ImportRight>,
}

/// One revision of the registry, checked. It does not change; share it behind an [`Arc`].
#[derive(Debug)]
pub struct Registry {
    parts: RegistryParts,
    index: Index,
}

/// Why a role, a commune and a day do not name one agency.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// The registry does not know the commune.
    #[error("commune {commune} is not in the registry")]
    UnknownCommune {
        /// The commune.
        commune: CommuneCode,
    },
    /// Nobody takes that part there on that day.
    #[error("no agency with role {role} answers for commune {commune} on {date}")]
    None {
        /// The role.
        role: Role,
        /// The commune.
        commune: CommuneCode,
        /// The day.
        date: Date,
    },
    /// Several do, with equally narrow territories.
    #[error("several agencies with role {role} answer for commune {commune} on {date}: {}", names(agencies))]
    Many {
        /// The role.
        role: Role,
        /// The commune.
        commune: CommuneCode,
        /// The day.
        date: Date,
        /// Who does.
        agencies: Vec<AgencyId>,
    },
}

impl Registry {
    /// Checks a revision and indexes it.
    ///
    /// # Errors
    /// The first fault found.
    pub fn new(mut parts: RegistryParts) -> Result<Self, RegistryFault> {
        parts.agencies.sort_by(|one, other| one.id.cmp(&other.id));
        let index = Index::of(&parts)?;
        check::check(&parts, &index)?;
        Ok(Self { parts, index })
    }

    /// What it was made of, agencies by id: the next revision begins as a copy of it.
    #[must_use]
    pub fn parts(&self) -> &RegistryParts {
        &self.parts
    }

    /// The hash of the genesis.
    #[must_use]
    pub fn log_id(&self) -> &[u8; 32] {
        &self.parts.log_id
    }

    /// Which revision it is.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.parts.revision
    }

    /// The rules in force.
    #[must_use]
    pub fn rules(&self) -> Rules {
        self.parts.rules
    }

    /// What the log is for.
    #[must_use]
    pub fn kind(&self) -> LogKind {
        self.parts.kind
    }

    /// How many partitions dossiers are spread over.
    #[must_use]
    pub fn partitions(&self) -> u16 {
        self.parts.partitions
    }

    /// The key of the registry authority.
    #[must_use]
    pub fn authority(&self) -> &SealKey {
        &self.parts.authority
    }

    /// The log's offline recovery key.
    #[must_use]
    pub fn recovery(&self) -> &WrapKey {
        &self.parts.recovery
    }

    /// All agencies, by id.
    #[must_use]
    pub fn agencies(&self) -> &[Arc<Agency>] {
        &self.parts.agencies
    }

    /// The agency of that id.
    #[must_use]
    pub fn agency(&self, id: &AgencyId) -> Option<&Agency> {
        self.parts.agencies.get(*self.index.agencies.get(id)?).map(AsRef::as_ref)
    }

    /// The agency that had that code on that day.
    #[must_use]
    pub fn agency_by_code(&self, code: &AgencyCode, date: Date) -> Option<&Agency> {
        let named = at(&self.parts.agencies, self.index.codes.get(code)).map(AsRef::as_ref);
        named.into_iter().find(|agency: &&Agency| agency.has_code(code, date))
    }

    /// The commune of that code.
    #[must_use]
    pub fn commune(&self, code: &CommuneCode) -> Option<&Commune> {
        self.parts.communes.get(*self.index.communes.get(code)?)
    }

    /// All nodes.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.parts.nodes
    }

    /// The node of that key.
    #[must_use]
    pub fn node(&self, key_id: &KeyId) -> Option<&Node> {
        self.parts.nodes.get(*self.index.nodes.get(key_id)?)
    }

    /// Whether that key is in force on that day and its node seals for that agency.
    #[must_use]
    pub fn may_seal(&self, key_id: &KeyId, agency: &AgencyId, date: Date) -> bool {
        self.node(key_id).is_some_and(|node| node.may_seal(agency, date))
    }

    /// Whether that agency may bring in history from that source.
    #[must_use]
    pub fn may_import(&self, agency: &AgencyId, source: &str) -> bool {
        self.parts.imports.get(agency).is_some_and(|right| right.covers(source))
    }

    /// The one agency that takes that part in a case of that commune on that day. An agency of the commune itself goes
    /// before one of its province.
    ///
    /// # Errors
    /// The commune is not known, or none or several agencies answer.
    pub fn resolve(&self, role: Role, commune: &CommuneCode, date: Date) -> Result<&Agency, ResolveError> {
        let Some(known) = self.commune(commune) else {
            return Err(ResolveError::UnknownCommune { commune: commune.clone() });
        };
        let places = [Territory::Commune(commune.clone()), Territory::Province(known.province.clone())];
        for place in places {
            let named = at(&self.parts.agencies, self.index.roles.get(&(role, place.clone())));
            let named = named.map(AsRef::<Agency>::as_ref);
            let answering: Vec<_> = named.filter(|agency| agency.answers_for(&place, date)).collect();
            match answering.as_slice() {
                [] => {}
                [agency] => return Ok(agency),
                agencies => {
                    let agencies = agencies.iter().map(|agency| agency.id.clone()).collect();
                    return Err(ResolveError::Many { role, commune: commune.clone(), date, agencies });
                }
            }
        }
        Err(ResolveError::None { role, commune: commune.clone(), date })
    }

    /// Who answers for an agency in a case of that commune on that day: itself, or whoever took over from it, or from
    /// that one in turn. None if there is no such agency.
    #[must_use]
    pub fn successor(&self, id: &AgencyId, commune: &CommuneCode, date: Date) -> Option<&Agency> {
        let mut id = id;
        while let Some(succession) = self.succession(id, commune, date) {
            id = &succession.successor;
        }
        self.agency(id)
    }

    /// The taking over from an agency in a case of that commune that has happened by that day.
    #[must_use]
    pub fn succession(
        &self,
        predecessor: &AgencyId,
        commune: &CommuneCode,
        date: Date,
    ) -> Option<&Succession> {
        let mut successions = at(&self.parts.successions, self.index.successions.get(predecessor));
        successions.find(|succession| succession.effective <= date && succession.covers(commune))
    }

    /// The pack of that procedure and version, in force or not.
    #[must_use]
    pub fn pack(&self, procedure: &ProcedureCode, version: &PackVersion) -> Option<&Arc<Pack>> {
        self.parts.packs.get(*self.index.packs.get(procedure)?.get(version)?)
    }

    /// The pack under which a dossier of that procedure is received on that day: of those in force the one that began
    /// last.
    #[must_use]
    pub fn pack_in_force(&self, procedure: &ProcedureCode, date: Date) -> Option<&Arc<Pack>> {
        let versions = at(&self.parts.packs, [self.index.packs.get(procedure)?.values()]);
        versions.filter(|pack| pack.is_in_force(date)).max_by_key(|pack| pack.in_force().from)
    }

    /// What a procedure is called, by its pack in force on that day, else by its newest.
    #[must_use]
    pub fn procedure_name(&self, procedure: &str, date: Date) -> Option<&str> {
        let procedure = ProcedureCode::parse(procedure).ok()?;
        let newest = || self.parts.packs.get(*self.index.packs.get(&procedure)?.values().next_back()?);
        self.pack_in_force(&procedure, date).or_else(newest).map(|pack| pack.name())
    }

    /// What a field of procedures (lĩnh vực) is called.
    #[must_use]
    pub fn field_name(&self, code: &str) -> Option<&str> {
        let pack = self.parts.packs.get(*self.index.fields.get(code)?)?;
        Some(&pack.field().name)
    }

    /// All packs, by procedure and version.
    pub fn packs(&self) -> impl Iterator<Item = &Arc<Pack>> {
        at(&self.parts.packs, self.index.packs.values().map(BTreeMap::values))
    }

    /// The calendar of that version.
    #[must_use]
    pub fn calendar(&self, version: &str) -> Option<&Arc<Calendar>> {
        self.parts.calendars.iter().map(|dated| &dated.value).find(|calendar| calendar.version() == version)
    }

    /// The calendar that a dossier received on that day pins: of those in force the one that began last.
    #[must_use]
    pub fn calendar_in_force(&self, date: Date) -> Option<&Arc<Calendar>> {
        latest_on(&self.parts.calendars, date)
    }

    /// The tax rates of that version.
    #[must_use]
    pub fn rates(&self, version: &str) -> Option<&Arc<Rates>> {
        self.parts.rates.iter().map(|dated| &dated.value).find(|rates| rates.version() == version)
    }

    /// The tax rates that a dossier received on that day pins: of those in force the one that began last.
    #[must_use]
    pub fn rates_in_force(&self, date: Date) -> Option<&Arc<Rates>> {
        latest_on(&self.parts.rates, date)
    }

    /// What keeps dossiers of that pack, received on that day, from finding their agencies: a fault for each step and
    /// referral whose role does not resolve in every commune of the pack's province.
    #[must_use]
    pub fn gaps(&self, pack: &Pack, date: Date) -> Vec<PackFault> {
        let gap = |line, fault| PackFault { file: pack.file().to_owned(), line, fault };
        let communes = || self.parts.communes.iter().filter(|commune| commune.province == *pack.territory());
        if communes().next().is_none() {
            return vec![gap(1, Fault::NoCommune { province: pack.territory().clone() })];
        }
        let steps = pack.steps().iter().map(|step| (step.line, step.role));
        let referrals =
            pack.steps().iter().flat_map(|step| &step.referrals).map(|asked| (asked.line, asked.role));
        let mut named: Vec<_> = steps.chain(referrals).collect();
        named.sort_unstable();
        let unresolved = |role| {
            let mut missing = communes().filter_map(|commune| self.resolve(role, &commune.code, date).err());
            missing.next().map(|first| Fault::Unresolved { role, communes: 1 + missing.count(), first })
        };
        named.into_iter().filter_map(|(line, role)| Some(gap(line, unresolved(role)?))).collect()
    }
}

/// The items at those positions.
fn at<'a, T>(
    items: &'a [T],
    positions: impl IntoIterator<Item: IntoIterator<Item = &'a usize>>,
) -> impl Iterator<Item = &'a T> {
    positions.into_iter().flatten().filter_map(|position| items.get(*position))
}

fn latest_on<T>(values: &[Dated<T>], date: Date) -> Option<&T> {
    let in_force = values.iter().filter(|dated| dated.on(date).is_some());
    in_force.max_by_key(|dated| dated.from).map(|dated| &dated.value)
}

fn names(agencies: &[AgencyId]) -> String {
    agencies.iter().map(AgencyId::as_str).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;

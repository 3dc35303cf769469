//! A revision's lists on their way out of records: every text is checked.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::Arc;

use jiff::civil::Time;
use lienthong_calendar::{Calendar, OfficeHours};
use lienthong_registry::{
    Agency, AgencyId, Commune, CommuneKind, Dated, ImportRight, Level, LogKind, Node, Pack, Period,
    RegistryParts, Role, Rules, SealKey, Succession, Territory, WrapKey,
};
use lienthong_seal::{AgencyPublicKey, Hash, PublicKey};
use lienthong_tax::Rates;

use super::write::{commune_kind_name, level_name};
use crate::Invalid;
use crate::field::{Parse, fixed, given, list, text, texts};
use crate::pb::common::v1::ErrorReason;
use crate::pb::log::v1 as pb;
use crate::pb::log::v1::dated_territory::Place;
use crate::time::{date_field, date_or_none};

/// What a revision lists, read so far.
#[derive(Default)]
pub(super) struct Lists {
    agencies: Vec<Agency>,
    nodes: Vec<Node>,
    packs: Vec<Arc<Pack>>,
    calendars: Vec<Dated<Arc<Calendar>>>,
    rates: Vec<Dated<Arc<Rates>>>,
    communes: Vec<Commune>,
    imports: BTreeMap<AgencyId, ImportRight>,
    successions: Vec<Succession>,
}

/// What the first record says of the log.
pub(super) struct Said {
    pub(super) log_id: Hash,
    pub(super) rules: u32,
    pub(super) kind: LogKind,
    pub(super) partitions: u16,
    pub(super) authority: PublicKey,
    pub(super) recovery: [u8; 32],
}

impl Lists {
    /// With what one more record lists.
    pub(super) fn extended(mut self, revision: pb::Revision) -> Result<Self, Invalid> {
        self.agencies.extend(all("agencies", revision.agencies, agency)?);
        self.nodes.extend(all("nodes", revision.nodes, node)?);
        self.packs.extend(all("packs", revision.packs, |it| pack(&it))?);
        self.calendars.extend(all("calendars", revision.calendars, |it| calendar(&it))?);
        self.rates.extend(all("rates", revision.rates, |it| rates(&it))?);
        self.communes.extend(all("communes", revision.communes, commune)?);
        self.imports.extend(all("import_rights", revision.import_rights, import_right)?);
        self.successions.extend(all("successions", revision.successions, succession)?);
        Ok(self)
    }

    pub(super) fn parts(self, said: &Said) -> RegistryParts {
        let Said { log_id, rules, kind, partitions, authority, recovery } = *said;
        let Self { agencies, nodes, packs, calendars, rates, communes, imports, successions } = self;
        RegistryParts {
            log_id: log_id.0,
            revision: 0,
            rules: Rules(rules),
            kind,
            partitions,
            authority: SealKey { id: authority.key_id().0, public: authority.0 },
            recovery: wrap_key(recovery),
            communes,
            agencies,
            successions,
            nodes,
            packs,
            calendars,
            rates,
            imports,
        }
    }
}

pub(super) fn log_kind(kind: i32) -> Result<LogKind, Invalid> {
    match pb::LogKind::try_from(kind) {
        Ok(pb::LogKind::Production) => Ok(LogKind::Production),
        Ok(pb::LogKind::Training) => Ok(LogKind::Training),
        Ok(pb::LogKind::Unspecified) => Err(Invalid::missing("genesis.kind")),
        Err(_) => Err(Invalid::new("genesis.kind", "is not on the list", ErrorReason::UnknownValue)),
    }
}

pub(super) fn partitions(partitions: u32) -> Result<u16, Invalid> {
    let out_of_range =
        || Invalid::new("genesis.partitions", "is not from 1 to 65535", ErrorReason::OutOfRange);
    u16::try_from(partitions).ok().filter(|partitions| *partitions > 0).ok_or_else(out_of_range)
}

/// A list bounded by the size of its record alone.
fn all<T, U>(field: &str, items: Vec<T>, read: impl Fn(T) -> Result<U, Invalid>) -> Result<Vec<U>, Invalid> {
    list(field, items, usize::MAX, read)
}

fn malformed(field: &str, problem: impl Display) -> Invalid {
    Invalid::new(field, problem.to_string(), ErrorReason::Malformed)
}

fn wrap_key(public: [u8; 32]) -> WrapKey {
    WrapKey { id: AgencyPublicKey(public).key_id().0, public }
}

fn dated<T>(from: &str, to: &str, value: T) -> Result<Dated<T>, Invalid> {
    Ok(Dated { value, from: date_or_none("from", from)?, to: date_or_none("to", to)? })
}

fn dated_texts<T: Parse>(field: &str, values: Vec<pb::DatedText>) -> Result<Vec<Dated<T>>, Invalid> {
    all(field, values, |it| dated(&it.from, &it.to, text("value", &it.value)?))
}

fn period(field: &str, period: Option<pb::Period>) -> Result<Period, Invalid> {
    let period = given(field, period)?;
    let read =
        || Ok(Period { from: date_or_none("from", &period.from)?, to: date_or_none("to", &period.to)? });
    read().map_err(|invalid: Invalid| invalid.within(field))
}

fn agency(agency: pb::Agency) -> Result<Agency, Invalid> {
    let names = |it: pb::DatedText| dated(&it.from, &it.to, it.value);
    let role = |role: String| role.parse::<Role>().map_err(|fault| malformed("role", fault));
    Ok(Agency {
        id: text("id", &agency.id)?,
        codes: dated_texts("codes", agency.codes)?,
        names: all("names", agency.names, names)?,
        roles: all("roles", agency.roles, role)?,
        level: level(&agency.level)?,
        parent: dated_texts("parents", agency.parents)?,
        territory: all("territory", agency.territory, territory)?,
        active: period("active", agency.active)?,
        hours: OfficeHours::parse(&agency.hours).map_err(|fault| malformed("hours", fault))?,
        key: wrap_key(fixed("wrap_key", &agency.wrap_key)?),
    })
}

fn territory(territory: pb::DatedTerritory) -> Result<Dated<Territory>, Invalid> {
    let place = match given("place", territory.place)? {
        Place::Province(code) => Territory::Province(text("province", &code)?),
        Place::Commune(code) => Territory::Commune(text("commune", &code)?),
    };
    dated(&territory.from, &territory.to, place)
}

fn level(name: &str) -> Result<Level, Invalid> {
    [Level::Commune, Level::District, Level::Province, Level::Central]
        .into_iter()
        .find(|level| level_name(*level) == name)
        .ok_or_else(|| malformed("level", "is not a level of administration"))
}

fn node(node: pb::Node) -> Result<Node, Invalid> {
    let public: [u8; 32] = fixed("key", &node.key)?;
    Ok(Node {
        key_id: PublicKey(public).key_id().0,
        public,
        name: node.name,
        agencies: texts("agencies", &node.agencies, usize::MAX)?.into_iter().collect(),
        in_force: period("in_force", node.in_force)?,
    })
}

fn pack(pack: &pb::Pack) -> Result<Arc<Pack>, Invalid> {
    let first = |faults: Vec<_>| match faults.first() {
        Some(fault) => malformed("text", fault),
        None => malformed("text", "is not a procedure pack"),
    };
    Pack::parse(&pack.file, &pack.text).map(Arc::new).map_err(first)
}

fn calendar(calendar: &pb::Calendar) -> Result<Dated<Arc<Calendar>>, Invalid> {
    let read =
        Calendar::parse(&calendar.version, &calendar.text).map_err(|fault| malformed("text", fault))?;
    let cutoff = Time::strptime("%H:%M", &calendar.cutoff)
        .map_err(|_| malformed("cutoff", "is not a time such as 15:00"))?;
    dated(&calendar.from, &calendar.to, Arc::new(read.with_cutoff(cutoff)))
}

fn rates(rates: &pb::Rates) -> Result<Dated<Arc<Rates>>, Invalid> {
    let read = Rates::parse(&rates.version, &rates.text).map_err(|fault| malformed("text", fault))?;
    dated(&rates.from, &rates.to, Arc::new(read))
}

fn commune(commune: pb::Commune) -> Result<Commune, Invalid> {
    Ok(Commune {
        code: text("code", &commune.code)?,
        name: commune.name,
        kind: commune_kind(&commune.kind)?,
        province: text("province", &commune.province)?,
        province_name: commune.province_name.into(),
    })
}

fn commune_kind(name: &str) -> Result<CommuneKind, Invalid> {
    [CommuneKind::Ward, CommuneKind::Commune, CommuneKind::SpecialZone]
        .into_iter()
        .find(|kind| commune_kind_name(*kind) == name)
        .ok_or_else(|| malformed("kind", "is not a kind of commune-level unit"))
}

fn import_right(right: pb::ImportRight) -> Result<(AgencyId, ImportRight), Invalid> {
    let sources = match (right.any_source, right.sources.is_empty()) {
        (true, true) => ImportRight::AnySource,
        (true, false) => return Err(malformed("sources", "are given though any is allowed")),
        (false, _) => ImportRight::Sources(right.sources.into_iter().collect()),
    };
    Ok((text("agency", &right.agency)?, sources))
}

fn succession(succession: pb::Succession) -> Result<Succession, Invalid> {
    let communes = match (succession.all_communes, succession.communes.is_empty()) {
        (true, true) => None,
        (true, false) => return Err(malformed("communes", "are given though all are taken over")),
        (false, _) => Some(texts("communes", &succession.communes, usize::MAX)?.into_iter().collect()),
    };
    Ok(Succession {
        predecessor: text("predecessor", &succession.predecessor)?,
        successor: text("successor", &succession.successor)?,
        communes,
        effective: date_field("effective", &succession.effective)?,
        legal_basis: succession.legal_basis,
    })
}

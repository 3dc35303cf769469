//! A revision's lists on their way out of records: every text is checked.

use std::fmt::Display;
use std::sync::Arc;

use jiff::civil::Time;
use lienthong_calendar::{Calendar, OfficeHours};
use lienthong_registry::{
    Agency, AgencyId, Change, Commune, CommuneKind, Dated, ImportRight, Level, LogKind, Node, Pack, Period,
    Role, Succession, Territory, WrapKey,
};
use lienthong_seal::{AgencyPublicKey, Hash, PublicKey};
use lienthong_tax::Rates;

use super::write::commune_kind_name;
use super::{Founding, Part, Witness, seal_key};
use crate::Invalid;
use crate::field::{Parse, fixed, fixed_or_none, given, list, text, texts};
use crate::pb::common::v1::ErrorReason;
use crate::pb::log::v1 as pb;
use crate::pb::log::v1::dated_territory::Place;
use crate::time::{date_field, date_or_none};

/// One record's share of a revision.
pub(super) fn part(revision: pb::Revision) -> Result<Part, Invalid> {
    let history = revision.history.as_ref().map(witness).transpose()?;
    let authority = fixed_or_none("authority_key", &revision.authority_key)?;
    let said = super::said(&revision);
    Ok(Part {
        said,
        next: fixed_or_none("next_sha256", &revision.next_sha256)?.map(Hash),
        number: revision.number,
        prev: fixed_or_none("prev", &revision.prev)?.map(Hash),
        part: revision.part,
        last: revision.last,
        history,
        founding: revision.genesis.as_ref().map(founding).transpose()?,
        change: Change {
            authority: authority.map(|key| seal_key(PublicKey(key))),
            agencies: all("agencies", revision.agencies, |it| agency(it).map(Arc::new))?,
            nodes: all("nodes", revision.nodes, node)?,
            packs: all("packs", revision.packs, |it| pack(&it))?,
            calendars: all("calendars", revision.calendars, |it| calendar(&it))?,
            rates: all("rates", revision.rates, |it| rates(&it))?,
            communes: all("communes", revision.communes, commune)?,
            imports: all("import_rights", revision.import_rights, import_right)?.into_iter().collect(),
            successions: all("successions", revision.successions, succession)?,
        },
    })
}

fn witness(witness: &pb::Witness) -> Result<Witness, Invalid> {
    Ok(Witness { count: witness.count, hash: Hash(fixed("history.hash", &witness.hash)?) })
}

fn founding(genesis: &pb::Genesis) -> Result<Founding, Invalid> {
    Ok(Founding {
        kind: log_kind(genesis.kind)?,
        name: genesis.name.clone(),
        partitions: partitions(genesis.partitions)?,
        authority: PublicKey(fixed("genesis.authority_key", &genesis.authority_key)?),
        recovery_key: PublicKey(fixed("genesis.recovery_key", &genesis.recovery_key)?),
        recovery: wrap_key(fixed("genesis.recovery_wrap_key", &genesis.recovery_wrap_key)?),
    })
}

fn log_kind(kind: i32) -> Result<LogKind, Invalid> {
    match pb::LogKind::try_from(kind) {
        Ok(pb::LogKind::Production) => Ok(LogKind::Production),
        Ok(pb::LogKind::Training) => Ok(LogKind::Training),
        Ok(pb::LogKind::Unspecified) => Err(Invalid::missing("genesis.kind")),
        Err(_) => Err(Invalid::new("genesis.kind", "is not on the list", ErrorReason::UnknownValue)),
    }
}

fn partitions(partitions: u32) -> Result<u16, Invalid> {
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
        level: Level::parse(&agency.level)
            .ok_or_else(|| malformed("level", "is not a level of administration"))?,
        parent: dated_texts("parents", agency.parents)?,
        territory: all("territory", agency.territory, territory)?,
        active: period("active", agency.active)?,
        hours: OfficeHours::parse(&agency.hours).map_err(|fault| malformed("hours", fault))?,
        key: fixed_or_none("wrap_key", &agency.wrap_key)?.map(wrap_key),
    })
}

fn territory(territory: pb::DatedTerritory) -> Result<Dated<Territory>, Invalid> {
    let place = match given("place", territory.place)? {
        Place::Province(code) => Territory::Province(text("province", &code)?),
        Place::Commune(code) => Territory::Commune(text("commune", &code)?),
    };
    dated(&territory.from, &territory.to, place)
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

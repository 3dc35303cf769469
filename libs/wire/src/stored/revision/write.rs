//! A revision's lists on their way into records.

use bytes::Bytes;
use lienthong_registry::{
    Agency, Change, Commune, CommuneKind, Dated, ImportRight, Node, Period, Succession, Territory,
};
use prost::Message;

use super::{BODY_BYTES_MAX, RevisionFault, Texts};
use crate::pb::log::v1 as pb;
use crate::pb::log::v1::dated_territory::Place;

/// Room for what [`super::chain`] adds to a record: predecessor, part, last and what comes next.
const ROOM: usize = 128;

/// One item of one of a revision's lists.
pub(super) enum Item {
    Agency(pb::Agency),
    Node(pb::Node),
    Pack(pb::Pack),
    Calendar(pb::Calendar),
    Rates(pb::Rates),
    Commune(pb::Commune),
    ImportRight(pb::ImportRight),
    Succession(pb::Succession),
}

/// Everything a change lists, in the order of the lists.
pub(super) fn items(change: &Change, texts: &Texts<'_>) -> Result<Vec<Item>, RevisionFault> {
    let mut items: Vec<_> = change.agencies.iter().map(|it| Item::Agency(agency(it))).collect();
    items.extend(change.nodes.iter().map(|it| Item::Node(node(it))));
    items.extend(change.packs.iter().map(|pack| {
        Item::Pack(pb::Pack { file: pack.file().to_owned(), text: pack.text().as_ref().to_owned() })
    }));
    for dated in &change.calendars {
        let calendar = &dated.value;
        items.push(Item::Calendar(pb::Calendar {
            version: calendar.version().to_owned(),
            text: published("calendar", calendar.version(), texts.calendars)?,
            cutoff: calendar.cutoff().strftime("%H:%M").to_string(),
            from: day(dated.from),
            to: day(dated.to),
        }));
    }
    for dated in &change.rates {
        let version = dated.value.version();
        items.push(Item::Rates(pb::Rates {
            version: version.to_owned(),
            text: published("rates", version, texts.rates)?,
            from: day(dated.from),
            to: day(dated.to),
        }));
    }
    items.extend(change.communes.iter().map(|it| Item::Commune(commune(it))));
    items.extend(change.imports.iter().map(|(agency, right)| {
        let (any_source, sources) = match right {
            ImportRight::AnySource => (true, Vec::new()),
            ImportRight::Sources(sources) => (false, sources.iter().cloned().collect()),
        };
        Item::ImportRight(pb::ImportRight { agency: agency.to_string(), any_source, sources })
    }));
    items.extend(change.successions.iter().map(|it| Item::Succession(succession(it))));
    Ok(items)
}

/// The items over as many records as it takes: the first as given, and further ones like `next`.
pub(super) fn spread(
    first: pb::Revision,
    next: &pb::Revision,
    items: Vec<Item>,
) -> Result<Vec<pb::Revision>, RevisionFault> {
    let bytes_max = BODY_BYTES_MAX - ROOM;
    let (mut done, mut open) = (Vec::new(), first);
    let mut bytes = open.encoded_len();
    for item in items {
        let more = item.bytes();
        if next.encoded_len() + more > bytes_max {
            return Err(RevisionFault::TooLarge { bytes: more, bytes_max });
        }
        if bytes + more > bytes_max {
            done.push(std::mem::replace(&mut open, next.clone()));
            bytes = open.encoded_len();
        }
        bytes += more;
        item.put(&mut open);
    }
    done.push(open);
    Ok(done)
}

impl Item {
    /// How much longer a revision becomes by it: a tag of one byte, the length, the item.
    fn bytes(&self) -> usize {
        let length = match self {
            Self::Agency(it) => it.encoded_len(),
            Self::Node(it) => it.encoded_len(),
            Self::Pack(it) => it.encoded_len(),
            Self::Calendar(it) => it.encoded_len(),
            Self::Rates(it) => it.encoded_len(),
            Self::Commune(it) => it.encoded_len(),
            Self::ImportRight(it) => it.encoded_len(),
            Self::Succession(it) => it.encoded_len(),
        };
        1 + prost::length_delimiter_len(length) + length
    }

    fn put(self, revision: &mut pb::Revision) {
        match self {
            Self::Agency(it) => revision.agencies.push(it),
            Self::Node(it) => revision.nodes.push(it),
            Self::Pack(it) => revision.packs.push(it),
            Self::Calendar(it) => revision.calendars.push(it),
            Self::Rates(it) => revision.rates.push(it),
            Self::Commune(it) => revision.communes.push(it),
            Self::ImportRight(it) => revision.import_rights.push(it),
            Self::Succession(it) => revision.successions.push(it),
        }
    }
}

fn published(what: &'static str, version: &str, texts: &[(&str, &str)]) -> Result<String, RevisionFault> {
    let text = texts.iter().find(|(of, _)| *of == version).map(|(_, text)| (*text).to_owned());
    text.ok_or_else(|| RevisionFault::NoText { what, version: version.to_owned() })
}

fn day(date: Option<jiff::civil::Date>) -> String {
    date.map(|date| date.to_string()).unwrap_or_default()
}

fn dated<T: ToString>(values: &[Dated<T>]) -> Vec<pb::DatedText> {
    let text = |dated: &Dated<T>| pb::DatedText {
        value: dated.value.to_string(),
        from: day(dated.from),
        to: day(dated.to),
    };
    values.iter().map(text).collect()
}

fn period(period: Period) -> pb::Period {
    pb::Period { from: day(period.from), to: day(period.to) }
}

fn agency(agency: &Agency) -> pb::Agency {
    let territory = |dated: &Dated<Territory>| pb::DatedTerritory {
        place: Some(match &dated.value {
            Territory::Province(code) => Place::Province(code.to_string()),
            Territory::Commune(code) => Place::Commune(code.to_string()),
        }),
        from: day(dated.from),
        to: day(dated.to),
    };
    pb::Agency {
        id: agency.id.to_string(),
        codes: dated(&agency.codes),
        names: dated(&agency.names),
        roles: agency.roles.iter().map(ToString::to_string).collect(),
        level: agency.level.as_str().to_owned(),
        parents: dated(&agency.parent),
        territory: agency.territory.iter().map(territory).collect(),
        active: Some(period(agency.active)),
        hours: agency.hours.to_string(),
        wrap_key: agency.key.map(|key| Bytes::copy_from_slice(&key.public)).unwrap_or_default(),
    }
}

fn node(node: &Node) -> pb::Node {
    pb::Node {
        key: Bytes::copy_from_slice(&node.public),
        name: node.name.clone(),
        agencies: node.agencies.iter().map(ToString::to_string).collect(),
        in_force: Some(period(node.in_force)),
    }
}

fn commune(commune: &Commune) -> pb::Commune {
    pb::Commune {
        code: commune.code.to_string(),
        name: commune.name.clone(),
        kind: commune_kind_name(commune.kind).to_owned(),
        province: commune.province.to_string(),
        province_name: commune.province_name.as_ref().to_owned(),
    }
}

pub(super) fn commune_kind_name(kind: CommuneKind) -> &'static str {
    match kind {
        CommuneKind::Ward => "ward",
        CommuneKind::Commune => "commune",
        CommuneKind::SpecialZone => "special-zone",
    }
}

fn succession(succession: &Succession) -> pb::Succession {
    let communes = succession.communes.iter().flatten().map(ToString::to_string).collect();
    pb::Succession {
        predecessor: succession.predecessor.to_string(),
        successor: succession.successor.to_string(),
        communes,
        all_communes: succession.communes.is_none(),
        effective: succession.effective.to_string(),
        legal_basis: succession.legal_basis.clone(),
    }
}

//! Agencies, the places they answer for, and the nodes that seal for them.

use std::{collections::BTreeSet, fmt, sync::Arc};

use jiff::civil::Date;
use lienthong_calendar::OfficeHours;
use serde::{Deserialize, Serialize};

use crate::{
    AgencyCode, AgencyId, CodeScheme, CommuneCode, Dated, KeyId, Period, ProvinceCode, Role, dated::first_on,
};

/// An agency (cơ quan). Its id never changes; all else may, and keeps its days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agency {
    /// Given once, never reused.
    pub id: AgencyId,
    /// Its codes, in either national scheme.
    pub codes: Vec<Dated<AgencyCode>>,
    /// Its names in Vietnamese, not two on one day.
    pub names: Vec<Dated<String>>,
    /// As what it takes part in procedures.
    pub roles: Vec<Role>,
    /// Its level of administration.
    pub level: Level,
    /// The agency above it, not two on one day.
    pub parent: Vec<Dated<AgencyId>>,
    /// The places it answers for.
    pub territory: Vec<Dated<Territory>>,
    /// When it exists.
    pub active: Period,
    /// Its clocks run in these hours.
    pub hours: OfficeHours,
    /// What is wrapped for it is wrapped to this key; none for an agency that no node serves, which dossiers cannot be
    /// put before.
    pub key: Option<WrapKey>,
}

/// A public X25519 key to which data keys are wrapped (RFC 9180).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrapKey {
    /// Its id, named in the wrap.
    pub id: KeyId,
    /// The public key, raw.
    pub public: [u8; 32],
}

/// A public Ed25519 key that seals records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealKey {
    /// Its id, named in the seal.
    pub id: KeyId,
    /// The public key, raw.
    pub public: [u8; 32],
}

/// A running service, known by its one sealing key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The id of its key, named in its seals.
    pub key_id: KeyId,
    /// Its public Ed25519 key, raw.
    pub public: [u8; 32],
    /// What its operators call it.
    pub name: String,
    /// The agencies that it seals for; none for an auditor.
    pub agencies: BTreeSet<AgencyId>,
    /// When its key is in force, by `at` of a record.
    pub in_force: Period,
}

/// A level of administration. Since 01/07/2025 there is no district any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Wards, communes and special zones (cấp xã).
    Commune,
    /// Districts and their cities, until 30/06/2025 (cấp huyện).
    District,
    /// Provinces and centrally run cities (cấp tỉnh).
    Province,
    /// Ministries and their branches (trung ương).
    Central,
}

/// A place that an agency answers for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Territory {
    /// Every commune of the province.
    Province(ProvinceCode),
    /// One commune.
    Commune(CommuneCode),
}

/// A commune-level unit of the country.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commune {
    /// Its national code.
    pub code: CommuneCode,
    /// Its name with its kind in front: `Phường Hạc Thành`.
    pub name: String,
    /// What kind of unit it is.
    pub kind: CommuneKind,
    /// The province it lies in.
    pub province: ProvinceCode,
    /// The name of that province: `Thanh Hóa`.
    pub province_name: Arc<str>,
}

/// The kinds of commune-level units (Luật Tổ chức chính quyền địa phương 2025, art. 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CommuneKind {
    /// Phường.
    Ward,
    /// Xã.
    Commune,
    /// Đặc khu.
    SpecialZone,
}

/// From which sources an agency may bring in history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportRight {
    /// From any.
    AnySource,
    /// From these.
    Sources(BTreeSet<String>),
}

/// One agency takes over from another. From its fence on the successor is taken for the predecessor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Succession {
    /// The agency that goes.
    pub predecessor: AgencyId,
    /// The agency that comes.
    pub successor: AgencyId,
    /// The communes it takes over; none for all.
    pub communes: Option<BTreeSet<CommuneCode>>,
    /// The first day on which it answers.
    pub effective: Date,
    /// The decision that says so.
    pub legal_basis: String,
}

impl Level {
    /// All levels, from below.
    pub const ALL: [Self; 4] = [Self::Commune, Self::District, Self::Province, Self::Central];

    /// How it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Commune => "commune",
            Self::District => "district",
            Self::Province => "province",
            Self::Central => "central",
        }
    }

    /// The level that is written so.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == text)
    }
}

impl Agency {
    /// What it is called on that day, in Vietnamese.
    #[must_use]
    pub fn name_on(&self, date: Date) -> Option<&str> {
        first_on(&self.names, date).map(String::as_str)
    }

    /// Its code on that day: that of QĐ 20/2020 if it has one, else the other.
    #[must_use]
    pub fn code_on(&self, date: Date) -> Option<&AgencyCode> {
        self.code_in(CodeScheme::Qd20, date).or_else(|| self.code_in(CodeScheme::Qcvn102, date))
    }

    /// Its code in that scheme on that day.
    #[must_use]
    pub fn code_in(&self, scheme: CodeScheme, date: Date) -> Option<&AgencyCode> {
        self.codes.iter().filter_map(|code| code.on(date)).find(|code| code.scheme() == scheme)
    }

    /// Whether that is a code of it on that day.
    #[must_use]
    pub fn has_code(&self, code: &AgencyCode, date: Date) -> bool {
        self.codes.iter().any(|dated| dated.on(date) == Some(code))
    }

    /// The agency above it on that day.
    #[must_use]
    pub fn parent_on(&self, date: Date) -> Option<&AgencyId> {
        first_on(&self.parent, date)
    }

    /// Whether it exists on that day.
    #[must_use]
    pub fn is_active(&self, date: Date) -> bool {
        self.active.contains(date)
    }

    /// Whether it may take that part.
    #[must_use]
    pub fn has_role(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Whether it answers for that place on that day, said in just these words.
    pub(crate) fn answers_for(&self, place: &Territory, date: Date) -> bool {
        self.is_active(date) && self.territory.iter().any(|dated| dated.on(date) == Some(place))
    }
}

impl Node {
    /// Whether it may seal for that agency on that day.
    #[must_use]
    pub fn may_seal(&self, agency: &AgencyId, date: Date) -> bool {
        self.in_force.contains(date) && self.agencies.contains(agency)
    }
}

impl Succession {
    /// Whether it takes over the cases of that commune.
    #[must_use]
    pub fn covers(&self, commune: &CommuneCode) -> bool {
        self.communes.as_ref().is_none_or(|communes| communes.contains(commune))
    }

    /// Whether both take over some commune.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        match (&self.communes, &other.communes) {
            (Some(one), Some(other)) => !one.is_disjoint(other),
            (None, _) | (_, None) => true,
        }
    }
}

impl ImportRight {
    /// Whether it covers that source.
    #[must_use]
    pub fn covers(&self, source: &str) -> bool {
        match self {
            Self::AnySource => true,
            Self::Sources(sources) => sources.contains(source),
        }
    }
}

impl fmt::Display for Territory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Province(code) => write!(f, "province {code}"),
            Self::Commune(code) => write!(f, "commune {code}"),
        }
    }
}

#[cfg(test)]
mod tests;

//! The registry of training logs: the real wards and communes of Thanh Hóa, and one agency for every other part.
//!
//! ```text
//! node ward-desk      H56.1 … H56.166 (desk and people's committee of each commune), city, department, planning,
//!                     fire-police, import-office
//! node land-registry  land-office
//! node tax-office     tax-office
//! ```
//!
//! Keys and the log's id come from the caller. Codes from `H56.201` on, the names of branches and the one tax office for
//! the whole province are made up for training. The land office, tax office and department show how names change;
//! 01/07/2025 stands for the days of the reorganisation, which differed a little from office to office.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::civil::{Date, date};
use lienthong_calendar::{Calendar, CalendarFault, OfficeHours, SHIPPED_CALENDAR, SHIPPED_CALENDAR_VERSION};
use lienthong_tax::{Rates, RatesFault, SHIPPED_RATES, SHIPPED_RATES_VERSION};

use crate::{
    Agency, AgencyCode, AgencyId, Commune, CommunesFault, Dated, IdFault, ImportRight, Level, LogKind, Node,
    Pack, PackFault, Period, ProvinceCode, RegistryParts, Role, Rules, SHIPPED_COMMUNES, SealKey, Territory,
    WrapKey, parse_communes,
};

/// Thanh Hóa, in the national list of administrative units.
pub const PROVINCE: &str = "38";

/// How many partitions a training log has.
pub const PARTITIONS: u16 = 48;

/// The last day of the district level.
pub const LAST_CITY_DAY: Date = date(2025, 6, 30);

const FIRST_DAY_WITHOUT_CITY: Date = date(2025, 7, 1);

/// The branch of the land registration office.
pub const LAND_OFFICE: &str = "land-office";
/// The tax office.
pub const TAX_OFFICE: &str = "tax-office";
/// The city, which ended with the district level.
pub const CITY: &str = "city";
/// The department of the province.
pub const DEPARTMENT: &str = "department";
/// The department that is asked about planning (Sở Xây dựng).
pub const PLANNING: &str = "planning";
/// The fire police of the province.
pub const FIRE_POLICE: &str = "fire-police";
/// The office that may bring in history from any source.
pub const IMPORT_OFFICE: &str = "import-office";

/// The name of the node of the desks, the city, the department and the import office.
pub const WARD_DESK_NODE: &str = "ward-desk";
/// The name of the node of the land office.
pub const LAND_REGISTRY_NODE: &str = "land-registry";
/// The name of the node of the tax office.
pub const TAX_OFFICE_NODE: &str = "tax-office";

/// The public keys of a training log.
#[derive(Clone, Debug)]
pub struct TrainingKeys {
    /// One for each of [`agency_ids`].
    pub agencies: BTreeMap<AgencyId, WrapKey>,
    /// Of the node [`WARD_DESK_NODE`].
    pub ward_desk: SealKey,
    /// Of the node [`LAND_REGISTRY_NODE`].
    pub land_registry: SealKey,
    /// Of the node [`TAX_OFFICE_NODE`].
    pub tax_office: SealKey,
    /// Of the registry authority.
    pub authority: SealKey,
    /// For recovery.
    pub recovery: WrapKey,
}

impl TrainingKeys {
    /// Keys that nobody has and that open nothing, for whoever looks at the registry alone.
    ///
    /// # Errors
    /// As for [`agency_ids`].
    pub fn made_up() -> Result<Self, TrainingFault> {
        let wrap = |n: u8| WrapKey { id: [n; 32], public: [n; 32] };
        let seal = |n: u8| SealKey { id: [n; 32], public: [n; 32] };
        Ok(Self {
            agencies: (6..=u8::MAX).cycle().zip(agency_ids()?).map(|(n, id)| (id, wrap(n))).collect(),
            ward_desk: seal(1),
            land_registry: seal(2),
            tax_office: seal(3),
            authority: seal(4),
            recovery: wrap(5),
        })
    }
}

/// Why there is no training registry.
#[derive(Debug, thiserror::Error)]
pub enum TrainingFault {
    /// An agency has no key.
    #[error("there is no key for agency {agency}")]
    NoKey {
        /// The agency.
        agency: AgencyId,
    },
    /// The communes that this release ships cannot be read; a test reads them.
    #[error("the shipped communes cannot be read")]
    Communes(#[from] CommunesFault),
    /// The packs that this release ships have faults; a test reads them.
    #[error("the shipped packs have {} faults", .0.len())]
    Packs(Vec<PackFault>),
    /// The calendar that this release ships cannot be read; a test reads it.
    #[error("the shipped calendar cannot be read")]
    Calendar(#[from] CalendarFault),
    /// The rates that this release ships cannot be read; a test reads them.
    #[error("the shipped rates cannot be read")]
    Rates(#[from] RatesFault),
    /// An id of this module is none; a test reads them.
    #[error("an id of the training registry cannot be read")]
    Id(#[from] IdFault),
}

/// The agencies of the training registry, each of which needs a key.
///
/// # Errors
/// None in a release.
pub fn agency_ids() -> Result<Vec<AgencyId>, TrainingFault> {
    let others = [LAND_OFFICE, TAX_OFFICE, CITY, DEPARTMENT, PLANNING, FIRE_POLICE, IMPORT_OFFICE]
        .map(AgencyId::parse);
    desk_ids(&communes()?).into_iter().chain(others).map(|id| Ok(id?)).collect()
}

/// The communes of the training registry: those of Thanh Hóa, by code.
///
/// # Errors
/// None in a release.
pub fn communes() -> Result<Vec<Commune>, TrainingFault> {
    let all = parse_communes(SHIPPED_COMMUNES)?;
    Ok(all.into_iter().filter(|commune| commune.province.as_str() == PROVINCE).collect())
}

/// The training registry at its genesis, with packs beside the shipped ones. Its `log_id` is all 0 until the caller sets
/// it, because it is the hash of what these parts are written as.
///
/// # Errors
/// A key is missing.
pub fn parts(keys: &TrainingKeys, extra_packs: &[Arc<Pack>]) -> Result<RegistryParts, TrainingFault> {
    let communes = communes()?;
    let agencies = agencies(&communes, &keys.agencies)?;
    let mut packs = Pack::shipped().map_err(TrainingFault::Packs)?;
    packs.extend(extra_packs.iter().cloned());
    let calendar = Calendar::parse(SHIPPED_CALENDAR_VERSION, SHIPPED_CALENDAR)?;
    let rates = Rates::parse(SHIPPED_RATES_VERSION, SHIPPED_RATES)?;
    Ok(RegistryParts {
        log_id: [0; 32],
        revision: 0,
        rules: Rules::ONE,
        kind: LogKind::Training,
        partitions: PARTITIONS,
        authority: keys.authority,
        recovery: keys.recovery,
        nodes: nodes(keys, &agencies)?,
        communes,
        agencies,
        successions: Vec::new(),
        packs,
        calendars: vec![Dated::always(Arc::new(calendar))],
        rates: vec![Dated::always(Arc::new(rates))],
        imports: BTreeMap::from([(AgencyId::parse(IMPORT_OFFICE)?, ImportRight::AnySource)]),
    })
}

fn agencies(
    communes: &[Commune],
    keys: &BTreeMap<AgencyId, WrapKey>,
) -> Result<Vec<Arc<Agency>>, TrainingFault> {
    let desks = communes.iter().zip(desk_ids(communes)).map(|(commune, id)| desk(commune, id?, keys));
    desks.chain(provincial(keys)).map(|agency| agency.map(Arc::new)).collect()
}

/// `H56.1`, `H56.2` and so on: ids of the desks in order of commune code, and their codes too.
fn desk_ids(communes: &[Commune]) -> Vec<Result<AgencyId, IdFault>> {
    (1..=communes.len()).map(|number| AgencyId::parse(&format!("H56.{number}"))).collect()
}

/// The desk of a commune, which is its people's committee and its business registration too. It is there on all days, so that
/// training stories may be set before the communes of 2025.
fn desk(
    commune: &Commune,
    id: AgencyId,
    keys: &BTreeMap<AgencyId, WrapKey>,
) -> Result<Agency, TrainingFault> {
    let code = AgencyCode::parse(id.as_str())?;
    let name = format!("Trung tâm Phục vụ hành chính công {}", in_sentence(&commune.name));
    Ok(Agency {
        codes: vec![Dated::always(code)],
        names: vec![Dated::always(name)],
        roles: vec![Role::WardDesk, Role::Commune, Role::BusinessRegistration],
        level: Level::Commune,
        parent: Vec::new(),
        territory: vec![Dated::always(Territory::Commune(commune.code.clone()))],
        active: Period::ALWAYS,
        hours: OfficeHours::default(),
        key: Some(key(&id, keys)?),
        id,
    })
}

/// What answers for the whole province. In training that is the city too, so that an allowance may be filed anywhere.
fn provincial(keys: &BTreeMap<AgencyId, WrapKey>) -> [Result<Agency, TrainingFault>; 7] {
    let always = |name: &str| vec![Dated::always(name.to_owned())];
    let renamed = |before: &str, after: &str| {
        vec![
            Dated::until(LAST_CITY_DAY, before.to_owned()),
            Dated::since(FIRST_DAY_WITHOUT_CITY, after.to_owned()),
        ]
    };
    let land = renamed(
        "Chi nhánh Văn phòng đăng ký đất đai thành phố Thanh Hóa",
        "Chi nhánh Văn phòng đăng ký đất đai khu vực Thanh Hóa",
    );
    let tax = renamed("Chi cục Thuế khu vực thành phố Thanh Hóa - Đông Sơn", "Thuế cơ sở 1 tỉnh Thanh Hóa");
    let department = renamed("Sở Lao động - Thương binh và Xã hội tỉnh Thanh Hóa", "Sở Y tế tỉnh Thanh Hóa");
    let city = Period::until(LAST_CITY_DAY);
    let office = |id, code, names, role, level, active| office(id, code, names, role, level, active, keys);
    [
        office(LAND_OFFICE, "H56.201", land, Role::LandRegistry, Level::Province, Period::ALWAYS),
        office(TAX_OFFICE, "H56.202", tax, Role::TaxOffice, Level::Central, Period::ALWAYS),
        office(
            CITY,
            "H56.203",
            always("Ủy ban nhân dân thành phố Thanh Hóa"),
            Role::City,
            Level::District,
            city,
        ),
        office(DEPARTMENT, "H56.204", department, Role::Department, Level::Province, Period::ALWAYS),
        office(
            PLANNING,
            "H56.206",
            always("Sở Xây dựng tỉnh Thanh Hóa"),
            Role::Planning,
            Level::Province,
            Period::ALWAYS,
        ),
        office(
            FIRE_POLICE,
            "H56.207",
            always("Phòng Cảnh sát phòng cháy, chữa cháy và cứu nạn, cứu hộ, Công an tỉnh Thanh Hóa"),
            Role::FirePolice,
            Level::Central,
            Period::ALWAYS,
        ),
        office(
            IMPORT_OFFICE,
            "H56.205",
            always("Tổ nhập dữ liệu lịch sử tỉnh Thanh Hóa"),
            Role::Import,
            Level::Province,
            Period::ALWAYS,
        ),
    ]
}

fn office(
    id: &str,
    code: &str,
    names: Vec<Dated<String>>,
    role: Role,
    level: Level,
    active: Period,
    keys: &BTreeMap<AgencyId, WrapKey>,
) -> Result<Agency, TrainingFault> {
    let id = AgencyId::parse(id)?;
    Ok(Agency {
        codes: vec![Dated::always(AgencyCode::parse(code)?)],
        names,
        roles: vec![role],
        level,
        parent: Vec::new(),
        territory: vec![Dated::always(Territory::Province(ProvinceCode::parse(PROVINCE)?))],
        active,
        hours: OfficeHours::default(),
        key: Some(key(&id, keys)?),
        id,
    })
}

fn nodes(keys: &TrainingKeys, agencies: &[Arc<Agency>]) -> Result<Vec<Node>, TrainingFault> {
    let (land, tax) = (AgencyId::parse(LAND_OFFICE)?, AgencyId::parse(TAX_OFFICE)?);
    let elsewhere = BTreeSet::from([land.clone(), tax.clone()]);
    let desks =
        agencies.iter().map(|agency| agency.id.clone()).filter(|id| !elsewhere.contains(id)).collect();
    let node = |name: &str, key: SealKey, agencies| Node {
        key_id: key.id,
        public: key.public,
        name: name.to_owned(),
        agencies,
        in_force: Period::ALWAYS,
    };
    Ok(vec![
        node(WARD_DESK_NODE, keys.ward_desk, desks),
        node(LAND_REGISTRY_NODE, keys.land_registry, BTreeSet::from([land])),
        node(TAX_OFFICE_NODE, keys.tax_office, BTreeSet::from([tax])),
    ])
}

fn key(id: &AgencyId, keys: &BTreeMap<AgencyId, WrapKey>) -> Result<WrapKey, TrainingFault> {
    keys.get(id).copied().ok_or_else(|| TrainingFault::NoKey { agency: id.clone() })
}

/// A commune's name inside another: the word for its kind is no name and begins small (NĐ 30/2020, annex II).
fn in_sentence(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map(char::to_lowercase).into_iter().flatten().chain(chars).collect()
}

#[cfg(test)]
pub(crate) mod tests;

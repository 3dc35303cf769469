//! The communes of the country, from a table.

use std::{collections::BTreeMap, sync::Arc};

use serde::Deserialize;

use crate::{Commune, CommuneCode, CommuneKind, ProvinceCode};

/// The communes since 01/07/2025, as text; its source stands beside it in `data/README.md`.
pub const SHIPPED_COMMUNES: &str = include_str!("../data/communes-2025.csv");

/// A table of communes cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CommunesFault {
    /// A row does not have the form.
    #[error("a row of the table of communes cannot be read")]
    Row(#[from] csv::Error),
    /// A code is there twice.
    #[error("commune {0} is there twice")]
    Twice(CommuneCode),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    province_code: ProvinceCode,
    province_name: String,
    commune_code: CommuneCode,
    commune_name: String,
    kind: Kind,
}

#[derive(Deserialize)]
enum Kind {
    #[serde(rename = "phường")]
    Ward,
    #[serde(rename = "xã")]
    Commune,
    #[serde(rename = "đặc khu")]
    SpecialZone,
}

/// Reads a table with the columns of [`SHIPPED_COMMUNES`], into the order of the codes.
///
/// # Errors
/// A row cannot be read, or a code is there twice.
pub fn parse_communes(table: &str) -> Result<Vec<Commune>, CommunesFault> {
    let mut communes = BTreeMap::new();
    let mut provinces: BTreeMap<String, Arc<str>> = BTreeMap::new();
    for row in csv::Reader::from_reader(table.as_bytes()).into_deserialize() {
        let row: Row = row?;
        let province_name =
            provinces.entry(row.province_name).or_insert_with_key(|name| name.as_str().into());
        let commune = Commune {
            code: row.commune_code.clone(),
            name: row.commune_name,
            kind: row.kind.into(),
            province: row.province_code,
            province_name: Arc::clone(province_name),
        };
        if communes.insert(row.commune_code.clone(), commune).is_some() {
            return Err(CommunesFault::Twice(row.commune_code));
        }
    }
    Ok(communes.into_values().collect())
}

impl From<Kind> for CommuneKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Ward => Self::Ward,
            Kind::Commune => Self::Commune,
            Kind::SpecialZone => Self::SpecialZone,
        }
    }
}

#[cfg(test)]
mod tests;

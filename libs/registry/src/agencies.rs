//! A table of agencies, as provinces and the national exchange keep them, and what it changes of a registry.
//!
//! ```text
//! CSV --parse_agencies--> rows, or every fault with its line
//! rows + Registry --AgencyRow::onto--> the agency as it is from then on
//! ```
//!
//! A row of an agency that is there already changes it from the row's first day on: what held before keeps its days.

use std::collections::BTreeMap;

use jiff::civil::Date;
use lienthong_calendar::OfficeHours;
use serde::Deserialize;

use crate::{
    Agency, AgencyCode, AgencyId, CodeScheme, CommuneCode, Dated, Level, Period, ProvinceCode, Role,
    Territory, WrapKey,
};

/// The columns that a table may have; the first three must be there.
pub const AGENCY_COLUMNS: [&str; 13] = [
    "id",
    "name",
    "level",
    "code_qd20",
    "code_qcvn102",
    "roles",
    "parent",
    "province",
    "commune",
    "from",
    "to",
    "hours",
    "node",
];

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgencyRow {
    /// Its line in the table, from 1.
    pub line: u64,
    /// Given once, never used again.
    pub id: AgencyId,
    /// Its name in Vietnamese.
    pub name: String,
    /// Its level of administration.
    pub level: Level,
    /// Its codes, at most one in each scheme.
    pub codes: Vec<AgencyCode>,
    /// As what it takes part in procedures.
    pub roles: Vec<Role>,
    /// The agency above it.
    pub parent: Option<AgencyId>,
    /// The place it answers for.
    pub territory: Option<Territory>,
    /// The days on which the row holds.
    pub period: Period,
    /// Its office hours; the usual ones when nothing is said.
    pub hours: Option<OfficeHours>,
    /// The node that seals for it; none where the bus does not reach it, or it stays as it was.
    pub node: Option<String>,
}

/// What is wrong with a table of agencies.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {fault}")]
pub struct AgencyFault {
    /// From 1; 1 is the line of the columns.
    pub line: u64,
    /// What.
    pub fault: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    id: String,
    name: String,
    level: String,
    #[serde(default)]
    code_qd20: String,
    #[serde(default)]
    code_qcvn102: String,
    #[serde(default)]
    roles: String,
    #[serde(default)]
    parent: String,
    #[serde(default)]
    province: String,
    #[serde(default)]
    commune: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    hours: String,
    #[serde(default)]
    node: String,
}

/// Reads a table with some of the [`AGENCY_COLUMNS`].
///
/// # Errors
/// Every fault, with its line.
pub fn parse_agencies(table: &str) -> Result<Vec<AgencyRow>, Vec<AgencyFault>> {
    let (mut rows, mut faults) = (Vec::new(), Vec::new());
    let mut seen: BTreeMap<AgencyId, u64> = BTreeMap::new();
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(table.as_bytes());
    let line_of = |error: &csv::Error| error.position().map_or(1, csv::Position::line);
    let columns = match reader.headers() {
        Ok(columns) => columns.clone(),
        Err(error) => return Err(vec![AgencyFault { line: line_of(&error), fault: error.to_string() }]),
    };
    for record in reader.into_records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                faults.push(AgencyFault { line: line_of(&error), fault: error.to_string() });
                continue;
            }
        };
        let line = record.position().map_or(1, csv::Position::line);
        match record.deserialize(Some(&columns)).map_err(|error| told(&error)).and_then(|raw| row(line, &raw))
        {
            Ok(row) => match seen.insert(row.id.clone(), line) {
                Some(first) => {
                    let fault = format!("agency {} is on line {first} already", row.id);
                    faults.push(AgencyFault { line, fault });
                }
                None => rows.push(row),
            },
            Err(fault) => faults.push(AgencyFault { line, fault }),
        }
    }
    if faults.is_empty() { Ok(rows) } else { Err(faults) }
}

fn told(error: &csv::Error) -> String {
    if let csv::ErrorKind::Deserialize { err, .. } = error.kind() {
        return format!("{}; the columns are {}", err.kind(), AGENCY_COLUMNS.join(", "));
    }
    error.to_string()
}

fn row(line: u64, raw: &Raw) -> Result<AgencyRow, String> {
    let said = |text: &str| !text.is_empty();
    let date = |column: &str, text: &str| match text {
        "" => Ok(None),
        text => text
            .parse::<Date>()
            .map(Some)
            .map_err(|_| format!("{column}: `{text}` is not a date such as 2025-07-01")),
    };
    if !said(&raw.name) {
        return Err("name: is empty".to_owned());
    }
    let code = |column: &str, text: &str, scheme: CodeScheme| {
        let code = AgencyCode::parse(text).map_err(|fault| format!("{column}: {fault}"))?;
        match code.scheme() == scheme {
            true => Ok(code),
            false => Err(format!("{column}: `{text}` is a code of the other scheme")),
        }
    };
    let mut codes = Vec::new();
    if said(&raw.code_qd20) {
        codes.push(code("code_qd20", &raw.code_qd20, CodeScheme::Qd20)?);
    }
    if said(&raw.code_qcvn102) {
        codes.push(code("code_qcvn102", &raw.code_qcvn102, CodeScheme::Qcvn102)?);
    }
    let roles = raw
        .roles
        .split_whitespace()
        .map(|role| role.parse::<Role>().map_err(|fault| format!("roles: {fault}")));
    let period = Period { from: date("from", &raw.from)?, to: date("to", &raw.to)? };
    if period.is_reversed() {
        return Err("to: is before from".to_owned());
    }
    let territory = match (raw.province.as_str(), raw.commune.as_str()) {
        ("", "") => None,
        (province, "") => Some(Territory::Province(
            ProvinceCode::parse(province).map_err(|fault| format!("province: {fault}"))?,
        )),
        (_, commune) => Some(Territory::Commune(
            CommuneCode::parse(commune).map_err(|fault| format!("commune: {fault}"))?,
        )),
    };
    Ok(AgencyRow {
        line,
        id: AgencyId::parse(&raw.id).map_err(|fault| format!("id: {fault}"))?,
        name: raw.name.clone(),
        level: Level::parse(&raw.level).ok_or_else(|| {
            format!("level: `{}` is none of {}", raw.level, Level::ALL.map(Level::as_str).join(", "))
        })?,
        codes,
        roles: roles.collect::<Result<_, _>>()?,
        parent: match said(&raw.parent) {
            true => Some(AgencyId::parse(&raw.parent).map_err(|fault| format!("parent: {fault}"))?),
            false => None,
        },
        territory,
        period,
        hours: match said(&raw.hours) {
            true => Some(OfficeHours::parse(&raw.hours).map_err(|fault| format!("hours: {fault}"))?),
            false => None,
        },
        node: Some(raw.node.clone()).filter(|node| said(node)),
    })
}

impl AgencyRow {
    /// The agency as it is after this row, with `key` where a node is to serve it from now on.
    #[must_use]
    pub fn onto(&self, before: Option<&Agency>, key: Option<WrapKey>) -> Agency {
        let Some(before) = before else { return self.fresh(key) };
        let from = self.period.from;
        let mut codes = before.codes.clone();
        for code in &self.codes {
            let same = |held: &AgencyCode| held.scheme() == code.scheme();
            change(&mut codes, Some(code), from, same);
        }
        let (mut names, mut parent, mut territory) =
            (before.names.clone(), before.parent.clone(), before.territory.clone());
        change(&mut names, Some(&self.name), from, |_| true);
        change(&mut parent, self.parent.as_ref(), from, |_| true);
        change(&mut territory, self.territory.as_ref(), from, |_| true);
        let roles = if self.roles.is_empty() { before.roles.clone() } else { self.roles.clone() };
        Agency {
            id: self.id.clone(),
            codes,
            names,
            roles,
            level: self.level,
            parent,
            territory,
            active: Period { from: before.active.from, to: self.period.to },
            hours: self.hours.clone().unwrap_or_else(|| before.hours.clone()),
            key: key.or(before.key),
        }
    }

    fn fresh(&self, key: Option<WrapKey>) -> Agency {
        Agency {
            id: self.id.clone(),
            codes: self.codes.iter().cloned().map(Dated::always).collect(),
            names: vec![Dated::always(self.name.clone())],
            roles: self.roles.clone(),
            level: self.level,
            parent: self.parent.iter().cloned().map(Dated::always).collect(),
            territory: self.territory.iter().cloned().map(Dated::always).collect(),
            active: self.period,
            hours: self.hours.clone().unwrap_or_default(),
            key,
        }
    }
}

/// Lets `value` hold from `from` on in the place of those that it takes over from; without a day, for ever. Nothing said
/// is nothing changed.
fn change<T: Clone + PartialEq>(
    values: &mut Vec<Dated<T>>,
    value: Option<&T>,
    from: Option<Date>,
    takes_over: impl Fn(&T) -> bool,
) {
    let Some(value) = value else { return };
    let holds = values.iter().any(|dated| dated.value == *value && dated.to.is_none());
    if holds {
        return;
    }
    let Some(from) = from else {
        values.retain(|dated| !takes_over(&dated.value));
        values.push(Dated::always(value.clone()));
        return;
    };
    let last = from.yesterday().ok();
    for dated in values.iter_mut().filter(|dated| takes_over(&dated.value)) {
        if dated.to.is_none_or(|to| to >= from) {
            dated.to = last;
        }
    }
    // What would have begun later than it ends never holds.
    values.retain(|dated| !dated.period().is_reversed());
    values.push(Dated::since(from, value.clone()));
}

#[cfg(test)]
mod tests;

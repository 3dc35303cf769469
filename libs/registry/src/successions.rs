//! A table of successions: who takes over from whom, where, from which day on, by which decision.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Deserialize;

use crate::{AgencyFault, AgencyId, CommuneCode, Succession};

/// The columns of a table; all must be there.
pub const SUCCESSION_COLUMNS: [&str; 5] =
    ["predecessor", "successor", "communes", "effective", "legal_basis"];
/// The longest decision that is named, in bytes: it goes into the record of each dossier that goes over.
pub const LEGAL_BASIS_BYTES_MAX: usize = 200;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    predecessor: String,
    successor: String,
    communes: String,
    effective: String,
    legal_basis: String,
}

/// Reads a table with the [`SUCCESSION_COLUMNS`]; `communes` has codes with spaces between, and is empty for everywhere.
///
/// # Errors
/// Every fault, with its line.
pub fn parse_successions(table: &str) -> Result<Vec<Succession>, Vec<AgencyFault>> {
    let (mut successions, mut faults) = (Vec::new(), Vec::new());
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(table.as_bytes());
    for (raw, line) in reader.deserialize::<Raw>().zip(2..) {
        let told = |error: csv::Error| {
            let at = error.position().map_or(line, csv::Position::line);
            (at, format!("{error}; the columns are {}", SUCCESSION_COLUMNS.join(", ")))
        };
        match raw.map_err(told).and_then(|raw| succession(&raw).map_err(|fault| (line, fault))) {
            Ok(succession) => successions.push(succession),
            Err((line, fault)) => faults.push(AgencyFault { line, fault }),
        }
    }
    if faults.is_empty() { Ok(successions) } else { Err(faults) }
}

fn succession(raw: &Raw) -> Result<Succession, String> {
    let agency =
        |column: &str, text: &str| AgencyId::parse(text).map_err(|fault| format!("{column}: {fault}"));
    let communes: BTreeSet<_> = raw
        .communes
        .split_whitespace()
        .map(|code| CommuneCode::parse(code).map_err(|fault| format!("communes: {fault}")))
        .collect::<Result<_, _>>()?;
    let effective = raw
        .effective
        .parse::<Date>()
        .map_err(|_| format!("effective: `{}` is not a date such as 2025-07-01", raw.effective))?;
    let legal_basis = raw.legal_basis.clone();
    if legal_basis.is_empty() || legal_basis.len() > LEGAL_BASIS_BYTES_MAX {
        return Err(format!(
            "legal_basis: has {} bytes, 1 to {LEGAL_BASIS_BYTES_MAX} are taken",
            legal_basis.len()
        ));
    }
    let (predecessor, successor) =
        (agency("predecessor", &raw.predecessor)?, agency("successor", &raw.successor)?);
    if predecessor == successor {
        return Err("successor: is the predecessor; a new name goes into the table of agencies".to_owned());
    }
    let communes = Some(communes).filter(|communes| !communes.is_empty());
    Ok(Succession { predecessor, successor, communes, effective, legal_basis })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(rows: &str) -> Vec<String> {
        let table = format!("predecessor,successor,communes,effective,legal_basis\n{rows}");
        parse_successions(&table).unwrap_err().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_table_says_who_takes_over_where_and_since_when() {
        let table = "predecessor,successor,communes,effective,legal_basis\n\
            old,new-a,14797 14758,2025-07-01,NQ 1686/NQ-UBTVQH15\n\
            gone,new-b,,2026-01-01,\"QĐ 5/QĐ-UBND, điều 2\"\n";
        let [split, merger] = parse_successions(table).unwrap().try_into().unwrap();
        assert_eq!(split.communes.unwrap().len(), 2);
        assert_eq!((merger.communes, merger.effective.to_string().as_str()), (None, "2026-01-01"));
        assert_eq!(merger.legal_basis, "QĐ 5/QĐ-UBND, điều 2");
    }

    #[test]
    fn every_fault_is_told_with_its_line() {
        let said = faults(
            "a,a,,2025-07-01,x\na,b,1,2025-07-01,x\na,b,,1/7/2025,x\na,b,,2025-07-01,\na,b,,2025-07-01,x\n",
        );
        let lines: Vec<_> =
            said.iter().map(|fault| fault.split(": ").take(2).collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(lines, ["line 2 successor", "line 3 communes", "line 4 effective", "line 5 legal_basis"]);
        assert!(faults("a,b\n")[0].starts_with("line 2: "), "{:?}", faults("a,b\n"));
        let other = parse_successions("who,whom\na,b\n").unwrap_err();
        assert!(other[0].to_string().contains("the columns are"), "{}", other[0]);
    }
}

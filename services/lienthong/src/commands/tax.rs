//! `tax`: what land and house transactions owe.

use std::{error::Error, str::FromStr};

use clap::{
    Args, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};
use comfy_table::{
    CellAlignment, ColumnConstraint, ContentArrangement, Table, presets::UTF8_HORIZONTAL_ONLY,
};
use jiff::civil::Date;
use lienthong_calendar::vietnamese_date;
use lienthong_tax::{
    Assessment, Case, Dong, Kind, Rates, Relation, SHIPPED_RATES, SHIPPED_RATES_VERSION, assess,
};
use serde::Serialize;

use super::day;
use crate::{Format, Output, exit::Failure};

/// Columns of the terminal that the table takes.
const TABLE_WIDTH: u16 = 100;

/// The words for [`Kind`].
const KINDS: [&str; 3] = ["transfer", "gift", "inheritance"];

/// The words for [`Relation`].
const RELATIONS: [&str; 8] = [
    "none",
    "spouses",
    "parent-child",
    "adoptive-parent-child",
    "parents-in-law",
    "grandparents",
    "siblings",
    "step-parent",
];

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Registration fee (LPTB) and personal income tax (TNCN), in đồng
    Assess(Assess),
}

#[derive(Debug, Args)]
pub(crate) struct Assess {
    /// How the property passes to its new owner
    #[arg(long, value_parser = words::<Kind>(&KINDS))]
    kind: Kind,
    /// How giver and taker are related
    #[arg(long, value_parser = words::<Relation>(&RELATIONS))]
    relation: Relation,
    /// Value by the province's price table, whole đồng
    #[arg(long, value_name = "VALUE")]
    table_value: u64,
    /// Value by the contract, whole đồng; leave out where there is no contract value
    #[arg(long, value_name = "VALUE")]
    contract_value: Option<u64>,
    /// Day whose rates apply, YYYY-MM-DD
    #[arg(long, value_name = "DATE", value_parser = day)]
    on: Date,
}

/// In JSON.
#[derive(Serialize)]
struct Assessed<'a> {
    lptb: Dong,
    pit: Dong,
    reasons: Vec<&'a str>,
}

pub(crate) fn run(command: Command, output: &mut Output<'_>) -> Result<(), Failure> {
    match command {
        Command::Assess(asked) => assess_case(&asked.into(), output),
    }
}

fn assess_case(case: &Case, output: &mut Output<'_>) -> Result<(), Failure> {
    let rates =
        Rates::parse(SHIPPED_RATES_VERSION, SHIPPED_RATES).map_err(|fault| Failure::defect(&fault))?;
    let assessment = assess(&rates, case).map_err(|error| {
        Failure::refused(error, "give a day that the rates cover and values that are real")
    })?;
    match output.format() {
        Format::Json => output.json(&Assessed {
            lptb: assessment.lptb(),
            pit: assessment.pit(),
            reasons: reasons(&assessment).collect(),
        }),
        Format::Text => {
            output.text(&format!(
                "{}, {}, ngày {}",
                capitalised(case.kind.vietnamese()),
                case.relation.vietnamese(),
                vietnamese_date(case.on),
            ));
            for line in table(&assessment).lines() {
                output.text(line.trim_end());
            }
            for reason in reasons(&assessment) {
                output.text(&format!("- {reason}"));
            }
            output.text(&format!("Biểu áp dụng: {}", assessment.rates_version));
        }
    }
    Ok(())
}

fn reasons(assessment: &Assessment) -> impl Iterator<Item = &str> {
    let of_lines = assessment.lines.iter().flat_map(|line| &line.reasons);
    assessment.reasons.iter().chain(of_lines).map(String::as_str)
}

fn table(assessment: &Assessment) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY);
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(TABLE_WIDTH);
    table.set_header(["Tiểu mục", "Khoản thu", "Trị giá tính", "Phải nộp", "Được miễn", "Còn phải nộp"]);
    for line in &assessment.lines {
        let amounts =
            [line.taxable, line.due, line.exempt, line.remaining()].map(|amount| amount.to_string());
        table.add_row([line.item.code.clone(), line.item.name.clone()].into_iter().chain(amounts));
    }
    for column in table.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
    table
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect()
}

/// Takes the words of a closed list, so that `--help` and completions know them.
fn words<T>(words: &'static [&'static str]) -> impl TypedValueParser<Value = T>
where
    T: FromStr<Err: Error + Send + Sync + 'static> + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(words).try_map(|word| word.parse::<T>())
}

impl From<Assess> for Case {
    fn from(asked: Assess) -> Self {
        Self {
            kind: asked.kind,
            relation: asked.relation,
            table_value: Dong::new(asked.table_value),
            contract_value: asked.contract_value.map(Dong::new),
            on: asked.on,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_and_relation_has_its_word() {
        assert_eq!(KINDS.map(str::parse), Kind::ALL.map(Ok));
        assert_eq!(RELATIONS.map(str::parse), Relation::ALL.map(Ok));
    }
}

//! `Assess` of the tax office: a question to the rates, and the answer as lines for a notice.

use jiff::civil::Date;
use lienthong_dossier::{DossierCode, Ground};
use lienthong_tax::{Assessment, Case, Dong, Kind, Levy, Line, Relation};

use crate::Invalid;
use crate::field::{ordinal, text};
use crate::pb::common::v1::{self as common, ErrorReason};
use crate::pb::tax_office::v1 as pb;
use crate::time::{date_field, date_or_none};

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The dossier whose pinned rates apply.
    pub code: DossierCode,
    /// The day whose rates apply; none for that of the reception.
    pub on: Option<Date>,
    kind: Kind,
    relation: Relation,
    table_value: Dong,
    contract_value: Option<Dong>,
    fee: Taxpayer,
    tax: Taxpayer,
}

/// Who is to pay, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Taxpayer {
    ordinal: u32,
    due_date: Date,
}

impl Question {
    /// Reads the request.
    ///
    /// # Errors
    /// The first field that is missing or not of its form.
    pub fn read(request: &pb::AssessRequest) -> Result<Self, Invalid> {
        Ok(Self {
            code: text("code", &request.code)?,
            on: date_or_none("on", &request.on)?,
            kind: kind(request.transaction)?,
            relation: relation(request.relation)?,
            table_value: Dong::new(request.table_value_dong),
            contract_value: request.contract_value_dong.map(Dong::new),
            fee: Taxpayer {
                ordinal: ordinal("registration_fee_taxpayer", request.registration_fee_taxpayer)?,
                due_date: date_field("registration_fee_due_date", &request.registration_fee_due_date)?,
            },
            tax: Taxpayer {
                ordinal: ordinal("income_tax_taxpayer", request.income_tax_taxpayer)?,
                due_date: date_field("income_tax_due_date", &request.income_tax_due_date)?,
            },
        })
    }

    /// The case to assess, of a dossier that was received on that day.
    #[must_use]
    pub fn case(&self, received: Date) -> Case {
        Case {
            kind: self.kind,
            relation: self.relation,
            table_value: self.table_value,
            contract_value: self.contract_value,
            on: self.on.unwrap_or(received),
        }
    }

    /// The answer: lines that may go into a notice as they are.
    #[must_use]
    pub fn answer(&self, assessment: &Assessment) -> pb::AssessResponse {
        pb::AssessResponse {
            rates_version: assessment.rates_version.clone(),
            lines: assessment.lines.iter().filter_map(|line| self.line(line)).collect(),
            reasons: assessment.reasons.clone(),
            total_dong: assessment
                .lines
                .iter()
                .fold(0, |sum, line| sum.saturating_add(line.remaining().get())),
        }
    }

    fn line(&self, line: &Line) -> Option<pb::SuggestedLine> {
        let (levy, taxpayer) = match line.levy {
            Levy::RegistrationFee => (pb::Levy::RegistrationFee, self.fee),
            Levy::IncomeTax => (pb::Levy::IncomeTax, self.tax),
            Levy::LatePayment => return None,
        };
        let exempt = if line.exempt.is_zero() { "" } else { line.reasons.last().map_or("", String::as_str) };
        let notice_line = common::NoticeLine {
            account: Some(common::Account {
                taxpayer: taxpayer.ordinal,
                // The rates hold it to four digits.
                item: line.item.code.parse().unwrap_or_default(),
            }),
            due_date: taxpayer.due_date.to_string(),
            taxable_dong: line.taxable.get(),
            due_dong: line.due.get(),
            exempt_dong: line.exempt.get(),
            exempt_ground: shortened(exempt, Ground::BYTES_MAX),
        };
        Some(pb::SuggestedLine { levy: levy.into(), line: Some(notice_line), reasons: line.reasons.clone() })
    }
}

/// At most so many bytes of a text; the full reasons stand beside it.
fn shortened(text: &str, bytes_max: usize) -> String {
    const MARK: &str = "…";
    if text.len() <= bytes_max {
        return text.to_owned();
    }
    let end = (0..=bytes_max - MARK.len()).rev().find(|end| text.is_char_boundary(*end));
    format!("{}{MARK}", &text[..end.unwrap_or_default()])
}

fn kind(transaction: i32) -> Result<Kind, Invalid> {
    match pb::Transaction::try_from(transaction) {
        Ok(pb::Transaction::Unspecified) => Err(Invalid::missing("transaction")),
        Ok(pb::Transaction::Transfer) => Ok(Kind::Transfer),
        Ok(pb::Transaction::Gift) => Ok(Kind::Gift),
        Ok(pb::Transaction::Inheritance) => Ok(Kind::Inheritance),
        Err(_) => Err(unknown("transaction", transaction)),
    }
}

fn relation(relation: i32) -> Result<Relation, Invalid> {
    match pb::Relation::try_from(relation) {
        Ok(pb::Relation::Unspecified) => Err(Invalid::missing("relation")),
        Ok(pb::Relation::None) => Ok(Relation::None),
        Ok(pb::Relation::Spouses) => Ok(Relation::Spouses),
        Ok(pb::Relation::ParentChild) => Ok(Relation::ParentChild),
        Ok(pb::Relation::AdoptiveParentChild) => Ok(Relation::AdoptiveParentChild),
        Ok(pb::Relation::ParentsInLaw) => Ok(Relation::ParentsInLaw),
        Ok(pb::Relation::Grandparents) => Ok(Relation::Grandparents),
        Ok(pb::Relation::Siblings) => Ok(Relation::Siblings),
        Ok(pb::Relation::StepParent) => Ok(Relation::StepParent),
        Err(_) => Err(unknown("relation", relation)),
    }
}

fn unknown(field: &str, number: i32) -> Invalid {
    Invalid::new(field, format!("{number} is not on the list"), ErrorReason::UnknownValue)
}

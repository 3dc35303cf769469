//! Assessments: what a case owes, line by line, with reasons an officer can read.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    BudgetItem, Case, Dong, Kind, Levy, Rates,
    rates::{BASIS_POINTS, Exemption, IncomeTax, RegistrationFee},
};

/// What a case owes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// The version of the rates it was made by.
    pub rates_version: String,
    /// Registration fee, then income tax; both always there, also when nothing is owed.
    pub lines: Vec<Line>,
    /// Why the taxable price is what it is, in Vietnamese.
    pub reasons: Vec<String>,
}

/// One sum of an assessment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What is levied.
    pub levy: Levy,
    /// Under what it is booked.
    pub item: BudgetItem,
    /// On how much (trị giá tính).
    pub taxable: Dong,
    /// The sum before exemption (phải nộp).
    pub due: Dong,
    /// How much of it is exempt (được miễn).
    pub exempt: Dong,
    /// Why, in Vietnamese with the legal source.
    pub reasons: Vec<String>,
}

/// Why there is no assessment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TaxError {
    /// The rates begin later.
    #[error("no rates of {levy} on {on}: the first hold from {first}")]
    NotCovered {
        /// Of what.
        levy: Levy,
        /// The day asked for.
        on: Date,
        /// The first day covered.
        first: Date,
    },
    /// A sum is too large to be held.
    #[error("the {levy} is too large to be held")]
    Overflow {
        /// Which.
        levy: Levy,
    },
}

impl Line {
    /// What is left to pay before payments: due less exempt.
    #[must_use]
    pub const fn remaining(&self) -> Dong {
        self.due.saturating_sub(self.exempt)
    }
}

impl Assessment {
    /// The registration fee left to pay (LPTB).
    #[must_use]
    pub fn lptb(&self) -> Dong {
        self.remaining(Levy::RegistrationFee)
    }

    /// The personal income tax left to pay (TNCN).
    #[must_use]
    pub fn pit(&self) -> Dong {
        self.remaining(Levy::IncomeTax)
    }

    fn remaining(&self, levy: Levy) -> Dong {
        self.lines.iter().find(|line| line.levy == levy).map_or(Dong::ZERO, Line::remaining)
    }
}

/// What a case owes by the rates of its day. The taxable price is the higher of table and contract, for every kind.
///
/// # Errors
/// The rates do not reach back to that day, or a sum is too large.
pub fn assess(rates: &Rates, case: &Case) -> Result<Assessment, TaxError> {
    let (price, reason) = taxable_price(case);
    let (item, fee) = rates.registration_fee(case.on)?;
    let registration_fee = fee_line(item, fee, case, price)?;
    let (item, tax) = rates.income_tax(case.on)?;
    let income_tax = tax_line(item, tax, case, price)?;
    Ok(Assessment {
        rates_version: rates.version().to_owned(),
        lines: vec![registration_fee, income_tax],
        reasons: vec![reason],
    })
}

/// Interest on `amount` paid `days` calendar days late, at the rate of the day `on`, rounded once.
///
/// # Errors
/// The rates do not reach back to that day, or the interest is too large.
pub fn late_interest(rates: &Rates, amount: Dong, days: u32, on: Date) -> Result<Dong, TaxError> {
    let rate = rates.late_payment(on)?.basis_points_per_day;
    share(amount, u64::from(rate) * u64::from(days)).ok_or(TaxError::Overflow { levy: Levy::LatePayment })
}

fn taxable_price(case: &Case) -> (Dong, String) {
    let table = case.table_value;
    match case.contract_value {
        None => (table, format!("Giá tính thuế {table} theo bảng giá, do không có giá hợp đồng")),
        Some(contract) if contract > table => {
            (contract, format!("Giá tính thuế {contract} theo hợp đồng, cao hơn bảng giá {table}"))
        }
        Some(contract) if contract == table => {
            (table, format!("Giá tính thuế {table}, hợp đồng bằng bảng giá"))
        }
        Some(contract) => {
            (table, format!("Giá tính thuế {table} theo bảng giá, cao hơn hợp đồng {contract}"))
        }
    }
}

fn fee_line(item: &BudgetItem, fee: &RegistrationFee, case: &Case, price: Dong) -> Result<Line, TaxError> {
    let levy = Levy::RegistrationFee;
    let full = share(price, u64::from(fee.basis_points)).ok_or(TaxError::Overflow { levy })?;
    let due = full.min(fee.cap_dong);
    let mut reasons = vec![format!("{} × {price} = {full} ({})", percent(fee.basis_points), fee.source)];
    if due < full {
        reasons.push(format!("Mức tối đa {} ({})", fee.cap_dong, fee.cap_source));
    }
    let exempt = exempt(&fee.exemption, case, due, &mut reasons);
    Ok(Line { levy, item: item.clone(), taxable: price, due, exempt, reasons })
}

fn tax_line(item: &BudgetItem, tax: &IncomeTax, case: &Case, price: Dong) -> Result<Line, TaxError> {
    let levy = Levy::IncomeTax;
    let mut reasons = Vec::new();
    let (taxable, basis_points, source) = match case.kind {
        Kind::Transfer => (price, tax.transfer.basis_points, &tax.transfer.source),
        Kind::Gift | Kind::Inheritance => {
            let rule = &tax.gift_and_inheritance;
            reasons.push(format!("Phần vượt trên {} mỗi lần nhận ({})", rule.threshold_dong, rule.source));
            (price.saturating_sub(rule.threshold_dong), rule.basis_points, &rule.source)
        }
    };
    let due = share(taxable, u64::from(basis_points)).ok_or(TaxError::Overflow { levy })?;
    reasons.push(format!("{} × {taxable} = {due} ({source})", percent(basis_points)));
    let exempt = exempt(&tax.exemption, case, due, &mut reasons);
    Ok(Line { levy, item: item.clone(), taxable, due, exempt, reasons })
}

/// All of what is due or nothing: the law knows no exemption in part.
fn exempt(exemption: &Exemption, case: &Case, due: Dong, reasons: &mut Vec<String>) -> Dong {
    if !exemption.covers(case.kind, case.relation) {
        return Dong::ZERO;
    }
    let (kind, relation) = (case.kind.vietnamese(), case.relation.vietnamese());
    reasons.push(format!("Miễn: {kind} giữa {relation} ({})", exemption.source));
    due
}

/// So many basis points of an amount, rounded half up to the đồng.
fn share(amount: Dong, basis_points: u64) -> Option<Dong> {
    let whole = u128::from(BASIS_POINTS);
    // u64 × u64 and half of 10,000 always fit.
    let rounded = (u128::from(amount.get()) * u128::from(basis_points) + whole / 2) / whole;
    u64::try_from(rounded).ok().map(Dong::new)
}

/// `50` as `0,5%`.
fn percent(basis_points: u32) -> String {
    let (whole, hundredths) = (basis_points / 100, basis_points % 100);
    if hundredths == 0 {
        format!("{whole}%")
    } else {
        let fraction = format!("{hundredths:02}");
        format!("{whole},{}%", fraction.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests;

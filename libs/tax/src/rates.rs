//! Rates: every number of an assessment, with the day from which it holds and its legal source.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_saphyr::Spanned;

use crate::{Dong, Kind, Relation, TaxError};

/// The rates this release ships, as text.
pub const SHIPPED_RATES: &str = include_str!("../data/rates.yaml");

/// The version under which [`SHIPPED_RATES`] is published.
pub const SHIPPED_RATES_VERSION: &str = "vn-2026-07";

/// 100% in basis points.
pub(crate) const BASIS_POINTS: u32 = 10_000;

/// One published set of rates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rates {
    version: Box<str>,
    registration_fee: Schedule<RegistrationFee>,
    income_tax: Schedule<IncomeTax>,
    late_payment: Vec<LatePayment>,
}

/// Under what a sum is booked in the state budget (tiểu mục).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BudgetItem {
    /// Four digits.
    pub code: String,
    /// Its name in Vietnamese.
    pub name: String,
}

/// What is levied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Levy {
    /// Lệ phí trước bạ (LPTB).
    RegistrationFee,
    /// Thuế thu nhập cá nhân (TNCN).
    IncomeTax,
    /// Tiền chậm nộp.
    LatePayment,
}

/// What is wrong with a text of rates. Lines count from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RatesFault {
    /// It is no YAML of this form; the text says where and why.
    #[error("rates are unreadable: {reason}")]
    Yaml {
        /// Where, if the parser knows.
        line: Option<u64>,
        /// The parser's words, which name line and column where it knows them.
        reason: String,
    },
    /// A levy has no period.
    #[error("{levy} has no periods")]
    NoPeriods {
        /// Which.
        levy: Levy,
    },
    /// A period begins no later than the one before it.
    #[error("line {line}: {levy} from {from} does not come after the period before it")]
    Order {
        /// Where.
        line: u64,
        /// Of what.
        levy: Levy,
        /// The period's first day.
        from: Date,
    },
    /// A rate is over 100%.
    #[error("line {line}: {basis_points} basis points of {levy} are over 100%")]
    Rate {
        /// Where the period begins.
        line: u64,
        /// Of what.
        levy: Levy,
        /// The rate.
        basis_points: u32,
    },
    /// An exemption lists `none`, which would exempt strangers.
    #[error("line {line}: {levy} exempts parties without a relation")]
    ExemptsAll {
        /// Where the period begins.
        line: u64,
        /// Of what.
        levy: Levy,
    },
    /// A budget item is not four digits.
    #[error("`{code}` of {levy} is not a budget item of four digits")]
    BudgetItem {
        /// Of what.
        levy: Levy,
        /// What stands there.
        code: String,
    },
}

/// One levy over time. Its periods ascend; each lasts until the next begins.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Schedule<T> {
    item: BudgetItem,
    periods: Vec<T>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegistrationFee {
    from: Date,
    pub(crate) basis_points: u32,
    pub(crate) source: String,
    pub(crate) cap_dong: Dong,
    pub(crate) cap_source: String,
    pub(crate) exemption: Exemption,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IncomeTax {
    from: Date,
    pub(crate) transfer: OnPrice,
    pub(crate) gift_and_inheritance: AboveThreshold,
    pub(crate) exemption: Exemption,
}

/// A share of the whole price.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OnPrice {
    pub(crate) basis_points: u32,
    pub(crate) source: String,
}

/// A share of the part of the price above a threshold.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AboveThreshold {
    pub(crate) basis_points: u32,
    pub(crate) threshold_dong: Dong,
    pub(crate) source: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exemption {
    kinds: Vec<Kind>,
    relations: Vec<Relation>,
    pub(crate) source: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LatePayment {
    from: Date,
    pub(crate) basis_points_per_day: u32,
    /// For the reader of the file: interest is shown without a reason of its own.
    #[serde(rename = "source")]
    _source: String,
}

impl Exemption {
    pub(crate) fn covers(&self, kind: Kind, relation: Relation) -> bool {
        self.kinds.contains(&kind) && self.relations.contains(&relation)
    }
}

impl Rates {
    /// Reads rates from YAML of the form of [`SHIPPED_RATES`]. Unknown keys are refused.
    ///
    /// # Errors
    /// The first fault of the text.
    pub fn parse(version: &str, yaml: &str) -> Result<Self, RatesFault> {
        let written: Written = serde_saphyr::from_str(yaml).map_err(|error| RatesFault::Yaml {
            line: error.location().map(|location| location.line()),
            reason: error.without_snippet().to_string(),
        })?;
        Ok(Self {
            version: version.into(),
            registration_fee: written.registration_fee.sound()?,
            income_tax: written.income_tax.sound()?,
            late_payment: sound(written.late_payment.periods)?,
        })
    }

    /// The version they were published under.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    pub(crate) fn registration_fee(&self, on: Date) -> Result<(&BudgetItem, &RegistrationFee), TaxError> {
        let Schedule { item, periods } = &self.registration_fee;
        Ok((item, in_force(periods, on)?))
    }

    pub(crate) fn income_tax(&self, on: Date) -> Result<(&BudgetItem, &IncomeTax), TaxError> {
        let Schedule { item, periods } = &self.income_tax;
        Ok((item, in_force(periods, on)?))
    }

    pub(crate) fn late_payment(&self, on: Date) -> Result<&LatePayment, TaxError> {
        in_force(&self.late_payment, on)
    }
}

impl fmt::Display for Levy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RegistrationFee => "registration fee",
            Self::IncomeTax => "income tax",
            Self::LatePayment => "late-payment interest",
        })
    }
}

/// The file as it is written, before it is known to be sound.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    registration_fee: WrittenSchedule<RegistrationFee>,
    income_tax: WrittenSchedule<IncomeTax>,
    late_payment: WrittenLatePayment,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSchedule<T> {
    item: BudgetItem,
    periods: Vec<Spanned<T>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenLatePayment {
    periods: Vec<Spanned<LatePayment>>,
}

impl<T: Period> WrittenSchedule<T> {
    fn sound(self) -> Result<Schedule<T>, RatesFault> {
        let BudgetItem { code, .. } = &self.item;
        if code.len() != 4 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(RatesFault::BudgetItem { levy: T::LEVY, code: code.clone() });
        }
        Ok(Schedule { item: self.item, periods: sound(self.periods)? })
    }
}

/// What every period has, whatever it levies.
trait Period {
    const LEVY: Levy;

    fn from(&self) -> Date;
    fn highest_basis_points(&self) -> u32;
    fn exemption(&self) -> Option<&Exemption>;
}

impl Period for RegistrationFee {
    const LEVY: Levy = Levy::RegistrationFee;

    fn from(&self) -> Date {
        self.from
    }

    fn highest_basis_points(&self) -> u32 {
        self.basis_points
    }

    fn exemption(&self) -> Option<&Exemption> {
        Some(&self.exemption)
    }
}

impl Period for IncomeTax {
    const LEVY: Levy = Levy::IncomeTax;

    fn from(&self) -> Date {
        self.from
    }

    fn highest_basis_points(&self) -> u32 {
        self.transfer.basis_points.max(self.gift_and_inheritance.basis_points)
    }

    fn exemption(&self) -> Option<&Exemption> {
        Some(&self.exemption)
    }
}

impl Period for LatePayment {
    const LEVY: Levy = Levy::LatePayment;

    fn from(&self) -> Date {
        self.from
    }

    fn highest_basis_points(&self) -> u32 {
        self.basis_points_per_day
    }

    fn exemption(&self) -> Option<&Exemption> {
        None
    }
}

fn sound<T: Period>(written: Vec<Spanned<T>>) -> Result<Vec<T>, RatesFault> {
    let levy = T::LEVY;
    let mut periods: Vec<T> = Vec::with_capacity(written.len());
    for Spanned { value: period, referenced, .. } in written {
        let (line, from, basis_points) = (referenced.line(), period.from(), period.highest_basis_points());
        if periods.last().is_some_and(|last| last.from() >= from) {
            return Err(RatesFault::Order { line, levy, from });
        }
        if basis_points > BASIS_POINTS {
            return Err(RatesFault::Rate { line, levy, basis_points });
        }
        if period.exemption().is_some_and(|exemption| exemption.relations.contains(&Relation::None)) {
            return Err(RatesFault::ExemptsAll { line, levy });
        }
        periods.push(period);
    }
    if periods.is_empty() { Err(RatesFault::NoPeriods { levy }) } else { Ok(periods) }
}

fn in_force<T: Period>(periods: &[T], on: Date) -> Result<&T, TaxError> {
    let first = periods.first().map_or(Date::MAX, Period::from);
    let uncovered = TaxError::NotCovered { levy: T::LEVY, on, first };
    periods.iter().rev().find(|period| period.from() <= on).ok_or(uncovered)
}

#[cfg(test)]
mod tests;

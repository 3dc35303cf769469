//! Which account a fee of a procedure is paid into.
//!
//! Accounts stand in the pack, beside the fees: who decides on a fee says where it goes, the two are published and sealed
//! together, and what a dossier pinned at its reception tells for ever where its fee belonged. An account that moves is
//! another version of the pack.

use std::{fmt, str::FromStr};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Fault, Pack, draft::Draft, fault::Faults, fields::At};
use crate::{Agency, AgencyCode, AgencyId, Role};

/// The longest number of an account, in bytes.
pub const ACCOUNT_BYTES_MAX: usize = 34;

/// The account of an agency, or of each agency of a role that has none of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayeeAccount {
    /// Whose it is.
    pub payee: Payee,
    /// Its number.
    pub number: AccountNumber,
    /// Where it is kept: a bank, or the State Treasury.
    pub bank: String,
}

/// Whose an account is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Payee {
    /// The agency that has this code on the day.
    Agency(AgencyCode),
    /// Any agency of this role.
    Role(Role),
}

/// The number of an account: 6 to 34 digits, letters and dots, as banks and the State Treasury (`3511.0.1054321`) write it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountNumber(String);

/// A text is no number of an account.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an account number of 6 to {ACCOUNT_BYTES_MAX} digits, letters and dots")]
pub struct AccountFault(String);

/// Money of a fee does not belong where it is said to go.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongAccount {
    /// The pack names none for the agency.
    #[error("the procedure names no account of {agency}")]
    None {
        /// The agency.
        agency: AgencyId,
    },
    /// It is another's.
    #[error("that is not the account of {agency}, which is {expected}")]
    Other {
        /// The agency.
        agency: AgencyId,
        /// Where it belongs.
        expected: AccountNumber,
    },
}

impl Pack {
    /// The account of an agency's fees: its own by its code of the day, else its role's.
    #[must_use]
    pub fn account_of(&self, agency: &Agency, on: Date) -> Option<&PayeeAccount> {
        let own = |account: &&PayeeAccount| matches!(&account.payee, Payee::Agency(code) if agency.has_code(code, on));
        let of_role =
            |account: &&PayeeAccount| matches!(account.payee, Payee::Role(role) if agency.has_role(role));
        let mut accounts = self.accounts().iter();
        accounts.clone().find(own).or_else(|| accounts.find(of_role))
    }

    /// Whether a fee of the agency may be paid into that account.
    ///
    /// # Errors
    /// It is another's, or the pack names none.
    pub fn may_pay_into(
        &self,
        agency: &Agency,
        number: &AccountNumber,
        on: Date,
    ) -> Result<(), WrongAccount> {
        let none = || WrongAccount::None { agency: agency.id.clone() };
        let expected = &self.account_of(agency, on).ok_or_else(none)?.number;
        if expected == number {
            return Ok(());
        }
        Err(WrongAccount::Other { agency: agency.id.clone(), expected: expected.clone() })
    }
}

/// Notes accounts into which nothing is paid, and those of roles without a part.
pub(super) fn check(draft: &Draft, faults: &mut Faults) {
    let roles = || draft.steps.iter().filter_map(|step| step.role.as_ref().map(|role| role.value));
    for At { line, value: account } in &draft.accounts {
        if draft.fees.is_empty() {
            faults.add(*line, Fault::AccountWithoutFee);
        }
        if let Payee::Role(role) = account.payee
            && !roles().any(|known| known == role)
        {
            faults.add(*line, Fault::AccountOfNoPart { role });
        }
    }
}

impl AccountNumber {
    /// It as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AccountNumber {
    type Err = AccountFault;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let sound = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
        if sound && (6..=ACCOUNT_BYTES_MAX).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(AccountFault(text.to_owned()))
        }
    }
}

impl TryFrom<String> for AccountNumber {
    type Error = AccountFault;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<AccountNumber> for String {
    fn from(number: AccountNumber) -> Self {
        number.0
    }
}

impl fmt::Display for AccountNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Display for Payee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agency(code) => code.fmt(f),
            Self::Role(role) => role.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests;

//! The small texts by which things are named. Parsed once at the door; inside there is no unchecked text.
//!
//! All are cheap to clone and ordered by their bytes.

use std::{borrow::Borrow, fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};

/// A key's id: 32 bytes, the same wherever the key is named.
pub type KeyId = [u8; 32];

/// The longest agency id and agency code, in bytes.
pub const AGENCY_BYTES_MAX: usize = 32;

/// The longest id inside a procedure pack, in bytes.
pub const PACK_ID_BYTES_MAX: usize = 64;

/// How much of a refused text a fault repeats, in characters.
const SHOWN_CHARS_MAX: usize = 64;

/// A text is not what it should name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {expected}")]
pub struct IdFault {
    /// The text as given, cut to 64 characters.
    pub text: String,
    /// What was expected, in words.
    pub expected: &'static str,
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $valid:path, $expected:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// Reads it.
            ///
            /// # Errors
            /// The text does not have the form.
            pub fn parse(text: &str) -> Result<Self, IdFault> {
                if $valid(text) { Ok(Self(text.into())) } else { Err(fault(text, $expected)) }
            }

            /// It as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdFault;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdFault;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0.as_ref().to_owned()
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }
    };
}

text_id! {
    /// An agency of this log, given once and never again: 1 to 32 bytes of `A-Z a-z 0-9 . _ -`. Events name agencies by
    /// it; codes and names change with time and are looked up.
    AgencyId, is_agency_id, "an agency id: 1 to 32 of A-Z a-z 0-9 . _ -"
}

text_id! {
    /// An agency's code in one of the two national schemes, which live side by side: `H56.12` (QĐ 20/2020/QĐ-TTg, high
    /// level first) or `000.00.14.H20` (QCVN 102:2016/BTTTT, low level first). At most 32 bytes.
    AgencyCode, is_agency_code, "an agency code such as H56.12 or 000.00.14.H20"
}

text_id! {
    /// A commune's code in the national list of administrative units (QĐ 19/2025/QĐ-TTg): 5 digits.
    CommuneCode, is_commune_code, "a commune code of 5 digits"
}

text_id! {
    /// A province's code in the national list of administrative units (QĐ 19/2025/QĐ-TTg): 2 digits.
    ProvinceCode, is_province_code, "a province code of 2 digits"
}

text_id! {
    /// A procedure's code (mã TTHC): national `1.012756`, local `2.000815.000.00.00.H55` or the service under it
    /// `2.000815.000.00.00.H55.02`.
    ProcedureCode, is_procedure_code, "a procedure code such as 1.012756 or 2.000815.000.00.00.H55"
}

text_id! {
    /// The version of a procedure pack, by habit the day of the decision it follows: 1 to 32 bytes of
    /// `A-Z a-z 0-9 . _ -`.
    PackVersion, is_agency_id, "a version: 1 to 32 of A-Z a-z 0-9 . _ -"
}

text_id! {
    /// A field of procedures (mã lĩnh vực) such as `G03-GD10`: 1 to 32 bytes of `A-Z a-z 0-9 . _ -`.
    FieldCode, is_agency_id, "a field code: 1 to 32 of A-Z a-z 0-9 . _ -"
}

text_id! {
    /// A step of a procedure pack: lower-case ASCII words joined by `-`, at most 64 bytes.
    StepId, is_kebab, "an id of lower-case ASCII words joined by `-`"
}

text_id! {
    /// An outcome of a step: lower-case ASCII words joined by `-`, at most 64 bytes.
    OutcomeId, is_kebab, "an id of lower-case ASCII words joined by `-`"
}

text_id! {
    /// A kind of document: lower-case ASCII words joined by `-`, at most 64 bytes. It says nothing about a person and
    /// stands in clear.
    DocumentKind, is_kebab, "an id of lower-case ASCII words joined by `-`"
}

text_id! {
    /// A fee of a procedure pack: lower-case ASCII words joined by `-`, at most 64 bytes.
    FeeId, is_kebab, "an id of lower-case ASCII words joined by `-`"
}

/// The two schemes of agency codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CodeScheme {
    /// QĐ 20/2020/QĐ-TTg: `H56.12`, high level first.
    Qd20,
    /// QCVN 102:2016/BTTTT: `000.00.14.H20`, low level first.
    Qcvn102,
}

impl AgencyCode {
    /// The scheme it is written in.
    #[must_use]
    pub fn scheme(&self) -> CodeScheme {
        if self.0.starts_with(|first: char| first.is_ascii_digit()) {
            CodeScheme::Qcvn102
        } else {
            CodeScheme::Qd20
        }
    }
}

fn fault(text: &str, expected: &'static str) -> IdFault {
    IdFault { text: text.chars().take(SHOWN_CHARS_MAX).collect(), expected }
}

fn is_agency_id(text: &str) -> bool {
    (1..=AGENCY_BYTES_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

fn is_agency_code(text: &str) -> bool {
    text.len() <= AGENCY_BYTES_MAX && (is_qd20(text) || is_qcvn102(text))
}

/// `H56`, `H56.12`, `H56.12.3`.
fn is_qd20(text: &str) -> bool {
    let mut parts = text.split('.');
    parts.next().is_some_and(is_unit) && parts.all(|part| (1..=3).contains(&part.len()) && is_digits(part))
}

/// `000.00.14.H20`, and the form without the lowest level, `28.22.H17`, that the national exchange also returns.
fn is_qcvn102(text: &str) -> bool {
    let parts: Vec<_> = text.split('.').collect();
    match parts.as_slice() {
        [low, middle, high, unit] => {
            has_digits(low, 3) && has_digits(middle, 2) && has_digits(high, 2) && is_unit(unit)
        }
        [middle, high, unit] => has_digits(middle, 2) && has_digits(high, 2) && is_unit(unit),
        _ => false,
    }
}

/// A province or central body: `H56`, `G22`.
fn is_unit(text: &str) -> bool {
    text.strip_prefix(|first: char| first.is_ascii_uppercase()).is_some_and(|digits| has_digits(digits, 2))
}

fn is_commune_code(text: &str) -> bool {
    has_digits(text, 5)
}

fn is_province_code(text: &str) -> bool {
    has_digits(text, 2)
}

fn is_procedure_code(text: &str) -> bool {
    let parts: Vec<_> = text.split('.').collect();
    let national = |first: &str, second: &str| has_digits(first, 1) && has_digits(second, 6);
    let agency = |parts: &[&str]| is_qcvn102(&parts.join("."));
    match parts.as_slice() {
        [first, second] => national(first, second),
        [first, second, local @ ..] if local.len() == 4 => national(first, second) && agency(local),
        [first, second, local @ .., service] if local.len() == 4 => {
            national(first, second) && agency(local) && has_digits(service, 2)
        }
        _ => false,
    }
}

fn is_kebab(text: &str) -> bool {
    let word = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    text.len() <= PACK_ID_BYTES_MAX && text.split('-').all(word)
}

fn has_digits(text: &str, count: usize) -> bool {
    text.len() == count && is_digits(text)
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests;

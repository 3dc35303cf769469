//! Names and short texts that a dossier carries, checked once at the door.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::event::Power;

/// Why a text was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextFault {
    /// Nothing was given.
    #[error("must not be empty")]
    Empty,
    /// Longer than the field allows.
    #[error("is {bytes} bytes, at most {bytes_max} are taken")]
    TooLong {
        /// Length found, in bytes of UTF-8.
        bytes: usize,
        /// Length allowed.
        bytes_max: usize,
    },
    /// A control character, which no printed form can show.
    #[error("has a control character")]
    Control,
    /// Not of the published form.
    #[error("is not of the form {expected}")]
    Form {
        /// What was expected.
        expected: &'static str,
    },
}

fn check(text: &str, bytes_max: usize) -> Result<(), TextFault> {
    if text.is_empty() {
        return Err(TextFault::Empty);
    }
    if text.len() > bytes_max {
        return Err(TextFault::TooLong { bytes: text.len(), bytes_max });
    }
    if text.chars().any(char::is_control) {
        return Err(TextFault::Control);
    }
    Ok(())
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $bytes_max:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// Longest text taken, in bytes of UTF-8.
            pub const BYTES_MAX: usize = $bytes_max;

            /// The text, checked.
            ///
            /// # Errors
            /// What is wrong with it.
            pub fn parse(text: &str) -> Result<Self, TextFault> {
                check(text, Self::BYTES_MAX)?;
                Ok(Self(Arc::from(text)))
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = TextFault;
            fn try_from(text: String) -> Result<Self, TextFault> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0.as_ref().to_owned()
            }
        }
    };
}

text! {
    /// An officer's identifier within the agency; an official act is signed with it, so it is in clear.
    OfficerId, 64
}
text! {
    /// A name, a title, a body: one line of text shown to officers.
    Line, 200
}
text! {
    /// The number of an official paper: a notice, a decision, a register entry (số văn bản).
    PaperNumber, 100
}
text! {
    /// The payer's bank or treasury reference; the same id is the same payment.
    PaymentId, 64
}
text! {
    /// A ground in the words of the law or the code list of the agency, never a person's data.
    Ground, 100
}
text! {
    /// Where imported history comes from, for example the stem of a file.
    SourceName, 40
}

/// The dossier code (mã hồ sơ): issued once, survives routing, never used again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DossierCode(Arc<str>);

impl DossierCode {
    /// Longest code taken, in bytes.
    pub const BYTES_MAX: usize = 50;

    /// A code of any source: what an imported dossier may carry.
    ///
    /// # Errors
    /// Empty, longer than [`Self::BYTES_MAX`], or with control characters.
    pub fn parse(code: &str) -> Result<Self, TextFault> {
        check(code, Self::BYTES_MAX)?;
        Ok(Self(Arc::from(code)))
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The parts of a code that a desk of today issues: `AGENCY-YYMMDD-NNNN` (TT 03/2025/TT-VPCP).
    ///
    /// # Errors
    /// The form that was expected.
    pub fn parts(&self) -> Result<CodeParts<'_>, TextFault> {
        let fault = TextFault::Form { expected: "AGENCY-YYMMDD-NNNN, for example H56.12-261122-0001" };
        let mut parts = self.0.rsplitn(3, '-');
        let (Some(number), Some(day), Some(agency)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(fault);
        };
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let sound = digits(number)
            && (4..=7).contains(&number.len())
            && digits(day)
            && matches!(day.len(), 6 | 8)
            && is_agency_code(agency);
        if sound { Ok(CodeParts { agency, day, number }) } else { Err(fault) }
    }
}

/// `Xnn(.n{1,3})*` of QĐ 20/2020/QĐ-TTg, or `nnn.nn.nn.Xnn` of QCVN 102:2016.
fn is_agency_code(code: &str) -> bool {
    let letter = |part: &str| {
        let bytes = part.as_bytes();
        bytes.len() == 3 && bytes[0].is_ascii_uppercase() && bytes[1..].iter().all(u8::is_ascii_digit)
    };
    let digits = |part: &str, least, most| {
        (least..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let parts: Vec<&str> = code.split('.').collect();
    match parts.as_slice() {
        [a, b, c, d] if digits(a, 3, 3) && digits(b, 2, 2) && digits(c, 2, 2) => letter(d),
        [first, rest @ ..] => letter(first) && rest.iter().all(|part| digits(part, 1, 3)),
        [] => false,
    }
}

/// The parts of a reception's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeParts<'a> {
    /// Code of the receiving agency.
    pub agency: &'a str,
    /// Day of reception, `YYMMDD` or `YYYYMMDD`.
    pub day: &'a str,
    /// Running number of the agency's day, 4 to 7 digits.
    pub number: &'a str,
}

impl fmt::Display for DossierCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for DossierCode {
    type Error = TextFault;
    fn try_from(code: String) -> Result<Self, TextFault> {
        Self::parse(&code)
    }
}

impl From<DossierCode> for String {
    fn from(code: DossierCode) -> Self {
        code.0.as_ref().to_owned()
    }
}

/// Names one command; a repeat of it is answered, not done again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CommandId(pub Uuid);

impl fmt::Display for CommandId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The officer who acts. An official act, so it is in clear.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The agency's identifier of the officer.
    pub officer: OfficerId,
    /// Full name (họ tên).
    pub name: Line,
    /// Title or role (chức danh).
    pub role: Line,
    /// What the officer may do in the agency's name.
    pub power: Power,
}

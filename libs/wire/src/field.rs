//! Fields of messages, parsed once: each takes the field's name, so that a fault can say where it is.

use lienthong_dossier::{
    DossierCode, Ground, Line, OfficerId, PaperNumber, PaymentId, SourceName, TextFault,
};
use lienthong_registry::{
    ACCOUNT_BYTES_MAX, AccountNumber, AgencyCode, AgencyId, CommuneCode, DocumentKind, FeeId, IdFault,
    OutcomeId, PackVersion, ProcedureCode, ProvinceCode, StepId,
};

use crate::Invalid;
use crate::pb::common::v1::ErrorReason;

/// What is parsed from one text.
pub(crate) trait Parse: Sized {
    /// The value, or what is the matter with the text, which is not empty.
    fn read(text: &str) -> Result<Self, (String, ErrorReason)>;
}

macro_rules! parse {
    ($problem:ident: $($name:ident),* $(,)?) => {
        $(impl Parse for $name {
            fn read(text: &str) -> Result<Self, (String, ErrorReason)> {
                Self::parse(text).map_err(|fault| $problem(&fault))
            }
        })*
    };
}

parse! { text_problem: DossierCode, Ground, Line, OfficerId, PaperNumber, PaymentId, SourceName }

parse! {
    id_problem:
    AgencyCode, AgencyId, CommuneCode, DocumentKind, FeeId, OutcomeId, PackVersion, ProcedureCode, ProvinceCode,
    StepId
}

impl Parse for AccountNumber {
    fn read(text: &str) -> Result<Self, (String, ErrorReason)> {
        let problem =
            format!("is not an account number of 6 to {ACCOUNT_BYTES_MAX} digits, letters and dots");
        text.parse().map_err(|_| (problem, ErrorReason::Malformed))
    }
}

fn text_problem(fault: &TextFault) -> (String, ErrorReason) {
    let why = match fault {
        TextFault::Empty => ErrorReason::Missing,
        TextFault::TooLong { .. } => ErrorReason::TooLong,
        TextFault::Control | TextFault::Form { .. } => ErrorReason::Malformed,
    };
    (fault.to_string(), why)
}

/// Never repeats the text: whoever puts a name into the wrong field must not find it in a log.
fn id_problem(fault: &IdFault) -> (String, ErrorReason) {
    (format!("is not {}", fault.expected), ErrorReason::Malformed)
}

/// The text of a field that must be given.
pub(crate) fn text<T: Parse>(field: &str, text: &str) -> Result<T, Invalid> {
    text_or_none(field, text)?.ok_or_else(|| Invalid::missing(field))
}

/// The text of a field that may be left empty.
pub(crate) fn text_or_none<T: Parse>(field: &str, text: &str) -> Result<Option<T>, Invalid> {
    if text.is_empty() {
        return Ok(None);
    }
    T::read(text).map(Some).map_err(|(problem, why)| Invalid::new(field, problem, why))
}

/// A message that must be there.
pub(crate) fn given<T>(field: &str, message: Option<T>) -> Result<T, Invalid> {
    message.ok_or_else(|| Invalid::missing(field))
}

/// An ordinal, which counts from 1.
pub(crate) fn ordinal(field: &str, number: u32) -> Result<u32, Invalid> {
    if number == 0 { Err(Invalid::missing(field)) } else { Ok(number) }
}

/// Bytes of a fixed length.
pub(crate) fn fixed<const N: usize>(field: &str, bytes: &[u8]) -> Result<[u8; N], Invalid> {
    if bytes.is_empty() {
        return Err(Invalid::missing(field));
    }
    let length =
        |_| Invalid::new(field, format!("has {} bytes, not {N}", bytes.len()), ErrorReason::Malformed);
    bytes.try_into().map_err(length)
}

/// Bytes of a fixed length, or none.
pub(crate) fn fixed_or_none<const N: usize>(field: &str, bytes: &[u8]) -> Result<Option<[u8; N]>, Invalid> {
    if bytes.is_empty() { Ok(None) } else { fixed(field, bytes).map(Some) }
}

/// A list of at most so many items, each read with its place.
pub(crate) fn list<T, U>(
    field: &str,
    items: Vec<T>,
    items_max: usize,
    read: impl Fn(T) -> Result<U, Invalid>,
) -> Result<Vec<U>, Invalid> {
    if items.len() > items_max {
        let problem = format!("has {} items, at most {items_max} are taken", items.len());
        return Err(Invalid::new(field, problem, ErrorReason::TooMany));
    }
    let item = |(index, item)| read(item).map_err(|invalid| invalid.within_item(field, index));
    items.into_iter().enumerate().map(item).collect()
}

/// A list of texts of at most so many, each with its place.
pub(crate) fn texts<T: Parse>(field: &str, items: &[String], items_max: usize) -> Result<Vec<T>, Invalid> {
    if items.len() > items_max {
        let problem = format!("has {} items, at most {items_max} are taken", items.len());
        return Err(Invalid::new(field, problem, ErrorReason::TooMany));
    }
    let item = |(index, item): (usize, &String)| text(&format!("{field}[{index}]"), item);
    items.iter().enumerate().map(item).collect()
}

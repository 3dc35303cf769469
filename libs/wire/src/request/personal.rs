//! Requests of `Personal`: who reads, what for, and what.

mod plot;

use std::collections::BTreeSet;
use std::fmt;

use lienthong_dossier::{Actor, DossierCode, FieldClass, Ground, Purpose};
use lienthong_registry::AgencyId;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::read_actor;
use crate::Invalid;
use crate::code::coded;
use crate::field::{given, list, text, text_or_none};
use crate::pb::common::v1::ErrorReason;
use crate::pb::personal_reading::v1 as pb;
use crate::stored::READ_CODES_MAX;

pub use plot::{PLOT_NUMBER_MAX, PlotNumber};

/// The fewest letters and digits of a number that is searched for: fewer would find strangers.
pub const NUMBER_MIN: usize = 6;
/// The most.
pub const NUMBER_MAX: usize = 20;
/// So many digits in a row are taken for a person's number, in a text that must not have any.
const DIGITS_OF_A_PERSON: usize = 9;

/// Who reads, and what for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// The agency.
    pub agency: AgencyId,
    /// The officer.
    pub actor: Actor,
    /// What for.
    pub purpose: Purpose,
    /// The purpose in the words of the law, or a paper's number.
    pub ground: Option<Ground>,
    /// What the caller knows the request by; none when the node makes it.
    pub request: Option<Uuid>,
}

/// A personal identification number, business code or tax code: its letters, in upper case, and digits. Shown by no
/// `Debug`, and wiped from memory when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonNumber(Zeroizing<String>);

impl PersonNumber {
    /// The number that a text writes, with or without spaces, dots and dashes; none when it writes something else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut number = Zeroizing::new(String::with_capacity(NUMBER_MAX));
        for c in text.chars().filter(|c| !(c.is_whitespace() || matches!(c, '.' | '-' | '–'))) {
            if !c.is_ascii_alphanumeric() || number.len() == NUMBER_MAX {
                return None;
            }
            number.push(c.to_ascii_uppercase());
        }
        (number.len() >= NUMBER_MIN).then_some(Self(number))
    }

    /// The number.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PersonNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonNumber(..)")
    }
}

impl Reader {
    /// The reader of a request.
    ///
    /// # Errors
    /// The first field that is missing or not of its form.
    pub fn read(reader: Option<pb::Reader>) -> Result<Self, Invalid> {
        let reader = given("reader", reader)?;
        Self::of(&reader).map_err(|invalid| invalid.within("reader"))
    }

    fn of(reader: &pb::Reader) -> Result<Self, Invalid> {
        let actor = given("actor", reader.actor.as_ref())?;
        let ground: Option<Ground> = text_or_none("ground", &reader.ground)?;
        ground.as_ref().map_or(Ok(()), impersonal)?;
        Ok(Self {
            agency: text("agency", &reader.agency)?,
            actor: read_actor(actor).map_err(|invalid| invalid.within("actor"))?,
            purpose: coded("purpose", reader.purpose)?,
            ground,
            request: request_id(&reader.request_id)?,
        })
    }
}

fn request_id(id: &str) -> Result<Option<Uuid>, Invalid> {
    if id.is_empty() {
        return Ok(None);
    }
    let malformed = |_| Invalid::new("request_id", "is not a UUID", ErrorReason::Malformed);
    Uuid::try_parse(id).map(Some).map_err(malformed)
}

/// Holds that a ground, which stands in clear for good, has no number of a person in it.
pub(super) fn impersonal(ground: &Ground) -> Result<(), Invalid> {
    if is_personal(ground.as_str()) {
        let problem = "looks as if it had a person's number or e-mail address; give words of the law or a paper's number";
        return Err(Invalid::new("ground", problem, ErrorReason::Malformed));
    }
    Ok(())
}

/// Whether a text has what no ground needs: many digits in a row, or an e-mail address.
fn is_personal(text: &str) -> bool {
    let runs = text.split(|c: char| !c.is_ascii_digit());
    text.contains('@') || runs.map(str::len).any(|digits| digits >= DIGITS_OF_A_PERSON)
}

/// The dossiers that a request names, each once.
///
/// # Errors
/// None, too many, one twice, or one not of its form.
pub fn codes(codes: Vec<String>) -> Result<Vec<DossierCode>, Invalid> {
    if codes.is_empty() {
        return Err(Invalid::missing("codes"));
    }
    let codes: Vec<DossierCode> = list("codes", codes, READ_CODES_MAX, |code| text("code", &code))?;
    if codes.iter().collect::<BTreeSet<_>>().len() < codes.len() {
        return Err(Invalid::new("codes", "name a dossier twice", ErrorReason::Malformed));
    }
    Ok(codes)
}

/// The classes of fields that a request names; all where it names none.
///
/// # Errors
/// A class that is not on the list.
pub fn classes(classes: &[i32]) -> Result<BTreeSet<FieldClass>, Invalid> {
    if classes.is_empty() {
        return Ok(FieldClass::ALL.iter().copied().collect());
    }
    classes.iter().map(|class| coded("classes", *class)).collect()
}

#[cfg(test)]
mod tests;

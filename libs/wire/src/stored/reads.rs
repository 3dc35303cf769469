//! Records of who read personal data: the values of `lienthong.reads`, exactly as they are hashed and signed.

use bytes::Bytes;
use lienthong_calendar::Instant;
use lienthong_dossier::{Actor, DossierCode, FieldClass, Ground, Purpose, ReadKind};
use lienthong_registry::{AgencyId, Rules};
use lienthong_seal::{Hash, Seal};
use prost::Message as _;
use uuid::Uuid;

use super::body::{Witness, read_actor, write_actor};
use super::entry::{read_seal, write_seal};
use super::{DecodeFault, canonical, write};
use crate::Invalid;
use crate::code::{Coded as _, coded};
use crate::field::{fixed, given, list, text, text_or_none};
use crate::pb::common::v1::ErrorReason;
use crate::pb::log::v1 as pb;
use crate::time::micros_field;

/// The most bytes of a body.
pub const READ_BODY_BYTES_MAX: usize = 16 * 1024;

/// The most dossiers of one reading.
pub const READ_CODES_MAX: usize = 100;

/// Who read what, when and what for. Never what was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadBody {
    /// Id of the log.
    pub log_id: Hash,
    /// The rules in force.
    pub rules: Rules,
    /// When it was asked for.
    pub at: Instant,
    /// The agency that reads.
    pub agency: AgencyId,
    /// The officer.
    pub actor: Actor,
    /// What for.
    pub purpose: Purpose,
    /// The purpose in the words of the law, or a paper's number.
    pub ground: Option<Ground>,
    /// How it was asked for.
    pub kind: ReadKind,
    /// The dossiers shown.
    pub codes: Vec<DossierCode>,
    /// The classes of fields shown, ascending, each once.
    pub classes: Vec<FieldClass>,
    /// The history of the partition as the author knew it.
    pub witness: Witness,
    /// Id of the request.
    pub request: Uuid,
}

/// A body and its seal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// The body, byte for byte as it was sealed.
    pub body: Bytes,
    /// The seal over its leaf, see [`lienthong_seal::read_leaf`].
    pub seal: Seal,
}

/// The one encoding of a body. It is not checked against [`READ_BODY_BYTES_MAX`].
#[must_use]
pub fn encode_read_body(body: &ReadBody) -> Vec<u8> {
    let message = pb::ReadBody {
        log_id: write::hash(body.log_id),
        rules: body.rules.0,
        at_us: body.at.as_micros(),
        agency: body.agency.to_string(),
        actor: Some(write_actor(&body.actor)),
        purpose: body.purpose.number(),
        ground: body.ground.as_ref().map(ToString::to_string).unwrap_or_default(),
        kind: body.kind.number(),
        codes: body.codes.iter().map(ToString::to_string).collect(),
        classes: body.classes.iter().map(|class| class.number()).collect(),
        witness: Some(pb::Witness { count: body.witness.count, hash: write::hash(body.witness.hash) }),
        request_id: body.request.as_bytes().to_vec().into(),
    };
    message.encode_to_vec()
}

/// The body that has just this encoding.
///
/// # Errors
/// What is wrong with the bytes; [`DecodeFault::TooLarge`] before anything is read.
pub fn decode_read_body(bytes: &[u8]) -> Result<ReadBody, DecodeFault> {
    if bytes.len() > READ_BODY_BYTES_MAX {
        return Err(DecodeFault::TooLarge { bytes: bytes.len(), bytes_max: READ_BODY_BYTES_MAX });
    }
    let body = read_body(pb::ReadBody::decode(bytes).map_err(DecodeFault::Protobuf)?)?;
    canonical(&encode_read_body(&body), bytes)?;
    Ok(body)
}

fn read_body(message: pb::ReadBody) -> Result<ReadBody, Invalid> {
    let witness = given("witness", message.witness)?;
    let actor = given("actor", message.actor)?;
    if message.rules == 0 {
        return Err(Invalid::new("rules", "begin with 1", ErrorReason::Missing));
    }
    let classes = list("classes", message.classes, FieldClass::ALL.len(), |class| coded("class", class))?;
    if !classes.is_sorted_by(|one, next| one < next) {
        return Err(Invalid::new("classes", "are not ascending, each once", ErrorReason::Malformed));
    }
    Ok(ReadBody {
        log_id: Hash(fixed("log_id", &message.log_id)?),
        rules: Rules(message.rules),
        at: micros_field("at_us", message.at_us)?,
        agency: text("agency", &message.agency)?,
        actor: read_actor(&actor).map_err(|invalid| invalid.within("actor"))?,
        purpose: coded("purpose", message.purpose)?,
        ground: text_or_none("ground", &message.ground)?,
        kind: coded("kind", message.kind)?,
        codes: list("codes", message.codes, READ_CODES_MAX, |code| text("code", &code))?,
        classes,
        witness: Witness { count: witness.count, hash: Hash(fixed("witness.hash", &witness.hash)?) },
        request: Uuid::from_bytes(fixed("request_id", &message.request_id)?),
    })
}

/// The one encoding of a record's value.
#[must_use]
pub fn encode_read(read: &Read) -> Vec<u8> {
    pb::Read { body: read.body.clone(), seal: Some(write_seal(&read.seal)) }.encode_to_vec()
}

/// The record that has just this encoding. The body is not looked into, nor is its length.
///
/// # Errors
/// What is wrong with the bytes.
pub fn decode_read(value: &Bytes) -> Result<Read, DecodeFault> {
    let message = pb::Read::decode(value.clone()).map_err(DecodeFault::Protobuf)?;
    if message.body.is_empty() {
        return Err(Invalid::missing("body").into());
    }
    let seal = read_seal(given("seal", message.seal)?).map_err(|invalid| invalid.within("seal"))?;
    let read = Read { body: message.body, seal };
    canonical(&encode_read(&read), value)?;
    Ok(read)
}

#[cfg(test)]
mod tests;

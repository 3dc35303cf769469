//! Bodies: what one command leads to, exactly as it is hashed and signed.

use bytes::Bytes;
use lienthong_dossier::{Act, Actor, CommandId, DossierCode, EVENTS_MAX};
use lienthong_registry::{AgencyId, Rules};
use lienthong_seal::Hash;
use prost::Message as _;
use uuid::Uuid;

use super::envelope::{NamedEnvelope, RecipientWrap};
use super::{DecodeFault, canonical, read, write};
use crate::Coded as _;
use crate::Invalid;
use crate::code::coded;
use crate::field::{fixed, fixed_or_none, given, list, text};
use crate::pb::common::v1::ErrorReason;
use crate::pb::log::v1 as pb;
use crate::time::micros_field;

/// The most bytes of a body.
pub const BODY_BYTES_MAX: usize = 64 * 1024;

/// Envelopes of one record at most: one for each event.
const ENVELOPES_MAX: usize = EVENTS_MAX;

/// Wraps of one record at most: one for each event, and the recovery key's.
const WRAPS_MAX: usize = EVENTS_MAX + 1;

/// What one command leads to, with all that the node adds before sealing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// Id of the log.
    pub log_id: Hash,
    /// The rules it was decided by.
    pub rules: Rules,
    /// Who acted on what, when, and what happened.
    pub act: Act,
    /// Leaf of the dossier's last admitted proposal; none for its first.
    pub prev: Option<Hash>,
    /// The history of the partition as the author knew it.
    pub witness: Witness,
    /// Id of the command.
    pub command_id: CommandId,
    /// Keyed hash of the canonical command.
    pub command_hash: Hash,
    /// SHA-256 of the dossier's data key; in its first record only.
    pub data_key: Option<Hash>,
    /// Personal details, encrypted.
    pub envelopes: Vec<NamedEnvelope>,
    /// The data key's half for each that gains access.
    pub wraps: Vec<RecipientWrap>,
}

/// The running hash of a partition up to a multiple of 64 records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Witness {
    /// How many records it covers.
    pub count: u64,
    /// The running hash there.
    pub hash: Hash,
}

/// To whom something is wrapped.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Recipient {
    /// An agency that gains access.
    Agency(AgencyId),
    /// The log's offline recovery key.
    Recovery,
}

/// The one encoding of a body. It is not checked against [`BODY_BYTES_MAX`].
#[must_use]
pub fn encode_body(body: &Body) -> Vec<u8> {
    let act = &body.act;
    let message = pb::Body {
        log_id: write::hash(body.log_id),
        rules: body.rules.0,
        code: act.code.as_str().to_owned(),
        at_us: act.at.as_micros(),
        occurred_at_us: act.occurred_at.map(|instant| instant.as_micros()),
        prev: body.prev.map(write::hash).unwrap_or_default(),
        witness: Some(pb::Witness { count: body.witness.count, hash: write::hash(body.witness.hash) }),
        command_id: body.command_id.0.as_bytes().to_vec().into(),
        command_hash: write::hash(body.command_hash),
        agency: act.agency.as_str().to_owned(),
        actor: Some(write_actor(&act.actor)),
        events: act.events.iter().map(write::event).collect(),
        data_key_sha256: body.data_key.map(write::hash).unwrap_or_default(),
        envelopes: body.envelopes.iter().map(NamedEnvelope::write).collect(),
        wraps: body.wraps.iter().map(RecipientWrap::write).collect(),
    };
    message.encode_to_vec()
}

/// The body that has just this encoding.
///
/// # Errors
/// What is wrong with the bytes; [`DecodeFault::TooLarge`] before anything is read.
pub fn decode_body(bytes: &Bytes) -> Result<Body, DecodeFault> {
    if bytes.len() > BODY_BYTES_MAX {
        return Err(DecodeFault::TooLarge { bytes: bytes.len(), bytes_max: BODY_BYTES_MAX });
    }
    let body = read_body(pb::Body::decode(bytes.clone()).map_err(DecodeFault::Protobuf)?)?;
    canonical(&encode_body(&body), bytes)?;
    Ok(body)
}

fn read_body(message: pb::Body) -> Result<Body, Invalid> {
    let witness = given("witness", message.witness)?;
    let actor = given("actor", message.actor)?;
    if message.events.is_empty() {
        return Err(Invalid::missing("events"));
    }
    if message.rules == 0 {
        return Err(Invalid::new("rules", "begin with 1", ErrorReason::Missing));
    }
    Ok(Body {
        log_id: Hash(fixed("log_id", &message.log_id)?),
        rules: Rules(message.rules),
        act: Act {
            code: text::<DossierCode>("code", &message.code)?,
            agency: text("agency", &message.agency)?,
            actor: read_actor(&actor).map_err(|invalid| invalid.within("actor"))?,
            at: micros_field("at_us", message.at_us)?,
            occurred_at: message.occurred_at_us.map(|us| micros_field("occurred_at_us", us)).transpose()?,
            events: list("events", message.events, EVENTS_MAX, read::event)?,
        },
        prev: fixed_or_none("prev", &message.prev)?.map(Hash),
        witness: Witness { count: witness.count, hash: Hash(fixed("witness.hash", &witness.hash)?) },
        command_id: CommandId(Uuid::from_bytes(fixed("command_id", &message.command_id)?)),
        command_hash: Hash(fixed("command_hash", &message.command_hash)?),
        data_key: fixed_or_none("data_key_sha256", &message.data_key_sha256)?.map(Hash),
        envelopes: list("envelopes", message.envelopes, ENVELOPES_MAX, NamedEnvelope::read)?,
        wraps: list("wraps", message.wraps, WRAPS_MAX, RecipientWrap::read)?,
    })
}

pub(super) fn write_actor(actor: &Actor) -> pb::Actor {
    pb::Actor {
        officer: actor.officer.as_str().to_owned(),
        name: actor.name.as_str().to_owned(),
        role: actor.role.as_str().to_owned(),
        power: actor.power.number(),
    }
}

pub(super) fn read_actor(actor: &pb::Actor) -> Result<Actor, Invalid> {
    Ok(Actor {
        officer: text("officer", &actor.officer)?,
        name: text("name", &actor.name)?,
        role: text("role", &actor.role)?,
        power: coded("power", actor.power)?,
    })
}

//! Requests of the contract, parsed once into the dossier's commands.
//!
//! ```text
//! request { header, code, …, details } --into_command(at)--> Command { …, private, secrecy, action }, or Invalid
//! ```
//!
//! Personal details become the bytes of an envelope and are looked into no further; a secrecy label goes along, so that
//! the dossier's rules refuse the command.

pub mod assess;
mod casework;
mod history;
mod land_registry;
pub mod personal;
mod tax_office;
mod ward_desk;

use lienthong_calendar::Instant;
use lienthong_dossier::{Action, Actor, Command, CommandId, DossierCode, Line, Private};
use lienthong_registry::AgencyId;
use prost::Message as _;
use uuid::Uuid;

use crate::Invalid;
use crate::code::coded;
use crate::field::{given, text};
use crate::pb::common::v1::{self as pb, ErrorReason};
use crate::pb::personal::v1::PersonalDetails;
use crate::time::instant_or_none;

pub use history::import_command_id;

/// A request that commands something.
pub trait IntoCommand {
    /// The command. `at` is what its node says; it is set anew on each try.
    ///
    /// # Errors
    /// The first field that is missing or not of its form.
    fn into_command(self, at: Instant) -> Result<Command, Invalid>;
}

/// What of a request is read by whoever does not know which one it is.
#[derive(Clone, PartialEq, prost::Message)]
struct Coded {
    /// Every request that commands something has it here.
    #[prost(string, tag = "2")]
    code: String,
}

/// The dossier code of an encoded request that commands something; empty where there is none.
#[must_use]
pub fn code_of(request: &[u8]) -> String {
    Coded::decode(request).map(|coded| coded.code).unwrap_or_default()
}

/// What every command begins with.
struct Head {
    id: CommandId,
    code: DossierCode,
    agency: AgencyId,
    actor: Actor,
    occurred_at: Option<Instant>,
}

impl Head {
    /// Header and code of a request.
    fn read(header: Option<pb::CommandHeader>, code: &str) -> Result<Self, Invalid> {
        Self::read_with(header, code, command_id)
    }

    /// The same, where the id is read in another way.
    fn read_with(
        header: Option<pb::CommandHeader>,
        code: &str,
        id: impl FnOnce(&str) -> Result<CommandId, Invalid>,
    ) -> Result<Self, Invalid> {
        let header = given("header", header)?;
        let within = |invalid: Invalid| invalid.within("header");
        let actor = given("actor", header.actor).map_err(within)?;
        Ok(Self {
            id: id(&header.command_id).map_err(within)?,
            agency: text("agency", &header.agency).map_err(within)?,
            actor: read_actor(&actor).map_err(|invalid| within(invalid.within("actor")))?,
            occurred_at: instant_or_none("occurred_at", header.occurred_at.as_ref()).map_err(within)?,
            code: text("code", code)?,
        })
    }

    /// The command that this begins.
    fn command(self, at: Instant, action: Action) -> Command {
        let Self { id, code, agency, actor, occurred_at } = self;
        Command { id, code, agency, actor, at, occurred_at, private: None, secrecy: None, action }
    }
}

fn command_id(id: &str) -> Result<CommandId, Invalid> {
    if id.is_empty() {
        return Err(Invalid::missing("command_id"));
    }
    let malformed = |_| Invalid::new("command_id", "is not a UUID", ErrorReason::Malformed);
    Uuid::try_parse(id).map(CommandId).map_err(malformed)
}

fn read_actor(actor: &pb::Actor) -> Result<Actor, Invalid> {
    Ok(Actor {
        officer: text("officer_id", &actor.officer_id)?,
        name: text("name", &actor.name)?,
        role: text("role", &actor.role)?,
        power: coded("power", actor.power)?,
    })
}

/// What a request may add to a command.
trait With: Sized {
    /// With personal details, if any are given.
    fn with(self, details: Option<PersonalDetails>) -> Self;

    /// With the secrecy label of a paper, if one has any.
    fn labelled(self, secrecy: Option<Line>) -> Self;
}

impl With for Command {
    fn with(self, details: Option<PersonalDetails>) -> Self {
        let bytes = details.map(|details| details.encode_to_vec()).filter(|bytes| !bytes.is_empty());
        Self { private: bytes.map(Private), ..self }
    }

    fn labelled(self, secrecy: Option<Line>) -> Self {
        Self { secrecy, ..self }
    }
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;

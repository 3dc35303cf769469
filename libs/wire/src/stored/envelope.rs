//! Envelopes and wraps as a record carries them: each with what it is for.

use lienthong_dossier::EnvelopeName;
use lienthong_seal::{Envelope, Hash, Wrap};

use super::{Recipient, write};
use crate::Invalid;
use crate::field::{fixed, text, text_or_none};
use crate::pb::common::v1::ErrorReason;
use crate::pb::log::v1 as pb;

/// An envelope under the name by which an event of the same record speaks of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedEnvelope {
    /// The name of the event it belongs to, one of a kind within the record.
    pub name: EnvelopeName,
    /// What is encrypted.
    pub envelope: Envelope,
}

/// The wrapped half of a data key, and to whom it is wrapped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipientWrap {
    /// Who can open it.
    pub recipient: Recipient,
    /// What is wrapped.
    pub wrap: Wrap,
}

impl NamedEnvelope {
    pub(super) fn write(&self) -> pb::Envelope {
        pb::Envelope {
            name: self.name.as_str().to_owned(),
            nonce: self.envelope.nonce.to_vec().into(),
            ciphertext: self.envelope.ciphertext.clone().into(),
        }
    }

    pub(super) fn read(message: pb::Envelope) -> Result<Self, Invalid> {
        if message.ciphertext.len() < Envelope::TAG_BYTES {
            return Err(Invalid::new("ciphertext", "is shorter than its tag", ErrorReason::Malformed));
        }
        let envelope =
            Envelope { nonce: fixed("nonce", &message.nonce)?, ciphertext: message.ciphertext.into() };
        Ok(Self { name: text("name", &message.name)?, envelope })
    }
}

impl RecipientWrap {
    pub(super) fn write(&self) -> pb::Wrap {
        let recipient = match &self.recipient {
            Recipient::Agency(agency) => agency.as_str().to_owned(),
            Recipient::Recovery => String::new(),
        };
        pb::Wrap {
            recipient,
            key_id: write::hash(self.wrap.key_id),
            encapsulated: self.wrap.encapsulated.to_vec().into(),
            ciphertext: self.wrap.ciphertext.clone().into(),
        }
    }

    pub(super) fn read(message: pb::Wrap) -> Result<Self, Invalid> {
        let recipient =
            text_or_none("recipient", &message.recipient)?.map_or(Recipient::Recovery, Recipient::Agency);
        fixed::<{ Wrap::CIPHERTEXT_BYTES }>("ciphertext", &message.ciphertext)?;
        let wrap = Wrap {
            key_id: Hash(fixed("key_id", &message.key_id)?),
            encapsulated: fixed("encapsulated", &message.encapsulated)?,
            ciphertext: message.ciphertext.into(),
        };
        Ok(Self { recipient, wrap })
    }
}

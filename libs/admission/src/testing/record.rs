//! For tests: records, as a node makes them and as nobody should.

use bytes::Bytes;
use lienthong_seal::{SigningKey, leaf};
use lienthong_wire::stored::{self, Body, Entry, Proposal};

use super::CODE;

/// A record as it is appended.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) key: Vec<u8>,
    pub(crate) headers: Vec<(String, Bytes)>,
    pub(crate) value: Bytes,
    pub(crate) appended_ms: i64,
}

impl Sent {
    /// A record whose value is nothing but these bytes.
    pub(crate) fn raw(value: impl Into<Bytes>) -> Self {
        Self { key: CODE.into(), headers: Vec::new(), value: value.into(), appended_ms: 0 }
    }

    pub(crate) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }
}

/// A body and the node that is to seal it.
#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) body: Body,
    pub(crate) signer: SigningKey,
}

impl Draft {
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Body)) -> Self {
        change(&mut self.body);
        self
    }

    pub(crate) fn signed_by(self, signer: SigningKey) -> Self {
        Self { signer, ..self }
    }

    pub(crate) fn proposal(&self) -> Proposal {
        let body = Bytes::from(stored::encode_body(&self.body));
        let seal = self.signer.seal_all(self.body.log_id, &[leaf(&body)]).remove(0);
        Proposal { body, seal }
    }

    /// The record, appended at the very instant it was made.
    pub(crate) fn sent(&self) -> Sent {
        self.sent_as(self.proposal())
    }

    /// The record with a proposal that is not what a node would make of the body.
    pub(crate) fn sent_as(&self, proposal: Proposal) -> Sent {
        let act = &self.body.act;
        let headers = stored::proposal_headers(leaf(&proposal.body), act, None);
        Sent {
            key: act.code.as_str().into(),
            headers: headers.into_iter().map(|header| (header.name.to_owned(), header.value)).collect(),
            value: stored::encode_entry(&Entry::Proposal(proposal)).into(),
            appended_ms: act.at.as_micros() / 1_000,
        }
    }
}

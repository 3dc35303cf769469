//! Records as a node makes them of a desk's commands: decided, encrypted, wrapped, sealed.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use fastrand::Rng;
use lienthong_admission::{Access, State, wraps_due};
use lienthong_dossier::{Act, Command, Denial, Event, decide, fold};
use lienthong_log::{Header, Partition, Record};
use lienthong_registry::Registry;
use lienthong_seal::{
    DataKey, EnvelopePlace, ErasableHalf, Hash, SigningKey, WrapPlace, WrappedHalf, chain, leaf, partition_of,
};
use lienthong_wire::stored::{
    Body, Entry, NamedEnvelope, Proposal, Recipient, RecipientWrap, Witness, encode_body, encode_entry,
    proposal_headers,
};
use lienthong_wire::{IntoCommand as _, timestamp};

use super::HistoryError;
use super::script::{Case, Script};
use super::shelf::Kept;
use crate::bench::acts::{self, Next};

/// Writes records, one dossier at a time.
pub(super) struct Scribe {
    pub(super) script: Arc<Script>,
    pub(super) registry: Arc<Registry>,
    pub(super) log_id: Hash,
    /// The key of the desks' node.
    pub(super) key: Arc<SigningKey>,
    /// Records under one signature.
    pub(super) signed_together: usize,
    pub(super) rng: Rng,
}

/// A record that is not sealed yet.
pub(super) struct Draft {
    partition: u16,
    code: Bytes,
    headers: Vec<Header>,
    leaf: Hash,
    body: Bytes,
}

impl Scribe {
    /// The n-th record of a dossier, the reception being 0, and what is to be known of the dossier after it.
    pub(super) fn draft(
        &mut self,
        number: u64,
        n: u32,
        before: Option<Kept>,
    ) -> Result<(Draft, Kept), HistoryError> {
        let script = Arc::clone(&self.script);
        let case = script.case(number);
        let command = self.command(&case, n)?;
        let state = before.as_ref().map(|kept| &kept.state);
        let dossier = state.map(|state| &state.dossier);
        let events = decide(self.registry.rules(), dossier, &self.registry, &command)?;
        let (half, erasable) = match &before {
            Some(kept) => (kept.half.clone(), kept.erasable.clone()),
            None => (WrappedHalf::generate()?, ErasableHalf::generate()?),
        };
        let body = self.body(state, &command, events, &half, &erasable)?;
        let bytes = Bytes::from(encode_body(&body));
        let leaf = leaf(&bytes);
        let headers = proposal_headers(leaf, &body.act, None).into_iter();
        let draft = Draft {
            partition: partition_of(&case.code, self.registry.partitions()),
            headers: headers
                .map(|header| Header { name: header.name.to_owned(), value: header.value })
                .collect(),
            code: Bytes::from(case.code),
            leaf,
            body: bytes,
        };
        let state = after(before.map(|kept| kept.state), &body, leaf)?;
        Ok((draft, Kept { half, erasable, state }))
    }

    /// What the desk asks for, as its request says it.
    fn command(&mut self, case: &Case<'_>, n: u32) -> Result<Command, HistoryError> {
        let at = case.at(n);
        let header = acts::header(&mut self.rng, &case.agency, timestamp(at));
        Ok(match n.checked_sub(1) {
            None => acts::reception(&mut self.rng, header, &case.code, case.commune).into_command(at)?,
            Some(n) => Next::nth(n, header, &case.code).into_command(at)?,
        })
    }

    /// The body that a node makes of what was decided. As witness it names the beginning of its partition, which every
    /// reader knows, so that it can be written before it is known what stands before it.
    fn body(
        &self,
        state: Option<&State>,
        command: &Command,
        events: Vec<Event>,
        half: &WrappedHalf,
        erasable: &ErasableHalf,
    ) -> Result<Body, HistoryError> {
        let (log_id, key) = (self.log_id, DataKey::derive(half, erasable)?);
        let Command { code, agency, actor, at, occurred_at, .. } = command.clone();
        let act = Act { code, agency, actor, at, occurred_at, events };
        let code = act.code.as_str();
        let mut envelopes = Vec::new();
        for name in act.events.iter().filter_map(|event| event.kind.detail()) {
            let plaintext = command.private.as_ref().map_or(&[][..], |private| &private.0);
            let envelope = key.encrypt(&EnvelopePlace { log_id, code, name: name.as_str() }, plaintext)?;
            envelopes.push(NamedEnvelope { name: name.clone(), envelope });
        }
        let mut wraps = Vec::new();
        let due = wraps_due(&self.registry, state, &act);
        for (recipient, to) in due.map_err(|agency| Denial::UnknownAgency { agency })? {
            let agency = match &recipient {
                Recipient::Agency(agency) => agency.as_str(),
                Recipient::Recovery => "",
            };
            let wrap = half.wrap(&to, &WrapPlace { log_id, code, agency })?;
            wraps.push(RecipientWrap { recipient, wrap });
        }
        let partition = partition_of(code, self.registry.partitions());
        Ok(Body {
            log_id,
            rules: self.registry.rules(),
            prev: state.map(|state| state.head),
            witness: Witness { count: 0, hash: chain::start(log_id, u32::from(partition)) },
            command_id: command.id,
            command_hash: key.command_hash(&command.canonical()),
            data_key: state.is_none().then(|| key.fingerprint()),
            envelopes,
            wraps,
            act,
        })
    }

    /// The records of drafts, so many under each signature.
    pub(super) fn seal(&self, drafts: Vec<Draft>) -> Vec<(Partition, Record)> {
        let leaves: Vec<Hash> = drafts.iter().map(|draft| draft.leaf).collect();
        let together = leaves.chunks(self.signed_together.max(1));
        let seals = together.flat_map(|leaves| self.key.seal_all(self.log_id, leaves));
        let sealed = drafts.into_iter().zip(seals).map(|(draft, seal)| {
            let Draft { partition, code, headers, leaf: _, body } = draft;
            let entry = Entry::Proposal(Proposal { body, seal });
            let record = Record { key: code, headers, value: Bytes::from(encode_entry(&entry)) };
            (Partition::Dossiers(partition), record)
        });
        sealed.collect()
    }
}

/// A dossier's state with one more record, as far as the next one is decided by it.
fn after(before: Option<State>, body: &Body, head: Hash) -> Result<State, HistoryError> {
    let (dossier, mut access, data_key) = match before {
        Some(State { dossier, access, data_key, .. }) => (Some(dossier), access, data_key),
        None => (None, BTreeMap::new(), body.data_key.unwrap_or(Hash::ZERO)),
    };
    for wrap in &body.wraps {
        if let Recipient::Agency(agency) = &wrap.recipient {
            // Where the record will lie is not known, and nobody asks for it here.
            access.insert(agency.clone(), Access { key_id: wrap.wrap.key_id, offset: 0 });
        }
    }
    let dossier = fold(dossier, &body.act).ok_or(Denial::UnknownDossier)?;
    Ok(State { dossier, head, records: Vec::new(), access, data_key })
}

//! The command path: decide, seal, append, wait for the own record's verdict, answer.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures::future::{Either, select};
use lienthong_admission::{RECORDS_MAX, Reason, State, wraps_due};
use lienthong_calendar::Instant;
use lienthong_dossier::{Act, Action, Command, Denial, DossierCode, Event, Status, decide};
use lienthong_log::{AppendError, Header, Partition, Record};
use lienthong_registry::{LogKind, Registry};
use lienthong_seal::{EnvelopePlace, Hash, WrapPlace, leaf, partition_of};
use lienthong_wire::stored::{
    self, BODY_BYTES_MAX, Body, Entry, NamedEnvelope, Proposal, Recipient, RecipientWrap, TraceParent,
    Witness,
};
use tokio::time;

use crate::error::Refusal;
use crate::keys::NodeKeys;
use crate::node::{COMMANDS_MAX, Node};
use crate::pending::{Outcome, Stands};
use crate::repeat::last;
use crate::sealer::Sealed;
use crate::shares::Way;
use crate::vault::Secrets;

/// Tries of one command when other nodes are faster.
pub const TRIES_MAX: u32 = 8;
/// How long a command may take in all, from its arrival to the verdict on its record.
pub const VERDICT_WAIT_MAX: Duration = Duration::from_secs(20);
/// How long a command waits for its node to apply what the log holds already.
pub const CATCH_UP_MAX: Duration = Duration::from_secs(5);
/// An `occurred_at` may lie this far after the clock in a production log.
pub const AHEAD_MAX: Duration = Duration::from_secs(5);

/// Why a command was not offered to the log in time.
const OUT_OF_TIME: &str = "the time of the call was over before anything was offered to the log";

/// The answer to a command: it stands in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The dossier.
    pub code: DossierCode,
    /// Partition of the record.
    pub partition: u16,
    /// Offset behind the record.
    pub next: u64,
    /// Leaf of the record.
    pub leaf: Hash,
    /// The instant that counts.
    pub at: Instant,
    /// National status after it; none for imported history.
    pub status: Option<Status>,
    /// The promise after it.
    pub due: Option<Instant>,
    /// It was carried out before; this is its answer again.
    pub repeated: bool,
}

/// How a command is to be carried out.
#[derive(Debug, Clone)]
pub struct Terms {
    /// When it is to be answered at the latest.
    pub deadline: time::Instant,
    /// How it came.
    pub way: Way,
    /// The trace that the call belongs to, which goes into the record's headers.
    pub trace: Option<TraceParent>,
}

impl Terms {
    /// Of a command that came alone and belongs to no trace.
    #[must_use]
    pub fn by(deadline: time::Instant) -> Self {
        Self { deadline, way: Way::Alone, trace: None }
    }
}

impl Node {
    /// Carries out a command, or answers it again when it was carried out before.
    ///
    /// # Errors
    /// Why it changed nothing; only `Refusal::Unknown` leaves that open.
    pub async fn submit(&self, command: Command) -> Result<Receipt, Refusal> {
        self.submit_by(command, Terms::by(time::Instant::now() + VERDICT_WAIT_MAX)).await
    }

    /// The same, answered by a deadline whatever the log does.
    ///
    /// # Errors
    /// As [`Node::submit`]. At the deadline `Refusal::Unknown` when the record was offered to the log, where it may yet
    /// appear; else `Refusal::NotReady`.
    pub async fn submit_by(&self, command: Command, terms: Terms) -> Result<Receipt, Refusal> {
        let deadline = terms.deadline.min(time::Instant::now() + VERDICT_WAIT_MAX);
        let offered = AtomicBool::new(false);
        tokio::select! {
            biased;
            carried_out = self.carry_out(command, &terms, &offered) => carried_out,
            // What was under way is dropped here: its turn, its place at the gate, its wait for a verdict.
            () = time::sleep_until(deadline) => Err(match offered.load(Ordering::Relaxed) {
                true => Refusal::Unknown,
                false => Refusal::NotReady { why: OUT_OF_TIME.to_owned() },
            }),
        }
    }

    async fn carry_out(
        &self,
        command: Command,
        terms: &Terms,
        offered: &AtomicBool,
    ) -> Result<Receipt, Refusal> {
        let inner = &self.0;
        let permit = inner.gate.try_acquire();
        // Asked with the permit in hand: what has one before the drain begins, the drain waits for.
        if inner.draining.is_cancelled() {
            return Err(Refusal::Draining);
        }
        let _permit = permit.map_err(|_| Refusal::Busy { limit: COMMANDS_MAX })?;
        if inner.failed.is_cancelled() {
            return Err(self.not_ready());
        }
        let partition = partition_of(command.code.as_str(), self.partitions());
        if self.registry_of(partition).agency(&command.agency).is_none() {
            return Err(Denial::UnknownAgency { agency: command.agency }.into());
        }
        let keys = inner.keys.as_ref().filter(|_| self.serves(&command.agency));
        let Some(keys) = keys else { return Err(Refusal::NotServed { agency: command.agency }) };
        if let Some(label) = &command.secrecy {
            // Only the refusal is noted, never the paper.
            tracing::warn!(node = inner.name, agency = %command.agency, label = secrecy(label.as_str()), "refused a secret paper");
            inner.tally.secret.add((command.agency.clone(), secrecy(label.as_str())));
        }
        if let Some(refusal) = self.trouble() {
            // What stands already needs no append.
            let state = inner.store.state(&command.code)?;
            let Some(state) = state.filter(|state| state.record_of(command.id).is_some()) else {
                return Err(refusal);
            };
            return self.repeat(keys, &state, partition, &command).await?.ok_or(refusal);
        }
        let asked = inner.shares.ask(&command.agency, terms.way)?;
        let _turn = inner.lanes.turn(&command.code).await;
        let place = asked.place().await;
        let carried_out =
            pin!(self.carry_out_in_turn(command, keys, partition, terms.trace.as_ref(), offered));
        match select(carried_out, pin!(time::sleep(terms.way.hold_max()))).await {
            Either::Left((carried_out, _)) => carried_out,
            Either::Right(((), carried_out)) => {
                drop(place);
                carried_out.await
            }
        }
    }

    /// The same for a command that no other of its dossier is before.
    async fn carry_out_in_turn(
        &self,
        mut command: Command,
        keys: &NodeKeys,
        partition: u16,
        trace: Option<&TraceParent>,
        offered: &AtomicBool,
    ) -> Result<Receipt, Refusal> {
        let inner = &self.0;
        let said = command.occurred_at;
        self.see_what_the_log_has(partition).await?;
        let (mut is_newest, mut log_clock) = (false, None);
        for _ in 0..TRIES_MAX {
            let state = inner.store.state(&command.code)?;
            let registry = self.registry_of(partition);
            let at = self.at(&registry, state.as_deref(), &command.action, said)?;
            command.at = log_clock.map_or(at, |clock| at.max(clock));
            if let Some(state) = &state
                && let Some(receipt) = self.repeat(keys, state, partition, &command).await?
            {
                return Ok(receipt);
            }
            if state.as_ref().is_some_and(|state| state.records.len() >= RECORDS_MAX) {
                return Err(Refusal::Void(Reason::Full.into()));
            }
            let dossier = state.as_ref().map(|state| &state.dossier);
            let events = match decide(registry.rules(), dossier, &registry, &command) {
                // Another node may have been told a moment ago what this one has not read yet.
                Err(_) if !is_newest => {
                    is_newest = true;
                    self.see_what_others_were_told(partition).await?;
                    continue;
                }
                decided => decided?,
            };
            if events.is_empty()
                && let Some(state) = &state
            {
                return Ok(last(state, partition, &command));
            }
            // Whoever queued behind an append that is cut off does not wait as long as that one did.
            if let Some(refusal) = self.trouble() {
                return Err(refusal);
            }
            let secrets = match self.secrets(keys, state.as_deref(), &command).await {
                // Another node may have read of an erasure that this one has not.
                Err(Refusal::NoKey) if !is_newest => {
                    is_newest = true;
                    self.see_what_others_were_told(partition).await?;
                    continue;
                }
                secrets => secrets?,
            };
            let body = self.body(&registry, partition, state.as_deref(), &command, events, &secrets)?;
            let bytes = stored::encode_body(&body);
            if bytes.len() > BODY_BYTES_MAX {
                return Err(Refusal::TooLarge { bytes: bytes.len(), bytes_max: BODY_BYTES_MAX });
            }
            match self.propose(keys, partition, &body, bytes, trace, offered).await? {
                (leaf, Outcome::Admitted(stands)) => {
                    return Ok(receipt(&command, partition, leaf, stands));
                }
                // This node was too slow, or its clock is: that of an embedded log waits for the machine's when that
                // is put back, and until then only the log's own time is none that has expired.
                (_, Outcome::Void { void, appended }) if void.reason == Reason::Expired => {
                    log_clock = Some(appended);
                }
                // Another node was faster: look again at the newer state, where this command may even stand.
                (_, Outcome::Void { void, .. })
                    if matches!(void.reason, Reason::Stale | Reason::Repeat | Reason::Backdated) => {}
                (_, Outcome::Void { void, .. }) => return Err(Refusal::Void(void)),
            }
        }
        Err(Refusal::Stale { tries: TRIES_MAX })
    }

    /// Applies all that the log is known to hold, so that what one agency was told, another can act upon.
    async fn see_what_the_log_has(&self, partition: u16) -> Result<(), Refusal> {
        let end = *self.0.log.tail(Partition::Dossiers(partition)).map_err(Refusal::Read)?.borrow();
        let reached = self.reach(partition, end, CATCH_UP_MAX).await;
        reached.map_err(|lag| Refusal::NotReady { why: lag.to_string() })
    }

    /// Applies all that the log holds for anybody: asked for before a command is denied, and before personal data is shown.
    pub(crate) async fn see_what_others_were_told(&self, partition: u16) -> Result<(), Refusal> {
        let end = self.0.log.newest(Partition::Dossiers(partition)).await.map_err(Refusal::Read)?;
        let reached = self.reach(partition, end, CATCH_UP_MAX).await;
        reached.map_err(|lag| Refusal::NotReady { why: lag.to_string() })
    }

    /// The instant that will count: what the caller says in a training log, else the clock; never before the
    /// dossier's last record unless the caller says so, which is then denied.
    fn at(
        &self,
        registry: &Registry,
        state: Option<&State>,
        action: &Action,
        said: Option<Instant>,
    ) -> Result<Instant, Refusal> {
        let now = self.now();
        let last = state.map(|state| state.dossier.last_at());
        if let Action::ImportHistory(_) = action {
            // Told today, whenever it happened.
            return Ok(now);
        }
        let at = match (registry.kind(), said) {
            (LogKind::Training, Some(said)) => said,
            (LogKind::Production, Some(said)) if said.as_micros() > ahead(now) => {
                return Err(Refusal::Ahead { said, now });
            }
            (LogKind::Training, None) | (LogKind::Production, _) => last.map_or(now, |last| last.max(now)),
        };
        let on = at.date();
        if let Some(calendar) = registry.calendar_in_force(on)
            && let Err(beyond) = calendar.is_working_day(on)
        {
            return Err(Denial::from(beyond).into());
        }
        Ok(at)
    }

    fn body(
        &self,
        registry: &Registry,
        partition: u16,
        state: Option<&State>,
        command: &Command,
        events: Vec<Event>,
        secrets: &Secrets,
    ) -> Result<Body, Refusal> {
        let inner = &self.0;
        let log_id = inner.log_id;
        let act = Act {
            code: command.code.clone(),
            agency: command.agency.clone(),
            actor: command.actor.clone(),
            at: command.at,
            occurred_at: command.occurred_at,
            events,
        };
        let code = command.code.as_str();
        let mut envelopes = Vec::new();
        for name in act.events.iter().filter_map(|event| event.kind.detail()) {
            let place = EnvelopePlace { log_id, code, name: name.as_str() };
            let plaintext = command.private.as_ref().map_or(&[][..], |private| &private.0);
            let envelope = secrets.key.encrypt(&place, plaintext)?;
            envelopes.push(NamedEnvelope { name: name.clone(), envelope });
        }
        let due = wraps_due(registry, state, &act)
            .map_err(|agency| Refusal::from(Denial::UnknownAgency { agency }))?;
        let mut wraps = Vec::new();
        for (recipient, key) in due {
            let agency = match &recipient {
                Recipient::Agency(agency) => agency.as_str(),
                Recipient::Recovery => "",
            };
            let wrap = secrets.half.wrap(&key, &WrapPlace { log_id, code, agency })?;
            wraps.push(RecipientWrap { recipient, wrap });
        }
        let (count, hash) = inner.progress[usize::from(partition)].borrow().witness;
        Ok(Body {
            log_id,
            rules: registry.rules(),
            act,
            prev: state.map(|state| state.head),
            witness: Witness { count, hash },
            command_id: command.id,
            command_hash: secrets.key.command_hash(&command.canonical()),
            data_key: state.is_none().then(|| secrets.key.fingerprint()),
            envelopes,
            wraps,
        })
    }

    /// Seals together with what else waits to be sealed, appends, and waits until this node itself has judged the record.
    /// `offered` is true from the append on, until it is known what became of the record.
    async fn propose(
        &self,
        keys: &NodeKeys,
        partition: u16,
        body: &Body,
        bytes: Vec<u8>,
        trace: Option<&TraceParent>,
        offered: &AtomicBool,
    ) -> Result<(Hash, Outcome), Refusal> {
        let inner = &self.0;
        let leaf = leaf(&bytes);
        let key = keys.signing_for(&self.registry_of(partition), body.act.at.date())?;
        let mut waiting = inner.pending.expect(leaf);
        let Sealed { seal, place } = inner.sealer.seal(key, leaf).await?;
        let entry = Entry::Proposal(Proposal { body: Bytes::from(bytes), seal });
        let record = Record {
            key: Bytes::copy_from_slice(body.act.code.as_str().as_bytes()),
            headers: stored::proposal_headers(leaf, &body.act, trace)
                .into_iter()
                .map(|header| Header { name: header.name.to_owned(), value: header.value })
                .collect(),
            value: Bytes::from(stored::encode_entry(&entry)),
        };
        offered.store(true, Ordering::Relaxed);
        let appended = inner.log.append(Partition::Dossiers(partition), record).await;
        drop(place);
        match appended {
            Ok(_) | Err(AppendError::Unknown { .. }) => {}
            Err(error) => return Err(not_appended(error)),
        }
        let outcome = tokio::select! {
            verdict = &mut waiting.outcome => verdict.map_err(|_| Refusal::Unknown)?,
            () = inner.failed.cancelled() => return Err(Refusal::Unknown),
        };
        offered.store(false, Ordering::Relaxed);
        Ok((leaf, outcome))
    }
}

/// Why the log did not take a record or a value.
pub(crate) fn not_appended(error: AppendError) -> Refusal {
    if let AppendError::Full { limit } = error { Refusal::Busy { limit } } else { Refusal::Append(error) }
}

/// The label as the law names it (Luật Bảo vệ bí mật nhà nước); what else stands there may be anything and is not
/// logged.
fn secrecy(label: &str) -> &'static str {
    match label.trim().to_lowercase().as_str() {
        "mật" => "mật",
        "tối mật" => "tối mật",
        "tuyệt mật" => "tuyệt mật",
        _ => "other",
    }
}

fn ahead(now: Instant) -> i64 {
    now.as_micros().saturating_add(i64::try_from(AHEAD_MAX.as_micros()).unwrap_or(i64::MAX))
}

fn receipt(command: &Command, partition: u16, leaf: Hash, stands: Stands) -> Receipt {
    Receipt {
        code: command.code.clone(),
        partition,
        next: stands.offset + 1,
        leaf,
        at: command.at,
        status: stands.status,
        due: stands.due,
        repeated: false,
    }
}

#[cfg(test)]
pub(crate) mod tests;

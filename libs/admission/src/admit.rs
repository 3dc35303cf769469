//! The one decision: does this proposal count? Checks run in the order of the reasons; the first that fails is the
//! verdict.

use std::sync::Arc;

use lienthong_dossier::{Denial, permit};
use lienthong_registry::{LogKind, Registry};
use lienthong_seal::{Hash, PublicKey, Verifier};

use crate::offered::Offered;
use crate::state::State;
use crate::void::{Reason, Void};
use crate::wraps::wraps_fit;

/// `at` may lie this far after the append time.
pub const AHEAD_MS_MAX: i64 = 5_000;
/// A record may be appended this long after `at`.
pub const EXPIRY_MS_MAX: i64 = 30_000;
/// Records of one dossier at most.
pub const RECORDS_MAX: usize = 4_096;

/// Where records are judged: a partition of a log under a revision of its registry.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// The log.
    pub log_id: Hash,
    /// The dossier partition.
    pub partition: u16,
    /// The revision in force.
    pub registry: &'a Registry,
    /// Remembers which signatures are good.
    pub verifier: &'a Verifier,
}

/// The running hash of a partition as a body may name it.
pub trait History {
    /// The running hash after `count` records; none when that is not a multiple of 64 that has been reached.
    fn chain_at(&self, count: u64) -> Option<Hash>;
}

/// Takes a proposal that counts into the state of its dossier; one that does not leaves it as it was.
///
/// # Errors
/// Why it does not count.
pub fn admit(
    place: &Place<'_>,
    history: &impl History,
    state: &mut Option<Arc<State>>,
    offered: &Offered,
    offset: u64,
    appended_ms: i64,
) -> Result<(), Void> {
    check(place, history, state.as_deref(), offered, appended_ms)?;
    let before = state.take().map(Arc::unwrap_or_clone);
    *state = State::after(before, offered, offset).map(Arc::new);
    Ok(())
}

fn check(
    place: &Place<'_>,
    history: &impl History,
    state: Option<&State>,
    offered: &Offered,
    appended_ms: i64,
) -> Result<(), Void> {
    let Offered { leaf, body, seal } = offered;
    let witnessed = history.chain_at(body.witness.count) == Some(body.witness.hash);
    if body.log_id != place.log_id || !witnessed {
        return Err(Reason::OtherHistory.into());
    }
    if state.is_some_and(|state| state.record_of(body.command_id).is_some()) {
        return Err(Reason::Repeat.into());
    }
    if body.prev != state.map(|state| state.head) {
        return Err(Reason::Stale.into());
    }
    in_time(place, state, body.act.at.as_micros(), appended_ms)?;
    // Of a seal under an unknown key nothing can be said but that the key is unknown.
    let node = place.registry.node(&seal.key_id.0).ok_or(Reason::Key)?;
    place
        .verifier
        .verify(seal, place.log_id, &PublicKey(node.public), *leaf)
        .map_err(|_| Void::from(Reason::Seal))?;
    if !place.registry.may_seal(&seal.key_id.0, &body.act.agency, body.act.at.date()) {
        return Err(Reason::Key.into());
    }
    permit(place.registry.rules(), state.map(|state| &state.dossier), place.registry, &body.act)
        .map_err(|denial: Denial| Void::from(denial))?;
    if !wraps_fit(place.registry, state, body) {
        return Err(Reason::Wraps.into());
    }
    if state.is_some_and(|state| state.records.len() >= RECORDS_MAX) {
        return Err(Reason::Full.into());
    }
    Ok(())
}

fn in_time(place: &Place<'_>, state: Option<&State>, at_us: i64, appended_ms: i64) -> Result<(), Void> {
    if state.is_some_and(|state| at_us < state.dossier.last_at().as_micros()) {
        return Err(Reason::Backdated.into());
    }
    if place.registry.kind() == LogKind::Production {
        let appended_us = appended_ms.saturating_mul(1_000);
        if at_us > appended_us.saturating_add(AHEAD_MS_MAX * 1_000) {
            return Err(Reason::Ahead.into());
        }
        if appended_us > at_us.saturating_add(EXPIRY_MS_MAX * 1_000) {
            return Err(Reason::Expired.into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;

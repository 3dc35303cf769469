//! Which wrapped keys a record must carry: exactly those that its events and the registry call for.

use lienthong_dossier::{Act, gains_access};
use lienthong_registry::{AgencyId, Registry};
use lienthong_seal::{AgencyPublicKey, Hash};
use lienthong_wire::stored::{Body, Recipient};

use crate::state::State;

/// For whom the key is to be wrapped in a record, in the order the record lists them: the log's recovery key on a
/// dossier's first record, then each agency that gains access and has no wrap for its current key.
///
/// # Errors
/// An agency that the registry does not have, or that no node serves.
pub fn wraps_due(
    registry: &Registry,
    state: Option<&State>,
    act: &Act,
) -> Result<Vec<(Recipient, AgencyPublicKey)>, AgencyId> {
    let recovery =
        state.is_none().then(|| (Recipient::Recovery, AgencyPublicKey(registry.recovery().public)));
    let mut due: Vec<_> = recovery.into_iter().collect();
    for agency in gains_access(act) {
        let key = registry.agency(&agency).and_then(|agency| agency.key);
        let key = AgencyPublicKey(key.ok_or_else(|| agency.clone())?.public);
        let has = state
            .and_then(|state| state.access.get(&agency))
            .is_some_and(|access| access.key_id == key.key_id());
        if !has {
            due.push((Recipient::Agency(agency), key));
        }
    }
    Ok(due)
}

/// Whether a body carries exactly the wraps and envelopes that its events call for.
pub(crate) fn wraps_fit(registry: &Registry, state: Option<&State>, body: &Body) -> bool {
    let Ok(due) = wraps_due(registry, state, &body.act) else { return false };
    let due = due.into_iter().map(|(recipient, key)| (recipient, key.key_id()));
    let carried = body.wraps.iter().map(|wrap| (wrap.recipient.clone(), wrap.wrap.key_id));
    let named = body.act.events.iter().filter_map(|event| event.kind.detail());
    let enveloped = body.envelopes.iter().map(|envelope| &envelope.name);
    due.eq(carried)
        && named.eq(enveloped)
        && body.data_key.is_some() == state.is_none()
        && body.data_key != Some(Hash::ZERO)
}

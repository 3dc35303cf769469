//! Data keys: made for a dossier's first record, unwrapped for the agencies this node acts for, remembered for a while.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use lienthong_admission::State;
use lienthong_dossier::{Action, Case, Command, Denial, Dossier, DossierCode};
use lienthong_log::AppendError;
use lienthong_registry::AgencyId;
use lienthong_seal::{DataKey, ErasableHalf, WrapPlace, WrappedHalf, partition_of};
use lienthong_wire::stored::Recipient;

use crate::error::Refusal;
use crate::keys::NodeKeys;
use crate::node::Node;
use crate::submit::not_appended;

/// Keys remembered at most; the oldest half is dropped when there are more.
pub(crate) const DATA_KEYS_MAX: usize = 8_192;

/// A dossier's key, and the half of it that is wrapped for agencies.
pub(crate) struct Secrets {
    pub(crate) half: WrappedHalf,
    pub(crate) key: DataKey,
}

#[derive(Default)]
struct Remembered {
    fresh: HashMap<DossierCode, Arc<Secrets>>,
    old: HashMap<DossierCode, Arc<Secrets>>,
}

/// The keys a node has opened.
#[derive(Default)]
pub(crate) struct Vault {
    remembered: Mutex<Remembered>,
}

impl Vault {
    /// A key for a dossier's first record. Its erasable half is durable before the record can be.
    pub(crate) async fn create(&self, node: &Node, code: &DossierCode) -> Result<Arc<Secrets>, Refusal> {
        let half = WrappedHalf::generate()?;
        let offered = ErasableHalf::generate()?;
        // Whoever received the same code first has put a half there already: both then share it.
        let stands = node.log().put_erasable(code.as_str(), *offered.as_bytes()).await;
        let erasable = match stands {
            Ok(half) => ErasableHalf::from_bytes(&half),
            // What was erased under this code keeps it for good.
            Err(AppendError::Erased) => return Err(Denial::CodeTaken.into()),
            Err(error) => return Err(not_appended(error)),
        };
        let key = DataKey::derive(&half, &erasable)?;
        let secrets = Arc::new(Secrets { half, key });
        // Opened again only when it is the key that the reception came to name.
        self.remember(code, &secrets);
        Ok(secrets)
    }

    /// The key of a dossier that an agency has access to. The erasable half is asked for each time, so that a key which was
    /// remembered is of no use once that is forgotten; and where the dossier is erased, no half that may still stand helps.
    pub(crate) async fn open(
        &self,
        node: &Node,
        keys: &NodeKeys,
        state: &State,
        code: &DossierCode,
        agency: &AgencyId,
    ) -> Result<Arc<Secrets>, Refusal> {
        let Some(access) = state.access.get(agency).filter(|_| node.serves(agency)) else {
            return Err(Refusal::NotAParty { agency: agency.clone() });
        };
        let erasable = match state.dossier.erased() {
            Some(_) => None,
            None => node.log().erasable(code.as_str()).await.map_err(Refusal::Read)?,
        };
        let Some(erasable) = erasable else {
            self.forget(code);
            return Err(Refusal::NoKey);
        };
        if let Some(secrets) = self.remembered(code)
            && secrets.key.fingerprint() == state.data_key
        {
            return Ok(secrets);
        }
        let erasable = ErasableHalf::from_bytes(&erasable);
        let partition = partition_of(code.as_str(), node.partitions());
        let body = node.stored(partition, access.offset).await?.body;
        let recipient = Recipient::Agency(agency.clone());
        let wrap = body
            .wraps
            .iter()
            .find(|wrap| wrap.recipient == recipient && wrap.wrap.key_id == access.key_id)
            .map(|wrap| &wrap.wrap)
            .ok_or(Refusal::NoKey)?;
        let place = WrapPlace { log_id: node.log_id(), code: code.as_str(), agency: agency.as_str() };
        // The key that was the agency's when it was given access, which may have another today.
        let half = keys.agency(agency, access.key_id)?.unwrap(wrap, &place)?;
        let key = DataKey::derive(&half, &erasable)?;
        if key.fingerprint() != state.data_key {
            return Err(Refusal::NoKey);
        }
        let secrets = Arc::new(Secrets { half, key });
        self.remember(code, &secrets);
        Ok(secrets)
    }

    fn remembered(&self, code: &DossierCode) -> Option<Arc<Secrets>> {
        let remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        remembered.fresh.get(code).or_else(|| remembered.old.get(code)).cloned()
    }

    pub(crate) fn forget(&self, code: &DossierCode) {
        let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        remembered.fresh.remove(code);
        remembered.old.remove(code);
    }

    fn remember(&self, code: &DossierCode, secrets: &Arc<Secrets>) {
        let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.fresh.len() >= DATA_KEYS_MAX / 2 {
            remembered.old = std::mem::take(&mut remembered.fresh);
        }
        remembered.fresh.insert(code.clone(), Arc::clone(secrets));
    }
}

impl Node {
    /// The key for what a command brings: a new dossier's, or the one that its agency has access to.
    pub(crate) async fn secrets(
        &self,
        keys: &NodeKeys,
        state: Option<&State>,
        command: &Command,
    ) -> Result<Arc<Secrets>, Refusal> {
        let Some(state) = state else { return self.0.vault.create(self, &command.code).await };
        let before = if state.access.contains_key(&command.agency) {
            None
        } else {
            predecessor(state, &command.action)
        };
        let by = before.unwrap_or(&command.agency);
        match self.0.vault.open(self, keys, state, &command.code, by).await {
            Err(Refusal::NotAParty { agency }) if self.is_about_to_succeed(state, &agency) => {
                let why = "the dossier is going over from the agency's predecessor".to_owned();
                Err(Refusal::NotReady { why })
            }
            opened => opened,
        }
    }

    /// Whether an agency has taken over from another one of the dossier, which is not on record yet.
    fn is_about_to_succeed(&self, state: &State, agency: &AgencyId) -> bool {
        let registry = self.registry();
        let successor = |case: &Case, party| {
            let successor = registry.successor(party, &case.commune, self.now().date());
            successor.is_some_and(|successor| &successor.id == agency)
        };
        state.dossier.live().is_some_and(|case| case.parties.iter().any(|party| successor(case, party)))
    }
}

/// Whose key it is until the action gives its successor one.
fn predecessor<'a>(state: &'a State, action: &'a Action) -> Option<&'a AgencyId> {
    if let Action::Succeed { predecessor } = action {
        Some(predecessor)
    } else if let (Action::Adopt { .. }, Dossier::Imported(imported)) = (action, &state.dossier) {
        imported.competent.as_ref()
    } else {
        None
    }
}

#[cfg(test)]
mod tests;

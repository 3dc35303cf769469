//! A command that was carried out before: its answer again.

use lienthong_admission::State;
use lienthong_dossier::{Case, Command, Dossier, fold};

use crate::error::Refusal;
use crate::keys::NodeKeys;
use crate::node::Node;
use crate::submit::Receipt;

impl Node {
    /// The answer of a command that was carried out before.
    pub(crate) async fn repeat(
        &self,
        keys: &NodeKeys,
        state: &State,
        partition: u16,
        command: &Command,
    ) -> Result<Option<Receipt>, Refusal> {
        let Some(record) = state.record_of(command.id) else { return Ok(None) };
        // After an erasure there is no key any more, and the id alone counts.
        let secrets = self.0.vault.open(self, keys, state, &command.code, &command.agency).await;
        let same = match &secrets {
            Ok(secrets) => secrets.key.command_hash(&command.canonical()) == record.command_hash,
            Err(Refusal::NoKey) => true,
            // The command that was carried out was an agency's with a part in the dossier.
            Err(Refusal::NotAParty { .. }) => state.dossier.erased().is_some(),
            Err(_) => return secrets.map(|_| None),
        };
        if !same {
            return Err(Refusal::OtherContent);
        }
        self.answer_again(partition, state, record.offset, command).await.map(Some)
    }

    /// The answer that a record's command got. Only the record itself knows it, and those before it.
    async fn answer_again(
        &self,
        partition: u16,
        state: &State,
        offset: u64,
        command: &Command,
    ) -> Result<Receipt, Refusal> {
        let mut records = self.records(partition, state);
        let mut dossier = None;
        while let Some(stood) = records.next().await? {
            dossier = fold(dossier, &stood.body.act);
            if stood.offset == offset {
                let live = dossier.as_ref().and_then(Dossier::live);
                return Ok(Receipt {
                    code: command.code.clone(),
                    partition,
                    next: offset + 1,
                    leaf: stood.leaf,
                    at: stood.body.act.at,
                    status: live.map(Case::status),
                    due: live.and_then(|case| case.clock.due()),
                    repeated: true,
                });
            }
        }
        Err(Refusal::Corrupt)
    }
}

/// The answer of a command that leads to nothing new, such as a payment recorded before under another command.
pub(crate) fn last(state: &State, partition: u16, command: &Command) -> Receipt {
    let live = state.dossier.live();
    Receipt {
        code: command.code.clone(),
        partition,
        next: state.records.last().map_or(0, |record| record.offset + 1),
        leaf: state.head,
        at: state.dossier.last_at(),
        status: live.map(Case::status),
        due: live.and_then(|case| case.clock.due()),
        repeated: true,
    }
}

//! The numbers of persons and of plots that dossiers name, in the node's own index: only what an agency of this node can decrypt, and
//! no number in clear.

use std::collections::BTreeSet;

use lienthong_admission::State;
use lienthong_dossier::DossierCode;
use lienthong_projection::Indexed;
use lienthong_registry::CommuneCode;
use lienthong_seal::{EnvelopeFault, EnvelopePlace, Hash, partition_of};
use lienthong_wire::Message as _;
use lienthong_wire::pb::personal::v1::{Applicant, PersonalDetails};
use lienthong_wire::request::personal::{PersonNumber, PlotNumber};

use crate::error::Refusal;
use crate::keys::NodeKeys;
use crate::node::Node;

impl Node {
    /// Looks into what was told in a dossier since it was looked into last.
    ///
    /// # Errors
    /// The log or the store cannot be read, or the dossier's key is gone.
    pub(crate) async fn look_into(
        &self,
        keys: &NodeKeys,
        code: &DossierCode,
        state: &State,
    ) -> Result<(), Refusal> {
        let store = self.store();
        let agency = state.access.keys().find(|agency| self.serves(agency));
        let (Some(agency), Some(last)) = (agency, state.records.last()) else { return Ok(()) };
        let had = store.indexed(code)?.unwrap_or_default();
        if last.offset < had.next {
            return Ok(());
        }
        let commune = state.dossier.live().map(|case| &case.commune);
        let secrets = self.0.vault.open(self, keys, state, code, agency).await?;
        let partition = partition_of(code.as_str(), self.registry().partitions());
        let mut records = self.records_from(partition, state, had.next);
        let mut tokens: BTreeSet<Hash> = had.tokens.into_iter().collect();
        while let Some(record) = records.next().await? {
            for named in &record.body.envelopes {
                let place =
                    EnvelopePlace { log_id: self.log_id(), code: code.as_str(), name: named.name.as_str() };
                let plain = secrets.key.decrypt(&place, &named.envelope)?;
                for sought in named_in(&plain, commune) {
                    tokens.insert(self.token(keys, &sought)?);
                }
            }
        }
        let indexed = Indexed { next: last.offset + 1, tokens: tokens.into_iter().collect() };
        Ok(store.index(code, &indexed)?)
    }

    /// What stands for it in the index.
    ///
    /// # Errors
    /// None that can happen: the key has its length.
    pub(crate) fn token(&self, keys: &NodeKeys, sought: &Sought) -> Result<Hash, EnvelopeFault> {
        match sought {
            Sought::Person(number) => keys.index().token(self.log_id(), number.as_str()),
            Sought::Plot(plot) => keys.index().plot_token(self.log_id(), plot.parts()),
        }
    }
}

/// What dossiers are found by in the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sought {
    /// A person.
    Person(PersonNumber),
    /// A plot of land.
    Plot(PlotNumber),
}

/// What an envelope's content can be found by, in a case of that commune; nothing where it is no personal details.
fn named_in(plain: &[u8], commune: Option<&CommuneCode>) -> Vec<Sought> {
    let Ok(details) = PersonalDetails::decode(plain) else { return Vec::new() };
    let PersonalDetails { applicant, parties, recipient, plots, .. } = details;
    let persons = parties.into_iter().filter_map(|party| party.person).chain(applicant).chain(recipient);
    let numbers = persons
        .flat_map(|Applicant { id_number, tax_code, .. }| [id_number, tax_code])
        .filter_map(|number| PersonNumber::parse(&number));
    let plots = plots.iter().filter_map(|plot| PlotNumber::parse(commune?, &plot.map_sheet, &plot.parcel));
    numbers.map(Sought::Person).chain(plots.map(Sought::Plot)).collect()
}

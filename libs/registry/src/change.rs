//! What a revision changes of the one before it.
//!
//! ```text
//! Registry + Change --Registry::amended--> Registry of the next revision, or why it does not hold together
//! ```
//!
//! A change lists things whole: what is named again stands in the place of what had that id. What dossiers pin (packs,
//! calendars, rates) is never replaced: the same version with another content is refused.

use std::collections::BTreeMap;
use std::sync::Arc;

use lienthong_calendar::Calendar;
use lienthong_tax::Rates;

use crate::registry::RegistryFault;
use crate::{
    Agency, AgencyId, Commune, Dated, ImportRight, Node, Pack, Registry, RegistryParts, Rules, SealKey,
    Succession,
};

/// What one revision says, beside its number and rules.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// The authority's next key; none to keep the one in force.
    pub authority: Option<SealKey>,
    /// Agencies, by id.
    pub agencies: Vec<Arc<Agency>>,
    /// Nodes, by key.
    pub nodes: Vec<Node>,
    /// Packs, by procedure and version.
    pub packs: Vec<Arc<Pack>>,
    /// Calendars, by version.
    pub calendars: Vec<Dated<Arc<Calendar>>>,
    /// Tax rates, by version.
    pub rates: Vec<Dated<Arc<Rates>>>,
    /// Communes, by code.
    pub communes: Vec<Commune>,
    /// Rights to import, by agency.
    pub imports: BTreeMap<AgencyId, ImportRight>,
    /// Successions; one that is there already is there once.
    pub successions: Vec<Succession>,
}

impl Change {
    /// All that these parts list, but for the authority, which a genesis names by itself.
    #[must_use]
    pub fn of(parts: &RegistryParts) -> Self {
        let RegistryParts {
            agencies, nodes, packs, calendars, rates, communes, imports, successions, ..
        } = parts.clone();
        Self { authority: None, agencies, nodes, packs, calendars, rates, communes, imports, successions }
    }

    /// Whether it names another authority and says nothing else.
    #[must_use]
    pub fn is_authority_alone(&self) -> bool {
        self.authority.is_some() && Self { authority: None, ..self.clone() }.is_empty()
    }

    /// Whether it says nothing at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { authority, agencies, nodes, packs, calendars, rates, communes, imports, successions } =
            self;
        authority.is_none()
            && agencies.is_empty()
            && nodes.is_empty()
            && packs.is_empty()
            && calendars.is_empty()
            && rates.is_empty()
            && communes.is_empty()
            && imports.is_empty()
            && successions.is_empty()
    }

    /// This change and one more of the same revision.
    pub fn extend(&mut self, more: Self) {
        let Self { authority, agencies, nodes, packs, calendars, rates, communes, imports, successions } =
            more;
        self.authority = authority.or(self.authority);
        self.agencies.extend(agencies);
        self.nodes.extend(nodes);
        self.packs.extend(packs);
        self.calendars.extend(calendars);
        self.rates.extend(rates);
        self.communes.extend(communes);
        self.imports.extend(imports);
        self.successions.extend(successions);
    }
}

impl Registry {
    /// The next revision.
    ///
    /// # Errors
    /// What is pinned would change, or the whole would not hold together.
    pub fn amended(&self, rules: Rules, change: Change) -> Result<Self, RegistryFault> {
        let mut parts = self.parts().clone();
        parts.revision += 1;
        parts.rules = rules;
        put(&mut parts, change)?;
        Self::new(parts)
    }
}

fn put(parts: &mut RegistryParts, change: Change) -> Result<(), RegistryFault> {
    let Change { authority, agencies, nodes, packs, calendars, rates, communes, imports, successions } =
        change;
    parts.authority = authority.unwrap_or(parts.authority);
    replace(&mut parts.agencies, agencies, |agency| agency.id.clone());
    replace(&mut parts.nodes, nodes, |node| node.key_id);
    replace(&mut parts.communes, communes, |commune| commune.code.clone());
    parts.imports.extend(imports);
    let fresh = successions.into_iter().filter(|succession| !parts.successions.contains(succession));
    let fresh: Vec<_> = fresh.collect();
    parts.successions.extend(fresh);
    for pack in packs {
        let version = |pack: &Pack| (pack.procedure().clone(), pack.version().clone());
        match parts.packs.iter().find(|there| version(there) == version(&pack)) {
            Some(there) if there.text() != pack.text() => {
                return Err(pinned(&format!("pack {}", pack.procedure()), pack.version().as_str()));
            }
            Some(_) => {}
            None => parts.packs.push(pack),
        }
    }
    pin(&mut parts.calendars, calendars, "the calendar", Calendar::version)?;
    pin(&mut parts.rates, rates, "the rates", Rates::version)
}

/// Puts each item in the place of the one with its id, or behind the last.
fn replace<T, K: Ord>(items: &mut Vec<T>, fresh: Vec<T>, id: impl Fn(&T) -> K) {
    if fresh.is_empty() {
        return;
    }
    let mut at: BTreeMap<K, usize> =
        items.iter().enumerate().map(|(position, item)| (id(item), position)).collect();
    for item in fresh {
        match at.get(&id(&item)).and_then(|position| items.get_mut(*position)) {
            Some(place) => *place = item,
            None => {
                at.insert(id(&item), items.len());
                items.push(item);
            }
        }
    }
}

/// The same for what dossiers pin by version: its days may change, its content may not.
fn pin<T: PartialEq>(
    items: &mut Vec<Dated<Arc<T>>>,
    fresh: Vec<Dated<Arc<T>>>,
    what: &str,
    version: impl Fn(&T) -> &str,
) -> Result<(), RegistryFault> {
    for dated in fresh {
        match items.iter_mut().find(|there| version(&there.value) == version(&dated.value)) {
            Some(there) if there.value != dated.value => return Err(pinned(what, version(&dated.value))),
            Some(there) => *there = dated,
            None => items.push(dated),
        }
    }
    Ok(())
}

fn pinned(what: &str, version: &str) -> RegistryFault {
    RegistryFault::Pinned { what: what.to_owned(), version: version.to_owned() }
}

#[cfg(test)]
mod tests;

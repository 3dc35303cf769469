//! The catalogue of procedures: how many there are, by field of work and by what they offer online.

use std::collections::BTreeMap;

use crate::{FieldCode, Pack, ServiceLevel};

/// How many packs there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue {
    /// In all.
    pub all: Offered,
    /// By field of work.
    pub fields: BTreeMap<FieldCode, FieldCount>,
}

/// Those of one field of work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldCount {
    /// The field's name in Vietnamese, by its first pack.
    pub name: String,
    /// How many there are.
    pub offered: Offered,
}

/// How many packs there are, by what they offer online.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offered {
    /// All.
    pub packs: usize,
    /// Those of each level that their packs say.
    pub levels: BTreeMap<ServiceLevel, usize>,
    /// Those whose pack says no level.
    pub unsaid: usize,
    /// Those for which whoever files must come in person.
    pub presence: usize,
    /// Those with a fee.
    pub fees: usize,
}

impl Catalogue {
    /// Counts packs, each version for itself.
    pub fn of<'a>(packs: impl IntoIterator<Item = &'a Pack>) -> Self {
        let mut catalogue = Self::default();
        for pack in packs {
            catalogue.all.count(pack);
            let field = catalogue.fields.entry(pack.field().code.clone()).or_insert_with(|| FieldCount {
                name: pack.field().name.clone(),
                offered: Offered::default(),
            });
            field.offered.count(pack);
        }
        catalogue
    }
}

impl Offered {
    /// How many say that level.
    #[must_use]
    pub fn at(&self, level: ServiceLevel) -> usize {
        self.levels.get(&level).copied().unwrap_or_default()
    }

    fn count(&mut self, pack: &Pack) {
        let service = pack.service();
        self.packs += 1;
        match service.level {
            Some(level) => *self.levels.entry(level).or_default() += 1,
            None => self.unsaid += 1,
        }
        self.presence += usize::from(service.presence.is_some());
        self.fees += usize::from(!pack.fees().is_empty());
    }
}

#[cfg(test)]
mod tests;

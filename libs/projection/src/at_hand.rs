//! States at hand: those that were read or taken in last, decoded. A command reads its dossier, and so does the judge of its
//! record a moment later.
//!
//! ```text
//! read, take --> young --YOUNG_MAX--> old --the next YOUNG_MAX--> gone
//!                  ^------asked for----'
//! ```

use std::collections::HashMap;

use lienthong_admission::StateRow;
use lienthong_dossier::DossierCode;

/// States after which the young ones are old; as many again are at hand.
const YOUNG_MAX: usize = 1_024;

/// The newest state of each dossier that is at hand.
#[derive(Default)]
pub(crate) struct AtHand {
    young: HashMap<DossierCode, StateRow>,
    old: HashMap<DossierCode, StateRow>,
    ages: u64,
}

impl AtHand {
    /// Puts the newest state of a dossier.
    pub(crate) fn put(&mut self, code: DossierCode, row: StateRow) {
        if self.young.len() >= YOUNG_MAX && !self.young.contains_key(&code) {
            self.old = std::mem::take(&mut self.young);
            self.ages += 1;
        }
        self.young.insert(code, row);
    }

    /// Puts what was read after `ages`, unless something is there that is newer, or was meanwhile.
    pub(crate) fn put_read(&mut self, code: &DossierCode, row: &StateRow, ages: u64) {
        if self.ages == ages && self.get(code).is_none() {
            self.put(code.clone(), row.clone());
        }
    }

    pub(crate) fn get(&mut self, code: &DossierCode) -> Option<StateRow> {
        if let Some(row) = self.young.get(code) {
            return Some(row.clone());
        }
        let row = self.old.get(code)?.clone();
        self.put(code.clone(), row.clone());
        Some(row)
    }

    /// Lets go of all.
    pub(crate) fn forget(&mut self) {
        *self = Self { ages: self.ages + 1, ..Self::default() };
    }

    /// How often states went. As long as it is the same, whatever was put is there.
    pub(crate) fn ages(&self) -> u64 {
        self.ages
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use lienthong_dossier::Dossier;
    use lienthong_seal::StateSum;

    use super::*;
    use crate::tests::world::{case, code, state};

    fn row(records: u64) -> StateRow {
        let state = Arc::new(state(Dossier::Live(Box::new(case("ward"))), records));
        StateRow { state, term: StateSum::ZERO }
    }

    fn numbered(number: usize) -> DossierCode {
        code(&format!("H56.12-261122-{number:04}"))
    }

    fn records(at_hand: &mut AtHand, number: usize) -> Option<usize> {
        at_hand.get(&numbered(number)).map(|row| row.state.records.len())
    }

    #[test]
    fn what_is_asked_for_stays_and_what_is_not_goes() {
        let mut at_hand = AtHand::default();
        for number in 0..3 * YOUNG_MAX {
            at_hand.put(numbered(number), row(1));
            assert_eq!(records(&mut at_hand, 0), Some(1), "{number}");
        }
        assert_eq!(records(&mut at_hand, 1), None);
        assert!(at_hand.young.len() + at_hand.old.len() <= 2 * YOUNG_MAX);
    }

    #[test]
    fn what_was_read_replaces_nothing_that_was_taken_in_meanwhile() {
        let mut at_hand = AtHand::default();
        let ages = at_hand.ages();
        at_hand.put(numbered(0), row(2));
        at_hand.put_read(&numbered(0), &row(1), ages);
        assert_eq!(records(&mut at_hand, 0), Some(2));
        // Nor when that has gone again.
        for number in 1..=3 * YOUNG_MAX {
            at_hand.put(numbered(number), row(1));
        }
        at_hand.put_read(&numbered(0), &row(1), ages);
        assert_eq!(records(&mut at_hand, 0), None);
        at_hand.put_read(&numbered(0), &row(2), at_hand.ages());
        assert_eq!(records(&mut at_hand, 0), Some(2));
    }
}

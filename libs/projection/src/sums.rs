//! Checking a store: every row is added up and compared with what the cursors account for.

use std::ops::Bound;

use lienthong_admission::Cursor;
use lienthong_seal::{StateSum, partition_of};

use crate::error::Damage;
use crate::keys::{self, Key};
use crate::open::{Identity, StoreIdentity};
use crate::rows::{CursorRow, decode_checked, term};
use crate::tree::{Pair, Tree};

/// Reads every row once.
///
/// # Errors
/// The first difference found.
pub(crate) fn check(tree: &Tree, identity: &Identity) -> Result<(), Damage> {
    StoreIdentity::read(tree)?.fits(identity)?;
    if tree.get(keys::LOADING)?.is_some() {
        return Err(Damage::HalfLoaded);
    }
    let mut tallies = Tallies::new(identity);
    for pair in tree.range((Bound::Unbounded, Bound::Unbounded)) {
        tallies.count(pair?)?;
    }
    tallies.compare()
}

struct Tallies {
    partitions: u16,
    each: Vec<Tally>,
}

#[derive(Clone, Default)]
struct Tally {
    dossiers: StateSum,
    others: StateSum,
    cursor: Option<CursorRow>,
}

impl Tallies {
    fn new(identity: &Identity) -> Self {
        let each = vec![Tally::default(); usize::from(identity.partitions.max(1))];
        Self { partitions: identity.partitions, each }
    }

    fn count(&mut self, (key, value): Pair) -> Result<(), Damage> {
        let impossible = || Damage::Key { kind: keys::kind(&key) };
        match Key::parse(&key, self.partitions).ok_or_else(impossible)? {
            // A row of the node's own carries its own checksum, or is made again.
            Key::Identity | Key::Own => {}
            Key::Cursor { partition } => {
                let row = decode_checked(&key, &value).ok_or(Damage::Cursor { partition })?;
                self.of(partition).ok_or_else(impossible)?.cursor = Some(row);
            }
            Key::Dossier { code } => {
                let partition = partition_of(code.as_str(), self.partitions);
                let tally = self.of(partition).ok_or_else(impossible)?;
                tally.dossiers += StateSum::of(code.as_str(), &value);
            }
            Key::Other { partition } => {
                self.of(partition).ok_or_else(impossible)?.others += term(&key, &value);
            }
        }
        Ok(())
    }

    fn of(&mut self, partition: u16) -> Option<&mut Tally> {
        self.each.get_mut(usize::from(partition))
    }

    /// A partition without a cursor has no rows.
    fn compare(self) -> Result<(), Damage> {
        for (partition, tally) in (0..self.partitions).zip(self.each) {
            let dossiers = tally.cursor.as_ref().map(|row| &row.cursor).map_or(StateSum::ZERO, states);
            let others = tally.cursor.as_ref().map_or(StateSum::ZERO, |row| row.others);
            if dossiers != tally.dossiers {
                return Err(Damage::Dossiers { partition });
            }
            if others != tally.others {
                return Err(Damage::Others { partition });
            }
        }
        Ok(())
    }
}

fn states(cursor: &Cursor) -> StateSum {
    cursor.states
}

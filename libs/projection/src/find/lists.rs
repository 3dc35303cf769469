//! Lists of codes in their order, and what several of them agree on.

use std::ops::Bound;

use crate::error::StoreError;
use crate::facets::{FACET, code_at};
use crate::keys;
use crate::standing::Standing;
use crate::tree::{Pair, Pairs, Tree};

/// Codes of a range of days that are sorted at most; a longer range is left to the last check.
const SORTED_MAX: usize = 16_384;
/// Steps of one search at most; its page is then short.
const STEPS_MAX: usize = 65_536;
/// So many rows further on it is cheaper to read them than to jump.
const NEAR: usize = 16;

/// How much a search has done.
#[derive(Debug, Default)]
pub(super) struct Effort(usize);

impl Effort {
    pub(super) fn is_spent(&self) -> bool {
        self.0 >= STEPS_MAX
    }
}

/// Codes in their order, from which a search may jump ahead.
pub(super) enum Codes<'a> {
    /// The rows of one prefix.
    Rows(Box<Rows<'a>>),
    /// What any of them has.
    Any(Vec<Self>),
    /// Read and sorted.
    Sorted(Vec<Vec<u8>>),
}

pub(super) struct Rows<'a> {
    tree: &'a Tree,
    prefix: Vec<u8>,
    /// Behind the last key.
    end: Bound<Vec<u8>>,
    rows: Option<Pairs<'a>>,
    /// The code that was read last.
    head: Option<Vec<u8>>,
    /// What the codes begin with.
    codes_from: Vec<u8>,
}

impl<'a> Codes<'a> {
    /// The codes behind a prefix of keys that begin with `code_prefix`.
    pub(super) fn rows(tree: &'a Tree, prefix: Vec<u8>, code_prefix: &str) -> Self {
        let codes_from = code_prefix.as_bytes().to_vec();
        let all = [&prefix[..], &codes_from].concat();
        let end = keys::after_prefix(&all).map_or(Bound::Unbounded, Bound::Excluded);
        Self::Rows(Box::new(Rows { tree, prefix, end, rows: None, head: None, codes_from }))
    }

    pub(super) fn any(mut lists: Vec<Self>) -> Self {
        match (lists.len(), lists.pop()) {
            (1, Some(only)) => only,
            (_, last) => Self::Any(lists.into_iter().chain(last).collect()),
        }
    }

    /// The codes of all keys between two prefixes each, from `from` on; none when they are too many to be worth it.
    pub(super) fn sorted(
        tree: &Tree,
        ranges: Vec<(Vec<u8>, Vec<u8>)>,
        code_prefix: &str,
        from: &[u8],
    ) -> Result<Option<Self>, StoreError> {
        let (mut codes, mut read) = (Vec::new(), 0);
        for (first, last) in ranges {
            let end = keys::after_prefix(&last).map_or(Bound::Unbounded, Bound::Excluded);
            for pair in tree.range((Bound::Included(first), end)) {
                if read == SORTED_MAX {
                    return Ok(None);
                }
                read += 1;
                let (key, _) = pair?;
                let at = code_at(&key).ok_or(StoreError::Row { kind: char::from(FACET) })?;
                let code = &key[at..];
                if code >= from && code.starts_with(code_prefix.as_bytes()) {
                    codes.push(code.to_vec());
                }
            }
        }
        codes.sort_unstable();
        Ok(Some(Self::Sorted(codes)))
    }

    /// The first code that is not before `from`.
    fn seek(&mut self, from: &[u8], effort: &mut Effort) -> Result<Option<Vec<u8>>, StoreError> {
        match self {
            Self::Rows(rows) => rows.seek(from, effort),
            Self::Any(lists) => {
                let mut first: Option<Vec<u8>> = None;
                for list in lists {
                    let found = list.seek(from, effort)?;
                    first = match (first, found) {
                        (Some(first), Some(found)) => Some(first.min(found)),
                        (first, found) => first.or(found),
                    };
                }
                Ok(first)
            }
            Self::Sorted(codes) => {
                effort.0 += 1;
                Ok(codes.get(codes.partition_point(|code| code.as_slice() < from)).cloned())
            }
        }
    }
}

impl Rows<'_> {
    fn seek(&mut self, from: &[u8], effort: &mut Effort) -> Result<Option<Vec<u8>>, StoreError> {
        effort.0 += 1;
        if let Some(head) = &self.head
            && head.as_slice() >= from
        {
            return Ok(Some(head.clone()));
        }
        if self.rows.is_some() {
            for _ in 0..NEAR {
                self.step()?;
                match &self.head {
                    Some(head) if head.as_slice() < from => {}
                    found => return Ok(found.clone()),
                }
            }
        }
        let first = [&self.prefix[..], from.max(&self.codes_from)].concat();
        self.rows = Some(self.tree.range((Bound::Included(first), self.end.clone())));
        self.step()?;
        Ok(self.head.clone())
    }

    /// Reads the next code; none when there is no other.
    fn step(&mut self) -> Result<(), StoreError> {
        let rows = self.rows.iter_mut().flatten();
        let mut wanted = rows.filter(|pair| pair.as_ref().map_or(true, is_before));
        let next = wanted.next().transpose()?;
        let code = next.map(|(key, _)| key.get(self.prefix.len()..).unwrap_or_default().to_vec());
        self.head = code;
        Ok(())
    }
}

/// An agency's row counts where the agency is waited for; any other row does.
fn is_before((key, value): &Pair) -> bool {
    match value.as_ref() {
        [standing, ..] if keys::parse_index(key).is_some() => Standing::from_byte(*standing).is_before(),
        _ => true,
    }
}

/// The first code, not before `at`, that all lists have; when the effort is spent, a code before which there is none.
pub(super) fn agree(
    lists: &mut [Codes<'_>],
    mut at: Vec<u8>,
    effort: &mut Effort,
) -> Result<Option<Vec<u8>>, StoreError> {
    let mut agreed = 0;
    for turn in (0..lists.len()).cycle() {
        let Some(list) = lists.get_mut(turn) else { return Ok(None) };
        let Some(found) = list.seek(&at, effort)? else { return Ok(None) };
        agreed = if found == at { agreed + 1 } else { 1 };
        at = found;
        if agreed == lists.len() || effort.is_spent() {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

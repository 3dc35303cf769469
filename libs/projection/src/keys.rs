//! Keys: how rows are named in the one tree, and what a name says.

use lienthong_dossier::DossierCode;
use lienthong_registry::AgencyId;
use lienthong_seal::{Hash, partition_of};

use crate::facets::{FACET, parse_facet};
use crate::tasks::{TASK, parse_task};

/// Key of the row that says what the store is of.
pub(crate) const IDENTITY: &[u8] = b"m";

const DOSSIER: u8 = b'd';
const OUTLINE: u8 = b'o';
const INDEX: u8 = b'a';
const WITNESS: u8 = b'w';
const VOID: u8 = b'v';
const CURSOR: u8 = b'c';
const NUMBER: u8 = b'n';
const INDEXED: u8 = b'i';

/// Key of a row that is there while the store is being loaded.
pub(crate) const LOADING: &[u8] = b"p";

/// Key of the row that says under which key the numbers are kept.
pub(crate) const INDEX_KEY: &[u8] = b"k";

/// Key of the row that says how far readings were read.
pub(crate) const READS: &[u8] = b"r";

const TOKEN_BYTES: usize = Hash::BYTES;

/// What a key names.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Identity,
    Cursor {
        partition: u16,
    },
    Dossier {
        code: DossierCode,
    },
    /// Outlines, index, facet, task, witness or void: a row that the cursor's second sum covers.
    Other {
        partition: u16,
    },
    /// The node's own, of which nobody else has the like: no sum covers it.
    Own,
}

impl Key {
    /// What a key names in a log of that many partitions; none when this crate does not write such a key.
    pub(crate) fn parse(key: &[u8], partitions: u16) -> Option<Self> {
        let (kind, rest) = key.split_first()?;
        let within = |partition: &u16| *partition < partitions;
        match *kind {
            DOSSIER => code(rest).map(|code| Self::Dossier { code }),
            INDEX => parse_index(key).map(|(_, code)| Self::of(&code, partitions)),
            FACET => parse_facet(key).map(|code| Self::of(&code, partitions)),
            TASK => parse_task(key).map(|code| Self::of(&code, partitions)),
            OUTLINE | WITNESS | VOID if rest.len() == 10 => {
                partition(rest).filter(within).map(|partition| Self::Other { partition })
            }
            CURSOR if rest.len() == 2 => {
                partition(rest).filter(within).map(|partition| Self::Cursor { partition })
            }
            NUMBER => parse_number(key).map(|_| Self::Own),
            INDEXED => code(rest).map(|_| Self::Own),
            _ if key == INDEX_KEY || key == READS => Some(Self::Own),
            _ => (key == IDENTITY).then_some(Self::Identity),
        }
    }

    fn of(code: &DossierCode, partitions: u16) -> Self {
        Self::Other { partition: partition_of(code.as_str(), partitions) }
    }
}

pub(crate) fn cursor(partition: u16) -> Vec<u8> {
    [&[CURSOR][..], &partition.to_be_bytes()].concat()
}

pub(crate) fn dossier(code: &DossierCode) -> Vec<u8> {
    dossier_prefix(code.as_str())
}

pub(crate) fn dossier_prefix(prefix: &str) -> Vec<u8> {
    [&[DOSSIER][..], prefix.as_bytes()].concat()
}

/// By partition, so that several may be gone through at once.
pub(crate) fn outlines(partition: u16, stretch: u64) -> Vec<u8> {
    numbered(OUTLINE, partition, stretch)
}

pub(crate) fn outlines_prefix(partition: u16) -> Vec<u8> {
    [&[OUTLINE][..], &partition.to_be_bytes()].concat()
}

pub(crate) fn index(agency: &AgencyId, code: &DossierCode) -> Vec<u8> {
    [&index_prefix(agency)[..], code.as_str().as_bytes()].concat()
}

/// Neither an agency's id nor a code has a zero byte, so no agency's keys begin with another's.
pub(crate) fn index_prefix(agency: &AgencyId) -> Vec<u8> {
    [&[INDEX][..], agency.as_str().as_bytes(), &[0]].concat()
}

pub(crate) fn witness(partition: u16, count: u64) -> Vec<u8> {
    numbered(WITNESS, partition, count)
}

pub(crate) fn void(partition: u16, ordinal: u64) -> Vec<u8> {
    numbered(VOID, partition, ordinal)
}

pub(crate) fn void_prefix(partition: u16) -> Vec<u8> {
    [&[VOID][..], &partition.to_be_bytes()].concat()
}

pub(crate) fn parse_dossier(key: &[u8]) -> Option<DossierCode> {
    key.strip_prefix(&[DOSSIER]).and_then(code)
}

pub(crate) fn parse_index(key: &[u8]) -> Option<(AgencyId, DossierCode)> {
    let rest = key.strip_prefix(&[INDEX])?;
    let zero = rest.iter().position(|byte| *byte == 0)?;
    let agency = AgencyId::parse(str::from_utf8(&rest[..zero]).ok()?).ok()?;
    Some((agency, code(&rest[zero + 1..])?))
}

/// A person's number, which stands there as its token, and a dossier that names it.
pub(crate) fn number(token: Hash, code: &DossierCode) -> Vec<u8> {
    [&number_prefix(token)[..], code.as_str().as_bytes()].concat()
}

pub(crate) fn number_prefix(token: Hash) -> Vec<u8> {
    [&[NUMBER][..], &token.0].concat()
}

/// The dossier of a number's key.
pub(crate) fn parse_number(key: &[u8]) -> Option<DossierCode> {
    let rest = key.strip_prefix(&[NUMBER])?;
    code(rest.get(TOKEN_BYTES..)?)
}

pub(crate) fn indexed(code: &DossierCode) -> Vec<u8> {
    [&[INDEXED][..], code.as_str().as_bytes()].concat()
}

/// What all numbers and all that is said of them begin with.
pub(crate) fn index_prefixes() -> [Vec<u8>; 2] {
    [vec![NUMBER], vec![INDEXED]]
}

/// The ordinal at the end of a void's key.
pub(crate) fn parse_ordinal(key: &[u8]) -> Option<u64> {
    key.last_chunk().map(|ordinal| u64::from_be_bytes(*ordinal))
}

/// The first key after all that begin with `prefix`; none when there is no such key.
pub(crate) fn after_prefix(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte != u8::MAX)?;
    let mut after = prefix[..=last].to_vec();
    after[last] += 1;
    Some(after)
}

/// First letter of a key, for messages.
pub(crate) fn kind(key: &[u8]) -> char {
    key.first().filter(|byte| byte.is_ascii_graphic()).map_or('?', |byte| char::from(*byte))
}

fn numbered(kind: u8, partition: u16, number: u64) -> Vec<u8> {
    [&[kind][..], &partition.to_be_bytes(), &number.to_be_bytes()].concat()
}

/// A code that is written at the end of a key.
pub(crate) fn code(bytes: &[u8]) -> Option<DossierCode> {
    DossierCode::parse(str::from_utf8(bytes).ok()?).ok()
}

fn partition(bytes: &[u8]) -> Option<u16> {
    bytes.first_chunk().map(|partition| u16::from_be_bytes(*partition))
}

#[cfg(test)]
mod tests;

//! What is known of each dossier between two of its commands, so that a history of any length takes the same memory.
//!
//! ```text
//! Shelf --put, put, put--> filled --Reader--> take, take, take (in that order)
//! ```
//!
//! The bytes stay in memory while they are few and go to a file beside the log when they are many.

use std::io::{self, BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use lienthong_admission::State;
use lienthong_seal::{ErasableHalf, WrappedHalf};
use tempfile::{SpooledTempFile, spooled_tempfile_in};

use super::HistoryError;

/// Bytes of a shelf in memory; a shard has two shelves.
const IN_MEMORY_BYTES_MAX: usize = 32 * 1024 * 1024;

/// What whoever writes a dossier's next record must know of it.
pub(super) struct Kept {
    pub(super) half: WrappedHalf,
    pub(super) erasable: ErasableHalf,
    /// Without the list of its records, which no decision asks for.
    pub(super) state: State,
}

/// Takes dossiers in an order.
pub(super) struct Shelf(BufWriter<SpooledTempFile>);

/// Gives them back in that order.
pub(super) struct Filled(BufReader<SpooledTempFile>);

impl Shelf {
    /// An empty shelf, whose file goes into a folder if it needs one.
    pub(super) fn new(folder: &Path) -> Self {
        Self(BufWriter::new(spooled_tempfile_in(IN_MEMORY_BYTES_MAX, folder)))
    }

    pub(super) fn put(&mut self, kept: &Kept) -> Result<(), HistoryError> {
        let state = kept.state.encode()?;
        let length = u32::try_from(state.len()).unwrap_or(u32::MAX);
        let parts: [&[u8]; 4] =
            [&length.to_be_bytes(), kept.half.as_bytes(), kept.erasable.as_bytes(), &state];
        Ok(parts.into_iter().try_for_each(|part| self.0.write_all(part))?)
    }

    pub(super) fn filled(self) -> Result<Filled, HistoryError> {
        let mut file = self.0.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.seek(SeekFrom::Start(0))?;
        Ok(Filled(BufReader::new(file)))
    }
}

impl Filled {
    /// The next dossier. There must be one.
    pub(super) fn take(&mut self) -> Result<Kept, HistoryError> {
        let (mut length, mut half, mut erasable) = ([0; 4], [0; 32], [0; 32]);
        for part in [&mut length[..], &mut half, &mut erasable] {
            self.0.read_exact(part)?;
        }
        let mut state = vec![0; usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX)];
        self.0.read_exact(&mut state)?;
        Ok(Kept {
            half: WrappedHalf::from_bytes(&half),
            erasable: ErasableHalf::from_bytes(&erasable),
            state: State::decode(&state)?,
        })
    }
}

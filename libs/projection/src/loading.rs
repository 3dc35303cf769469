//! Loading: a store that is far behind takes in whole partitions, the rows of all of them in the order of their keys.
//!
//! ```text
//! Advance of a partition --sort--> Run: its rows in order, in a file --.
//! Advance of another ------sort--> Run --------------------------------+--load--> mark --> rows --> cursors, no mark
//!                                                                                  `-- the process ends: opening finds
//!                                                                                      the mark, and makes an empty store
//! ```
//!
//! What a partition's dossiers are found by lies all over the tree. One partition after the other would go through all of its
//! pages as many times as there are partitions; in the order of keys each page is gone to once.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write as _};
use std::os::unix::fs::FileExt as _;
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::error::StoreError;
use crate::keys;
use crate::store::Store;
use crate::tree::{Batch, Change};
use crate::unwritten::Part;
use crate::write::Advance;

/// What is read of a run, or written to it, at once, in bytes.
const BUFFER_BYTES: usize = 64 * 1024;

/// Threads that write at once. More would only wait for each other in sled.
const WRITERS_MAX: usize = 4;

/// Stands for the length of a value where there is none, and the row goes.
const NONE: u32 = u32::MAX;

/// What a partition is to take in: its rows in the order of their keys, in a file without a name, which nobody else sees and
/// which is gone when this is.
#[derive(Debug)]
pub struct Run {
    partition: u16,
    /// The row of the cursor that accounts for all others. It is written last.
    cursor: (Vec<u8>, Vec<u8>),
    rows: File,
    sections: BTreeMap<Section, Stretch>,
}

/// How keys begin that are written by one thread.
type Section = [u8; 2];

/// From one byte of a file to another.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    begin: u64,
    end: u64,
}

impl Store {
    /// Sorts what a partition is to take in, for [`Store::load`]. Until then the rows need room beside the store's folder.
    ///
    /// # Errors
    /// The changes do not belong together, a row cannot be read or encoded, or the file system refuses.
    pub fn sort(&self, advance: Advance) -> Result<Run, StoreError> {
        self.check(&advance)?;
        let (partition, mut rows) = (advance.partition, Batch::default());
        let cursor = self.draft(partition, &Part::of(advance), &mut rows)?;
        let mut changes = rows.into_changes();
        changes.sort_unstable();
        let (rows, sections) = self
            .file_beside()
            .and_then(|file| write(file, &changes))
            .map_err(|source| self.failed("write rows beside", source))?;
        Ok(Run { partition, cursor, rows, sections })
    }

    /// Takes in what was sorted of several partitions, each from the [`Store::cursor`] that it has. Reads may see some of it
    /// before the rest. When the process ends meanwhile, the store is begun anew when it is opened next.
    ///
    /// # Errors
    /// It cannot be written, and the store is [`StoreError::Broken`] from then on.
    pub fn load(&self, runs: &[Run]) -> Result<(), StoreError> {
        let _one_at_a_time = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let loaded = self.load_all(runs);
        match &loaded {
            Ok(()) => self.unwritten.forget(runs.iter().map(|run| run.partition)),
            Err(error) => self.tree.break_off(error),
        }
        loaded
    }

    fn load_all(&self, runs: &[Run]) -> Result<(), StoreError> {
        let mut mark = Batch::default();
        mark.insert(keys::LOADING, Vec::new());
        self.tree.apply(mark)?;
        let sections: BTreeSet<Section> = runs.iter().flat_map(|run| run.sections.keys().copied()).collect();
        let sections = Mutex::new(sections.into_iter());
        let next = || sections.lock().unwrap_or_else(PoisonError::into_inner).next();
        let write = || std::iter::from_fn(next).try_for_each(|section| self.load_section(runs, section));
        let writers = thread::available_parallelism().map_or(1, usize::from).min(WRITERS_MAX);
        thread::scope(|scope| {
            let writers: Vec<_> = (0..writers).map(|_| scope.spawn(write)).collect();
            let panicked = |_| Err(StoreError::Panicked { message: "while rows were loaded".to_owned() });
            writers.into_iter().try_for_each(|writer| writer.join().unwrap_or_else(panicked))
        })?;
        let mut ends = Batch::default();
        for run in runs {
            let (key, value) = run.cursor.clone();
            ends.insert(key, value);
        }
        ends.remove(keys::LOADING);
        self.tree.apply(ends)?;
        // Else a process killed in the next moment would leave the mark.
        self.tree.flush()
    }

    /// Writes a section, of which every run has rows in their order. No two runs have the same row.
    fn load_section(&self, runs: &[Run], section: Section) -> Result<(), StoreError> {
        let failed = |source| self.failed("read rows beside", source);
        let mut readers: Vec<_> = runs.iter().filter_map(|run| run.read(section)).collect();
        let mut first = BinaryHeap::with_capacity(readers.len());
        for (place, rows) in readers.iter_mut().enumerate() {
            first.extend(next(rows).map_err(failed)?.map(|change| Reverse((change, place))));
        }
        while let Some(Reverse(((key, value), place))) = first.pop() {
            self.tree.set(key, value)?;
            first.extend(next(&mut readers[place]).map_err(failed)?.map(|change| Reverse((change, place))));
        }
        Ok(())
    }
}

impl Run {
    /// The rows of a section.
    fn read(&self, section: Section) -> Option<BufReader<Rows<'_>>> {
        let stretch = *self.sections.get(&section)?;
        Some(BufReader::with_capacity(BUFFER_BYTES, Rows { file: &self.rows, stretch }))
    }
}

/// A stretch of a file that several threads read.
struct Rows<'a> {
    file: &'a File,
    stretch: Stretch,
}

impl Read for Rows<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Stretch { begin, end } = &mut self.stretch;
        let left = usize::try_from(*end - *begin).unwrap_or(usize::MAX).min(buffer.len());
        let read = self.file.read_at(&mut buffer[..left], *begin)?;
        *begin += read as u64;
        Ok(read)
    }
}

/// Writes changes one behind another, and says where each section of them lies.
fn write(file: File, changes: &[Change]) -> io::Result<(File, BTreeMap<Section, Stretch>)> {
    let (mut sections, mut at) = (BTreeMap::new(), 0);
    let mut file = BufWriter::with_capacity(BUFFER_BYTES, file);
    for (key, value) in changes {
        let bytes = value.as_deref().unwrap_or_default();
        let told = if value.is_some() { length(bytes)? } else { NONE };
        file.write_all(&length(key)?.to_le_bytes())?;
        file.write_all(&told.to_le_bytes())?;
        file.write_all(key)?;
        file.write_all(bytes)?;
        let begin = at;
        at += (2 * size_of::<u32>() + key.len() + bytes.len()) as u64;
        let section = [key.first(), key.get(1)].map(|byte| byte.copied().unwrap_or_default());
        sections.entry(section).or_insert(Stretch { begin, end: at }).end = at;
    }
    let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    Ok((file, sections))
}

fn length(bytes: &[u8]) -> io::Result<u32> {
    let length = u32::try_from(bytes.len()).ok().filter(|length| *length != NONE);
    length.ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// The next change of a section; none at its end.
fn next(rows: &mut BufReader<Rows<'_>>) -> io::Result<Option<Change>> {
    let mut lengths = [0; 2 * size_of::<u32>()];
    if rows.buffer().is_empty() && io::BufRead::fill_buf(rows)?.is_empty() {
        return Ok(None);
    }
    rows.read_exact(&mut lengths)?;
    let [k0, k1, k2, k3, v0, v1, v2, v3] = lengths;
    let (key, value) = (u32::from_le_bytes([k0, k1, k2, k3]), u32::from_le_bytes([v0, v1, v2, v3]));
    let key = bytes(rows, key)?;
    let value = if value == NONE { None } else { Some(bytes(rows, value)?) };
    Ok(Some((key, value)))
}

fn bytes(rows: &mut impl Read, length: u32) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length as usize];
    rows.read_exact(&mut bytes)?;
    Ok(bytes)
}

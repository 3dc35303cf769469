//! Damage to the files of a store that nobody has open.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use fastrand::Rng;

/// Every file of a store.
pub(crate) fn files(store: &Path) -> Vec<PathBuf> {
    let (mut files, mut folders) = (Vec::new(), vec![store.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}

/// Overwrites the middle third of a file, as far as the disk has room.
pub(crate) fn noise(path: &Path, random: &mut Rng) {
    let bytes = fs::metadata(path).unwrap().len();
    let mut file = OpenOptions::new().write(true).open(path).unwrap();
    file.seek(SeekFrom::Start(bytes / 3)).unwrap();
    let noise: Vec<u8> = (0..(bytes / 3).max(16)).map(|_| random.u8(..)).collect();
    match file.write_all(&noise) {
        // Of a file with holes the middle may be a hole.
        Err(error) if error.kind() == ErrorKind::StorageFull => {}
        written => written.unwrap(),
    }
}

/// Keeps `keep` of `of` parts of a file, from its beginning.
pub(crate) fn cut(path: &Path, keep: u64, of: u64) {
    let bytes = fs::metadata(path).unwrap().len();
    OpenOptions::new().write(true).open(path).unwrap().set_len(bytes * keep / of).unwrap();
}

//! Files and folders, with errors that name them.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use crate::BrokerError;

/// How much of a log an error shows, from its end.
const LAST_WORDS_BYTES: usize = 4096;

pub(crate) fn write(path: &Path, text: &str) -> Result<(), BrokerError> {
    fs::write(path, text).map_err(failed(path))
}

pub(crate) fn make_folder(path: &Path) -> Result<(), BrokerError> {
    fs::create_dir_all(path).map_err(failed(path))
}

pub(crate) fn append_to(path: &Path) -> Result<File, BrokerError> {
    File::options().append(true).create(true).open(path).map_err(failed(path))
}

pub(crate) fn failed(path: &Path) -> impl FnOnce(io::Error) -> BrokerError {
    let path = path.to_owned();
    move |source| BrokerError::Files { path, source }
}

/// The end of these files, one after the other; nothing of one that cannot be read.
pub(crate) fn last_words(paths: &[&Path]) -> String {
    let mut words = String::new();
    for path in paths {
        let bytes = fs::read(path).unwrap_or_default();
        let last = &bytes[bytes.len().saturating_sub(LAST_WORDS_BYTES)..];
        words.push_str(&String::from_utf8_lossy(last));
    }
    words.trim_end().to_owned()
}

//! Key files of any kind, for whoever looks after a folder of them: what they are, and from plain to encrypted and back.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};
use std::path::{Path, PathBuf};

use super::{
    KeyFileFault, KeyKind, Kind, UNSAVED, encrypted, folder_of, open, read, text_of, unsaved, write,
};
use crate::{Hash, Passphrase, agency, index, signing};

const KINDS: [&Kind; 3] = [&signing::KIND, &agency::KIND, &index::KIND];

/// A key file, as far as it can be told without its passphrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFile {
    /// The file.
    pub path: PathBuf,
    /// What the key is for.
    pub kind: KeyKind,
    /// The id of the key, see [`PublicKey::key_id`](crate::PublicKey::key_id).
    pub id: Hash,
    /// Whether it needs a passphrase.
    pub is_encrypted: bool,
    /// Its permission bits. Nobody but the owner is to have any.
    pub mode: u32,
}

impl KeyFile {
    /// Looks at a file, whoever may read it.
    ///
    /// # Errors
    /// It cannot be read, is damaged, or is no key file.
    pub fn look(path: &Path) -> Result<Self, KeyFileFault> {
        let (text, mode) = read(path)?;
        let kind = kind_of(path, &text)?;
        let (public, is_encrypted) = match encrypted::parse(path, &text, kind)? {
            Some(encrypted) => (Some(encrypted.public), true),
            None => ((kind.public)(&*open(path, &text, kind, None)?), false),
        };
        let public = public.ok_or_else(|| KeyFileFault::Format { path: path.to_owned(), kind: kind.word })?;
        Ok(Self { path: path.to_owned(), kind: kind.kind, id: (kind.id)(&public), is_encrypted, mode })
    }

    /// Opens the file under a passphrase, which a plain one does not need, and forgets what is in it.
    ///
    /// # Errors
    /// As of loading it.
    pub fn check(&self, passphrase: Option<&Passphrase>) -> Result<(), KeyFileFault> {
        let (text, _) = read(&self.path)?;
        open(&self.path, &text, kind_of(&self.path, &text)?, passphrase).map(drop)
    }

    /// Writes the file anew: opened with `from`, and under `to`, or plain. Whoever is killed on the way leaves it as it was
    /// or as it is to be; its owner stays the same, and nobody else gets access.
    ///
    /// # Errors
    /// It cannot be opened or written.
    pub fn rewrite(&self, from: Option<&Passphrase>, to: Option<&Passphrase>) -> Result<(), KeyFileFault> {
        let fault = |source| KeyFileFault::Io { path: self.path.clone(), source };
        let (text, _) = read(&self.path)?;
        let kind = kind_of(&self.path, &text)?;
        let secret = open(&self.path, &text, kind, from)?;
        let text = text_of(kind, &secret, to).map_err(fault)?;
        replace(&self.path, &text).map_err(fault)
    }
}

fn kind_of(path: &Path, text: &[u8]) -> Result<&'static Kind, KeyFileFault> {
    let is =
        |kind: &&Kind| text.strip_prefix(kind.word.as_bytes()).is_some_and(|rest| rest.starts_with(b" "));
    let known = KINDS.into_iter().find(is);
    known.ok_or_else(|| KeyFileFault::Format { path: path.to_owned(), kind: "lienthong-…-key-1" })
}

/// Puts a whole file in the place of another one.
fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    // The file itself, where its name is a link to it.
    let path = &fs::canonicalize(path)?;
    let was = fs::metadata(path)?;
    let unsaved = unsaved(path)?;
    let replaced = write(&unsaved, text).and_then(|file| {
        let is = file.metadata()?;
        if (is.uid(), is.gid()) != (was.uid(), was.gid()) {
            fchown(&file, Some(was.uid()), Some(was.gid()))?;
        }
        file.set_permissions(fs::Permissions::from_mode(was.mode() & 0o700))?;
        file.sync_all()?;
        fs::rename(&unsaved, path)
    });
    if replaced.is_err() {
        // Of no use any more; what went wrong is told already.
        let _ = fs::remove_file(&unsaved);
    }
    replaced?;
    File::open(folder_of(path))?.sync_all()
}

/// Removes what killed processes left half-written in a folder of keys, and tells how many files that were. Not to be done
/// while another process makes keys there.
///
/// # Errors
/// The folder cannot be listed, or a file not be removed.
pub fn sweep(folder: &Path) -> io::Result<usize> {
    let mut removed = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let left = name.to_str().is_some_and(|name| name.starts_with('.') && name.contains(UNSAVED));
        if !left {
            continue;
        }
        match fs::remove_file(entry.path()) {
            Ok(()) => removed += 1,
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(removed)
}

#[cfg(test)]
mod tests;

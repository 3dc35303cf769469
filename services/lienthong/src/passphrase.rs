//! Where a command has the passphrase of the key files from: a file, a variable, or whoever sits at the terminal.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lienthong_node::{KeyError, KeyFolder};
use lienthong_seal::{KeyFile, KeyFileFault, Passphrase, PassphraseFault};
use zeroize::Zeroizing;

use crate::exit::{Failure, with_causes};

/// The passphrase itself.
pub(crate) const WORDS: &str = "LIENTHONG_KEY_PASSPHRASE";
/// A file with it.
pub(crate) const FILE: &str = "LIENTHONG_KEY_PASSPHRASE_FILE";
/// The one that it is to become.
pub(crate) const NEW_WORDS: &str = "LIENTHONG_NEW_KEY_PASSPHRASE";
/// How the right one is given.
const ADVICE: &str = "give the passphrase that the keys have: by LIENTHONG_KEY_PASSPHRASE or LIENTHONG_KEY_PASSPHRASE_FILE, \
                      with `lienthong keys` also by --passphrase-file, to a service by key_passphrase_file";
/// How often somebody at a terminal is asked again.
const TRIES_MAX: usize = 3;

/// The keys of a data folder, made where there are none, with the passphrase that they need: it is asked for at the terminal
/// when a file is encrypted and the environment says nothing.
pub(crate) fn key_folder(dir: &Path) -> Result<KeyFolder, KeyError> {
    let folder = KeyFolder::open(dir)?;
    let said = match said(std::env::var_os(FILE).map(PathBuf::from).as_deref(), WORDS)? {
        None if is_asked() && is_encrypted(&folder)? => Some(ask("passphrase of the keys: ")?),
        said => said,
    };
    Ok(folder.under(said.map(Arc::new)))
}

/// What a file or else a variable says; a variable that is empty says nothing.
fn said(file: Option<&Path>, words: &str) -> Result<Option<Passphrase>, PassphraseFault> {
    if let Some(file) = file {
        return Passphrase::read(file).map(Some);
    }
    match std::env::var_os(words).filter(|words| !words.is_empty()) {
        None => Ok(None),
        Some(words) => {
            let words = words.into_string().map_err(|_| PassphraseFault::Form)?;
            Passphrase::new(Zeroizing::new(words)).map(Some)
        }
    }
}

/// The passphrase that the keys have.
///
/// # Errors
/// Nobody says it, or it cannot be one.
pub(crate) fn present(file: Option<&Path>) -> Result<Passphrase, Failure> {
    let said = said(file, WORDS).map_err(|fault| unsaid(&fault))?;
    match said {
        Some(said) => Ok(said),
        None if is_asked() => ask("passphrase of the keys: ").map_err(|fault| unsaid(&fault)),
        None => Err(nobody("--passphrase-file", WORDS)),
    }
}

/// The passphrase that keys are to have, which somebody at a terminal types twice.
///
/// # Errors
/// As [`present`], or it is typed in two ways.
pub(crate) fn chosen(file: Option<&Path>, flag: &str, words: &str) -> Result<Passphrase, Failure> {
    let said = said(file, words).map_err(|fault| unsaid(&fault))?;
    match said {
        Some(said) => Ok(said),
        None if is_asked() => {
            let first = ask("new passphrase: ").map_err(|fault| unsaid(&fault))?;
            let again = ask("once more: ").map_err(|fault| unsaid(&fault))?;
            if first.is_same(&again) {
                Ok(first)
            } else {
                Err(Failure::config("the passphrase was typed in two ways", "run the same command again"))
            }
        }
        None => Err(nobody(flag, words)),
    }
}

/// What to do about keys that cannot be had: what is said otherwise, unless it is a matter of the passphrase.
pub(crate) fn advice<'a>(error: &KeyError, otherwise: &'a str) -> &'a str {
    match error {
        KeyError::File(fault) => advice_on_file(fault, otherwise),
        KeyError::Passphrase(_) => ADVICE,
        KeyError::Folder { .. }
        | KeyError::Unreadable { .. }
        | KeyError::NoFolder { .. }
        | KeyError::NoRandomness(_)
        | KeyError::Other { .. }
        | KeyError::NoNode { .. }
        | KeyError::NotInForce { .. }
        | KeyError::Missing { .. } => otherwise,
    }
}

/// The same for one key file.
pub(crate) fn advice_on_file<'a>(fault: &KeyFileFault, otherwise: &'a str) -> &'a str {
    match fault {
        KeyFileFault::WrongPassphrase { .. } | KeyFileFault::NoPassphrase { .. } => ADVICE,
        KeyFileFault::Io { .. }
        | KeyFileFault::Exists { .. }
        | KeyFileFault::Exposed { .. }
        | KeyFileFault::Format { .. }
        | KeyFileFault::Damaged { .. }
        | KeyFileFault::Cost { .. } => otherwise,
    }
}

fn is_asked() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Whether a key file needs a passphrase. What is no key file is told by whoever opens it.
fn is_encrypted(folder: &KeyFolder) -> Result<bool, KeyError> {
    let files = folder.files()?;
    Ok(files.iter().any(|file| KeyFile::look(file).is_ok_and(|file| file.is_encrypted)))
}

/// Asks at the terminal, without showing what is typed.
fn ask(question: &str) -> Result<Passphrase, PassphraseFault> {
    for _ in 1..TRIES_MAX {
        if let Ok(passphrase) = typed(question) {
            return Ok(passphrase);
        }
    }
    typed(question)
}

fn typed(question: &str) -> Result<Passphrase, PassphraseFault> {
    let terminal = |source| PassphraseFault::Io { path: PathBuf::from("/dev/tty"), source };
    Passphrase::new(Zeroizing::new(rpassword::prompt_password(question).map_err(terminal)?))
}

fn unsaid(fault: &PassphraseFault) -> Failure {
    Failure::config(with_causes(fault), "give another one; no file was changed")
}

fn nobody(flag: &str, words: &str) -> Failure {
    let help = format!("name a file by {flag}, set {words}, or run the command at a terminal");
    Failure::config("no passphrase was given", help)
}

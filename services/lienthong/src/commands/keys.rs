//! `keys`: the key files of a data folder, and the passphrase that they are encrypted under.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use comfy_table::{ContentArrangement, Table};
use lienthong_node::{KeyError, KeyFolder};
use lienthong_seal::{Cost, KeyFile, KeyFileFault, KeyKind, PassphraseFault, sweep};
use serde::Serialize;
use serde_json::json;

use super::dossier::words::ROWS;
use crate::exit::{Failure, with_causes};
use crate::natural::natural;
use crate::passphrase::{FILE, NEW_WORDS, WORDS, advice_on_file, chosen, present};
use crate::{Format, Output};

/// Where keys are when nobody says otherwise: in the folder of the log of that name.
const DIR_DEFAULT: &str = "lienthong-data";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Lists the key files: kind, id, whether encrypted, and who may read them
    List(Folder),
    /// Encrypts every key file that is plain
    ///
    /// Services that use the keys are given the passphrase by `key_passphrase_file` when they are started next; those that run
    /// go on with the keys they hold. What a disk keeps of the plain files is beyond this command: on a new machine, encrypt before the keys come there.
    #[command(
        after_help = "The passphrase is the first line of --passphrase-file, or LIENTHONG_KEY_PASSPHRASE, or asked \
                            for at the terminal. Stopped on the way, the command goes on when run again."
    )]
    Encrypt(Encrypt),
    /// Writes every encrypted key file as a plain one
    Decrypt(Decrypt),
    /// Changes the passphrase of every encrypted key file
    #[command(after_help = "The new passphrase is the first line of --new-passphrase-file, or \
                            LIENTHONG_NEW_KEY_PASSPHRASE, or asked for at the terminal. Stopped on the way, the command \
                            goes on when run again with both.")]
    Passphrase(Change),
}

#[derive(Debug, Args)]
pub(crate) struct Folder {
    /// The data folder, in which the keys lie in `keys`
    #[arg(long, value_name = "DIR", default_value = DIR_DEFAULT)]
    dir: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Known {
    /// File whose first line is the passphrase
    #[arg(long, value_name = "FILE", env = FILE)]
    passphrase_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Encrypt {
    #[command(flatten)]
    folder: Folder,
    #[command(flatten)]
    known: Known,
    #[command(flatten)]
    spent: Spent,
}

#[derive(Debug, Args)]
pub(crate) struct Decrypt {
    #[command(flatten)]
    folder: Folder,
    #[command(flatten)]
    known: Known,
}

#[derive(Debug, Args)]
pub(crate) struct Change {
    #[command(flatten)]
    folder: Folder,
    #[command(flatten)]
    known: Known,
    /// File whose first line is the new passphrase
    #[arg(long, value_name = "FILE")]
    new_passphrase_file: Option<PathBuf>,
    #[command(flatten)]
    spent: Spent,
}

#[derive(Debug, Args)]
pub(crate) struct Spent {
    /// What a guess costs: the binary logarithm of scrypt's N, from 14 (16 MiB) to 20 (1 GiB). OpenSSL opens 14 and no more
    #[arg(long, value_name = "LOG2_N", default_value_t = Cost::DEFAULT.log_n(),
        value_parser = clap::value_parser!(u8).range(14..=20))]
    cost: u8,
}

/// In JSON.
#[derive(Serialize)]
struct Row {
    file: String,
    kind: &'static str,
    #[serde(skip)]
    of: KeyKind,
    id: String,
    encrypted: bool,
    mode: String,
}

pub(crate) fn run(command: &Command, output: &mut Output<'_>) -> Result<(), Failure> {
    match command {
        Command::List(folder) => list(folder, output),
        Command::Encrypt(asked) => encrypt(asked, output),
        Command::Decrypt(asked) => decrypt(asked, output),
        Command::Passphrase(asked) => change(asked, output),
    }
}

fn list(folder: &Folder, output: &mut Output<'_>) -> Result<(), Failure> {
    let files = files(folder)?;
    let under =
        |file: &KeyFile| file.path.strip_prefix(&folder.dir).unwrap_or(&file.path).display().to_string();
    let rows = files.iter().map(|file| Row {
        file: under(file),
        kind: file.kind.as_str(),
        of: file.kind,
        id: file.id.to_string(),
        encrypted: file.is_encrypted,
        mode: format!("{:04o}", file.mode),
    });
    if output.format() == Format::Json {
        output.json(&rows.collect::<Vec<_>>());
        return Ok(());
    }
    let mut table = Table::new();
    table.load_style(ROWS).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["Tệp", "Loại khóa", "Mã khóa", "Mã hóa", "Quyền"]);
    let mut rows: Vec<_> = rows.collect();
    rows.sort_by(|one, other| natural(&one.file, &other.file));
    for row in rows {
        let encrypted = if row.encrypted { "có" } else { "không" };
        table.add_row([&row.file, kind(row.of), &row.id, encrypted, &row.mode]);
    }
    output.text(&table.to_string());
    Ok(())
}

/// What officers call a kind of key.
fn kind(kind: KeyKind) -> &'static str {
    match kind {
        KeyKind::Signing => "ký",
        KeyKind::Agency => "cơ quan",
        KeyKind::Index => "chỉ mục",
    }
}

fn encrypt(asked: &Encrypt, output: &mut Output<'_>) -> Result<(), Failure> {
    let files = files(&asked.folder)?;
    let passphrase = chosen(asked.known.passphrase_file.as_deref(), "--passphrase-file", WORDS)?;
    let passphrase = passphrase.with_cost(cost(&asked.spent)?);
    let (encrypted, plain): (Vec<_>, Vec<_>) = files.iter().partition(|file| file.is_encrypted);
    // A folder has one passphrase: nothing is changed before that is sure.
    for file in &encrypted {
        file.check(Some(&passphrase)).map_err(untouched)?;
    }
    for file in &plain {
        file.rewrite(None, Some(&passphrase)).map_err(halfway)?;
    }
    swept(&asked.folder)?;
    told(plain.len(), encrypted.len(), output);
    Ok(())
}

fn decrypt(asked: &Decrypt, output: &mut Output<'_>) -> Result<(), Failure> {
    let files = files(&asked.folder)?;
    let (encrypted, plain): (Vec<_>, Vec<_>) = files.iter().partition(|file| file.is_encrypted);
    if !encrypted.is_empty() {
        let passphrase = present(asked.known.passphrase_file.as_deref())?;
        for file in &encrypted {
            file.check(Some(&passphrase)).map_err(untouched)?;
        }
        for file in &encrypted {
            file.rewrite(Some(&passphrase), None).map_err(halfway)?;
        }
    }
    told(encrypted.len(), plain.len(), output);
    Ok(())
}

fn change(asked: &Change, output: &mut Output<'_>) -> Result<(), Failure> {
    let files = files(&asked.folder)?;
    let old = present(asked.known.passphrase_file.as_deref())?;
    let new = chosen(asked.new_passphrase_file.as_deref(), "--new-passphrase-file", NEW_WORDS)?;
    if new.is_same(&old) {
        return Err(Failure::config("the new passphrase is the old one", "choose another one"));
    }
    let new = new.with_cost(cost(&asked.spent)?);
    let encrypted: Vec<_> = files.iter().filter(|file| file.is_encrypted).collect();
    let mut due = Vec::new();
    for file in &encrypted {
        // One that is under the new passphrase was changed before the command was stopped.
        match file.check(Some(&new)) {
            Ok(()) => {}
            Err(KeyFileFault::WrongPassphrase { .. }) => {
                file.check(Some(&old)).map_err(untouched)?;
                due.push(file);
            }
            Err(fault) => return Err(untouched(fault)),
        }
    }
    for file in &due {
        file.rewrite(Some(&old), Some(&new)).map_err(halfway)?;
    }
    told(due.len(), files.len() - due.len(), output);
    Ok(())
}

/// Every key file of the folder, all of them sound as far as that can be told.
fn files(folder: &Folder) -> Result<Vec<KeyFile>, Failure> {
    let paths = key_folder(&folder.dir)?.files().map_err(no_folder)?;
    paths.iter().map(|path: &PathBuf| KeyFile::look(path).map_err(untouched)).collect()
}

fn key_folder(dir: &Path) -> Result<KeyFolder, Failure> {
    KeyFolder::existing(dir).map_err(no_folder)
}

/// Removes what a killed process left of plain keys.
fn swept(folder: &Folder) -> Result<(), Failure> {
    for path in key_folder(&folder.dir)?.folders() {
        if path.is_dir() {
            sweep(&path).map_err(|error| {
                let what = format!("cannot remove what was left half-written in {}: {error}", path.display());
                Failure::config(what, "mend that and run the same command again")
            })?;
        }
    }
    Ok(())
}

fn cost(spent: &Spent) -> Result<Cost, Failure> {
    Cost::new(spent.cost).map_err(|fault: PassphraseFault| Failure::usage(fault, "give another --cost"))
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` is given")]
fn no_folder(error: KeyError) -> Failure {
    Failure::config(with_causes(&error), "name the data folder by --dir: the one that has `keys` in it")
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` is given")]
fn untouched(fault: KeyFileFault) -> Failure {
    let help = advice_on_file(&fault, "mend what it names");
    Failure::config(with_causes(&fault), format!("{help}; no file was changed"))
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` is given")]
fn halfway(fault: KeyFileFault) -> Failure {
    Failure::config(
        with_causes(&fault),
        "mend what it names and run the same command again: it goes on from there",
    )
}

fn told(changed: usize, unchanged: usize, output: &mut Output<'_>) {
    match output.format() {
        Format::Json => output.json(&json!({ "changed": changed, "unchanged": unchanged })),
        Format::Text => output.text(&format!("Đã ghi lại {changed} tệp khóa, giữ nguyên {unchanged}")),
    }
}

//! `pack`: procedure packs.

mod list;

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::{Args, Subcommand};
use lienthong_registry::{Change, Pack, Registry, training};
use serde::Serialize;
use serde_json::json;

use super::block_on;
use super::registry::At;
use crate::{Format, Output, exit::Failure};

/// What is longer is not read further. Far over what a pack may have, whose own limit names the size.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Checks packs and tells every fault with file and line; exits 1 where there is one, 64 where a file cannot be read
    ///
    /// A fault of line 0 is one of the file as a whole, as when it cannot be read.
    Check(Check),
    /// Publishes packs in the registry of a log: they are pinned by dossiers received from its fence on
    ///
    /// A pack whose procedure and version are there already is left as it is; another content under that version is
    /// refused, because dossiers pin it. Roles that no agency of the pack's province has are refused too.
    #[command(after_help = "Example:\n  \
        lienthong pack publish my-procedure.yaml --log kafka://kafka-1:9092/lienthong --dir /etc/lienthong")]
    Publish(Publish),
    /// Lists the packs of a log's registry: what each offers online, and how many there are by field and level
    List(List),
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Packs, in YAML
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Publish {
    /// Packs, in YAML
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    at: At,
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// The counts by field and level alone
    #[arg(long)]
    counts: bool,
    #[command(flatten)]
    at: At,
}

/// In JSON. The same shape for what is wrong with a pack and for what is wrong with the file around it.
#[derive(Serialize)]
struct FileFault {
    file: String,
    /// From 1; 0 for the file as a whole.
    line: u64,
    fault: String,
    /// Why the file could not be read, where that is the fault.
    #[serde(skip)]
    unread: Option<io::Error>,
}

impl FileFault {
    fn of_file(file: &str, line: u64, fault: String) -> Self {
        Self { file: file.to_owned(), line, fault, unread: None }
    }
}

pub(crate) fn run(command: &Command, output: &mut Output<'_>) -> Result<(), Failure> {
    match command {
        Command::Check(asked) => check(&asked.files, output),
        Command::Publish(asked) => publish(asked, output),
        Command::List(asked) => list(asked, output),
    }
}

fn check(files: &[PathBuf], output: &mut Output<'_>) -> Result<(), Failure> {
    let mut faults = Vec::new();
    let mut refused = 0;
    for path in files {
        match read_pack(path) {
            Ok(pack) => {
                if output.format() == Format::Text {
                    output.text(&summary(&pack));
                }
            }
            Err(found) => {
                refused += 1;
                if output.format() == Format::Text {
                    for FileFault { file, line, fault, .. } in &found {
                        output.text(&format!("{file}:{line}: {fault}"));
                    }
                }
                faults.extend(found);
            }
        }
    }
    if output.format() == Format::Json {
        output.json(&faults);
    }
    if refused == 0 {
        return Ok(());
    }
    let error = format!("files with faults: {refused} of {}", files.len());
    let help = "mend each line named on stdout and check again";
    let is_unread = faults.iter().any(|fault| fault.unread.is_some());
    Err(if is_unread { Failure::config(error, help) } else { Failure::refused(error, help) })
}

fn publish(asked: &Publish, output: &mut Output<'_>) -> Result<(), Failure> {
    let packs = read_packs(&asked.files)?;
    let authority = asked.at.authority()?;
    let change = Change { packs, ..Change::default() };
    let published = block_on(async {
        let opened = asked.at.open().await?;
        let outcome = match gaps(&opened.charter.registry, &change) {
            Ok(()) => {
                let is_there = |pack: &Arc<Pack>| {
                    let there = opened.charter.registry.pack(pack.procedure(), pack.version());
                    there.is_some_and(|there| there.text() == pack.text())
                };
                let packs = change.packs.iter().filter(|pack| !is_there(pack)).cloned().collect();
                opened.publish(&Change { packs, ..Change::default() }, &authority).await
            }
            Err(failure) => Err(failure),
        };
        opened.close().await;
        outcome
    })?;
    let revision = published.map(|published| published.number);
    if output.format() == Format::Json {
        output.json(&json!({"packs": change.packs.len(), "revision": revision}));
        return Ok(());
    }
    for pack in &change.packs {
        output.text(&summary(pack));
    }
    match revision {
        Some(revision) => output.text(&format!("Đã công bố bản sửa đổi số {revision} của sổ đăng ký")),
        None => output.text("Sổ đăng ký đã có đủ, không công bố gì"),
    }
    Ok(())
}

/// Dossiers of the packs must find their agencies, on the first day on which they may be received.
fn gaps(registry: &Registry, change: &Change) -> Result<(), Failure> {
    let of = |pack: &Arc<Pack>| {
        let days = pack.in_force();
        registry.gaps(pack, days.from.or(days.to).unwrap_or(training::LAST_CITY_DAY))
    };
    let faults: Vec<_> = change.packs.iter().flat_map(of).map(|fault| fault.to_string()).collect();
    if faults.is_empty() {
        return Ok(());
    }
    Err(Failure::refused(
        faults.join("\n"),
        "mend the packs, or publish the agencies first; nothing was published",
    ))
}

fn list(asked: &List, output: &mut Output<'_>) -> Result<(), Failure> {
    let registry = block_on(async {
        let opened = asked.at.open().await?;
        let registry = Arc::clone(&opened.charter.registry);
        opened.close().await;
        Ok(registry)
    })?;
    let packs: Vec<&Pack> = registry.packs().map(AsRef::as_ref).collect();
    if asked.counts {
        list::counts(&packs, output)
    } else {
        list::packs(&packs, output)
    }
    Ok(())
}

/// Reads packs, which must be without fault.
pub(super) fn read_packs(files: &[PathBuf]) -> Result<Vec<Arc<Pack>>, Failure> {
    let read = |path: &PathBuf| {
        read_pack(path).map(Arc::new).map_err(|faults| {
            if let [FileFault { unread: Some(error), .. }] = &faults[..] {
                return Failure::unreadable(path, error, "a pack");
            }
            let told = |fault: &FileFault| format!("{}:{}: {}", fault.file, fault.line, fault.fault);
            Failure::refused(
                faults.iter().map(told).collect::<Vec<_>>().join("\n"),
                "mend the pack; `lienthong pack check` shows every fault",
            )
        })
    };
    files.iter().map(read).collect()
}

fn read_pack(path: &Path) -> Result<Pack, Vec<FileFault>> {
    let file = path.display().to_string();
    let text = read_text(path, &file).map_err(|fault| vec![fault])?;
    Pack::parse(&file, &text).map_err(|faults| {
        let told = |fault: lienthong_registry::PackFault| {
            FileFault::of_file(&fault.file, fault.line.into(), fault.fault.to_string())
        };
        faults.into_iter().map(told).collect()
    })
}

/// A file's text, or the fault because of which there is none.
fn read_text(path: &Path, file: &str) -> Result<String, FileFault> {
    let bytes = read_bytes(path).map_err(|error| {
        let fault = format!("cannot be read: {error}");
        FileFault { unread: Some(error), ..FileFault::of_file(file, 0, fault) }
    })?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        let fault = format!("the file has over {FILE_BYTES_MAX} bytes and cannot be a pack");
        return Err(FileFault::of_file(file, 0, fault));
    }
    String::from_utf8(bytes).map_err(|error| {
        let sound = error.as_bytes().iter().take(error.utf8_error().valid_up_to());
        let line = sound.filter(|byte| **byte == b'\n').count() as u64 + 1;
        FileFault::of_file(file, line, "the text is not UTF-8".to_owned())
    })
}

fn read_bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What was checked, in one line.
fn summary(pack: &Pack) -> String {
    format!(
        "{}: hợp lệ. Thủ tục {} ({}), phiên bản {}: {} bước, tổng thời hạn {}",
        pack.file(),
        pack.procedure(),
        pack.name(),
        pack.version(),
        pack.steps().len(),
        pack.total().vietnamese(),
    )
}

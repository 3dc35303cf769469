//! `audit verify`: every seal, path, chain and admission.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use lienthong_audit::{Expectation, Fault, PartitionHash, Verified};
use lienthong_log::Partition;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::bar::Bar;
use super::failure;
use super::reach::Reach;
use super::words;
use crate::commands::block_on;
use crate::commands::dossier::words::TRAINING;
use crate::exit::Failure;
use crate::{Format, Output};

/// Faults that text shows; JSON has them all.
const FAULTS_SHOWN_MAX: usize = 40;

#[derive(Debug, Args)]
pub(crate) struct Verify {
    #[command(flatten)]
    reach: Reach,
    /// A hash that was kept: PARTITION:OFFSET=HASH, or several such positions, registry:OFFSET or `end` before it; may be
    /// given often
    #[arg(long, value_name = "POSITION=HASH")]
    expect: Vec<Expectation>,
    /// All hashes of a verification that was kept as JSON
    #[arg(long, value_name = "FILE")]
    expect_file: Option<PathBuf>,
}

/// Why, and what to do about it.
const NOT_SHOWN: &str =
    "the service shows it to auditors alone, by the URI lienthong://role/auditor in the certificate";

/// What is told in JSON.
#[derive(Debug, Serialize)]
struct Report<'a> {
    records: u64,
    admitted: u64,
    voids: BTreeMap<&'static str, u64>,
    faults: Vec<FaultLine>,
    digest: Option<String>,
    position: String,
    hashes: Vec<HashLine>,
    log_id: Option<String>,
    training: bool,
    dossiers: u64,
    events: u64,
    registry_records: u64,
    read_records: u64,
    reads_hash: Option<String>,
    left_out: Vec<Value>,
    faults_left_out: u64,
    #[serde(skip)]
    verified: &'a Verified,
}

/// `partition` is a number, or `registry`; none where several were compared by one hash.
#[derive(Debug, Serialize)]
struct FaultLine {
    partition: Option<Value>,
    offset: u64,
    until: u64,
    kind: &'static str,
    fault: String,
}

/// As it is told, and read back from a file.
#[derive(Debug, Serialize, Deserialize)]
struct HashLine {
    partition: Value,
    offset: u64,
    hash: String,
    #[serde(default)]
    covered: u64,
}

/// What of a kept verification is read.
#[derive(Debug, Deserialize)]
struct Kept {
    hashes: Vec<HashLine>,
}

impl Verify {
    pub(super) fn run(&self, output: &mut Output<'_>) -> Result<(), Failure> {
        let mut expected = self.expect.clone();
        if let Some(file) = &self.expect_file {
            expected.extend(kept(file)?);
        }
        let verified = block_on(async {
            let bar = Bar::new()?;
            let reached = self.reach.open().await?;
            let source = Arc::clone(&reached.source);
            let verified = lienthong_audit::verify(source, &expected, Arc::new(bar.clone())).await;
            bar.clear();
            reached.close().await;
            verified.map_err(failure)
        })?;
        Report::of(&verified).tell(output);
        for partition in &verified.left_out {
            output.note(&format!("{partition}: not verified; {NOT_SHOWN}"));
        }
        let faults = verified.faults.len() as u64 + verified.faults_left_out;
        if faults == 0 {
            return Ok(());
        }
        Err(Failure::found(
            format!("{faults} {}", if faults == 1 { "fault was found" } else { "faults were found" }),
            "the log is not as it was written: keep it as it is, and compare it with another copy or replica",
        ))
    }
}

impl<'a> Report<'a> {
    fn of(verified: &'a Verified) -> Self {
        Self {
            records: verified.records,
            admitted: verified.admitted,
            voids: verified.voids.iter().map(|(reason, count)| (reason.name(), *count)).collect(),
            faults: verified.faults.iter().map(FaultLine::of).collect(),
            digest: verified.digest.map(|digest| digest.to_string()),
            position: verified.position.to_string(),
            hashes: verified.hashes.iter().map(HashLine::of).collect(),
            log_id: verified.log_id.map(|id| id.to_string()),
            training: verified.training,
            dossiers: verified.dossiers,
            events: verified.events,
            registry_records: verified.registry_records,
            read_records: verified.read_records,
            reads_hash: verified.reads_hash.map(|hash| hash.to_string()),
            left_out: verified.left_out.iter().copied().map(partition).collect(),
            faults_left_out: verified.faults_left_out,
            verified,
        }
    }

    fn tell(&self, output: &mut Output<'_>) {
        if output.format() == Format::Json {
            output.json(self);
            return;
        }
        if self.training {
            output.text(TRAINING);
        }
        let voids: u64 = self.voids.values().sum();
        output.text(&format!("Nhật ký                    {}", self.log_id.as_deref().unwrap_or("–")));
        output.text(&format!("Bản ghi                    {}", self.records));
        output.text(&format!("Được nhận                  {}", self.admitted));
        output.text(&format!("Không được nhận            {voids}"));
        for (reason, count) in &self.verified.voids {
            output.text(&format!("    {}: {count}", words::reason(*reason)));
        }
        output.text(&format!("Hồ sơ                      {}", self.dossiers));
        output.text(&format!("Sự kiện                    {}", self.events));
        match self.verified.left_out.contains(&Partition::Reads) {
            true => output
                .text("Lượt đọc dữ liệu cá nhân   CHƯA KIỂM TRA: chứng thư không phải của kiểm toán viên"),
            false => output.text(&format!("Lượt đọc dữ liệu cá nhân   {}", self.read_records)),
        }
        output.text(&format!("Chưa có nhân chứng         {}", self.uncovered()));
        output.text(&format!("Mã băm                     {}", self.digest.as_deref().unwrap_or("–")));
        output.text(&format!("Vị trí                     {}", self.position));
        self.tell_faults(output);
    }

    fn tell_faults(&self, output: &mut Output<'_>) {
        if self.faults.is_empty() {
            output.text("Không phát hiện sai lệch");
            return;
        }
        output.text("SAI LỆCH:");
        for (fault, line) in self.verified.faults.iter().zip(&self.faults).take(FAULTS_SHOWN_MAX) {
            let place = match fault.partition {
                Some(partition) if fault.until == fault.offset + 1 => format!("{partition} {}", fault.offset),
                Some(partition) => format!("{partition} {}..{}", fault.offset, fault.until),
                None => "–".to_owned(),
            };
            output.text(&format!("    {place}: {}", line.fault));
        }
        let more = self.faults.len().saturating_sub(FAULTS_SHOWN_MAX) as u64 + self.faults_left_out;
        if more > 0 {
            output.text(&format!("    và {more} sai lệch nữa"));
        }
    }

    /// Offsets of dossiers that no later author testifies to yet.
    fn uncovered(&self) -> u64 {
        let dossiers =
            self.verified.hashes.iter().filter(|hash| matches!(hash.partition, Partition::Dossiers(_)));
        dossiers.map(|hash| hash.offset - hash.covered).sum()
    }
}

impl FaultLine {
    fn of(fault: &Fault) -> Self {
        Self {
            partition: fault.partition.map(partition),
            offset: fault.offset,
            until: fault.until,
            kind: fault.kind.name(),
            fault: fault.kind.to_string(),
        }
    }
}

impl HashLine {
    fn of(hash: &PartitionHash) -> Self {
        Self {
            partition: partition(hash.partition),
            offset: hash.offset,
            hash: hash.hash.to_string(),
            covered: hash.covered,
        }
    }

    fn expectation(&self) -> Option<Expectation> {
        let partition = match self.partition.as_str() {
            Some(name) => (name == "registry").then_some(Partition::Registry)?,
            None => Partition::Dossiers(u16::try_from(self.partition.as_u64()?).ok()?),
        };
        Expectation::of(partition, self.offset, self.hash.parse().ok()?)
    }
}

/// A partition as JSON names it.
pub(super) fn partition(partition: Partition) -> Value {
    match partition {
        Partition::Dossiers(number) => number.into(),
        Partition::Registry | Partition::Reads => partition.to_string().into(),
    }
}

/// The hashes of a verification that was kept.
fn kept(file: &Path) -> Result<Vec<Expectation>, Failure> {
    let unfit = |why: String| {
        Failure::refused(
            format!("{} is no kept verification: {why}", file.display()),
            "keep one with `lienthong audit verify --output json > FILE`",
        )
    };
    let text = std::fs::read(file)
        .map_err(|error| Failure::unreadable(file, &error, "a file that `audit verify` wrote"))?;
    let kept: Kept = serde_json::from_slice(&text).map_err(|error| unfit(error.to_string()))?;
    let expectations = kept.hashes.iter().map(HashLine::expectation).collect::<Option<Vec<_>>>();
    expectations.ok_or_else(|| unfit("a hash in it is none".to_owned()))
}

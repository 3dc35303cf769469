//! `audit voids`: what was offered and not admitted, and why.

use std::collections::BTreeMap;

use clap::Args;
use lienthong_audit::{After, At, Position, VoidFound, VoidsFound, voids};
use serde::Serialize;

use super::failure;
use super::opened::Opened;
use super::reach::Reach;
use super::words;
use crate::commands::block_on;
use crate::commands::dossier::words::TRAINING;
use crate::exit::Failure;
use crate::{Format, Output};

/// The most void records of one page.
const LIMIT_MAX: i64 = 100_000;

#[derive(Debug, Args)]
pub(crate) struct Voids {
    #[command(flatten)]
    reach: Reach,
    /// Of this partition alone
    #[arg(long, value_name = "N")]
    partition: Option<u16>,
    /// Behind this record, PARTITION:OFFSET, as the page before tells in `next`
    #[arg(long, value_name = "PARTITION:OFFSET", value_parser = after)]
    after: Option<After>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=LIMIT_MAX))]
    limit: u32,
    /// Up to where: a position such as 0:17,5:2, an RFC 3339 instant, or `end`
    #[arg(long, value_name = "POSITION|INSTANT", default_value = "end")]
    at: At,
}

/// What is told in JSON.
#[derive(Debug, Serialize)]
struct Page {
    voids: Vec<Line>,
    /// How many there are in all, by reason.
    counts: BTreeMap<&'static str, u64>,
    /// What to give as `--after` for the page that follows; none on the last.
    next: Option<String>,
    log_id: String,
    training: bool,
}

#[derive(Debug, Serialize)]
struct Line {
    partition: u16,
    offset: u64,
    appended_at: String,
    reason: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agency: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    leaf: Option<String>,
}

impl Voids {
    pub(super) fn run(&self, output: &mut Output<'_>) -> Result<(), Failure> {
        block_on(async {
            let opened = Opened::open(&self.reach).await?;
            let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
            let found = voids(&opened.audit, &self.at, self.partition, self.after, limit).await;
            let told = found.map_err(failure).map(|found| tell(&opened, &found, output));
            opened.close().await;
            told
        })
    }
}

fn tell(opened: &Opened, found: &VoidsFound, output: &mut Output<'_>) {
    let trust = opened.audit.trust();
    let last = found.voids.last().filter(|_| found.more);
    let next = last.map(|void| format!("{}:{}", void.partition, void.offset));
    if output.format() == Format::Json {
        output.json(&Page {
            voids: found.voids.iter().map(Line::of).collect(),
            counts: found.counts.iter().map(|(reason, count)| (reason.name(), *count)).collect(),
            next,
            log_id: trust.log_id().to_string(),
            training: trust.is_training(),
        });
        return;
    }
    if trust.is_training() {
        output.text(TRAINING);
    }
    for void in &found.voids {
        let detail = void.detail.as_ref().map(|detail| format!(" ({detail})")).unwrap_or_default();
        let code = void.code.as_ref().map_or("–", |code| code.as_str());
        let (place, at) = (format!("{}:{}", void.partition, void.offset), void.appended_at.vietnamese());
        output.text(&format!("{place:<12} {at}  {code:<22} {}{detail}", words::reason(void.reason)));
    }
    output.text(&format!("Tổng số không được nhận    {}", found.counts.values().sum::<u64>()));
    for (reason, count) in &found.counts {
        output.text(&format!("    {}: {count}", words::reason(*reason)));
    }
    if let Some(next) = next {
        output.note(&format!("there are more: --after {next}"));
    }
}

impl Line {
    fn of(void: &VoidFound) -> Self {
        Self {
            partition: void.partition,
            offset: void.offset,
            appended_at: void.appended_at.to_string(),
            reason: void.reason.name(),
            detail: void.detail.clone(),
            code: void.code.as_ref().map(ToString::to_string),
            agency: void.agency.as_ref().map(ToString::to_string),
            leaf: void.leaf.map(|leaf| leaf.to_string()),
        }
    }
}

fn after(text: &str) -> Result<After, String> {
    let position: Position =
        text.parse().map_err(|fault: lienthong_audit::PositionFault| fault.to_string())?;
    match position.0.iter().collect::<Vec<_>>()[..] {
        [(partition, offset)] => Ok(After { partition: *partition, offset: *offset }),
        _ => Err("name one record, as in 5:130".to_owned()),
    }
}

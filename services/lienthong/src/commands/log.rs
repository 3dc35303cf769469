//! `log`: a log as a whole.

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use lienthong_log::{EventLog, ReadError, ReadLimit, RestoreError};
use lienthong_log_embedded::OpenError;
use lienthong_log_kafka::{OpenError as KafkaError, Security};
use lienthong_node::{LogUrl, OpenLogError, open_log, telemetry};
use lienthong_registry::LogKind;
use serde_json::json;

use super::dossier::words::TRAINING;
use super::ending::stop_when_told;
use crate::copy::{self, Copied, CopyError, Identity, Stage, Watcher, target};
use crate::exit::{Failure, with_causes};
use crate::{Format, Output};

const AGAIN: &str = "run the same command again: what was copied is kept, and it goes on behind it";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Copies a log to another place: backup, restore, and the way to another kind of log
    ///
    /// Offsets, append times, headers, values, erasable values and tombstones stay as they are; every record is read back
    /// and compared by the running hashes before the copy counts as a log. Until then no service opens it.
    ///
    /// A copy that was stopped or died goes on when the same command is run again; first, what is there already is
    /// compared with the source, record by record. A target that holds another history is refused with the place of the
    /// first difference, and one that is a log already is never written over.
    ///
    /// A source that is written meanwhile is copied up to the ends it had at the start, which the answer tells as
    /// position. An embedded log is held by one process, so its services must be stopped first.
    ///
    /// Keys are not part of a log: keep the folder `keys` of the services too, apart from the copy. Projections need no
    /// copy, they build themselves again.
    #[command(after_help = "Examples:\n  \
        lienthong log copy embedded:lienthong-data embedded:/backup/2026-11-24   # backup\n  \
        lienthong log copy embedded:/backup/2026-11-24 embedded:lienthong-data   # restore, into an empty place\n  \
        lienthong log copy embedded:lienthong-data kafka://kafka-1:9092/lienthong   # from one office to a province")]
    Copy(Copy),
}

#[derive(Debug, Args)]
pub(crate) struct Copy {
    /// The log to copy: embedded:DIR or kafka://HOST:PORT[,HOST:PORT]/PREFIX
    from: LogUrl,
    /// Where to: a place without a log, or with an unfinished copy of this one
    to: LogUrl,
    /// What is logged to stderr, in the form of RUST_LOG
    #[arg(long, value_name = "FILTER", default_value = "warn", env = "LIENTHONG_LOG_FILTER")]
    log_filter: String,
}

pub(crate) fn run(command: &Command, output: &mut Output<'_>) -> Result<(), Failure> {
    let Command::Copy(asked) = command;
    if target::is_same(&asked.from, &asked.to) {
        return Err(Failure::usage(
            format!("{} and {} are one place", asked.from, asked.to),
            "name two places: lienthong log copy FROM TO",
        ));
    }
    telemetry::start(&asked.log_filter);
    let (identity, copied) = super::block_on(carry_out(asked))?;
    tell(identity, &copied, output);
    Ok(())
}

async fn carry_out(asked: &Copy) -> Result<(Identity, Copied), Failure> {
    let stop = stop_when_told()?;
    let security = super::security()?;
    let source = open_log(&asked.from, &security, None).await;
    let source = source.map_err(|error| unopened(&asked.from, &error))?;
    let outcome = from_source(&*source, asked, &security, stop).await;
    source.close().await;
    outcome
}

async fn from_source(
    source: &dyn EventLog,
    asked: &Copy,
    security: &Security,
    stop: Arc<AtomicBool>,
) -> Result<(Identity, Copied), Failure> {
    let to = &asked.to;
    // Before the target is made: nothing is left behind for a source that is no log of ours.
    let identity = copy::identity(source).await.map_err(failure)?;
    let target =
        target::open(to, security, source.dossier_partitions()).await.map_err(|error| error.failure(to))?;
    let mut bar = Bar { bar: ProgressBar::new(0), stop };
    let copied = copy::copy(source, &*target, identity, ReadLimit::default(), &mut bar).await;
    bar.bar.finish_and_clear();
    target.close().await;
    Ok((identity, copied.map_err(failure)?))
}

/// Shows the copy on stderr.
struct Bar {
    bar: ProgressBar,
    stop: Arc<AtomicBool>,
}

impl Watcher for Bar {
    fn begins(&mut self, stage: Stage, offsets: u64) {
        let style = ProgressStyle::with_template(
            "{prefix}  {bar:30} {human_pos}/{human_len} bản ghi  {rate}  còn {eta}",
        );
        let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
        let rate = |state: &ProgressState, text: &mut dyn Write| {
            // Whoever draws the bar has nowhere to say that it could not.
            let _ = write!(text, "{:.0}/s", state.per_sec());
        };
        self.bar.reset();
        self.bar.set_length(offsets);
        self.bar.set_prefix(match stage {
            Stage::Copying => "Đang chép   ",
            Stage::Checking => "Đang đọc lại",
        });
        self.bar.set_style(style.with_key("rate", rate));
        self.bar.enable_steady_tick(Duration::from_millis(100));
    }

    fn advances(&mut self, offsets: u64) {
        self.bar.inc(offsets);
    }

    fn stops(&mut self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

fn tell(identity: Identity, copied: &Copied, output: &mut Output<'_>) {
    let Copied { records, erasables, tombstones, digest, position } = copied;
    let is_training = identity.kind == LogKind::Training;
    if output.format() == Format::Json {
        output.json(&json!({
            "records": records,
            "digest": digest.to_string(),
            "erasables": erasables,
            "tombstones": tombstones,
            "position": position.to_string(),
            "log_id": identity.log_id.to_string(),
            "training": is_training,
        }));
        return;
    }
    if is_training {
        output.text(TRAINING);
    }
    output.text(&format!("Đã chép {records} bản ghi; đã đọc lại toàn bộ và khớp với nguồn"));
    output.text(&format!("Giá trị có thể xóa   {erasables} (đã xóa hẳn: {tombstones})"));
    output.text(&format!("Mã băm               {digest}"));
    output.text(&format!("Chép đến vị trí      {position}"));
}

/// The source is not opened.
fn unopened(url: &LogUrl, error: &OpenLogError) -> Failure {
    match error {
        OpenLogError::Embedded(OpenError::Missing { .. }) => Failure::config(
            format!("there is no log at {url}"),
            "name the log to copy: lienthong log copy FROM TO",
        ),
        OpenLogError::Embedded(OpenError::Unfinished { .. }) => Failure::config(
            format!("the log at {url} is an unfinished copy itself"),
            "finish it first, by the command that began it",
        ),
        OpenLogError::Embedded(OpenError::AlreadyOpen { .. }) => Failure::unreachable(
            error,
            "an embedded log is held by one process: stop its services, copy it, and start them again",
        ),
        OpenLogError::Kafka(KafkaError::Missing { .. }) => {
            Failure::config(error, "name the log to copy: lienthong log copy FROM TO")
        }
        OpenLogError::Embedded(_) | OpenLogError::Kafka(_) | OpenLogError::Panicked => {
            Failure::unreachable(error, "mend what it names; nothing was copied")
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` is given")]
fn failure(error: CopyError) -> Failure {
    let refused = |help: &str| Failure::refused(with_causes(&error), help);
    match &error {
        CopyError::NoGenesis | CopyError::Genesis(_) => {
            refused("only a log that was made whole can be copied; is this the right place?")
        }
        CopyError::OtherHistory { .. } | CopyError::OtherErasable { .. } => refused(
            "the source is another log, or one of the two was changed; `lienthong audit verify` says which holds. Name \
             another place to copy to",
        ),
        CopyError::NotKept { .. } | CopyError::ErasableNotKept { .. } => refused(
            "what keeps the target loses or changes what it is given: do not use it; copy to another place",
        ),
        CopyError::Restore(RestoreError::Gap { .. }) => {
            refused("a log with gaps in its offsets is copied to an embedded log only")
        }
        CopyError::Restore(RestoreError::Behind { .. }) => {
            refused("something else writes to the target; end it, and run the same command again")
        }
        CopyError::Source(ReadError::Damaged { .. }) => {
            refused("the source is damaged there; restore it from another copy, or from a broker's replica")
        }
        CopyError::Target(ReadError::Damaged { .. }) => {
            refused("the target is damaged: copy to another place")
        }
        CopyError::Source(_) | CopyError::Target(_) | CopyError::Restore(_) => {
            Failure::unreachable(&error, format!("mend what it names, then {AGAIN}"))
        }
        CopyError::Stopped => refused(AGAIN),
    }
}

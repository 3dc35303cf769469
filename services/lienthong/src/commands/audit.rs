//! `audit`: a log judged from its raw records alone.
//!
//! ```text
//! --log URL ---------open--> LogSource --.
//! --server ADDRESS --connect--> RawSource +--> lienthong_audit --> JSON, text, exit 3 where something is wrong
//! ```

mod bar;
mod export;
mod opened;
mod reach;
mod report;
mod state;
mod verify;
mod voids;
mod words;

use clap::Subcommand;
use lienthong_audit::{AuditError, SourceError};

use crate::Output;
use crate::exit::Failure;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Verifies every seal, path, chain, fence, admission and reading; exits 3 when something is wrong
    ///
    /// Void records alone are no fault: whoever can write to a log can write anything, and what does not count is counted
    /// by its reason. A fault is what shows that the log is not as it was written. `hashes` tells for each partition its
    /// running hash to keep, and `covered`: below that offset nothing can have been changed without being found. What is
    /// gone from the end of a log is found by expecting hashes that were kept.
    ///
    /// Who read personal data is told to auditors alone, by the URI lienthong://role/auditor in their certificate. To others
    /// a service shows the rest, which is verified; `left_out` then names `reads`.
    #[command(after_help = "Examples:\n  \
        lienthong audit verify --log embedded:lienthong-data\n  \
        lienthong audit verify --server http://127.0.0.1:7104   # beside a running system, which is not believed\n  \
        lienthong audit verify --log kafka://kafka-1:9092/lienthong --output json > 2026-11-24.json   # to keep\n  \
        lienthong audit verify --log kafka://kafka-1:9092/lienthong --expect-file 2026-11-24.json   # the next time\n  \
        lienthong audit verify --log embedded:/backup/2026-11-24 --expect 5:130=4f0c…")]
    Verify(verify::Verify),
    /// State as it was at a position or an instant: of the whole log in figures, or of one dossier
    #[command(after_help = "Examples:\n  \
        lienthong audit state --log embedded:lienthong-data --at end\n  \
        lienthong audit state --log kafka://kafka-1:9092/lienthong --at 2026-12-31T17:00:00+07:00\n  \
        lienthong audit state --log embedded:lienthong-data --at 5:130 H56.2-261102-0001")]
    State(state::State),
    /// Report II.06 as it was at a position or an instant, counted from the raw records: the figures of `lienthong report ii06`
    #[command(after_help = "Examples:\n  \
        lienthong audit report --log embedded:lienthong-data --from 2025-12-15 --to 2026-12-14\n  \
        lienthong audit report --server http://127.0.0.1:7104 --from 2025-12-15 --to 2026-12-14 --at 0:17,5:2")]
    Report(report::Report),
    /// What happened, for other tools: no personal data, no officers' names, the same bytes every time
    ///
    /// Rows are admitted events, activities of imported history among them. JSON Lines and CSV tell them in the order of
    /// partition and offset; XES has a trace for each dossier, in the order of partition and code.
    #[command(after_help = "Examples:\n  \
        lienthong audit export --log embedded:lienthong-data --format csv > events.csv\n  \
        lienthong audit export --log embedded:lienthong-data --format xes --out events.xes   # opens in ProM, PM4Py, Disco\n  \
        lienthong audit export --server http://127.0.0.1:7104 --format jsonl --at 0:17,5:2")]
    Export(export::Export),
    /// What was offered and not admitted, and why, in the order of partition and offset
    #[command(after_help = "Examples:\n  \
        lienthong audit voids --log embedded:lienthong-data\n  \
        lienthong audit voids --log kafka://kafka-1:9092/lienthong --partition 5 --limit 100 --output json")]
    Voids(voids::Voids),
}

pub(crate) fn run(command: &Command, output: &mut Output<'_>) -> Result<(), Failure> {
    match command {
        Command::Verify(verify) => verify.run(output),
        Command::State(state) => state.run(output),
        Command::Report(report) => report.run(output),
        Command::Export(export) => export.run(output),
        Command::Voids(voids) => voids.run(output),
    }
}

/// An audit that does not come to its end.
#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` is given")]
fn failure(error: AuditError) -> Failure {
    match &error {
        AuditError::Empty => Failure::config(&error, "name a log, or a service that has one"),
        AuditError::Registry { .. } | AuditError::NoRevision { .. } => Failure::found(
            &error,
            "nothing can be judged by such a registry; `lienthong audit verify` tells more",
        ),
        AuditError::Training => Failure::refused(
            &error,
            "name a position such as 0:17,5:2 instead, as `lienthong audit verify` tells it",
        ),
        AuditError::Partition { .. } => Failure::usage(&error, "see `lienthong audit --help`"),
        AuditError::Beyond { .. } => Failure::refused(&error, "name a position up to the end, or `end`"),
        AuditError::Source(SourceError::Damaged { .. }) => Failure::found(
            &error,
            "`lienthong audit verify` tells what else is wrong; restore the log from another copy",
        ),
        AuditError::Source(SourceError::Unreadable { .. }) => Failure::unreachable(
            &error,
            "see that whoever keeps the log answers, then run the same command again: it changes nothing",
        ),
        AuditError::Source(SourceError::Withheld { .. }) => Failure::refused(
            &error,
            "show the certificate of an auditor, with the URI lienthong://role/auditor",
        ),
        AuditError::Stopped => Failure::refused(&error, "run the same command again: it changes nothing"),
        AuditError::State(_) | AuditError::Panicked | AuditError::Write(_) => Failure::defect(&error),
    }
}

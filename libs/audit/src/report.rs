//! Report II.06 as it was at a position, counted from what the raw records come to: no service's figures are believed.

use lienthong_calendar::Instant;
use lienthong_log::Stored;
use lienthong_report::{Facts, Ii06, Outline, Rows, Settings, Window};

use crate::error::AuditError;
use crate::lane::Lane;
use crate::position::{At, Position};
use crate::run::{Audit, Pass};
use crate::trust::Trust;

/// What is to be counted.
#[derive(Debug, Clone)]
pub struct Question {
    /// The window.
    pub window: Window,
    /// By what rows are made.
    pub rows: Rows,
    /// Where reports differ.
    pub settings: Settings,
    /// Dossiers that this agency received, by its id, or by a code that the registry does not know; none for all.
    pub agency: Option<String>,
}

/// The report at a position.
#[derive(Debug, Clone)]
pub struct ReportAsOf {
    /// The report.
    pub report: Ii06,
    /// The offset behind the last record of each partition.
    pub position: Position,
    /// Records that count within the window may still be appended.
    pub provisional: bool,
}

/// Counts II.06 as it was.
///
/// # Errors
/// The log cannot be read, or the watcher stops it; an instant is asked of a training log.
pub async fn report_as_of(audit: &Audit, at: &At, question: &Question) -> Result<ReportAsOf, AuditError> {
    let start =
        |trust: &Trust, partition| Counting { lane: Lane::new(trust, partition), question: question.clone() };
    let mut report = Ii06::new(question.window, question.rows, question.settings);
    let (mut position, mut newest) = (Position::default(), None);
    for counted in audit.over(at, 0..audit.trust().partitions(), start).await? {
        report.add(&counted.report);
        newest = newest.max(counted.newest);
        if counted.next > 0 {
            position.0.insert(counted.partition, counted.next);
        }
    }
    let provisional = !newest.is_some_and(|newest| question.window.is_over_by(newest));
    Ok(ReportAsOf { report, position, provisional })
}

struct Counting {
    lane: Lane,
    question: Question,
}

struct Counted {
    partition: u16,
    next: u64,
    report: Ii06,
    newest: Option<Instant>,
}

impl Pass for Counting {
    type Outcome = Counted;

    fn take(&mut self, trust: &Trust, stored: &Stored) -> Result<(), AuditError> {
        self.lane.take(trust, stored)?;
        Ok(())
    }

    fn finish(mut self, trust: &Trust) -> Result<Counted, AuditError> {
        self.lane.settle()?;
        let Question { window, rows, settings, agency } = &self.question;
        let (mut report, mut newest) = (Ii06::new(*window, *rows, *settings), None);
        for row in self.lane.states() {
            let (code, state) = row?;
            let outline = Outline::of(&state.dossier, u64::from);
            let Some(facts) = Facts::of(trust.registry(), code, &outline, u64::MAX) else { continue };
            newest = newest.max(Some(facts.newest));
            if agency.as_ref().is_none_or(|agency| facts.is_of(agency)) {
                report.count(&facts);
            }
        }
        Ok(Counted { partition: self.lane.partition(), next: self.lane.cursor().next, report, newest })
    }
}

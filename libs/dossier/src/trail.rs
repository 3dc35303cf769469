//! The trail of a dossier: the instants that offices answer for, each with the record that it stands in.
//!
//! A report at an earlier position leaves out what later records say, so it can be made of a later state.

use lienthong_calendar::Instant;
use serde::{Deserialize, Serialize};

use crate::status::Status;

/// A record of a dossier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Mark {
    /// Its ordinal among the dossier's records, from 0.
    pub record: u32,
    /// Its `at`.
    pub at: Instant,
}

/// A record that changed the status, the promise, or whether its clock runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// The record.
    pub mark: Mark,
    /// The status after it.
    pub status: Status,
    /// The promise after it; while the clock stands, the one before the pause.
    pub due: Option<Instant>,
    /// The clock stands.
    pub stands: bool,
}

/// Every such change, in the order of records.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Trail(Vec<Turn>);

impl Trail {
    /// Notes what a record led to, if it changed anything.
    pub(crate) fn note(&mut self, turn: Turn) {
        let says = |turn: &Turn| (turn.status, turn.due, turn.stands);
        let is_news = self.0.last().is_none_or(|last| says(last) != says(&turn));
        if is_news {
            self.0.push(turn);
        }
    }

    /// The turns.
    #[must_use]
    pub fn turns(&self) -> &[Turn] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Action;
    use crate::testing::*;

    #[test]
    fn a_trail_tells_by_which_record_status_promise_and_standing_changed() {
        let mut story = Story::at_the_tax_office();
        story.tell("2026-11-05 09:00", TAX, notice("1/TB", vec![line(FEE, 15_000_000, 0)]));
        story.tell("2026-11-09 09:00", TAX, pay("KB-1", "1/TB", FEE, 15_000_000));
        let turns: Vec<_> = story
            .case()
            .trail
            .turns()
            .iter()
            .map(|turn| (turn.mark.record, turn.mark.at, turn.status, turn.stands))
            .collect();
        assert_eq!(
            turns,
            [
                (0, at("2026-11-02 08:15"), Status::Accepted, false),
                (3, at("2026-11-02 10:00"), Status::Processing, false),
                // The slip stops the clock until it is answered, by a notice that stops it until it is paid.
                (5, at("2026-11-03 10:30"), Status::Processing, true),
                (7, at("2026-11-05 09:00"), Status::PaymentAwaited, true),
                (8, at("2026-11-09 09:00"), Status::Processing, false),
            ]
        );
        let due: Vec<_> = story.case().trail.turns().iter().map(|turn| turn.due.unwrap()).collect();
        assert!(due[..4].iter().all(|other| *other == due[0]) && due[4] > due[0], "{due:?}");
        assert_eq!(story.case().records, 9);
        let paid = story.case().money.payments.values().next().unwrap();
        assert_eq!(paid.received, Mark { record: 8, at: at("2026-11-09 09:00") });
        story.now = at("2026-11-09 10:00");
        story.tell(
            "2026-11-09 10:00",
            TAX,
            Action::CancelPayment { payment: "KB-1".to_owned().try_into().unwrap(), ground: ground("Hủy") },
        );
        let paid = story.case().money.payments.values().next().unwrap();
        assert_eq!(paid.cancelled, Some(Mark { record: 9, at: at("2026-11-09 10:00") }));
    }
}

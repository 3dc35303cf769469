//! What an index answers is what a reading of every row answers.

use jiff::civil::Date;
use lienthong_calendar::Instant;
use lienthong_dossier::{Case, Clock, Dossier, DossierCode, Status};
use lienthong_registry::ProcedureCode;

use super::world::{AGENCIES, Dice, PROCEDURES, agency, case, code, state};
use super::{filled, open_sound, place};
use crate::{Days, Place, Query, Store, Task};

impl Dice {
    fn some<T>(&mut self, of: u64, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.below(of) == 0).then(|| value(self))
    }

    /// One of the days about those of the world.
    fn date(&mut self) -> Date {
        let start = 1_795_000_000_000 - 5 * 86_400_000;
        Instant::from_millis(start + 86_400_000 * self.below(50) as i64).date()
    }

    fn days(&mut self) -> Days {
        let (from, to) = (self.date(), self.date());
        from.min(to)..=from.max(to)
    }

    fn query(&mut self) -> Query {
        let prefixes = ["", "H56.12-", "H56.12-261122-00", "H56.12-261122-0031", "H56.13"];
        let statuses = 1 + self.below(3);
        Query {
            code_prefix: prefixes[self.below(prefixes.len() as u64) as usize].to_owned(),
            agency: self.some(3, |dice| agency(dice.agency())),
            statuses: self
                .some(3, |dice| (0..statuses).map(|_| Status::ALL[dice.below(10) as usize]).collect())
                .unwrap_or_default(),
            procedure: self.some(4, |dice| {
                ProcedureCode::parse(PROCEDURES[dice.below(PROCEDURES.len() as u64) as usize]).unwrap()
            }),
            received_by: self.some(4, |dice| agency(dice.agency())),
            imported: self.some(5, |dice| dice.below(2) == 0),
            received: self.some(4, Self::days),
            due: self.some(4, Self::days),
            overdue_as_of: self.some(5, Self::date),
        }
    }
}

/// Every page of a query, each of at most so many.
fn pages(store: &Store, query: &Query, size: usize) -> Vec<DossierCode> {
    let (mut codes, mut from) = (Vec::new(), None);
    loop {
        let found = store.find(query, from.as_ref(), size).unwrap();
        assert!(found.dossiers.len() <= size, "{query:?}");
        codes.extend(found.dossiers.into_iter().map(|(code, _)| code));
        // As a token carries it.
        let Some(next) = found.next else { return codes };
        from = Place::parse(next.as_bytes());
        assert_eq!(from, Some(next));
    }
}

#[test]
fn an_index_answers_what_a_reading_of_every_row_answers() {
    let mut answered = 0;
    for seed in 0..6 {
        let (_place, dir) = place();
        let (store, ..) = filled(&dir, seed, 25);
        let all = store.list(None, "", usize::MAX).unwrap();
        let mut dice = Dice(seed);
        for _ in 0..200 {
            let query = dice.query();
            let expected: Vec<_> = all
                .iter()
                .filter(|(code, state)| query.fits(code, state))
                .map(|(code, _)| code.clone())
                .collect();
            answered += expected.len();
            assert_eq!(pages(&store, &query, 1 + dice.below(20) as usize), expected, "{query:?}");
        }
    }
    assert!(answered > 2_000, "only {answered} were looked for");
}

#[test]
fn a_full_page_says_whether_there_is_another() {
    let (_place, dir) = place();
    let (store, ..) = filled(&dir, 7, 20);
    let query = Query { agency: Some(agency("land")), ..Query::default() };
    let all = pages(&store, &query, 1_000).len();
    assert!(all > 2);
    assert!(store.find(&query, None, all).unwrap().next.is_none());
    assert!(store.find(&query, None, all - 1).unwrap().next.is_some());
}

#[test]
fn a_place_is_a_code_or_just_behind_one() {
    let behind = Place::behind(&code("H56.12-261122-0001"));
    assert_eq!(Place::parse(behind.as_bytes()), Some(behind));
    assert!(Place::parse(b"H56.12-261122-0001").is_some());
    for strange in [&b""[..], b"\0", b"H56\0\0", b"\xff"] {
        assert_eq!(Place::parse(strange), None, "{strange:?}");
    }
}

#[test]
fn what_is_late_is_told_by_days_and_stays_as_late_as_it_was_when_it_came_to_stand() {
    let at = |text: &str| Instant::parse(&format!("{text}+07:00")).unwrap();
    let due = at("2026-11-20T17:30:00");
    let running = Clock::Running { start: due, due };
    let stands =
        |since: &str| Clock::Paused { start: due, due: Some(due), remaining_minutes: 0, since: at(since) };
    let ended = Clock::Ended { due, at: at("2026-11-23T08:00:00") };
    for (clock, day, late) in [
        (running, "2026-11-20", false),
        (running, "2026-11-21", true),
        (stands("2026-11-20T23:00:00"), "2026-12-31", false),
        (stands("2026-11-21T08:00:00"), "2026-12-31", true),
        (stands("2026-11-21T08:00:00"), "2026-11-20", false),
        (ended, "2026-12-31", false),
        (Clock::Idle, "2026-12-31", false),
    ] {
        let dossier = state(Dossier::Live(Box::new(Case { clock, ..case("ward") })), 1);
        let query = Query { overdue_as_of: Some(day.parse().unwrap()), ..Query::default() };
        assert_eq!(query.fits(&code("x"), &dossier), late, "{clock:?} on {day}");
    }
}

#[test]
fn tasks_go_on_behind_any_of_them_and_come_from_any_instant() {
    let (_place, dir) = place();
    let (store, ..) = filled(&dir, 8, 20);
    for agency in AGENCIES.map(agency) {
        let all: Vec<Task> = store.tasks(&agency, None).map(Result::unwrap).collect();
        assert!(all.is_sorted() && all.len() > 10);
        for (index, task) in all.iter().enumerate() {
            assert_eq!(Task::parse(&task.place()).as_ref(), Some(task));
            let rest: Vec<Task> = store.tasks(&agency, Some(task)).map(Result::unwrap).collect();
            assert_eq!(rest, all[index + 1..]);
            let Some(due) = task.due() else { continue };
            let rest = store.tasks_from(&agency, due).map(Result::unwrap);
            let expected = all.iter().filter(|task| task.due().is_none_or(|other| other >= due));
            assert!(rest.eq(expected.cloned()));
        }
    }
    assert_eq!(open_sound(&place().1).tasks(&agency("ward"), None).count(), 0);
}

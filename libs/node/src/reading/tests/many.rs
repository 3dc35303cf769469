//! How long searches and a year's report take over many dossiers. It measures, so it is asked for:
//!
//! ```sh
//! LIENTHONG_DOSSIERS=1000000 cargo test --workspace --lib a_search_over_many -- --ignored --nocapture
//! ```

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant as Clock};

use jiff::civil::Date;
use lienthong_admission::{Changes, Row, State};
use lienthong_calendar::Instant;
use lienthong_dossier::{Dossier, DossierCode, Phase, Status};
use lienthong_projection::{Advance, Days, Identity, Place, Query, Store, StoreError};
use lienthong_registry::ProcedureCode;
use lienthong_report::{Facts, Ii06, Outline, Rows, Settings, Window};
use lienthong_seal::{Hash, partition_of};

use crate::reading::support::*;
use crate::reporting::survey;

/// Rows written in one batch.
const BATCH: usize = 512;
/// Searches of each kind.
const SEARCHES: usize = 200;
/// Partitions of a log unless said otherwise.
const PARTITIONS: u16 = 48;

/// One step of a story that an office has thousands of.
fn states() -> Vec<State> {
    let mut all = Vec::new();
    for commands in 1..=to_the_notice().len() {
        let mut story = Story::new();
        to_the_notice()
            .into_iter()
            .take(commands)
            .for_each(|(when, who, action)| story.tell(when, who, action));
        all.push(story.state());
    }
    let mut story = Story::with_notice();
    story.pay("2026-11-06 09:00", "KB-1", FEE, 15_000_000);
    story.pay("2026-11-06 09:30", "KB-2", INCOME, 30_000_000);
    all.push(story.state());
    all
}

/// The n-th dossier: of one of 166 desks and 250 days, nineteen of twenty of them done.
fn dossier(states: &[State], n: usize) -> (DossierCode, State) {
    let (desk, day) = (n % 166 + 1, n / 166 % 250);
    let is_open = n.is_multiple_of(20);
    let mut state = states[if is_open { n / 20 % states.len() } else { states.len() - 1 }].clone();
    let shift = |at: Instant| Instant::from_micros(at.as_micros() - 86_400_000_000 * day as i64);
    if let Dossier::Live(case) = &mut state.dossier {
        case.opened_at = shift(case.opened_at);
        case.received_by = agency(&format!("H56.{desk}"));
        case.procedure = ProcedureCode::parse(["1.099001", "1.012756", "2.000815"][n % 3]).unwrap();
        use lienthong_dossier::Clock as Run;
        case.clock = match case.clock {
            Run::Running { start, due } if is_open => Run::Running { start: shift(start), due: shift(due) },
            Run::Running { due, .. } => Run::Ended { due: shift(due), at: shift(due) },
            stands @ (Run::Idle | Run::Paused { .. } | Run::Ended { .. }) => stands,
        };
        if !is_open {
            case.phase = Phase::Delivered;
            case.step = None;
        }
    }
    let opened = Instant::at(Date::constant(2026, 11, 2), jiff::civil::Time::midnight());
    let (year, month, of_month) = {
        let date = shift(opened).date();
        (date.year() % 100, date.month(), date.day())
    };
    let code = format!("H56.{desk}-{year:02}{month:02}{of_month:02}-{:07}", n / 166);
    (DossierCode::parse(&code).unwrap(), state)
}

fn fill(store: &Store, dossiers: usize) {
    let states = states();
    let mut batches: Vec<Vec<Row>> = (0..PARTITIONS).map(|_| Vec::new()).collect();
    let mut cursors: Vec<_> = (0..PARTITIONS).map(|partition| store.cursor(partition).unwrap()).collect();
    let mut write = |partition: usize, rows: &mut Vec<Row>| {
        let cursor = &mut cursors[partition];
        for row in &*rows {
            cursor.states += row.term;
        }
        cursor.next += rows.len() as u64;
        cursor.count += rows.len() as u64;
        let changes = Changes { rows: std::mem::take(rows), witnesses: Vec::new() };
        let cursor = cursor.clone();
        store.write(Advance { partition: partition as u16, cursor, changes, voids: Vec::new() }).unwrap();
    };
    for n in 0..dossiers {
        let (code, after) = dossier(&states, n);
        let partition = usize::from(partition_of(code.as_str(), PARTITIONS));
        let rows = &mut batches[partition];
        rows.push(Row::new(code, None, Arc::new(after), [].into()).unwrap());
        if rows.len() == BATCH {
            write(partition, rows);
        }
    }
    batches.iter_mut().enumerate().for_each(|(partition, rows)| write(partition, rows));
}

fn open(dir: &Path) -> Store {
    let identity = Identity { log_id: Hash([7; 32]), partitions: PARTITIONS };
    let opened = Store::open(dir, &identity).unwrap();
    assert!(opened.moved_aside.is_none());
    opened.store
}

fn day(n: usize) -> Date {
    let first = Instant::at(Date::constant(2026, 3, 1), jiff::civil::Time::midnight());
    Instant::from_micros(first.as_micros() + 86_400_000_000 * (n % 240) as i64).date()
}

fn days(from: usize, count: usize) -> Days {
    day(from)..=day(from).checked_add(jiff::SignedDuration::from_hours(24 * count as i64)).unwrap()
}

/// What offices ask for, the n-th of each kind.
fn queries(n: usize) -> Vec<(&'static str, Query)> {
    let desk = || Some(agency(&format!("H56.{}", n * 7 % 166 + 1)));
    let procedure = || Some(ProcedureCode::parse(["1.099001", "1.012756", "2.000815"][n % 3]).unwrap());
    let query = Query::default;
    let open = || vec![Status::Processing];
    let code = format!("H56.{}-260{}", n * 7 % 166 + 1, n % 6 + 3);
    vec![
        ("code prefix", Query { code_prefix: code, ..query() }),
        ("status", Query { statuses: open(), ..query() }),
        ("desk + status", Query { received_by: desk(), statuses: open(), ..query() }),
        (
            "desk + procedure + month received",
            Query {
                received_by: desk(),
                procedure: procedure(),
                received: Some(days(n * 11, 30)),
                ..query()
            },
        ),
        ("agency + status", Query { agency: Some(agency(LAND)), statuses: open(), ..query() }),
        ("due in a week", Query { due: Some(days(n * 11, 7)), ..query() }),
        ("status + due in a month", Query { statuses: open(), due: Some(days(n * 11, 30)), ..query() }),
        ("status + due in the year", Query { statuses: open(), due: Some(days(0, 250)), ..query() }),
        ("desk + due in the year", Query { received_by: desk(), due: Some(days(0, 250)), ..query() }),
        ("overdue", Query { overdue_as_of: Some(day(n * 11)), ..query() }),
        ("desk + overdue", Query { received_by: desk(), overdue_as_of: Some(day(n * 11)), ..query() }),
        (
            "procedure + overdue",
            Query { procedure: procedure(), overdue_as_of: Some(day(n * 11)), ..query() },
        ),
        (
            "desk + status that nobody has",
            Query { received_by: desk(), statuses: vec![Status::Stopped], ..query() },
        ),
    ]
}

fn at_percent(sorted: &[Duration], percent: usize) -> Duration {
    sorted[(sorted.len() * percent / 100).min(sorted.len() - 1)]
}

/// What a report counts, by the threads of `reporting`.
fn report(store: &Store, mut command: impl FnMut() + Send) -> (Ii06, usize) {
    let registry = registry();
    let window = Window::new(Date::constant(2025, 12, 15), Date::constant(2026, 12, 14)).unwrap();
    let mut report = Ii06::new(window, Rows::Agency, Settings::default());
    let mut counted = 0;
    let facts_of = |_, code: &DossierCode, outline: &Outline| Facts::of(&registry, code, outline, u64::MAX);
    let counting = survey(store, 0..PARTITIONS, facts_of, |all| {
        command();
        for facts in all {
            report.count(facts);
            counted += 1;
        }
        Ok::<_, StoreError>(())
    });
    counting.unwrap();
    (report, counted)
}

#[test]
#[ignore = "it measures, for minutes"]
fn a_search_over_many_dossiers_is_short_while_commands_go_on() {
    let wanted = std::env::var("LIENTHONG_DOSSIERS").ok().and_then(|text| text.parse().ok());
    let dossiers: usize = wanted.unwrap_or(100_000);
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("store");
    let store = open(&dir);
    let begun = Clock::now();
    fill(&store, dossiers);
    println!("dossiers written: {dossiers} in {:?}", begun.elapsed());
    store.close().unwrap();
    let bytes: u64 =
        std::fs::read_dir(&dir).unwrap().map(|file| file.unwrap().metadata().unwrap().len()).sum();
    let begun = Clock::now();
    let store = Arc::new(open(&dir));
    println!("store of {} MiB opened and checked in {:?}", bytes >> 20, begun.elapsed());

    // As many commands as searches and pages of a report, beside them.
    let (command, commands) = std::sync::mpsc::channel();
    let writer = {
        let store = Arc::clone(&store);
        // What a node writes for a command: one dossier more, in a batch of its own.
        std::thread::spawn(move || {
            let (states, mut written) = (states(), 0);
            for () in commands {
                let (code, after) = dossier(&states, dossiers + written);
                let partition = partition_of(code.as_str(), PARTITIONS);
                let row = Row::new(code, None, Arc::new(after), [].into()).unwrap();
                let mut cursor = store.cursor(partition).unwrap();
                cursor.states += row.term;
                (cursor.next, cursor.count) = (cursor.next + 1, cursor.count + 1);
                let changes = Changes { rows: vec![row], witnesses: Vec::new() };
                store.write(Advance { partition, cursor, changes, voids: Vec::new() }).unwrap();
                written += 1;
            }
            written
        })
    };
    let mut took: std::collections::BTreeMap<&str, Vec<Duration>> = std::collections::BTreeMap::new();
    let mut found = 0;
    for n in 0..SEARCHES {
        for (kind, query) in queries(n) {
            command.send(()).unwrap();
            let begun = Clock::now();
            let page = store.find(&query, None, 50).unwrap();
            took.entry(kind).or_default().push(begun.elapsed());
            found += page.dossiers.len();
            if n == 0 {
                println!("{kind}: {} on the first page, more: {}", page.dossiers.len(), page.next.is_some());
            }
            let second = page.next.filter(|_| n.is_multiple_of(10));
            if let Some(next) = second {
                store.find(&query, Place::parse(next.as_bytes()).as_ref(), 50).unwrap();
            }
        }
    }
    let mut all: Vec<Duration> = took.values().flatten().copied().collect();
    for (kind, times) in took.iter_mut().chain([(&"all", &mut all)]) {
        times.sort();
        let (p50, p95) = (at_percent(times, 50), at_percent(times, 95));
        println!("{kind}: p50 {p50:?}, p95 {p95:?}, longest {:?}", times[times.len() - 1]);
    }
    let begun = Clock::now();
    let (_, counted) = report(&store, || command.send(()).unwrap());
    let elapsed = begun.elapsed();
    drop(command);
    println!("II.06 of a year over {counted} dossiers in {elapsed:?}");
    println!("dossiers written meanwhile: {}", writer.join().unwrap());
    assert!(found > 0 && counted >= dossiers);
}

//! Figures of dossiers that a source tells of, and of money.

use std::sync::{Arc, OnceLock};

use jiff::civil::{Date, date};
use lienthong_calendar::Instant;
use lienthong_dossier::{
    Channel, Dossier, DossierCode, History, Imported, Named, PaymentChannel, SourceName, Status, Told,
    ToldSupplement,
};
use lienthong_registry::training::{self, TrainingKeys};
use lienthong_registry::{AgencyId, Registry};
use proptest::prelude::*;

use crate::facts::Paid;
use crate::*;

fn registry() -> Arc<Registry> {
    static REGISTRY: OnceLock<Arc<Registry>> = OnceLock::new();
    let keys = || TrainingKeys::made_up().unwrap();
    let make = || Arc::new(Registry::new(training::parts(&keys(), &[]).unwrap()).unwrap());
    Arc::clone(REGISTRY.get_or_init(make))
}

fn at(text: &str) -> Instant {
    Instant::parse(&format!("{text}:00+07:00")).unwrap()
}

fn told() -> Told {
    Told {
        procedure: Named { code: "2.000815".to_owned(), name: "Chứng thực".to_owned() },
        field: Named { code: "G15-TP".to_owned(), name: "Tư pháp".to_owned() },
        agency: Named { code: "H56.2".to_owned(), name: "UBND phường Mẫu".to_owned() },
        channel: Some(Channel::Direct),
        ..Told::default()
    }
}

fn facts(told: Told, status: Option<Status>) -> Facts {
    let source = SourceName::parse("mot-cua").unwrap();
    let history =
        History { source, record: "1".to_owned(), activities: Vec::new(), status, told: Some(told) };
    let by = AgencyId::parse("import-office").unwrap();
    let imported = Imported::of(&by, at("2026-11-02T08:00"), &history, None);
    let code = DossierCode::parse("H56.2-210301-0001").unwrap();
    facts_of(&code, &Dossier::Imported(Box::new(imported)), 1).unwrap()
}

/// The facts of a dossier's first records, which lie one behind the other from the start of the log.
fn facts_of(code: &DossierCode, dossier: &Dossier, records: u64) -> Option<Facts> {
    Facts::of(&registry(), code, &Outline::of(dossier, u64::from), records)
}

fn year() -> Window {
    Window::new(date(2020, 12, 15), date(2021, 12, 14)).unwrap()
}

/// The columns in which a dossier counts.
fn columns(facts: &Facts, window: Window, settings: Settings) -> Vec<u32> {
    let is_in = |number: &u32| facts.is_in(Column::new(*number).unwrap(), window, settings);
    (3..=13).filter(is_in).collect()
}

#[test]
fn each_dossier_counts_where_its_days_put_it() {
    let received = |text| Told { received_at: Some(at(text)), due: Some(at("2021-03-10T17:30")), ..told() };
    let solved = |from, to| Told { finished_at: Some(at(to)), ..received(from) };
    let online = |told| Told { channel: Some(Channel::Online), ..told };
    let (open, done) = (Some(Status::Processing), Some(Status::Delivered));
    let stopped = Told { finished_at: Some(at("2021-03-09T09:00")), ..received("2021-03-01T08:00") };
    for (what, told, status, expected) in [
        ("early", solved("2021-03-01T08:00", "2021-03-09T16:00"), done, &[3, 5, 7, 8][..]),
        ("in time, after hours", solved("2021-03-01T08:00", "2021-03-10T23:00"), done, &[3, 5, 7, 9]),
        ("late", solved("2021-03-01T08:00", "2021-03-11T00:00"), done, &[3, 5, 7, 10]),
        ("carried over", solved("2020-12-14T23:59", "2021-03-09T16:00"), done, &[3, 6, 7, 8]),
        ("online", online(solved("2020-12-15T00:00", "2021-03-09T16:00")), done, &[3, 4, 7, 8]),
        ("solved before", solved("2020-12-01T08:00", "2020-12-14T16:00"), done, &[]),
        ("received after", received("2021-12-15T00:00"), open, &[]),
        ("overdue", received("2021-03-01T08:00"), open, &[3, 5, 11, 13]),
        (
            "solved after, and late at the end",
            solved("2021-03-01T08:00", "2021-12-15T08:00"),
            done,
            &[3, 5, 11, 13],
        ),
        ("withdrawn", solved("2021-03-01T08:00", "2021-03-09T16:00"), Some(Status::Withdrawn), &[3, 5, 7, 9]),
        ("stopped in time", stopped.clone(), Some(Status::Stopped), &[3, 5, 11, 12]),
        ("solved, says no status", solved("2021-03-01T08:00", "2021-03-09T16:00"), None, &[3, 5, 7, 8]),
        (
            "said to be open with an end",
            solved("2021-03-01T08:00", "2021-03-09T16:00"),
            open,
            &[3, 5, 11, 13],
        ),
        ("said to be solved without an end", received("2021-03-01T08:00"), done, &[3, 5, 11, 13]),
    ] {
        assert_eq!(columns(&facts(told, status), year(), Settings::default()), expected, "{what}");
    }
    let settings = Settings { stopped_is_solved: true };
    assert_eq!(columns(&facts(stopped, Some(Status::Stopped)), year(), settings), [3, 5, 7, 8]);
    let refused = Told { refused_at: Some(at("2021-03-01T09:00")), ..received("2021-03-01T08:00") };
    assert!(columns(&facts(refused, Some(Status::Refused)), year(), Settings::default()).is_empty());
}

#[test]
fn what_is_pending_is_late_from_the_day_after_its_promise_as_of_the_day_that_is_named() {
    let open =
        Told { received_at: Some(at("2021-03-01T08:00")), due: Some(at("2021-03-10T17:30")), ..told() };
    let open = facts(open, Some(Status::Processing));
    let on = |day| columns(&open, year().measured_on(day), Settings::default());
    assert_eq!(on(date(2021, 3, 10)), [3, 5, 11, 12]);
    assert_eq!(on(date(2021, 3, 11)), [3, 5, 11, 13]);
    assert_eq!(year().measured_on(date(2022, 1, 1)).measured(), date(2021, 12, 14), "not beyond the window");
}

#[test]
fn who_waits_for_papers_is_as_late_as_when_they_were_asked_for() {
    let asked = |asked: &str| Told {
        received_at: Some(at("2021-03-01T08:00")),
        due: Some(at("2021-03-10T17:30")),
        supplements: vec![ToldSupplement {
            asked_at: at(asked),
            answered_at: None,
            due_before: None,
            due_after: None,
        }],
        ..told()
    };
    let mut waiting = facts(asked("2021-03-09T09:00"), Some(Status::SupplementRequested));
    waiting.statuses = vec![
        (at("2021-03-01T08:00"), Status::Accepted),
        (at("2021-03-09T09:00"), Status::SupplementRequested),
    ];
    assert_eq!(columns(&waiting, year(), Settings::default()), [3, 5, 11, 12]);
    waiting.statuses[1].0 = at("2021-03-11T09:00");
    assert_eq!(columns(&waiting, year(), Settings::default()), [3, 5, 11, 13]);
}

#[test]
fn a_report_has_the_promise_of_its_time() {
    let moved = Told {
        received_at: Some(at("2021-03-01T08:00")),
        due: Some(at("2021-04-01T17:30")),
        supplements: vec![ToldSupplement {
            asked_at: at("2021-03-04T09:00"),
            answered_at: Some(at("2021-03-20T09:00")),
            due_before: Some(at("2021-03-10T17:30")),
            due_after: Some(at("2021-04-01T17:30")),
        }],
        ..told()
    };
    let facts = facts(moved, Some(Status::Processing));
    let until = |to: Date| Window::new(date(2020, 12, 15), to).unwrap();
    assert_eq!(facts.due_at(until(date(2021, 3, 19))), Some(at("2021-03-10T17:30")));
    assert_eq!(facts.due_at(until(date(2021, 3, 20))), Some(at("2021-04-01T17:30")));
}

#[test]
fn an_agency_that_the_registry_knows_has_its_name() {
    let known = facts(Told { received_at: Some(at("2025-08-01T08:00")), ..told() }, None);
    let label = known.agency.label(&registry(), Rows::Agency, date(2025, 12, 14));
    assert_eq!((label.code.as_str(), label.unknown), ("H56.2", false));
    assert!(known.is_of("H56.2") && !known.is_of("H09.1"));
    assert!(label.name.starts_with("Trung tâm") || label.name.contains("phường"), "{}", label.name);
    let stranger = Told { agency: Named { code: "H09.1".to_owned(), name: "TP Mẫu".to_owned() }, ..told() };
    assert!(facts(stranger.clone(), None).is_of("H09.1"));
    let label = facts(stranger, None).agency.label(&registry(), Rows::Agency, date(2025, 12, 14));
    assert_eq!((label.code.as_str(), label.name.as_str(), label.unknown), ("H09.1", "TP Mẫu", true));
}

/// Cash and online payments of a ward, as they were published: 3,46% and 96,54% of the money.
#[test]
fn money_is_shared_by_amount() {
    let mut paid = facts(told(), None);
    let on =
        |text, channel, amount| Paid { at: at(text), channel, amount, receipted: false, reconciled: true };
    paid.payments = vec![
        on("2021-03-01T08:00", PaymentChannel::Cash, 34_600_000),
        on("2021-03-02T08:00", PaymentChannel::Wallet, 400_000_000),
        on("2021-03-03T08:00", PaymentChannel::Bank, 300_000_000),
        on("2021-12-14T23:59", PaymentChannel::Portal, 265_400_000),
        on("2021-12-15T00:00", PaymentChannel::Cash, 1),
    ];
    paid.payments[0].receipted = true;
    let mut payments = Payments::new(year());
    payments.count(&paid);
    let open = payments.channels().iter().fold((0, 0), |(receipts, statements), (_, paid, _)| {
        (receipts + paid.unreceipted, statements + paid.unreconciled)
    });
    assert_eq!(open, (3, 0), "the one of another year counts nowhere");
    assert_eq!(payments.amount(), 1_000_000_000);
    let percents: Vec<_> =
        payments.channels().iter().map(|(channel, _, share)| (*channel, share.percent())).collect();
    let expected = [
        (PaymentChannel::Cash, "3,46%"),
        (PaymentChannel::Bank, "30,00%"),
        (PaymentChannel::Wallet, "40,00%"),
        (PaymentChannel::Portal, "26,54%"),
    ];
    assert_eq!(percents, expected.map(|(channel, percent)| (channel, percent.to_owned())));
}

#[test]
fn both_readings_of_2_1_are_given_and_the_stricter_gives_the_points() {
    let mut indicators = Indicators::new(year());
    let moved = |finished: &str| Told {
        received_at: Some(at("2021-03-01T08:00")),
        due: Some(at("2021-03-15T17:30")),
        finished_at: Some(at(finished)),
        supplements: vec![ToldSupplement {
            asked_at: at("2021-03-02T09:00"),
            answered_at: Some(at("2021-03-07T09:00")),
            due_before: Some(at("2021-03-10T17:30")),
            due_after: Some(at("2021-03-15T17:30")),
        }],
        ..told()
    };
    // In time by both; late by the promise that was moved, though in time when the wait is taken off once more.
    indicators.count(&facts(moved("2021-03-15T17:00"), Some(Status::Delivered)));
    indicators.count(&facts(moved("2021-03-18T17:00"), Some(Status::Delivered)));
    // Without a promise there is nothing to be in time for.
    indicators.count(&facts(Told { due: None, supplements: Vec::new(), ..moved("2021-03-15T17:00") }, None));
    let all = indicators.all();
    let of = |id: &str| all.iter().find(|indicator| indicator.id == id).unwrap();
    let (subtracting, promise) = (of("2.1-subtracting"), of("2.1-promise"));
    assert_eq!((subtracting.share.percent(), subtracting.points()), ("100,00%".to_owned(), None));
    assert_eq!((promise.share.percent(), promise.points()), ("50,00%".to_owned(), Some(1_000)));
    assert_eq!((promise.share.denominator, of("3.3").share.denominator), (2, 3));
    assert_eq!(of("3.3").points(), None);
}

#[test]
fn points_reach_their_maximum_at_the_threshold() {
    let points = |numerator, denominator, points_max, threshold| {
        let share = Share { numerator, denominator };
        Indicator { id: "", title: "", share, points_max, threshold, note: "" }.points()
    };
    assert_eq!(points(8, 10, 200, 80), Some(200));
    assert_eq!(points(4, 10, 200, 80), Some(100));
    assert_eq!(points(10, 10, 200, 80), Some(200));
    assert_eq!(points(1, 3, 600, 0), Some(200));
    assert_eq!(points(0, 0, 600, 0), None);
}

fn any_facts() -> impl Strategy<Value = Facts> {
    let day = 0i64..900;
    let kinds = prop::sample::select(&[None, Some(7u8), Some(8), Some(9), Some(10), Some(4), Some(5)][..]);
    (day.clone(), prop::option::of(day.clone()), prop::option::of(day), kinds, any::<bool>()).prop_map(
        |(received, solved, due, status, online)| {
            let start = at("2020-01-01T08:00");
            let after = |days: i64| Instant::try_from(start.as_micros() + days * 86_400_000_000).unwrap();
            let told = Told {
                received_at: Some(after(received)),
                finished_at: solved.map(|days| after(received + days)),
                due: due.map(|days| after(received + days)),
                channel: Some(if online { Channel::Online } else { Channel::Postal }),
                ..told()
            };
            facts(told, status.and_then(|code| Status::from_code(code.into())))
        },
    )
}

proptest! {
    #[test]
    fn the_identities_hold_for_every_row_and_from_window_to_window(
        dossiers in prop::collection::vec(any_facts(), 0..40),
        first in 0i32..600,
        (one, other) in (0i32..400, 0i32..400),
        stopped_is_solved in any::<bool>(),
    ) {
        let settings = Settings { stopped_is_solved };
        let day = |days: i32| date(2020, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap();
        let report = |from: i32, to: i32| {
            let window = Window::new(day(from), day(to)).unwrap();
            let mut report = Ii06::new(window, Rows::Agency, settings);
            dossiers.iter().for_each(|facts| report.count(facts));
            report
        };
        let (before, after) = (report(first, first + one), report(first + one + 1, first + one + 1 + other));
        for report in [&before, &after] {
            for (_, counts) in report.rows(&registry()).into_iter().chain([(
                Label { code: String::new(), name: String::new(), unknown: false },
                *report.total(),
            )]) {
                let [c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13] = counts.all();
                prop_assert_eq!(c3, c4 + c5 + c6);
                prop_assert_eq!(c3, c7 + c11);
                prop_assert_eq!(c7, c8 + c9 + c10);
                prop_assert_eq!(c11, c12 + c13);
            }
        }
        let (c11, c6) = (Column::new(11).unwrap(), Column::new(6).unwrap());
        prop_assert_eq!(before.total().column(c11), after.total().column(c6));
    }
}

/// A dossier that a desk takes over and finishes: two records of the source, then the bus's own.
fn adopted() -> Dossier {
    use lienthong_dossier::*;
    use lienthong_registry::{CommuneCode, PackVersion, ProcedureCode, StepId};

    let Dossier::Imported(mut imported) = open_elsewhere() else { panic!("imported") };
    imported.records = 2;
    let actor = Actor {
        officer: OfficerId::parse("cb-01").unwrap(),
        name: Line::parse("Lê Thị Mẫu").unwrap(),
        role: Line::parse("Chuyên viên").unwrap(),
        power: Power::Sign,
    };
    let pack = registry().packs().find(|pack| pack.procedure().as_str() == "1.099001").unwrap().clone();
    let adoption = Adoption {
        procedure: ProcedureCode::parse("1.099001").unwrap(),
        pins: Pins {
            pack: PackVersion::parse(pack.version().as_str()).unwrap(),
            calendar: "vn".to_owned(),
            rates: "vn".to_owned(),
        },
        commune: CommuneCode::parse("14797").unwrap(),
        step: StepId::parse("tham-dinh").unwrap(),
        begins: false,
    };
    let due = at("2021-03-10T17:30");
    let runs = Clocks { dossier: Some(ClockChange::Runs { start: at("2021-03-01T08:00"), due }), step: None };
    let ends = Clocks { dossier: Some(ClockChange::Ends), step: None };
    let issued = EventKind::ResultIssued {
        number: PaperNumber::parse("1").unwrap(),
        outcome: lienthong_registry::OutcomeId::parse("xong").unwrap(),
    };
    let act = |when, kind, clocks| Act {
        code: DossierCode::parse("H56.2-210301-0001").unwrap(),
        agency: AgencyId::parse("H56.2").unwrap(),
        actor: actor.clone(),
        at: at(when),
        occurred_at: None,
        events: vec![Event { kind, clocks }],
    };
    let dossier = fold(
        Some(Dossier::Imported(imported)),
        &act("2021-03-03T08:00", EventKind::DossierAdopted(adoption), runs),
    );
    fold(dossier, &act("2021-03-11T08:00", issued, ends)).unwrap()
}

fn open_elsewhere() -> Dossier {
    let told =
        Told { received_at: Some(at("2021-03-01T08:00")), due: Some(at("2021-03-10T17:30")), ..told() };
    let source = SourceName::parse("mot-cua").unwrap();
    let status = Some(Status::Processing);
    let history =
        History { source, record: "1".to_owned(), activities: Vec::new(), status, told: Some(told) };
    let by = AgencyId::parse("import-office").unwrap();
    Dossier::Imported(Box::new(Imported::of(&by, at("2021-03-02T08:00"), &history, None)))
}

#[test]
fn an_adopted_dossier_is_received_once_when_its_source_says_and_solved_when_the_bus_does() {
    let code = DossierCode::parse("H56.2-210301-0001").unwrap();
    let of = |records| facts_of(&code, &adopted(), records).unwrap();
    for (records, expected) in [(2, &[3, 5, 11, 13][..]), (3, &[3, 5, 11, 13]), (4, &[3, 5, 7, 10])] {
        let facts = of(records);
        assert_eq!(facts.received_at, Some(at("2021-03-01T08:00")));
        assert_eq!(columns(&facts, year(), Settings::default()), expected, "{records} records");
    }
    assert_eq!(of(4).agency, of(2).agency, "the row stays the same");
    assert_ne!(of(4).procedure, of(2).procedure, "the bus knows its own procedure");
}

//! What changes around a dossier: agencies are succeeded, calendars are published, other systems hand over.

use std::sync::Arc;

use lienthong_calendar::Calendar;
use lienthong_registry::{Change, CommuneCode, Dated, ProcedureCode, Registry, Rules, Succession};

use super::*;

pub(super) fn amended(change: Change) -> Arc<Registry> {
    Arc::new(registry().amended(Rules::ONE, change).unwrap())
}

/// From 10/11/2026 on the planning department answers for the land office, in one commune or everywhere.
pub(super) fn succession(communes: Option<&str>) -> Change {
    let communes = communes.map(|code| [CommuneCode::parse(code).unwrap()].into());
    let succession = Succession {
        predecessor: agency(LAND),
        successor: agency("planning"),
        communes,
        effective: "2026-11-10".parse().unwrap(),
        legal_basis: "QĐ 12/QĐ-UBND".to_owned(),
    };
    Change { successions: vec![succession], ..Change::default() }
}

fn succeed() -> Action {
    Action::Succeed { predecessor: agency(LAND) }
}

#[test]
fn a_successor_has_its_predecessors_rights_from_the_day_on_and_takes_its_place_by_one_event() {
    let mut story = Story::at_the_slip();
    let before = story.case().clone();
    story.registry = amended(succession(None));
    story.now = at("2026-11-09 09:00");
    assert!(matches!(story.try_it(LAND, succeed()), Err(Denial::NotSucceeded { .. })), "not yet");
    story.now = at("2026-11-10 09:00");
    // The old one may no more, the new one may before anything is recorded.
    assert!(
        matches!(story.try_it(LAND, slip()), Err(Denial::NotHolder { holder }) if holder == agency("planning"))
    );
    assert!(story.try_it("planning", slip()).is_ok());
    assert!(matches!(story.try_it(TAX, succeed()), Err(Denial::NotSuccessor { .. })));
    assert!(matches!(
        story.try_it("planning", Action::Succeed { predecessor: agency(TAX) }),
        Err(Denial::NotSucceeded { .. })
    ));
    for who in [LAND, "planning"] {
        let events = story.try_it(who, succeed()).unwrap();
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].clocks, Clocks::default(), "no clock moves");
    }
    assert_eq!(story.tell("2026-11-10 09:00", LAND, succeed()), ["CustodyTransferredBySuccession"]);
    assert_eq!(story.try_it(LAND, succeed()), Ok(vec![]), "a second run finds nothing to do");
    let after = story.case();
    assert_eq!(after.custody, Custody::Held { by: agency("planning") });
    assert_eq!(
        (after.clock, after.step_clock, after.hand_offs),
        (before.clock, before.step_clock, before.hand_offs)
    );
    assert_eq!(
        (&after.step, &after.received_by, after.status()),
        (&before.step, &before.received_by, before.status())
    );
    assert_eq!(after.parties, [DESK, LAND, "planning"].map(agency).into());
    assert_eq!(gains_access(story.acts.last().unwrap()), [agency("planning")].into());
    story.tell("2026-11-10 09:30", "planning", slip());
}

#[test]
fn a_successor_of_some_communes_takes_only_their_dossiers() {
    let mut story = Story::at_the_slip();
    story.now = at("2026-11-10 09:00");
    story.registry = amended(succession(Some("14758")));
    assert!(matches!(story.try_it(LAND, succeed()), Err(Denial::NotSucceeded { .. })));
    assert!(story.try_it(LAND, slip()).is_ok());
}

#[test]
fn open_offers_and_requests_go_over_and_what_is_over_keeps_its_name() {
    let mut story = Story::new("2026-11-09 08:15");
    story.tell("2026-11-09 08:15", DESK, Action::Receive(intake("1.099001")));
    story.tell("2026-11-09 09:00", DESK, complete("tiep-nhan", "chuyen-ho-so"));
    story.tell("2026-11-09 09:05", DESK, offer(LAND));
    story.registry = amended(succession(None));
    story.now = at("2026-11-10 08:00");
    assert!(story.try_it("planning", Action::AcceptCustody).is_ok());
    assert!(matches!(story.try_it(LAND, Action::AcceptCustody), Err(Denial::NotOfferedTo { .. })));
    story.tell("2026-11-10 08:00", LAND, succeed());
    let to_planning =
        Custody::Offered { by: agency(DESK), to: agency("planning"), medium: Medium::Electronic };
    assert_eq!(story.case().custody, to_planning);
    story.tell("2026-11-10 08:10", "planning", Action::AcceptCustody);
}

#[test]
fn the_tax_offices_successor_records_payments_of_its_notices() {
    let mut story = Story::at_the_tax_office();
    story.tell("2026-11-05 09:00", TAX, notice("1", vec![line(FEE, 100, 0)]));
    let change = succession(None);
    let of_tax = Succession { predecessor: agency(TAX), ..change.successions[0].clone() };
    story.registry = amended(Change { successions: vec![of_tax], ..Change::default() });
    story.now = at("2026-11-10 09:00");
    assert!(matches!(story.try_it(TAX, pay("p", "1", FEE, 100)), Err(Denial::NotIssuer { .. })));
    story.tell("2026-11-10 09:00", "planning", Action::Succeed { predecessor: agency(TAX) });
    let answered = story.case().referrals.values().next().unwrap();
    assert_eq!(answered.to, agency(TAX), "it was the old office that answered");
    story.tell("2026-11-10 09:10", "planning", pay("p", "1", FEE, 100));
    assert!(story.case().money.fulfilled);
}

/// The registry moves the role to the successor on the same day, as a merger does.
#[test]
fn what_is_sent_to_an_agency_that_is_no_more_reaches_its_successor_and_says_so() {
    let mut story = Story::new("2026-11-09 08:15");
    story.tell("2026-11-09 08:15", DESK, Action::Receive(intake("1.099001")));
    story.tell("2026-11-09 09:00", DESK, complete("tiep-nhan", "chuyen-ho-so"));
    let mut old = registry().agency(&agency(LAND)).unwrap().clone();
    let mut new = registry().agency(&agency("department")).unwrap().clone();
    new.roles.extend(old.roles.iter().copied());
    old.active.to = Some("2026-11-09".parse().unwrap());
    let to_department =
        Succession { successor: agency("department"), ..succession(None).successions[0].clone() };
    story.registry = amended(Change {
        agencies: vec![Arc::new(old), Arc::new(new)],
        successions: vec![to_department],
        ..Change::default()
    });
    story.now = at("2026-11-10 08:00");
    let events = story.does(DESK, offer(LAND)).unwrap();
    let expected = EventKind::CustodyOffered {
        to: agency("department"),
        medium: Medium::Electronic,
        redirected_from: Some(agency(LAND)),
    };
    assert_eq!(events[0].kind, expected);
    story.now = at("2026-11-10 08:10");
    assert!(matches!(story.try_it(LAND, Action::AcceptCustody), Err(Denial::InactiveAgency { .. })));
    story.tell("2026-11-10 08:10", "department", Action::AcceptCustody);
}

/// Working days of the shipped calendar, with one Saturday more or one day less.
pub(super) fn calendar(version: &str, row: &str) -> Change {
    let rows = format!(
        "date,kind,status,name\n{row}\n2026-11-24,off,official,Ngày Văn hóa\n2027-12-31,off,official,Thử\n"
    );
    let calendar = Arc::new(Calendar::parse(version, &rows).unwrap());
    let calendars = vec![Dated::since("2026-11-05".parse().unwrap(), calendar)];
    Change { calendars, ..Change::default() }
}

fn recompute(version: &str) -> Action {
    Action::Recompute { calendar: Line::parse(version).unwrap() }
}

#[test]
fn a_make_up_saturday_brings_open_due_dates_forward_and_a_holiday_puts_them_off() {
    // 13 working days from Monday 02/11: Thursday 19/11.
    for (row, due) in
        [("2026-11-14,makeup,official,x", "2026-11-18"), ("2026-11-12,off,official,x", "2026-11-20")]
    {
        let mut story = Story::at_the_slip();
        assert_eq!(story.case().clock.due().unwrap().date().to_string(), "2026-11-19");
        story.registry = amended(calendar("vn-b", row));
        story.now = at("2026-11-05 10:00");
        assert!(matches!(story.try_it(LAND, recompute("vn-c")), Err(Denial::NoCalendar { .. })));
        assert!(matches!(story.try_it(TAX, recompute("vn-b")), Err(Denial::NotAParty { .. })));
        assert_eq!(
            story.tell("2026-11-05 10:00", DESK, recompute("vn-b")),
            ["DueDateRecomputed"],
            "any party"
        );
        assert_eq!(story.case().clock.due(), Some(at(&format!("{due} 17:30"))));
        assert_eq!(story.try_it(LAND, recompute("vn-b")), Ok(vec![]), "once");
    }
}

#[test]
fn a_limit_that_has_not_begun_begins_by_the_new_calendar() {
    // Friday 06/11, and the Saturday after it is now worked.
    let mut story = Story::new("2026-11-06 10:00");
    story.tell("2026-11-06 10:00", DESK, Action::Receive(intake("1.099001")));
    story.registry = amended(calendar("vn-b", "2026-11-07,makeup,official,x"));
    story.tell("2026-11-06 11:00", DESK, recompute("vn-b"));
    let fresh = {
        let mut fresh = Story::with(Arc::clone(&story.registry), at("2026-11-06 10:00"));
        fresh.tell("2026-11-06 10:00", DESK, Action::Receive(intake("1.099001")));
        fresh.case().clock
    };
    assert_eq!(story.case().clock, fresh, "as if it had been received by it");
}

#[test]
fn what_stands_runs_by_the_new_calendar_and_what_is_over_or_late_keeps_its_date() {
    let mut story = Story::at_the_tax_office();
    let slip_due = story.case().referrals[&1].due;
    let Clock::Paused { remaining_minutes, .. } = story.case().clock else { panic!("a pause") };
    story.registry = amended(calendar("vn-b", "2026-11-07,makeup,official,x"));
    story.tell("2026-11-05 10:00", TAX, recompute("vn-b"));
    assert!(
        matches!(story.case().clock, Clock::Paused { remaining_minutes: same, .. } if same == remaining_minutes)
    );
    assert!(story.case().referrals[&1].due < slip_due, "the answer is due a day earlier");
    // Late by the old calendar: nothing brings a missed promise back.
    let mut late = Story::at_the_slip();
    let due = late.case().clock.due();
    late.registry = amended(calendar("vn-b", "2026-11-12,off,official,x"));
    late.tell("2026-11-20 10:00", LAND, recompute("vn-b"));
    assert_eq!(late.case().clock.due(), due);
    // Over.
    let mut over = Story::at_the_slip();
    over.tell("2026-11-03 11:00", DESK, Action::RequestWithdrawal);
    over.tell("2026-11-03 11:30", LAND, Action::DecideWithdrawal(Withdrawal::Grant(paper("1/QĐ"))));
    over.registry = amended(calendar("vn-b", "2026-11-12,off,official,x"));
    over.now = at("2026-11-05 10:00");
    assert!(matches!(over.try_it(LAND, recompute("vn-b")), Err(Denial::NotInStatus { .. })));
}

fn elsewhere(status: Option<Status>, agency: &str) -> Action {
    let named = |code: &str| Named { code: code.to_owned(), name: "x".to_owned() };
    Action::ImportHistory(Box::new(History {
        source: SourceName::parse("mot-cua-cu").unwrap(),
        record: "1".to_owned(),
        activities: vec![],
        status,
        told: Some(Told {
            procedure: named("1.099001"),
            field: named("f"),
            agency: named(agency),
            channel: Some(Channel::Online),
            applicant: Some(ApplicantKind::Business),
            received_at: Some(at("2026-10-26 08:00")),
            due: Some(at("2026-11-12 17:00")),
            ..Told::default()
        }),
    }))
}

fn adopt(at: &str) -> Action {
    Action::Adopt {
        procedure: ProcedureCode::parse("1.099001").unwrap(),
        commune: CommuneCode::parse("14797").unwrap(),
        step: step(at),
    }
}

#[test]
fn the_competent_agency_goes_on_with_an_open_dossier_of_another_system() {
    let mut story = Story::new("2026-11-02 08:00");
    story.tell("2026-11-02 08:00", "import-office", elsewhere(Some(Status::PaymentAwaited), DESK));
    let readers = gains_access(story.acts.last().unwrap());
    assert_eq!(readers, ["import-office", DESK].map(agency).into(), "it can read what was imported");
    assert_eq!(story.try_it(DESK, complete("tiep-nhan", "chuyen-ho-so")), Err(Denial::Imported));
    assert!(matches!(story.try_it("H56.1", adopt("tham-dinh")), Err(Denial::NotCompetent { .. })));
    assert!(matches!(story.try_it(DESK, adopt("khong-co")), Err(Denial::UnknownStep { .. })));
    assert_eq!(story.tell("2026-11-03 09:00", DESK, adopt("tham-dinh")), ["DossierAdopted"]);
    assert_eq!(gains_access(story.acts.last().unwrap()), [agency(DESK)].into());
    let case = story.case();
    assert_eq!(case.status(), Status::Processing);
    assert_eq!(case.custody, Custody::Held { by: agency(DESK) });
    assert_eq!(case.clock, Clock::Running { start: at("2026-10-26 08:00"), due: at("2026-11-12 17:00") });
    assert_eq!((case.channel, case.applicant), (Channel::Online, ApplicantKind::Business));
    assert_eq!(case.records, 2);
    // The step is the land office's, so it waits there.
    story.tell("2026-11-03 09:10", DESK, offer(LAND));
    story.tell("2026-11-03 09:20", LAND, Action::AcceptCustody);
    story.tell("2026-11-03 10:00", LAND, complete("tham-dinh", "du-dieu-kien"));
    story.tell("2026-11-03 10:10", LAND, slip());
    assert_eq!(
        story.try_it("import-office", elsewhere(None, DESK)),
        Err(Denial::CodeTaken),
        "the bus knows best now"
    );
}

#[test]
fn nobody_adopts_what_is_over_or_nobodys() {
    for status in [Status::Filed, Status::Refused, Status::Withdrawn, Status::Issued, Status::Delivered] {
        let mut story = Story::new("2026-11-02 08:00");
        story.tell("2026-11-02 08:00", "import-office", elsewhere(Some(status), DESK));
        assert_eq!(story.try_it(DESK, adopt("tham-dinh")), Err(Denial::NotInStatus { status }));
    }
    let mut story = Story::new("2026-11-02 08:00");
    story.tell("2026-11-02 08:00", "import-office", elsewhere(Some(Status::Processing), "000.00.01.H99"));
    assert_eq!(story.try_it(DESK, adopt("tham-dinh")), Err(Denial::NobodyCompetent));
    let mut live = Story::at_the_slip();
    live.now = at("2026-11-05 09:00");
    assert_eq!(live.try_it(LAND, adopt("tham-dinh")), Err(Denial::CodeTaken));
}

use lienthong_wire::timestamp;

use super::*;

fn at(day: u32) -> Instant {
    Instant::parse(&format!("2026-11-{day:02}T01:00:00Z")).unwrap()
}

fn entry(day: u32, agency: &str, facts: Vec<pb::Fact>) -> pb::TimelineEntry {
    pb::TimelineEntry {
        at: Some(timestamp(at(day))),
        agency: agency.to_owned(),
        agency_name: agency.to_uppercase(),
        facts,
        ..pb::TimelineEntry::default()
    }
}

fn fact(name: &str) -> pb::Fact {
    pb::Fact { name: name.to_owned(), text: format!("{name}; more"), ..pb::Fact::default() }
}

fn to(name: &str, agency: &str, referral: u32) -> pb::Fact {
    let agency_name = agency.to_uppercase();
    pb::Fact { agency: agency.to_owned(), agency_name, referral, ..fact(name) }
}

fn notice(name: &str, referral: u32, notice: &str, supersedes: &str) -> pb::Fact {
    let (notice, supersedes) = (notice.to_owned(), supersedes.to_owned());
    pb::Fact { referral, notice, supersedes, ..fact(name) }
}

fn with_clock(fact: pb::Fact, clock: pb::ClockEffect) -> pb::Fact {
    pb::Fact { clock: Some(clock), ..fact }
}

fn running() -> pb::ClockEffect {
    pb::ClockEffect { due: Some(timestamp(at(30))), ..pb::ClockEffect::default() }
}

fn paused() -> pb::ClockEffect {
    pb::ClockEffect { remaining_minutes: Some(480), ..pb::ClockEffect::default() }
}

fn ended() -> pb::ClockEffect {
    pb::ClockEffect { ended: true, ..pb::ClockEffect::default() }
}

/// Lanes as `NAME kind from-to, …`, by day.
fn lanes(timeline: &[pb::TimelineEntry]) -> Vec<String> {
    let day = |at: Instant| at.date().day();
    picture(&pb::Dossier::default(), timeline)
        .lanes
        .iter()
        .map(|lane| {
            let spans = lane.spans.iter();
            let spans = spans.map(|span| format!("{:?} {}-{}", span.kind, day(span.from), day(span.to)));
            format!("{}: {}", lane.name, spans.collect::<Vec<_>>().join(", "))
        })
        .collect()
}

#[test]
fn custody_moves_when_it_is_accepted_and_not_when_it_is_offered() {
    let timeline = [
        entry(2, "ward", vec![fact("DossierAccepted")]),
        entry(3, "ward", vec![to("CustodyOffered", "land", 0)]),
        entry(4, "land", vec![fact("CustodyReturned")]),
        entry(5, "ward", vec![to("CustodyOffered", "land", 0)]),
        entry(6, "ward", vec![fact("CustodyOfferWithdrawn")]),
        entry(7, "ward", vec![to("CustodyOffered", "land", 0)]),
        entry(9, "land", vec![fact("CustodyAccepted")]),
        entry(12, "land", vec![to("CustodyOffered", "ward", 0)]),
    ];
    assert_eq!(
        lanes(&timeline),
        ["WARD: Held 2-9, Offered 12-12", "LAND: Offered 3-4, Offered 5-6, Offered 7-9, Held 9-12"]
    );
}

#[test]
fn a_referral_lasts_until_its_answer_and_again_when_the_last_notice_is_cancelled() {
    let timeline = [
        entry(2, "land", vec![fact("DossierAccepted")]),
        entry(3, "land", vec![to("ReferralSent", "tax", 1)]),
        entry(4, "tax", vec![pb::Fact { referral: 1, ..fact("ReferralReturned") }]),
        entry(5, "land", vec![to("ReferralSent", "tax", 2)]),
        entry(6, "tax", vec![pb::Fact { referral: 2, ..fact("ReferralAccepted") }]),
        entry(8, "tax", vec![notice("NoticeIssued", 2, "a", "")]),
        entry(9, "tax", vec![notice("NoticeAdjusted", 0, "b", "a")]),
        entry(10, "tax", vec![notice("NoticeCancelled", 0, "b", "")]),
        entry(12, "tax", vec![notice("NoticeIssued", 2, "c", "")]),
        entry(20, "land", vec![fact("ResultIssued")]),
    ];
    assert_eq!(lanes(&timeline), ["LAND: Held 2-20", "TAX: Referred 3-4, Referred 5-8, Referred 10-12"]);
}

#[test]
fn what_lay_before_an_agency_goes_on_with_its_successor() {
    let gone = pb::Fact { predecessor: "land".to_owned(), ..to("CustodyTransferredBySuccession", "new", 0) };
    let timeline = [
        entry(2, "ward", vec![fact("DossierAccepted")]),
        entry(3, "ward", vec![to("CustodyOffered", "land", 0)]),
        entry(4, "land", vec![fact("CustodyAccepted"), to("ReferralSent", "tax", 1)]),
        entry(6, "land", vec![gone]),
        entry(9, "new", vec![to("CustodyOffered", "ward", 0)]),
    ];
    assert_eq!(
        lanes(&timeline),
        ["WARD: Held 2-4, Offered 9-9", "LAND: Offered 3-4, Held 4-6", "TAX: Referred 4-9", "NEW: Held 6-9"]
    );
}

#[test]
fn a_wait_that_ended_ended_at_its_deadline() {
    let lapsed = pb::Fact { referral: 1, due: Some(timestamp(at(6))), ..fact("WaitEnded") };
    let timeline = [
        entry(2, "city", vec![fact("DossierAccepted"), to("ReferralSent", "police", 1)]),
        entry(9, "city", vec![with_clock(lapsed, running())]),
    ];
    assert_eq!(lanes(&timeline), ["CITY: Held 2-9", "POLICE: Referred 2-6"]);
    let clock = picture(&pb::Dossier::default(), &timeline).clock;
    assert_eq!(clock, [ClockSpan { from: at(6), to: at(9), state: ClockState::Running }]);
}

#[test]
fn the_clock_runs_stands_and_ends_as_the_facts_say() {
    let timeline = [
        entry(2, "ward", vec![with_clock(fact("DossierAccepted"), running())]),
        entry(4, "ward", vec![with_clock(fact("ApologyIssued"), running())]),
        entry(5, "ward", vec![with_clock(fact("SupplementRequested"), paused())]),
        entry(9, "ward", vec![with_clock(fact("SupplementReceived"), running())]),
        entry(12, "ward", vec![with_clock(fact("ResultIssued"), ended())]),
        entry(13, "ward", vec![fact("ResultDelivered")]),
    ];
    let span = |from, to, state| ClockSpan { from: at(from), to: at(to), state };
    assert_eq!(
        picture(&pb::Dossier::default(), &timeline).clock,
        [
            span(2, 5, ClockState::Running),
            span(5, 9, ClockState::Paused),
            span(9, 12, ClockState::Running),
            span(12, 13, ClockState::Ended),
        ]
    );
}

#[test]
fn every_record_is_a_mark_with_what_happened_in_brief() {
    let timeline = [entry(2, "ward", vec![fact("PaymentReceived"), fact("ObligationFulfilled")])];
    let dossier = pb::Dossier {
        code: "H56.1-1".to_owned(),
        procedure: Some(pb::Procedure { name: "Đăng ký".to_owned(), ..pb::Procedure::default() }),
        training: true,
        ..pb::Dossier::default()
    };
    let picture = picture(&dossier, &timeline);
    assert_eq!(picture.title, "TẬP HUẤN · Hồ sơ H56.1-1 · Đăng ký");
    let label = "PaymentReceived; ObligationFulfilled".to_owned();
    assert_eq!(picture.marks, [Mark { at: at(2), agency: "WARD".to_owned(), label }]);
}

#[test]
fn an_empty_timeline_is_an_empty_picture() {
    let picture = picture(&pb::Dossier::default(), &[]);
    assert_eq!((picture.lanes, picture.clock, picture.marks), (Vec::new(), Vec::new(), Vec::new()));
}

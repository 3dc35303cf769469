//! What may be done with a dossier, by whom and when, as given/when/then.

mod catalogue;
mod changes;
mod clocks;
mod erasure;
mod money;
mod packs;
mod powers;
mod properties;

use lienthong_registry::ResolveError;

use crate::testing::*;
use crate::*;

#[test]
fn a_land_transfer_goes_through_every_agency_and_back() {
    let mut story = Story::at_the_tax_office();
    assert_eq!(story.case().status(), Status::Processing);
    story.tell(
        "2026-11-05 09:00",
        TAX,
        notice("01/TB", vec![line(FEE, 15_000_000, 0), line(INCOME, 60_000_000, 0)]),
    );
    assert_eq!(story.case().status(), Status::PaymentAwaited);
    assert_eq!(story.tell("2026-11-09 09:00", TAX, pay("p1", "01/TB", FEE, 15_000_000)), ["PaymentReceived"]);
    assert_eq!(
        story.tell("2026-11-10 09:00", TAX, pay("p2", "01/TB", INCOME, 60_000_000)),
        ["PaymentReceived", "ObligationFulfilled"]
    );
    assert_eq!(story.case().status(), Status::Processing);
    story.tell("2026-11-10 10:00", LAND, complete("nghia-vu-tai-chinh", "hoan-thanh-nghia-vu"));
    story.tell("2026-11-16 10:00", LAND, complete("in-giay-chung-nhan", "da-in"));
    story.tell("2026-11-17 10:00", LAND, complete("kiem-tra", "dat"));
    story.tell("2026-11-17 14:00", LAND, complete("trinh-ky", "da-ky"));
    assert_eq!(story.try_it(LAND, complete("vao-so", "da-vao-so")), Err(Denial::NeedsLandRegister));
    story.tell("2026-11-17 15:00", LAND, Action::EnterLandRegister { entry: paper("CN-7") });
    story.tell("2026-11-17 15:10", LAND, complete("vao-so", "da-vao-so"));
    let result = Action::IssueResult { number: paper("GCN 12"), outcome: outcome("da-ban-giao") };
    assert_eq!(story.tell("2026-11-18 08:00", LAND, result), ["ResultIssued", "StepCompleted"]);
    assert_eq!(story.case().status(), Status::Issued);
    assert!(matches!(story.case().clock, Clock::Ended { .. }));
    story.tell("2026-11-18 08:10", LAND, offer(DESK));
    story.tell("2026-11-18 09:00", DESK, Action::AcceptCustody);
    story.tell("2026-11-18 14:00", DESK, Action::HandOverResult { channel: Delivery::Desk });
    let case = story.case();
    assert_eq!((case.status(), case.hand_offs, case.paper_hand_offs), (Status::Delivered, 4, 0));
}

#[test]
fn only_the_agency_it_was_offered_to_takes_the_dossier() {
    let mut story = Story::new("2026-11-02 08:15");
    story.tell("2026-11-02 08:15", DESK, Action::Receive(intake("1.099001")));
    assert_eq!(story.try_it(DESK, offer(LAND)), Err(Denial::NoHandOver));
    assert_eq!(story.try_it(LAND, Action::AcceptCustody), Err(Denial::NoOffer));
    story.tell("2026-11-02 09:00", DESK, complete("tiep-nhan", "chuyen-ho-so"));
    assert_eq!(story.try_it(DESK, offer(TAX)), Err(Denial::WrongReceiver { expected: agency(LAND) }));
    story.tell("2026-11-02 09:05", DESK, offer(LAND));
    assert_eq!(story.try_it(TAX, Action::AcceptCustody), Err(Denial::NotOfferedTo { to: agency(LAND) }));
    assert_eq!(story.try_it(DESK, offer(LAND)), Err(Denial::OfferOpen { to: agency(LAND) }));
    // Who has no part is told that, whatever else stands in the way.
    assert_eq!(story.try_it(TAX, offer(LAND)), Err(Denial::NotHolder { holder: agency(DESK) }));
    story.tell("2026-11-02 09:30", LAND, Action::ReturnCustody { ground: ground("thiếu trích lục") });
    assert_eq!(story.case().custody.holder(), &agency(DESK));
    assert_eq!(story.case().hand_offs, 1);
    story.tell("2026-11-02 09:40", DESK, offer(LAND));
    story.tell("2026-11-02 09:45", DESK, Action::WithdrawOffer);
    story.tell("2026-11-02 09:50", DESK, offer(LAND));
    story.tell("2026-11-02 09:55", LAND, Action::AcceptCustody);
    assert_eq!(story.case().custody, Custody::Held { by: agency(LAND) });
}

#[test]
fn a_stranger_gets_a_reason_for_each_verb_and_changes_nothing() {
    let story = Story::at_the_tax_office();
    let holder = Denial::NotHolder { holder: agency(LAND) };
    for action in [
        complete("nghia-vu-tai-chinh", "hoan-thanh-nghia-vu"),
        slip(),
        Action::Stop { ground: ground("NĐ 101/2024 art. 19"), decision: paper("1") },
        Action::IssueResult { number: paper("1"), outcome: outcome("x") },
        Action::EnterLandRegister { entry: paper("1") },
        Action::Extend { days: 2, ground: ground("x") },
        Action::LiftHold { hold: 1, document: paper("1") },
        Action::RequestSupplement { documents: vec![document("hop-dong").kind], ground: ground("x") },
    ] {
        assert_eq!(story.try_it("H56.9", action), Err(holder.clone()));
    }
    let desk = Denial::NotReceivingDesk { desk: agency(DESK) };
    assert_eq!(story.try_it("H56.9", Action::RequestWithdrawal), Err(desk.clone()));
    assert_eq!(story.try_it("H56.9", Action::HandInSupplement { documents: vec![] }), Err(desk));
    let tax = Denial::NotReferredTo { to: agency(TAX) };
    assert_eq!(story.try_it("H56.9", Action::AcceptReferral { referral: 1 }), Err(tax.clone()));
    assert_eq!(story.try_it(LAND, notice("1", vec![line(FEE, 1, 0)])), Err(tax));
    assert_eq!(
        story.try_it("H56.9", Action::EndWait(Wait::Referral(1))),
        Err(Denial::NotAParty { agency: agency("H56.9") })
    );
}

#[test]
fn what_is_taken_in_must_fit_the_agency_the_day_and_the_pack() {
    let mut story = Story::new("2026-11-02 08:15");
    let mut foreign = story.command(LAND, Action::Receive(intake("1.099001")));
    foreign.code = DossierCode::parse("H56.201-261102-0001").unwrap();
    assert_eq!(
        decide(lienthong_registry::Rules::ONE, None, &story.registry, &foreign),
        Err(Denial::NotADesk { agency: agency(LAND) })
    );
    assert_eq!(
        story.try_it("H56.3", Action::Receive(intake("1.099001"))),
        Err(Denial::CodeNotOfAgency { agency: agency("H56.3") })
    );
    assert_eq!(
        story.try_it("nobody", Action::AcceptCustody),
        Err(Denial::UnknownAgency { agency: agency("nobody") })
    );
    assert_eq!(story.try_it(DESK, Action::AcceptCustody), Err(Denial::UnknownDossier));
    let mut elsewhere = intake("1.099001");
    elsewhere.documents = vec![document("giay-khong-co")];
    assert!(matches!(story.try_it(DESK, Action::Receive(elsewhere)), Err(Denial::UnknownDocument { .. })));
    assert!(matches!(
        story.try_it(DESK, Action::Receive(intake("1.001776"))),
        Err(Denial::NoPackInForce { .. })
    ));
    assert!(matches!(story.try_it("city", Action::AcceptCustody), Err(Denial::InactiveAgency { .. })));
    story.now = at("2028-01-03 08:00");
    assert!(matches!(
        story.try_it(DESK, Action::Receive(intake("1.099001"))),
        Err(Denial::BeyondCalendar { last_year: 2027, .. })
    ));
    story.tell("2026-11-02 08:15", DESK, Action::Receive(intake("1.099001")));
    assert_eq!(story.try_it(DESK, Action::Receive(intake("1.099001"))), Err(Denial::CodeTaken));
    story.now = at("2026-11-02 08:14");
    assert_eq!(
        story.try_it(DESK, complete("tiep-nhan", "chuyen-ho-so")),
        Err(Denial::Backdated { last: at("2026-11-02 08:15") })
    );
}

#[test]
fn a_secret_paper_is_refused_before_anything_else() {
    let story = Story::new("2026-11-02 08:15");
    let mut command = story.command(DESK, Action::Receive(intake("1.099001")));
    command.secrecy = Some(Line::parse("Mật").unwrap());
    let denied = decide(lienthong_registry::Rules::ONE, None, &story.registry, &command);
    assert_eq!(denied, Err(Denial::Secret { label: Line::parse("Mật").unwrap() }));
}

#[test]
fn an_online_filing_is_answered_by_the_desk() {
    let mut story = Story::new("2026-11-02 20:00");
    story.tell("2026-11-02 20:00", DESK, Action::File(intake("1.099001")));
    assert_eq!((story.case().status(), story.case().clock), (Status::Filed, Clock::Idle));
    let ask = Action::RequestSupplement {
        documents: vec![document("hop-dong").kind],
        ground: ground("thiếu hợp đồng"),
    };
    story.tell("2026-11-03 08:00", DESK, ask);
    assert_eq!(story.case().status(), Status::SupplementRequested);
    assert_eq!(story.try_it(DESK, Action::Receive(intake("1.099001"))), Err(Denial::SupplementAwaited));
    let given_up = Action::Stop { ground: ground("quá hạn bổ sung"), decision: paper("3") };
    assert!(story.try_it(DESK, given_up).is_ok(), "papers that never come end it");
    story.tell("2026-11-03 09:00", DESK, Action::HandInSupplement { documents: vec![document("hop-dong")] });
    assert_eq!(story.try_it(DESK, Action::Receive(intake("1.099002"))), Err(Denial::FilingDiffers));
    story.tell("2026-11-03 09:10", DESK, Action::Receive(intake("1.099001")));
    assert_eq!(story.case().status(), Status::Accepted);
    assert_eq!(story.case().clock.due(), Some(at("2026-11-20 17:30")));

    let mut refused = Story::new("2026-11-02 20:00");
    refused.tell("2026-11-02 20:00", DESK, Action::File(intake("1.099001")));
    refused.tell(
        "2026-11-03 08:00",
        DESK,
        Action::Refuse { intake: None, ground: ground("không thuộc thẩm quyền") },
    );
    assert_eq!(refused.case().status(), Status::Refused);
    assert_eq!(
        refused.try_it(DESK, Action::RequestWithdrawal),
        Err(Denial::NotInStatus { status: Status::Refused })
    );
}

#[test]
fn a_withdrawal_is_asked_at_the_desk_and_decided_by_the_holder() {
    let mut story = Story::at_the_slip();
    assert_eq!(
        story.try_it(LAND, Action::DecideWithdrawal(Withdrawal::Grant(paper("1")))),
        Err(Denial::WithdrawalNotAsked)
    );
    story.tell("2026-11-04 08:00", DESK, Action::RequestWithdrawal);
    assert_eq!(story.case().status(), Status::Processing);
    let mut declined = Story {
        registry: story.registry.clone(),
        dossier: story.dossier.clone(),
        now: story.now,
        acts: story.acts.clone(),
    };
    declined.tell("2026-11-04 09:00", LAND, Action::DecideWithdrawal(Withdrawal::Decline(ground("x"))));
    assert_eq!(declined.case().status(), Status::Processing);
    story.tell("2026-11-04 09:00", LAND, Action::DecideWithdrawal(Withdrawal::Grant(paper("5/TB"))));
    assert_eq!(story.case().status(), Status::Withdrawn);
    assert!(matches!(story.case().clock, Clock::Ended { .. }));
}

#[test]
fn a_stop_leads_back_to_processing_only() {
    let mut story = Story::at_the_slip();
    story.tell(
        "2026-11-04 08:00",
        LAND,
        Action::Stop { ground: ground("NĐ 101/2024 art. 19"), decision: paper("9") },
    );
    assert_eq!(story.case().status(), Status::Stopped);
    assert!(story.case().is_paused());
    let stopped = Denial::NotInStatus { status: Status::Stopped };
    assert_eq!(story.try_it(LAND, slip()), Err(stopped));
    story.tell("2026-11-05 08:00", LAND, Action::Resume { decision: paper("10") });
    assert_eq!(story.case().status(), Status::Processing);
}

#[test]
fn an_unsent_result_can_be_called_back_and_a_sent_one_cannot() {
    let mut story = Story::at_the_slip();
    story.tell("2026-11-04 08:00", LAND, slip());
    story.tell("2026-11-04 09:00", TAX, Action::AcceptReferral { referral: 1 });
    story.tell("2026-11-04 10:00", TAX, notice("1", vec![line(FEE, 9, 9)]));
    for (id, with) in [
        ("nghia-vu-tai-chinh", "hoan-thanh-nghia-vu"),
        ("in-giay-chung-nhan", "da-in"),
        ("kiem-tra", "dat"),
        ("trinh-ky", "da-ky"),
    ] {
        story.tell("2026-11-05 08:00", LAND, complete(id, with));
    }
    story.tell("2026-11-05 09:00", LAND, Action::EnterLandRegister { entry: paper("1") });
    story.tell("2026-11-05 09:00", LAND, complete("vao-so", "da-vao-so"));
    let due = story.case().clock.due();
    let issue = || Action::IssueResult { number: paper("GCN 1"), outcome: outcome("da-ban-giao") };
    story.tell("2026-11-05 09:30", LAND, issue());
    story.tell("2026-11-05 10:00", LAND, Action::RecallResult { ground: ground("sai tên") });
    assert_eq!((story.case().status(), story.case().clock.due()), (Status::Processing, due));
    story.tell("2026-11-05 10:30", LAND, issue());
    story.tell("2026-11-05 10:40", LAND, offer(DESK));
    story.tell("2026-11-05 10:50", DESK, Action::AcceptCustody);
    assert_eq!(story.try_it(DESK, Action::RecallResult { ground: ground("x") }), Err(Denial::ResultSent));
}

#[test]
fn a_forged_due_date_or_a_missing_consequence_is_not_permitted() {
    let mut story = Story::new("2026-11-02 08:15");
    story.tell("2026-11-02 08:15", DESK, Action::Receive(intake("1.099001")));
    let mut act = story.acts[0].clone();
    if let Some(ClockChange::Runs { due, .. }) = &mut act.events[0].clocks.dossier {
        *due = at("2026-11-23 17:30");
    }
    let permitted = permit(lienthong_registry::Rules::ONE, None, &story.registry, &act);
    assert_eq!(permitted, Err(Denial::Consequences));
    act.events.clear();
    assert_eq!(
        permit(lienthong_registry::Rules::ONE, None, &story.registry, &act),
        Err(Denial::Consequences)
    );
}

#[test]
fn imported_history_is_read_only() {
    let history = History {
        source: SourceName::parse("municipal").unwrap(),
        record: "case-1".to_owned(),
        activities: vec![Activity {
            name: "Confirmation of receipt".to_owned(),
            resource: Some("Resource21".to_owned()),
            group: None,
            lifecycle: None,
            at: at("2011-10-11 18:45"),
            offset_minutes: 120,
            status: None,
            began_at: None,
            due: None,
        }],
        status: None,
        told: None,
    };
    let mut story = Story::new("2026-11-02 08:15");
    let import = || Action::ImportHistory(Box::new(history.clone()));
    assert_eq!(story.try_it(DESK, import()), Err(Denial::NotAnImporter { agency: agency(DESK) }));
    story.tell("2026-11-02 08:15", "import-office", import());
    assert_eq!(story.try_it(DESK, Action::AcceptCustody), Err(Denial::Imported));
    assert_eq!(story.try_it("import-office", import()), Err(Denial::CodeTaken));
    let Some(Dossier::Imported(imported)) = &story.dossier else { panic!("imported") };
    assert_eq!(
        (imported.activities, imported.span),
        (1, Some((at("2011-10-11 18:45"), at("2011-10-11 18:45"))))
    );
}

#[test]
fn a_source_tells_a_dossier_once_and_its_progress_in_any_order() {
    let importer = "import-office";
    let from = |source: &str, told: Option<Told>, rows: &[(&str, Status)]| {
        let activity = |(when, status): &(&str, Status)| Activity {
            name: status.vietnamese().to_owned(),
            resource: None,
            group: None,
            lifecycle: None,
            at: at(when),
            offset_minutes: 420,
            status: Some(*status),
            began_at: None,
            due: None,
        };
        Action::ImportHistory(Box::new(History {
            source: SourceName::parse(source).unwrap(),
            record: "1".to_owned(),
            activities: rows.iter().map(activity).collect(),
            status: told.as_ref().map(|_| Status::Issued),
            told,
        }))
    };
    let named = |code: &str| Named { code: code.to_owned(), name: String::new() };
    let told = || {
        Some(Told {
            procedure: named("2.000815"),
            field: named("G15-TP"),
            agency: named("H56.2"),
            channel: Some(Channel::Online),
            received_at: Some(at("2021-03-01 08:00")),
            finished_at: Some(at("2021-03-04 08:00")),
            ..Told::default()
        })
    };
    let mut story = Story::new("2026-11-02 08:15");
    let imported = |story: &Story| match &story.dossier {
        Some(Dossier::Imported(imported)) => imported.clone(),
        other => panic!("{other:?}"),
    };
    let supplement = ("2021-03-02 09:00", Status::SupplementRequested);
    story.tell("2026-11-02 08:15", importer, from("cu", None, &[supplement]));
    assert_eq!(imported(&story).status, Some(Status::SupplementRequested));
    story.tell("2026-11-02 08:16", importer, from("cu", told(), &[]));
    assert_eq!(imported(&story).status, Some(Status::Issued));
    story.tell("2026-11-02 08:17", importer, from("cu", None, &[("2021-03-01 09:00", Status::Processing)]));
    let all = imported(&story);
    assert_eq!((all.status, all.records, all.activities), (Some(Status::Issued), 3, 2));
    let progress: Vec<_> = all.progress.iter().map(|(mark, it)| (mark.record, it.at, it.status)).collect();
    let expected = [
        (2, at("2021-03-01 09:00"), Status::Processing),
        (0, at("2021-03-02 09:00"), Status::SupplementRequested),
    ];
    assert_eq!(progress, expected);
    assert_eq!(all.told.map(|(mark, _)| mark.record), Some(1));
    // Another record of the dossier, and another source, are other dossiers.
    assert_eq!(story.try_it(importer, from("cu", told(), &[])), Err(Denial::CodeTaken));
    assert_eq!(story.try_it(importer, from("khac", None, &[supplement])), Err(Denial::CodeTaken));
    let many = vec![supplement; ACTIVITIES_MAX - 1];
    let (activities, activities_max) = (ACTIVITIES_MAX + 1, ACTIVITIES_MAX);
    assert_eq!(
        story.try_it(importer, from("cu", None, &many)),
        Err(Denial::HistorySize { activities, activities_max })
    );
    let activities = 0;
    let mut nothing = Story::new("2026-11-02 08:15");
    assert_eq!(
        nothing.does(importer, from("cu", None, &[])),
        Err(Denial::HistorySize { activities, activities_max })
    );
}

#[test]
fn every_denial_says_what_to_do() {
    for (reason, advice) in Denial::REASONS {
        assert!(reason.chars().all(|char| char.is_ascii_uppercase() || char == '_'), "{reason}");
        assert!(!advice.is_empty(), "{reason}");
    }
    let missing =
        Denial::NotResolved { problem: ResolveError::UnknownCommune { commune: intake("1.099001").commune } };
    assert_eq!(missing.class(), DenialClass::NotNow);
}

#[test]
fn what_makes_a_command_another_one_is_its_content() {
    let story = Story::new("2026-11-02 08:15");
    let same = story.command(DESK, Action::Receive(intake("1.099001")));
    let content = same.canonical();
    let later = Command { at: at("2026-11-03 08:15"), id: CommandId(uuid::Uuid::max()), ..same.clone() };
    assert_eq!(later.canonical(), content);
    let others = [
        Command { agency: agency("H56.3"), ..same.clone() },
        Command { code: DossierCode::parse("H56.2-261102-0002").unwrap(), ..same.clone() },
        Command { occurred_at: Some(at("2026-11-02 08:00")), ..same.clone() },
        Command { private: Some(Private(vec![1])), ..same.clone() },
        Command {
            actor: Actor { name: Line::parse("Trần Văn Mẫu").unwrap(), ..same.actor.clone() },
            ..same.clone()
        },
        Command { action: Action::Receive(intake("1.099002")), ..same.clone() },
    ];
    assert!(others.iter().all(|other| other.canonical() != content));

    let history = History {
        source: SourceName::parse("municipal").unwrap(),
        record: "case-1".to_owned(),
        activities: Vec::new(),
        status: None,
        told: None,
    };
    let told = story.command("import-office", Action::ImportHistory(Box::new(history)));
    let again = Actor { name: Line::parse("Trần Văn Mẫu").unwrap(), ..told.actor.clone() };
    assert_eq!(Command { actor: again, ..told.clone() }.canonical(), told.canonical());
}

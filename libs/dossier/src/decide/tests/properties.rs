//! What holds for every history: random commands by random agencies at random times.

use lienthong_calendar::Instant;
use lienthong_tax::Dong;
use proptest::prelude::*;

use crate::testing::*;
use crate::*;

/// A number picks an action; most of them fit somewhere in a land transfer.
fn action(pick: u32, amount: u64) -> Action {
    let steps = [
        ("tiep-nhan", "chuyen-ho-so"),
        ("tham-dinh", "du-dieu-kien"),
        ("tham-dinh", "khong-du-dieu-kien"),
        ("nghia-vu-tai-chinh", "hoan-thanh-nghia-vu"),
        ("in-giay-chung-nhan", "da-in"),
        ("kiem-tra", "dat"),
        ("kiem-tra", "in-lai"),
        ("trinh-ky", "da-ky"),
        ("vao-so", "da-vao-so"),
    ];
    let number = amount % 4;
    let name = |prefix: &str| format!("{prefix}{number}");
    match pick % 44 {
        n @ 0..9 => complete(steps[n as usize].0, steps[n as usize].1),
        9 | 10 => offer(LAND),
        11 => offer(DESK),
        12..=14 => Action::AcceptCustody,
        15 => Action::ReturnCustody { ground: ground("x") },
        16 => Action::WithdrawOffer,
        17 | 18 => slip(),
        19 | 20 => Action::AcceptReferral { referral: 1 + number as u32 },
        21 => Action::ReturnReferral { referral: 1 + number as u32, ground: ground("x") },
        22 | 23 => Action::IssueNotice {
            referral: 1 + number as u32,
            notice: paper(&name("TB")),
            lines: vec![line(FEE, amount, amount / 3), line(INCOME, amount / 2, 0)],
        },
        24 => Action::AdjustNotice {
            supersedes: paper(&name("TB")),
            notice: paper(&name("DC")),
            ground: ground("x"),
            lines: vec![line(FEE, amount / 2, 0)],
        },
        25 => Action::CancelNotice { notice: paper(&name("TB")), ground: ground("x") },
        26..=28 => pay(&format!("p{amount}"), &name("TB"), FEE, amount),
        29 => pay(&format!("q{amount}"), &name("TB"), INCOME, amount / 2),
        30 => Action::CancelPayment {
            payment: PaymentId::parse(&format!("p{amount}")).unwrap(),
            ground: ground("x"),
        },
        31 => Action::RecordDebt { decision: paper("QĐ") },
        32 => Action::RequestSupplement { documents: vec![document("hop-dong").kind], ground: ground("x") },
        33 => Action::HandInSupplement { documents: vec![document("hop-dong")] },
        34 => Action::PlaceHold {
            ground: ground("kê biên"),
            issuing_body: Line::parse("Tòa án").unwrap(),
            document: paper("1"),
            expires_at: (number == 0).then(|| at("2026-11-20 08:00")),
        },
        35 => Action::LiftHold { hold: 1 + number as u32, document: paper("1") },
        36 => Action::Extend { days: 1 + number as u32, ground: ground("x") },
        37 => Action::EnterLandRegister { entry: paper("1") },
        38 => Action::IssueResult { number: paper("KQ"), outcome: outcome("da-ban-giao") },
        39 => Action::RecallResult { ground: ground("x") },
        40 => Action::HandOverResult { channel: Delivery::Desk },
        41 => match number {
            0 => Action::Stop { ground: ground("x"), decision: paper("1") },
            1 => Action::RequestWithdrawal,
            2 => Action::DecideWithdrawal(Withdrawal::Grant(paper("1"))),
            _ => Action::DecideWithdrawal(Withdrawal::Decline(ground("x"))),
        },
        42 => Action::Resume { decision: paper("1") },
        _ => Action::EndWait(if number == 0 { Wait::Step } else { Wait::Hold(number as u32) }),
    }
}

/// Tells a story of whatever is allowed, checking after each act what must always hold.
fn tell(moves: &[(u32, u8, u16, u64)], filed: bool) -> Result<Story, TestCaseError> {
    let mut story = Story::with(registry(), at("2026-11-02 08:00"));
    let first = if filed { Action::File(intake("1.099001")) } else { Action::Receive(intake("1.099001")) };
    story.does(DESK, first).map_err(|denial| TestCaseError::fail(denial.to_string()))?;
    if filed {
        let _ = story.does(DESK, Action::Receive(intake("1.099001")));
    }
    for (pick, who, minutes, amount) in moves {
        let who = [DESK, LAND, TAX, LAND][usize::from(*who) % 4];
        story.now = Instant::from_micros(story.now.as_micros() + i64::from(*minutes) * 60_000_000);
        let before = story.case().clone();
        if story.does(who, action(*pick, *amount)).is_ok() {
            holds_always(&before, story.case())?;
        }
    }
    Ok(story)
}

fn holds_always(before: &Case, after: &Case) -> Result<(), TestCaseError> {
    let (from, to) = (before.status(), after.status());
    prop_assert!(from.may_become(to) || both_in_one_act(from, to), "{from:?} became {to:?}");
    let money = &after.money;
    for account in [FEE, INCOME] {
        let kept = money.paid(account).saturating_sub(money.refund(account));
        prop_assert!(kept <= money.owed(account) || money.refund(account) > Dong::ZERO);
        prop_assert_eq!(money.refund(account), money.paid(account).saturating_sub(money.owed(account)));
    }
    prop_assert!(
        after.extension.is_none() || before.extension.is_none() || after.extension == before.extension
    );
    prop_assert!(after.parties.contains(after.custody.holder()));
    prop_assert!(after.last_at >= before.last_at);
    prop_assert_eq!(after.is_paused() && running(after), false);
    Ok(())
}

/// One act may hold several events, each an allowed move: paid in full with a hold elsewhere, or 4 to 9 and on.
fn both_in_one_act(from: Status, to: Status) -> bool {
    Status::ALL.into_iter().any(|between| from.may_become(between) && between.may_become(to))
}

fn running(case: &Case) -> bool {
    matches!(case.clock, Clock::Running { .. })
}

fn moves() -> impl Strategy<Value = Vec<(u32, u8, u16, u64)>> {
    proptest::collection::vec((any::<u32>(), any::<u8>(), 0_u16..600, 0_u64..40), 1..120)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    /// `Story::does` asserts that what `decide` yields `permit` permits; the rest is checked after each act.
    #[test]
    fn every_admitted_history_keeps_the_rules(moves in moves(), filed in any::<bool>()) {
        tell(&moves, filed)?;
    }

    #[test]
    fn a_row_stored_and_read_goes_on_as_if_it_had_not_been(moves in moves(), cut in any::<prop::sample::Index>()) {
        let story = tell(&moves, false)?;
        let cut = cut.index(story.acts.len() + 1);
        let (head, tail) = story.acts.split_at(cut);
        let prefix = head.iter().fold(None, fold);
        let row = postcard::to_stdvec(&prefix).unwrap();
        let read: Option<Dossier> = postcard::from_bytes(&row).unwrap();
        prop_assert_eq!(&read, &prefix);
        prop_assert_eq!(tail.iter().fold(read, fold), story.dossier);
    }

    #[test]
    fn fold_is_total_over_any_order_of_events(
        moves in moves(),
        other in moves(),
        order in proptest::collection::vec(any::<prop::sample::Index>(), 0..80),
    ) {
        let acts: Vec<Act> = [tell(&moves, false)?.acts, tell(&other, true)?.acts].concat();
        let shuffled = order.iter().map(|index| index.get(&acts));
        let dossier = shuffled.fold(None, fold);
        if let Some(Dossier::Live(case)) = dossier {
            // Whatever the order was, the views do not fail either.
            let _ = (case.status(), case.is_paused(), case.money.remaining(), case.money.unrecorded_refunds());
        }
    }
}

//! What holds for every history: random commands by random agencies at random times.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use lienthong_calendar::Instant;
use lienthong_registry::{FeeId, Registry};
use lienthong_tax::Dong;
use proptest::prelude::*;

use super::changes::{amended, calendar, succession};
use crate::fold::{counted, fold_event};
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
    let referral = 1 + (amount % 2) as u32;
    let name = |prefix: &str| format!("{prefix}{referral}");
    match pick % 50 {
        n @ 0..9 => complete(steps[n as usize].0, steps[n as usize].1),
        9 | 10 => offer(LAND),
        11 => offer(DESK),
        12..=14 => Action::AcceptCustody,
        15 => Action::ReturnCustody { ground: ground("x") },
        16 => Action::WithdrawOffer,
        17 | 18 => slip(),
        19 | 20 => Action::AcceptReferral { referral },
        21 => Action::ReturnReferral { referral, ground: ground("x") },
        22 | 23 => Action::IssueNotice {
            referral,
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
        43 if amount % 5 == 4 => Action::Erase { ground: ground("x") },
        43 | 44 => Action::Recompute { calendar: Line::parse("vn-b").unwrap() },
        45 | 46 => {
            let predecessor = [DESK, LAND, LAND, TAX].map(agency)[number as usize].clone();
            Action::Succeed { predecessor }
        }
        47 => Action::CollectFee {
            payment: PaymentId::parse(&format!("p{amount}")).unwrap(),
            fee: FeeId::parse("phi-tham-dinh").unwrap(),
            amount: Dong::new(100_000),
            channel: PaymentChannel::Cash,
            into: None,
        },
        48 => {
            let payment = PaymentId::parse(&format!("p{amount}")).unwrap();
            match number {
                0 | 1 => Action::IssueReceipt { payment, receipt: paper(&name("BL")) },
                _ => Action::ReconcilePayment { payment, amount: Dong::new(amount), statement: paper("SK") },
            }
        }
        _ => Action::EndWait(if number == 0 { Wait::Step } else { Wait::Hold(number as u32) }),
    }
}

/// Who usually does what the number picks.
fn usual(pick: u32) -> &'static str {
    match pick % 50 {
        0 | 9 | 10 | 16 | 33 | 40 | 47 => DESK,
        19..=31 | 48 => TAX,
        _ => LAND,
    }
}

/// Where a story begins.
#[derive(Debug, Clone, Copy)]
enum Start {
    Filed,
    Received,
    /// With the slip accepted, so that money is not reached by luck alone.
    TaxOffice,
}

impl Start {
    fn story(self) -> Result<Story, TestCaseError> {
        let mut story = Story::with(changing(), at("2026-11-02 08:00"));
        let first = match self {
            Self::Filed => Action::File(intake("1.099001")),
            Self::Received => Action::Receive(intake("1.099001")),
            Self::TaxOffice => return Ok(Story { registry: changing(), ..Story::at_the_tax_office() }),
        };
        story.does(DESK, first).map_err(|denial| TestCaseError::fail(denial.to_string()))?;
        Ok(story)
    }
}

/// Another calendar comes into force on the 5th, and the land office is succeeded on the 10th.
fn changing() -> Arc<Registry> {
    static REGISTRY: OnceLock<Arc<Registry>> = OnceLock::new();
    let make = || {
        let mut change = calendar("vn-b", "2026-11-14,makeup,official,x");
        change.extend(succession(None));
        amended(change)
    };
    Arc::clone(REGISTRY.get_or_init(make))
}

fn start() -> impl Strategy<Value = Start> {
    prop::sample::select(vec![Start::Filed, Start::Received, Start::TaxOffice])
}

/// Tells a story of whatever is allowed, checking after each event and each act what must always hold.
fn tell(moves: &[(u32, u8, u16, u64)], start: Start) -> Result<Story, TestCaseError> {
    let mut story = start.story()?;
    step_on(&mut story, DESK, Action::Receive(intake("1.099001")))?;
    for (pick, who, minutes, amount) in moves {
        let usually = [DESK, LAND, TAX].get(usize::from(*who % 12)).copied().unwrap_or_else(|| usual(*pick));
        // Mostly the one that has taken over.
        let is_new = usually == LAND && story.now >= at("2026-11-10 00:00") && who % 4 > 0;
        let who = if is_new { "planning" } else { usually };
        story.now = Instant::from_micros(story.now.as_micros() + i64::from(*minutes) * 60_000_000);
        step_on(&mut story, who, action(*pick, *amount))?;
    }
    Ok(story)
}

/// One more act where it is allowed; the story stays as it is where it is not.
fn step_on(story: &mut Story, who: &str, action: Action) -> Result<(), TestCaseError> {
    let before = story.case().clone();
    let Ok(events) = story.does(who, action) else { return Ok(()) };
    if events.is_empty() {
        prop_assert_eq!(&before, story.case(), "what was done before is no record");
        return Ok(());
    }
    let mut case = before.clone();
    let mut last = None;
    for event in &events {
        let counted = counted(last, &event.kind, story.now);
        last = Some(&event.kind);
        let next =
            fold_event(Some(Dossier::Live(Box::new(case.clone()))), &agency(who), story.now, counted, event);
        let next = next.as_ref().and_then(Dossier::live).expect("a live dossier stays live").clone();
        holds_after_each_event(&case, event, &next)?;
        case = next;
    }
    // A whole record counts once, and notes on the trail what it led to.
    prop_assert_eq!(case.records + 1, story.case().records);
    case.records += 1;
    case.trail = story.case().trail.clone();
    prop_assert_eq!(&case, story.case());
    let last = case.trail.turns().last().map(|turn| (turn.status, turn.due));
    prop_assert_eq!(last, Some((case.status(), case.clock.due())));
    holds_after_each_act(&before, &case)
}

fn holds_after_each_event(before: &Case, event: &Event, after: &Case) -> Result<(), TestCaseError> {
    let (from, to, name) = (before.status(), after.status(), event.kind.name());
    prop_assert!(from.may_become(to), "{from:?} became {to:?} by {name}");
    let receiver = match &before.custody {
        Custody::Offered { to, .. } if event.kind == EventKind::CustodyAccepted => to,
        Custody::Offered { by, .. } | Custody::Held { by } => by,
    };
    let mut receiver = receiver;
    if let EventKind::CustodyTransferredBySuccession { from, to, .. } = &event.kind
        && from == receiver
    {
        receiver = to;
    }
    prop_assert_eq!(after.custody.holder(), receiver, "the holder after {}", name);
    Ok(())
}

fn holds_after_each_act(before: &Case, after: &Case) -> Result<(), TestCaseError> {
    holds_of_money(&after.money)?;
    prop_assert!(
        after.extension.is_none() || before.extension.is_none() || after.extension == before.extension
    );
    prop_assert!(after.parties.contains(after.custody.holder()));
    prop_assert!(after.last_at >= before.last_at);
    prop_assert_eq!(after.is_paused() && running(after), false);
    Ok(())
}

/// What is paid, net of what is to be given back, is never below zero and never above what is owed.
fn holds_of_money(money: &Money) -> Result<(), TestCaseError> {
    let noticed = money.notices.values().flat_map(|notice| &notice.lines).map(|line| line.account);
    let paid = money.payments.values().filter_map(Payment::account);
    let accounts: BTreeSet<Account> = noticed.chain(paid).chain(money.refunds.keys().copied()).collect();
    let mut remaining = 0;
    for account in accounts {
        let (paid, refund, owed) = (money.paid(account), money.refund(account), money.owed(account));
        let kept = paid.get().checked_sub(refund.get());
        prop_assert!(kept.is_some(), "{account:?}: {refund} to be given back of {paid}");
        let left = kept.and_then(|kept| owed.get().checked_sub(kept));
        prop_assert!(left.is_some(), "{account:?}: {paid} paid, {refund} given back, only {owed} owed");
        prop_assert!(
            refund == Dong::ZERO || left == Some(0),
            "{account:?}: {refund} given back while {owed} is owed"
        );
        remaining += left.unwrap_or_default();
    }
    prop_assert_eq!(money.remaining().get(), remaining);
    Ok(())
}

fn running(case: &Case) -> bool {
    matches!(case.clock, Clock::Running { .. })
}

fn moves() -> impl Strategy<Value = Vec<(u32, u8, u16, u64)>> {
    proptest::collection::vec((any::<u32>(), any::<u8>(), 0_u16..600, 0_u64..40), 1..120)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    /// `Story::does` asserts that what `decide` yields `permit` permits; the rest is checked after each act.
    #[test]
    fn every_admitted_history_keeps_the_rules(moves in moves(), start in start()) {
        tell(&moves, start)?;
    }

    #[test]
    fn a_row_stored_and_read_goes_on_as_if_it_had_not_been(
        moves in moves(),
        start in start(),
        cut in any::<prop::sample::Index>(),
    ) {
        let story = tell(&moves, start)?;
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
        let acts: Vec<Act> = [tell(&moves, Start::TaxOffice)?.acts, tell(&other, Start::Filed)?.acts].concat();
        let shuffled = order.iter().map(|index| index.get(&acts));
        let dossier = shuffled.fold(None, fold);
        if let Some(Dossier::Live(case)) = dossier {
            // Whatever the order was, the views do not fail either.
            let _ = (case.status(), case.is_paused(), case.money.remaining(), case.money.unrecorded_refunds());
        }
    }
}

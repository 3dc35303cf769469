//! What holds for every log: random commands by random agencies, among repeats, torn records, forgeries and fences.

use lienthong_calendar::Instant;
use lienthong_dossier::*;
use lienthong_registry::OutcomeId;
use lienthong_tax::Dong;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use super::{codes, reason};
use crate::testing::chain::fence_record;
use crate::testing::*;

/// One step of a story: where among the possible actions to look first, after how many minutes, with what amount, on
/// which dossier, and what else is done to the record.
type Move = (usize, u16, u64, usize, u8);

fn moves() -> impl Strategy<Value = Vec<Move>> {
    // From the first action on, a story goes its usual way; from another one, it leaves it.
    let pick = prop_oneof![2 => Just(0), 1 => 0_usize..PICKS];
    let one = (pick, 0_u16..600, 1_u64..40, 0_usize..3, any::<u8>());
    proptest::collection::vec(one, 1..60)
}

const STEPS: [(&str, &str); 9] = [
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

/// How many numbers pick different actions.
const PICKS: usize = 35;

/// A number picks an action of a land transfer; most of them are possible at some time.
fn action(pick: usize, amount: u64) -> Action {
    let number = 1 + (amount % 2) as u32;
    let paper = |text: &str| PaperNumber::parse(&format!("{text}{number}")).unwrap();
    let payment = || PaymentId::parse(&format!("p{}", amount % 5)).unwrap();
    let account = Account { taxpayer: 1, item: 2801 };
    let line = NoticeLine {
        account,
        due_date: "2026-12-10".parse().unwrap(),
        taxable: Dong::new(amount * 200),
        due: Dong::new(amount),
        exempt: Dong::ZERO,
        exempt_ground: None,
    };
    let hold = |expires_at| Action::PlaceHold {
        ground: ground(),
        issuing_body: Line::parse("Tòa án").unwrap(),
        document: paper("QĐ"),
        expires_at,
    };
    match pick % PICKS {
        n @ 0..9 => complete(STEPS[n].0, STEPS[n].1),
        9 => offer(LAND),
        10 => offer(DESK),
        11 => Action::AcceptCustody,
        12 => Action::ReturnCustody { ground: ground() },
        13 => Action::WithdrawOffer,
        14 => refer(TAX, Subject::TaxInformation),
        15 => Action::AcceptReferral { referral: number },
        16 => Action::IssueNotice { referral: number, notice: paper("TB"), lines: vec![line] },
        17 => {
            let (amount, channel) = (Dong::new(amount), PaymentChannel::Bank);
            let (payment, notice) = (payment(), paper("TB"));
            Action::RecordPayment { payment, notice, account, amount, channel, into: None }
        }
        18 => Action::ReturnReferral { referral: number, ground: ground() },
        19 => {
            let (supersedes, notice) = (paper("TB"), paper("ĐC"));
            Action::AdjustNotice { supersedes, notice, ground: ground(), lines: vec![line] }
        }
        20 => Action::CancelNotice { notice: paper("TB"), ground: ground() },
        21 => Action::CancelPayment { payment: payment(), ground: ground() },
        22 => Action::RecordDebt { decision: paper("QĐ") },
        23 => Action::RequestWithdrawal,
        24 => Action::DecideWithdrawal(Withdrawal::Decline(ground())),
        25 => hold(None),
        26 => hold(Some(at("2026-11-20 08:00"))),
        27 => Action::LiftHold { hold: number, document: paper("QĐ") },
        28 => Action::EndWait(Wait::Hold(number)),
        29 => Action::Extend { days: number, ground: ground() },
        30 => Action::EnterLandRegister { entry: paper("CS") },
        31 => Action::IssueResult { number: paper("KQ"), outcome: OutcomeId::parse("da-ban-giao").unwrap() },
        32 => Action::HandOverResult { channel: Delivery::Desk },
        33 => Action::Stop { ground: ground(), decision: paper("QĐ") },
        _ => Action::Resume { decision: paper("QĐ") },
    }
}

/// The first action that is possible, from the picked one on.
fn possible(bench: &mut Bench, of: &str, (pick, _, amount, _, also): Move) -> Option<Draft> {
    let private = (also % 2 == 0).then_some("Thửa đất số 12");
    let who = [LAND, DESK, TAX];
    let all = (pick..pick + PICKS).flat_map(|pick| who.map(|who| (pick, who)));
    all.into_iter()
        .find_map(|(pick, who)| bench.decide(of, who, action(pick, amount), private).ok().flatten())
}

/// Tells stories of three dossiers in one partition. What is decided must be admitted, what is forged must change
/// nothing.
fn tell(moves: &[Move]) -> Result<Bench, TestCaseError> {
    let world = World::republished();
    let codes: Vec<_> = codes(&world).take(3).collect();
    let mut bench = Bench::new(&world, "2026-11-02 08:00");
    for code in &codes {
        let first = bench.draft_of(code, DESK, receive("1.099001"));
        admitted(&mut bench, &first)?;
    }
    for of_move in moves {
        let (_, minutes, amount, which, also) = *of_move;
        bench.now = Instant::from_micros(bench.now.as_micros() + i64::from(minutes) * 60_000_000);
        let Some(draft) = possible(&mut bench, &codes[which], *of_move) else { continue };
        match also % 8 {
            0 => void(&mut bench, Sent::raw(amount.to_be_bytes().to_vec()))?,
            1 => void(&mut bench, draft.clone().with(|body| body.prev = None).sent())?,
            2 => void(
                &mut bench,
                draft
                    .clone()
                    .signed_by(node_key("H56.9"))
                    .with(|body| body.act.agency = agency("H56.9"))
                    .sent(),
            )?,
            4 => fence(&mut bench)?,
            _ => {}
        }
        // While the tax office's node is revoked.
        if bench.reader.ledger.cursor().revision % 2 == 1 && draft.body.act.agency == agency(TAX) {
            void(&mut bench, draft.sent())?;
            continue;
        }
        admitted(&mut bench, &draft)?;
        if also % 8 == 3 {
            void(&mut bench, draft.sent())?;
        }
    }
    Ok(bench)
}

/// A few stories, the same moves in every run.
pub(in crate::ledger) fn stories(count: usize) -> Vec<Bench> {
    let mut runner = TestRunner::deterministic();
    let mut story = || moves().new_tree(&mut runner).map(|tree| tree.current()).unwrap();
    (0..count).map(|_| tell(&story()).unwrap()).collect()
}

/// The next revision takes effect, if there is one; the fence of the last one does not again.
fn fence(bench: &mut Bench) -> Result<(), TestCaseError> {
    let of = |bench: &Bench, n| bench.reader.revisions.get(n).and_then(|revision| revision.fence.clone());
    let last = bench.reader.ledger.cursor().revision;
    if let Some(again) = of(bench, last) {
        void(bench, fence_record(&again))?;
    }
    if let Some(next) = of(bench, last + 1) {
        bench.append(fence_record(&next));
        prop_assert_eq!(bench.reader.ledger.cursor().revision, last + 1);
    }
    Ok(())
}

fn admitted(bench: &mut Bench, draft: &Draft) -> Result<(), TestCaseError> {
    let before = bench.reader.ledger.cursor().clone();
    let applied = bench.append(draft.sent());
    let after = bench.reader.ledger.cursor();
    prop_assert_eq!(reason(&applied), None);
    prop_assert_ne!(after.verdict, before.verdict);
    prop_assert_eq!((after.count, after.admitted), (before.count + 1, before.admitted + 1));
    prop_assert_eq!(bench.reader.state(&draft.body.act.code).unwrap().head, applied.leaf);
    Ok(())
}

/// Settled before and after, so that rows and the sum of states can be compared.
fn void(bench: &mut Bench, sent: Sent) -> Result<(), TestCaseError> {
    bench.reader.settle();
    let (before, rows) = (bench.reader.ledger.cursor().clone(), bench.reader.rows.clone());
    let applied = bench.append(sent);
    prop_assert!(reason(&applied).is_some());
    prop_assert_eq!(bench.reader.settle(), 0);
    let after = bench.reader.ledger.cursor();
    prop_assert_ne!(after.verdict, before.verdict);
    prop_assert_eq!(after.states, before.states);
    prop_assert_eq!((after.admitted, after.dossiers), (before.admitted, before.dossiers));
    prop_assert_eq!(after.voids.values().sum::<u64>(), before.voids.values().sum::<u64>() + 1);
    prop_assert_eq!(&bench.reader.rows.states, &rows.states);
    Ok(())
}

/// Reads a log in batches that end where `ends` says.
fn read(bench: &Bench, ends: impl Fn(usize) -> bool) -> Reader {
    let mut reader = Reader::new(&bench.reader.world, bench.reader.partition);
    for (n, sent) in bench.log.iter().enumerate() {
        reader.apply(sent);
        if ends(n) {
            reader.settle();
        }
    }
    reader.settle();
    reader
}

fn same(one: &Reader, other: &Reader) -> Result<(), TestCaseError> {
    prop_assert_eq!(one.ledger.cursor(), other.ledger.cursor());
    prop_assert_eq!(&one.rows, &other.rows);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// `tell` checks that what is decided is admitted, and that a void changes nothing.
    #[test]
    fn two_readers_agree_however_they_cut_the_log_into_batches(moves in moves(), every in 2_usize..9) {
        let mut bench = tell(&moves)?;
        bench.reader.settle();
        let each = read(&bench, |_| true);
        same(&each, &bench.reader)?;
        same(&each, &read(&bench, |_| false))?;
        same(&each, &read(&bench, |n| n % every == 0))?;
        let counted = each.ledger.cursor();
        prop_assert_eq!(counted.admitted + counted.voids.values().sum::<u64>(), bench.log.len() as u64);
    }

    #[test]
    fn a_stored_cursor_and_its_rows_go_on_to_the_same_digests(moves in moves(), cut: prop::sample::Index) {
        let bench = tell(&moves)?;
        let whole = read(&bench, |_| false);
        let cut = cut.index(bench.log.len() + 1);
        let mut first = Reader::new(&bench.reader.world, bench.reader.partition);
        bench.log[..cut].iter().for_each(|sent| drop(first.apply(sent)));
        first.settle();
        let stored = postcard::to_stdvec(first.ledger.cursor()).unwrap();
        let cursor = postcard::from_bytes(&stored).unwrap();
        let mut second = Reader::from(&bench.reader.world, bench.reader.partition, cursor, first.rows);
        bench.log[cut..].iter().for_each(|sent| drop(second.apply(sent)));
        second.settle();
        same(&second, &whole)?;
    }

    #[test]
    fn two_logs_that_differ_in_one_record_differ_in_their_digests(moves in moves(), cut: prop::sample::Index) {
        let mut bench = tell(&moves)?;
        let whole = read(&bench, |_| false);
        let cut = cut.index(bench.log.len());
        bench.log[cut] = Sent::raw(&b"another"[..]);
        let other = read(&bench, |_| false);
        prop_assert_ne!(whole.ledger.cursor().verdict, other.ledger.cursor().verdict);
        prop_assert_ne!(whole.ledger.cursor().chain, other.ledger.cursor().chain);
    }
}

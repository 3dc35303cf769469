//! Who may do what: every kind of event against every kind of caller.
//!
//! Each record is well made in all else: its own agency in the body, the seal of that agency's node, the right wraps, upon
//! the newest state. So a cell says what admission thinks of the caller alone.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use lienthong_dossier::{Case, Clocks, Dossier, Event, EventKind, Phase, Power};

use super::scenes::{self, CALLERS, Scene};
use crate::testing::chain::{authority, fence_record, publish, revoked};
use crate::testing::*;
use crate::*;

/// What rules 1 say. `by` makes the record; `yes` is admitted, `Power` is void as `Role` because the officer lacks the
/// power, any other word is the reason of the void, and `-` says that nobody is that there.
///
/// Right of the line, for everybody to whom the left says yes: the node's key is revoked by a fence before the record;
/// another node's key is; another agency's node seals in this one's name; the officer may only read; may only decide.
const TABLE: &str = "
event                         by            holder offered referred former desk stranger | revoked other foreign read  decide
DossierFiled                  H56.2         -      -       -        -      yes  Code     | Key     yes   Key     Power yes
DossierAccepted               H56.2         -      -       -        -      yes  Code     | Key     yes   Key     Power yes
DossierAccepted/filed         H56.2         yes    -       -        -      -    Role     | Key     yes   Key     Power yes
DossierRefused                H56.2         -      -       -        -      yes  Code     | Key     yes   Key     Power Power
DossierRefused/filed          H56.2         yes    -       -        -      -    Role     | Key     yes   Key     Power Power
HistoryImported               import-office -      -       -        -      Role Role     | Key     yes   Key     Power yes
DossierAdopted                H56.2         -      -       -        -      yes  Role     | Key     yes   Key     Power yes
CustodyOffered                land-office   yes    Role    Role     Role   Role Role     | Key     yes   Key     Power yes
CustodyAccepted               H56.1         Role   yes     Role     Role   Role Role     | Key     yes   Key     Power yes
CustodyReturned               H56.1         Role   yes     Role     Role   Role Role     | Key     yes   Key     Power yes
CustodyOfferWithdrawn         land-office   yes    Role    Role     Role   Role Role     | Key     yes   Key     Power yes
CustodyTransferredBySuccession department   Role   Role    Role     yes    Role Role     | Key     yes   Key     Power yes
StepCompleted                 land-office   yes    Role    Role     Role   Role Role     | Key     yes   Key     Power yes
WaitEnded/silence             land-office   yes    Role    yes      yes    yes  Role     | Key     yes   Key     Power yes
WaitEnded/hold                land-office   yes    Role    yes      yes    yes  Role     | Key     yes   Key     Power yes
DueDateRecomputed             land-office   yes    Role    yes      yes    yes  Role     | Key     yes   Key     Power yes
SupplementRequested           land-office   yes    Role    Role     Role   Role Role     | Key     yes   Key     Power yes
SupplementReceived            H56.2         Role   Role    Role     Role   yes  Role     | Key     yes   Key     Power yes
SupplementReceived/on-offer   H56.2         Role   Role    Role     Role   yes  Role     | Key     yes   Key     Power yes
HoldPlaced                    land-office   yes    Role    Role     Role   Role Role     | Key     yes   Key     Power yes
HoldLifted                    land-office   yes    Role    Role     Role   Role Role     | Key     yes   Key     Power yes
ApologyIssued                 land-office   yes    Role    Role     Role   Role Role     | Key     yes   Key     Power Power
ReferralSent                  land-office   yes    Role    Role     Role   Role Role     | Key     yes   Key     Power yes
ReferralAccepted              tax-office    Role   Role    yes      Role   Role Role     | Key     yes   Key     Power yes
ReferralReturned              tax-office    Role   Role    yes      Role   Role Role     | Key     yes   Key     Power yes
ReferralAnswered              tax-office    Role   Role    yes      Role   Role Role     | Key     yes   Key     Power Power
NoticeIssued                  tax-office    Role   Role    yes      Role   Role Role     | Key     yes   Key     Power Power
NoticeAdjusted                tax-office    Role   Role    yes      Role   Role Role     | Key     yes   Key     Power Power
NoticeCancelled               tax-office    Role   Role    yes      Role   Role Role     | Key     yes   Key     Power Power
PaymentReceived               tax-office    Role   Role    yes      Role   Role Role     | Key     yes   Key     Power yes
PaymentCancelled              tax-office    Role   Role    yes      Role   Role Role     | Key     yes   Key     Power yes
FeeReceived                   H56.2         Role   Role    Role     Role   yes  Role     | Key     yes   Key     Power yes
FeeReceived/on-offer          H56.2         Role   Role    Role     Role   yes  Role     | Key     yes   Key     Power yes
ReceiptIssued                 tax-office    Role   Role    yes      Role   Role Role     | Key     yes   Key     Power yes
PaymentReconciled             tax-office    Role   Role    yes      Role   Role Role     | Key     yes   Key     Power yes
ObligationFulfilled           tax-office    Role   Role    yes      Role   Role Role     | Key     yes   Key     Power Power
LandRegisterEntered           land-office   yes    Role    Role     Role   Role Role     | Key     yes   Key     Power Power
WithdrawalRequested           H56.2         Role   Role    Role     Role   yes  Role     | Key     yes   Key     Power yes
WithdrawalRequested/on-offer  H56.2         Role   Role    Role     Role   yes  Role     | Key     yes   Key     Power yes
WithdrawalGranted             land-office   yes    Role    Role     Role   Role Role     | Key     yes   Key     Power Power
WithdrawalDeclined            land-office   yes    Role    Role     Role   Role Role     | Key     yes   Key     Power Power
ProcessingStopped             land-office   yes    Role    Role     Role   Role Role     | Key     yes   Key     Power Power
ProcessingResumed             land-office   yes    Role    Role     Role   Role Role     | Key     yes   Key     Power Power
ResultIssued                  land-office   yes    Role    Role     Role   Role Role     | Key     yes   Key     Power Power
ResultRecalled                land-office   yes    Role    Role     Role   Role Role     | Key     yes   Key     Power Power
ResultDelivered               H56.2         yes    -       Role     Role   -    Role     | Key     yes   Key     Power yes
DossierErased                 H56.2         yes    Role    Role     Role   yes  Role     | Key     yes   Key     Power Power
";

/// How an event comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comes {
    /// An officer decides it.
    Decided,
    /// It follows from others in the same record, and from nothing else.
    Follows,
}

macro_rules! kinds {
    ($($kind:ident $comes:ident;)*) => {
        const KINDS: &[(&str, Comes)] = &[$((stringify!($kind), Comes::$comes),)*];

        /// The line of [`KINDS`]. A further kind of event does not compile until it has one, and then needs its scene.
        fn placed(kind: &EventKind) -> (&'static str, Comes) {
            match kind { $(EventKind::$kind { .. } => (stringify!($kind), Comes::$comes),)* }
        }
    };
}

kinds! {
    DossierFiled Decided;
    DossierAccepted Decided;
    DossierRefused Decided;
    CustodyOffered Decided;
    CustodyAccepted Decided;
    CustodyReturned Decided;
    CustodyOfferWithdrawn Decided;
    CustodyTransferredBySuccession Decided;
    DueDateRecomputed Decided;
    StepCompleted Decided;
    WaitEnded Decided;
    SupplementRequested Decided;
    SupplementReceived Decided;
    HoldPlaced Decided;
    HoldLifted Decided;
    ApologyIssued Decided;
    ReferralSent Decided;
    ReferralAccepted Decided;
    ReferralReturned Decided;
    ReferralAnswered Decided;
    NoticeIssued Decided;
    NoticeAdjusted Decided;
    NoticeCancelled Decided;
    PaymentReceived Decided;
    PaymentCancelled Decided;
    FeeReceived Decided;
    ReceiptIssued Decided;
    PaymentReconciled Decided;
    RefundDue Follows;
    ObligationFulfilled Decided;
    LandRegisterEntered Decided;
    WithdrawalRequested Decided;
    WithdrawalGranted Decided;
    WithdrawalDeclined Decided;
    ProcessingStopped Decided;
    ProcessingResumed Decided;
    ResultIssued Decided;
    ResultRecalled Decided;
    ResultDelivered Decided;
    HistoryImported Decided;
    DossierAdopted Decided;
    DossierErased Decided;
}

/// A verdict as the table writes it.
fn word(applied: &Applied) -> &'static str {
    match &applied.verdict {
        Verdict::Admitted(_) => "yes",
        Verdict::Fence(_) => "fence",
        Verdict::Void { void, .. } => match void.detail.as_deref() {
            Some("NO_POWER") if void.reason == Reason::Role => "Power",
            Some(_) | None => void.reason.name(),
        },
    }
}

/// What becomes of a record, told to readers that stand where the bench stands.
struct Trial {
    bench: Bench,
    draft: Draft,
}

impl Trial {
    fn of(scene: &Scene) -> Self {
        let (mut bench, draft) = scene.set();
        bench.reader.settle();
        let (named, _) = placed(&draft.body.act.events[0].kind);
        assert_eq!(named, scene.event(), "{}", scene.row);
        scene
            .cast
            .holds(scene.row, bench.reader.state(&code(CODE)).as_ref().and_then(|it| it.dossier.live()));
        Self { bench, draft }
    }

    fn verdict(&mut self, draft: &Draft) -> &'static str {
        word(&self.bench.reader.settled_twin().apply(&draft.sent()))
    }

    /// The same behind the fence of a revision that revokes the key of an agency's node.
    fn behind_revocation(&mut self, draft: &Draft, of: &str) -> &'static str {
        let mut reader = self.bench.reader.settled_twin();
        let change = revoked(&reader.revisions, of);
        let fence = publish(&mut reader.revisions, &change, &authority());
        assert_eq!(word(&reader.apply(&fence_record(&fence))), "fence");
        word(&reader.apply(&draft.sent()))
    }

    /// What the right half of the table says of one to whom the left half says yes.
    fn lacking(&mut self, draft: &Draft) -> [&'static str; 5] {
        let who = draft.body.act.agency.as_str().to_owned();
        let neighbour = if who == TAX { LAND } else { TAX };
        let power = |power| draft.clone().with(|body| body.act.actor.power = power);
        [
            self.behind_revocation(draft, &who),
            self.behind_revocation(draft, neighbour),
            self.verdict(&draft.clone().signed_by(node_key(neighbour))),
            self.verdict(&power(Power::Read)),
            self.verdict(&power(Power::Decide)),
        ]
    }
}

/// The words of one line.
fn line_of(scene: &Scene) -> Vec<String> {
    let mut trial = Trial::of(scene);
    let own = trial.draft.clone();
    assert_eq!(trial.verdict(&own), "yes", "{}: by who makes it", scene.row);
    let mut words = vec![scene.row.to_owned(), own.body.act.agency.to_string()];
    let mut proper = vec![own.clone()];
    for caller in scene.cast.callers() {
        let Some(who) = caller else {
            words.push("-".to_owned());
            continue;
        };
        let draft = trial.bench.in_name_of(&own, who);
        let word = trial.verdict(&draft);
        if word == "yes" {
            proper.push(draft);
        }
        words.push(word.to_owned());
    }
    words.push("|".to_owned());
    let mut lacking = [(); 5].map(|()| BTreeSet::new());
    for draft in &proper {
        for (seen, word) in lacking.iter_mut().zip(trial.lacking(draft)) {
            seen.insert(word);
        }
    }
    // One word where all fare alike, as they should.
    words.extend(lacking.map(|seen| seen.into_iter().collect::<Vec<_>>().join("/")));
    words
}

fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn admission_decides_who_may_act() {
    let mut expected = TABLE.trim().lines().map(words);
    let heads = expected.next().unwrap();
    assert_eq!(heads[2..8], CALLERS.map(str::to_owned));
    let expected: Vec<_> = expected.collect();
    let got: Vec<_> = scenes::all().iter().map(line_of).collect();
    let rows = |lines: &[Vec<String>]| lines.iter().map(|line| line[0].clone()).collect::<Vec<_>>();
    assert_eq!(rows(&got), rows(&expected), "the table has a line for each scene, in their order");
    let mut wrong = String::new();
    for (line, got) in expected.iter().zip(&got) {
        for ((head, expected), got) in heads.iter().zip(line).zip(got) {
            if expected != got {
                writeln!(wrong, "{} × {head}: expected {expected}, got {got}", line[0]).unwrap();
            }
        }
        assert_eq!(line.len(), got.len(), "{}", line[0]);
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn every_event_that_an_officer_decides_is_in_the_table() {
    let decided = |comes: Comes| {
        KINDS.iter().filter(move |(_, how)| *how == comes).map(|(name, _)| *name).collect::<BTreeSet<_>>()
    };
    let scenes = scenes::all();
    assert_eq!(scenes.iter().map(Scene::event).collect::<BTreeSet<_>>(), decided(Comes::Decided));
    assert_eq!(decided(Comes::Follows), BTreeSet::from(["RefundDue"]));
}

/// What a dossier allows that came to its end.
const AFTER_THE_END: [&str; 4] =
    ["CustodyTransferredBySuccession", "DossierErased", "PaymentReconciled", "ReceiptIssued"];

/// A dossier that came to its end allows nothing else, and yet whoever has no part in it is told that first.
#[test]
fn who_may_not_act_is_told_so_before_what_the_state_allows() {
    let mut wrong = String::new();
    for scene in scenes::all().into_iter().filter(|scene| !AFTER_THE_END.contains(&scene.event())) {
        let mut trial = Trial::of(&scene);
        let Some(state) = trial.bench.reader.state(&code(CODE)) else { continue };
        let Some(case) = state.dossier.live().filter(|case| case.phase != Phase::Filed) else { continue };
        let closed = Case { phase: Phase::Withdrawn, ..case.clone() };
        let ended = State { dossier: Dossier::Live(Box::new(closed)), ..state.clone() };
        let own = trial.draft.clone();
        for (kind, who) in CALLERS.into_iter().zip(scene.cast.callers()) {
            let Some(who) = who else { continue };
            let draft = trial.bench.in_name_of(&own, who);
            let expected = if trial.verdict(&draft) == "yes" { "Transition" } else { "Role" };
            let mut reader = trial.bench.reader.settled_twin();
            reader.rows.states.insert(code(CODE), ended.encode().unwrap());
            let got = word(&reader.apply(&draft.sent()));
            if got != expected {
                writeln!(wrong, "{} × {kind}, at its end: expected {expected}, got {got}", scene.row)
                    .unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Nobody decides what only follows: not even the agency whose record it follows in.
#[test]
fn what_only_follows_is_nobodys_to_decide() {
    let noticed = scenes::all().into_iter().find(|scene| scene.row == "PaymentReceived").unwrap();
    let mut trial = Trial::of(&noticed);
    let EventKind::PaymentReceived { account, amount, .. } = trial.draft.body.act.events[0].kind.clone()
    else {
        panic!("a payment")
    };
    for kind in
        [EventKind::RefundDue { account, amount }, EventKind::ObligationFulfilled { debt_decision: None }]
    {
        let event = Event { kind, clocks: Clocks::default() };
        let draft = trial.draft.clone().with(|body| body.act.events = vec![event]);
        for who in noticed.cast.callers().into_iter().flatten() {
            let draft = trial.bench.in_name_of(&draft, who);
            assert_eq!(trial.verdict(&draft), "Transition", "{who}: {:?}", draft.body.act.events);
        }
    }
}

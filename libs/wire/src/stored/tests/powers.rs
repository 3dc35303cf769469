//! Every call of the contract with the power that it needs, held against the descriptors and against what its events need.

use std::collections::{BTreeMap, BTreeSet};

use lienthong_dossier::{EventKind, Power, needed};
use proptest::strategy::{BoxedStrategy, Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use prost_reflect::{DescriptorPool, MethodDescriptor};

use super::strategy::kinds;

/// What whoever calls must be allowed to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Needs {
    /// To be let in. What the bus shows to all is shown; the agency that is asked for is the caller's own.
    Nothing,
    /// An officer who may read, named by `reader`: personal data.
    Reader,
    /// An officer who may do it, named by `header`: a command, by what it records.
    Officer(Power, &'static [&'static str]),
}

use Needs::{Nothing, Officer, Reader};
use Power::{Decide, Sign};

/// Every call there is. A new one gets its power here before anything of it is built.
const CALLS: &[(&str, Needs)] = &[
    ("auditor.v1.Auditor.StreamRecords", Nothing),
    // Each command in it by what it is.
    ("bulk.v1.Bulk.Submit", Nothing),
    ("casework.v1.Casework.AcceptCustody", Officer(Decide, &["CustodyAccepted"])),
    ("casework.v1.Casework.AcceptReferral", Officer(Decide, &["ReferralAccepted"])),
    ("casework.v1.Casework.Adopt", Officer(Decide, &["DossierAdopted"])),
    ("casework.v1.Casework.AnswerReferral", Officer(Sign, &["ReferralAnswered"])),
    ("casework.v1.Casework.CompleteStep", Officer(Decide, &["StepCompleted"])),
    ("casework.v1.Casework.DecideWithdrawal", Officer(Sign, &["WithdrawalGranted", "WithdrawalDeclined"])),
    ("casework.v1.Casework.EndWait", Officer(Decide, &["WaitEnded"])),
    ("casework.v1.Casework.Erase", Officer(Sign, &["DossierErased"])),
    ("casework.v1.Casework.Extend", Officer(Sign, &["ApologyIssued"])),
    ("casework.v1.Casework.IssueResult", Officer(Sign, &["ResultIssued"])),
    ("casework.v1.Casework.IssueReceipt", Officer(Decide, &["ReceiptIssued"])),
    ("casework.v1.Casework.LiftHold", Officer(Decide, &["HoldLifted"])),
    ("casework.v1.Casework.OfferCustody", Officer(Decide, &["CustodyOffered"])),
    ("casework.v1.Casework.PlaceHold", Officer(Decide, &["HoldPlaced"])),
    ("casework.v1.Casework.RecallResult", Officer(Sign, &["ResultRecalled"])),
    ("casework.v1.Casework.ReconcilePayment", Officer(Decide, &["PaymentReconciled"])),
    ("casework.v1.Casework.Recompute", Officer(Decide, &["DueDateRecomputed"])),
    ("casework.v1.Casework.Refer", Officer(Decide, &["ReferralSent"])),
    ("casework.v1.Casework.RequestSupplement", Officer(Decide, &["SupplementRequested"])),
    ("casework.v1.Casework.Resume", Officer(Sign, &["ProcessingResumed"])),
    ("casework.v1.Casework.ReturnCustody", Officer(Decide, &["CustodyReturned"])),
    ("casework.v1.Casework.ReturnReferral", Officer(Decide, &["ReferralReturned"])),
    ("casework.v1.Casework.Stop", Officer(Sign, &["ProcessingStopped"])),
    ("casework.v1.Casework.Succeed", Officer(Decide, &["CustodyTransferredBySuccession"])),
    ("casework.v1.Casework.WithdrawOffer", Officer(Decide, &["CustodyOfferWithdrawn"])),
    ("history.v1.History.ImportHistory", Officer(Decide, &["HistoryImported"])),
    ("land_registry.v1.LandRegistry.EnterLandRegister", Officer(Sign, &["LandRegisterEntered"])),
    ("land_registry.v1.LandRegistry.SendTaxInformation", Officer(Decide, &["ReferralSent"])),
    ("node.v1.Node.GetReadiness", Nothing),
    ("personal_reading.v1.Personal.FindDossiers", Reader),
    ("personal_reading.v1.Personal.ReadPersonal", Reader),
    ("reading.v1.Reading.GetDigest", Nothing),
    ("reading.v1.Reading.GetDossier", Nothing),
    ("reading.v1.Reading.GetTimeline", Nothing),
    ("reading.v1.Reading.ListDossiers", Nothing),
    ("reading.v1.Reading.ListReminders", Nothing),
    ("reading.v1.Reading.ListTasks", Nothing),
    ("reading.v1.Reading.ListVoids", Nothing),
    ("reading.v1.Reading.WatchDossier", Nothing),
    ("reading.v1.Reading.WatchInbox", Nothing),
    ("reading.v1.Reading.WatchReminders", Nothing),
    ("reporting.v1.Reporting.GetII06", Nothing),
    ("reporting.v1.Reporting.GetIndicators", Nothing),
    ("reporting.v1.Reporting.GetPayments", Nothing),
    ("reporting.v1.Reporting.GetShares", Nothing),
    ("reporting.v1.Reporting.ListBehind", Nothing),
    ("tax_office.v1.TaxOffice.AcceptSlip", Officer(Decide, &["ReferralAccepted"])),
    ("tax_office.v1.TaxOffice.AdjustNotice", Officer(Sign, &["NoticeAdjusted"])),
    ("tax_office.v1.TaxOffice.Assess", Nothing),
    ("tax_office.v1.TaxOffice.CancelNotice", Officer(Sign, &["NoticeCancelled"])),
    ("tax_office.v1.TaxOffice.CancelPayment", Officer(Decide, &["PaymentCancelled"])),
    ("tax_office.v1.TaxOffice.GetNotice", Nothing),
    ("tax_office.v1.TaxOffice.IssueNotice", Officer(Sign, &["NoticeIssued"])),
    ("tax_office.v1.TaxOffice.RecordDebt", Officer(Sign, &["ObligationFulfilled"])),
    ("tax_office.v1.TaxOffice.RecordPayment", Officer(Decide, &["PaymentReceived"])),
    ("tax_office.v1.TaxOffice.ReturnSlip", Officer(Decide, &["ReferralReturned"])),
    ("ward_desk.v1.WardDesk.CancelFee", Officer(Decide, &["PaymentCancelled"])),
    ("ward_desk.v1.WardDesk.CollectFee", Officer(Decide, &["FeeReceived"])),
    ("ward_desk.v1.WardDesk.File", Officer(Decide, &["DossierFiled"])),
    ("ward_desk.v1.WardDesk.HandInSupplement", Officer(Decide, &["SupplementReceived"])),
    ("ward_desk.v1.WardDesk.HandOverResult", Officer(Decide, &["ResultDelivered"])),
    ("ward_desk.v1.WardDesk.NextCode", Nothing),
    ("ward_desk.v1.WardDesk.Receive", Officer(Decide, &["DossierAccepted"])),
    ("ward_desk.v1.WardDesk.Refuse", Officer(Sign, &["DossierRefused"])),
    ("ward_desk.v1.WardDesk.RequestWithdrawal", Officer(Decide, &["WithdrawalRequested"])),
];

/// Recorded only as what follows from a command.
const FOLLOWING: [&str; 1] = ["RefundDue"];

fn methods() -> BTreeMap<String, MethodDescriptor> {
    let pool = DescriptorPool::decode(crate::DESCRIPTOR_SET).unwrap();
    let all = pool.services().flat_map(|service| service.methods().collect::<Vec<_>>());
    let named = all.map(|method| (method.full_name().trim_start_matches("lienthong.").to_owned(), method));
    named.collect()
}

/// The most that an officer needs for each kind of event, by its name.
fn powers() -> BTreeMap<&'static str, Power> {
    /// A kind may need more or less by what is in it.
    const SAMPLES: usize = 32;
    let mut runner = TestRunner::deterministic();
    let most = |strategy: &BoxedStrategy<EventKind>| {
        let samples = (0..SAMPLES).map(|_| strategy.new_tree(&mut runner).unwrap().current());
        samples.map(|kind| (kind.name(), needed(&kind))).max_by_key(|(_, power)| *power).unwrap()
    };
    kinds().iter().map(most).collect()
}

#[test]
fn every_call_is_listed_with_the_power_that_it_needs() {
    let (methods, listed) = (methods(), CALLS.iter().map(|(name, _)| *name).collect::<BTreeSet<_>>());
    assert_eq!(listed.len(), CALLS.len(), "each once");
    assert_eq!(methods.keys().map(String::as_str).collect::<BTreeSet<_>>(), listed);
}

#[test]
fn what_a_call_names_is_what_its_power_is_asked_of() {
    let methods = methods();
    for (name, needs) in CALLS {
        let (asked, answer) = (methods[*name].input(), methods[*name].output());
        let field = |name: &str| asked.get_field_by_name(name).is_some();
        let is_command = answer.full_name() == "lienthong.common.v1.Receipt";
        let expected = match needs {
            Nothing => (false, false, false),
            Reader => (true, false, false),
            Officer(..) => (false, true, true),
        };
        assert_eq!((field("reader"), field("header"), is_command), expected, "{name}");
    }
}

#[test]
fn a_command_needs_what_its_events_need() {
    let (powers, mut recorded) = (powers(), BTreeSet::from(FOLLOWING));
    for (name, needs) in CALLS {
        let Officer(power, events) = needs else { continue };
        let most = events.iter().map(|event| powers[event]).max();
        assert_eq!(most, Some(*power), "{name}");
        recorded.extend(*events);
    }
    assert_eq!(recorded, powers.keys().copied().collect(), "every event is some command's");
}

use super::*;
use crate::reading::support::*;

/// As what every sample event is put before an agency, with the dossier at the land office and its slip answered.
fn put(id: &str) -> Vec<(&'static str, InboxKind)> {
    let story = Story::with_notice();
    let (events, agency) = (every_event(), agency(id));
    let offer =
        Offer { giver: crate::reading::support::agency(DESK), to: crate::reading::support::agency(LAND) };
    let mut put: Vec<_> = events
        .iter()
        .filter_map(|event| {
            let offer = asks_for_offer(&event.kind).then_some(&offer);
            Some((event.kind.name(), put_before(&agency, &event.kind, story.case(), offer)?))
        })
        .collect();
    put.dedup();
    put
}

#[test]
fn a_succession_is_put_before_both_sides() {
    for (id, told) in [(TAX, true), (LAND, true), (DESK, false)] {
        let is_put = put(id).contains(&("CustodyTransferredBySuccession", InboxKind::Other));
        assert_eq!(is_put, told, "{id}");
    }
}

#[test]
fn an_offer_is_put_before_the_receiver_and_its_answer_before_the_giver() {
    let kinds = |id: &str| -> Vec<_> {
        let custody = |name: &str| name.starts_with("Custody") && name != "CustodyTransferredBySuccession";
        put(id).into_iter().filter(|(name, _)| custody(name)).collect()
    };
    assert_eq!(
        kinds(LAND),
        [("CustodyOffered", InboxKind::Offer), ("CustodyOfferWithdrawn", InboxKind::OfferWithdrawn)]
    );
    assert_eq!(
        kinds(DESK),
        [("CustodyAccepted", InboxKind::Accepted), ("CustodyReturned", InboxKind::Returned)]
    );
    assert!(kinds(TAX).is_empty());
}

#[test]
fn a_referral_is_put_before_whom_is_asked_and_its_answer_before_who_asked() {
    let kinds = |id: &str| -> Vec<_> {
        put(id).into_iter().filter(|(name, _)| name.starts_with("Referral")).collect()
    };
    assert_eq!(kinds(TAX), [("ReferralSent", InboxKind::Referral)]);
    assert_eq!(
        kinds(LAND),
        [
            ("ReferralAccepted", InboxKind::Answer),
            ("ReferralReturned", InboxKind::Returned),
            ("ReferralAnswered", InboxKind::Answer)
        ]
    );
    assert!(kinds(DESK).is_empty());
}

#[test]
fn notices_and_payments_are_put_before_who_asked_and_the_receiving_desk() {
    for id in [LAND, DESK] {
        let names: Vec<_> = put(id)
            .into_iter()
            .filter(|(_, kind)| matches!(kind, InboxKind::Notice | InboxKind::Payment))
            .map(|(name, _)| name)
            .collect();
        assert_eq!(
            names,
            [
                "NoticeIssued",
                "NoticeAdjusted",
                "NoticeCancelled",
                "PaymentReceived",
                "PaymentCancelled",
                "RefundDue",
                "ObligationFulfilled"
            ],
            "{id}"
        );
    }
}

#[test]
fn papers_wishes_results_and_pauses_are_put_before_desk_and_holder() {
    for id in [LAND, DESK] {
        let put = put(id);
        for (name, kind) in [
            ("SupplementRequested", InboxKind::Supplement),
            ("SupplementReceived", InboxKind::Supplement),
            ("WithdrawalRequested", InboxKind::Withdrawal),
            ("WithdrawalGranted", InboxKind::Withdrawal),
            ("WithdrawalDeclined", InboxKind::Withdrawal),
            ("ResultIssued", InboxKind::Result),
            ("ResultRecalled", InboxKind::Result),
            ("HoldPlaced", InboxKind::Other),
            ("HoldLifted", InboxKind::Other),
            ("ApologyIssued", InboxKind::Other),
            ("ProcessingStopped", InboxKind::Other),
            ("ProcessingResumed", InboxKind::Other),
        ] {
            assert!(put.contains(&(name, kind)), "{name} before {id}");
        }
    }
}

#[test]
fn an_erasure_is_put_before_whoever_had_a_part() {
    for id in [DESK, LAND, TAX] {
        assert!(put(id).contains(&("DossierErased", InboxKind::Other)), "{id}");
    }
}

#[test]
fn an_agency_without_a_part_is_told_nothing() {
    assert!(put("department").is_empty());
}

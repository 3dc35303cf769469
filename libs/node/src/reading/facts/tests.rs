use super::*;
use crate::reading::support::*;

fn told() -> Vec<(Event, pb::Fact)> {
    let (story, registry) = (Story::with_notice(), registry());
    let teller = Teller::new(&registry, story.dossier.as_ref(), at("2026-11-05 09:00"));
    every_event().into_iter().map(|event| (event.clone(), teller.fact(&event))).collect()
}

fn fact(name: &str) -> pb::Fact {
    told().into_iter().map(|(_, fact)| fact).find(|fact| fact.name == name).unwrap()
}

#[test]
fn every_kind_of_event_is_among_the_samples() {
    let names: std::collections::BTreeSet<_> = told().into_iter().map(|(_, fact)| fact.name).collect();
    assert_eq!(names.len(), 42);
}

#[test]
fn every_fact_has_its_name_its_sentence_and_whether_there_are_details() {
    for (event, fact) in told() {
        assert_eq!(fact.name, event.kind.name());
        assert!(fact.text.len() > 15, "{fact:?}");
        assert_eq!(fact.has_details, event.kind.detail().is_some(), "{fact:?}");
    }
}

#[test]
fn a_fact_has_every_field_of_its_event() {
    let bare = |name: &str| pb::Fact { text: String::new(), has_details: false, ..fact(name) };
    let named = |name: &str| pb::Fact { name: name.to_owned(), ..pb::Fact::default() };
    let due = Some(timestamp(at("2026-12-09 16:30")));
    assert_eq!(
        bare("DossierAccepted"),
        pb::Fact {
            procedure: "1.099001".to_owned(),
            channel: 1,
            documents: vec!["hop-dong".to_owned()],
            document_names: vec![
                "Hợp đồng chuyển nhượng quyền sử dụng đất, tài sản gắn liền với đất".to_owned(),
            ],
            papers: vec![pb::Paper {
                kind: "hop-dong".to_owned(),
                name: "Hợp đồng chuyển nhượng quyền sử dụng đất, tài sản gắn liền với đất".to_owned(),
                form: 1,
                copies: 1,
                sha256: String::new(),
            }],
            applicant: 1,
            next_step: "tiep-nhan".to_owned(),
            ..named("DossierAccepted")
        }
    );
    assert_eq!(
        bare("CustodyOffered"),
        pb::Fact {
            agency: LAND.to_owned(),
            agency_name: "Chi nhánh Văn phòng đăng ký đất đai khu vực Thanh Hóa".to_owned(),
            medium: 2,
            predecessor: TAX.to_owned(),
            predecessor_name: "Thuế cơ sở 1 tỉnh Thanh Hóa".to_owned(),
            ..named("CustodyOffered")
        }
    );
    assert_eq!(
        bare("HoldPlaced"),
        pb::Fact {
            hold: 1,
            ground: "kê biên".to_owned(),
            issuing_body: "Chi cục Thi hành án dân sự".to_owned(),
            number: "5/QĐ".to_owned(),
            due,
            ..named("HoldPlaced")
        }
    );
    assert_eq!(
        bare("ReferralSent"),
        pb::Fact {
            referral: 1,
            agency: TAX.to_owned(),
            agency_name: "Thuế cơ sở 1 tỉnh Thanh Hóa".to_owned(),
            subject: 1,
            medium: 1,
            due,
            number: "12/PCTT".to_owned(),
            ..named("ReferralSent")
        }
    );
    assert_eq!(
        bare("ReferralAnswered"),
        pb::Fact { referral: 1, subject: 1, agreed: Some(false), ..named("ReferralAnswered") }
    );
    assert_eq!(
        bare("PaymentReceived"),
        pb::Fact {
            payment: "KB-1".to_owned(),
            notice: "1/TB".to_owned(),
            account: Some(notices::account(FEE)),
            amount_dong: 15_000_000,
            payment_channel: 2,
            into: "3511.0.9990001".to_owned(),
            ..named("PaymentReceived")
        }
    );
    assert_eq!(
        bare("ResultRecalled"),
        pb::Fact {
            ground: "sai tên thửa".to_owned(), step: "vao-so".to_owned(), ..named("ResultRecalled")
        }
    );
    assert_eq!(fact("NoticeAdjusted").supersedes, "1/TB");
    assert_eq!(fact("NoticeAdjusted").lines.len(), 1);
    assert_eq!(fact("HistoryImported").activities[0].resource, "res-7");
    assert_eq!(fact("HistoryImported").activities[0].offset_minutes, 60);
}

#[test]
fn what_an_event_does_to_the_clocks_is_told() {
    let (story, registry) = (Story::with_notice(), registry());
    let tell = |act: &lienthong_dossier::Act| {
        let teller = Teller::new(&registry, story.dossier.as_ref(), act.at);
        teller.fact(&act.events[0])
    };
    let received = tell(&story.acts[0]);
    assert_eq!(received.clock.unwrap().due, Some(timestamp(at("2026-11-19 17:30"))));
    assert!(received.step_clock.unwrap().due.is_some());
    let sent = tell(&story.acts[5]);
    assert_eq!(sent.clock.unwrap().remaining_minutes, Some(13 * 480 - 180));
    assert!(tell(&story.acts[6]).clock.is_none());
}

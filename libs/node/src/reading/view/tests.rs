use super::*;
use crate::reading::support::*;

fn shown(state: &State) -> pb::Dossier {
    let (registry, code) = (registry(), code());
    let view = View {
        registry: &registry,
        training: true,
        partition: 3,
        code: &code,
        as_of: state.dossier.last_at(),
    };
    view.dossier(state)
}

#[test]
fn a_dossier_is_shown_with_its_names_and_the_position_behind_its_last_record() {
    let story = Story::with_notice();
    let shown = shown(&story.state());
    assert_eq!(shown.code, CODE);
    assert_eq!(shown.status_text, "Yêu cầu thực hiện nghĩa vụ tài chính");
    assert_eq!(shown.status(), common::Status::PaymentAwaited);
    assert!(shown.procedure.unwrap().name.starts_with("Đăng ký biến động"));
    let custody = shown.custody.unwrap();
    assert_eq!(custody.holder, LAND);
    assert_eq!(custody.holder_name, "Chi nhánh Văn phòng đăng ký đất đai khu vực Thanh Hóa");
    assert_eq!(custody.offered_to, "");
    assert_eq!(shown.received_by, DESK);
    assert_eq!(shown.position, Some(position(3, 71)));
    assert!(shown.training);
    assert!(shown.imported.is_none());
}

#[test]
fn while_payment_is_awaited_the_clock_stands_with_what_remains() {
    let shown = shown(&Story::with_notice().state());
    let clock = shown.clock.unwrap();
    assert_eq!(clock.state(), pb::ClockState::Paused);
    // Received on Monday, so counted from Tuesday: three hours are used when the slip is sent at 10:30.
    assert_eq!(clock.remaining_minutes, 13 * 480 - 180);
    assert_eq!(clock.since, Some(timestamp(at("2026-11-03 10:30"))));
    assert_eq!(shown.remaining_dong, 45_000_000);
    assert_eq!(shown.referrals.len(), 1);
    assert_eq!(shown.referrals[0].state(), pb::ReferralState::Answered);
    let step = shown.step.unwrap();
    assert_eq!(step.id, "nghia-vu-tai-chinh");
    assert_eq!(step.name, "Xác định và thực hiện nghĩa vụ tài chính");
    assert_eq!(step.outcomes, ["hoan-thanh-nghia-vu"]);
}

#[test]
fn once_all_is_paid_the_clock_runs_again() {
    let mut story = Story::with_notice();
    story.pay("2026-11-06 09:00", "KB-1", FEE, 15_000_000);
    story.pay("2026-11-06 09:30", "KB-2", INCOME, 30_000_000);
    let shown = shown(&story.state());
    let clock = shown.clock.unwrap();
    assert_eq!(clock.state(), pb::ClockState::Running);
    assert_eq!((clock.remaining_minutes, clock.since), (0, None));
    assert_eq!(shown.due, story.case().clock.due().map(timestamp));
    assert_eq!(shown.remaining_dong, 0);
    assert!(shown.obligation_fulfilled);
    assert_eq!(shown.status(), common::Status::Processing);
}

#[test]
fn an_offer_names_the_receiver_and_the_holder_stays() {
    let mut story = Story::with_notice();
    story.dossier = match story.dossier.take() {
        Some(Dossier::Live(mut case)) => {
            case.custody = Custody::Offered {
                by: agency(LAND),
                to: agency(DESK),
                medium: lienthong_dossier::Medium::Paper,
            };
            Some(Dossier::Live(case))
        }
        other => other,
    };
    let custody = shown(&story.state()).custody.unwrap();
    assert_eq!((custody.holder.as_str(), custody.offered_to.as_str()), (LAND, DESK));
    assert_eq!(custody.medium(), common::Medium::Paper);
    assert!(custody.offered_to_name.starts_with("Trung tâm Phục vụ hành chính công"));
}

#[test]
fn imported_history_is_shown_as_what_another_system_tells() {
    let shown = shown(&state(imported(), 1));
    assert_eq!(shown.status(), common::Status::Delivered);
    assert_eq!(shown.received_by, "import-office");
    let told = shown.imported.unwrap();
    assert_eq!((told.source.as_str(), told.activities), ("municipal", 2));
    assert_eq!(told.first_at, Some(timestamp(at("2011-10-11 13:45"))));
    assert_eq!(told.last_at, Some(timestamp(at("2011-10-12 08:00"))));
    assert!(shown.procedure.is_none() && shown.custody.is_none() && shown.received_at.is_none());
}

#[test]
fn an_agency_has_the_name_of_the_day_and_its_id_where_there_is_none() {
    let registry = registry();
    let name = |day: &str| agency_name(&registry, &agency(TAX), day.parse().unwrap());
    assert_eq!(name("2025-06-30"), "Chi cục Thuế khu vực thành phố Thanh Hóa - Đông Sơn");
    assert_eq!(name("2025-07-01"), "Thuế cơ sở 1 tỉnh Thanh Hóa");
    assert_eq!(agency_name(&registry, &agency("nobody"), "2025-07-01".parse().unwrap()), "nobody");
}

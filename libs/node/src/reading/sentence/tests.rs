use lienthong_calendar::Instant;
use lienthong_dossier::{Action, Clock, Line};

use super::*;
use crate::reading::support::*;
// Not the word for a medium, which the sentences call so.
use crate::reading::support::paper;

#[test]
fn every_event_has_its_sentence() {
    let (story, registry) = (Story::with_notice(), registry());
    let teller = Teller::new(&registry, story.dossier.as_ref(), at("2026-11-05 09:00"));
    let sentences: Vec<String> = every_event().iter().map(|event| teller.sentence(event)).collect();
    let procedure = registry.packs().find(|pack| pack.procedure().as_str() == "1.099001").unwrap().name();
    let expected = [
        &format!("Ghi nhận hồ sơ mới đăng ký “{procedure}”, nộp trực tiếp, 1 thành phần hồ sơ"),
        &format!("Tiếp nhận hồ sơ “{procedure}”, nộp trực tiếp, 1 thành phần hồ sơ"),
        "Từ chối tiếp nhận hồ sơ: không thuộc thẩm quyền",
        "Chuyển hồ sơ cho Chi nhánh Văn phòng đăng ký đất đai khu vực Thanh Hóa \
         (gửi đến Thuế cơ sở 1 tỉnh Thanh Hóa, cơ quan này đã được kế thừa), kèm hồ sơ giấy",
        "Nhận hồ sơ được chuyển đến và chịu trách nhiệm xử lý",
        "Không nhận, trả lại hồ sơ cho nơi chuyển: thiếu trang",
        "Rút lại việc chuyển hồ sơ khi nơi nhận chưa nhận",
        "Chi nhánh Văn phòng đăng ký đất đai khu vực Thanh Hóa kế thừa phần việc của Thuế cơ sở 1 tỉnh Thanh Hóa \
         theo NQ 1686/NQ-UBTVQH15; thời hạn giải quyết không thay đổi",
        "Tính lại thời hạn theo lịch làm việc vn-2027, 1 yêu cầu có hạn trả lời mới",
        "Hoàn thành bước “Tiếp nhận hồ sơ và chuyển Chi nhánh Văn phòng đăng ký đất đai”: Chuyển hồ sơ; \
         chờ chuyển sang bước “Thẩm định hồ sơ, trích lục bản đồ địa chính”",
        "Hoàn thành bước “Kiểm tra”: Đạt; bước tiếp theo “Trình ký”",
        "Hết thời hạn chờ lúc 16:30 ngày 09/12/2026: bước chờ được coi là hoàn thành",
        "Hết thời hạn chờ lúc 16:30 ngày 09/12/2026: phiếu chuyển thông tin (lần 1) không được trả lời, coi là đồng ý",
        "Hết thời hạn chờ lúc 16:30 ngày 09/12/2026: việc tạm dừng giải quyết (lần 1) hết hiệu lực",
        "Yêu cầu bổ sung giấy tờ: Hợp đồng chuyển nhượng quyền sử dụng đất, tài sản gắn liền với đất; \
         lý do: hợp đồng chưa công chứng",
        "Tiếp nhận giấy tờ bổ sung: Hợp đồng chuyển nhượng quyền sử dụng đất, tài sản gắn liền với đất",
        "Tạm dừng giải quyết (lần 1) do kê biên, theo văn bản số 5/QĐ của Chi cục Thi hành án dân sự, \
         đến 16:30 ngày 09/12/2026",
        "Chấm dứt tạm dừng giải quyết (lần 1) theo văn bản số 6/QĐ",
        "Gửi văn bản xin lỗi và hẹn lại, gia hạn 3 ngày làm việc: khối lượng lớn",
        "Chuyển phiếu chuyển thông tin số 12/PCTT cho Thuế cơ sở 1 tỉnh Thanh Hóa; \
         hạn trả lời 16:30 ngày 09/12/2026",
        "Gửi lấy ý kiến Thuế cơ sở 1 tỉnh Thanh Hóa, kèm hồ sơ giấy; hạn trả lời 16:30 ngày 09/12/2026, \
         quá hạn không trả lời được coi là đồng ý",
        "Tiếp nhận phiếu chuyển thông tin (lần 1)",
        "Trả lại phiếu chuyển thông tin (lần 1): thiếu dữ liệu",
        "Trả lời phiếu chuyển thông tin (lần 1): không đồng ý",
        "Ban hành thông báo nộp tiền số 1/TB: phải nộp 45.000.000 đ, hạn nộp 10/12/2026",
        "Ban hành thông báo nộp tiền số 2/TB thay thế thông báo số 1/TB (sai giá đất): không phải nộp do được miễn",
        "Hủy thông báo nộp tiền số 1/TB: nhầm hồ sơ",
        "Ghi nhận đã nộp 15.000.000 đ (tiểu mục 2801) theo thông báo số 1/TB, chứng từ KB-1, \
         hình thức ngân hàng, kho bạc",
        "Thu Phí thẩm định hồ sơ: 100.000 đ, ngân hàng, kho bạc, tài khoản 3511.0.9990001",
        "Cấp biên lai số BL-1 cho khoản nộp KB-1",
        "Đối soát khoản nộp KB-1: 100.000 đ, sao kê số SK-1",
        "Hủy chứng từ nộp tiền KB-1: chứng từ không có hiệu lực",
        "Phải hoàn trả 500.000 đ do nộp thừa (tiểu mục 2801)",
        "Không còn khoản nộp thừa phải hoàn trả (tiểu mục 2801)",
        "Xác nhận đã hoàn thành nghĩa vụ tài chính",
        "Ghi nợ nghĩa vụ tài chính theo quyết định số 7/QĐ, được coi là hoàn thành",
        "Vào sổ, cập nhật hồ sơ địa chính, số CS-1",
        "Công dân đề nghị rút hồ sơ",
        "Đồng ý cho rút hồ sơ theo văn bản số 8/QĐ, trả lại hồ sơ cho công dân",
        "Không đồng ý cho rút hồ sơ: đã ký kết quả; tiếp tục giải quyết",
        "Dừng giải quyết hồ sơ theo thông báo số 9/TB: NĐ 101/2024 art. 19",
        "Tiếp tục giải quyết hồ sơ theo quyết định số 10/QĐ",
        "Ký ban hành kết quả số GCN-1: Đã bàn giao",
        "Thu hồi kết quả chưa trả: sai tên thửa; mở lại bước “Vào sổ, cập nhật hồ sơ địa chính”",
        "Trả kết quả cho công dân, hình thức tại quầy",
        "Nhập lịch sử từ nguồn municipal, bản ghi case-10011: 2 hoạt động",
        "Tiếp nhận hồ sơ từ hệ thống khác để giải quyết tiếp, từ bước “Thẩm định hồ sơ, trích lục bản đồ địa chính”",
        "Xóa dữ liệu cá nhân của hồ sơ: Luật 91/2025/QH15; thời hạn lưu giữ đã hết từ 18/11/2036",
    ];
    assert_eq!(sentences, expected);
}

/// The sentences of the story's last act, which together tell what became of the promise.
fn told(story: &Story) -> String {
    let act = story.acts.last().unwrap();
    let teller = Teller::new(&story.registry, story.dossier.as_ref(), act.at);
    act.events.iter().map(|event| teller.sentence(event)).collect::<Vec<_>>().join(" | ")
}

fn received() -> Story {
    let mut story = Story::new();
    for (when, who, action) in to_the_notice().into_iter().take(4) {
        story.tell(when, who, action);
    }
    story
}

fn hold(expires_at: Option<Instant>) -> Action {
    Action::PlaceHold {
        ground: ground("kê biên"),
        issuing_body: Line::parse("Tòa án").unwrap(),
        document: paper("5/QĐ"),
        expires_at,
    }
}

/// The act is told in that sentence, which ends with the promise wherever the clock now runs.
fn check(story: &mut Story, when: &str, who: &str, action: Action, sentence: &str) {
    story.tell(when, who, action);
    assert_eq!(told(story), sentence);
    if let Clock::Running { due, .. } = story.case().clock {
        assert!(sentence.ends_with(&due.vietnamese()), "{sentence}");
    }
}

#[test]
fn a_reception_tells_the_promise() {
    let mut story = Story::new();
    let (when, who, receive) = to_the_notice().remove(0);
    story.tell(when, who, receive);
    assert!(told(&story).ends_with("; hẹn trả kết quả 17:30 ngày 19/11/2026"), "{}", told(&story));
}

#[test]
fn an_acceptance_leaves_the_promise_and_tells_no_time() {
    assert_eq!(told(&received()), "Nhận hồ sơ được chuyển đến và chịu trách nhiệm xử lý");
}

#[test]
fn an_apology_tells_the_new_promise() {
    check(
        &mut received(),
        "2026-11-04 09:00",
        LAND,
        Action::Extend { days: 3, ground: ground("khối lượng lớn") },
        "Gửi văn bản xin lỗi và hẹn lại, gia hạn 3 ngày làm việc: khối lượng lớn; \
         hẹn trả kết quả 17:30 ngày 25/11/2026",
    );
}

#[test]
fn papers_handed_in_tell_the_new_promise() {
    let mut story = received();
    let asked = Action::RequestSupplement {
        documents: vec![document("hop-dong").kind],
        ground: ground("thiếu trang"),
    };
    check(
        &mut story,
        "2026-11-04 09:00",
        LAND,
        asked,
        "Yêu cầu bổ sung giấy tờ: Hợp đồng chuyển nhượng quyền sử dụng đất, tài sản gắn liền với đất; lý do: thiếu trang; \
         tạm dừng tính thời hạn, còn 11 ngày 6 giờ 30 phút làm việc",
    );
    let handed_in = Action::HandInSupplement { documents: vec![document("hop-dong")] };
    check(
        &mut story,
        "2026-11-09 09:00",
        DESK,
        handed_in,
        "Tiếp nhận giấy tờ bổ sung: Hợp đồng chuyển nhượng quyền sử dụng đất, tài sản gắn liền với đất; \
         hẹn trả kết quả 17:30 ngày 25/11/2026",
    );
}

#[test]
fn a_hold_that_is_lifted_tells_the_new_promise() {
    let mut story = received();
    check(
        &mut story,
        "2026-11-04 09:00",
        LAND,
        hold(None),
        "Tạm dừng giải quyết (lần 1) do kê biên, theo văn bản số 5/QĐ của Tòa án; \
         tạm dừng tính thời hạn, còn 11 ngày 6 giờ 30 phút làm việc",
    );
    check(
        &mut story,
        "2026-11-09 09:00",
        LAND,
        Action::LiftHold { hold: 1, document: paper("6/QĐ") },
        "Chấm dứt tạm dừng giải quyết (lần 1) theo văn bản số 6/QĐ; \
         hẹn trả kết quả 17:30 ngày 25/11/2026",
    );
}

#[test]
fn a_hold_whose_time_passed_tells_the_new_promise() {
    let mut story = received();
    story.tell("2026-11-04 09:00", LAND, hold(Some(at("2026-11-06 09:00"))));
    check(
        &mut story,
        "2026-11-09 09:00",
        LAND,
        Action::EndWait(Wait::Hold(1)),
        "Hết thời hạn chờ lúc 09:00 ngày 06/11/2026: việc tạm dừng giải quyết (lần 1) hết hiệu lực; \
         hẹn trả kết quả 17:30 ngày 23/11/2026",
    );
}

#[test]
fn a_case_that_is_resumed_tells_the_new_promise() {
    let mut story = received();
    story.tell(
        "2026-11-04 09:00",
        LAND,
        Action::Stop { ground: ground("tranh chấp"), decision: paper("9/TB") },
    );
    check(
        &mut story,
        "2026-11-09 09:00",
        LAND,
        Action::Resume { decision: paper("10/QĐ") },
        "Tiếp tục giải quyết hồ sơ theo quyết định số 10/QĐ; \
         hẹn trả kết quả 17:30 ngày 25/11/2026",
    );
}

#[test]
fn the_payment_that_settles_all_tells_the_new_promise_once() {
    let mut story = Story::with_notice();
    story.pay("2026-11-06 09:00", "KB-1", FEE, 15_000_000);
    check(
        &mut story,
        "2026-11-06 09:30",
        TAX,
        pay("KB-2", INCOME, 30_000_000),
        "Ghi nhận đã nộp 30.000.000 đ (tiểu mục 1006) theo thông báo số 1/TB, chứng từ KB-2, hình thức ngân hàng, kho bạc | \
         Xác nhận đã hoàn thành nghĩa vụ tài chính; hẹn trả kết quả 16:30 ngày 25/11/2026",
    );
}

#[test]
fn a_pause_tells_what_remains_and_an_end_that_it_ended() {
    let pauses = |remaining_minutes| promise(Some(ClockChange::Pauses { remaining_minutes }));
    assert_eq!(pauses(12 * 480 + 150), "; tạm dừng tính thời hạn, còn 12 ngày 2 giờ 30 phút làm việc");
    assert_eq!(pauses(0), "; tạm dừng tính thời hạn, còn 0 phút làm việc");
    assert_eq!(promise(Some(ClockChange::Ends)), "; kết thúc tính thời hạn giải quyết");
    assert_eq!(promise(None), "");
}

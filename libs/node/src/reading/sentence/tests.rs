use super::*;
use crate::reading::support::*;

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
        "Chuyển hồ sơ cho Chi nhánh Văn phòng đăng ký đất đai khu vực Thanh Hóa, kèm hồ sơ giấy",
        "Nhận hồ sơ được chuyển đến và chịu trách nhiệm xử lý",
        "Không nhận, trả lại hồ sơ cho nơi chuyển: thiếu trang",
        "Rút lại việc chuyển hồ sơ khi nơi nhận chưa nhận",
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
    ];
    assert_eq!(sentences, expected);
}

#[test]
fn a_reception_tells_the_promise_and_the_limit_of_the_step() {
    let (story, registry) = (Story::with_notice(), registry());
    let teller = Teller::new(&registry, story.dossier.as_ref(), story.acts[0].at);
    let sentence = teller.sentence(&story.acts[0].events[0]);
    let told = "; hẹn trả kết quả 17:30 ngày 19/11/2026; hạn của bước 14:15 ngày 02/11/2026";
    assert!(sentence.ends_with(told), "{sentence}");
}

#[test]
fn a_pause_tells_what_remains_and_an_end_that_it_ended() {
    let clock = |change| clocks(Clocks { dossier: Some(change), step: None });
    assert_eq!(
        clock(ClockChange::Pauses { remaining_minutes: 12 * 480 + 150 }),
        "; tạm dừng tính thời hạn, còn 12 ngày 2 giờ 30 phút làm việc"
    );
    assert_eq!(
        clock(ClockChange::Pauses { remaining_minutes: 0 }),
        "; tạm dừng tính thời hạn, còn 0 phút làm việc"
    );
    assert_eq!(clock(ClockChange::Ends), "; kết thúc tính thời hạn giải quyết");
    assert_eq!(clocks(Clocks::default()), "");
}

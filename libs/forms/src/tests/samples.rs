//! Each form with every field filled in, no two alike.

use jiff::civil::{Date, date};
use lienthong_calendar::{Instant, Verdict};
use lienthong_tax::Dong;

use crate::*;

pub(crate) const CODE: &str = "H56.2-261102-0001";

pub(crate) fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

pub(crate) fn at(text: &str) -> Instant {
    Instant::parse(&format!("{text}:00+07:00")).unwrap()
}

const fn day(day: i8) -> Date {
    date(2026, 11, day)
}

pub(crate) fn header(number: &str) -> Header {
    Header {
        superior: text("Ủy ban nhân dân phường Hạc Thành"),
        agency: "Trung tâm Phục vụ hành chính công".to_owned(),
        number: text(number),
        place: text("Hạc Thành"),
        date: Some(day(2)),
        training: false,
    }
}

fn agency(superior: &str, agency: &str, number: &str) -> Header {
    Header { superior: text(superior), agency: agency.to_owned(), ..header(number) }
}

pub(crate) fn case() -> Case {
    Case {
        dossier: CODE.to_owned(),
        applicant: Applicant {
            name: "Lò Thị Mẫu".to_owned(),
            address: text("12 đường Lê Lợi, phường Hạc Thành, tỉnh Thanh Hóa"),
            phone: text("0900 000 001"),
            email: text("lo.thi.mau@vidu.vn"),
            id_number: text("999185000001"),
        },
        request:
            "Đăng ký biến động quyền sử dụng đất, quyền sở hữu tài sản gắn liền với đất trong các trường hợp \
                  chuyển nhượng, tặng cho"
                .to_owned(),
    }
}

pub(crate) fn receipt() -> Receipt {
    let paper = |name: &str, kind, count, note: &str| Paper {
        name: name.to_owned(),
        kind: Some(kind),
        count: Some(count),
        note: text(note),
    };
    Receipt {
        header: header("0137/TTPVHCC"),
        case: case(),
        reception_point: text("Quầy số 3, Trung tâm Phục vụ hành chính công phường Hạc Thành"),
        qr: "https://vidu.vn/tra-cuu?ma=H56.2-261102-0001&kt=7Q4M9XKD".to_owned(),
        papers: vec![
            paper("Đơn đăng ký biến động đất đai", CopyKind::Original, 11, "Theo Mẫu số 29"),
            paper("Hợp đồng chuyển nhượng đã công chứng", CopyKind::Copy, 12, "Có đối chiếu bản gốc"),
            paper("Giấy chứng nhận quyền sử dụng đất", CopyKind::Photocopy, 13, "Số CX 123456"),
            paper("Tờ khai thuế thu nhập cá nhân", CopyKind::Electronic, 14, "Đã ký số"),
        ],
        sets: Some(37),
        limit: text("13 ngày làm việc"),
        received: at("2026-11-02T08:15"),
        promised: Some(at("2026-11-19T16:30")),
        collect_at: text("Trung tâm Phục vụ hành chính công phường Hạc Thành"),
        fee: text("100.000 đ"),
        book: text("05/2026"),
        entry: text("1.482"),
        submitter: text("Lò Văn Nộp"),
        officer: text("Lê Thị Tiếp Nhận"),
    }
}

pub(crate) fn supplement_request() -> SupplementRequest {
    SupplementRequest {
        header: header("0138/TTPVHCC"),
        case: case(),
        items: vec![
            "Nộp bản chính Giấy chứng nhận quyền sử dụng đất".to_owned(),
            "Bổ sung chữ ký của vợ hoặc chồng trên hợp đồng, vì tài sản là của chung hai vợ chồng".to_owned(),
        ],
        reason: text("Hồ sơ chưa đủ thành phần theo quy định"),
        legal_ground: text("Điều 29 Nghị định số 101/2024/NĐ-CP"),
        phase: text("Thẩm định hồ sơ"),
        issuer: text("Chi nhánh Văn phòng đăng ký đất đai khu vực I"),
        contact: text("bà Nguyễn Thị Hướng"),
        contact_phone: text("0237 000 111"),
        officer: text("Lê Thị Hướng Dẫn"),
    }
}

pub(crate) fn refusal() -> Refusal {
    Refusal {
        header: header("0139/TTPVHCC"),
        case: case(),
        reason: "Thửa đất đang có tranh chấp, Tòa án đã thụ lý".to_owned(),
        legal_ground: "Điểm b khoản 1 Điều 45 Luật Đất đai số 31/2024/QH15".to_owned(),
        submitter: text("Lò Văn Nộp"),
        officer: text("Lê Thị Từ Chối"),
    }
}

pub(crate) fn apology() -> Apology {
    Apology {
        header: header("0140/TTPVHCC"),
        case: case(),
        received: at("2026-11-02T08:15"),
        received_by: text("Trung tâm Phục vụ hành chính công phường Đông Sơn"),
        promised: at("2026-11-19T16:30"),
        reason: "Phải xác minh lại ranh giới thửa đất với hộ liền kề".to_owned(),
        extended: at("2026-11-26T17:00"),
        ordinal: 1,
        signer_title: text("Giám đốc"),
        signer: text("Trần Văn Giám"),
    }
}

pub(crate) fn stop_notice() -> StopNotice {
    StopNotice {
        header: header("0141/TTPVHCC"),
        case: case(),
        received: Some(at("2026-11-02T08:15")),
        stop_request: text("Đơn xin rút hồ sơ của ông (bà) ngày 05/11/2026"),
        phase: text("Xác định nghĩa vụ tài chính"),
        reason: "Các bên đã hủy hợp đồng chuyển nhượng".to_owned(),
        legal_ground: text("Điều 24 Nghị định số 118/2025/NĐ-CP"),
        decision: text("Dừng giải quyết từ ngày 06/11/2026, trả lại toàn bộ giấy tờ đã nộp"),
        settlement: text("Hoàn trả 100.000 đ lệ phí đã thu"),
        signer_title: text("Phó Giám đốc"),
        signer: text("Phạm Thị Phó"),
    }
}

pub(crate) fn transfer(giver: &str, taker: &str, day: u32, result: Verdict) -> Transfer {
    let hand = |agency: &str, hour: &str, person: &str| Hand {
        agency: agency.to_owned(),
        at: Some(at(&format!("2026-11-{day:02}T{hour}"))),
        person: text(&format!("{person} {day}")),
    };
    Transfer {
        giver: hand(giver, "09:05", "Vũ Thị Giao"),
        taker: hand(taker, "10:40", "Đỗ Văn Nhận"),
        result: Some(result),
        note: text(&format!("Giao nhận điện tử lần {day}")),
    }
}

pub(crate) fn control_slip() -> ControlSlip {
    let (ward, land, tax) = (
        "Trung tâm Phục vụ hành chính công phường Hạc Thành",
        "Chi nhánh Văn phòng đăng ký đất đai khu vực I",
        "Thuế cơ sở 1 tỉnh Thanh Hóa",
    );
    ControlSlip {
        header: header("0142/TTPVHCC"),
        dossier: CODE.to_owned(),
        applicant: text("Lò Thị Mẫu"),
        request: text("Đăng ký biến động quyền sử dụng đất"),
        competent: text(land),
        partners: vec![tax.to_owned(), "Kho bạc Nhà nước khu vực XI".to_owned()],
        transfers: vec![
            transfer(ward, land, 2, Verdict::OnTime),
            transfer(land, tax, 5, Verdict::Early),
            transfer(tax, land, 12, Verdict::Late),
            transfer(land, ward, 18, Verdict::Early),
        ],
    }
}

pub(crate) fn entry(number: u32) -> Entry {
    Entry {
        dossier: format!("H56.2-261102-{number:04}"),
        procedure: "Đăng ký biến động quyền sử dụng đất do chuyển nhượng".to_owned(),
        sets: Some(41),
        applicant: format!("Quàng Thị Thứ {number}"),
        contact: text("7 đường Đội Cung, phường Hạc Thành; 0900 000 002"),
        competent: text("Chi nhánh Văn phòng đăng ký đất đai khu vực I"),
        received: at("2026-11-02T08:20"),
        promised: Some(at("2026-11-19T16:35")),
        returned: Some(at("2026-11-18T14:05")),
        delivery: text("Bưu chính công ích"),
        signed: text("Đã ký số"),
        note: text("Trả trước hạn"),
    }
}

pub(crate) fn register(entries: u32) -> Register {
    Register {
        header: header("0143/TTPVHCC"),
        book: text("06/2026"),
        from: Some(day(3)),
        to: Some(day(29)),
        first: 5_000,
        entries: (1..=entries).map(entry).collect(),
    }
}

pub(crate) fn tax_information() -> TaxInformation {
    TaxInformation {
        header: agency(
            "Văn phòng đăng ký đất đai tỉnh Thanh Hóa",
            "Chi nhánh Văn phòng đăng ký đất đai khu vực I",
            "88/PCTT",
        ),
        form: text("Mẫu số 15 (QĐ 2604/QĐ-VP)"),
        to: "Thuế cơ sở 1 tỉnh Thanh Hóa".to_owned(),
        dossier: CODE.to_owned(),
        complete_on: Some(day(3)),
        procedure: text("Chuyển nhượng quyền sử dụng đất, quyền sở hữu nhà ở"),
        legal_ground: text("Khoản 1 Điều 133 Luật Đất đai"),
        users: vec![LandUser {
            name: "Lò Thị Mẫu".to_owned(),
            address: text("12 đường Lê Lợi, phường Hạc Thành"),
            tax_id: text("999185000001"),
            born: Some(date(1985, 4, 30)),
            phone: text("0900 000 001"),
            email: text("lo.thi.mau@vidu.vn"),
            papers: text("Căn cước số 999185000001"),
            share: text("50%"),
        }],
        land: vec![land()],
        buildings: vec![Building {
            kind: "Nhà ở riêng lẻ".to_owned(),
            grade: text("Cấp III"),
            built_area: text("72,4 m²"),
            floor_area: text("144,8 m²"),
            floors: text("02 tầng"),
            completed: text("2011"),
            structure: text("Tường gạch, mái bê tông cốt thép"),
            term: text("Không xác định thời hạn"),
        }],
        contract: Some(Contract {
            number: text("1234/2026/HĐCN"),
            date: Some(date(2026, 10, 28)),
            certified_by: text("Văn phòng công chứng Mẫu Sơn"),
            transferor: text("Hoàng Văn Bán"),
            price: Some(Dong::new(2_500_000_000)),
        }),
        relief: Some(Relief {
            subject: text("Hộ nghèo"),
            legal_ground: text("Điều 10 Nghị định số 10/2022/NĐ-CP"),
            papers: text("Giấy chứng nhận hộ nghèo năm 2026"),
        }),
        attachments: vec![Attachment {
            name: "hop-dong-chuyen-nhuong-quyen-su-dung-dat.pdf".to_owned(),
            sha256: text("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
        }],
        receiver: text("Bùi Thị Thuế"),
        signer_title: text("Giám đốc chi nhánh"),
        signer: text("Ngô Văn Đất"),
    }
}

fn land() -> Land {
    Land {
        plot: text("215"),
        sheet: text("36"),
        address: text("Tổ dân phố Nam Sơn, phường Hạc Thành"),
        street: text("Đường Lê Lợi, đoạn từ ngã tư đến cầu Cốc"),
        position: text("Vị trí 2"),
        area: text("100,5 m²"),
        area_private: text("90,5 m²"),
        area_shared: text("10,0 m²"),
        area_within_limit: text("99,0 m²"),
        area_above_limit: text("1,5 m²"),
        origin: text("Nhận chuyển nhượng đất được công nhận quyền sử dụng đất"),
        purpose: text("Đất ở tại đô thị"),
        term: text("Lâu dài"),
        used_since: text("Trước ngày 15/10/1993"),
        form_of_use: text("Sử dụng riêng của hộ"),
        table_price: text("30.000.000 đ/m²"),
        certificate: text("Giấy chứng nhận số CX 123456 cấp ngày 20/06/2019"),
    }
}

pub(crate) fn tax_notice() -> TaxNotice {
    let line = |levy: &str, item: &str, taxable, due, exempt, paid, day| NoticeLine {
        levy: levy.to_owned(),
        payer: text(&format!("Người nộp {levy}")),
        budget_item: text(item),
        taxable: Some(Dong::new(taxable)),
        due: Dong::new(due),
        exempt_reason: text(&format!("Giảm theo quyết định cho {levy}")),
        exempt: Dong::new(exempt),
        paid: Dong::new(paid),
        remaining: Dong::new(due - exempt - paid),
        pay_by: Some(date(2026, 12, day)),
    };
    TaxNotice {
        header: agency("Thuế tỉnh Thanh Hóa", "Thuế cơ sở 1", "456/TB-TCS1"),
        form: text("Mẫu số 01/TB-LPTB"),
        subject: text("Về lệ phí trước bạ nhà, đất và thuế thu nhập cá nhân"),
        dossier: CODE.to_owned(),
        adjusts: Some(Adjustment {
            number: "455/TB-TCS1".to_owned(),
            date: Some(day(9)),
            reason: text("Xác định lại vị trí thửa đất"),
        }),
        taxpayers: vec![Taxpayer {
            name: "Lò Thị Mẫu".to_owned(),
            tax_id: text("999185000001"),
            address: text("12 đường Lê Lợi, phường Hạc Thành"),
            phone: text("0900 000 001"),
            email: text("lo.thi.mau@vidu.vn"),
            agent: Some(Agent {
                name: "Công ty Đại lý thuế Mẫu Mực".to_owned(),
                tax_id: text("2800000009"),
                address: text("1 đường Trần Phú, Thanh Hóa"),
            }),
        }],
        property: Property {
            address: text("Tổ dân phố Nam Sơn, phường Hạc Thành"),
            plot: text("215"),
            sheet: text("36"),
            position: text("Mặt tiền, vị trí 2"),
            area: text("100,5 m²"),
            purpose: text("Đất ở tại đô thị"),
            origin: text("Nhận chuyển nhượng"),
            house: text("Nhà cấp III, 144,8 m² sàn"),
        },
        lines: vec![
            line("Lệ phí trước bạ nhà, đất", "2801", 3_000_000_000, 15_000_000, 1_005_000, 2_000_000, 10),
            line("Thuế thu nhập cá nhân", "1006", 3_500_000_000, 70_000_000, 105_000, 24_000, 11),
        ],
        budget: Budget {
            account: text("7111, Kho bạc Nhà nước khu vực XI"),
            bank: text("Ngân hàng TMCP Mẫu, chi nhánh Thanh Hóa"),
            collector: text("1054321 - Thuế cơ sở 1"),
            chapter: text("757 - Hộ gia đình, cá nhân"),
            territory: text("14797 - Phường Hạc Thành"),
            reference: text("H56.2-261102-0001-TB456"),
        },
        late_interest: Some(3),
        signer_title: text("Trưởng Thuế cơ sở"),
        signer: text("Đinh Thị Thu"),
    }
}

pub(crate) fn report() -> Report {
    let row = |name: &str, online, direct, carried, late, pending| Row {
        name: name.to_owned(),
        counts: Counts {
            online,
            direct,
            carried,
            solved_early: 6_000,
            solved_on_time: online + direct + carried - late - pending - 6_000,
            solved_late: late,
            pending_in_time: pending - 1,
            pending_late: 1,
        },
    };
    Report {
        header: header("0144/BC-TTPVHCC"),
        from: Some(date(2025, 12, 15)),
        to: Some(date(2026, 12, 14)),
        provisional: true,
        position: text("0:17,5:2"),
        as_of: Some(day(30)),
        groups: vec![
            Group {
                name: "Sở, ban, ngành".to_owned(),
                rows: vec![row("Đất đai", 14_389, 10_000, 1_967, 44, 387)],
            },
            Group {
                name: "Xã, phường".to_owned(),
                rows: vec![
                    row("Hộ tịch", 9_001, 1_002, 103, 7, 58),
                    row("Bảo trợ xã hội", 7_777, 11, 12, 5, 66),
                ],
            },
        ],
        author: text("Nguyễn Thị Lập"),
        signer_title: text("Chủ tịch"),
        signer: text("Lưu Văn Ký"),
    }
}

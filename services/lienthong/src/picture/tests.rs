use super::*;

fn at(text: &str) -> Instant {
    Instant::parse(&format!("{text}:00+07:00")).unwrap()
}

fn span(from: &str, to: &str, kind: SpanKind) -> Span {
    Span { from: at(from), to: at(to), kind }
}

fn clock(from: &str, to: &str, state: ClockState) -> ClockSpan {
    ClockSpan { from: at(from), to: at(to), state }
}

fn mark(when: &str, agency: &str, label: &str) -> Mark {
    Mark { at: at(when), agency: agency.to_owned(), label: label.to_owned() }
}

fn lane(name: &str, spans: &[Span]) -> Lane {
    Lane { name: name.to_owned(), spans: spans.to_vec() }
}

const WARD: &str = "UBND phường Hạc Thành";
const LAND: &str = "Văn phòng đăng ký đất đai Thanh Hóa, chi nhánh số 1";
const TAX: &str = "Thuế cơ sở 1";

/// A transfer of land over three weeks, with 24/11 off.
fn transfer() -> Picture {
    use ClockState::{Ended, Paused, Running};
    use SpanKind::{Held, Offered, Referred};
    Picture {
        title: "Hồ sơ H56.12-261120-0001: chuyển nhượng quyền sử dụng đất".to_owned(),
        lanes: vec![
            lane(
                WARD,
                &[
                    span("2026-11-20T08:15", "2026-11-20T15:40", Held),
                    span("2026-12-09T09:00", "2026-12-09T10:30", Offered),
                    span("2026-12-09T10:30", "2026-12-10T08:00", Held),
                ],
            ),
            lane(
                LAND,
                &[
                    span("2026-11-20T14:00", "2026-11-20T15:40", Offered),
                    span("2026-11-20T15:40", "2026-12-09T10:30", Held),
                ],
            ),
            lane(TAX, &[span("2026-11-26T09:00", "2026-12-01T16:00", Referred)]),
        ],
        clock: vec![
            clock("2026-11-20T08:15", "2026-11-26T09:00", Running),
            clock("2026-11-26T09:00", "2026-12-04T10:00", Paused),
            clock("2026-12-04T10:00", "2026-12-09T09:00", Running),
            clock("2026-12-09T09:00", "2026-12-10T08:00", Ended),
        ],
        marks: vec![
            mark("2026-11-20T08:15", WARD, "Tiếp nhận hồ sơ, hẹn trả ngày 10/12/2026"),
            mark("2026-11-20T14:00", WARD, "Giao hồ sơ cho Văn phòng đăng ký đất đai"),
            mark("2026-11-20T15:40", LAND, "Nhận hồ sơ"),
            mark("2026-11-26T09:00", LAND, "Gửi phiếu chuyển thông tin để xác định nghĩa vụ tài chính"),
            mark(
                "2026-12-01T16:00",
                TAX,
                "Thông báo nộp tiền: lệ phí trước bạ 5.000.000 đ, thuế TNCN 20.000.000 đ",
            ),
            mark("2026-12-04T10:00", TAX, "Đã hoàn thành nghĩa vụ tài chính"),
            mark("2026-12-09T09:00", LAND, "Ký kết quả, giao về bộ phận một cửa"),
            mark("2026-12-09T10:30", WARD, "Nhận kết quả"),
            mark("2026-12-10T08:00", WARD, "Trả kết quả cho người dân"),
        ],
    }
}

#[test]
fn a_dossier_is_drawn_with_who_held_it_and_which_clock_ran() {
    insta::assert_snapshot!(transfer().render(WIDTH_DEFAULT), @r"
    Hồ sơ H56.12-261120-0001: chuyển nhượng quyền sử dụng đất

                                       20/11 22/11 24/11 26/11 28/11 30/11 02/12 04/12 06/12 08/12
                                       ┬─────┬─────┬─────┬─────┬─────┬─────┬─────┬─────┬─────┬────────
    UBND phường Hạc Thành               ▇                                                        ░▇▇
    Văn phòng đăng ký đất đai Thanh …   ░▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇
    Thuế cơ sở 1                                          ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒
    Đồng hồ                             ══════════════════┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄═══════════════■
                                        1-3               4               5       6              7-8
                                                                                                    9

    ▇ đang giữ hồ sơ   ░ đã giao, chờ nhận   ▒ được hỏi, chưa trả lời   ═ đồng hồ chạy
    ┄ đồng hồ tạm dừng   ■ đồng hồ kết thúc

     #  Thời điểm         Cơ quan                          Việc
     1  08:15 20/11/2026  UBND phường Hạc Thành            Tiếp nhận hồ sơ, hẹn trả ngày 10/12/2026
     2  14:00 20/11/2026  UBND phường Hạc Thành            Giao hồ sơ cho Văn phòng đăng ký đất đai
     3  15:40 20/11/2026  Văn phòng đăng ký đất đai Thanh  Nhận hồ sơ
                          Hóa, chi nhánh số 1
     4  09:00 26/11/2026  Văn phòng đăng ký đất đai Thanh  Gửi phiếu chuyển thông tin để xác định nghĩa
                          Hóa, chi nhánh số 1              vụ tài chính
     5  16:00 01/12/2026  Thuế cơ sở 1                     Thông báo nộp tiền: lệ phí trước bạ
                                                           5.000.000 đ, thuế TNCN 20.000.000 đ
     6  10:00 04/12/2026  Thuế cơ sở 1                     Đã hoàn thành nghĩa vụ tài chính
     7  09:00 09/12/2026  Văn phòng đăng ký đất đai Thanh  Ký kết quả, giao về bộ phận một cửa
                          Hóa, chi nhánh số 1
     8  10:30 09/12/2026  UBND phường Hạc Thành            Nhận kết quả
     9  08:00 10/12/2026  UBND phường Hạc Thành            Trả kết quả cho người dân
    ");
}

#[test]
fn a_narrow_terminal_gets_a_narrow_picture() {
    insta::assert_snapshot!(transfer().render(WIDTH_MIN), @r"
    Hồ sơ H56.12-261120-0001: chuyển nhượng quyền sử dụng đất

                          20/11     30/11
                          ┬─────────┬──────────
    UBND phường Hạc Thà…  ▇                  ▇
    Văn phòng đăng ký đ…  ░▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇
    Thuế cơ sở 1                ▒▒▒▒▒
    Đồng hồ               ══════┄┄┄┄┄┄┄┄═════■
                          1-3   4    5  6   7-8
                                              9

    ▇ đang giữ hồ sơ   ░ đã giao, chờ nhận
    ▒ được hỏi, chưa trả lời   ═ đồng hồ chạy
    ┄ đồng hồ tạm dừng   ■ đồng hồ kết thúc

     #  Thời điểm         Cơ quan             Việc
     1  08:15 20/11/2026  UBND phường Hạc     Tiếp nhận hồ sơ,
                          Thành               hẹn trả ngày
                                              10/12/2026
     2  14:00 20/11/2026  UBND phường Hạc     Giao hồ sơ cho
                          Thành               Văn phòng đăng ký
                                              đất đai
     3  15:40 20/11/2026  Văn phòng đăng ký   Nhận hồ sơ
                          đất đai Thanh Hóa,
                          chi nhánh số 1
     4  09:00 26/11/2026  Văn phòng đăng ký   Gửi phiếu chuyển
                          đất đai Thanh Hóa,  thông tin để xác
                          chi nhánh số 1      định nghĩa vụ tài
                                              chính
     5  16:00 01/12/2026  Thuế cơ sở 1        Thông báo nộp
                                              tiền: lệ phí
                                              trước bạ
                                              5.000.000 đ, thuế
                                              TNCN 20.000.000 đ
     6  10:00 04/12/2026  Thuế cơ sở 1        Đã hoàn thành
                                              nghĩa vụ tài
                                              chính
     7  09:00 09/12/2026  Văn phòng đăng ký   Ký kết quả, giao
                          đất đai Thanh Hóa,  về bộ phận một
                          chi nhánh số 1      cửa
     8  10:30 09/12/2026  UBND phường Hạc     Nhận kết quả
                          Thành
     9  08:00 10/12/2026  UBND phường Hạc     Trả kết quả cho
                          Thành               người dân
    ");
}

#[test]
fn no_line_is_wider_than_asked_for() {
    for width in WIDTH_MIN..=180 {
        for line in transfer().render(width).lines() {
            assert!(width_of(line) <= width, "{} columns of {width}: {line}", width_of(line));
            assert_eq!(line, line.trim_end());
        }
    }
    let widest = transfer().render(1).lines().map(width_of).max();
    assert!(widest <= Some(WIDTH_MIN), "{widest:?}");
}

#[test]
fn a_dossier_of_years_has_room_and_its_shortest_span_is_seen() {
    let picture = Picture {
        lanes: vec![
            lane(
                WARD,
                &[
                    span("2024-01-02T08:00", "2026-12-30T17:00", SpanKind::Held),
                    span("2025-06-02T08:00", "2025-06-02T08:01", SpanKind::Referred),
                ],
            ),
            lane(TAX, &[span("2025-06-02T08:00", "2025-06-02T08:00", SpanKind::Offered)]),
        ],
        marks: vec![
            mark("2024-01-02T08:00", WARD, "Tiếp nhận hồ sơ"),
            mark("2026-12-30T17:00", WARD, "Trả kết quả"),
        ],
        ..Picture::default()
    };
    insta::assert_snapshot!(picture.render(WIDTH_DEFAULT), @r"


                           01/2024       08/2024        03/2025        11/2025        06/2026
                           ┬─────────────┬──────────────┬──────────────┬──────────────┬─────────────
    UBND phường Hạc Thành  ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▒▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇
    Thuế cơ sở 1                                             ░
                           1                                                                       2

    ▇ đang giữ hồ sơ   ░ đã giao, chờ nhận   ▒ được hỏi, chưa trả lời

     #  Thời điểm         Cơ quan                Việc
     1  08:00 02/01/2024  UBND phường Hạc Thành  Tiếp nhận hồ sơ
     2  17:00 30/12/2026  UBND phường Hạc Thành  Trả kết quả
    ");
}

#[test]
fn a_dossier_of_one_day_is_no_wider_than_it_is_long() {
    let picture = Picture {
        title: "Hồ sơ một ngày".to_owned(),
        lanes: vec![lane(WARD, &[span("2026-11-20T08:15", "2026-11-20T15:40", SpanKind::Held)])],
        ..Picture::default()
    };
    insta::assert_snapshot!(picture.render(WIDTH_DEFAULT), @r"
    Hồ sơ một ngày

                           20/11
                           ┬───────────
    UBND phường Hạc Thành      ▇▇▇

    ▇ đang giữ hồ sơ
    ");
}

#[test]
fn nothing_to_draw_is_only_the_title() {
    let picture = Picture { title: "Hồ sơ chưa có gì".to_owned(), ..Picture::default() };
    assert_eq!(picture.render(WIDTH_DEFAULT), "Hồ sơ chưa có gì\n");
}

#[test]
fn decomposed_letters_are_as_wide_as_composed_ones() {
    // The same name, once with its marks as characters of their own.
    let composed = "Uỷ ban";
    let decomposed = "Uy\u{309} ban";
    assert_eq!(width_of(composed), width_of(decomposed));
    assert_eq!(fitted(decomposed, 3), "Uy\u{309}…");
    assert_eq!(fitted(composed, 3), "Uỷ…");
    assert_eq!(fitted(composed, 6), composed);
}

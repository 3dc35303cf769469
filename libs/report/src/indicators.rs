//! The indicators of QĐ 766/QĐ-TTg that a log can feed, each with numerator and denominator.
//!
//! R is the share in percent. From a threshold S on it gives all points, below it R × Pmax / S; without a threshold
//! R × Pmax / 100. What was not told is not counted as zero: where there is nothing, there is no share and no point.

use std::collections::BTreeSet;

use lienthong_calendar::Instant;
use lienthong_dossier::{Channel, PaymentChannel, Status};

use crate::facts::{Facts, Key};
use crate::percent::Share;
use crate::window::{Settings, Window};

/// An indicator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indicator {
    /// Its number in the document, with the reading where there are several.
    pub id: &'static str,
    /// Its title in Vietnamese.
    pub title: &'static str,
    /// R.
    pub share: Share,
    /// Points at most, in hundredths; 0 where it gives none by itself.
    pub points_max: u32,
    /// The threshold in percent; 0 for none.
    pub threshold: u32,
    /// How it was read, and what the log cannot say.
    pub note: &'static str,
}

impl Indicator {
    /// Points in hundredths, half up; none where the denominator is nothing or it gives none by itself.
    #[must_use]
    pub fn points(&self) -> Option<u32> {
        let Share { numerator, denominator } = self.share;
        if denominator == 0 || self.points_max == 0 {
            return None;
        }
        let full = u128::from(if self.threshold == 0 { 100 } else { self.threshold });
        // R / S of the points, where R = 100 n / d.
        let (top, bottom) =
            (u128::from(numerator) * 100 * u128::from(self.points_max), u128::from(denominator) * full);
        let points = (2 * top + bottom) / (2 * bottom);
        Some(u32::try_from(points).unwrap_or(u32::MAX).min(self.points_max))
    }
}

/// The indicators of a window while they are counted. All are about dossiers received within it.
#[derive(Debug, Clone)]
pub struct Indicators {
    window: Window,
    subtracting: Share,
    by_promise: Share,
    online: Share,
    fee_procedures: BTreeSet<Key>,
    paid_online_procedures: BTreeSet<Key>,
    paid_online: Share,
    electronic_result: Share,
    digitised: Share,
    reused: Share,
    from_store: Share,
    vneid: Share,
}

impl Indicators {
    /// Before the first dossier.
    #[must_use]
    pub fn new(window: Window) -> Self {
        Self {
            window,
            subtracting: Share::default(),
            by_promise: Share::default(),
            online: Share::default(),
            fee_procedures: BTreeSet::new(),
            paid_online_procedures: BTreeSet::new(),
            paid_online: Share::default(),
            electronic_result: Share::default(),
            digitised: Share::default(),
            reused: Share::default(),
            from_store: Share::default(),
            vneid: Share::default(),
        }
    }

    /// One more dossier.
    pub fn count(&mut self, facts: &Facts) {
        if !facts.received_at.is_some_and(|at| self.window.holds(at)) {
            return;
        }
        // Where no date was promised there is nothing to be in time for.
        if let Some(due) = facts.due_at(self.window) {
            self.subtracting.count(is_in_time(facts, self.window, due, Reading::Subtracting));
            self.by_promise.count(is_in_time(facts, self.window, due, Reading::ByPromise));
        }
        self.money(facts);
        let Some(told) = &facts.told else {
            self.online.count(facts.channel == Some(Channel::Online));
            return;
        };
        let papers = told.papers;
        self.online.count(facts.channel == Some(Channel::Online) && papers.coded_results > 0);
        if facts.end(Settings::default()).is_some() {
            self.electronic_result.count(papers.results > 0);
            self.digitised.count(papers.filed > 0 && papers.results > 0);
        }
        if told.digitised.is_some() || papers.digitised > 0 {
            self.reused.count(papers.reused > 0);
        }
        self.from_store.count(papers.from_store > 0);
        if let Some(vneid) = told.vneid {
            self.vneid.count(vneid);
        }
    }

    fn money(&mut self, facts: &Facts) {
        let is_online = |channel: PaymentChannel| channel == PaymentChannel::Portal;
        let (due, online) = match &facts.told {
            Some(told) => {
                (told.fees.iter().any(|fee| fee.amount.get() > 0), matches!(told.online_payment, Some(1 | 2)))
            }
            None => (!facts.payments.is_empty(), facts.payments.iter().any(|paid| is_online(paid.channel))),
        };
        if due {
            self.paid_online.count(online);
            self.fee_procedures.insert(facts.procedure.clone());
            if online {
                self.paid_online_procedures.insert(facts.procedure.clone());
            }
        }
    }

    /// In the order of the document.
    #[must_use]
    pub fn all(&self) -> Vec<Indicator> {
        let procedures = Share {
            numerator: self.paid_online_procedures.len() as u64,
            denominator: self.fee_procedures.len() as u64,
        };
        // The stricter of both readings of 2.1 gives the points.
        let subtracting_is_stricter = self.subtracting.numerator < self.by_promise.numerator;
        let points = |stricter: bool| if stricter { 2_000 } else { 0 };
        let one = |id, title, share, points_max, threshold, note| Indicator {
            id,
            title,
            share,
            points_max,
            threshold,
            note,
        };
        vec![
            one(
                "2.1-subtracting",
                "Hồ sơ xử lý trước hạn, đúng hạn",
                self.subtracting,
                points(subtracting_is_stricter),
                0,
                "Trừ thời gian chờ bổ sung khỏi thời điểm kết thúc, so với ngày hẹn trả hiện hành; không tính hồ sơ không có ngày hẹn; chấm điểm theo cách đọc chặt hơn",
            ),
            one(
                "2.1-promise",
                "Hồ sơ xử lý trước hạn, đúng hạn",
                self.by_promise,
                points(!subtracting_is_stricter),
                0,
                "So thời điểm kết thúc với ngày hẹn trả đã dời, không trừ gì thêm; không tính hồ sơ không có ngày hẹn; chấm điểm theo cách đọc chặt hơn",
            ),
            one(
                "3.3",
                "Hồ sơ nộp trực tuyến",
                self.online,
                0,
                50,
                "Hồ sơ nhập từ nguồn khác chỉ tính khi kết quả có mã và tệp; chưa nhân với tỷ lệ đồng bộ 1.4",
            ),
            one(
                "3.5b",
                "TTHC có giao dịch thanh toán trực tuyến",
                procedures,
                200,
                80,
                "Mẫu số: các thủ tục có khoản phải nộp trong kỳ",
            ),
            one(
                "3.6",
                "Hồ sơ thanh toán trực tuyến",
                self.paid_online,
                600,
                0,
                "Mẫu số: hồ sơ có khoản phải nộp",
            ),
            one(
                "4.1",
                "Hồ sơ cấp kết quả điện tử",
                self.electronic_result,
                600,
                0,
                "Chỉ hồ sơ đồng bộ đã có kết quả",
            ),
            one("4.2", "Hồ sơ thực hiện số hóa", self.digitised, 400, 80, "Chỉ hồ sơ đồng bộ đã có kết quả"),
            one(
                "4.3",
                "Khai thác, sử dụng lại dữ liệu số hóa",
                self.reused,
                200,
                80,
                "Chỉ hồ sơ đồng bộ có thành phần số hóa",
            ),
            one("4.4", "Hồ sơ số hóa có kết nối, chia sẻ", self.from_store, 400, 0, "Chỉ hồ sơ đồng bộ"),
            one("4.5b", "Ứng dụng dữ liệu dân cư (hồ sơ)", self.vneid, 200, 0, "Chỉ hồ sơ đồng bộ"),
        ]
    }
}

/// How the time in which papers are awaited is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// It is taken off the end.
    Subtracting,
    /// The promise was moved by it.
    ByPromise,
}

/// Whether a dossier is in time by the end moment of 2.1.
fn is_in_time(facts: &Facts, window: Window, due: Instant, reading: Reading) -> bool {
    let found = |wanted: &[Status]| {
        let mut told = facts.statuses.iter().filter(|(at, _)| window.reaches(*at));
        told.find(|(_, status)| wanted.contains(status)).map(|(at, _)| *at)
    };
    let end = found(&[Status::Issued])
        .or_else(|| found(&[Status::Delivered]))
        .or_else(|| found(&[Status::Stopped, Status::Refused, Status::Withdrawn]));
    let rounds: Vec<_> = facts.supplements.iter().filter(|(asked, _)| window.reaches(*asked)).collect();
    let within = |at: Instant| at <= due;
    match (end, rounds.as_slice()) {
        (None, [(asked, None)]) => within(*asked),
        (None, [_, _, ..]) => false,
        (None, _) => due.date() >= window.measured(),
        (Some(end), rounds) => {
            let awaited = rounds
                .iter()
                .filter_map(|(asked, answered)| Some(answered.as_ref()?.as_micros() - asked.as_micros()))
                .sum::<i64>();
            let off = if reading == Reading::Subtracting { awaited } else { 0 };
            end.as_micros().saturating_sub(off) <= due.as_micros()
        }
    }
}

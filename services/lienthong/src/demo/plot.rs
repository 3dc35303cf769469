//! What happens in the stories. The seed chooses desks, days and values; the same seed tells the same stories.

use fastrand::Rng;
use jiff::civil::{Date, date};
use jiff::{Span, ToSpan};

/// The day of the first reception: a Monday.
const FIRST_DAY: Date = date(2026, 9, 7);
/// Receptions are spread over this many days.
const DAYS: i64 = 28;
/// Desks of the training registry.
const DESKS: u32 = 166;

/// A course that a dossier may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plot {
    /// A sale with everything in order.
    Sale,
    /// The desk does not take it in.
    RefusedAtTheDesk,
    /// The tax office sends the slip back once.
    SlipReturned,
    /// A court suspends it for a while.
    Held,
    /// A paper is missing.
    Supplemented,
    /// The tax office adjusts its notice.
    NoticeAdjusted,
    /// It takes too long, with an apology in time.
    LateWithApology,
    /// The citizen takes it back.
    Withdrawn,
    /// A gift from father to son: exempt.
    Gift,
    /// Paid in parts, and once too much.
    PaidInParts,
    /// The land office sends it back to the desk once.
    CustodyReturned,
    /// The land office finds that conditions are not met.
    NotEligible,
}

impl Plot {
    const ALL: [Self; 12] = [
        Self::Sale,
        Self::SlipReturned,
        Self::RefusedAtTheDesk,
        Self::NoticeAdjusted,
        Self::Supplemented,
        Self::Held,
        Self::LateWithApology,
        Self::Withdrawn,
        Self::PaidInParts,
        Self::Gift,
        Self::CustodyReturned,
        Self::NotEligible,
    ];

    /// Parts for `count` dossiers: each course once, then mostly sales and gifts, as at a real desk.
    pub(super) fn cast(count: u32, seed: u64) -> Vec<Part> {
        let mut rng = Rng::with_seed(seed);
        (0..count)
            .map(|index| {
                let plot = match Self::ALL.get(index as usize) {
                    Some(plot) => *plot,
                    None if rng.u32(..10) < 6 => Self::Sale,
                    None => Self::ALL[rng.usize(..Self::ALL.len())],
                };
                Part::new(plot, rng.fork())
            })
            .collect()
    }

    /// The course in Vietnamese.
    pub(super) fn vietnamese(self) -> &'static str {
        match self {
            Self::Sale => "chuyển nhượng",
            Self::RefusedAtTheDesk => "từ chối tiếp nhận",
            Self::SlipReturned => "thuế trả lại phiếu một lần",
            Self::Held => "tạm dừng theo thông báo của tòa án",
            Self::Supplemented => "bổ sung giấy tờ",
            Self::NoticeAdjusted => "điều chỉnh thông báo nộp tiền",
            Self::LateWithApology => "trễ hạn, có văn bản xin lỗi",
            Self::Withdrawn => "công dân rút hồ sơ",
            Self::Gift => "tặng cho giữa cha và con",
            Self::PaidInParts => "nộp nhiều lần, nộp thừa",
            Self::CustodyReturned => "cơ quan đăng ký trả lại một lần",
            Self::NotEligible => "không đủ điều kiện",
        }
    }

    /// The national status it ends in.
    pub(super) fn ends_in(self) -> i32 {
        match self {
            Self::RefusedAtTheDesk => 3,
            Self::Withdrawn => 7,
            Self::Sale
            | Self::SlipReturned
            | Self::Held
            | Self::Supplemented
            | Self::NoticeAdjusted
            | Self::LateWithApology
            | Self::Gift
            | Self::PaidInParts
            | Self::CustodyReturned
            | Self::NotEligible => 10,
        }
    }

    /// Whether its timeline has every hand-over and both pauses: the one to show.
    pub(super) fn is_eventful(self) -> bool {
        matches!(self, Self::SlipReturned | Self::NoticeAdjusted | Self::Supplemented)
    }

    /// Whether it is a gift.
    pub(super) fn is_gift(self) -> bool {
        self == Self::Gift
    }
}

/// One dossier's part: its course, and what the seed chose for it.
pub(super) struct Part {
    pub(super) plot: Plot,
    /// Number of the desk, from 1.
    pub(super) desk: u32,
    pub(super) day: Date,
    /// Value by the price table, đồng.
    pub(super) table_value: u64,
    /// Value by the contract, đồng.
    pub(super) contract_value: u64,
    pub(super) rng: Rng,
}

impl Part {
    fn new(plot: Plot, mut rng: Rng) -> Self {
        let days: Span = rng.i64(0..DAYS).days();
        let table_value = rng.u64(40..400) * 10_000_000;
        Self {
            plot,
            desk: rng.u32(1..=DESKS),
            day: FIRST_DAY.checked_add(days).unwrap_or(FIRST_DAY),
            table_value,
            contract_value: table_value / 100 * rng.u64(80..140),
            rng,
        }
    }
}

//! The national status of a dossier, 1 to 10, and the moves between them.
//!
//! ```text
//! 1 -> 2 3 5 7      2 -> 4 5 7 8      4 -> 5 6 7 8 9     5 -> 2 4 6 7 8
//! 6 -> 4 5 7 8      8 -> 4            9 -> 4 10          3, 7, 10 are final
//! ```

use serde::{Deserialize, Serialize};

/// National status code (DVCQG).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Status {
    /// 1, Mới đăng ký.
    Filed,
    /// 2, Được tiếp nhận.
    Accepted,
    /// 3, Không được tiếp nhận.
    Refused,
    /// 4, Đang xử lý.
    Processing,
    /// 5, Yêu cầu bổ sung giấy tờ.
    SupplementRequested,
    /// 6, Yêu cầu thực hiện nghĩa vụ tài chính.
    PaymentAwaited,
    /// 7, Công dân yêu cầu rút hồ sơ.
    Withdrawn,
    /// 8, Dừng xử lý.
    Stopped,
    /// 9, Đã xử lý xong.
    Issued,
    /// 10, Đã trả kết quả.
    Delivered,
}

impl Status {
    /// Every status in the order of its code.
    pub const ALL: [Self; 10] = [
        Self::Filed,
        Self::Accepted,
        Self::Refused,
        Self::Processing,
        Self::SupplementRequested,
        Self::PaymentAwaited,
        Self::Withdrawn,
        Self::Stopped,
        Self::Issued,
        Self::Delivered,
    ];

    /// The national code, 1 to 10.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Filed => 1,
            Self::Accepted => 2,
            Self::Refused => 3,
            Self::Processing => 4,
            Self::SupplementRequested => 5,
            Self::PaymentAwaited => 6,
            Self::Withdrawn => 7,
            Self::Stopped => 8,
            Self::Issued => 9,
            Self::Delivered => 10,
        }
    }

    /// The status of a national code.
    #[must_use]
    pub fn from_code(code: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|status| i32::from(status.code()) == code)
    }

    /// The national name.
    #[must_use]
    pub fn vietnamese(self) -> &'static str {
        match self {
            Self::Filed => "Mới đăng ký",
            Self::Accepted => "Được tiếp nhận",
            Self::Refused => "Không được tiếp nhận",
            Self::Processing => "Đang xử lý",
            Self::SupplementRequested => "Yêu cầu bổ sung giấy tờ",
            Self::PaymentAwaited => "Yêu cầu thực hiện nghĩa vụ tài chính",
            Self::Withdrawn => "Công dân yêu cầu rút hồ sơ",
            Self::Stopped => "Dừng xử lý",
            Self::Issued => "Đã xử lý xong",
            Self::Delivered => "Đã trả kết quả",
        }
    }

    /// Whether a dossier may go from this status to `next`; staying is no move.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        let next_codes: &[u8] = match self {
            Self::Filed => &[2, 3, 5, 7],
            Self::Accepted => &[4, 5, 7, 8],
            Self::Processing => &[5, 6, 7, 8, 9],
            Self::SupplementRequested => &[2, 4, 6, 7, 8],
            Self::PaymentAwaited => &[4, 5, 7, 8],
            Self::Stopped => &[4],
            Self::Issued => &[4, 10],
            Self::Refused | Self::Withdrawn | Self::Delivered => &[],
        };
        self == next || next_codes.contains(&next.code())
    }

    /// Whether the case is over: nothing more can be done with it.
    #[must_use]
    pub fn is_final(self) -> bool {
        match self {
            Self::Refused | Self::Withdrawn | Self::Delivered => true,
            Self::Filed
            | Self::Accepted
            | Self::Processing
            | Self::SupplementRequested
            | Self::PaymentAwaited
            | Self::Stopped
            | Self::Issued => false,
        }
    }
}

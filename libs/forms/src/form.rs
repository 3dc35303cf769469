//! What all forms have in common: kind, legal source, header.

use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;

use crate::FormError;

const TT_03_2025: &str = "Thông tư số 03/2025/TT-VPCP";

/// Which form it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Giấy tiếp nhận hồ sơ và hẹn trả kết quả.
    Receipt,
    /// Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ.
    SupplementRequest,
    /// Phiếu từ chối tiếp nhận giải quyết hồ sơ.
    Refusal,
    /// Văn bản xin lỗi và đề nghị gia hạn thời gian giải quyết.
    Apology,
    /// Thông báo dừng giải quyết hồ sơ.
    StopNotice,
    /// Phiếu kiểm soát quá trình giải quyết hồ sơ.
    ControlSlip,
    /// Sổ theo dõi hồ sơ.
    Register,
    /// Phiếu chuyển thông tin để xác định nghĩa vụ tài chính về đất đai.
    TaxInformation,
    /// Thông báo nộp tiền.
    TaxNotice,
    /// Biểu II.06.
    Report,
}

/// What sets a form: number and instrument together, since numbers change their meaning from circular to circular.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Source {
    /// As the instrument numbers it: `Mẫu số 01`.
    pub number: &'static str,
    /// The instrument: `Thông tư số 03/2025/TT-VPCP`.
    pub instrument: &'static str,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::Receipt,
        Self::SupplementRequest,
        Self::Refusal,
        Self::Apology,
        Self::StopNotice,
        Self::ControlSlip,
        Self::Register,
        Self::TaxInformation,
        Self::TaxNotice,
        Self::Report,
    ];

    /// The form's name, as it is printed over it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Receipt => "Giấy tiếp nhận hồ sơ và hẹn trả kết quả",
            Self::SupplementRequest => "Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ",
            Self::Refusal => "Phiếu từ chối tiếp nhận giải quyết hồ sơ",
            Self::Apology => "Văn bản xin lỗi và đề nghị gia hạn thời gian giải quyết",
            Self::StopNotice => "Thông báo dừng giải quyết hồ sơ",
            Self::ControlSlip => "Phiếu kiểm soát quá trình giải quyết hồ sơ",
            Self::Register => "Sổ theo dõi hồ sơ",
            Self::TaxInformation => "Phiếu chuyển thông tin để xác định nghĩa vụ tài chính về đất đai",
            Self::TaxNotice => "Thông báo nộp tiền",
            Self::Report => "Tình hình, kết quả giải quyết thủ tục hành chính",
        }
    }

    /// Number and circular; none where the data names the form, as with the forms of land and tax.
    #[must_use]
    pub const fn source(self) -> Option<Source> {
        let number = match self {
            Self::Receipt => "Mẫu số 01",
            Self::SupplementRequest => "Mẫu số 02",
            Self::Refusal => "Mẫu số 03",
            Self::Apology => "Mẫu số 04",
            Self::StopNotice => "Mẫu số 05",
            Self::ControlSlip => "Mẫu số 06",
            Self::Register => "Mẫu số 07",
            Self::Report => {
                return Some(Source {
                    number: "Biểu số II.06/VPCP/KSTT",
                    instrument: "Thông tư số 01/2020/TT-VPCP",
                });
            }
            Self::TaxInformation | Self::TaxNotice => return None,
        };
        Some(Source { number, instrument: TT_03_2025 })
    }
}

/// What stands over every form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Header {
    /// The agency above, in the first line: `Ủy ban nhân dân phường Hạc Thành`.
    pub superior: Option<String>,
    /// The agency that issues the form: `Trung tâm Phục vụ hành chính công`.
    pub agency: String,
    /// `0001/TTPVHCC`.
    pub number: Option<String>,
    /// Where it is issued: `Hạc Thành`.
    pub place: Option<String>,
    /// The day it is issued; also the date that the PDF carries.
    pub date: Option<Date>,
    /// From a training log: every page says TẬP HUẤN and that it has no validity.
    pub training: bool,
}

/// A form: its data, what must hold of it, and what is printed beside it. Only forms of this crate are.
pub trait Form: Serialize + sealed::Printed {
    /// Which form it is.
    const KIND: Kind;
}

pub(crate) mod sealed {
    use super::{FormError, Value};

    /// What this crate asks of a form.
    pub trait Printed {
        /// What is printed over it.
        fn header(&self) -> &super::Header;

        /// How many table rows of unbounded number it has.
        fn rows(&self) -> usize {
            0
        }

        /// What is printed and follows from the data, such as sums in words.
        ///
        /// # Errors
        /// What the form says contradicts itself or a rule.
        fn derive(&self) -> Result<Value, FormError> {
            Ok(Value::Null)
        }
    }
}

/// Refuses a form whose subject is missing.
pub(crate) fn required(field: &'static str, text: &str) -> Result<(), FormError> {
    if text.trim().is_empty() { Err(FormError::Empty { field }) } else { Ok(()) }
}

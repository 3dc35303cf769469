//! The forms that a one-stop desk, a land registry and a tax office hand out: each as plain data (its JSON) and as a
//! print-ready PDF. Knows no dossier, no log and no network: whoever prints fills in a struct.
//!
//! ```text
//! struct --check--> data + what follows from it (words, sums, QR) --template--> pages --pdf--> bytes
//! ```
//!
//! | struct | form | legal source | paper |
//! |---|---|---|---|
//! | [`Receipt`] | 01 Giấy tiếp nhận hồ sơ và hẹn trả kết quả | TT 03/2025/TT-VPCP, Phụ lục I | A5 |
//! | [`SupplementRequest`] | 02 Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ | the same | A5 |
//! | [`Refusal`] | 03 Phiếu từ chối tiếp nhận giải quyết hồ sơ | the same | A5 |
//! | [`Apology`] | 04 Văn bản xin lỗi và đề nghị gia hạn thời gian giải quyết | the same | A5 |
//! | [`StopNotice`] | 05 Thông báo dừng giải quyết hồ sơ | the same | A5 |
//! | [`ControlSlip`] | 06 Phiếu kiểm soát quá trình giải quyết hồ sơ | the same | A4 |
//! | [`Register`] | 07 Sổ theo dõi hồ sơ | the same | A4, landscape |
//! | [`TaxInformation`] | Phiếu chuyển thông tin để xác định nghĩa vụ tài chính về đất đai | NĐ 101/2024/NĐ-CP | A4 |
//! | [`TaxNotice`] | Thông báo nộp tiền | NĐ 126/2020/NĐ-CP and what replaced it: the notice names its own form | A4 |
//! | [`Report`] | II.06 Tình hình, kết quả giải quyết thủ tục hành chính | TT 01/2020/TT-VPCP | A4, landscape |
//!
//! A number alone says nothing: 05 was the control slip under TT 01/2018/TT-VPCP. So a form is known by its number and
//! the circular together, [`Kind::source`]. Where practice numbers a form otherwise by province or tax, the data says so.
//!
//! The same data gives the same bytes, in every process: no clock, no font of the system, no random id. Whatever stands
//! in the data is printed as it stands there and is never read as markup; what cannot be printed is an error. Optional
//! data that is not there leaves a dotted line to be filled in by hand, as on the paper form.

mod case;
mod control_slip;
mod error;
mod form;
mod land;
mod letter;
mod lines;
mod notice;
mod pdf;
mod printable;
mod qr;
mod receipt;
mod register;
mod report;
mod serial;
mod text;
mod typeset;

pub use case::{Applicant, Case};
pub use control_slip::{ControlSlip, Hand, Transfer};
pub use error::FormError;
pub use form::{Form, Header, Kind, Source};
pub use land::{Attachment, Building, Contract, Land, LandUser, Relief, TaxInformation};
pub use letter::{Apology, Refusal, StopNotice, SupplementRequest};
pub use lines::lines;
pub use notice::{Adjustment, Agent, Budget, NoticeLine, Property, TaxNotice, Taxpayer};
pub use pdf::pdf;
pub use printable::TEXT_BYTES_MAX;
pub use receipt::{CopyKind, Paper, Receipt};
pub use register::{Entry, Register};
pub use report::{Counts, Group, Report, Row};
pub use text::{number, percent, words};
pub use typeset::ROWS_MAX;

#[cfg(test)]
mod tests;

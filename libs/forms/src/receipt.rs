//! Mẫu 01: the receipt, with the promised date.

use lienthong_calendar::Instant;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{Case, Form, FormError, Header, Kind, form::sealed::Printed, qr};

/// How a paper was handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CopyKind {
    /// Bản chính.
    Original,
    /// Bản sao.
    Copy,
    /// Bản chụp.
    Photocopy,
    /// Bản điện tử.
    Electronic,
}

/// One paper of the dossier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Paper {
    /// What it is called.
    pub name: String,
    /// How it was handed in.
    pub kind: Option<CopyKind>,
    /// How many.
    pub count: Option<u32>,
    /// Anything to be said about it.
    pub note: Option<String>,
}

/// Giấy tiếp nhận hồ sơ và hẹn trả kết quả (TT 03/2025/TT-VPCP, Mẫu 01).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// What stands over it.
    pub header: Header,
    /// Whose dossier it is.
    #[serde(flatten)]
    pub case: Case,
    /// Where it was received, when that is not the issuing agency.
    pub reception_point: Option<String>,
    /// What the QR code says: code and check token, or an address with both. Empty for no QR code.
    pub qr: String,
    /// The papers handed in.
    pub papers: Vec<Paper>,
    /// How many sets (bộ).
    pub sets: Option<u32>,
    /// The time that the law gives: `13 ngày làm việc`.
    pub limit: Option<String>,
    /// When it was received.
    #[serde(serialize_with = "crate::serial::instant")]
    pub received: Instant,
    /// When the result is promised.
    #[serde(serialize_with = "crate::serial::maybe_instant")]
    pub promised: Option<Instant>,
    /// Where the result is to be had: the desk, a postal address, online.
    pub collect_at: Option<String>,
    /// Fee and charge, as text: `100.000 đ`.
    pub fee: Option<String>,
    /// Register: the book's number.
    pub book: Option<String>,
    /// Register: the entry's number.
    pub entry: Option<String>,
    /// Who handed it in.
    pub submitter: Option<String>,
    /// Who took it.
    pub officer: Option<String>,
}

impl Form for Receipt {
    const KIND: Kind = Kind::Receipt;
}

impl Printed for Receipt {
    fn header(&self) -> &Header {
        &self.header
    }

    fn rows(&self) -> usize {
        self.papers.len()
    }

    fn derive(&self) -> Result<Value, FormError> {
        self.case.check()?;
        let qr = if self.qr.is_empty() { None } else { Some(qr::svg(&self.qr)?) };
        Ok(json!({ "qr": qr }))
    }
}

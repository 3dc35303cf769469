//! Mẫu 06: who gave the dossier to whom, and when.

use lienthong_calendar::{Instant, Verdict};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    Form, FormError, Header, Kind,
    form::{required, sealed::Printed},
};

/// One side of a hand-over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Hand {
    /// The agency or department.
    pub agency: String,
    /// When it gave or took; none while it has not.
    #[serde(serialize_with = "crate::serial::maybe_instant")]
    pub at: Option<Instant>,
    /// Who did.
    pub person: Option<String>,
}

/// One hand-over: giao, then nhận.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Transfer {
    /// Who gave (giao).
    pub giver: Hand,
    /// Who took (nhận).
    pub taker: Hand,
    /// How the giver's part ended: before, on or after its due date.
    pub result: Option<Verdict>,
    /// Anything to be said about it.
    pub note: Option<String>,
}

/// Phiếu kiểm soát quá trình giải quyết hồ sơ (TT 03/2025/TT-VPCP, Mẫu 06).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ControlSlip {
    /// What stands over it.
    pub header: Header,
    /// The dossier's code.
    pub dossier: String,
    /// Who applies; where the slip goes around, no more is said of the person.
    pub applicant: Option<String>,
    /// What is asked for (nội dung yêu cầu giải quyết).
    pub request: Option<String>,
    /// The agency (department) that decides.
    pub competent: Option<String>,
    /// Agencies that take part.
    pub partners: Vec<String>,
    /// The hand-overs, oldest first.
    pub transfers: Vec<Transfer>,
}

impl Form for ControlSlip {
    const KIND: Kind = Kind::ControlSlip;
}

impl Printed for ControlSlip {
    fn header(&self) -> &Header {
        &self.header
    }

    fn rows(&self) -> usize {
        self.transfers.len()
    }

    fn derive(&self) -> Result<Value, FormError> {
        required("dossier", &self.dossier)?;
        let results: Vec<_> =
            self.transfers.iter().map(|transfer| transfer.result.map(Verdict::vietnamese)).collect();
        Ok(json!({ "results": results }))
    }
}

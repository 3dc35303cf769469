//! Mẫu 02 to 05: what an agency writes to the applicant.

use lienthong_calendar::Instant;
use serde::Serialize;
use serde_json::Value;

use crate::{
    Case, Form, FormError, Header, Kind,
    form::{required, sealed::Printed},
};

/// Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ (TT 03/2025/TT-VPCP, Mẫu 02).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SupplementRequest {
    /// What stands over it.
    pub header: Header,
    /// Whose dossier it is.
    #[serde(flatten)]
    pub case: Case,
    /// Everything that is to be completed, listed once.
    pub items: Vec<String>,
    /// Why.
    pub reason: Option<String>,
    /// The rule that asks for it.
    pub legal_ground: Option<String>,
    /// At which phase it turned out: reception or appraisal.
    pub phase: Option<String>,
    /// The agency or department that asks for it.
    pub issuer: Option<String>,
    /// Who helps.
    pub contact: Option<String>,
    /// And by which telephone.
    pub contact_phone: Option<String>,
    /// Who guides the applicant and signs.
    pub officer: Option<String>,
}

/// Phiếu từ chối tiếp nhận giải quyết hồ sơ (TT 03/2025/TT-VPCP, Mẫu 03).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// What stands over it.
    pub header: Header,
    /// Whose dossier it is. A dossier that was never received may have no code.
    #[serde(flatten)]
    pub case: Case,
    /// Why it is not taken.
    pub reason: String,
    /// The rule it rests on; never empty.
    pub legal_ground: String,
    /// Who handed it in.
    pub submitter: Option<String>,
    /// Who refuses.
    pub officer: Option<String>,
}

/// Văn bản xin lỗi và đề nghị gia hạn thời gian giải quyết (TT 03/2025/TT-VPCP, Mẫu 04).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Apology {
    /// What stands over it.
    pub header: Header,
    /// Whose dossier it is.
    #[serde(flatten)]
    pub case: Case,
    /// When it was received.
    #[serde(serialize_with = "crate::serial::instant")]
    pub received: Instant,
    /// Where it was received, where that was not the agency that apologises.
    pub received_by: Option<String>,
    /// When the result was promised.
    #[serde(serialize_with = "crate::serial::instant")]
    pub promised: Instant,
    /// Why it is late.
    pub reason: String,
    /// When the result is promised now; on a later day than before.
    #[serde(serialize_with = "crate::serial::instant")]
    pub extended: Instant,
    /// Which extension it is: 1, as there is no second one.
    pub ordinal: u32,
    /// The signing person's office: `Giám đốc`.
    pub signer_title: Option<String>,
    /// Who signs for the agency.
    pub signer: Option<String>,
}

/// Thông báo dừng giải quyết hồ sơ (TT 03/2025/TT-VPCP, Mẫu 05). There is no result decision yet where it is issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StopNotice {
    /// What stands over it.
    pub header: Header,
    /// Whose dossier it is.
    #[serde(flatten)]
    pub case: Case,
    /// When it was received.
    #[serde(serialize_with = "crate::serial::maybe_instant")]
    pub received: Option<Instant>,
    /// Who asked to stop, when and how: `Đơn đề nghị rút hồ sơ ngày 05/11/2026`.
    pub stop_request: Option<String>,
    /// At which phase the dossier was.
    pub phase: Option<String>,
    /// Why it is stopped.
    pub reason: String,
    /// The rule it rests on.
    pub legal_ground: Option<String>,
    /// What is decided.
    pub decision: Option<String>,
    /// What happens to fees and other financial obligations.
    pub settlement: Option<String>,
    /// The signing person's office.
    pub signer_title: Option<String>,
    /// Who signs for the agency.
    pub signer: Option<String>,
}

impl Form for SupplementRequest {
    const KIND: Kind = Kind::SupplementRequest;
}

impl Printed for SupplementRequest {
    fn header(&self) -> &Header {
        &self.header
    }

    fn rows(&self) -> usize {
        self.items.len()
    }

    fn derive(&self) -> Result<Value, FormError> {
        self.case.check()?;
        if self.items.is_empty() {
            return Err(FormError::Empty { field: "items" });
        }
        self.items.iter().try_for_each(|item| required("items", item))?;
        Ok(Value::Null)
    }
}

impl Form for Refusal {
    const KIND: Kind = Kind::Refusal;
}

impl Printed for Refusal {
    fn header(&self) -> &Header {
        &self.header
    }

    fn derive(&self) -> Result<Value, FormError> {
        required("applicant.name", &self.case.applicant.name)?;
        required("reason", &self.reason)?;
        if self.legal_ground.trim().is_empty() {
            return Err(FormError::NoLegalGround);
        }
        Ok(Value::Null)
    }
}

impl Form for Apology {
    const KIND: Kind = Kind::Apology;
}

impl Printed for Apology {
    fn header(&self) -> &Header {
        &self.header
    }

    fn derive(&self) -> Result<Value, FormError> {
        self.case.check()?;
        required("reason", &self.reason)?;
        if self.ordinal != 1 {
            return Err(FormError::NotFirstExtension { ordinal: self.ordinal });
        }
        let (promised, extended) = (self.promised.date(), self.extended.date());
        if extended <= promised {
            return Err(FormError::NotLater { promised, extended });
        }
        Ok(Value::Null)
    }
}

impl Form for StopNotice {
    const KIND: Kind = Kind::StopNotice;
}

impl Printed for StopNotice {
    fn header(&self) -> &Header {
        &self.header
    }

    fn derive(&self) -> Result<Value, FormError> {
        self.case.check()?;
        required("reason", &self.reason)?;
        Ok(Value::Null)
    }
}

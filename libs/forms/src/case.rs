//! Whose dossier it is and what it asks for.

use serde::Serialize;

use crate::{FormError, form::required};

/// Who applies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Applicant {
    /// Person or organisation.
    pub name: String,
    /// Where letters reach it.
    pub address: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// Number of the person (số định danh) or of the taxpayer.
    pub id_number: Option<String>,
}

/// The dossier that a form is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Case {
    /// Its code: `H56.2-261102-0001`.
    pub dossier: String,
    /// Who applies.
    pub applicant: Applicant,
    /// What is asked for: the procedure's name (nội dung yêu cầu giải quyết).
    pub request: String,
}

impl Case {
    /// Code and applicant are what a form is nothing without.
    pub(crate) fn check(&self) -> Result<(), FormError> {
        required("dossier", &self.dossier)?;
        required("applicant.name", &self.applicant.name)
    }
}

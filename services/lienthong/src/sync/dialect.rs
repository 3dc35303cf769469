//! Codes that differ from one adapter of the national portal to another.

use clap::ValueEnum;
use lienthong_dossier::ApplicantKind;

/// Who wrote the records, as far as their codes differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Dialect {
    /// Provincial one-stop systems: kind of applicant 1 person, 2 business, 3 state agency, 4 other organisation
    #[default]
    Province,
    /// One-stop systems of the Java family: 1 person, 2 business
    Java,
    /// Adapters of ministries: 0 person, 1 business, 2 household business
    Ministry,
}

impl Dialect {
    /// Kinds of applicant (LoaiDoiTuong).
    fn applicants(self) -> &'static [(u8, ApplicantKind)] {
        use ApplicantKind::{Business, Citizen, HouseholdBusiness, Organisation, StateAgency};
        match self {
            Self::Province => &[(1, Citizen), (2, Business), (3, StateAgency), (4, Organisation)],
            Self::Java => &[(1, Citizen), (2, Business)],
            Self::Ministry => &[(0, Citizen), (1, Business), (2, HouseholdBusiness)],
        }
    }

    /// The kind of applicant of a code.
    pub(super) fn applicant(self, code: u8) -> Option<ApplicantKind> {
        self.applicants().iter().find(|(known, _)| *known == code).map(|(_, kind)| *kind)
    }

    /// The code of a kind of applicant.
    pub(crate) fn applicant_code(self, kind: ApplicantKind) -> Option<u8> {
        self.applicants().iter().find(|(_, known)| *known == kind).map(|(code, _)| *code)
    }
}

//! Mẫu 07: the register of dossiers.

use jiff::civil::Date;
use lienthong_calendar::Instant;
use serde::Serialize;

use crate::{Form, Header, Kind, form::sealed::Printed};

/// One dossier in the register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Its code.
    pub dossier: String,
    /// The procedure's name.
    pub procedure: String,
    /// How many sets (bộ).
    pub sets: Option<u32>,
    /// Person or organisation.
    pub applicant: String,
    /// Address and telephone.
    pub contact: Option<String>,
    /// The agency that leads the processing.
    pub competent: Option<String>,
    /// When it was received.
    #[serde(serialize_with = "crate::serial::instant")]
    pub received: Instant,
    /// When the result is promised.
    #[serde(serialize_with = "crate::serial::maybe_instant")]
    pub promised: Option<Instant>,
    /// When the result was handed over.
    #[serde(serialize_with = "crate::serial::maybe_instant")]
    pub returned: Option<Instant>,
    /// How the result is handed over.
    pub delivery: Option<String>,
    /// Who signed for it; the cell stays free for a signature by hand.
    pub signed: Option<String>,
    /// Anything to be said about it.
    pub note: Option<String>,
}

/// Sổ theo dõi hồ sơ (TT 03/2025/TT-VPCP, Mẫu 07). 5,000 entries are about 400 pages and take some seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Register {
    /// What stands over it.
    pub header: Header,
    /// The book's number.
    pub book: Option<String>,
    /// The first day that it covers.
    pub from: Option<Date>,
    /// The last day that it covers.
    pub to: Option<Date>,
    /// The number of its first entry.
    pub first: u64,
    /// The dossiers, in the order of reception.
    pub entries: Vec<Entry>,
}

impl Form for Register {
    const KIND: Kind = Kind::Register;
}

impl Printed for Register {
    fn header(&self) -> &Header {
        &self.header
    }

    fn rows(&self) -> usize {
        self.entries.len()
    }
}

//! Reporting: what heads of office ask of all dossiers at a position.
//!
//! ```text
//! every row of the projection --(records below the position)--> Facts --count--> a report, with its basis
//! ```
//!
//! Rows are read while commands go on: a dossier that moved on meanwhile is counted as it was at the position.

mod answer;
mod scope;
mod service;

#[cfg(test)]
pub(crate) use scope::survey;

pub use answer::ii06;
pub use service::{REPORTS_MAX, ReportingService};

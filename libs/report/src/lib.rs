//! Reports of one-stop offices (TT 01/2020/TT-VPCP, QĐ 766/QĐ-TTg), counted from dossiers as they were at a position.
//!
//! ```text
//! dossier --> Outline --(registry, records below the position)--> Facts --> II.06, shares, payments, indicators of a window
//! ```
//!
//! A report is a function of window and position. What later records say is left out, so it can be made of any later state
//! and is the same for ever. Times are those that count (`at`), for imported history those that its source gives; days
//! are those of +07:00.
//!
//! What this crate does not know: where dossiers are kept, and how a report is shown.

mod facts;
mod ii06;
mod indicators;
mod outline;
mod payments;
mod percent;
mod shares;
mod window;

pub use facts::{End, Facts, Key, Label};
pub use ii06::{Column, Counts, Ii06};
pub use indicators::{Indicator, Indicators};
pub use outline::Outline;
pub use payments::{PaidBy, Payments};
pub use percent::Share;
pub use shares::{OnTime, Shares};
pub use window::{Rows, Settings, Window, WindowFault};

#[cfg(test)]
mod tests;

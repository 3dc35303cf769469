//! Reading: what a node answers from its projection and from the log. Never any personal data.
//!
//! ```text
//! row of the projection ---------view------> Dossier
//! log, by the row's offsets --facts, fold--> TimelineEntry --(sentence)--> one line an officer reads
//! rows of an agency --tasks, reminders--> Task, Reminder { id, token }
//! log, up to what is applied --inbox-------> InboxItem { token, fact }
//! log, byte for byte --------audit---------> RawRecord
//! ```
//!
//! Streams are pulled by whoever reads them: one batch is held for each, and a slow reader holds up nobody. They end
//! when the node stops, so that the reader goes on at another one.

mod audit;
mod facts;
mod inbox;
mod left;
mod list;
mod notices;
mod pull;
mod records;
mod reminders;
mod scan;
mod sentence;
mod service;
#[cfg(test)]
mod support;
mod tasks;
mod time;
mod timeline;
mod token;
mod view;
mod voids;
mod wait;

pub use audit::AuditorService;
pub use service::ReadingService;

pub(crate) use list::{PAGE_BYTES_MAX, bad_page_token, page_size};
pub(crate) use token::TokenScope;
pub(crate) use view::position;

#[cfg(test)]
mod tests;

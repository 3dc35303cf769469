//! What a dossier (hồ sơ) is and may become. Pure: no async, no I/O, no clock; time and ids arrive in the command.
//!
//! ```text
//! command --decide--> events --(log)--> permit --> fold --> state
//! ```
//!
//! [`decide`] says what a command leads to, [`permit`] whether a record may stand, [`fold`] what the dossier is
//! after it. `fold` never fails; results in events (due dates, amounts) are never computed again.

mod access;
mod action;
mod case;
mod clock;
mod command;
mod custody;
mod decide;
mod denial;
mod event;
mod fold;
mod following;
mod money;
mod power;
mod status;
#[cfg(test)]
mod testing;
mod text;
mod trail;

pub use access::gains_access;
pub use case::{
    Case, CurrentStep, Dossier, Hold, Imported, IssuedResult, Phase, Progress, Referral, ReferralState,
    Supplement,
};
pub use clock::Clock;
pub use command::{Action, Command, Intake, Private, Withdrawal};
pub use custody::Custody;
pub use decide::{ACTIVITIES_MAX, EXTENSION_DAYS_MAX, HOLDS_MAX, REFERRALS_MAX, WAITS_MAX, decide, permit};
pub use denial::{Denial, DenialClass};
pub use event::*;
pub use fold::fold;
pub use following::follows_from_registry;
pub use money::{
    ACCOUNTS_MAX, AMOUNT_MAX, LineView, Money, NOTICES_MAX, Notice, NoticeState, PAYMENTS_MAX, PaidOn,
    Payment,
};
pub use power::needed;
pub use status::Status;
pub use text::*;
pub use trail::{Mark, Trail, Turn};

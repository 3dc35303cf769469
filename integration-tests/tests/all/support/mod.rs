//! What the tests share.

pub(crate) mod broker;
pub(crate) mod clients;
pub(crate) mod command;
pub(crate) mod damaged;
pub(crate) mod denied;
pub(crate) mod nodes;
pub(crate) mod on;
pub(crate) mod planted;
pub(crate) mod process;
pub(crate) mod programs;
pub(crate) mod published;
pub(crate) mod reading;
pub(crate) mod reflected;
pub(crate) mod seat;
pub(crate) mod story;
pub(crate) mod tls;

use std::time::Duration;

/// No test waits longer for anything: what is not there by then hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) const DESK: &str = "H56.2";
pub(crate) const LAND: &str = "land-office";
pub(crate) const TAX: &str = "tax-office";

//! What another system tells: its own words, but lines of text, and times that exist.
//!
//! Checked alike at the edge and in the stored record, where it decides what counts.

use lienthong_dossier::{Activity, History};

use crate::Invalid;
use crate::pb::common::v1::ErrorReason;

/// The longest id of a record within its source, in bytes.
const RECORD_BYTES_MAX: usize = 200;

/// An offset from UTC is less than a day, in minutes.
const OFFSET_MINUTES_MAX: u32 = 24 * 60 - 1;

/// Whether a history is well-formed. How many activities there may be is the dossier's to say.
pub(crate) fn check(history: &History) -> Result<(), Invalid> {
    let History { source: _, record, activities, status: _ } = history;
    check_name("record", record)?;
    if record.len() > RECORD_BYTES_MAX {
        let problem = format!("is {} bytes, at most {RECORD_BYTES_MAX} are taken", record.len());
        return Err(Invalid::new("record", problem, ErrorReason::TooLong));
    }
    if activities.is_empty() {
        return Err(Invalid::missing("activities"));
    }
    for (index, activity) in activities.iter().enumerate() {
        check_activity(activity).map_err(|invalid| invalid.within_item("activities", index))?;
    }
    Ok(())
}

fn check_activity(activity: &Activity) -> Result<(), Invalid> {
    let Activity { name, resource, group, lifecycle, at: _, offset_minutes } = activity;
    check_name("name", name)?;
    for (field, text) in [("resource", resource), ("group", group), ("lifecycle", lifecycle)] {
        check_line(field, text.as_deref().unwrap_or_default())?;
    }
    if offset_minutes.unsigned_abs() > OFFSET_MINUTES_MAX {
        return Err(Invalid::new("offset_minutes", "is not less than a day", ErrorReason::OutOfRange));
    }
    Ok(())
}

fn check_name(field: &str, name: &str) -> Result<(), Invalid> {
    if name.is_empty() { Err(Invalid::missing(field)) } else { check_line(field, name) }
}

fn check_line(field: &str, text: &str) -> Result<(), Invalid> {
    if text.chars().any(char::is_control) {
        return Err(Invalid::new(field, "has a control character", ErrorReason::Malformed));
    }
    Ok(())
}

//! What another system tells: its own words, but lines of text, and times that exist.
//!
//! Checked alike at the edge and in the stored record, where it decides what counts.

use lienthong_dossier::{AMOUNT_MAX, Activity, History, Told, ToldFee};
use lienthong_tax::Dong;

use crate::Invalid;
use crate::pb::common::v1::ErrorReason;

/// The longest id of a record within its source, in bytes.
const RECORD_BYTES_MAX: usize = 200;

/// An offset from UTC is less than a day, in minutes.
const OFFSET_MINUTES_MAX: u32 = 24 * 60 - 1;

/// Supplements or fees of one dossier at most.
pub(crate) const ITEMS_MAX: usize = 64;

/// The longest code that a source gives, in bytes.
const CODE_BYTES_MAX: usize = 50;

/// The longest name that a source gives, in bytes.
const NAME_BYTES_MAX: usize = 2_000;

/// Whether it was paid online, at most (DuocThanhToanTrucTuyen).
const ONLINE_PAYMENT_MAX: u8 = 3;

/// Whether a history is well-formed. How many activities there may be is the dossier's to say.
pub(crate) fn check(history: &History) -> Result<(), Invalid> {
    let History { source: _, record, activities, status: _, told } = history;
    check_name("record", record)?;
    check_length("record", record, RECORD_BYTES_MAX)?;
    if activities.is_empty() && told.is_none() {
        return Err(Invalid::missing("activities"));
    }
    for (index, activity) in activities.iter().enumerate() {
        check_activity(activity).map_err(|invalid| invalid.within_item("activities", index))?;
    }
    told.as_ref().map_or(Ok(()), |told| check_told(told).map_err(|invalid| invalid.within("told")))
}

fn check_told(told: &Told) -> Result<(), Invalid> {
    for (field, named) in [("procedure", &told.procedure), ("field", &told.field), ("agency", &told.agency)] {
        let part = |name: &str| format!("{field}.{name}");
        check_line(&part("code"), &named.code)?;
        check_length(&part("code"), &named.code, CODE_BYTES_MAX)?;
        check_line(&part("name"), &named.name)?;
        check_length(&part("name"), &named.name, NAME_BYTES_MAX)?;
    }
    Ok(())
}

/// A fee, whose time of collection is a code of the national record.
pub(crate) fn fee(collected: u32, amount: u64) -> Result<ToldFee, Invalid> {
    let amount = Dong::new(amount);
    if amount > AMOUNT_MAX {
        return Err(Invalid::new("amount_dong", "is more than any amount may be", ErrorReason::OutOfRange));
    }
    match u8::try_from(collected) {
        Ok(collected @ (0 | 1 | 2 | 4)) => Ok(ToldFee { collected, amount }),
        Ok(_) | Err(_) => Err(Invalid::new(
            "collected",
            format!("{collected} is not on the list"),
            ErrorReason::UnknownValue,
        )),
    }
}

/// Whether it was paid online, a code of the national record.
pub(crate) fn online_payment(code: u32) -> Result<u8, Invalid> {
    let known = u8::try_from(code).ok().filter(|code| *code <= ONLINE_PAYMENT_MAX);
    let unknown =
        || Invalid::new("online_payment", format!("{code} is not on the list"), ErrorReason::UnknownValue);
    known.ok_or_else(unknown)
}

fn check_length(field: &str, text: &str, bytes_max: usize) -> Result<(), Invalid> {
    if text.len() > bytes_max {
        let problem = format!("is {} bytes, at most {bytes_max} are taken", text.len());
        return Err(Invalid::new(field, problem, ErrorReason::TooLong));
    }
    Ok(())
}

fn check_activity(activity: &Activity) -> Result<(), Invalid> {
    let Activity { name, resource, group, lifecycle, offset_minutes, at: _, status: _, began_at: _, due: _ } =
        activity;
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

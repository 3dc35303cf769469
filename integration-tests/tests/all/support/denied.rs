//! What an error must tell its caller.

use std::collections::HashMap;

use lienthong_wire::ERROR_DOMAIN;
use tonic::{Code, Status};
use tonic_types::StatusExt;

/// The typed part of an error.
#[derive(Debug)]
pub(crate) struct Denied {
    pub(crate) code: Code,
    pub(crate) reason: String,
    pub(crate) field: String,
    pub(crate) metadata: HashMap<String, String>,
}

/// Reads an error, which must say its reason and what to do.
pub(crate) fn denied(status: &Status) -> Denied {
    let info = status.get_details_error_info().unwrap_or_else(|| panic!("no reason: {status:?}"));
    assert_eq!(info.domain, ERROR_DOMAIN);
    let advice = info.metadata.get("advice").cloned().unwrap_or_default();
    let told = status.get_details_localized_message().unwrap_or_else(|| panic!("no message: {status:?}"));
    assert!(!advice.is_empty() && told.message.contains(&advice), "{status:?}");
    let field = info.metadata.get("field").cloned().unwrap_or_default();
    let named = status.get_details_bad_request().map(|bad| bad.field_violations).unwrap_or_default();
    assert_eq!(named.first().map_or("", |violation| &violation.field), field, "{status:?}");
    Denied { code: status.code(), reason: info.reason, field, metadata: info.metadata }
}

/// Whether an error is typed at all: one of the transport is not.
pub(crate) fn is_typed(status: &Status) -> bool {
    status.get_details_error_info().is_some()
}

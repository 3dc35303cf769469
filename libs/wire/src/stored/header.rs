//! Headers of records: the CloudEvents 1.0 Kafka binding in binary mode, and W3C Trace Context. For tools; admission
//! never trusts them.

use bytes::Bytes;
use jiff::Timestamp;
use lienthong_calendar::Instant;
use lienthong_dossier::Act;
use lienthong_registry::AgencyId;
use lienthong_seal::Hash;

use super::Fence;

/// `ce_type` of a proposal.
pub const PROPOSAL_TYPE: &str = "vn.lienthong.proposal.v1";

/// `ce_type` of a fence.
pub const FENCE_TYPE: &str = "vn.lienthong.fence.v1";

/// `ce_type` of a record of a reading.
pub const READ_TYPE: &str = "vn.lienthong.read.v1";

const CONTENT_TYPE: &str = "application/protobuf";
const SPEC_VERSION: &str = "1.0";

/// One header of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Its name.
    pub name: &'static str,
    /// Its value: text, for each of ours.
    pub value: Bytes,
}

/// A `traceparent` of the form that W3C Trace Context, version 00, gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceParent(String);

impl TraceParent {
    /// Reads it; none for any other form, which is left out rather than stored for ever.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<_> = text.split('-').collect();
        let hex = |text: &str, digits| {
            text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        let zero = |text: &str| text.bytes().all(|byte| byte == b'0');
        match parts.as_slice() {
            ["00", trace, parent, flags]
                if hex(trace, 32) && hex(parent, 16) && hex(flags, 2) && !zero(trace) && !zero(parent) =>
            {
                Some(Self(text.to_owned()))
            }
            _ => None,
        }
    }
}

/// The headers of a proposal, in their order.
#[must_use]
pub fn proposal_headers(leaf: Hash, act: &Act, trace: Option<&TraceParent>) -> Vec<Header> {
    let mut headers = vec![
        header("ce_specversion", SPEC_VERSION),
        header("ce_id", leaf.to_string()),
        header("ce_type", PROPOSAL_TYPE),
        header("ce_source", format!("/agencies/{}", act.agency)),
        header("ce_subject", act.code.as_str().to_owned()),
        header("ce_time", utc(act.at)),
        header("content-type", CONTENT_TYPE),
    ];
    headers.extend(trace.map(|trace| header("traceparent", trace.0.clone())));
    headers
}

/// The headers of a fence, in their order. A fence has no time of its own.
#[must_use]
pub fn fence_headers(fence: &Fence) -> Vec<Header> {
    vec![
        header("ce_specversion", SPEC_VERSION),
        header("ce_id", fence.hash.to_string()),
        header("ce_type", FENCE_TYPE),
        header("ce_source", "/registry"),
        header("ce_subject", fence.n.to_string()),
        header("content-type", CONTENT_TYPE),
    ]
}

/// The headers of a record of a reading, in their order. It is about as many dossiers as it names, so it has no subject.
#[must_use]
pub fn read_headers(leaf: Hash, agency: &AgencyId, at: Instant) -> Vec<Header> {
    vec![
        header("ce_specversion", SPEC_VERSION),
        header("ce_id", leaf.to_string()),
        header("ce_type", READ_TYPE),
        header("ce_source", format!("/agencies/{agency}")),
        header("ce_time", utc(at)),
        header("content-type", CONTENT_TYPE),
    ]
}

fn header(name: &'static str, value: impl Into<Bytes>) -> Header {
    Header { name, value: value.into() }
}

/// RFC 3339 in UTC with six digits, so that headers are of one length and sort as text.
fn utc(instant: Instant) -> String {
    let timestamp = Timestamp::from_microsecond(instant.as_micros()).unwrap_or(Timestamp::UNIX_EPOCH);
    format!("{timestamp:.6}")
}

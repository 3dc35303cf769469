//! Voids of a partition: what was offered and does not count, and why. Nothing is parked where nobody looks.

use lienthong_admission::Reason;
use lienthong_calendar::Instant;
use lienthong_log::{Partition, ReadLimit};
use lienthong_projection::VoidRow;
use lienthong_wire::pb::reading::v1 as pb;
use lienthong_wire::timestamp;

use super::records::Named;
use super::token::TokenScope;
use crate::error::Refusal;
use crate::node::Node;

/// A page of voids, the newest first, and the token of the next one.
///
/// # Errors
/// The store or the log cannot be read.
pub(crate) async fn page(
    node: &Node,
    partition: u16,
    before: Option<u64>,
    size: usize,
) -> Result<pb::ListVoidsResponse, Refusal> {
    let mut rows = node.store().voids(partition, before, size.saturating_add(1))?;
    let more = rows.len() > size;
    rows.truncate(size);
    let next = rows.last().filter(|_| more).map(|(ordinal, _)| *ordinal);
    let mut voids = Vec::with_capacity(rows.len());
    for (_, row) in rows {
        voids.push(record(node, partition, row).await?);
    }
    Ok(pb::ListVoidsResponse {
        voids,
        next_page_token: next
            .map(|ordinal| scope(node, partition).write(&ordinal.to_be_bytes()))
            .unwrap_or_default(),
        counts: counts(Reason::counted(&node.store().cursor(partition)?)),
    })
}

/// The ordinal that a page token names; none when it is none of this log and partition.
pub(crate) fn read_token(node: &Node, partition: u16, token: &str) -> Option<u64> {
    let says = scope(node, partition).read(token)?;
    says.as_slice().try_into().ok().map(u64::from_be_bytes)
}

/// How often each reason occurred.
pub(crate) fn counts(reasons: impl IntoIterator<Item = (Reason, u64)>) -> Vec<pb::VoidCount> {
    let count = |(reason, count): (Reason, u64)| pb::VoidCount { reason: reason.name().to_owned(), count };
    reasons.into_iter().map(count).collect()
}

fn scope(node: &Node, partition: u16) -> TokenScope {
    TokenScope::new(node.log_id(), "voids", &[&partition.to_string()])
}

/// What the row does not keep is read from the log, as far as it can be read.
async fn record(node: &Node, partition: u16, row: VoidRow) -> Result<pb::VoidRecord, Refusal> {
    let limit = ReadLimit { records: 1, bytes: 0 };
    let read =
        node.log().read(Partition::Dossiers(partition), row.offset, limit).await.map_err(Refusal::Read)?;
    let named = read.first().filter(|stored| stored.offset == row.offset).map(Named::by).unwrap_or_default();
    Ok(pb::VoidRecord {
        offset: row.offset,
        append_time: Some(timestamp(Instant::from_millis(row.appended_ms))),
        code: row.code.map(|code| code.to_string()).unwrap_or_default(),
        agency: named.agency.map(|agency| agency.to_string()).unwrap_or_default(),
        leaf: if named.has_body { row.leaf.to_string() } else { String::new() },
        reason: row.reason.name().to_owned(),
        detail: row.detail.unwrap_or_default(),
    })
}

//! `--at` of commands that ask a service: a position that the log has come to.

use std::collections::BTreeMap;
use std::time::Duration;

use lienthong_audit::{Position, PositionFault};
use lienthong_wire::pb::common::v1 as common;
use lienthong_wire::pb::common::v1::ErrorReason;
use lienthong_wire::pb::reading::v1::GetDigestRequest;
use tonic::Code;

use crate::connection::{Connection, call, reason};
use crate::exit::Failure;

/// How long a service may take to read what another one has just written.
const CATCH_UP_MAX: Duration = Duration::from_secs(1);

/// A position, or all that there is.
#[derive(Debug, Clone)]
pub(super) enum At {
    End,
    Position(Position),
}

impl At {
    /// As the command line has it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        match text {
            "end" => Ok(Self::End),
            text => text.parse().map(Self::Position).map_err(|fault: PositionFault| fault.to_string()),
        }
    }

    /// The position, to which the log has come; none for all that there is.
    pub(super) async fn position(&self, connection: &Connection) -> Result<Option<&Position>, Failure> {
        match self {
            Self::End => Ok(None),
            Self::Position(position) => check(position, connection).await.map(|()| Some(position)),
        }
    }
}

/// A position as the contract carries it.
pub(super) fn positions(position: &Position) -> Vec<common::Position> {
    let one = |(partition, offset): (&u16, &u64)| common::Position {
        partition: u32::from(*partition),
        offset: *offset,
    };
    position.0.iter().map(one).collect()
}

/// Refuses a position that the log has not come to. A service would wait for it, since records may still come.
async fn check(position: &Position, connection: &Connection) -> Result<(), Failure> {
    let ends = connection.ends().await;
    let ends = ends.map_err(|status| connection.refusal(&status))?;
    let Some(beyond) = beyond(position, &ends)? else { return Ok(()) };
    // What runs in this process has read the whole log. Another service may be a moment behind the one that told the position.
    if !connection.is_within() {
        let mut request = call(GetDigestRequest { at_least: positions(position) });
        request.set_timeout(CATCH_UP_MAX);
        let late = lienthong_wire::reason(ErrorReason::Lag);
        match connection.reading().get_digest(request).await {
            Ok(_) => return Ok(()),
            Err(status) if reason(&status) == late => {}
            Err(status) if matches!(status.code(), Code::Cancelled | Code::DeadlineExceeded) => {}
            Err(status) => return Err(connection.refusal(&status)),
        }
    }
    Err(beyond)
}

/// What to say about the first partition of a position that is beyond the end.
fn beyond(position: &Position, ends: &BTreeMap<u16, u64>) -> Result<Option<Failure>, Failure> {
    for (partition, wanted) in &position.0 {
        let Some(end) = ends.get(partition) else {
            let last = ends.keys().last().copied().unwrap_or_default();
            let error = format!("the log has no partition {partition}: they are 0 to {last}");
            return Err(Failure::usage(error, "name another --at"));
        };
        if wanted > end {
            let end_of_all = Position(ends.clone());
            return Ok(Some(Failure::refused(
                format!("partition {partition} ends at {end}: it has not come to {wanted}"),
                format!("name a position up to the end, {end_of_all}"),
            )));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_told_from_the_end_and_from_partitions_that_are_not_there() {
        let ends = BTreeMap::from([(0, 17), (1, 0), (2, 5)]);
        let told = |position: &str| beyond(&position.parse().unwrap(), &ends);
        for within in ["0:17", "0:3,2:5", "1:0"] {
            assert_eq!(told(within), Ok(None), "{within}");
        }
        let beyond = told("0:17,2:6").unwrap().unwrap().to_string();
        let says =
            "error: partition 2 ends at 5: it has not come to 6\nname a position up to the end, 0:17,2:5";
        assert_eq!(beyond, says);
        let unknown = told("3:0").unwrap_err().to_string();
        assert!(unknown.contains("no partition 3: they are 0 to 2"), "{unknown}");
    }
}

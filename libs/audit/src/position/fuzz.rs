//! Positions and expectations that nobody meant to write.

use lienthong_fuzz::Target;

use super::{At, Position};
use crate::verify::Expectation;

lienthong_fuzz::targets!(position);

/// What is read is written so that it is read as the same again, but for partitions of which it covers nothing.
fn position() {
    let hash = "4f".repeat(32);
    let seeds = [
        "5:130".to_owned(),
        "0:17, 5:2".to_owned(),
        "end".to_owned(),
        "2026-12-31T17:00:00+07:00".to_owned(),
        format!("5:130={hash}"),
        format!("registry:31,0:17={hash}"),
        format!("end={hash}"),
        format!("reads:1={hash}"),
    ];
    Target::new(seeds).words([":", ",", "=", "65535:", "registry:"]).check_text(|text| {
        if let Ok(position) = text.parse::<Position>()
            && position.0.values().any(|next| *next > 0)
        {
            let covered =
                position.0.iter().filter(|(_, next)| **next > 0).map(|(partition, next)| (*partition, *next));
            assert_eq!(position.to_string().parse(), Ok(Position(covered.collect())));
        }
        if let Err(fault) = text.parse::<At>() {
            assert!(!fault.to_string().is_empty());
        }
        if let Err(fault) = text.parse::<Expectation>() {
            assert!(!fault.to_string().is_empty());
        }
    });
}

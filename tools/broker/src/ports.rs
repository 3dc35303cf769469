//! Free ports.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::net::{Ipv4Addr, TcpListener};
use std::ops::Range;

use crate::BrokerError;

/// Where free ports are looked for. Not where the system gives them out for outgoing connections (and for port 0), from
/// 32768 on: there a client that knocks at the port of a killed broker may get that very port, and the broker could not
/// come back to it.
const RANGE: Range<u16> = 20_000..32_000;

/// How many ports are tried for one free one.
const TRIES_MAX: usize = 100;

/// So many free ports, the first of them `first` if that is given.
///
/// They are held until all are found, then let go: another process may take one before the broker does.
pub(crate) fn free(count: usize, first: Option<u16>) -> Result<Vec<u16>, BrokerError> {
    let mut held = Vec::new();
    if let Some(port) = first {
        held.push((port, listen(port).ok_or(BrokerError::PortTaken { port })?));
    }
    for _ in 0..count * TRIES_MAX {
        if held.len() == count {
            return Ok(held.into_iter().map(|(port, _)| port).collect());
        }
        let span = u64::from(RANGE.end - RANGE.start);
        // Below the span, which is a u16.
        let port = RANGE.start + (random() % span) as u16;
        held.extend(listen(port).map(|listener| (port, listener)));
    }
    Err(BrokerError::NoPorts { wanted: count })
}

fn listen(port: u16) -> Option<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok()
}

/// A random number: the standard library has none but the keys of its hash maps.
pub(crate) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_free_and_none_is_given_twice() {
        let ports = free(20, None).unwrap();
        let mut held: Vec<_> = ports.iter().map(|port| listen(*port).unwrap()).collect();
        assert_eq!(held.len(), 20);
        held.truncate(1);
        let taken = free(1, Some(ports[0]));
        assert!(matches!(taken, Err(BrokerError::PortTaken { port }) if port == ports[0]), "{taken:?}");
    }
}

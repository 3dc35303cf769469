//! Places for those who shake hands, and how many of them one host may take.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

/// Handshakes of one host under way at once. Each takes milliseconds, so a whole office behind one address has enough of
/// them, and whoever says nothing takes no more of those that are there for all.
pub const HANDSHAKES_OF_HOST_MAX: usize = 64;

/// The bits of an IPv6 address that name a network. One host has all the addresses of its own.
const NETWORK_BITS: u32 = 64;

/// Who shakes hands just now, by host.
#[derive(Default)]
pub(super) struct Places(Mutex<HashMap<IpAddr, Host>>);

#[derive(Default)]
struct Host {
    taken: usize,
    /// Whether the process's log has been told that it asks for more.
    told: bool,
}

/// One place of a host, free again when this is dropped.
pub(super) struct Place {
    places: Arc<Places>,
    host: IpAddr,
}

/// A host that has all its places.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full {
    /// Whether it is the first time since it last had none: told each time, a flood would flood the process's log too.
    pub(super) is_new: bool,
}

impl Places {
    /// A place for whoever comes from an address.
    pub(super) fn take(self: &Arc<Self>, address: IpAddr) -> Result<Place, Full> {
        let host = host(address);
        let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of = hosts.entry(host).or_default();
        if of.taken == HANDSHAKES_OF_HOST_MAX {
            return Err(Full { is_new: !std::mem::replace(&mut of.told, true) });
        }
        of.taken += 1;
        Ok(Place { places: Arc::clone(self), host })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut hosts = self.places.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(of) = hosts.get_mut(&self.host) else { return };
        of.taken -= 1;
        if of.taken == 0 {
            hosts.remove(&self.host);
        }
    }
}

/// What stands for a host: its address, or the network of its IPv6 addresses.
fn host(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = address.to_bits() & (u128::MAX << (u128::BITS - NETWORK_BITS));
            IpAddr::V6(Ipv6Addr::from_bits(network))
        }
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(places: &Arc<Places>, address: &str) -> Vec<Place> {
        let address = address.parse().unwrap();
        (0..HANDSHAKES_OF_HOST_MAX).map(|_| places.take(address).ok().unwrap()).collect()
    }

    #[test]
    fn a_host_that_has_all_its_places_leaves_the_others_theirs() {
        let places = Arc::new(Places::default());
        let mut taken = all(&places, "192.0.2.1");
        let again = |address: &str| places.take(address.parse().unwrap()).map(drop);
        assert_eq!(again("192.0.2.1"), Err(Full { is_new: true }));
        // The same address as a socket for both kinds shows it.
        assert_eq!(again("::ffff:192.0.2.1"), Err(Full { is_new: false }));
        assert_eq!(again("192.0.2.2"), Ok(()));
        taken.pop();
        assert_eq!(again("192.0.2.1"), Ok(()));
        drop(taken);
        assert!(places.0.lock().unwrap().is_empty(), "who is gone is forgotten");
    }

    #[test]
    fn the_ipv6_addresses_of_one_network_are_one_host() {
        let places = Arc::new(Places::default());
        let _taken = all(&places, "2001:db8::1");
        let again = |address: &str| places.take(address.parse().unwrap()).map(drop);
        assert_eq!(again("2001:db8::ffff:0:0:1"), Err(Full { is_new: true }));
        assert_eq!(again("2001:db8:0:1::1"), Ok(()));
    }
}

//! One broker for all tests of a test binary.

use std::env;
use std::process;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::{Cluster, Options, ports};

/// The environment variable by which a developer gives tests a broker that runs already: `HOST:PORT`, without password
/// and encryption.
pub const LIENTHONG_KAFKA: &str = "LIENTHONG_KAFKA";

/// The address of one broker: of the one in [`LIENTHONG_KAFKA`], or else of one that is started at the first call and
/// ends with this process.
///
/// Others use it at the same time and before: a test keeps to topics of its own, by [`fresh_prefix`].
///
/// # Panics
/// It does not start; the message tells why.
#[expect(clippy::panic, reason = "a test that needs a broker cannot go on without one")]
pub fn shared() -> &'static str {
    static GIVEN: OnceLock<Option<String>> = OnceLock::new();
    static STARTED: OnceLock<Cluster> = OnceLock::new();
    let given = GIVEN.get_or_init(|| env::var(LIENTHONG_KAFKA).ok().filter(|address| !address.is_empty()));
    match given {
        Some(address) => address,
        None => STARTED
            .get_or_init(|| {
                Cluster::start(Options::default())
                    .unwrap_or_else(|error| panic!("no Kafka to test with: {error}"))
            })
            .bootstrap(),
    }
}

/// A beginning for names of topics that nobody else uses, ever; it ends in a letter or digit.
#[must_use]
pub fn fresh_prefix() -> String {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    format!("t-{}-{count}-{:08x}", process::id(), ports::random() >> 32)
}

//! The time of day, for streams that wait for it.

use std::time::Duration;

use futures::future::BoxFuture;
use lienthong_calendar::Instant;

use crate::node::Node;

/// How long a wait for a time of day lasts before the clock is asked again, which somebody may have set.
const ASKED_EVERY_MAX: Duration = Duration::from_secs(60);

/// Where the time comes from: the node's clock, or a test.
pub(crate) trait TimeSource: Send + Sync + 'static {
    /// The instant now.
    fn now(&self) -> Instant;

    /// Waits until then, or less: whoever waits asks again.
    fn wait_until(&self, then: Instant) -> BoxFuture<'_, ()>;
}

impl TimeSource for Node {
    fn now(&self) -> Instant {
        Self::now(self)
    }

    fn wait_until(&self, then: Instant) -> BoxFuture<'_, ()> {
        let micros = then.as_micros().saturating_sub(Self::now(self).as_micros());
        let wait = Duration::from_micros(u64::try_from(micros).unwrap_or(0));
        Box::pin(tokio::time::sleep(wait.min(ASKED_EVERY_MAX)))
    }
}

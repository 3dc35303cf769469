//! A wall clock that is put back. Some of librdkafka's waits end at a time of that clock, so those under way then last as much
//! longer: a thread that was about to connect to a broker again does so an hour later, and nothing goes to or comes from that
//! broker until then. Such a client cannot be woken; so the log ends, and whoever runs on it is started anew.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use crate::state::State;

/// How often the clocks are compared.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// What is put back by less is waited out: a command takes longer.
const BACK_MAX: Duration = Duration::from_secs(10);

/// The clock was put back too far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the clock was put back by {} s, and the clients of the brokers wait by it: the log has to be opened anew",
    .by.as_secs()
)]
pub(crate) struct PutBack {
    by: Duration,
}

/// Ends the log when the clock is put back too far.
pub(crate) async fn watch(state: Arc<State>) {
    let mut clocks = Clocks::at(SystemTime::now(), Instant::now());
    loop {
        tokio::select! {
            () = state.stop.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        if let Some(put_back) = clocks.look(SystemTime::now(), Instant::now()) {
            return state.fail(put_back);
        }
    }
}

/// Both clocks at one moment: the one that people set, and the one that only goes on.
struct Clocks {
    wall: SystemTime,
    steady: Instant,
}

impl Clocks {
    fn at(wall: SystemTime, steady: Instant) -> Self {
        Self { wall, steady }
    }

    /// By how much the wall clock was put back since the last look, if by too much.
    fn look(&mut self, wall: SystemTime, steady: Instant) -> Option<PutBack> {
        let should_be = self.wall + steady.saturating_duration_since(self.steady);
        *self = Self::at(wall, steady);
        let by = should_be.duration_since(wall).ok()?;
        (by > BACK_MAX).then_some(PutBack { by })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clock_that_is_put_back_far_ends_the_log() {
        let (wall, steady) = (SystemTime::now(), Instant::now());
        let mut clocks = Clocks::at(wall, steady);
        let second = Duration::from_secs(1);
        // As it goes on, by what it is put forward, and by what is waited out.
        assert_eq!(clocks.look(wall + second, steady + second), None);
        assert_eq!(clocks.look(wall + 3_600 * second, steady + 2 * second), None);
        assert_eq!(clocks.look(wall + 3_592 * second, steady + 3 * second), None);
        let put_back = clocks.look(wall + 4 * second, steady + 4 * second).unwrap();
        assert_eq!(put_back, PutBack { by: 3_589 * second });
        assert!(put_back.to_string().contains("by 3589 s"));
        assert_eq!(clocks.look(wall + 5 * second, steady + 5 * second), None);
    }
}

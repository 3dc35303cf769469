//! Pauses between tries: each is twice the one before, up to a limit.

use std::time::Duration;

/// The first pause.
pub(crate) const PAUSE_MIN: Duration = Duration::from_millis(100);
/// The longest.
pub(crate) const PAUSE_MAX: Duration = Duration::from_secs(5);

/// How long to wait before the next try.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pause(Duration);

impl Default for Pause {
    fn default() -> Self {
        Self(PAUSE_MIN)
    }
}

impl Pause {
    /// The next pause; the one after it is longer.
    pub(crate) fn lengthen(&mut self) -> Duration {
        let pause = self.0;
        self.0 = (pause * 2).min(PAUSE_MAX);
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_limit() {
        let mut pause = Pause::default();
        let pauses: Vec<_> = std::iter::repeat_with(|| pause.lengthen()).take(8).collect();
        assert_eq!(pauses[..3], [PAUSE_MIN, PAUSE_MIN * 2, PAUSE_MIN * 4]);
        assert_eq!(pauses[6..], [PAUSE_MAX; 2]);
    }
}

//! How long calls took, and what of several runs is told.

use std::time::Duration;

/// Durations of calls, in microseconds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Latencies(Vec<u64>);

impl Latencies {
    /// One more call.
    pub(crate) fn add(&mut self, took: Duration) {
        self.0.push(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    }

    /// As if the first call had not been.
    pub(crate) fn forget_first(&mut self) {
        self.0.drain(..self.0.len().min(1));
    }

    /// Those of somebody else, too.
    pub(crate) fn join(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// How many calls.
    pub(crate) fn count(&self) -> u64 {
        self.0.len() as u64
    }

    /// What so many of a thousand calls did not exceed; 0 where there was no call.
    pub(crate) fn at_per_mille(&self, per_mille: usize) -> u64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        // The nearest rank: the smallest that at least so many do not exceed.
        let rank = (sorted.len() * per_mille).div_ceil(1_000).max(1);
        sorted.get(rank - 1).copied().unwrap_or_default()
    }
}

/// Calls one after another or at once, and how long all of them took.
#[derive(Debug, Clone, Default)]
pub(crate) struct Phase {
    pub(crate) calls: u64,
    pub(crate) elapsed: Duration,
    pub(crate) latencies: Latencies,
}

impl Phase {
    /// Calls a second.
    pub(crate) fn per_second(&self) -> u64 {
        per_second(self.calls, self.elapsed)
    }
}

/// So many in that time, for each second of it.
pub(crate) fn per_second(count: u64, elapsed: Duration) -> u64 {
    let micros = elapsed.as_micros().max(1);
    u64::try_from(u128::from(count) * 1_000_000 / micros).unwrap_or(u64::MAX)
}

/// The middle of several runs; the lower one of two in the middle.
pub(crate) fn median<R>(runs: &[R], figure: impl Fn(&R) -> u64) -> u64 {
    let mut figures: Vec<u64> = runs.iter().map(figure).collect();
    figures.sort_unstable();
    figures.get(figures.len().saturating_sub(1) / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_duration_that_was_measured() {
        let mut latencies = Latencies::default();
        assert_eq!(latencies.at_per_mille(500), 0);
        (1..=100).rev().for_each(|micros| latencies.add(Duration::from_micros(micros)));
        let at = |per_mille| latencies.at_per_mille(per_mille);
        assert_eq!((at(0), at(500), at(990), at(999), at(1_000)), (1, 50, 99, 100, 100));
    }

    #[test]
    fn the_median_is_one_of_the_runs() {
        for (runs, middle) in [(&[][..], 0), (&[7], 7), (&[9, 1], 1), (&[5, 100, 1], 5)] {
            assert_eq!(median(runs, |run| *run), middle, "{runs:?}");
        }
    }

    #[test]
    fn a_rate_is_of_a_second() {
        assert_eq!(per_second(3_000, Duration::from_millis(1_500)), 2_000);
        assert_eq!(per_second(0, Duration::ZERO), 0);
    }
}

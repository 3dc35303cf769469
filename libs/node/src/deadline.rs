//! Until when a call may take: a little before its caller gives up, so that the answer still arrives.

use std::time::Duration;

use tokio::time::Instant;
use tonic::metadata::MetadataMap;

/// The header that carries a call's deadline.
const GRPC_TIMEOUT: &str = "grpc-timeout";
/// Digits that the header may have.
const TIMEOUT_DIGITS_MAX: usize = 8;
/// Taken off the caller's time for the way back: a quarter of it, and never more than this.
const MARGIN_MAX: Duration = Duration::from_millis(250);

/// The instant by which a call is to be answered: `wait_max` from now, or a margin before its caller's own deadline.
///
/// Whoever answers later answers nobody: the server drops the call at the caller's deadline, as `CANCELLED`.
pub(crate) fn deadline(metadata: &MetadataMap, wait_max: Duration) -> Instant {
    let said = metadata.get(GRPC_TIMEOUT).and_then(|value| value.to_str().ok()).and_then(timeout);
    let wait = said.map_or(wait_max, |said| said - (said / 4).min(MARGIN_MAX));
    Instant::now() + wait.min(wait_max)
}

/// Up to eight digits and a unit, by the gRPC protocol; none when it is not of that form.
fn timeout(text: &str) -> Option<Duration> {
    let unit_at = text.len().checked_sub(1)?;
    let (digits, unit) = text.split_at_checked(unit_at)?;
    if digits.len() > TIMEOUT_DIGITS_MAX || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let count: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(count * 3_600)),
        "M" => Some(Duration::from_secs(count * 60)),
        "S" => Some(Duration::from_secs(count)),
        "m" => Some(Duration::from_millis(count)),
        "u" => Some(Duration::from_micros(count)),
        "n" => Some(Duration::from_nanos(count)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_is_read_in_every_unit() {
        let cases = [
            ("2H", Some(Duration::from_secs(7_200))),
            ("3M", Some(Duration::from_secs(180))),
            ("10S", Some(Duration::from_secs(10))),
            ("250m", Some(Duration::from_millis(250))),
            ("7u", Some(Duration::from_micros(7))),
            ("99999999n", Some(Duration::from_nanos(99_999_999))),
            ("", None),
            ("S", None),
            ("10", None),
            ("10s", None),
            ("-1S", None),
            ("123456789S", None),
            ("1ừ", None),
        ];
        for (text, expected) in cases {
            assert_eq!(timeout(text), expected, "{text}");
        }
    }

    #[test]
    fn a_call_is_answered_a_little_before_its_caller_gives_up_and_never_later_than_the_limit() {
        const LIMIT: Duration = Duration::from_secs(10);
        let left = |metadata: &MetadataMap| deadline(metadata, LIMIT).duration_since(Instant::now());
        let with = |said: &'static str| {
            let mut metadata = MetadataMap::new();
            metadata.insert(GRPC_TIMEOUT, said.parse().unwrap());
            left(&metadata)
        };
        assert!(with("200m") <= Duration::from_millis(150));
        assert!(with("5S") <= Duration::from_millis(4_750));
        for long in [left(&MetadataMap::new()), with("100S"), with("99999999H"), with("nonsense")] {
            assert!(long <= LIMIT && long > Duration::from_secs(5), "{long:?}");
        }
    }
}

//! Parts of a whole, printed the Vietnamese way.

/// A part of a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    /// The part.
    pub numerator: u64,
    /// The whole.
    pub denominator: u64,
}

impl Share {
    /// One more of the whole, which is of the part or not.
    pub(crate) fn count(&mut self, of_the_part: bool) {
        self.denominator += 1;
        self.numerator += u64::from(of_the_part);
    }

    /// Hundredths of a percent, half up; nothing can be said of a part of nothing.
    #[must_use]
    pub fn hundredths(self) -> Option<u64> {
        let whole = u128::from(self.denominator);
        let scaled = u128::from(self.numerator) * 10_000;
        (whole != 0).then(|| u64::try_from((scaled * 2 + whole) / (whole * 2)).unwrap_or(u64::MAX))
    }

    /// As it is printed: `99,83%`; empty for a part of nothing.
    #[must_use]
    pub fn percent(self) -> String {
        let print = |hundredths: u64| format!("{},{:02}%", hundredths / 100, hundredths % 100);
        self.hundredths().map(print).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_half_up_to_two_decimals() {
        for (numerator, denominator, printed) in [
            (25_925, 25_969, "99,83%"),
            (44, 25_969, "0,17%"),
            (6_339, 43_898, "14,44%"),
            (13_883, 174_270, "7,97%"),
            (16, 21, "76,19%"),
            (242, 281, "86,12%"),
            (1, 20_000, "0,01%"),
            (1, 20_001, "0,00%"),
            (1, 1, "100,00%"),
            (0, 7, "0,00%"),
            (u64::MAX, u64::MAX, "100,00%"),
            (1, 0, ""),
        ] {
            assert_eq!(Share { numerator, denominator }.percent(), printed);
        }
    }
}

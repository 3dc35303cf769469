//! A plot of land as it is searched for.

use std::fmt;

use lienthong_registry::CommuneCode;
use zeroize::Zeroizing;

/// The most characters of a sheet's or a parcel's number.
pub const PLOT_NUMBER_MAX: usize = 20;

/// A plot as the cadastral map names it: commune, sheet (tờ bản đồ số), parcel (thửa đất số). Both numbers stand in one
/// form, whoever wrote them: without spaces, letters in upper case, no zeros before a number, so that ` 012a` is `12A`.
/// Shown by no `Debug`, and wiped from memory when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct PlotNumber {
    commune: CommuneCode,
    sheet: Zeroizing<String>,
    parcel: Zeroizing<String>,
}

impl PlotNumber {
    /// The plot that a commune, a sheet and a parcel name; none where one of the two numbers is none.
    #[must_use]
    pub fn parse(commune: &CommuneCode, sheet: &str, parcel: &str) -> Option<Self> {
        Some(Self { commune: commune.clone(), sheet: canonical(sheet)?, parcel: canonical(parcel)? })
    }

    /// Commune, sheet and parcel.
    #[must_use]
    pub fn parts(&self) -> [&str; 3] {
        [self.commune.as_str(), &self.sheet, &self.parcel]
    }
}

impl fmt::Debug for PlotNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlotNumber(..)")
    }
}

/// A number in its one form; none where it has no letter or digit, is too long, or has other characters than these and
/// `-`, `/` and `.`.
fn canonical(text: &str) -> Option<Zeroizing<String>> {
    let mut number = Zeroizing::new(String::with_capacity(PLOT_NUMBER_MAX * 4));
    let mut written = text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).peekable();
    let (mut length, mut in_digits) = (0, false);
    while let Some(c) = written.next() {
        if !(c.is_alphanumeric() || matches!(c, '-' | '/' | '.')) {
            return None;
        }
        let leads = c == '0' && !in_digits && written.peek().is_some_and(char::is_ascii_digit);
        if leads {
            continue;
        }
        in_digits = c.is_ascii_digit();
        length += 1;
        number.push(c);
    }
    let is_number = number.chars().any(char::is_alphanumeric) && length <= PLOT_NUMBER_MAX;
    is_number.then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plot_has_one_form_whoever_wrote_it() {
        for (text, form) in [
            ("12", "12"),
            (" 012 ", "12"),
            ("0012a", "12A"),
            ("12 A", "12A"),
            ("100", "100"),
            ("0", "0"),
            ("000", "0"),
            ("đc-05", "ĐC-5"),
            ("012/034", "12/34"),
            ("1.020", "1.20"),
        ] {
            assert_eq!(canonical(text).as_deref().map(String::as_str), Some(form), "{text}");
        }
        for other in ["", " ", "-", "12, 13", "12'", &"9".repeat(21)] {
            assert_eq!(canonical(other), None, "{other}");
        }
    }

    #[test]
    fn a_plot_needs_all_its_parts_and_shows_none() {
        let commune = CommuneCode::parse("14797").unwrap();
        let plot = PlotNumber::parse(&commune, "05", "012").unwrap();
        assert_eq!(plot.parts(), ["14797", "5", "12"]);
        assert_eq!(format!("{plot:?}"), "PlotNumber(..)");
        assert_eq!(PlotNumber::parse(&commune, "", "12"), None);
        assert_eq!(PlotNumber::parse(&commune, "5", ""), None);
    }
}

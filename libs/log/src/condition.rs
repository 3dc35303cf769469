//! What is the matter with a log.

use std::fmt;

/// What keeps a log from being used as it should be. Empty when all is well.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Condition {
    /// Each is one thing that somebody can look into.
    pub troubles: Vec<Trouble>,
}

/// One thing that is the matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What, for whoever runs the log.
    pub what: String,
    /// The command that mends it, where there is one.
    pub mend: Option<String>,
}

/// On how many machines a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copies {
    /// How many are to have it.
    pub replicas: u16,
    /// How many have it in memory before an append is answered.
    pub in_sync_min: u16,
}

impl Condition {
    /// Whether nothing is the matter.
    #[must_use]
    pub fn is_fine(&self) -> bool {
        self.troubles.is_empty()
    }
}

/// Every trouble with its command, on one line.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, trouble) in self.troubles.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{trouble}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        self.mend.as_ref().map_or(Ok(()), |mend| write!(f, " (to mend it: {mend})"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_names_every_trouble_with_the_command_that_mends_it() {
        let trouble =
            |what: &str, mend: Option<&str>| Trouble { what: what.to_owned(), mend: mend.map(str::to_owned) };
        let condition = Condition { troubles: vec![trouble("one", Some("mend one")), trouble("two", None)] };
        assert_eq!(condition.to_string(), "one (to mend it: mend one); two");
        assert!(!condition.is_fine());
        assert!(Condition::default().is_fine());
    }
}

//! Fuzzing: a property of a parser is held against bytes that nobody meant to write.
//!
//! ```text
//! seeds, words --Target--> check(property)
//!   cargo test   seeds, then mutations of them: for a moment, and always the same ones   (short)
//!   make fuzz    libFuzzer, guided by coverage, for as long as one likes                 (long)
//! ```
//!
//! Targets stand beside their parser in a file `fuzz.rs`, as functions that end in [`Target::check`] and that [`targets!`]
//! names. A property panics where it does not hold; an input over which it takes too long fails as well.

#[cfg(fuzzing)]
mod long;
#[cfg(not(fuzzing))]
mod mutate;
#[cfg(not(fuzzing))]
mod short;

#[cfg(fuzzing)]
pub use inventory;
#[cfg(fuzzing)]
pub use long::Named;

#[cfg(fuzzing)]
use long as engine;
#[cfg(not(fuzzing))]
use short as engine;

/// The longest input unless a target says otherwise, in bytes.
const INPUT_BYTES_MAX: usize = 16 * 1024;

/// What a parser is tried with.
#[derive(Clone, Debug)]
pub struct Target {
    /// Inputs as they are meant to be.
    seeds: Vec<Vec<u8>>,
    /// What the format is made of: put in by mutation.
    words: Vec<Vec<u8>>,
    #[cfg_attr(fuzzing, expect(dead_code, reason = "libFuzzer goes by the longest input that it has"))]
    bytes_max: usize,
}

impl Target {
    /// A parser of what these are: real ones, best of each kind one.
    #[must_use]
    pub fn new<S: Into<Vec<u8>>>(seeds: impl IntoIterator<Item = S>) -> Self {
        let seeds = seeds.into_iter().map(Into::into).collect();
        Self { seeds, words: Vec::new(), bytes_max: INPUT_BYTES_MAX }
    }

    /// With words of the format, such as keys, that chance would not find.
    #[must_use]
    pub fn words<W: Into<Vec<u8>>>(mut self, words: impl IntoIterator<Item = W>) -> Self {
        self.words.extend(words.into_iter().map(Into::into));
        self
    }

    /// With mutated inputs of at most so many bytes.
    #[must_use]
    pub fn bytes_max(self, bytes_max: usize) -> Self {
        Self { bytes_max, ..self }
    }

    /// Holds the property against the seeds and what becomes of them.
    pub fn check(self, property: impl Fn(&[u8]) + 'static) {
        engine::check(&self, property);
    }

    /// The same for a text; what is no UTF-8 is replaced as everywhere.
    pub fn check_text(self, property: impl Fn(&str) + 'static) {
        self.check(move |bytes| property(&String::from_utf8_lossy(bytes)));
    }
}

/// Makes functions targets: each a test of its name, and known to the long run.
#[cfg(not(fuzzing))]
#[macro_export]
macro_rules! targets {
    ($($name:ident),* $(,)?) => {
        mod short {
            $(
                #[test]
                fn $name() {
                    super::$name();
                }
            )*
        }
    };
}

/// Makes functions targets: known to the long run.
#[cfg(fuzzing)]
#[macro_export]
macro_rules! targets {
    ($($name:ident),* $(,)?) => {
        $($crate::inventory::submit! { $crate::Named { name: stringify!($name), begin: $name } })*
    };
}

#[cfg(all(test, not(fuzzing)))]
mod tests;

//! The long run: libFuzzer, whose `main` stands in the place of the one that runs tests. `tools/fuzz/run` builds and starts
//! it, and names the target.

use std::cell::RefCell;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use crate::Target;

/// The target's name.
const TARGET: &str = "LIENTHONG_FUZZ_TARGET";
/// The folder of inputs and the file of words, which libFuzzer is told, too.
const CORPUS: &str = "LIENTHONG_FUZZ_CORPUS";
const WORDS: &str = "LIENTHONG_FUZZ_WORDS";

/// A target of the crate under test.
pub struct Named {
    /// Its name.
    pub name: &'static str,
    /// Ends in [`Target::check`].
    pub begin: fn(),
}

inventory::collect!(Named);

type Property = Box<dyn Fn(&[u8])>;

thread_local! {
    static PROPERTY: RefCell<Option<Property>> = const { RefCell::new(None) };
}

libfuzzer_sys::fuzz_target!(
    init: begin(),
    |bytes: &[u8]| PROPERTY.with_borrow(|property| property.iter().for_each(|property| property(bytes)))
);

#[expect(clippy::panic, reason = "what cannot begin ends")]
fn begin() {
    let name = env::var(TARGET).unwrap_or_default();
    match inventory::iter::<Named>.into_iter().find(|target| target.name == name) {
        Some(target) => (target.begin)(),
        None => panic!("no target {name:?} here: tools/fuzz/run lists them"),
    }
}

/// Keeps the property for libFuzzer, and lays out what it begins with.
#[expect(clippy::panic, reason = "what cannot begin ends")]
pub(crate) fn check(target: &Target, property: impl Fn(&[u8]) + 'static) {
    let corpus = path(CORPUS).and_then(|folder| sow(target, &folder));
    let words = path(WORDS).and_then(|file| fs::write(file, dictionary(target)));
    if let Err(error) = corpus.and(words) {
        panic!("seeds and words cannot be written: {error}");
    }
    PROPERTY.set(Some(Box::new(property)));
}

fn path(variable: &str) -> io::Result<PathBuf> {
    let missing = || io::Error::other(format!("{variable} is not set"));
    env::var_os(variable).map(|path: OsString| path.into()).ok_or_else(missing)
}

/// The seeds as files, among the inputs that earlier runs found.
fn sow(target: &Target, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut seeds = target.seeds.iter().enumerate();
    seeds.try_for_each(|(n, seed)| fs::write(folder.join(format!("seed-{n:03}")), seed))
}

/// The words in the form of libFuzzer's dictionaries, of which it takes no empty one.
fn dictionary(target: &Target) -> String {
    let mut all = "\"\\x00\"\n".to_owned();
    for word in target.words.iter().filter(|word| !word.is_empty()) {
        all.push('"');
        // Writing to a text cannot fail.
        word.iter().for_each(|byte| drop(write!(all, "\\x{byte:02X}")));
        all.push_str("\"\n");
    }
    all
}

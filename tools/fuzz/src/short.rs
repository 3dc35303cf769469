//! The short run: a part of every `cargo test`.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::Target;
use crate::mutate::mutation;

/// Mutated inputs of a run at most.
const INPUTS_MAX: u64 = 20_000;

/// A run that has not tried them all ends after this long. Which input comes when does not depend on it.
const RUN_MAX: Duration = Duration::from_millis(500);

/// The longest that a property may take over one input: far more than any needs, for a machine may be busy.
const INPUT_MAX: Duration = Duration::from_secs(20);

pub(crate) fn check(target: &Target, property: impl Fn(&[u8])) {
    let begun = Instant::now();
    let tried = Arc::new(Tried::default());
    let watch = Watch::begin(&tried);
    let seeds = target.seeds.iter().enumerate().map(|(n, seed)| (format!("seed {n}"), seed.clone()));
    let mutated = (0..INPUTS_MAX)
        .take_while(|_| begun.elapsed() < RUN_MAX)
        .map(|n| (format!("mutation {n}"), mutation(target, n)));
    for (name, input) in seeds.chain(mutated) {
        tried.set(name, &input);
        let told = Told(&tried);
        property(&input);
        std::mem::forget(told);
        watch.goes_on();
    }
}

/// The input that is being tried, with what it is.
#[derive(Default)]
struct Tried(Mutex<(String, Vec<u8>)>);

impl Tried {
    fn set(&self, name: String, input: &[u8]) {
        *self.lock() = (name, input.to_vec());
    }

    #[expect(clippy::print_stderr, reason = "a test that fails says by what")]
    fn tell(&self, what: &str) {
        let (name, input) = &*self.lock();
        eprintln!("{name}, of {} bytes, {what}: b\"{}\"", input.len(), input.escape_ascii());
    }

    fn lock(&self) -> MutexGuard<'_, (String, Vec<u8>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells the input when a panic drops it.
struct Told<'a>(&'a Tried);

impl Drop for Told<'_> {
    fn drop(&mut self) {
        self.0.tell("fails");
    }
}

/// Ends the process when an input takes too long, as nothing else could.
struct Watch(mpsc::Sender<()>);

impl Watch {
    fn begin(tried: &Arc<Tried>) -> Self {
        let (goes_on, heard) = mpsc::channel();
        let tried = Arc::clone(tried);
        thread::spawn(move || {
            loop {
                match heard.recv_timeout(INPUT_MAX) {
                    Ok(()) => {}
                    Err(RecvTimeoutError::Disconnected) => return,
                    Err(RecvTimeoutError::Timeout) => {
                        tried.tell("takes too long");
                        std::process::abort();
                    }
                }
            }
        });
        Self(goes_on)
    }

    fn goes_on(&self) {
        // The other end goes only when this one does.
        let _ = self.0.send(());
    }
}

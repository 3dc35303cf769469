//! Catching sled's panics without their noise.
//!
//! A panic that is caught here is reported by value, to be logged by whoever gets it. The standard hook would
//! also print it to stderr, with a backtrace where that is asked for, so a hook is put before it that says nothing
//! while this thread is inside [`caught`] and passes everything else on. A hook set later by somebody else replaces
//! ours; then the message is printed as well, and nothing else changes.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;
use std::thread;

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

static HOOK: Once = Once::new();

/// Runs `work`; a panic in it comes back as its message. The caller must not use what a panic left half-done.
pub(crate) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    if !thread::panicking() {
        HOOK.call_once(put_hook);
    }
    let was = QUIET.replace(true);
    let outcome = catch_unwind(AssertUnwindSafe(work));
    QUIET.set(was);
    outcome.map_err(|payload| message(payload.as_ref()))
}

fn put_hook() {
    let before = take_hook();
    set_hook(Box::new(move |info| {
        if !QUIET.try_with(Cell::get).unwrap_or(false) {
            before(info);
        }
    }));
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message").to_owned()
}

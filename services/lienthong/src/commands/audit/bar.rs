//! Progress on stderr, and the signal that ends an audit.

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use lienthong_audit::Watcher;

use crate::commands::ending::stop_when_told;
use crate::exit::Failure;

/// Shows an audit on stderr; the first signal to end stops it between two batches.
#[derive(Clone)]
pub(super) struct Bar {
    bar: ProgressBar,
    stop: Arc<AtomicBool>,
}

impl Bar {
    /// From now on signals are heeded. Within a runtime.
    pub(super) fn new() -> Result<Self, Failure> {
        Ok(Self { bar: ProgressBar::no_length(), stop: stop_when_told()? })
    }

    /// Clears it from the screen.
    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

impl Watcher for Bar {
    fn begins(&self, offsets: u64) {
        let style = ProgressStyle::with_template(
            "Đang kiểm toán  {bar:30} {human_pos}/{human_len} bản ghi  {rate}  còn {eta}",
        );
        let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
        let rate = |state: &ProgressState, text: &mut dyn Write| {
            // Whoever draws the bar has nowhere to say that it could not.
            let _ = write!(text, "{:.0}/s", state.per_sec());
        };
        self.bar.set_length(offsets);
        self.bar.set_style(style.with_key("rate", rate));
        self.bar.enable_steady_tick(Duration::from_millis(100));
    }

    fn advances(&self, records: u64) {
        self.bar.inc(records);
    }

    fn stops(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

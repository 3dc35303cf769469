//! The signals that end a command: SIGINT, which Ctrl-C sends, and SIGTERM.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::signal::unix::{SignalKind, signal};

use crate::exit::Failure;

/// Done with the first signal to end. From now on they are heeded. Within a runtime.
pub(super) fn told_to_end() -> Result<impl Future<Output = ()> + Send + 'static, Failure> {
    let signals = signal(SignalKind::interrupt()).and_then(|int| Ok((int, signal(SignalKind::terminate())?)));
    let (mut int, mut term) = signals.map_err(|error| Failure::defect(&error))?;
    Ok(async move {
        tokio::select! {
            _ = int.recv() => {}
            _ = term.recv() => {}
        }
    })
}

/// Becomes true with the first signal to end, for what stops between two parts of its work.
pub(super) fn stop_when_told() -> Result<Arc<AtomicBool>, Failure> {
    let told = told_to_end()?;
    let stop = Arc::new(AtomicBool::new(false));
    let stopping = Arc::clone(&stop);
    tokio::spawn(async move {
        told.await;
        stopping.store(true, Ordering::Relaxed);
    });
    Ok(stop)
}

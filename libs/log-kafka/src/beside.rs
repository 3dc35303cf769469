//! Asking librdkafka on a thread of its own, and for no longer than anything of it may take.
//!
//! Some of its waits end at a time of the wall clock. One that is under way when that clock is put back by an hour takes an hour
//! longer, whatever its limit was. It is left to itself then, and whoever asks again has a limit by the new clock.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use lienthong_log::ReadError;
use tokio::task::JoinError;
use tokio::time::timeout;

use crate::error::OpenError;

/// How long one thing that is asked may take. Longer than all requests in it together, where brokers are slow.
pub(crate) const STUCK_AFTER: Duration = Duration::from_secs(60);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoAnswer {
    #[error("librdkafka has not answered for {} s; was the clock put back?", STUCK_AFTER.as_secs())]
    Stuck,
    /// A defect of ours.
    #[error(transparent)]
    Panicked(JoinError),
}

/// Asks beside the task.
pub(crate) async fn beside<T: Send + 'static>(
    ask: impl FnOnce() -> T + Send + 'static,
) -> Result<T, NoAnswer> {
    beside_within(STUCK_AFTER, ask).await
}

async fn beside_within<T: Send + 'static>(
    limit: Duration,
    ask: impl FnOnce() -> T + Send + 'static,
) -> Result<T, NoAnswer> {
    let asked = timeout(limit, tokio::task::spawn_blocking(ask)).await;
    asked.map_err(|_| NoAnswer::Stuck)?.map_err(NoAnswer::Panicked)
}

/// Waits for something of librdkafka's.
pub(crate) async fn in_time<T>(asked: impl Future<Output = T>) -> Result<T, NoAnswer> {
    timeout(STUCK_AFTER, asked).await.map_err(|_| NoAnswer::Stuck)
}

/// Lets go of a client without waiting for it. Its threads are waited for on one of their own: they may be those that wait by the
/// wall clock.
pub(crate) fn let_go<T: Send + 'static>(client: T) {
    // Where there is no thread to be had, it is dropped here.
    let _ = thread::Builder::new().name("let-go".to_owned()).spawn(move || drop(client));
}

impl From<NoAnswer> for ReadError {
    fn from(no_answer: NoAnswer) -> Self {
        match no_answer {
            NoAnswer::Stuck => Self::Unavailable { source: Arc::new(no_answer) },
            NoAnswer::Panicked(panicked) => Self::Failed { source: Arc::new(panicked) },
        }
    }
}

impl From<NoAnswer> for OpenError {
    fn from(no_answer: NoAnswer) -> Self {
        Self::Read(no_answer.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_never_answers_is_unavailable_in_time_and_passes() {
        let (hold, wait) = std::sync::mpsc::channel::<()>();
        let stuck = beside_within(Duration::from_millis(10), move || wait.recv()).await.unwrap_err();
        assert!(matches!(stuck, NoAnswer::Stuck));
        assert!(OpenError::from(stuck).passes());
        assert!(matches!(ReadError::from(NoAnswer::Stuck), ReadError::Unavailable { .. }));
        drop(hold);
        assert_eq!(beside(|| 7).await.unwrap(), 7);
    }

    /// Takes until its sender is gone to be dropped.
    struct Held(std::sync::mpsc::Receiver<()>, std::sync::mpsc::Sender<()>);

    impl Drop for Held {
        fn drop(&mut self) {
            let _ = self.0.recv();
            let _ = self.1.send(());
        }
    }

    #[test]
    fn who_lets_go_does_not_wait() {
        let (hold, wait) = std::sync::mpsc::channel();
        let (tell, gone) = std::sync::mpsc::channel();
        let_go(Held(wait, tell));
        assert_eq!(gone.try_recv(), Err(std::sync::mpsc::TryRecvError::Empty));
        drop(hold);
        gone.recv().unwrap();
    }
}

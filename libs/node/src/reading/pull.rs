//! Streams that are pulled: nothing is read before the reader asks for it, and nothing is queued.

use futures::future::Future;
use futures::stream::{self, BoxStream, StreamExt as _};
use tonic::Status;

use crate::error::Refusal;
use crate::node::Node;
use crate::status::status;

/// A stream as a service answers with it.
pub(crate) type Pulled<T> = BoxStream<'static, Result<T, Status>>;

/// Where a stream's items come from.
pub(crate) trait Source: Send + 'static {
    /// What it gives.
    type Item: Send + 'static;

    /// The node it reads from.
    fn node(&self) -> &Node;

    /// The next item, waited for as long as it takes; none when there can be no more.
    fn next(&mut self) -> impl Future<Output = Result<Option<Self::Item>, Refusal>> + Send;
}

/// The items of a source. An error is the last one: of the source, or that the node stops and another should be asked.
pub(crate) fn pulled<S: Source>(source: S) -> Pulled<S::Item> {
    let items = stream::unfold(Some(source), |source| async move {
        let mut source = source?;
        match unless_stopping(&mut source).await {
            Ok(Some(item)) => Some((Ok(item), Some(source))),
            Ok(None) => None,
            Err(refusal) => Some((Err(status(refusal)), None)),
        }
    });
    items.boxed()
}

async fn unless_stopping<S: Source>(source: &mut S) -> Result<Option<S::Item>, Refusal> {
    let (draining, failed) = (source.node().draining().clone(), source.node().failed().clone());
    tokio::select! {
        biased;
        () = draining.cancelled() => Err(Refusal::Draining),
        () = failed.cancelled() => Err(Refusal::NotReady),
        next = source.next() => next,
    }
}

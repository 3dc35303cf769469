//! Streams that are pulled: nothing is read before the reader asks for it, and nothing is queued.

use std::sync::Arc;

use futures::future::Future;
use futures::stream::{self, BoxStream, StreamExt as _};
use tonic::Status;

use crate::error::Refusal;
use crate::node::{Node, STREAMS_MAX};
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
///
/// # Errors
/// The node serves as many streams as it may.
pub(crate) fn pulled<S: Source>(source: S) -> Result<Pulled<S::Item>, Status> {
    let place = Arc::clone(&source.node().0.streams).try_acquire_owned();
    let place = place.map_err(|_| status(Refusal::Busy { limit: STREAMS_MAX }))?;
    // The place is given back when the stream ends or its reader goes away.
    let items = stream::unfold(Some((source, place)), |open| async move {
        let (mut source, place) = open?;
        match unless_stopping(&mut source).await {
            Ok(Some(item)) => Some((Ok(item), Some((source, place)))),
            Ok(None) => None,
            Err(refusal) => Some((Err(status(refusal)), None)),
        }
    });
    Ok(items.boxed())
}

async fn unless_stopping<S: Source>(source: &mut S) -> Result<Option<S::Item>, Refusal> {
    let node = source.node().clone();
    tokio::select! {
        biased;
        () = node.draining().cancelled() => Err(Refusal::Draining),
        () = node.failed().cancelled() => Err(node.not_ready()),
        next = source.next() => next,
    }
}

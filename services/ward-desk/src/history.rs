//! History from elsewhere: the import office sits on the desks' node.

use lienthong_node::{Node, carry_out};
use lienthong_wire::pb::common::v1::Receipt;
use lienthong_wire::pb::history::v1 as pb;
use tonic::{Request, Response, Status};

/// `lienthong.history.v1.History`.
pub struct HistoryService {
    node: Node,
}

impl HistoryService {
    /// The face of a node.
    #[must_use]
    pub fn new(node: Node) -> Self {
        Self { node }
    }
}

#[tonic::async_trait]
impl pb::history_server::History for HistoryService {
    async fn import_history(
        &self,
        request: Request<pb::ImportHistoryRequest>,
    ) -> Result<Response<Receipt>, Status> {
        carry_out(&self.node, request).await
    }
}

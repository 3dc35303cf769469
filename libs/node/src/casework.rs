//! The face every sealing node has: the verbs of whoever holds a dossier or is asked about one.

use lienthong_wire::pb::casework::v1 as pb;
use lienthong_wire::pb::common::v1::Receipt;
use tonic::{Request, Response, Status};

use crate::face::carry_out;
use crate::node::Node;

/// `lienthong.casework.v1.Casework`.
pub struct CaseworkService {
    node: Node,
}

impl CaseworkService {
    /// The face of a node.
    #[must_use]
    pub fn new(node: Node) -> Self {
        Self { node }
    }
}

macro_rules! verbs {
    ($($method:ident($request:ident);)*) => {
        #[tonic::async_trait]
        impl pb::casework_server::Casework for CaseworkService {
            $(async fn $method(&self, request: Request<pb::$request>) -> Result<Response<Receipt>, Status> {
                carry_out(&self.node, request).await
            })*
        }
    };
}

verbs! {
    offer_custody(OfferCustodyRequest);
    withdraw_offer(WithdrawOfferRequest);
    accept_custody(AcceptCustodyRequest);
    return_custody(ReturnCustodyRequest);
    complete_step(CompleteStepRequest);
    end_wait(EndWaitRequest);
    request_supplement(RequestSupplementRequest);
    place_hold(PlaceHoldRequest);
    lift_hold(LiftHoldRequest);
    extend(ExtendRequest);
    refer(ReferRequest);
    accept_referral(AcceptReferralRequest);
    return_referral(ReturnReferralRequest);
    answer_referral(AnswerReferralRequest);
    decide_withdrawal(DecideWithdrawalRequest);
    stop(StopRequest);
    resume(ResumeRequest);
    issue_result(IssueResultRequest);
    recall_result(RecallResultRequest);
    erase(EraseRequest);
    adopt(AdoptRequest);
    succeed(SucceedRequest);
    recompute(RecomputeRequest);
    issue_receipt(IssueReceiptRequest);
    reconcile_payment(ReconcilePaymentRequest);
}

//! Many commands over one call.
//!
//! ```text
//! caller --commands--> reader --by dossier--> LANES tasks --each one command--> log
//!             `<-- answers, as they come ------------'
//! ```
//!
//! A lane does one command after another, and all commands of a dossier go to the same lane, so their order is kept. The reader
//! takes a place of the window for each command, and the place is free again when its answer is handed over: whoever reads
//! no answers sends no more commands.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::pin::Pin;
use std::sync::Arc;

use futures::{Stream, StreamExt as _};
use lienthong_wire::pb::bulk::v1 as pb;
use lienthong_wire::pb::bulk::v1::submit_response::Answer;
use lienthong_wire::pb::common::v1::{ErrorReason, Receipt};
use lienthong_wire::pb::{casework, history, land_registry, tax_office, ward_desk};
use lienthong_wire::request::code_of;
use lienthong_wire::stored::TraceParent;
use lienthong_wire::{Any, IntoCommand, Message, reason};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};
use tonic_types::StatusExt as _;

use crate::caller::{Caller, caller};
use crate::error::Refusal;
use crate::face::{REQUEST_BYTES_MAX, counted, too_large, trace, with_fresh_code};
use crate::node::Node;
use crate::shares::{AGENCY_COMMANDS_MAX, Way};
use crate::status::{invalid, status};
use crate::submit::{Terms, VERDICT_WAIT_MAX};

/// Commands of one call that are not answered yet, or whose answers are not read, at most.
const WINDOW: usize = 256;
/// Commands of one call under way at once: as many as one signature covers.
const LANES: usize = 64;
/// Such calls at once; together they leave half of a node's commands to those who come one by one.
const CALLS_MAX: usize = 8;
// A bulk call is slowed down, never refused a command because its agency has too many.
const _: () = assert!(CALLS_MAX * LANES <= AGENCY_COMMANDS_MAX);

/// What the name of a message begins with in a `google.protobuf.Any`.
const TYPE_URL: char = '/';

/// `lienthong.bulk.v1.Bulk`.
pub struct BulkService {
    node: Node,
    places: Arc<Semaphore>,
}

impl BulkService {
    /// The face of a node.
    #[must_use]
    pub fn new(node: Node) -> Self {
        Self { node, places: Arc::new(Semaphore::new(CALLS_MAX)) }
    }
}

#[tonic::async_trait]
impl pb::bulk_server::Bulk for BulkService {
    type SubmitStream = Pin<Box<dyn Stream<Item = Result<pb::SubmitResponse, Status>> + Send>>;

    async fn submit(
        &self,
        request: Request<Streaming<pb::SubmitRequest>>,
    ) -> Result<Response<Self::SubmitStream>, Status> {
        let busy = |_| status(Refusal::Busy { limit: CALLS_MAX });
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(busy)?;
        let call = Call { node: self.node.clone(), caller: caller(&request)?, trace: trace(&request) };
        // Room for the answers to all of the window, and for how the call ends: who reads nothing holds up no drain.
        let (answers, answered) = mpsc::channel(WINDOW + 1);
        let commands = request.into_inner();
        tokio::spawn(async move {
            // The caller hears of the end when the place is free, not before.
            let until_then = answers.clone();
            call.carry_out(commands, answers).await;
            drop((place, until_then));
        });
        let answered = ReceiverStream::new(answered).map(|(answer, _place): Answered| answer);
        Ok(Response::new(answered.boxed()))
    }
}

/// One call.
#[derive(Clone)]
struct Call {
    node: Node,
    caller: Caller,
    trace: Option<TraceParent>,
}

/// A command on its way.
struct Job {
    sequence: u64,
    command: Any,
    place: OwnedSemaphorePermit,
}

/// An answer, and the place of its command, which is free again when the caller is sent it.
type Answered = (Result<pb::SubmitResponse, Status>, Option<OwnedSemaphorePermit>);
type Answers = mpsc::Sender<Answered>;

impl Call {
    /// Reads commands until the caller has sent its last, goes away, or the node drains; then waits for the answers.
    async fn carry_out(self, mut commands: Streaming<pb::SubmitRequest>, answers: Answers) {
        let window = Arc::new(Semaphore::new(WINDOW));
        let mut lanes = Vec::with_capacity(LANES);
        let mut tasks = JoinSet::new();
        for _ in 0..LANES {
            // As long as the window: no lane that is full holds up the others.
            let (lane, jobs) = mpsc::channel(WINDOW);
            lanes.push(lane);
            tasks.spawn(self.clone().lane(jobs, answers.clone()));
        }
        let ended = loop {
            // The place first: what is read has one.
            let read = async {
                let place = Arc::clone(&window).acquire_owned().await;
                (commands.message().await, place)
            };
            let (read, place) = tokio::select! {
                read = read => read,
                () = self.node.draining().cancelled() => break Some(status(Refusal::Draining)),
                () = answers.closed() => break None,
            };
            let Ok(place) = place else { break None };
            match read {
                Ok(Some(pb::SubmitRequest { sequence, command })) => {
                    let command = command.unwrap_or_default();
                    // Here, so that nothing larger waits in a lane.
                    let bytes = command.encoded_len();
                    if bytes > REQUEST_BYTES_MAX {
                        let _ =
                            answers.send((Ok(answer(sequence, Err(too_large(bytes)))), Some(place))).await;
                        continue;
                    }
                    let job = Job { sequence, command, place };
                    let Some(lane) = lanes.get(lane_of(&job.command)) else { break None };
                    if lane.send(job).await.is_err() {
                        break None;
                    }
                }
                Ok(None) => break None,
                Err(broken) => break Some(broken),
            }
        };
        drop(lanes);
        while tasks.join_next().await.is_some() {}
        if let Some(ended) = ended {
            // A caller that has gone hears nothing.
            let _ = answers.send((Err(ended), None)).await;
        }
    }

    async fn lane(self, mut jobs: mpsc::Receiver<Job>, answers: Answers) {
        while let Some(Job { sequence, command, place }) = jobs.recv().await {
            let answer = answer(sequence, self.answer(command).await);
            // What is under way is done, whether or not somebody still listens.
            let _ = answers.send((Ok(answer), Some(place))).await;
        }
    }

    async fn command<R>(&self, bytes: &[u8]) -> Result<Receipt, Status>
    where
        R: IntoCommand + Message + Default,
    {
        let request = R::decode(bytes).map_err(|_| {
            invalid(
                "command.value",
                reason(ErrorReason::Malformed),
                "is not what its type_url says".to_owned(),
            )
        })?;
        let deadline = time::Instant::now() + VERDICT_WAIT_MAX;
        let terms = Terms { deadline, way: Way::Bulk, trace: self.trace.clone() };
        let answered = counted(&self.node, &self.caller, terms, request).await;
        answered.map_err(|refused| with_fresh_code(&self.node, &code_of(bytes), refused))
    }
}

/// All commands of a dossier share a lane.
fn lane_of(command: &Any) -> usize {
    let mut hasher = DefaultHasher::new();
    code_of(&command.value).hash(&mut hasher);
    usize::try_from(hasher.finish() % LANES as u64).unwrap_or_default()
}

fn answer(sequence: u64, answered: Result<Receipt, Status>) -> pb::SubmitResponse {
    let answer = match answered {
        Ok(receipt) => Answer::Receipt(receipt),
        Err(refused) => Answer::Failure(failure(&refused)),
    };
    pb::SubmitResponse { sequence, answer: Some(answer) }
}

fn failure(refused: &Status) -> pb::Failure {
    let info = refused.get_details_error_info();
    pb::Failure {
        code: refused.code().into(),
        message: refused.message().to_owned(),
        reason: info.map(|info| info.reason).unwrap_or_default(),
        details: refused.details().to_vec(),
    }
}

macro_rules! commands {
    ($($package:literal $area:ident { $($request:ident)* })*) => {
        impl Call {
            /// Carries out a command whatever it is.
            async fn answer(&self, command: Any) -> Result<Receipt, Status> {
                let name = command.type_url.rsplit(TYPE_URL).next().unwrap_or_default();
                match name {
                    $($(concat!($package, ".", stringify!($request)) => {
                        self.command::<$area::v1::$request>(&command.value).await
                    })*)*
                    _ => {
                        let message = "names no request that commands something, such as lienthong.ward_desk.v1.ReceiveRequest";
                        Err(invalid("command.type_url", reason(ErrorReason::UnknownValue), message.to_owned()))
                    }
                }
            }
        }
    };
}

commands! {
    "lienthong.ward_desk.v1" ward_desk {
        FileRequest ReceiveRequest RefuseRequest HandInSupplementRequest RequestWithdrawalRequest CollectFeeRequest
        CancelFeeRequest HandOverResultRequest
    }
    "lienthong.casework.v1" casework {
        OfferCustodyRequest WithdrawOfferRequest AcceptCustodyRequest ReturnCustodyRequest CompleteStepRequest
        EndWaitRequest RequestSupplementRequest PlaceHoldRequest LiftHoldRequest ExtendRequest ReferRequest
        AcceptReferralRequest ReturnReferralRequest AnswerReferralRequest DecideWithdrawalRequest StopRequest
        ResumeRequest IssueResultRequest RecallResultRequest EraseRequest AdoptRequest SucceedRequest
        RecomputeRequest IssueReceiptRequest ReconcilePaymentRequest
    }
    "lienthong.land_registry.v1" land_registry {
        SendTaxInformationRequest EnterLandRegisterRequest
    }
    "lienthong.tax_office.v1" tax_office {
        AcceptSlipRequest ReturnSlipRequest IssueNoticeRequest AdjustNoticeRequest CancelNoticeRequest
        RecordPaymentRequest CancelPaymentRequest RecordDebtRequest
    }
    "lienthong.history.v1" history {
        ImportHistoryRequest
    }
}

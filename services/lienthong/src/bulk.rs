//! One bulk call, shared by many who each wait for their own answer. One that breaks is replaced by the next command.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lienthong_wire::pb::bulk::v1::bulk_client::BulkClient;
use lienthong_wire::pb::bulk::v1::submit_response::Answer;
use lienthong_wire::pb::bulk::v1::{Failure, SubmitRequest, SubmitResponse};
use lienthong_wire::pb::common::v1::Receipt;
use lienthong_wire::{Any, Message};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Channel;
use tonic::{Code, Status, Streaming};

/// Commands on their way into the call.
const WAITING_MAX: usize = 64;
/// How long one command may take: longer than a node waits for its own record.
const ANSWER_MAX: Duration = Duration::from_secs(30);

/// The way to a service that takes commands in bulk.
pub(crate) struct Bulk {
    client: BulkClient<Channel>,
    call: tokio::sync::Mutex<Option<Arc<Call>>>,
}

/// One call that stands.
struct Call {
    commands: mpsc::Sender<SubmitRequest>,
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    next: u64,
    /// Who waits for which answer; none once the call has ended.
    answers: Option<HashMap<u64, oneshot::Sender<Result<Receipt, Status>>>>,
}

impl Bulk {
    /// The service at the other end of a channel. Nothing is asked of it yet.
    pub(crate) fn new(channel: Channel) -> Self {
        Self { client: BulkClient::new(channel), call: tokio::sync::Mutex::default() }
    }

    /// Carries out one command, whose request has that full name, beside all others.
    ///
    /// # Errors
    /// What the command's own method would have answered; `UNAVAILABLE` when the call breaks, where sending the same again is
    /// safe.
    pub(crate) async fn submit(&self, name: &str, request: &impl Message) -> Result<Receipt, Status> {
        let command = Any { type_url: format!("type.googleapis.com/{name}"), value: request.encode_to_vec() };
        let call = self.standing().await?;
        let (sequence, answer) = call.expect().ok_or_else(broken)?;
        let request = SubmitRequest { sequence, command: Some(command) };
        let answered = timeout(ANSWER_MAX, async {
            call.commands.send(request).await.map_err(|_| broken())?;
            answer.await.map_err(|_| broken())?
        });
        answered.await.unwrap_or_else(|_| {
            call.forget(sequence);
            Err(Status::deadline_exceeded("the command was not answered in time"))
        })
    }

    /// The call, made anew where there is none that stands.
    async fn standing(&self) -> Result<Arc<Call>, Status> {
        let mut standing = self.call.lock().await;
        if let Some(call) = standing.as_ref().filter(|call| call.stands()) {
            return Ok(Arc::clone(call));
        }
        let (commands, sent) = mpsc::channel(WAITING_MAX);
        let answers = self.client.clone().submit(ReceiverStream::new(sent)).await?.into_inner();
        let waiting = Waiting { next: 0, answers: Some(HashMap::new()) };
        let call = Arc::new(Call { commands, waiting: Mutex::new(waiting) });
        tokio::spawn(hand_out(Arc::downgrade(&call), answers));
        *standing = Some(Arc::clone(&call));
        Ok(call)
    }
}

/// Gives each answer to whoever waits for it, until the call ends.
async fn hand_out(call: std::sync::Weak<Call>, mut answers: Streaming<SubmitResponse>) {
    let ended = loop {
        match answers.message().await {
            Ok(Some(SubmitResponse { sequence, answer })) => {
                let Some(call) = call.upgrade() else { return };
                let answer = match answer {
                    Some(Answer::Receipt(receipt)) => Ok(receipt),
                    Some(Answer::Failure(failure)) => Err(refused(failure)),
                    None => Err(Status::internal("an answer says nothing")),
                };
                if let Some(waits) = call.lock().answers.as_mut().and_then(|all| all.remove(&sequence)) {
                    // Whoever gave up waits no more.
                    let _ = waits.send(answer);
                }
            }
            Ok(None) => break broken(),
            Err(status) => break status,
        }
    };
    let Some(call) = call.upgrade() else { return };
    for waits in call.lock().answers.take().into_iter().flatten().map(|(_, waits)| waits) {
        let _ = waits.send(Err(ended.clone()));
    }
}

impl Call {
    fn stands(&self) -> bool {
        self.lock().answers.is_some()
    }

    /// The next number, and where its answer comes; none where the call has ended.
    fn expect(&self) -> Option<(u64, oneshot::Receiver<Result<Receipt, Status>>)> {
        let mut waiting = self.lock();
        let sequence = waiting.next;
        let (waits, answer) = oneshot::channel();
        waiting.answers.as_mut()?.insert(sequence, waits);
        waiting.next += 1;
        Some((sequence, answer))
    }

    fn forget(&self, sequence: u64) {
        if let Some(answers) = &mut self.lock().answers {
            answers.remove(&sequence);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn refused(failure: Failure) -> Status {
    let Failure { code, message, details, .. } = failure;
    Status::with_details(Code::from(code), message, details.into())
}

fn broken() -> Status {
    Status::unavailable("the bulk call has ended")
}

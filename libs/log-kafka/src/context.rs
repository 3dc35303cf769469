//! What librdkafka says by itself goes to tracing; what it says of its reader, of topics and of what is wrong is kept for
//! whoever has to know.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, ConsumerContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::statistics::Statistics;

use crate::state::lock;
use crate::topic_ids::TopicIds;

/// The context of a client. Cloning gives another handle to the same one.
#[derive(Clone, Default)]
pub(crate) struct Context {
    /// By topic and partition, the next offset that the client will fetch once all it has fetched is read: unlike the last
    /// record, it has passed what is no record, such as the end of a transaction.
    fetching: Arc<Mutex<Fetching>>,
    ids: Arc<TopicIds>,
    /// Lines of the log so far.
    lines: Arc<AtomicU64>,
    /// Held by whoever hears: what another thread is just hearing was not heard yet.
    hearing: Arc<Mutex<()>>,
    /// Why brokers cannot be reached, where it is more than that they do not answer.
    reason: Arc<Mutex<Option<String>>>,
}

/// By topic and partition; none while something fetched waits.
type Fetching = HashMap<(String, i32), Option<i64>>;

impl Context {
    /// For a reader that shares with others what they hear of topics.
    pub(crate) fn of_reader(ids: &Arc<TopicIds>) -> Self {
        Self { ids: Arc::clone(ids), ..Self::default() }
    }

    /// Why brokers cannot be reached: who we are, whom we believe, or what their name is.
    pub(crate) fn reason(&self) -> Option<String> {
        lock(&self.reason).clone()
    }

    /// They were reached.
    pub(crate) fn reached(&self) {
        lock(&self.reason).take();
    }

    /// Hears all that a client has said by itself, and gives the first error of it.
    pub(crate) fn hear(&self, consumer: &BaseConsumer<Self>) -> Option<KafkaError> {
        let _alone = lock(&self.hearing);
        let mut first = None;
        loop {
            let lines = self.lines.load(Ordering::Relaxed);
            // Gives nothing when it has heard a line, and nothing when there is none.
            match consumer.poll(Duration::ZERO) {
                Some(Err(error)) => first = first.or(Some(error)),
                Some(Ok(_)) => {}
                None if self.lines.load(Ordering::Relaxed) == lines => return first,
                None => {}
            }
        }
    }

    /// The next offset that is fetched of a partition, when nothing before it waits to be read, as far as librdkafka has
    /// said.
    pub(crate) fn fetching(&self, topic: &str, partition: i32) -> Option<u64> {
        let next = lock(&self.fetching).get(&(topic.to_owned(), partition)).copied().flatten()?;
        u64::try_from(next).ok()
    }
}

impl ClientContext for Context {
    fn log(&self, level: RDKafkaLogLevel, fac: &str, log_message: &str) {
        self.ids.hear(log_message);
        self.lines.fetch_add(1, Ordering::Relaxed);
        match level {
            RDKafkaLogLevel::Emerg
            | RDKafkaLogLevel::Alert
            | RDKafkaLogLevel::Critical
            | RDKafkaLogLevel::Error
            // A lost connection is an error to librdkafka and retried by it; the watchdog says when it matters.
            | RDKafkaLogLevel::Warning => tracing::warn!(target: "librdkafka", fac, "{log_message}"),
            RDKafkaLogLevel::Notice | RDKafkaLogLevel::Info => {
                tracing::info!(target: "librdkafka", fac, "{log_message}");
            }
            RDKafkaLogLevel::Debug => tracing::debug!(target: "librdkafka", fac, "{log_message}"),
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        use RDKafkaErrorCode as Code;
        if error.rdkafka_error_code() == Some(Code::PartitionEOF) {
            // Of a lane that was given up; nobody waits for it any more.
            return;
        }
        if let Some(Code::Authentication | Code::SSL | Code::Resolve) = error.rdkafka_error_code() {
            // What follows is how long it took, which is another time each time.
            let reason = reason.split_once(" (after ").map_or(reason, |(reason, _)| reason);
            *lock(&self.reason) = Some(reason.to_owned());
        }
        tracing::warn!(target: "librdkafka", error = %error, "{reason}");
    }

    fn stats(&self, statistics: Statistics) {
        tracing::debug!(
            target: "librdkafka",
            client = statistics.name,
            queued_replies = statistics.replyq,
            queued_messages = statistics.msg_cnt,
            queued_bytes = statistics.msg_size,
            sent_bytes = statistics.tx_bytes,
            received_bytes = statistics.rx_bytes,
            received_messages = statistics.rxmsgs,
            "statistics"
        );
        let mut fetching = lock(&self.fetching);
        for (name, topic) in &statistics.topics {
            for (number, partition) in &topic.partitions {
                let next = (partition.fetchq_cnt == 0).then_some(partition.next_offset);
                fetching.insert((name.clone(), *number), next);
            }
        }
    }
}

impl ConsumerContext for Context {}

//! Asking the brokers: which topics there are, where their partitions end, whether the last records still stand.
//! Every call blocks, each for a few requests at most.

use std::collections::BTreeMap;
use std::time::Instant;

use lienthong_log::{DOSSIER_PARTITIONS_MAX, Partition, Stored, Trouble};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::metadata::{Metadata, MetadataTopic};
use rdkafka::types::RDKafkaRespErr;
use rdkafka::{ClientConfig, Offset, TopicPartitionList};

use crate::address::{KafkaAddress, Topic, number};
use crate::context::Context;
use crate::error::OpenError;
use crate::record;
use crate::settings::REQUEST_MAX;
use crate::state::{Names, State};
use crate::topics::in_sync_min;

pub(crate) struct Brokers {
    address: KafkaAddress,
    names: Names,
    consumer: BaseConsumer<Context>,
}

/// What the brokers say of the topics.
pub(crate) struct Layout {
    pub(crate) dossier_partitions: u16,
    /// Of the partition that has the fewest.
    pub(crate) replicas: u16,
    /// What is the matter with partitions: no leader, too few in sync.
    pub(crate) troubles: Vec<Trouble>,
}

impl Brokers {
    /// A client with which to ask. `config` is that of a reader for asking.
    pub(crate) fn new(address: &KafkaAddress, config: &ClientConfig) -> Result<Self, KafkaError> {
        let consumer = config.create_with_context(Context::default())?;
        Ok(Self { address: address.clone(), names: Names::of(address), consumer })
    }

    pub(crate) fn address(&self) -> &KafkaAddress {
        &self.address
    }

    /// How many brokers there are.
    pub(crate) fn count(&self) -> Result<u16, OpenError> {
        let metadata = self.metadata(&self.address.topic(Topic::Registry))?;
        Ok(u16::try_from(metadata.brokers().len()).unwrap_or(u16::MAX))
    }

    /// Which topics of a log are there.
    pub(crate) fn present(&self) -> Result<Vec<Topic>, OpenError> {
        let mut present = Vec::new();
        for topic in Topic::ALL {
            if self.is_present(topic)? {
                present.push(topic);
            }
        }
        Ok(present)
    }

    /// Whether the log is being filled from another one.
    pub(crate) fn is_copying(&self) -> Result<bool, OpenError> {
        self.is_present(Topic::Copying)
    }

    fn is_present(&self, topic: Topic) -> Result<bool, OpenError> {
        let name = self.address.topic(topic);
        let metadata = self.metadata(&name)?;
        Ok(metadata.topics().iter().any(|topic| topic.name() == name && !is_missing(topic)))
    }

    /// The topics as they are now.
    pub(crate) fn layout(&self) -> Result<Layout, OpenError> {
        let mut layout = Layout { dossier_partitions: 0, replicas: u16::MAX, troubles: Vec::new() };
        for topic in Topic::ALL {
            let name = self.address.topic(topic);
            let metadata = self.metadata(&name)?;
            let found = metadata.topics().iter().find(|topic| topic.name() == name);
            let Some(found) = found.filter(|topic| !is_missing(topic)) else {
                let (address, others) = (self.address.clone(), self.present()?);
                return Err(match others.as_slice() {
                    [] => OpenError::Missing { address, topic: name },
                    _ => OpenError::Deleted { address, topic: name },
                });
            };
            let partitions = found.partitions().len();
            let max = if topic == Topic::Dossiers { DOSSIER_PARTITIONS_MAX } else { 1 };
            let fits = u16::try_from(partitions).ok().filter(|count| (1..=max).contains(count));
            let Some(count) = fits else {
                return Err(OpenError::Partitions { topic: name, found: partitions, max });
            };
            if topic == Topic::Dossiers {
                layout.dossier_partitions = count;
            }
            let replicas = found.partitions().iter().map(|partition| partition.replicas().len()).min();
            let replicas = u16::try_from(replicas.unwrap_or(0)).unwrap_or(u16::MAX);
            layout.replicas = layout.replicas.min(replicas);
            layout.troubles.extend(short_of_brokers(&name, found, in_sync_min(replicas)));
        }
        Ok(layout)
    }

    fn metadata(&self, topic: &str) -> Result<Metadata, OpenError> {
        let context = self.consumer.context();
        let metadata = self.consumer.fetch_metadata(Some(topic), REQUEST_MAX);
        context.hear(&self.consumer);
        if metadata.is_ok() {
            context.reached();
        }
        metadata.map_err(|error| OpenError::unreachable(&self.address, context.reason(), error))
    }

    /// The offset after the last one given, by partition: of a record, or of what ends a transaction.
    pub(crate) fn ends(
        &self,
        partitions: impl Iterator<Item = Partition>,
    ) -> Result<Vec<(Partition, u64)>, KafkaError> {
        self.offsets(partitions, Offset::End)
    }

    /// The first offset that is still there, by partition.
    pub(crate) fn starts(
        &self,
        partitions: impl Iterator<Item = Partition>,
    ) -> Result<Vec<(Partition, u64)>, KafkaError> {
        self.offsets(partitions, Offset::Beginning)
    }

    fn offsets(
        &self,
        partitions: impl Iterator<Item = Partition>,
        which: Offset,
    ) -> Result<Vec<(Partition, u64)>, KafkaError> {
        let wanted: Vec<Partition> = partitions.collect();
        let mut asked = TopicPartitionList::new();
        for partition in &wanted {
            asked.add_partition_offset(self.name(*partition), number(*partition), which)?;
        }
        let answer = self.consumer.offsets_for_times(asked, REQUEST_MAX)?;
        let ends = wanted.into_iter().filter_map(|partition| {
            let found = answer.find_partition(self.name(partition), number(partition))?;
            match (found.error(), found.offset()) {
                (Ok(()), Offset::Offset(end)) => Some((partition, u64::try_from(end).ok()?)),
                // A partition without a leader; the layout says so.
                _ => None,
            }
        });
        Ok(ends.collect())
    }

    /// The first offset and the one after the last of a partition.
    pub(crate) fn bounds(&self, partition: Partition) -> Result<(i64, i64), KafkaError> {
        self.consumer.fetch_watermarks(self.name(partition), number(partition), REQUEST_MAX)
    }

    /// The offset after the last one of the erasable values.
    pub(crate) fn erasable_end(&self) -> Result<u64, KafkaError> {
        self.erasable_bounds().map(|(_, end)| end)
    }

    /// The first offset and the one after the last of the erasable values.
    pub(crate) fn erasable_bounds(&self) -> Result<(u64, u64), KafkaError> {
        let (start, end) = self.consumer.fetch_watermarks(&self.names.erasable, 0, REQUEST_MAX)?;
        Ok((u64::try_from(start).unwrap_or(0), u64::try_from(end).unwrap_or(0)))
    }

    /// Reads the last record of every partition again. The first one that is another now, or is gone, is named.
    pub(crate) fn stand(&self, state: &State) -> Result<(), Stranger> {
        let mut known: BTreeMap<Partition, Stored> =
            state.partitions().filter_map(|partition| Some((partition, state.last(partition)?))).collect();
        let mut places = TopicPartitionList::new();
        for (partition, stored) in &known {
            let at = Offset::Offset(i64::try_from(stored.offset).unwrap_or(i64::MAX));
            // Fails only for a number that is no offset.
            let _ = places.add_partition_offset(self.name(*partition), number(*partition), at);
        }
        if self.consumer.assign(&places).is_err() {
            return Ok(());
        }
        let began = Instant::now();
        let mut found = Ok(());
        while !known.is_empty() && began.elapsed() < REQUEST_MAX && found.is_ok() && !state.is_over() {
            match self.consumer.poll(std::time::Duration::from_millis(50)) {
                Some(Ok(message)) => {
                    use rdkafka::message::Message;
                    let partition = state.partition_of(&self.names, message.topic(), message.partition());
                    let Some(partition) = partition else { continue };
                    let Some(before) = known.remove(&partition) else { continue };
                    if before != record::stored(&message) {
                        found = Err(self.stranger(partition, before.offset));
                    }
                }
                Some(Err(error)) if is_out_of_range(&error) => {
                    // Which one the error does not say; all that are left cannot be told apart.
                    found = known
                        .first_key_value()
                        .map_or(Ok(()), |(partition, stored)| Err(self.stranger(*partition, stored.offset)));
                }
                Some(Err(_)) | None => {}
            }
        }
        let _ = self.consumer.unassign();
        found
    }

    pub(crate) fn stranger(&self, partition: Partition, offset: u64) -> Stranger {
        Stranger { topic: self.name(partition).to_owned(), partition: number(partition), offset }
    }

    fn name(&self, partition: Partition) -> &str {
        self.names.of_partition(partition)
    }
}

/// A topic is not the one that the log was opened on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "topic {topic} is not the one this log was opened on: what was read at partition {partition} offset {offset} is not \
     there any more; it was deleted and made anew, or cut short"
)]
pub(crate) struct Stranger {
    topic: String,
    partition: i32,
    offset: u64,
}

/// Whether an offset that was there is not any more.
pub(crate) fn is_out_of_range(error: &KafkaError) -> bool {
    use RDKafkaErrorCode as Code;
    let KafkaError::MessageConsumption(code) = error else { return false };
    matches!(code, Code::AutoOffsetReset | Code::OffsetOutOfRange | Code::LogTruncation)
}

fn is_missing(topic: &MetadataTopic) -> bool {
    use RDKafkaRespErr as Error;
    let missing = [
        Error::RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART,
        Error::RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_ID,
        Error::RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION,
    ];
    topic.error().is_some_and(|error| missing.contains(&error)) || topic.partitions().is_empty()
}

/// Partitions that cannot be written to just now.
fn short_of_brokers(name: &str, topic: &MetadataTopic, in_sync_min: u16) -> Option<Trouble> {
    let all = topic.partitions();
    let without_leader = all.iter().filter(|partition| partition.leader() < 0).count();
    let short = all.iter().filter(|partition| partition.isr().len() < usize::from(in_sync_min)).count();
    let what = if without_leader > 0 {
        format!("{without_leader} of {} partitions of topic {name} have no leader", all.len())
    } else if short > 0 {
        format!(
            "{short} of {} partitions of topic {name} have fewer than {in_sync_min} replicas in sync",
            all.len()
        )
    } else {
        return None;
    };
    Some(Trouble { what, mend: None })
}

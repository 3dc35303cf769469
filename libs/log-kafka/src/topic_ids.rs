//! The ids of the topics: what tells a topic from one of the same name that was made after it was deleted.
//!
//! librdkafka reads on in the new topic, at the offset where it stood in the old one (see the note in its
//! `rd_kafka_topic_metadata_update`), and says so nowhere but in a line of its debug log. That line comes by the same way
//! as what it reads, ahead of the new topic's first record. So whoever has heard all that a client said before it gives
//! on what it read gives on no record of a stranger.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock};

use crate::state::lock;

/// What librdkafka must be told to say in its debug log. Not `topic`, which says this line, too: it also tells of each
/// partition that is let go of, while the queue is locked that the line is to go into, and then waits for itself.
pub(crate) const DEBUG: &str = "metadata";
/// The id of a topic that no broker was asked about yet.
const NO_ID: &str = "AAAAAAAAAAAAAAAAAAAAAA";

/// The first id that any reader of a log heard of each topic, and whether one heard another.
#[derive(Default)]
pub(crate) struct TopicIds {
    first: Mutex<HashMap<String, String>>,
    anew: OnceLock<MadeAnew>,
}

/// A topic has another id than it had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("topic {topic} is not the one this log was opened on: it was deleted and made anew")]
pub(crate) struct MadeAnew {
    topic: String,
}

impl TopicIds {
    /// Takes a line of the debug log.
    pub(crate) fn hear(&self, line: &str) {
        let Some((topic, id)) = parse(line) else { return };
        let mut first = lock(&self.first);
        if first.entry(topic.to_owned()).or_insert_with(|| id.to_owned()) != id {
            let _ = self.anew.set(MadeAnew { topic: topic.to_owned() });
        }
    }

    /// # Errors
    /// A topic is another one now.
    pub(crate) fn check(&self) -> Result<(), MadeAnew> {
        self.anew.get().cloned().map_or(Ok(()), Err)
    }
}

/// The topic and its new id, of a line such as `[thrd:main]: Topic NAME changed id from ID to ID`.
fn parse(line: &str) -> Option<(&str, &str)> {
    let (before, after) = line.split_once(" changed id from ")?;
    let (_, topic) = before.rsplit_once("Topic ")?;
    let (_, id) = after.split_once(" to ")?;
    (id != NO_ID).then_some((topic, id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_another_one_once_its_id_is() {
        let ids = TopicIds::default();
        let check = |line: &str, expected: Option<&str>| {
            ids.hear(line);
            assert_eq!(ids.check().err().map(|anew| anew.topic).as_deref(), expected, "{line}");
        };
        check("[thrd:main]: Topic a changed id from AAAAAAAAAAAAAAAAAAAAAA to oWNEVi1zSPmAs1F4nKuMXQ", None);
        check("[thrd:main]: Topic b changed id from AAAAAAAAAAAAAAAAAAAAAA to 9NDg4u3VTQ6wKMKtHo_t2g", None);
        // A second reader.
        check("[thrd:main]: Topic a changed id from AAAAAAAAAAAAAAAAAAAAAA to oWNEVi1zSPmAs1F4nKuMXQ", None);
        check("[thrd:main]: Topic a changed id from oWNEVi1zSPmAs1F4nKuMXQ to AAAAAAAAAAAAAAAAAAAAAA", None);
        check("[thrd:main]: Topic a [0] Leader 1 Epoch 0", None);
        check(
            "[thrd:main]: Topic a changed id from AAAAAAAAAAAAAAAAAAAAAA to 9NDg4u3VTQ6wKMKtHo_t2g",
            Some("a"),
        );
        check(
            "[thrd:main]: Topic b changed id from 9NDg4u3VTQ6wKMKtHo_t2g to oWNEVi1zSPmAs1F4nKuMXQ",
            Some("a"),
        );
    }
}

//! Tests that are about what a node makes of its log run on every log there is.

use std::path::Path;
use std::sync::Arc;

use lienthong_log::EventLog;
use lienthong_log_kafka::Security;

use crate::logs::{LogUrl, open_log};

/// What the log of a test lies on: a file, or a real broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum On {
    Embedded,
    Kafka,
}

/// Of each function, a test per log: `embedded::…` and `kafka::…`. They take the log's kind.
macro_rules! on_every_log {
    ($($test:ident)+) => {
        mod embedded {
            $(
                #[tokio::test]
                async fn $test() {
                    super::$test($crate::testing::On::Embedded).await;
                }
            )+
        }

        mod kafka {
            $(
                #[tokio::test]
                async fn $test() {
                    super::$test($crate::testing::On::Kafka).await;
                }
            )+
        }
    };
}

pub(crate) use on_every_log;

impl On {
    /// A place where no log is yet. `dir` must live as long as the log.
    pub(crate) async fn place(self, dir: &Path) -> LogUrl {
        match self {
            Self::Embedded => LogUrl::Embedded(tempfile::tempdir_in(dir).unwrap().keep()),
            // Blocks until there is a broker.
            Self::Kafka => tokio::task::spawn_blocking(|| {
                let (broker, prefix) = (lienthong_broker::shared(), lienthong_broker::fresh_prefix());
                format!("kafka://{broker}/{prefix}").parse().unwrap()
            })
            .await
            .unwrap(),
        }
    }

    /// An empty log.
    pub(crate) async fn fresh(self, dir: &Path, partitions: u16) -> Arc<dyn EventLog> {
        open(&self.place(dir).await, partitions).await
    }
}

/// The log at a place, made where there is none.
pub(crate) async fn open(place: &LogUrl, partitions: u16) -> Arc<dyn EventLog> {
    open_log(place, &Security::default(), Some(partitions)).await.unwrap()
}

//! Every log there is: what is about services and not about how their log is stored runs on each.

use std::path::Path;
use std::sync::Arc;

use lienthong_log::EventLog;
use lienthong_log_kafka::Security;
use lienthong_node::{LogUrl, open_log};
use tempfile::TempDir;

use super::process::{Process, Up};

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
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn $test() {
                    super::$test($crate::support::on::On::Embedded).await;
                }
            )+
        }

        mod kafka {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn $test() {
                    super::$test($crate::support::on::On::Kafka).await;
                }
            )+
        }
    };
}

pub(crate) use on_every_log;

/// A folder, and the log that has its keys and projections there.
pub(crate) struct Place {
    pub(crate) dir: TempDir,
    pub(crate) log: LogUrl,
}

impl Place {
    /// Where no log is yet.
    pub(crate) async fn new(on: On) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let log = match on {
            On::Embedded => LogUrl::Embedded(dir.path().to_owned()),
            On::Kafka => {
                // Blocks until there is a broker.
                let broker = tokio::task::spawn_blocking(lienthong_broker::shared).await.unwrap();
                format!("kafka://{broker}/{}", lienthong_broker::fresh_prefix()).parse().unwrap()
            }
        };
        Self { dir, log }
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// The log, made with so many partitions where there is none.
    pub(crate) async fn open(&self, partitions: Option<u16>) -> Arc<dyn EventLog> {
        open_log(&self.log, &Security::default(), partitions).await.unwrap()
    }

    /// `lienthong up --training` on it; ready.
    pub(crate) fn up(&self, more: &[&str]) -> Up {
        Up::ready(self.starting(more))
    }

    /// The same, not waited for.
    pub(crate) fn starting(&self, more: &[&str]) -> Process {
        let (log, dir) = (self.log.to_string(), self.path().display().to_string());
        let up = ["up", "--training", "--free-ports", "--output", "json", "--log", &log, "--dir", &dir];
        Process::start(&[&up, more].concat())
    }
}

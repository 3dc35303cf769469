//! A log that is ready to be judged, with its progress on stderr.

use std::sync::Arc;

use lienthong_audit::Audit;

use super::bar::Bar;
use super::failure;
use super::reach::{Reach, Reached};
use crate::exit::Failure;

pub(super) struct Opened {
    pub(super) audit: Audit,
    reached: Reached,
    bar: Bar,
}

impl Opened {
    pub(super) async fn open(reach: &Reach) -> Result<Self, Failure> {
        let bar = Bar::new()?;
        let reached = reach.open().await?;
        match Audit::open(Arc::clone(&reached.source), Arc::new(bar.clone())).await {
            Ok(audit) => Ok(Self { audit, reached, bar }),
            Err(error) => {
                reached.close().await;
                Err(failure(error))
            }
        }
    }

    pub(super) async fn close(self) {
        self.bar.clear();
        self.reached.close().await;
    }
}

//! The contract of a copy's target.

use std::sync::Arc;

use async_trait::async_trait;
use lienthong_log::contract::{Refused, RestorePlace};
use lienthong_log::{EventLog, RestoreLog};

use super::{PLAN, address};
use crate::{KafkaAddress, KafkaLog, KafkaRestore, Security, TopicPlan};

struct Place(KafkaAddress);

#[async_trait]
impl RestorePlace for Place {
    fn takes_gaps(&self) -> bool {
        false
    }

    async fn restore(&self, dossier_partitions: u16) -> Result<Arc<dyn RestoreLog>, Refused> {
        let plan = TopicPlan { dossier_partitions, ..PLAN };
        Ok(Arc::new(KafkaRestore::open_or_create(&self.0, &Security::default(), plan).await?))
    }

    async fn open(&self) -> Result<Arc<dyn EventLog>, Refused> {
        Ok(Arc::new(KafkaLog::open(&self.0, &Security::default()).await?))
    }
}

async fn place() -> Place {
    Place(address().await)
}

lienthong_log::restore_tests!(place);

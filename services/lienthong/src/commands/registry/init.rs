//! `registry init`: makes a log.

use std::path::PathBuf;

use clap::Args;
use lienthong_log::{DOSSIER_PARTITIONS_MAX, EventLog};
use lienthong_log_kafka::{KafkaLog, Security, TopicPlan};
use lienthong_node::{Charter, CharterError, Founding, LogUrl, open_log, telemetry};
use lienthong_registry::{LogKind, training};
use serde_json::json;

use crate::commands::dossier::words::TRAINING;
use crate::commands::pack::read_packs;
use crate::commands::{block_on, security};
use crate::exit::{Failure, with_causes};
use crate::passphrase::{advice, key_folder};
use crate::{Format, Output};

/// What a production log is called unless told otherwise.
const NAME_DEFAULT: &str = "Thanh Hóa";

#[derive(Debug, Args)]
pub(crate) struct Init {
    /// Where: embedded:DIR or kafka://HOST:PORT[,HOST:PORT]/PREFIX
    #[arg(long, value_name = "URL")]
    log: LogUrl,
    /// Folder of the keys [default: the log's own]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// A training log (TẬP HUẤN): nothing in it is valid anywhere else
    #[arg(long)]
    training: bool,
    /// What the log is called
    #[arg(long, value_name = "NAME", default_value = NAME_DEFAULT, conflicts_with = "training")]
    name: String,
    /// How many partitions dossiers are spread over, for good
    #[arg(long, value_name = "N", default_value_t = training::PARTITIONS,
        value_parser = clap::value_parser!(u16).range(1..=i64::from(DOSSIER_PARTITIONS_MAX)))]
    partitions: u16,
    /// How many brokers keep each record [default: 3, or all where there are fewer]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    replicas: Option<u16>,
    /// A procedure pack beside the shipped ones; may be repeated
    #[arg(long, value_name = "FILE")]
    pack: Vec<PathBuf>,
    /// What is logged to stderr, in the form of RUST_LOG
    #[arg(long, value_name = "FILTER", default_value = "error", env = "LIENTHONG_LOG_FILTER")]
    log_filter: String,
}

pub(super) fn run(init: &Init, output: &mut Output<'_>) -> Result<(), Failure> {
    telemetry::start(&init.log_filter);
    let charter = block_on(make(init))?;
    let kind = if charter.registry.kind() == LogKind::Training { "training" } else { "production" };
    let (log_id, agencies) = (charter.log_id.to_string(), charter.registry.agencies().len());
    let partitions = charter.registry.partitions();
    if output.format() == Format::Json {
        output.json(&json!({
            "log": init.log.to_string(),
            "log_id": log_id,
            "kind": kind,
            "agencies": agencies,
            "partitions": partitions,
        }));
        return Ok(());
    }
    if charter.registry.kind() == LogKind::Training {
        output.text(TRAINING);
    }
    output.text(&format!("Đã lập nhật ký       {}", init.log));
    output.text(&format!("Mã nhật ký (log_id)  {log_id}"));
    output.text(&format!("Cơ quan              {agencies}"));
    output.text(&format!("Phân vùng            {partitions}"));
    output.note("keep keys/authority.key, keys/recovery.key and keys/recovery-signing.key offline");
    Ok(())
}

async fn make(init: &Init) -> Result<Charter, Failure> {
    let packs = read_packs(&init.pack).map_err(Failure::of_setting)?;
    let security = security()?;
    let log = empty_log(init, &security).await?;
    let made = found(&*log, init, &packs).await;
    log.close().await;
    made
}

/// The log, its topics made, with no genesis yet or half of one.
async fn empty_log(init: &Init, security: &Security) -> Result<std::sync::Arc<dyn EventLog>, Failure> {
    if let LogUrl::Kafka(address) = &init.log {
        let plan = TopicPlan { dossier_partitions: init.partitions, replicas: init.replicas };
        let made = KafkaLog::create(address, security, plan).await;
        made.map_err(|error| {
            Failure::unreachable(&error, "mend what it names and run the same command again")
        })?;
    }
    let opened = open_log(&init.log, security, Some(init.partitions)).await;
    opened.map_err(|error| Failure::unreachable(&error, "mend what it names and run the same command again"))
}

async fn found(
    log: &dyn EventLog,
    init: &Init,
    packs: &[std::sync::Arc<lienthong_registry::Pack>],
) -> Result<Charter, Failure> {
    match Charter::open(log, None).await {
        Err(CharterError::Empty | CharterError::Unfinished { .. }) => {}
        Ok(there) => {
            let what = format!("there is a log at {} already, with id {}", init.log, there.log_id);
            return Err(Failure::refused(what, "name another place, or use the log that is there"));
        }
        Err(error) => {
            return Err(Failure::unreachable(&error, "what is there is no log of ours: name another place"));
        }
    }
    let dir = init.dir.clone().unwrap_or_else(|| init.log.folder());
    let keys = key_folder(&dir);
    let keys = keys.map_err(|error| {
        Failure::config(with_causes(&error), advice(&error, "mend that, or name another --dir"))
    })?;
    let founding = match init.training {
        true => Founding::training(packs),
        false => Founding { kind: LogKind::Production, name: &init.name, packs },
    };
    Charter::found(log, &keys, &founding).await.map_err(|error| match &error {
        CharterError::Registry(_) | CharterError::Gaps { .. } => {
            Failure::config(with_causes(&error), "mend what it names; nothing was written to the log")
        }
        CharterError::OtherGenesis => Failure::refused(
            with_causes(&error),
            "a genesis was begun there with other keys or packs: give those, or name another place",
        ),
        CharterError::Key(fault) => {
            Failure::config(with_causes(&error), advice(fault, "mend the key folder it names"))
        }
        CharterError::Empty
        | CharterError::Unfinished { .. }
        | CharterError::OtherLog { .. }
        | CharterError::Genesis(_)
        | CharterError::Unwritten(_)
        | CharterError::Read(_)
        | CharterError::Append(_)
        | CharterError::Training(_) => {
            Failure::unreachable(&error, "run the same command again: it finishes what it began")
        }
    })
}

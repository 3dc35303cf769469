//! A service on brokers listens from its first moment on and says why it is not ready: what is wrong with the log, and
//! the command that mends it. What can be mended makes it ready by itself; what cannot never does.

use std::time::{Duration, Instant};

use bytes::Bytes;
use lienthong_log::{EventLog, Partition, Record};
use lienthong_log_kafka::{KafkaLog, Security, TopicPlan};
use tonic::Code;

use super::support::broker::{CONFIGS, PERFORMANCE, Running, Site, TOPICS};
use super::support::clients::Service;
use super::support::denied::denied;
use super::support::story::{carry_out, code, transfer};

/// What a caller gives a command while the broker is away.
const DEADLINE: Duration = Duration::from_secs(3);
/// Of the log that is caught up with.
const RECORDS: u64 = 150_000;

async fn refuses(running: &Running, told: &[&str]) {
    let refused = transfer(&code(1))[0].send(&running.clients()).await.unwrap_err();
    let denied = denied(&refused);
    assert_eq!((denied.code, denied.reason.as_str()), (Code::Unavailable, "NOT_READY"), "{refused}");
    assert!(told.iter().all(|text| refused.message().contains(text)), "{refused}");
}

/// Does what a reason says would mend it, with the tool that it names.
fn mend(site: &Site, why: &str) {
    let (_, command) = why.split_once("(to mend it: kafka-configs.sh ").unwrap();
    let (command, _) = command.split_once(')').unwrap();
    site.tool(CONFIGS, &command.split_whitespace().collect::<Vec<_>>());
}

fn set(site: &Site, topic: &str, setting: &str) {
    site.ask(
        CONFIGS,
        &["--alter", "--entity-type", "topics", "--entity-name", topic, "--add-config", setting],
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_setting_is_named_with_the_command_that_mends_it() {
    let site = Site::new().await;
    site.init(&["--training"]);
    let topic = site.topic("dossiers");
    set(&site, &topic, "retention.ms=604800000");
    let desk = site.service(Service::WardDesk, &[]);
    let told = [&topic[..], "retention.ms=604800000", "must have -1"];
    let why = desk.is_unready(&told).await;
    refuses(&desk, &told).await;
    mend(&site, &why);
    desk.is_ready().await;
    carry_out(&desk.clients(), &transfer(&code(1))[..2]).await;

    // The same under a service that runs: it is noticed, and what stands is answered meanwhile.
    let registry = site.topic("registry");
    set(&site, &registry, "cleanup.policy=[compact,delete]");
    let why = desk.is_unready(&[&registry, "cleanup.policy=compact,delete"]).await;
    assert_eq!(desk.clients().timeline(&code(1)).await.len(), 2);
    mend(&site, &why);
    desk.is_ready().await;
    carry_out(&desk.clients(), &transfer(&code(1))[2..3]).await;
    desk.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_is_another_than_it_was_is_never_served() {
    let site = Site::new().await;
    let ours = site.init(&["--training", "--partitions", "4"]);
    let pinned = [("LIENTHONG_LOG_ID", ours["log_id"].as_str().unwrap())];

    // Another genesis, and what is no genesis at all, as record 0.
    let theirs = Site::beside(&site.cluster);
    let other = theirs.init(&["--training", "--partitions", "4"]);
    let desk = theirs.service(Service::WardDesk, &pinned);
    let told = [pinned[0].1, other["log_id"].as_str().unwrap(), "to mend it", "log_id"];
    desk.is_unready(&told).await;
    refuses(&desk, &told).await;
    desk.stop().await;
    let noise = Site::beside(&site.cluster);
    with_record_0(&noise, b"\x0a\x03no genesis").await;
    let desk = noise.service(Service::WardDesk, &pinned);
    desk.is_unready(&["genesis cannot be used", "record 0", "to mend it"]).await;
    desk.stop().await;

    // More partitions, under a service that runs and before one starts.
    let desk = site.service(Service::WardDesk, &pinned);
    desk.is_ready().await;
    site.ask(TOPICS, &["--alter", "--topic", &site.topic("dossiers"), "--partitions", "5"]);
    desk.is_unready(&["had 4 dossier partitions and now has 5"]).await;
    let refused = transfer(&code(1))[0].send(&desk.clients()).await.unwrap_err();
    assert_eq!(denied(&refused).code, Code::Unavailable, "{refused}");
    desk.stop().await;
    let desk = site.service(Service::WardDesk, &pinned);
    let told = ["has 5 dossier partitions", "genesis says 4", "never changed"];
    desk.is_unready(&told).await;
    refuses(&desk, &told).await;
    desk.stop().await;
}

/// Topics of a log whose registry begins with this.
async fn with_record_0(site: &Site, value: &'static [u8]) {
    let address = site.log.strip_prefix("kafka://").unwrap().parse().unwrap();
    let plan = TopicPlan { dossier_partitions: 4, replicas: Some(1) };
    KafkaLog::create(&address, &Security::default(), plan).await.unwrap();
    let log = KafkaLog::open(&address, &Security::default()).await.unwrap();
    let record = Record { key: Bytes::new(), headers: Vec::new(), value: Bytes::from_static(value) };
    log.append(Partition::Registry, record).await.unwrap();
    log.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_production_log_on_one_broker_is_not_served() {
    let site = Site::new().await;
    assert_eq!(site.init(&["--partitions", "4"])["kind"], "production");
    let auditor = site.service(Service::Auditor, &[]);
    let told =
        ["production log", "at least 3 machines, 2 of them in sync", "to mend it", "min.insync.replicas"];
    auditor.is_unready(&told).await;
    auditor.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_broker_is_away_queries_go_on_and_commands_end_in_time_and_are_safe_to_repeat() {
    let site = Site::new().await;
    site.init(&["--training"]);
    let desk = site.service(Service::WardDesk, &[]);
    desk.is_ready().await;
    let (clients, story) = (desk.clients(), transfer(&code(1)));
    carry_out(&clients, &story[..1]).await;

    site.cluster.kill(0).unwrap();
    let since = Instant::now();
    let refused = story[1].send_within(&clients, DEADLINE).await.unwrap_err();
    assert!(since.elapsed() < DEADLINE, "{:?}", since.elapsed());
    assert_eq!(denied(&refused).code, Code::Unavailable, "{refused}");
    assert_eq!(clients.timeline(&code(1)).await.len(), 1);
    let broker = site.cluster.bootstrap();
    desk.is_unready(&["brokers", broker]).await;
    // Now that it knows, nobody has to wait.
    let since = Instant::now();
    let refused = story[1].send_within(&clients, DEADLINE).await.unwrap_err();
    assert!(since.elapsed() < DEADLINE / 3, "{:?}", since.elapsed());
    assert_eq!(denied(&refused).code, Code::Unavailable, "{refused}");
    assert_eq!(clients.dossier(&code(1)).await.status, 2);

    let cluster = std::sync::Arc::clone(&site.cluster);
    tokio::task::spawn_blocking(move || cluster.restart(0).unwrap()).await.unwrap();
    desk.is_ready().await;
    // Whether the first one was done or not, it is done once now.
    let first = story[1].send_within(&clients, DEADLINE).await.unwrap();
    let again = story[1].send_within(&clients, DEADLINE).await.unwrap();
    assert!(again.repeated);
    assert_eq!((&again.leaf, again.position), (&first.leaf, first.position));
    carry_out(&clients, &story[2..3]).await;
    let leaves: Vec<_> = clients.timeline(&code(1)).await.into_iter().map(|entry| entry.leaf).collect();
    assert_eq!(leaves.len(), 3);
    assert_eq!(leaves[1], first.leaf);
    desk.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_was_stopped_while_it_caught_up_goes_on_from_where_it_was() {
    let site = Site::new().await;
    site.init(&["--training"]);
    let (records, brokers) = (RECORDS.to_string(), format!("bootstrap.servers={}", site.cluster.bootstrap()));
    let fill = ["--topic", &site.topic("dossiers"), "--num-records", &records, "--record-size", "100"];
    let fill = [&fill[..], &["--throughput", "-1", "--producer-props", &brokers, "linger.ms=5"]].concat();
    site.tool(PERFORMANCE, &fill);
    let auditor = site.service(Service::Auditor, &[]);
    let said = auditor.says(|said| judged(&said.why).is_some_and(|(judged, _)| judged > RECORDS / 20)).await;
    let (before, of) = judged(&said.why).unwrap();
    assert_eq!(of, RECORDS);
    auditor.stop().await;
    let auditor = site.service(Service::Auditor, &[]);
    auditor.is_ready().await;
    let ended = auditor.stop().await;
    let to_go = ended.stderr.lines().find_map(|line| line.split_once("to_go=")).unwrap().1;
    let to_go: u64 = to_go.split(' ').next().unwrap().parse().unwrap();
    assert!(to_go <= RECORDS - before, "{to_go}");
}

/// How many records are judged of how many, where a service says so.
fn judged(why: &[String]) -> Option<(u64, u64)> {
    let text = why.iter().find_map(|why| why.strip_prefix("catching up with the log: "))?;
    let (_, rest) = text.split_once(" of ")?;
    let (of, rest) = rest.split_once(" records applied")?;
    let (_, judged) = rest.split_once(" to go, ")?;
    let (judged, _) = judged.split_once(" of them judged")?;
    Some((judged.parse().ok()?, of.parse().ok()?))
}

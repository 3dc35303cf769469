//! Services that are asked over the network before and while their logs can be used.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use lienthong_log::{Condition, EventLog};
use lienthong_wire::pb::casework::v1::casework_client::CaseworkClient;
use lienthong_wire::pb::casework::v1::casework_server::{CaseworkServer, SERVICE_NAME};
use lienthong_wire::pb::node::v1::node_client::NodeClient;
use lienthong_wire::pb::reading::v1::reading_client::ReadingClient;
use lienthong_wire::pb::reading::v1::reading_server::ReadingServer;
use lienthong_wire::pb::reading::v1::{GetDigestRequest, GetDossierRequest};
use tonic::Code;
use tonic::transport::Channel;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus as Health;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt as _;

use super::*;
use crate::casework::CaseworkService;
use crate::reading::ReadingService;
use crate::server::{Serving, listen, serve};
use crate::status::RETRY_WHEN_UNAVAILABLE;
use crate::testing::outage::{Outage, away, trouble};
use crate::testing::*;

fn site(log: &Arc<Outage>) -> Site {
    Site::over(Arc::clone(log) as Arc<dyn EventLog>, &training_charter())
}

fn faces(node: &Node) -> Routes {
    Routes::new(CaseworkServer::new(CaseworkService::new(node.clone())))
        .add_service(ReadingServer::new(ReadingService::new(node.clone())))
}

/// Whoever asks a service.
struct Caller {
    casework: CaseworkClient<Channel>,
    reading: ReadingClient<Channel>,
    node: NodeClient<Channel>,
    health: HealthClient<Channel>,
}

impl Caller {
    async fn of(serving: &Serving) -> Self {
        let channel = Channel::from_shared(format!("http://{}", serving.address)).unwrap();
        let channel = channel.connect().await.unwrap();
        Self {
            casework: CaseworkClient::new(channel.clone()),
            reading: ReadingClient::new(channel.clone()),
            node: NodeClient::new(channel.clone()),
            health: HealthClient::new(channel),
        }
    }

    async fn readiness(&mut self) -> pb::Readiness {
        self.node.get_readiness(pb::GetReadinessRequest {}).await.unwrap().into_inner()
    }

    /// The health now, and each one after it.
    async fn health(&mut self) -> futures::stream::BoxStream<'static, Health> {
        let request = HealthCheckRequest { service: SERVICE_NAME.to_owned() };
        let watched = self.health.watch(request).await.unwrap().into_inner();
        watched.map(|answer| answer.unwrap().status()).boxed()
    }

    /// A command that must be refused for now.
    async fn refused(&mut self, why: &str, text: &str) {
        let status = self.casework.complete_step(first_step_request()).await.unwrap_err();
        assert_eq!(reason_of(&status), (Code::Unavailable, why.to_owned()), "{status}");
        assert!(status.message().contains(text), "{status}");
        let delay = status.get_details_retry_info().unwrap().retry_delay;
        assert_eq!(delay, Some(RETRY_WHEN_UNAVAILABLE));
    }
}

#[tokio::test]
async fn a_service_is_asked_before_its_node_is_there_and_says_what_it_waits_for() {
    let log = Outage::new(PARTITIONS, None);
    let site = site(&log);
    let desk = site.desk().await;
    desk.submit(reception()).await.unwrap();
    desk.stop().await;

    let door = Door::closed("ward-desk", "the log is being opened");
    let serving = listen(&door, "127.0.0.1:0".parse().unwrap(), &[SERVICE_NAME]).await.unwrap();
    let mut caller = Caller::of(&serving).await;
    let mut health = caller.health().await;
    assert_eq!(health.next().await, Some(Health::NotServing));
    caller.refused("NOT_READY", "the log is being opened").await;
    door.stay_closed("no broker answers at b1:9092".to_owned());
    caller.refused("NOT_READY", "no broker answers at b1:9092").await;
    let readiness = caller.readiness().await;
    assert_eq!((readiness.ready, readiness.why), (false, vec!["no broker answers at b1:9092".to_owned()]));
    assert_eq!((readiness.log_id.as_str(), readiness.release.as_str()), ("", env!("CARGO_PKG_VERSION")));

    log.fail_reads(Some(away()));
    let store = site.store("late");
    let node = Node::open(site.parts("ward-desk", &store)).await.unwrap();
    door.meet(node.clone(), faces(&node));
    caller.refused("NOT_READY", "catching up with the log: 0 of 1 records applied, 1 to go").await;
    let readiness = caller.readiness().await;
    let partition = lienthong_seal::partition_of(CODE, PARTITIONS).into();
    assert_eq!(readiness.lagging, [pb::Lagging { partition, applied: 0, end: 1 }]);
    assert_eq!((readiness.log_id, readiness.training), (node.log_id().to_string(), true));

    log.fail_reads(None);
    node.caught_up().await.unwrap();
    let serves = async { while health.next().await != Some(Health::Serving) {} };
    serves.await;
    assert!(!caller.casework.complete_step(first_step_request()).await.unwrap().into_inner().repeated);
    assert!(caller.readiness().await.ready);
    drop((caller, health));
    serving.stop().await;
    node.stop().await;
}

#[tokio::test]
async fn the_health_follows_the_log_both_ways_and_queries_go_on() {
    let log = Outage::new(PARTITIONS, None);
    let site = site(&log);
    let node = site.desk().await;
    node.submit(reception()).await.unwrap();
    let free = "127.0.0.1:0".parse().unwrap();
    let serving = serve(&node, free, faces(&node), &[SERVICE_NAME]).await.unwrap();
    let mut caller = Caller::of(&serving).await;
    let mut health = caller.health().await;
    assert_eq!(health.next().await, Some(Health::Serving));
    log.log.trouble(trouble());
    assert_eq!(health.next().await, Some(Health::NotServing));
    let text = "retention.ms is 7 days (to mend it: kafka-configs --alter)";
    caller.refused("LOG_UNAVAILABLE", text).await;
    assert_eq!(caller.readiness().await.why, [text]);
    let query = GetDossierRequest { code: CODE.to_owned(), ..Default::default() };
    assert_eq!(caller.reading.get_dossier(query).await.unwrap().into_inner().code, CODE);
    caller.reading.get_digest(GetDigestRequest { at_least: vec![] }).await.unwrap();
    log.log.trouble(Condition::default());
    assert_eq!(health.next().await, Some(Health::Serving));
    caller.casework.complete_step(first_step_request()).await.unwrap();
    drop((caller, health));
    serving.stop().await;
    node.stop().await;
}

#[tokio::test]
async fn who_gives_a_deadline_is_answered_before_it_and_may_send_the_same_again() {
    let log = Outage::new(PARTITIONS, None);
    let site = site(&log);
    let node = site.desk().await;
    node.submit(reception()).await.unwrap();
    let free = "127.0.0.1:0".parse().unwrap();
    let serving = serve(&node, free, faces(&node), &[SERVICE_NAME]).await.unwrap();
    let mut caller = Caller::of(&serving).await;
    log.hold_appends();
    let command = first_step_request();
    // The client itself gives up at its deadline, with another code.
    let mut request = Request::new(command.clone());
    request.set_timeout(Duration::from_secs(1));
    let unknown = caller.casework.complete_step(request).await.unwrap_err();
    assert_eq!(reason_of(&unknown), (Code::Unavailable, "OUTCOME_UNKNOWN".to_owned()), "{unknown}");
    log.land().await;
    assert!(caller.casework.complete_step(command).await.unwrap().into_inner().repeated);
    assert_eq!(site.records(CODE).await.len(), 2);
    drop(caller);
    serving.stop().await;
    node.stop().await;
}

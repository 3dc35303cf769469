//! A server on a free port of this machine, asked over the network.

mod callers;

use futures::StreamExt as _;
use lienthong_wire::pb::casework::v1::casework_server::{CaseworkServer, SERVICE_NAME};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tonic::transport::Channel;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus as Health;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

use super::*;
use crate::casework::CaseworkService;
use crate::incoming::PREFACE_MAX;
use crate::testing::*;

async fn served(node: &Node) -> Serving {
    let routes = Routes::new(CaseworkServer::new(CaseworkService::new(node.clone())));
    serve(node, "127.0.0.1:0".parse().unwrap(), routes, &[SERVICE_NAME]).await.unwrap()
}

async fn channel(serving: &Serving) -> Channel {
    Channel::from_shared(format!("http://{}", serving.address)).unwrap().connect().await.unwrap()
}

fn asking(service: &str) -> HealthCheckRequest {
    HealthCheckRequest { service: service.to_owned() }
}

#[tokio::test]
async fn without_tls_only_this_machine_is_listened_to() {
    let site = Site::new();
    let node = site.desk().await;
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let address = address.parse().unwrap();
        let refused = serve(&node, address, Routes::default(), &[]).await.err().unwrap();
        assert!(matches!(refused, ListenError::NotLoopback { address: of } if of == address));
    }
    let serving = served(&node).await;
    let taken = serve(&node, serving.address, Routes::default(), &[]).await.err().unwrap();
    assert!(matches!(taken, ListenError::Bind { address, .. } if address == serving.address));
    serving.stop().await;
    node.stop().await;
}

#[tokio::test]
async fn health_says_serving_until_the_node_fails() {
    let site = Site::new();
    let node = site.desk().await;
    check_health(&node, || async { node.failed().cancel() }).await;
}

#[tokio::test]
async fn health_says_serving_until_the_node_drains() {
    let site = Site::new();
    let node = site.desk().await;
    check_health(&node, || node.drain()).await;
}

async fn check_health<F: Future<Output = ()>>(node: &Node, end: impl FnOnce() -> F) {
    let serving = served(node).await;
    let mut health = HealthClient::new(channel(&serving).await);
    for service in ["", SERVICE_NAME] {
        let answer = health.check(asking(service)).await.unwrap().into_inner();
        assert_eq!(answer.status(), Health::Serving, "{service:?}");
    }
    assert_eq!(health.check(asking("nothing")).await.unwrap_err().code(), tonic::Code::NotFound);
    let mut watch = health.watch(asking(SERVICE_NAME)).await.unwrap().into_inner();
    assert_eq!(watch.next().await.unwrap().unwrap().status(), Health::Serving);
    end().await;
    assert_eq!(watch.next().await.unwrap().unwrap().status(), Health::NotServing);
    drop((watch, health));
    serving.stop().await;
    node.stop().await;
}

#[tokio::test]
async fn a_connection_that_does_not_begin_in_time_is_closed_and_one_that_has_begun_stays() {
    let site = Site::new();
    let node = site.desk().await;
    let serving = served(&node).await;
    let mut health = HealthClient::new(channel(&serving).await);
    let within = PREFACE_MAX / 2..PREFACE_MAX * 2;
    let since = Instant::now();
    let mut slow = Vec::new();
    for said in [&b""[..], b"PRI * HTTP/2.0\r\n\r\nSM"] {
        let mut stream = TcpStream::connect(serving.address).await.unwrap();
        stream.write_all(said).await.unwrap();
        slow.push(stream);
    }
    for mut stream in slow {
        let mut told = Vec::new();
        let closed = timeout(within.end, stream.read_to_end(&mut told)).await;
        // Whether it is reset or ends makes no difference.
        assert!(closed.is_ok() && within.contains(&since.elapsed()), "{:?}", since.elapsed());
    }
    assert_eq!(health.check(asking("")).await.unwrap().into_inner().status(), Health::Serving);
    serving.stop().await;
    node.stop().await;
}

#[tokio::test]
async fn who_still_sends_when_the_server_ends_his_connection_hears_why_and_is_not_cut_off() {
    const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
    /// For no stream, which is a fault of the connection.
    const DATA: &[u8] = &[0, 0, 0, 0, 0, 0, 0, 0, 0];
    const GOAWAY: u8 = 7;
    let site = Site::new();
    let node = site.desk().await;
    let serving = served(&node).await;
    let mut stream = TcpStream::connect(serving.address).await.unwrap();
    stream.write_all(&[b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", SETTINGS, DATA].concat()).await.unwrap();
    let mut told = Vec::new();
    stream.read_to_end(&mut told).await.unwrap();
    let mut kinds = Vec::new();
    let mut rest = &told[..];
    while let [high, middle, low, kind, ..] = *rest {
        kinds.push(kind);
        rest = &rest[9 + u32::from_be_bytes([0, high, middle, low]) as usize..];
    }
    assert_eq!(kinds.last(), Some(&GOAWAY), "{kinds:?}");
    // The second of them would meet the answer to the first: that nobody is there any more.
    for _ in 0..2 {
        stream.write_all(&[0; 1_024]).await.unwrap();
    }
    drop(stream);
    serving.stop().await;
    node.stop().await;
}

#[tokio::test]
async fn reflection_lists_the_services_given_and_no_other() {
    let site = Site::new();
    let node = site.desk().await;
    let serving = served(&node).await;
    let mut reflection = ServerReflectionClient::new(channel(&serving).await);
    let list = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let asked = reflection.server_reflection_info(futures::stream::iter([list])).await.unwrap();
    let answer = asked.into_inner().next().await.unwrap().unwrap().message_response;
    let Some(MessageResponse::ListServicesResponse(listed)) = answer else { panic!("{answer:?}") };
    let mut names: Vec<_> = listed.service.into_iter().map(|service| service.name).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        ["grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", SERVICE_NAME, NODE_SERVICE]
    );
    drop(reflection);
    serving.stop().await;
    node.stop().await;
}

//! Metrics read over HTTP.

use std::time::Duration;

use lienthong_dossier::{Command, Line};
use lienthong_wire::pb::personal::v1::PersonalDetails;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tonic::service::Routes;

use super::*;
use crate::server::serve as serve_faces;
use crate::testing::*;

/// What a scraper reads.
async fn scrape(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let read = stream.read_to_string(&mut answer);
    tokio::time::timeout(Duration::from_secs(30), read).await.unwrap().unwrap();
    answer
}

fn has(text: &str, line: &str) {
    assert!(text.lines().any(|of| of == line), "{line} is not in\n{text}");
}

#[tokio::test]
async fn what_was_done_refused_and_applied_is_shown_without_a_word_of_a_person() {
    let site = Site::new();
    let node = site.desk().await;
    let address = "127.0.0.1:0".parse().unwrap();
    let serving = serve_faces(&node, address, Routes::default(), &[]).await.unwrap();
    let metrics = serve(address, &[&serving]).await.unwrap();
    node.submit(reception()).await.unwrap();
    for label in ["Tối mật", "của bà Nguyễn Thị Mẫu"] {
        let label = Some(Line::parse(label).unwrap());
        node.submit(Command { secrecy: label, ..reception() }).await.unwrap_err();
    }
    let text = scrape(metrics.address, "/metrics").await;
    assert!(text.starts_with("HTTP/1.1 200 OK") && text.contains("openmetrics-text"), "{text}");
    let name = node.0.name.as_str();
    for line in [
        &format!("lienthong_ready{{service=\"{name}\"}} 1"),
        &format!("lienthong_records_admitted_total{{service=\"{name}\"}} 1"),
        &format!("lienthong_records_void_total{{service=\"{name}\",reason=\"Stale\"}} 0"),
        &format!("lienthong_callers_refused_total{{service=\"{name}\",kind=\"unknown_issuer\"}} 0"),
        &format!(
            "lienthong_secret_papers_refused_total{{service=\"{name}\",agency=\"H56.2\",label=\"tối mật\"}} 1"
        ),
        &format!(
            "lienthong_secret_papers_refused_total{{service=\"{name}\",agency=\"H56.2\",label=\"other\"}} 1"
        ),
        &format!("lienthong_stores_moved_aside_total{{service=\"{name}\"}} 0"),
        "# TYPE lienthong_position gauge",
        "# EOF",
    ] {
        has(&text, line);
    }
    let positions =
        text.lines().filter(|line| line.starts_with("lienthong_position{") && line.ends_with(" 1"));
    assert_eq!(positions.count(), 1, "{text}");
    assert!(!text.contains("Mẫu"), "{text}");
    assert!(scrape(metrics.address, "/").await.starts_with("HTTP/1.1 404"));
    metrics.stop().await;
    serving.stop().await;
    node.stop().await;
}

#[tokio::test]
async fn what_was_done_beside_the_projection_is_shown() {
    let site = Site::over(Arc::new(lienthong_log::MemoryLog::new(PARTITIONS)), &erasable_charter());
    let node = site.desk().await;
    let address = "127.0.0.1:0".parse().unwrap();
    let serving = serve_faces(&node, address, Routes::default(), &[]).await.unwrap();
    let metrics = serve(address, &[&serving]).await.unwrap();
    node.submit(refusal(CODE, &PersonalDetails::default())).await.unwrap();
    node.submit(erase(CODE)).await.unwrap();
    node.0.upkeep.done().await;
    let text = scrape(metrics.address, "/metrics").await;
    let name = node.0.name.as_str();
    for (came_to, count) in [("forgotten", 1), ("retried", 0), ("left", 0), ("lost", 0)] {
        has(&text, &format!("lienthong_upkeep_total{{service=\"{name}\",came_to=\"{came_to}\"}} {count}"));
    }
    has(&text, &format!("lienthong_upkeep_waiting{{service=\"{name}\"}} 0"));
    metrics.stop().await;
    serving.stop().await;
    node.stop().await;
}

#[tokio::test]
async fn without_tls_metrics_are_for_this_machine_too() {
    let site = Site::new();
    let node = site.desk().await;
    let serving = serve_faces(&node, "127.0.0.1:0".parse().unwrap(), Routes::default(), &[]).await.unwrap();
    let refused = serve("0.0.0.0:0".parse().unwrap(), &[&serving]).await.err().unwrap();
    assert!(matches!(refused, ListenError::NotLoopback { .. }));
    serving.stop().await;
    node.stop().await;
}

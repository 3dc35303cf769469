//! A record of ours, seen by who has none of our code: Kafka's own consumer, CloudEvents 1.0, and the schema that
//! `lienthong schema` prints.

use std::path::Path;

use lienthong_broker::Cluster;
use lienthong_seal::{Hash, leaf, partition_of};
use lienthong_wire::pb::ward_desk::v1::ward_desk_client::WardDeskClient;
use prost_reflect::{DescriptorPool, DynamicMessage, ReflectMessage, Value};
use tonic::Request;

use super::support::broker::{CONSUMER, Site};
use super::support::clients::Service;
use super::support::command::Verb;
use super::support::process::{Process, Up};
use super::support::story::{PLANTED, code, transfer};
use super::support::{DESK, LAND};

const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
/// Between the parts of what the consumer prints; the last part is the value, byte for byte.
const SEPARATOR: &str = "<|>";
/// As many as `registry init` makes.
const PARTITIONS: u16 = 48;

/// A record as the console's consumer prints it.
struct Printed {
    key: String,
    headers: Vec<(String, String)>,
    value: Vec<u8>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kafka_s_own_consumer_shows_cloudevents_that_the_printed_schema_decodes() {
    let site = Site::new().await;
    site.init(&["--training"]);
    let up = Up::on(&site.log, site.dir.path());
    let story = transfer(&code(1));
    let Verb::Receive(reception) = story[0].verb.clone() else { panic!("no reception") };
    let mut traced = Request::new(reception);
    traced.metadata_mut().insert("traceparent", TRACE.parse().unwrap());
    let received = WardDeskClient::new(up.clients().channel(Service::WardDesk)).receive(traced).await;
    let leaves = [received.unwrap().into_inner().leaf, story[1].send(&up.clients()).await.unwrap().leaf];
    up.stop();

    let schema = schema(site.dir.path());
    let times = ["2026-11-02T01:15:00.000000Z", "2026-11-02T02:00:00.000000Z"];
    for (place, (leaf, time)) in leaves.iter().zip(times).enumerate() {
        let printed = printed(&site, place);
        assert_eq!(printed.key, code(1));
        let source = format!("/agencies/{DESK}");
        let mut expected = vec![
            ("ce_specversion", "1.0"),
            ("ce_id", leaf.as_str()),
            ("ce_type", "vn.lienthong.proposal.v1"),
            ("ce_source", source.as_str()),
            ("ce_subject", printed.key.as_str()),
            ("ce_time", time),
            ("content-type", "application/protobuf"),
        ];
        // Only the first of the two calls belonged to a trace.
        expected.extend((place == 0).then_some(("traceparent", TRACE)));
        let headers: Vec<_> = printed.headers.iter().map(|(name, value)| (&name[..], &value[..])).collect();
        assert_eq!(headers, expected);
        let body = body(&schema, &printed.value);
        assert_eq!(body.leaf.to_string(), *leaf);
        check(&body.message, place);
    }
}

/// What a record says, by its schema alone.
fn check(body: &DynamicMessage, place: usize) {
    let text = |name: &str| body.get_field_by_name(name).unwrap().as_str().unwrap().to_owned();
    assert_eq!((text("code"), text("agency")), (code(1), DESK.to_owned()));
    let actor = body.get_field_by_name("actor").unwrap();
    let actor = actor.as_message().unwrap();
    assert_eq!(actor.get_field_by_name("officer").unwrap().as_str(), Some("cb-01"));
    let events = body.get_field_by_name("events").unwrap();
    let kinds: Vec<_> = events.as_list().unwrap().iter().map(kind).collect();
    assert_eq!(kinds, [["dossier_accepted"], ["step_completed"]][place]);
    let prev = body.get_field_by_name("prev").unwrap();
    assert_eq!(prev.as_bytes().unwrap().len(), [0, 32][place]);
    // Who may not read it sees that there is something, and nothing of it.
    let json = serde_json::to_string(body).unwrap();
    assert!(json.contains("\"envelopes\""), "{json}");
    assert!(PLANTED.iter().all(|planted| !json.contains(planted)) && !json.contains(LAND), "{json}");
}

/// Which event it is: the field of the oneof that is set.
fn kind(event: &Value) -> String {
    let event = event.as_message().unwrap();
    let oneofs: Vec<_> = event.descriptor().oneofs().collect();
    let set = oneofs.iter().flat_map(|oneof| oneof.fields()).find(|field| event.has_field(field));
    set.unwrap().name().to_owned()
}

/// The schema as the command writes it into a file.
fn schema(dir: &Path) -> DescriptorPool {
    let file = dir.join("lienthong.binpb");
    let ended = Process::start(&["schema", "--out", file.to_str().unwrap()]).ended();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    DescriptorPool::decode(std::fs::read(file).unwrap().as_slice()).unwrap()
}

struct Body {
    leaf: Hash,
    message: DynamicMessage,
}

/// The body within a value, both without a byte that the schema does not know.
fn body(schema: &DescriptorPool, value: &[u8]) -> Body {
    let decode = |name: &str, bytes: &[u8]| {
        let message = schema.get_message_by_name(&format!("lienthong.log.v1.{name}")).unwrap();
        let message = DynamicMessage::decode(message, bytes).unwrap();
        assert_eq!(message.unknown_fields().count(), 0, "{message:?}");
        message
    };
    let entry = decode("Entry", value);
    let proposal = entry.get_field_by_name("proposal").unwrap();
    let proposal = proposal.as_message().unwrap();
    let seal = proposal.get_field_by_name("seal").unwrap();
    let signature = seal.as_message().unwrap().get_field_by_name("signature").unwrap();
    assert_eq!(signature.as_bytes().unwrap().len(), 64);
    let body = proposal.get_field_by_name("body").unwrap();
    let bytes = body.as_bytes().unwrap();
    Body { leaf: leaf(bytes), message: decode("Body", bytes) }
}

/// The record at an offset in the dossier's partition.
fn printed(site: &Site, offset: usize) -> Printed {
    let cluster: &Cluster = &site.cluster;
    let (partition, offset) = (partition_of(&code(1), PARTITIONS).to_string(), offset.to_string());
    let mut args = vec!["--bootstrap-server", cluster.bootstrap()];
    let topic = site.topic("dossiers");
    args.extend(["--topic", &topic, "--partition", &partition, "--offset", &offset, "--max-messages", "1"]);
    args.extend(["--timeout-ms", "20000"]);
    let separator = format!("key.separator={SEPARATOR}");
    for property in ["print.key=true", "print.headers=true", "print.value=true", &separator] {
        args.extend(["--property", property]);
    }
    let said = site.tool(CONSUMER, &args);
    let (headers, rest) = split(&said);
    let (key, value) = split(rest);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let headers = text(headers);
    // A name has no colon; a value may have.
    let headers = headers.split(',').map(|header| header.split_once(':').unwrap());
    Printed {
        key: text(key),
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        value: value.strip_suffix(b"\n").unwrap().to_vec(),
    }
}

fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    let separator = SEPARATOR.as_bytes();
    let at = bytes.windows(separator.len()).position(|window| window == separator).unwrap();
    (&bytes[..at], &bytes[at + separator.len()..])
}

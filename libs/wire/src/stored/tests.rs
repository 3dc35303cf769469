mod powers;
mod strategy;

use bytes::Bytes;
use lienthong_dossier::{DOCUMENTS_MAX, EVENTS_MAX, EventKind, Ground, LINES_MAX};
use lienthong_seal::{Hash, Signature, SigningKey, leaf};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use prost::Message as _;

use super::*;
use crate::pb::log::v1 as pb;

/// One body of each kind of event, the same in every run.
pub(super) fn bodies() -> Vec<Body> {
    let mut runner = TestRunner::deterministic();
    let mut any = |kind: BoxedStrategy<EventKind>| {
        strategy::body_of(kind).new_tree(&mut runner).map(|tree| tree.current()).unwrap()
    };
    strategy::kinds().into_iter().map(&mut any).collect()
}

fn decoded(bytes: &[u8]) -> Result<Body, DecodeFault> {
    decode_body(&Bytes::copy_from_slice(bytes))
}

fn message(body: &Body) -> pb::Body {
    pb::Body::decode(encode_body(body).as_slice()).unwrap()
}

proptest! {
    #[test]
    fn what_is_encoded_is_decoded(body in strategy::body()) {
        let bytes = encode_body(&body);
        prop_assert_eq!(decoded(&bytes), Ok(body));
    }

    #[test]
    fn one_changed_byte_never_gives_the_same_body(body in strategy::body(), at: prop::sample::Index, bit in 0..8) {
        let mut bytes = encode_body(&body);
        let at = at.index(bytes.len());
        bytes[at] ^= 1u8 << bit;
        prop_assert_ne!(decoded(&bytes), Ok(body));
    }

    #[test]
    fn decoding_is_total(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(body) = decoded(&bytes) {
            prop_assert_eq!(encode_body(&body), bytes);
        }
    }
}

#[test]
fn every_kind_of_event_has_a_field_and_is_tested() {
    let names: std::collections::BTreeSet<_> =
        bodies().iter().map(|body| body.act.events[0].kind.name()).collect();
    let pool = prost_reflect::DescriptorPool::decode(crate::DESCRIPTOR_SET).unwrap();
    let event = pool.get_message_by_name("lienthong.log.v1.Event").unwrap();
    let oneof = event.oneofs().find(|oneof| oneof.name() == "kind").unwrap();
    let camel = |name: &str| -> String {
        name.split('_').map(|word| word[..1].to_uppercase() + &word[1..]).collect()
    };
    let fields: std::collections::BTreeSet<_> = oneof.fields().map(|field| camel(field.name())).collect();
    assert_eq!(names.into_iter().map(str::to_owned).collect::<std::collections::BTreeSet<_>>(), fields);
}

#[test]
fn every_kind_round_trips() {
    for body in bodies() {
        assert_eq!(decoded(&encode_body(&body)).as_ref(), Ok(&body), "{}", body.act.events[0].kind.name());
    }
}

/// What is not the one encoding of a body, made from one that is.
fn check_refused(change: impl Fn(&[u8]) -> Vec<u8>) {
    for body in bodies() {
        let bytes = encode_body(&body);
        let changed = change(&bytes);
        assert_ne!(changed, bytes);
        let refused = decoded(&changed);
        assert!(matches!(refused, Err(DecodeFault::NotCanonical)), "{refused:?}");
    }
}

#[test]
fn unknown_fields_are_refused() {
    // Field 99, a varint.
    check_refused(|bytes| [bytes, &[0x98, 0x06, 0x01]].concat());
}

#[test]
fn reordered_fields_are_refused() {
    // The log id (tag, length, 32 bytes) goes to the end.
    check_refused(|bytes| [&bytes[34..], &bytes[..34]].concat());
}

#[test]
fn doubled_scalars_are_refused() {
    // Field 2, the rules, once more with the value they have.
    check_refused(|bytes| [bytes, &bytes[34..36]].concat());
}

#[test]
fn spelled_out_defaults_are_refused() {
    // Field 13, the data key's hash, empty, where it would stand.
    let mut body = bodies().remove(0);
    (body.data_key, body.envelopes, body.wraps) = (None, Vec::new(), Vec::new());
    let spelled = [encode_body(&body).as_slice(), &[0x6a, 0x00]].concat();
    assert_eq!(decoded(&spelled), Err(DecodeFault::NotCanonical));
}

#[test]
fn long_varints_are_refused() {
    // The rules, 1, in two bytes.
    check_refused(|bytes| [&bytes[..34], &[0x10, bytes[35] | 0x80, 0x00], &bytes[36..]].concat());
}

fn check_field(change: impl Fn(&mut pb::Body), field: &str, reason: &str) {
    let mut message = message(&bodies()[0]);
    change(&mut message);
    match decoded(&message.encode_to_vec()) {
        Err(DecodeFault::Field(invalid)) => {
            assert_eq!((invalid.field.as_str(), invalid.reason), (field, reason))
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_fault_names_its_field() {
    check_field(|body| body.log_id = Bytes::new(), "log_id", "MISSING");
    check_field(|body| body.log_id = Bytes::from_static(&[1; 31]), "log_id", "MALFORMED");
    check_field(|body| body.rules = 0, "rules", "MISSING");
    check_field(|body| body.code = String::new(), "code", "MISSING");
    check_field(|body| body.code = "x".repeat(51), "code", "TOO_LONG");
    check_field(|body| body.at_us = i64::MAX, "at_us", "OUT_OF_RANGE");
    check_field(|body| body.witness = None, "witness", "MISSING");
    check_field(|body| body.command_id = Bytes::from_static(&[1; 15]), "command_id", "MALFORMED");
    check_field(|body| body.agency = "a b".to_owned(), "agency", "MALFORMED");
    check_field(|body| body.actor = None, "actor", "MISSING");
    check_field(|body| body.actor = Some(pb::Actor::default()), "actor.officer", "MISSING");
    check_field(|body| body.actor.as_mut().unwrap().power = 0, "actor.power", "MISSING");
    check_field(|body| body.actor.as_mut().unwrap().power = 4, "actor.power", "UNKNOWN_VALUE");
    check_field(|body| body.events.clear(), "events", "MISSING");
    check_field(|body| body.events[0].kind = None, "events[0].kind", "MISSING");
    check_field(|body| body.events = vec![body.events[0].clone(); EVENTS_MAX + 1], "events", "TOO_MANY");
    let wrap =
        pb::Wrap { key_id: vec![1; 32].into(), encapsulated: vec![1; 32].into(), ..pb::Wrap::default() };
    check_field(|body| body.wraps = vec![wrap.clone()], "wraps[0].ciphertext", "MISSING");
}

fn check_kind(kind: pb::event::Kind, field: &str, reason: &str) {
    let event = pb::Event { kind: Some(kind), ..pb::Event::default() };
    check_field(|body| body.events = vec![event.clone()], &format!("events[0].{field}"), reason);
}

#[test]
fn lists_codes_and_days_of_events_are_checked() {
    let line = pb::NoticeLine {
        account: Some(pb::Account { taxpayer: 1, item: 2801 }),
        due_date: "2026-12-22".to_owned(),
        ..pb::NoticeLine::default()
    };
    let notice = |lines| {
        let issued = pb::NoticeIssued { referral: 1, notice: "TB-1".to_owned(), lines };
        pb::event::Kind::NoticeIssued(issued)
    };
    check_kind(notice(vec![line.clone(); LINES_MAX + 1]), "lines", "TOO_MANY");
    let day = pb::NoticeLine { due_date: "20261222".to_owned(), ..line.clone() };
    check_kind(notice(vec![day]), "lines[0].due_date", "MALFORMED");
    let nobody = pb::NoticeLine { account: None, ..line };
    check_kind(notice(vec![nobody]), "lines[0].account", "MISSING");

    let documents = vec![pb::Document::default(); DOCUMENTS_MAX + 1];
    let received = pb::SupplementReceived { documents, detail: String::new() };
    check_kind(pb::event::Kind::SupplementReceived(received), "documents", "TOO_MANY");
    let offered =
        pb::CustodyOffered { to: "land-office".to_owned(), medium: 3, ..pb::CustodyOffered::default() };
    check_kind(pb::event::Kind::CustodyOffered(offered), "medium", "UNKNOWN_VALUE");
    let returned = pb::CustodyReturned { ground: "x".repeat(Ground::BYTES_MAX + 1), detail: String::new() };
    check_kind(pb::event::Kind::CustodyReturned(returned), "ground", "TOO_LONG");
}

/// What the edge refuses of history, no record holds.
#[test]
fn history_of_another_system_is_checked_as_at_the_edge() {
    let told = pb::HistoryImported {
        source: "receipt".to_owned(),
        record: "case-10011".to_owned(),
        activities: vec![pb::Activity { name: "Confirmation".to_owned(), ..pb::Activity::default() }],
        ..pb::HistoryImported::default()
    };
    let check = |change: &dyn Fn(&mut pb::HistoryImported), field: &str, reason: &str| {
        let mut told = told.clone();
        change(&mut told);
        check_kind(pb::event::Kind::HistoryImported(Box::new(told)), field, reason);
    };
    for offset_minutes in [1440, -1440, i32::MAX, i32::MIN] {
        let change = |told: &mut pb::HistoryImported| told.activities[0].offset_minutes = offset_minutes;
        check(&change, "activities[0].offset_minutes", "OUT_OF_RANGE");
    }
    let line = || "a\u{1b}b".to_owned();
    check(&|told| told.record = line(), "record", "MALFORMED");
    check(&|told| told.activities[0].name = line(), "activities[0].name", "MALFORMED");
    check(&|told| told.activities[0].resource = Some(line()), "activities[0].resource", "MALFORMED");
    check(&|told| told.activities[0].group = Some(line()), "activities[0].group", "MALFORMED");
    check(&|told| told.activities[0].lifecycle = Some(line()), "activities[0].lifecycle", "MALFORMED");
    check(&|told| told.record.clear(), "record", "MISSING");
    check(&|told| told.record = "x".repeat(201), "record", "TOO_LONG");
    check(&|told| told.activities.clear(), "activities", "MISSING");
    check(&|told| told.activities[0].name.clear(), "activities[0].name", "MISSING");
}

#[test]
fn a_body_over_64_kib_is_too_large_and_nothing_else() {
    let bytes = vec![0xff; BODY_BYTES_MAX + 1];
    let fault = DecodeFault::TooLarge { bytes: BODY_BYTES_MAX + 1, bytes_max: BODY_BYTES_MAX };
    assert_eq!(decoded(&bytes), Err(fault));
    assert!(matches!(decoded(&bytes[1..]), Err(DecodeFault::Protobuf(_))));
}

fn proposal(body: &Body) -> Entry {
    let body = encode_body(body);
    let seals = SigningKey::from_seed(&[7; 32]).seal_all(Hash([1; 32]), &[leaf(&body), leaf(b"another")]);
    Entry::Proposal(Proposal { body: body.into(), seal: seals[0].clone() })
}

fn fence() -> Fence {
    Fence { log_id: Hash([1; 32]), n: 2, hash: Hash([3; 32]), signature: Signature([4; 64]) }
}

#[test]
fn entries_round_trip_and_no_other_encoding_of_them_is_taken() {
    for entry in [proposal(&bodies()[0]), Entry::Fence(fence())] {
        let value = Bytes::from(encode_entry(&entry));
        assert_eq!(decode_entry(&value), Ok(entry));
        let unknown = Bytes::from([&value, [0x98, 0x06, 0x01].as_slice()].concat());
        assert_eq!(decode_entry(&unknown), Err(DecodeFault::NotCanonical));
        assert!(decode_entry(&value.slice(1..)).is_err());
    }
    assert!(
        matches!(decode_entry(&Bytes::new()), Err(DecodeFault::Field(invalid)) if invalid.field == "entry")
    );
}

#[test]
fn the_body_of_an_entry_shares_its_memory() {
    let value = Bytes::from(encode_entry(&proposal(&bodies()[0])));
    let Ok(Entry::Proposal(Proposal { body, .. })) = decode_entry(&value) else { panic!() };
    assert!(value.as_ptr_range().contains(&body.as_ptr()));
}

#[test]
fn headers_are_those_of_the_cloudevents_binding() {
    let mut act = bodies()[0].act.clone();
    act.at = lienthong_calendar::Instant::parse("2026-11-22T08:15:00+07:00").unwrap();
    let trace = TraceParent::parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").unwrap();
    let headers = proposal_headers(Hash([0xab; 32]), &act, Some(&trace));
    let text = |name| {
        let header = headers.iter().find(|header| header.name == name).unwrap();
        String::from_utf8(header.value.to_vec()).unwrap()
    };
    assert_eq!(text("ce_specversion"), "1.0");
    assert_eq!(text("ce_id"), "ab".repeat(32));
    assert_eq!(text("ce_type"), PROPOSAL_TYPE);
    assert_eq!(text("ce_source"), format!("/agencies/{}", act.agency));
    assert_eq!(text("ce_subject"), act.code.as_str());
    assert_eq!(text("ce_time"), "2026-11-22T01:15:00.000000Z");
    assert_eq!(text("content-type"), "application/protobuf");
    assert_eq!(text("traceparent"), "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    assert_eq!(proposal_headers(Hash([0; 32]), &act, None).len(), 7);
    assert_eq!(fence_headers(&fence())[2].value, FENCE_TYPE);
}

#[test]
fn a_traceparent_of_another_form_is_left_out() {
    for text in [
        "",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
        "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
    ] {
        assert_eq!(TraceParent::parse(text), None, "{text}");
    }
}

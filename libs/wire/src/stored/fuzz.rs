//! Bytes that are said to be stored records. Whatever they are, there is an answer; and what is taken has no other bytes.

use bytes::Bytes;
use lienthong_fuzz::Target;
use prost::Message as _;
use serde_json::Value;

use super::revision::RegistryRecord;
use super::tests::bodies;
use super::*;
use crate::pb::log::v1 as pb;

lienthong_fuzz::targets!(entry, body, read, revision, details, trace_parent);

/// Values of the records of a partition in the vectors beside `docs/format.md`, broken ones among them.
fn vectors(partition: &str) -> Vec<Vec<u8>> {
    let log: Value = serde_json::from_str(include_str!("../../../../docs/vectors/log.json")).unwrap();
    let records = log.pointer(partition).and_then(Value::as_array).unwrap();
    // A value that is no text is a long run of zeros, which takes no mutation to make.
    let values = records.iter().filter_map(|record| record["value"].as_str());
    let values: Vec<_> = values.map(|value| hex::decode(value).unwrap()).collect();
    assert!(!values.is_empty(), "{partition}");
    values
}

fn entry() {
    Target::new(vectors("/dossiers/records")).check(|bytes| {
        if let Ok(entry) = decode_entry(&Bytes::copy_from_slice(bytes)) {
            assert_eq!(encode_entry(&entry), bytes);
        }
    });
}

fn body() {
    let of_proposal = |value: Vec<u8>| match decode_entry(&value.into()) {
        Ok(Entry::Proposal(proposal)) => Some(proposal.body.to_vec()),
        Ok(Entry::Fence(_)) | Err(_) => None,
    };
    let told = vectors("/dossiers/records").into_iter().filter_map(of_proposal);
    let any = bodies().iter().map(encode_body).collect::<Vec<_>>();
    let decoded = |bytes: &[u8]| decode_body(&Bytes::copy_from_slice(bytes));
    Target::new(told.chain(any)).bytes_max(BODY_BYTES_MAX + 1).check(move |bytes| match decoded(bytes) {
        Ok(body) => {
            assert_eq!(encode_body(&body), bytes);
            assert!(!body.act.events.is_empty());
            let headers = proposal_headers(body.log_id, &body.act, None);
            assert!(headers.iter().all(|header| std::str::from_utf8(&header.value).is_ok()), "{headers:?}");
        }
        Err(fault) => assert!(!fault.to_string().is_empty()),
    });
}

fn read() {
    let values = vectors("/reads");
    let bodies = values.iter().filter_map(|value| decode_read(&value.clone().into()).ok());
    let bodies: Vec<_> = bodies.map(|read| read.body.to_vec()).collect();
    Target::new(values.into_iter().chain(bodies)).check(|bytes| {
        if let Ok(read) = decode_read(&Bytes::copy_from_slice(bytes)) {
            assert_eq!(encode_read(&read), bytes);
        }
        if let Ok(body) = decode_read_body(bytes) {
            assert_eq!(encode_read_body(&body), bytes);
        }
    });
}

/// A registry's record as it is met, and the same around a revision that is met alone: mutations of that are not lost on the
/// shell.
fn revision() {
    let values = vectors("/registry");
    let inner = values.iter().filter_map(|value| pb::RegistryEntry::decode(value.as_slice()).ok());
    let inner: Vec<_> = inner.map(|entry| entry.body.to_vec()).collect();
    let words = [
        "2026-12-01",
        "15:00",
        "ward-desk",
        "province",
        "07:30-11:30,13:30-17:30",
        "date,kind,status,name\n",
    ];
    Target::new(values.into_iter().chain(inner)).words(words).bytes_max(BODY_BYTES_MAX + 1).check(|bytes| {
        let around = pb::RegistryEntry {
            body: Bytes::copy_from_slice(bytes),
            signer_key_id: vec![1; 32].into(),
            signature: vec![2; 64].into(),
            fence: None,
        };
        for value in [Bytes::copy_from_slice(bytes), around.encode_to_vec().into()] {
            let Ok(record) = RegistryRecord::decode(&value) else { continue };
            match record.part() {
                Ok(part) => assert_eq!(part.prev, record.prev),
                Err(fault) => assert!(!fault.to_string().is_empty()),
            }
        }
    });
}

/// What stands in an envelope: any node's bytes, which every agency with access decodes and shows.
fn details() {
    use crate::pb::personal::v1::{Applicant, Particular, PersonalDetails, Plot};
    let details = PersonalDetails {
        applicant: Some(Applicant {
            name: "Lò Thị Mẫu".to_owned(),
            id_number: "999185000001".to_owned(),
            ..Applicant::default()
        }),
        plots: vec![Plot::default()],
        particulars: vec![Particular { name: "GhiChu".to_owned(), value: "Một".to_owned() }],
        text: "Đã đối chiếu".to_owned(),
        ..PersonalDetails::default()
    };
    Target::new([details.encode_to_vec()]).check(|bytes| {
        if let Ok(details) = PersonalDetails::decode(bytes) {
            let json = crate::json::to_json("lienthong.personal.v1.PersonalDetails", &details).unwrap();
            assert!(json.is_object());
            assert_eq!(PersonalDetails::decode(details.encode_to_vec().as_slice()), Ok(details));
        }
    });
}

fn trace_parent() {
    let seed = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    Target::new([seed]).words(["-", "00", "FF"]).check_text(|text| {
        if let Some(parent) = TraceParent::parse(text) {
            let act = bodies()[0].act.clone();
            let headers = proposal_headers(lienthong_seal::Hash([0; 32]), &act, Some(&parent));
            assert_eq!(headers.last().unwrap().value, text);
        }
    });
}

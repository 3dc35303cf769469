//! Copies of the log in which somebody changed, moved or removed something, and what of it is found by whom.

use lienthong_seal::{Hash, Verifier};
use lienthong_wire::stored::{Entry, decode_entry, encode_entry};
use serde_json::{Value, json};

use super::records::{hex, record, sent};
use super::registry::outcomes;
use crate::testing::{Kept, Sent};
use crate::*;

/// What becomes of the records of a dossier partition under the registry as it is.
pub(super) struct Judged {
    pub(super) codes: Vec<u8>,
    pub(super) leaves: Vec<Hash>,
    pub(super) chain: Hash,
    pub(super) digest: Hash,
    pub(super) next: u64,
}

pub(super) fn judged(revisions: &Revisions, partition: u16, records: &[Value]) -> Judged {
    let log_id = revisions.log_id();
    let (rows, verifier) = (Kept::default(), Verifier::default());
    let reading = Reading { log_id, partition, revisions, verifier: &verifier };
    let mut ledger = Ledger::new(partition, Cursor::start(log_id, partition));
    let (mut codes, mut leaves) = (Vec::new(), Vec::new());
    for written in records {
        let sent = sent(written);
        let headers: Vec<_> = sent.headers.iter().map(|(name, value)| (name.as_str(), &value[..])).collect();
        let record = Incoming {
            offset: written["offset"].as_u64().unwrap(),
            appended_ms: sent.appended_ms,
            key: &sent.key,
            headers: &headers,
            value: &sent.value,
        };
        let applied = ledger.apply(&reading, &rows, &record).unwrap();
        leaves.push(applied.leaf);
        codes.push(match applied.verdict {
            Verdict::Admitted(_) | Verdict::Fence(_) => 0,
            Verdict::Void { void, .. } => void.reason.code(),
        });
    }
    let cursor = ledger.cursor();
    Judged { codes, leaves, chain: cursor.chain, digest: cursor.verdict, next: cursor.next }
}

/// Each case: edits of the records of one partition, told by offset, and what a reader of the copy finds.
pub(super) fn written(log: &Value) -> Value {
    let dossiers = log["dossiers"]["records"].as_array().unwrap();
    let last = dossiers.len() as u64 - 1;
    let all = dossier_edits(dossiers, last);
    let mut cases: Vec<_> =
        all.into_iter().map(|(note, by, edits)| case(log, "dossiers", note, by, edits)).collect();
    let header = json!([{ "offset": 0, "set": { "headers": [["content-type", "78"]] } }]);
    let moved = json!([{ "offset": 1, "set": { "appended_ms": 7 } }]);
    cases.push(case(log, "registry", "a header of the genesis", "the next revision's history", header));
    cases.push(case(
        log,
        "registry",
        "the append time of a record that did not count",
        "the next revision's history",
        moved,
    ));
    let gone = json!([{ "offset": 5, "remove": true }]);
    cases.push(case(
        log,
        "registry",
        "a record that did not count is gone",
        "the next revision's history",
        gone,
    ));
    let undone = json!([{ "offset": 4, "remove": true }, { "offset": 5, "remove": true }, { "offset": 6, "remove": true }]);
    cases.push(case(log, "registry", "a revision is gone", "prev of the next one", undone));
    json!(cases)
}

type Edit = (&'static str, &'static str, Value);

fn dossier_edits(records: &[Value], last: u64) -> Vec<Edit> {
    let set = |offset: u64, what: Value| json!([{ "offset": offset, "set": what }]);
    let first = sent(&records[0]);
    let Entry::Proposal(mut proposal) = decode_entry(&first.value).unwrap() else { panic!("a proposal") };
    let mut body = proposal.body.to_vec();
    // The last byte is within a wrap's ciphertext: the body still decodes.
    *body.last_mut().unwrap() ^= 1;
    proposal.body = body.into();
    let bent = Sent { value: encode_entry(&Entry::Proposal(proposal)).into(), ..first };
    let bent = record(0, &bent)["value"].clone();
    let exchanged = |one: usize, other: usize| {
        let content = |of: &Value| json!({ "key": of["key"], "headers": of["headers"], "value": of["value"], "appended_ms": of["appended_ms"] });
        json!([
            { "offset": records[one]["offset"], "set": content(&records[other]) },
            { "offset": records[other]["offset"], "set": content(&records[one]) },
        ])
    };
    let witness = "the witness of the record after the 64th";
    let later = "a running hash known from elsewhere";
    vec![
        ("a byte of a body", "its seal", set(0, json!({ "value": bent }))),
        ("a header of an old record", witness, set(4, json!({ "headers": [["traceparent", "78"]] }))),
        (
            "the append time of an old record",
            witness,
            set(1, json!({ "appended_ms": records[1]["appended_ms"].as_i64().unwrap() + 1 })),
        ),
        ("two old records exchanged", witness, exchanged(4, 5)),
        ("the last record of a dossier is gone", witness, json!([{ "offset": 8, "remove": true }])),
        (
            "a record in the midst of a dossier is gone",
            "prev of the next one",
            json!([{ "offset": 1, "remove": true }]),
        ),
        ("a void record is gone", witness, json!([{ "offset": 2, "remove": true }])),
        ("a header of one of the newest 64", later, set(last, json!({ "headers": [] }))),
        ("the newest record is gone", later, json!([{ "offset": last, "remove": true }])),
    ]
}

fn case(log: &Value, partition: &str, note: &str, by: &str, edits: Value) -> Value {
    let mut case = json!({ "partition": partition, "note": note, "found_by": by });
    case["edits"] = edits;
    let found = found(log, &case);
    super::records::extend(&mut case, found);
    case
}

/// What a reader of the edited copy finds.
pub(super) fn found(log: &Value, case: &Value) -> Value {
    let (registry, dossiers) = (log["registry"].as_array().unwrap(), &log["dossiers"]);
    match case["partition"].as_str().unwrap() {
        "registry" => {
            let records = edited(registry, &case["edits"]);
            let (outcomes, revisions) = outcomes(&records);
            json!({ "outcomes": outcomes, "chain": hex(revisions.chain()) })
        }
        _ => {
            let (_, revisions) = outcomes(registry);
            let number = u16::try_from(dossiers["partition"].as_u64().unwrap()).unwrap();
            let records = edited(dossiers["records"].as_array().unwrap(), &case["edits"]);
            let judged = judged(&revisions, number, &records);
            json!({ "verdicts": judged.codes, "chain": hex(judged.chain), "verdict_digest": hex(judged.digest) })
        }
    }
}

fn edited(records: &[Value], edits: &Value) -> Vec<Value> {
    let mut records = records.to_vec();
    for edit in edits.as_array().unwrap() {
        let at = records.iter().position(|record| record["offset"] == edit["offset"]).unwrap();
        if edit["remove"].as_bool() == Some(true) {
            records.remove(at);
        } else {
            super::records::extend(&mut records[at], edit["set"].clone());
        }
    }
    records
}

//! Copies of the log in which somebody changed, moved or removed something, and what of it is found by whom.

use lienthong_seal::{Hash, Verifier};
use lienthong_wire::stored::{Entry, decode_entry, encode_entry};
use serde_json::{Value, json};

use super::readings;
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

/// Who finds a change, in the words of the document.
pub(super) const FINDERS: [&str; 5] = [SEAL, PREV, WITNESS, "the next revision's history", ELSEWHERE];
const SEAL: &str = "its seal";
const PREV: &str = "prev of the next one";
const WITNESS: &str = "the witness of the record after the 64th";
const ELSEWHERE: &str = "a running hash known from elsewhere";

/// The records of a partition as the file has them.
pub(super) fn records<'a>(log: &'a Value, partition: &str) -> &'a [Value] {
    let records = if partition == "dossiers" { &log["dossiers"]["records"] } else { &log[partition] };
    records.as_array().unwrap()
}

/// Each case: edits of the records of one partition, told by offset, and what a reader of the copy finds.
pub(super) fn written(log: &Value) -> Value {
    let registry = records(log, "registry");
    let of_dossiers = dossier_edits(records(log, "dossiers"));
    let mut cases: Vec<_> =
        of_dossiers.into_iter().map(|(note, edits)| case(log, "dossiers", note, edits)).collect();
    let header = json!([{ "offset": 0, "set": { "headers": [["content-type", "78"]] } }]);
    cases.push(case(log, "registry", "a header of the genesis", header));
    let void = at(registry, "no record of a registry");
    let moved = json!([{ "offset": void, "set": { "appended_ms": 7 } }]);
    cases.push(case(log, "registry", "the append time of a record that did not count", moved));
    let gone = removed([at(registry, "revision 1 again")]);
    cases.push(case(log, "registry", "a record that did not count is gone", gone));
    let first = at(registry, "revision 1: the land office's node seals for nobody");
    let undone = removed([first, first + 1, first + 2]);
    cases.push(case(log, "registry", "a revision is gone, and the copy of it too", undone));
    let reads = records(log, "reads");
    let gone = removed([at(reads, "a search that finds nothing")]);
    cases.push(case(log, "reads", "a reading is gone", gone));
    let last = reads.len() as u64 - 1;
    cases.push(case(log, "reads", "the newest reading is gone", removed([last])));
    json!(cases)
}

fn removed(offsets: impl IntoIterator<Item = u64>) -> Value {
    let remove = |offset: u64| json!({ "offset": offset, "remove": true });
    offsets.into_iter().map(remove).collect()
}

/// The offset of the record with that note.
fn at(records: &[Value], note: &str) -> u64 {
    let found = records.iter().find(|record| record["note"] == note);
    found.unwrap_or_else(|| panic!("no record: {note}"))["offset"].as_u64().unwrap()
}

fn dossier_edits(records: &[Value]) -> Vec<(&'static str, Value)> {
    let last = records.last().unwrap()["offset"].as_u64().unwrap();
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
    let later = records[1]["appended_ms"].as_i64().unwrap() + 1;
    vec![
        ("a byte of a body", set(0, json!({ "value": bent }))),
        ("a header of an old record", set(4, json!({ "headers": [["traceparent", "78"]] }))),
        ("the append time of an old record", set(1, json!({ "appended_ms": later }))),
        ("two old records exchanged", exchanged(4, 5)),
        ("the only record of a dossier is gone", removed([8])),
        ("a record in the midst of a dossier is gone", removed([at(records, "on to the step that asks")])),
        ("one is gone of which a copy stands behind it, which now counts", removed([1])),
        ("a void record is gone", removed([2])),
        ("a header of one of the newest 64", set(last, json!({ "headers": [] }))),
        ("the newest record is gone", removed([last])),
    ]
}

fn case(log: &Value, partition: &str, note: &str, edits: Value) -> Value {
    let mut case = json!({ "partition": partition, "note": note });
    case["edits"] = edits;
    let found = found(log, &case);
    super::records::extend(&mut case, found);
    case
}

/// What a reader of the edited copy comes to, and by what it is found out.
pub(super) fn found(log: &Value, case: &Value) -> Value {
    let partition = case["partition"].as_str().unwrap();
    let copy = edited(records(log, partition), &case["edits"]);
    let (_, revisions) = outcomes(records(log, "registry"));
    let (told, mut found) = match partition {
        "registry" => {
            let (outcomes, revisions) = outcomes(&copy);
            ("outcome", json!({ "outcomes": outcomes, "chain": hex(revisions.chain()) }))
        }
        "reads" => {
            let (faults, chain) = readings::judged(&revisions, &copy);
            ("fault", json!({ "faults": faults, "chain": hex(chain) }))
        }
        _ => {
            let number = u16::try_from(log["dossiers"]["partition"].as_u64().unwrap()).unwrap();
            let judged = judged(&revisions, number, &copy);
            let digest = hex(judged.digest);
            let chain = hex(judged.chain);
            ("verdict", json!({ "verdicts": judged.codes, "chain": chain, "verdict_digest": digest }))
        }
    };
    found["found_by"] = finder(&copy, told, &found[format!("{told}s")]).into();
    found
}

/// What refuses the first record that had counted and does not count in the copy.
fn finder(copy: &[Value], told: &str, now: &Value) -> &'static str {
    let counts = |said: &Value| {
        *said == 0
            || *said == ""
            || said.as_str().is_some_and(|said| said == "part" || said.starts_with("whole"))
    };
    let each = copy.iter().map(|record| &record[told]).zip(now.as_array().unwrap());
    let Some((_, refused)) = each.into_iter().find(|(before, now)| counts(before) && !counts(now)) else {
        return ELSEWHERE;
    };
    match (refused.as_u64(), refused.as_str()) {
        (Some(11), _) => SEAL,
        (Some(7), _) | (_, Some("void NotNext")) => PREV,
        (Some(5), _) | (_, Some("OtherHistory")) => WITNESS,
        (_, Some("void OtherHistory")) => "the next revision's history",
        _ => panic!("{refused} finds nothing"),
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

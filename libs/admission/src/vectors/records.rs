//! Records as the vectors write them down, and back again.

use bytes::Bytes;
use lienthong_seal::Hash;
use serde_json::{Value, json};

use crate::testing::Sent;

/// So many bytes of zero in a row are written as their number.
const ZEROS_MIN: usize = 1_024;

/// A record of a dossier partition and what becomes of it.
pub(super) struct Vector {
    pub(super) note: String,
    pub(super) offset: u64,
    pub(super) sent: Sent,
    pub(super) leaf: Hash,
    pub(super) code: u8,
    /// The verdict follows only for who knows the rules of dossiers.
    pub(super) rules: bool,
    pub(super) chain: Hash,
    pub(super) digest: Hash,
}

impl Vector {
    pub(super) fn json(&self) -> Value {
        let mut record = record(self.offset, &self.sent);
        let reason = crate::Reason::from_code(self.code).map_or("", crate::Reason::name);
        let told = json!({
            "note": self.note, "leaf": hex(self.leaf), "verdict": self.code, "reason": reason,
            "rules": self.rules, "chain": hex(self.chain), "verdict_digest": hex(self.digest),
        });
        extend(&mut record, told);
        record
    }
}

pub(super) fn extend(record: &mut Value, told: Value) {
    let Value::Object(told) = told else { panic!("fields") };
    record.as_object_mut().unwrap().extend(told);
}

pub(super) fn record(offset: u64, sent: &Sent) -> Value {
    let header = |(name, value): &(String, Bytes)| json!([name, hex(value)]);
    json!({
        "offset": offset, "appended_ms": sent.appended_ms, "key": hex(&sent.key),
        "headers": sent.headers.iter().map(header).collect::<Vec<_>>(), "value": bytes(&sent.value),
    })
}

pub(super) fn hex(bytes: impl AsRef<[u8]>) -> String {
    hex::encode(bytes)
}

/// Hex; a long run of zeros is a number in the midst of hex.
fn bytes(bytes: &[u8]) -> Value {
    let run = |from: usize| bytes[from..].iter().take_while(|byte| **byte == 0).count();
    match (0..bytes.len()).find(|from| run(*from) >= ZEROS_MIN) {
        None => json!(hex(bytes)),
        Some(from) => json!([hex(&bytes[..from]), run(from), hex(&bytes[from + run(from)..])]),
    }
}

pub(super) fn sent(record: &Value) -> Sent {
    let text = |value: &Value| hex::decode(value.as_str().unwrap()).unwrap();
    let header = |header: &Value| (header[0].as_str().unwrap().to_owned(), Bytes::from(text(&header[1])));
    let value = match record["value"].as_array() {
        None => text(&record["value"]),
        Some(run) => [text(&run[0]), vec![0; run[1].as_u64().unwrap() as usize], text(&run[2])].concat(),
    };
    Sent {
        key: text(&record["key"]),
        headers: record["headers"].as_array().unwrap().iter().map(header).collect(),
        value: value.into(),
        appended_ms: record["appended_ms"].as_i64().unwrap(),
    }
}

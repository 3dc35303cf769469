//! Vectors of what is hashed, signed and encrypted, one by one.

use lienthong_seal::{
    AgencyKey, DataKey, Envelope, EnvelopePlace, ErasableHalf, Hash, PartitionChain, PartitionDigest, Seal,
    Signature, StateSum, Tree, Wrap, WrapPlace, WrappedHalf, chain, leaf, log_digest, murmur2, node,
    partition_of, read_leaf, root_from_path, service_digest, verdict,
};
use serde_json::{Value, json};

use super::fixed::{Halves, agency_key, parts, secret, secrets, signing};
use super::records::hex;
use super::strict;

const CODE: &str = "H56.2-261102-0001";

fn log_id() -> Hash {
    Hash(secret("log id"))
}

pub(super) fn written() -> Value {
    json!({
        "log_id": hex(log_id()),
        "secrets": secrets().iter().map(|(name, seed)| signing_key(name, *seed)).collect::<Vec<_>>(),
        "leaves": leaf_vectors(leaf),
        "read_leaves": leaf_vectors(read_leaf),
        "nodes": [json!({ "left": hex([1; 32]), "right": hex([2; 32]), "node": hex(node(Hash([1; 32]), Hash([2; 32]))) })],
        "trees": (1..=9).map(tree).collect::<Vec<_>>(),
        "seals": ([1, 2, 3, 7].map(seal)),
        "revisions": [revision(b"a revision's body")],
        "fences": [fence(1), fence(u64::MAX)],
        "signatures": strict::written(),
        "chains": chains(),
        "verdicts": verdicts(),
        "log_digests": [digest_of_log()],
        "states": [state(CODE, b"state"), state("other", b"")],
        "service_digests": [digest_of_service()],
        "partitions": partition_vectors(),
        "data_keys": [data_key()],
        "envelopes": [envelope("details", "Lò Thị Mẫu"), envelope("0", "")],
        "wraps": [wrap("land-office"), wrap("")],
    })
}

fn leaf_vectors(leaf: fn(&[u8]) -> Hash) -> Vec<Value> {
    let of = |body| json!({ "body": body, "leaf": hex(leaf(&hex::decode(body).unwrap())) });
    ["", "00", "6c69c3aa6e207468c3b46e67"].map(of).to_vec()
}

fn partition_vectors() -> Vec<Value> {
    let of = |code: &str| {
        json!({
            "code": code, "murmur2": murmur2(code.as_bytes()),
            "of_4": partition_of(code, 4), "of_48": partition_of(code, 48),
        })
    };
    ["", "a", "ab", "abc", "abcd", CODE, "H56.166-311231-9999", "nguồn/1"].map(of).to_vec()
}

fn signing_key(name: &str, seed: [u8; 32]) -> Value {
    let key = signing(name);
    json!({ "name": name, "seed": hex(seed), "public": hex(key.public()), "key_id": hex(key.key_id()) })
}

fn leaves(size: u8) -> Vec<Hash> {
    (0..size).map(|index| leaf(&[index])).collect()
}

/// Of the leaves of the bodies 00, 01, 02 …
fn tree(size: u8) -> Value {
    let leaves = leaves(size);
    let tree = Tree::new(&leaves);
    let paths: Vec<_> = (0..leaves.len()).map(|index| tree.path(index)).collect();
    for (index, path) in paths.iter().enumerate() {
        let root = root_from_path(leaves[index], index as u64, u64::from(size), path);
        assert_eq!(root, Some(tree.root()));
    }
    let paths: Vec<Vec<_>> = paths.iter().map(|path| path.iter().map(hex).collect()).collect();
    json!({ "size": size, "leaves": leaves.iter().map(hex).collect::<Vec<_>>(), "root": hex(tree.root()), "paths": paths })
}

fn seal(size: u8) -> Value {
    let (key, leaves) = (signing("node desk"), leaves(size));
    let index = usize::from(size / 2);
    let seal = key.seal_all(log_id(), &leaves).remove(index);
    seal.verify(log_id(), &key.public(), leaves[index]).unwrap();
    let root = Tree::new(&leaves).root();
    let message = [
        b"lienthong-seal-1".as_slice(),
        &log_id().0,
        &key.key_id().0,
        &u64::from(size).to_be_bytes(),
        &root.0,
    ];
    json!({
        "public": hex(key.public()), "leaf": hex(leaves[index]), "key_id": hex(seal.key_id),
        "tree_size": size, "leaf_index": index, "path": seal.path.iter().map(hex).collect::<Vec<_>>(),
        "message": hex(message.concat()), "signature": hex(seal.signature),
    })
}

fn revision(body: &[u8]) -> Value {
    let key = signing("authority");
    let signature = key.sign_revision(body);
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    let message = [b"lienthong-revision-1".as_slice(), &length, body].concat();
    json!({ "public": hex(key.public()), "body": hex(body), "message": hex(message), "signature": hex(signature) })
}

fn fence(n: u64) -> Value {
    let (key, hash) = (signing("authority"), leaf(b"the last record of a revision"));
    let signature = key.sign_fence(log_id(), n, hash);
    let message = [b"lienthong-fence-1".as_slice(), &log_id().0, &n.to_be_bytes(), &hash.0].concat();
    json!({
        "public": hex(key.public()), "n": n.to_string(), "hash": hex(hash), "message": hex(message),
        "signature": hex(signature),
    })
}

fn chains() -> Vec<Value> {
    let headers: [&[(&str, &[u8])]; 3] = [&[], &[("ce_type", b"x"), ("ce_type", b"")], &[("a", b"bc")]];
    let of = |partition| {
        let start = chain::start(log_id(), partition);
        let mut before = start;
        let records = headers.map(|headers| {
            before = chain::extend(before, 1_793_588_100_004, b"key", headers.iter().copied(), b"value");
            let headers: Vec<_> = headers.iter().map(|(name, value)| json!([name, hex(value)])).collect();
            json!({ "appended_ms": 1_793_588_100_004_u64, "key": hex(b"key"), "headers": headers, "value": hex(b"value"), "chain": hex(before) })
        });
        json!({ "partition": partition, "start": hex(start), "records": records })
    };
    [0, 47, chain::READS, chain::REGISTRY].map(of).to_vec()
}

fn verdicts() -> Vec<Value> {
    let mut before = Hash::ZERO;
    let given = [(0, 0), (1, 7), (9, 18)];
    given
        .map(|(offset, reason)| {
            before = verdict(before, offset, leaf(&[reason]), reason);
            json!({ "offset": offset, "leaf": hex(leaf(&[reason])), "verdict": reason, "digest": hex(before) })
        })
        .to_vec()
}

fn digest_of_log() -> Value {
    let of = |partition| PartitionChain { partition, next: 7, chain: Hash([9; 32]) };
    let all = [0, 1, chain::READS, chain::REGISTRY];
    let given = all.map(|partition| json!({ "partition": partition, "next": 7, "chain": hex([9; 32]) }));
    json!({ "partitions": given, "digest": hex(log_digest(all.map(of))) })
}

/// The term of a state is the sum of that one alone.
fn state(code: &str, bytes: &[u8]) -> Value {
    json!({ "code": code, "state": hex(bytes), "term": hex(StateSum::of(code, bytes)) })
}

/// Its state digest is the sum of `states`.
fn digest_of_service() -> Value {
    let state = StateSum::of(CODE, b"state") + StateSum::of("other", b"");
    let of = |partition| PartitionDigest { partition, next: 7, verdict: Hash([9; 32]), state };
    let given = [0, 1].map(|partition| {
        json!({ "partition": partition, "next": 7, "verdict": hex([9; 32]), "state": hex(state) })
    });
    json!({ "partitions": given, "digest": hex(service_digest([0, 1].map(of))) })
}

fn data_key() -> Value {
    let halves = Halves::of(CODE);
    json!({
        "a": hex(halves.wrapped), "e": hex(halves.erasable), "key": hex(halves.raw),
        "sha256": hex(halves.key.fingerprint()), "command": hex(b"command"),
        "command_hash": hex(halves.key.command_hash(b"command")),
    })
}

fn envelope(name: &str, plaintext: &str) -> Value {
    let halves = Halves::of(CODE);
    let associated = parts(log_id(), &[CODE, name], &[]);
    let sealed = halves.encrypt([7; 12], &associated, plaintext.as_bytes());
    json!({
        "key": hex(halves.raw), "code": CODE, "name": name, "associated_data": hex(&associated),
        "nonce": hex(sealed.nonce), "plaintext": hex(plaintext), "ciphertext": hex(&sealed.ciphertext),
    })
}

fn wrap(agency: &str) -> Value {
    let key = agency_key("land-office");
    let info = parts(log_id(), &[CODE, agency], &key.key_id().0);
    let wrap = Halves::of(CODE).wrap(&key.public(), &info, secret("drawn"));
    json!({
        "seed": hex(secret("agency land-office")), "public": hex(key.public()), "key_id": hex(key.key_id()),
        "code": CODE, "agency": agency, "info": hex(&info), "drawn": hex(secret("drawn")),
        "encapsulated": hex(wrap.encapsulated), "ciphertext": hex(&wrap.ciphertext), "a": hex(Halves::of(CODE).wrapped),
    })
}

/// Our code opens and checks what the file says, whoever wrote it.
pub(super) fn check(file: &Value) {
    let log_id: Hash = parsed(&file["log_id"]);
    for given in each(&file["seals"]) {
        let seal = Seal {
            key_id: parsed(&given["key_id"]),
            tree_size: given["tree_size"].as_u64().unwrap(),
            leaf_index: given["leaf_index"].as_u64().unwrap(),
            path: each(&given["path"]).iter().map(parsed).collect(),
            signature: given["signature"].as_str().unwrap().parse::<Signature>().unwrap(),
        };
        let public = given["public"].as_str().unwrap().parse().unwrap();
        seal.verify(log_id, &public, parsed(&given["leaf"])).unwrap();
    }
    strict::check(&file["signatures"]);
    let halves = &file["data_keys"][0];
    let (a, e): (Hash, Hash) = (parsed(&halves["a"]), parsed(&halves["e"]));
    let key = DataKey::derive(&WrappedHalf::from_bytes(&a.0), &ErasableHalf::from_bytes(&e.0)).unwrap();
    for given in each(&file["envelopes"]) {
        let place = EnvelopePlace { log_id, code: text(&given["code"]), name: text(&given["name"]) };
        let nonce = bytes(&given["nonce"]).try_into().unwrap();
        let opened = key.decrypt(&place, &Envelope { nonce, ciphertext: bytes(&given["ciphertext"]) });
        assert_eq!(opened.unwrap().as_slice(), bytes(&given["plaintext"]));
    }
    for given in each(&file["wraps"]) {
        let place = WrapPlace { log_id, code: text(&given["code"]), agency: text(&given["agency"]) };
        let encapsulated: Hash = parsed(&given["encapsulated"]);
        let (key_id, ciphertext) = (parsed(&given["key_id"]), bytes(&given["ciphertext"]));
        let wrap = Wrap { key_id, encapsulated: encapsulated.0, ciphertext };
        let key = AgencyKey::from_seed(&parsed(&given["seed"]).0);
        assert_eq!(key.unwrap(&wrap, &place).unwrap().as_bytes(), &a.0);
    }
}

fn each(list: &Value) -> &[Value] {
    list.as_array().unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn parsed(value: &Value) -> Hash {
    text(value).parse().unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(text(value)).unwrap()
}

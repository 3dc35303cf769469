//! Whoever can write to the log can write anything. What is no node's proposal at its place is void, with its reason,
//! and changes nothing.

use bytes::Bytes;
use lienthong_log::{Partition, ReadLimit, Record};
use lienthong_seal::{Hash, Seal, SigningKey, leaf, partition_of};
use lienthong_wire::pb::reading::v1::Digest;
use lienthong_wire::stored::{
    BODY_BYTES_MAX, Body, Entry, Fence, Proposal, decode_body, decode_entry, encode_body, encode_entry,
};
use uuid::Uuid;

use super::support::clients::Service;
use super::support::nodes::{Bus, Services};
use super::support::on::{On, on_every_log};
use super::support::story::{carry_out, code, transfer};

on_every_log! {
    what_is_no_proposal_at_its_place_is_void_with_its_reason_and_changes_nothing
    a_record_written_while_commands_run_never_changes_their_outcome
}

/// Records of the dossier before anything foreign is written.
const BEFORE: usize = 4;

/// A log on which one dossier is under way, and somebody who writes into it.
struct Tampered {
    bus: Bus,
    services: Services,
    partition: u16,
    /// The dossier's records as they lie in the log.
    records: Vec<Record>,
    /// What was written and why it must be void, in order.
    written: Vec<&'static str>,
}

impl Tampered {
    async fn new(on: On) -> Self {
        let bus = Bus::new(on).await;
        let services = bus.replica(0, 1).await;
        carry_out(&services.clients, &transfer(&code(1))[..BEFORE]).await;
        let partition = partition_of(&code(1), bus.charter.registry.partitions());
        let place = Partition::Dossiers(partition);
        let mut tail = bus.log.tail(place).unwrap();
        tail.wait_for(|end| *end >= BEFORE as u64).await.unwrap();
        let read = bus.log.read(place, 0, ReadLimit::default()).await.unwrap();
        let records = read.into_iter().map(|stored| stored.record).collect();
        Self { bus, services, partition, records, written: Vec::new() }
    }

    fn key(&self, node: &str) -> SigningKey {
        self.bus.keys.node(node).unwrap()
    }

    /// A body that would count: the last record's, one command later.
    fn body(&self) -> Body {
        let last = self.records.last().unwrap();
        let mut body = body_of(last);
        body.prev = Some(leaf(&proposal_of(last).body));
        body.command_id.0 = Uuid::new_v4();
        body
    }

    async fn write(&mut self, expected: &'static str, record: Record) {
        self.write_to(self.partition, expected, record).await;
    }

    async fn write_to(&mut self, partition: u16, expected: &'static str, record: Record) {
        self.bus.log.append(Partition::Dossiers(partition), record).await.unwrap();
        if partition == self.partition {
            self.written.push(expected);
        }
    }

    async fn write_body(&mut self, expected: &'static str, body: &Body) {
        let record = self.sealed(body, "land-registry");
        self.write(expected, record).await;
    }

    /// A record of that body, sealed by a node.
    fn sealed(&self, body: &Body, node: &str) -> Record {
        let key = self.key(node);
        sealed(body, |leaf| key.seal_all(self.bus.charter.log_id, &[leaf]).swap_remove(0))
    }
}

fn sealed(body: &Body, seal: impl FnOnce(Hash) -> Seal) -> Record {
    let bytes = encode_body(body);
    let seal = seal(leaf(&bytes));
    let entry = Entry::Proposal(Proposal { body: Bytes::from(bytes), seal });
    let key = Bytes::copy_from_slice(body.act.code.as_str().as_bytes());
    Record { key, headers: Vec::new(), value: Bytes::from(encode_entry(&entry)) }
}

fn proposal_of(record: &Record) -> Proposal {
    let Entry::Proposal(proposal) = decode_entry(&record.value).unwrap() else { panic!("a fence") };
    proposal
}

fn body_of(record: &Record) -> Body {
    decode_body(&proposal_of(record).body).unwrap()
}

/// All that a digest says of dossiers, not of records.
fn states(digest: &Digest) -> (Vec<String>, u64, u64, u64, u64) {
    let states = digest.partitions.iter().map(|partition| partition.state.clone()).collect();
    (states, digest.admitted, digest.dossiers, digest.events, digest.hand_offs)
}

async fn what_is_no_proposal_at_its_place_is_void_with_its_reason_and_changes_nothing(on: On) {
    let mut log = Tampered::new(on).await;
    let before = log.services.clients.digest_of_all().await;
    write_what_cannot_be_read(&mut log).await;
    write_what_is_out_of_place(&mut log).await;
    write_what_is_sealed_wrongly(&mut log).await;
    write_what_breaks_a_rule(&mut log).await;

    log.services.catch_up().await;
    let after = log.services.clients.digest_of_all().await;
    assert_eq!(states(&after), states(&before));
    assert_eq!(log.services.clients.timeline(&code(1)).await.len(), BEFORE);
    let counted: u64 = after.voids.iter().map(|void| void.count).sum();
    assert_eq!(counted, log.written.len() as u64 + 1);
    for service in Service::ALL {
        let mut voids = log.services.clients.voids(service, log.partition.into()).await;
        voids.reverse();
        let reasons: Vec<_> = voids.iter().map(|void| void.reason.as_str()).collect();
        assert_eq!(reasons, log.written, "{}", service.name());
    }

    // Whoever reads this log anew comes to the same.
    let anew = log.bus.replica(1, 2).await;
    assert_eq!(anew.clients.digest_of_all().await, after);
    anew.stop().await;
    // And the dossier goes on as if nothing had been written.
    let receipts = carry_out(&log.services.clients, &transfer(&code(1))[BEFORE..]).await;
    assert!(receipts.iter().all(|receipt| !receipt.repeated));
    let end = log.services.clients.digest_of_all().await;
    assert_eq!((end.admitted, end.voids), (transfer(&code(1)).len() as u64, after.voids));
    log.services.stop().await;
}

async fn write_what_cannot_be_read(log: &mut Tampered) {
    let last = log.records.last().unwrap().clone();
    let with = |value: Bytes| Record { value, ..last.clone() };
    log.write("Decoding", with(last.value.slice(..last.value.len() / 2))).await;
    log.write("Decoding", with(Bytes::new())).await;
    let mut flipped = last.value.to_vec();
    // The tag of the entry: what it holds is of no kind.
    flipped[0] ^= 0x80;
    log.write("Decoding", with(flipped.into())).await;
    log.write("Decoding", with(Bytes::from_static(b"{\"dossier\": 1}"))).await;
    // A field that nobody knows, within the entry and within the body.
    log.write("Decoding", with([&last.value[..], &[0xf8, 0x07, 0x01]].concat().into())).await;
    let bytes = [&encode_body(&log.body())[..], &[0xf8, 0x07, 0x01]].concat();
    let seal = log.key("land-registry").seal_all(log.bus.charter.log_id, &[leaf(&bytes)]).swap_remove(0);
    let entry = Entry::Proposal(Proposal { body: bytes.into(), seal: seal.clone() });
    log.write("Decoding", with(encode_entry(&entry).into())).await;
    // Rules that are not in force.
    let mut newer = log.body();
    newer.rules.0 += 1;
    log.write_body("Decoding", &newer).await;
    let large = Entry::Proposal(Proposal { body: vec![0; BODY_BYTES_MAX + 1].into(), seal });
    log.write("Size", with(encode_entry(&large).into())).await;
    log.write("Size", with(vec![0x0a; 100 * 1024].into())).await;
    let key = SigningKey::generate().unwrap();
    let (log_id, hash) = (log.bus.charter.log_id, Hash([7; 32]));
    let fence = Fence { log_id, n: 1, hash, signature: key.sign_fence(log_id, 1, hash) };
    let fence: Bytes = encode_entry(&Entry::Fence(fence)).into();
    log.write("Partition", with(fence.clone())).await;
    log.write("Fence", Record { key: Bytes::new(), ..with(fence) }).await;
}

async fn write_what_is_out_of_place(log: &mut Tampered) {
    let elsewhere = (log.partition + 1) % log.bus.charter.registry.partitions();
    let duplicate = log.records[1].clone();
    log.write_to(elsewhere, "Partition", duplicate.clone()).await;
    let other_key = Record { key: Bytes::from_static(b"H56.2-261102-0002"), ..duplicate.clone() };
    log.write("Partition", other_key).await;
    let no_key = Record { key: Bytes::new(), ..duplicate.clone() };
    log.write("Partition", no_key).await;
    let mut foreign = log.body();
    foreign.log_id = Hash([9; 32]);
    log.write_body("OtherHistory", &foreign).await;
    let mut other_past = log.body();
    other_past.witness.hash = Hash([9; 32]);
    log.write_body("OtherHistory", &other_past).await;
    let mut unreached = log.body();
    unreached.witness.count = 64_000;
    log.write_body("OtherHistory", &unreached).await;
    log.write("Repeat", duplicate.clone()).await;
    log.write("Repeat", duplicate).await;
    // A zombie that wakes and writes all it has once more.
    for record in log.records.clone() {
        log.write("Repeat", record).await;
    }
    let mut stale = log.body();
    stale.prev = body_of(&log.records[2]).prev;
    log.write_body("Stale", &stale).await;
    let mut first = log.body();
    first.prev = None;
    log.write_body("Stale", &first).await;
}

async fn write_what_is_sealed_wrongly(log: &mut Tampered) {
    let log_id = log.bus.charter.log_id;
    let (body, stranger) = (log.body(), SigningKey::generate().unwrap());
    log.write("Key", sealed(&body, |leaf| stranger.seal_all(log_id, &[leaf]).swap_remove(0))).await;
    // A node that does not act for the agency.
    let (desk, authority) = (log.sealed(&body, "ward-desk"), log.bus.keys.authority().unwrap());
    log.write("Key", desk).await;
    log.write("Key", sealed(&body, |leaf| authority.seal_all(log_id, &[leaf]).swap_remove(0))).await;
    let key = log.key("land-registry");
    // A stranger's signature under the node's name, the node's signature of another log and of another body.
    let named = |seal: Seal| Seal { key_id: key.key_id(), ..seal };
    log.write("Seal", sealed(&body, |leaf| named(stranger.seal_all(log_id, &[leaf]).swap_remove(0)))).await;
    let other_log = Hash([9; 32]);
    log.write("Seal", sealed(&body, |leaf| key.seal_all(other_log, &[leaf]).swap_remove(0))).await;
    log.write("Seal", sealed(&body, |_| key.seal_all(log_id, &[Hash([1; 32])]).swap_remove(0))).await;
    // The right signature of what it was before a byte was flipped on its way.
    let mut flipped = encode_body(&body);
    let seal = key.seal_all(log_id, &[leaf(&flipped)]).swap_remove(0);
    // Bits of the command's id: it is another command, and decodes as well.
    let id = body.command_id.0.as_bytes();
    let at = flipped.windows(id.len()).position(|window| window == id).unwrap();
    flipped[at] ^= 1;
    let entry = Entry::Proposal(Proposal { body: flipped.into(), seal });
    let last = log.records.last().unwrap().clone();
    log.write("Seal", Record { value: encode_entry(&entry).into(), ..last }).await;
    let longer = |seal: Seal| Seal { tree_size: 2, ..seal };
    log.write("Seal", sealed(&body, |leaf| longer(key.seal_all(log_id, &[leaf]).swap_remove(0)))).await;
}

async fn write_what_breaks_a_rule(log: &mut Tampered) {
    // Custody was accepted already.
    let again = log.body();
    log.write_body("Transition", &again).await;
    let mut early = log.body();
    early.act.at = body_of(&log.records[0]).act.at;
    log.write_body("Backdated", &early).await;
    // The desk's step, sealed by the desk's own node, when the land office has the dossier.
    let mut not_holder = body_of(&log.records[1]);
    (not_holder.prev, not_holder.command_id.0) = (log.body().prev, Uuid::new_v4());
    not_holder.act.at = log.body().act.at;
    let record = log.sealed(&not_holder, "ward-desk");
    log.write("Role", record).await;
}

async fn a_record_written_while_commands_run_never_changes_their_outcome(on: On) {
    let log = Tampered::new(on).await;
    let last = log.records.last().unwrap().clone();
    let clients = log.services.more_clients();
    let story = tokio::spawn(async move { carry_out(&clients, &transfer(&code(1))[BEFORE..]).await });
    let mut foreign = 0;
    while !story.is_finished() {
        log.bus.log.append(Partition::Dossiers(log.partition), last.clone()).await.unwrap();
        foreign += 1;
    }
    story.await.unwrap();
    log.services.catch_up().await;
    let digest = log.services.clients.digest_of_all().await;
    assert_eq!(digest.admitted, transfer(&code(1)).len() as u64);
    let voids: Vec<_> = digest.voids.iter().map(|void| (void.reason.as_str(), void.count)).collect();
    assert_eq!(voids, [("Repeat", foreign)]);
    log.services.stop().await;
}

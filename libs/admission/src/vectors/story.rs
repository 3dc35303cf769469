//! The dossier partition of the vectors: what is admitted, and a record for nearly every reason of a void.

use bytes::Bytes;
use lienthong_calendar::Instant;
use lienthong_dossier::{Action, CommandId, EventKind, Subject};
use lienthong_registry::Rules;
use lienthong_seal::Hash;
use lienthong_wire::Message as _;
use lienthong_wire::pb::log::v1 as pb;
use lienthong_wire::stored::{BODY_BYTES_MAX, Proposal};
use uuid::Uuid;

use super::author::{Author, Made, codes};
use super::fixed::signing;
use super::registry::{Chain, LAST_DAY, PARTITIONS};
use crate::testing::{DEPARTMENT, DESK, LAND, Sent, TAX, agency, at, complete, offer, receive, refer};
use crate::*;

/// The partition that the story is set in.
pub(super) const PARTITION: u16 = 1;

const PERSON: &str = "\u{a}\u{11}\u{a}\u{f}Lò Thị Mẫu";

fn code_of(reason: Reason) -> u8 {
    reason.code()
}

/// All of it, by an author who has read the whole registry.
pub(super) fn told(chain: &Chain) -> Author {
    let mut author = Author::new(chain.revisions.clone(), PARTITION);
    let (codes, elsewhere) = codes(PARTITION, PARTITIONS);
    let code = codes[0].clone();
    begins(&mut author, &codes);
    repeated_elsewhere(&mut author, &codes[1]);
    misplaced(&mut author, &code, &elsewhere);
    undecoded(&mut author, &code);
    untimely(&mut author, &code, &codes[2..4]);
    badly_sealed(&mut author, &code);
    against_the_rules(&mut author, &codes);
    late(&mut author, &codes[6]);
    witnessed(&mut author, &code, &codes[7]);
    fenced(&mut author, &code);
    led_anew(&mut author);
    up_to_a_day(&mut author, &codes[8], &codes[9]);
    author
}

fn begins(author: &mut Author, codes: &[String]) {
    let received = author.make(&codes[0], DESK, "node desk", receive("1.099001"), PERSON);
    author.tell("the first record of a dossier, with an envelope", &received, 0);
    author.now = at("2026-11-02 08:40");
    let done = author.make(&codes[0], DESK, "node desk", complete("tiep-nhan", "chuyen-ho-so"), "");
    author.tell("the next one names its leaf", &done, 0);
    author.tell("the very same record again", &done, code_of(Reason::Repeat));
    let again = done.with(|body| body.command_id = CommandId(Uuid::from_u128(0xbad)));
    author.tell("decided upon a state that is no longer the newest", &again, code_of(Reason::Stale));
    let batch: Vec<_> =
        codes[1..6].iter().map(|of| author.make(of, DESK, "node desk", receive("1.099001"), "")).collect();
    let refs: Vec<_> = batch.iter().collect();
    let proposals = author.seal(&refs);
    for (index, (made, proposal)) in batch.iter().zip(proposals).enumerate() {
        author.append(
            &format!("leaf {index} of a tree of five under one signature"),
            made.sent_as(proposal),
            0,
        );
    }
}

/// A command id is one of its dossier alone.
fn repeated_elsewhere(author: &mut Author, of: &str) {
    let id = CommandId(Uuid::from_u128(1));
    let done = author.make(of, DESK, "node desk", complete("tiep-nhan", "chuyen-ho-so"), "");
    author.tell("the command id of another dossier's record", &done.with(|body| body.command_id = id), 0);
}

/// An offer to the land office that could be admitted, though it is kept for later.
fn offered(author: &mut Author, code: &str) -> Made {
    author.now = at("2026-11-02 09:00");
    author.make(code, DESK, "node desk", offer(LAND), "")
}

fn misplaced(author: &mut Author, code: &str, elsewhere: &str) {
    let made = offered(author, code);
    let mut sent = author.sent(&made);
    sent.key = elsewhere.into();
    author.append("its key is another dossier's", sent, code_of(Reason::Partition));
    let other = author.make(elsewhere, DESK, "node desk", receive("1.099001"), "");
    author.tell("a dossier of another partition", &other, code_of(Reason::Partition));
    let other = made.clone().with(|body| body.log_id = Hash([8; 32]));
    author.tell("made for another log", &other, code_of(Reason::OtherHistory));
    let other = made.clone().with(|body| body.witness.hash = Hash([8; 32]));
    author.tell("another running hash at its witness", &other, code_of(Reason::OtherHistory));
    let witness = author.chain_after(author.ledger.cursor().count);
    let other = made.clone().with(|body| body.witness = witness);
    author.tell(
        "the running hash at its witness, which is no multiple of 64",
        &other,
        code_of(Reason::OtherHistory),
    );
    let other = made.with(|body| body.witness.count = 64);
    author.tell("a witness that is not reached yet", &other, code_of(Reason::OtherHistory));
}

fn undecoded(author: &mut Author, code: &str) {
    let made = offered(author, code);
    let (sent, proposal) = (author.sent(&made), author.seal(&[&made]).remove(0));
    let void = code_of(Reason::Decoding);
    let value = |value: Vec<u8>| Sent { value: value.into(), ..sent.clone() };
    let body = |body: Vec<u8>| made.sent_as(Proposal { body: body.into(), ..proposal.clone() });
    author.append("nothing", value(Vec::new()), void);
    author.append("a torn entry", value(sent.value[..sent.value.len() - 1].to_vec()), void);
    author.append(
        "an unknown field behind the entry",
        value([&sent.value[..], &[0x98, 0x06, 1]].concat()),
        void,
    );
    author.append("the entry twice", value([&sent.value[..], &sent.value[..]].concat()), void);
    author.append("a torn body", body(proposal.body[..proposal.body.len() - 1].to_vec()), void);
    author.append(
        "an unknown field of the body",
        body([&proposal.body[..], &[0x98, 0x06, 1]].concat()),
        void,
    );
    author.append("an empty text spelled out", body([&proposal.body[..], &[0x52, 0]].concat()), void);
    let (first, rest) = proposal.body.split_at(34);
    author.append("fields in another order", body([rest, first].concat()), void);
    let long = [&proposal.body[..34], &[0x10, 0x81, 0], &proposal.body[36..]].concat();
    author.append("a number in more bytes than it takes", body(long), void);
    let wide = [&proposal.body[..34], &[0x10, 0x81, 0x80, 0x80, 0x80, 0x10], &proposal.body[36..]].concat();
    author.append("a number wider than its field", body(wide), void);
    malformed(author, &made);
    author.tell("rules that are not in force", &made.clone().with(|body| body.rules = Rules(2)), void);
    author.tell("no events", &made.clone().with(|body| body.act.events.clear()), void);
    let mut unknown = made.encoded().to_vec();
    let place = unknown.windows(2).rposition(|two| two == [0x62, unknown_length(&made)]).unwrap();
    unknown[place + 1] += 3;
    let end = place + 2 + usize::from(unknown_length(&made));
    unknown.splice(end..end, [0x98, 0x06, 1]);
    author.append("an unknown field of an event", author.of_body(&made, unknown), void);
    author.of_the_events();
    let zeros = |bytes: usize| Sent { value: vec![0; bytes].into(), ..sent.clone() };
    author.append("an entry of a byte too many", zeros(ENTRY_BYTES_MAX + 1), code_of(Reason::Size));
    author.append("an entry as long as one may be, of nothing", zeros(ENTRY_BYTES_MAX), void);
    let long: Bytes = vec![0; BODY_BYTES_MAX + 1].into();
    let long = made.sent_as(Proposal { body: long, ..proposal });
    author.append("a body of a byte too many", long, code_of(Reason::Size));
}

/// In the one encoding, but not of their form.
fn malformed(author: &mut Author, made: &Made) {
    let void = code_of(Reason::Decoding);
    type Change = fn(&mut pb::Body);
    let changes: [(&str, Change); 4] = [
        ("an agency id with a sign that none has", |body| body.agency.push('/')),
        ("an officer without a power", |body| body.actor.as_mut().unwrap().power = 0),
        ("a power that is not on the list", |body| body.actor.as_mut().unwrap().power = 99),
        ("a line break in a name", |body| body.actor.as_mut().unwrap().name.push('\n')),
    ];
    for (note, change) in changes {
        let mut body = pb::Body::decode(made.encoded()).unwrap();
        change(&mut body);
        author.append(note, author.of_body(made, body.encode_to_vec()), void);
    }
    let sent = author.sent(made);
    let mut entry = pb::Entry::decode(sent.value.clone()).unwrap();
    let Some(pb::entry::Entry::Proposal(proposal)) = &mut entry.entry else { panic!("a proposal") };
    let seal = proposal.seal.as_mut().unwrap();
    seal.signature = seal.signature.slice(..63);
    let value = entry.encode_to_vec().into();
    author.append("a signature of 63 bytes: the leaf is that of the value", Sent { value, ..sent }, void);
}

/// How many bytes the offer's one event has.
fn unknown_length(made: &Made) -> u8 {
    let with = made.encoded().len();
    let without = made.clone().with(|body| body.act.events.clear()).encoded().len();
    u8::try_from(with - without - 2).unwrap()
}

fn untimely(author: &mut Author, code: &str, others: &[String]) {
    let made = offered(author, code);
    let shifted = |us: i64| {
        let micros = made.body.act.at.as_micros() + us;
        made.clone().with(|body| body.act.at = Instant::from_micros(micros))
    };
    author.tell("before the dossier's last record", &shifted(-3_600_000_000), code_of(Reason::Backdated));
    let ms = made.body.act.at.as_micros() / 1_000;
    let appended = |sent: Sent, appended_ms: i64| Sent { appended_ms, ..sent };
    let [ahead, old] = [1, -1].map(|us| author.sent(&shifted(us)));
    author.append(
        "a microsecond more than 5 s ahead of the log",
        appended(ahead, ms - 5_000),
        code_of(Reason::Ahead),
    );
    author.append("a microsecond more than 30 s old", appended(old, ms + 30_000), code_of(Reason::Expired));
    for (note, of, away) in [("5 s ahead of the log", &others[0], -5_000), ("30 s old", &others[1], 30_000)] {
        let done = author.make(of, DESK, "node desk", complete("tiep-nhan", "chuyen-ho-so"), "");
        let sent = author.sent(&done);
        author.append(note, appended(sent, ms + away), 0);
    }
}

fn badly_sealed(author: &mut Author, code: &str) {
    let made = offered(author, code);
    let good = author.seal(&[&made, &made, &made]).remove(2);
    let bent = |change: fn(&mut Proposal)| {
        let mut proposal = good.clone();
        change(&mut proposal);
        made.sent_as(proposal)
    };
    let seal = code_of(Reason::Seal);
    author.append("a bent signature", bent(|proposal| proposal.seal.signature.0[9] ^= 1), seal);
    author.append("a bent path", bent(|proposal| proposal.seal.path[0].0[0] ^= 1), seal);
    author.append("a path too long", bent(|proposal| proposal.seal.path.push(Hash([1; 32]))), seal);
    author.append("a path too short", bent(|proposal| proposal.seal.path.clear()), seal);
    author.append("no such leaf in the tree", bent(|proposal| proposal.seal.leaf_index = 3), seal);
    author.append("a tree of another size", bent(|proposal| proposal.seal.tree_size = 4), seal);
    let key = code_of(Reason::Key);
    author.tell("a key that the registry does not have", &made.clone().signed_by("stranger"), key);
    author.tell("a key that is another agency's", &made.signed_by("node land"), key);
}

fn against_the_rules(author: &mut Author, codes: &[String]) {
    let made = offered(author, &codes[0]);
    let wrapless = made.clone().with(|body| body.wraps.clear());
    author.tell("no wrap for who gains access", &wrapless, code_of(Reason::Wraps));
    let elsewhere = made.clone().with(|body| {
        let EventKind::CustodyOffered { to, .. } = &mut body.act.events[0].kind else { panic!("an offer") };
        *to = agency(TAX);
    });
    author.tell("an offer to who is not next", &elsewhere, code_of(Reason::Transition));
    let stranger = made.with(|body| body.act.agency = agency(TAX)).signed_by("node tax");
    author.tell("an offer by who does not hold it", &stranger, code_of(Reason::Role));
    let first = author.make(&codes[7], DESK, "node desk", receive("1.099001"), "");
    let others = first.with(|body| body.act.agency = agency(LAND)).signed_by("node land");
    author.tell("a reception by another agency's code", &others, code_of(Reason::Code));
}

fn late(author: &mut Author, code: &str) {
    let received = author.make(code, DESK, "node desk", receive("9.000001"), "");
    author.tell("a dossier that asks for an opinion", &received, 0);
    let done = author.make(code, DESK, "node desk", complete("tiep-nhan", "chuyen"), "");
    author.tell("on to the step that asks", &done, 0);
    let asked = author.make(code, DESK, "node desk", refer(DEPARTMENT, Subject::Opinion), "");
    author.tell("the opinion is asked for", &asked, 0);
    let accepted = author.make(code, DEPARTMENT, "node desk", Action::AcceptReferral { referral: 1 }, "");
    let after = accepted.with(|body| body.act.at = at("2026-11-09 08:00"));
    author.tell("an answer when silence has agreed", &after, code_of(Reason::Late));
}

fn fenced(author: &mut Author, code: &str) {
    let made = offered(author, code);
    author.tell("the offer to the land office", &made, 0);
    author.now = at("2026-11-02 09:30");
    let taken = author.make(code, LAND, "node land", Action::AcceptCustody, "");
    let [first, second] =
        [1, 2].map(|number| author.revisions.get(number).and_then(|whole| whole.fence.clone()).unwrap());
    let ms = taken.body.act.at.as_micros() / 1_000 - 2_000;
    let void = code_of(Reason::Fence);
    let mut forged = first.clone();
    forged.signature = signing("stranger").sign_fence(first.log_id, first.n, first.hash);
    author.append("a fence that the authority did not sign", author.fence(&forged, ms), void);
    let mut other = first.clone();
    other.log_id = Hash([8; 32]);
    other.signature = signing("authority").sign_fence(other.log_id, other.n, other.hash);
    author.append("a fence of another log", author.fence(&other, ms), void);
    let mut far = first.clone();
    far.n = 65;
    far.signature = signing("authority").sign_fence(far.log_id, far.n, far.hash);
    author.append("a fence 65 above the revision in force", author.fence(&far, ms), void);
    let mut other = first.clone();
    other.signature = signing("recovery").sign_fence(first.log_id, first.n, first.hash);
    author.append("fence 1 with a good signature that is not its revision's", author.fence(&other, ms), void);
    let keyed = Sent { key: code.into(), ..author.fence(&first, ms) };
    author.append("a fence with a key", keyed, code_of(Reason::Partition));
    author.append("fence 1: the land office's node may no longer seal", author.fence(&first, ms), 0);
    author.tell("sealed by a key that is revoked", &taken, code_of(Reason::Key));
    author.append("fence 1 again", author.fence(&first, ms), void);
    author.append("fence 2: the land office's node has another key", author.fence(&second, ms), 0);
    author.append("fence 1 behind fence 2", author.fence(&first, ms), void);
    author.tell("accepted under the other key", &taken.signed_by("node land 2"), 0);
}

/// By a revision of the recovery key, whose fence that key signed too.
fn led_anew(author: &mut Author) {
    let [third, fourth, fifth] =
        [3, 4, 5].map(|number| author.revisions.get(number).and_then(|whole| whole.fence.clone()).unwrap());
    let ms = author.now.as_micros() / 1_000 + 60_000;
    let void = code_of(Reason::Fence);
    author.append("fence 4, while an older authority is in force here", author.fence(&fourth, ms), void);
    author.append("fence 3, by the recovery key", author.fence(&third, ms), 0);
    author.append("fence 5, and fence 4 is left out", author.fence(&fifth, ms), 0);
    author.append("fence 4 behind fence 5", author.fence(&fourth, ms), void);
}

/// The desk's second node seals up to the end of its last day in Vietnam, by the time in the body.
fn up_to_a_day(author: &mut Author, last: &str, next: &str) {
    author.now = Instant::from_micros(at(&format!("{LAST_DAY} 23:59")).as_micros() + 59_999_999);
    let made = author.make(last, DESK, "node desk 2", receive("1.099001"), "");
    author.tell("the last microsecond of its key's last day in Vietnam", &made, 0);
    author.now = Instant::from_micros(author.now.as_micros() + 1);
    let made = author.make(next, DESK, "node desk 2", receive("1.099001"), "");
    author.tell("a microsecond later: the next day in Vietnam", &made, code_of(Reason::Key));
    let made = made.signed_by("node desk");
    author.tell("the newest record", &made, 0);
}

fn witnessed(author: &mut Author, code: &str, next: &str) {
    // A witness counts records, not offsets.
    author.gap = 3;
    while author.ledger.cursor().count < 64 {
        let offset = author.ledger.cursor().next;
        let sent = Sent {
            key: Vec::new(),
            headers: Vec::new(),
            value: vec![0xff, offset as u8].into(),
            appended_ms: 1_793_590_300_000,
        };
        author.append("garbage", sent, code_of(Reason::Decoding));
    }
    author.now = at("2026-11-02 09:05");
    let received = author.make(next, DESK, "node desk", receive("1.099001"), PERSON);
    assert_eq!(received.body.witness.count, 64);
    author.tell("its witness is the running hash after all 64 records before it", &received, 0);
    let done = author.make(next, DESK, "node desk", complete("tiep-nhan", "chuyen-ho-so"), "");
    let early = done.clone().with(|body| body.witness = author.records_begin());
    author.tell("an older witness is as good", &early, 0);
    assert_ne!(author.head(code), author.head(next));
}

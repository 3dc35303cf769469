//! Which records count, and what the first fault of the others is.

mod elsewhere;
mod pinned;
mod scenes;
mod table;

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::date;
use lienthong_calendar::Instant;
use lienthong_dossier::{Action, ClockChange, CommandId, EnvelopeName, EventKind, Line, Power, Subject};
use lienthong_registry::{LogKind, Period, Rules};
use lienthong_seal::{AgencyKey, Envelope, Hash, Signature, SigningKey, leaf};
use lienthong_wire::stored::{
    BODY_BYTES_MAX, Entry, Fence, NamedEnvelope, Proposal, Recipient, encode_body, encode_entry,
};
use uuid::Uuid;

use crate::testing::*;
use crate::*;

/// The reasons that some record got.
#[derive(Default)]
struct Tried {
    reasons: BTreeSet<Reason>,
}

impl Tried {
    /// A record that is void for just that reason, and so is counted and changes nothing.
    fn void(&mut self, bench: &mut Bench, reason: Reason, what: &str, sent: Sent) {
        let (state, before) = (bench.reader.state(&code(CODE)), bench.reader.ledger.cursor().clone());
        let applied = bench.append(sent);
        match applied.verdict {
            Verdict::Void { void, .. } => assert_eq!(void.reason, reason, "{what}: {void}"),
            Verdict::Admitted(_) | Verdict::Fence(_) => panic!("{what}: admitted"),
        }
        let after = bench.reader.ledger.cursor();
        assert_eq!(bench.reader.state(&code(CODE)), state, "{what}");
        assert_eq!((after.admitted, after.events), (before.admitted, before.events), "{what}");
        let count = |cursor: &Cursor| cursor.voids.get(&reason.code()).copied().unwrap_or(0);
        assert_eq!(count(after), count(&before) + 1, "{what}");
        self.reasons.insert(reason);
    }
}

fn counts(bench: &mut Bench, what: &str, sent: Sent) {
    let applied = bench.append(sent);
    assert!(matches!(applied.verdict, Verdict::Admitted(_)), "{what}: {:?}", applied.verdict);
}

/// Ready for the offer, with the offer.
fn offering() -> (Bench, Draft) {
    let mut bench = Bench::at_the_offer(&World::training());
    let draft = bench.draft(DESK, offer(LAND));
    (bench, draft)
}

/// Nothing received yet, with a reception that has an envelope.
fn receiving(world: &Arc<World>) -> (Bench, Draft) {
    let mut bench = Bench::new(world, "2026-11-02 08:15");
    let draft = bench.decide(CODE, DESK, receive("1.099001"), Some("Nguyễn Văn Mẫu")).unwrap().unwrap();
    (bench, draft)
}

fn other_id(draft: Draft) -> Draft {
    draft.with(|body| body.command_id = CommandId(Uuid::from_u128(99)))
}

fn micros(instant: Instant, more: i64) -> Instant {
    Instant::from_micros(instant.as_micros() + more)
}

#[test]
fn every_reason_has_a_record_that_gets_just_it() {
    let mut tried = Tried::default();
    too_large(&mut tried);
    not_decoded(&mut tried);
    misplaced(&mut tried);
    of_another_history(&mut tried);
    repeated_or_stale(&mut tried);
    out_of_time(&mut tried);
    badly_sealed(&mut tried);
    under_a_wrong_key(&mut tried);
    against_the_rules(&mut tried);
    late(&mut tried);
    badly_wrapped(&mut tried);
    one_too_many(&mut tried);
    assert_eq!(tried.reasons.into_iter().collect::<Vec<_>>(), Reason::ALL);
}

fn too_large(tried: &mut Tried) {
    let (mut bench, draft) = offering();
    let proposal = draft.proposal();
    let padded = |bytes: usize| {
        let body = [&proposal.body[..], &vec![0; bytes - proposal.body.len()]].concat();
        draft.sent_as(Proposal { body: body.into(), ..proposal.clone() })
    };
    tried.void(&mut bench, Reason::Size, "a byte too long a body", padded(BODY_BYTES_MAX + 1));
    tried.void(&mut bench, Reason::Decoding, "as long as a body may be", padded(BODY_BYTES_MAX));
    tried.void(&mut bench, Reason::Size, "a byte too long", Sent::raw(vec![0; ENTRY_BYTES_MAX + 1]));
    tried.void(
        &mut bench,
        Reason::Decoding,
        "as long as an entry may be",
        Sent::raw(vec![0; ENTRY_BYTES_MAX]),
    );
    counts(&mut bench, "the offer", draft.sent());
}

fn not_decoded(tried: &mut Tried) {
    let (mut bench, draft) = offering();
    let (sent, proposal) = (draft.sent(), draft.proposal());
    let value = |bytes: Vec<u8>| sent.clone().with(|sent| sent.value = bytes.into());
    let of_body = |bytes: Vec<u8>| draft.sent_as(Proposal { body: bytes.into(), ..proposal.clone() });
    // Field 99, a varint.
    let unknown = [0x98, 0x06, 0x01];
    for (what, sent) in [
        ("nothing", Sent::raw(&b""[..])),
        ("a torn entry", value(sent.value[..sent.value.len() - 1].to_vec())),
        ("an unknown field", value([&sent.value[..], &unknown].concat())),
        ("a torn body", of_body(proposal.body[..proposal.body.len() - 1].to_vec())),
        ("an unknown field of the body", of_body([&proposal.body[..], &unknown].concat())),
        ("other rules", draft.clone().with(|body| body.rules = Rules(2)).sent()),
    ] {
        tried.void(&mut bench, Reason::Decoding, what, sent);
    }
    let fence = Fence { log_id: LOG_ID, n: 1, hash: Hash::ZERO, signature: Signature([0; 64]) };
    let fence = Sent::raw(encode_entry(&Entry::Fence(fence)));
    let keyless = fence.clone().with(|sent| sent.key.clear());
    tried.void(&mut bench, Reason::Fence, "a fence that nobody signed", keyless);
    tried.void(&mut bench, Reason::Partition, "a fence under the code of a dossier", fence);
    counts(&mut bench, "the offer", draft.sent());
}

fn misplaced(tried: &mut Tried) {
    let (mut bench, draft) = offering();
    let keyed = draft.sent().with(|sent| sent.key = b"H56.2-261102-0002".to_vec());
    tried.void(&mut bench, Reason::Partition, "under another key", keyed);
    let unkeyed = draft.sent().with(|sent| sent.key = Vec::new());
    tried.void(&mut bench, Reason::Partition, "without a key", unkeyed);
    let mut elsewhere = Bench::at_the_offer(&World::training());
    elsewhere.reader.partition =
        (elsewhere.reader.partition + 1) % elsewhere.reader.world.registry.partitions();
    tried.void(&mut elsewhere, Reason::Partition, "in another partition", draft.sent());
    counts(&mut bench, "the offer", draft.sent());
}

fn of_another_history(tried: &mut Tried) {
    let (mut bench, draft) = offering();
    let chain = bench.reader.ledger.cursor().chain;
    let witness = |count, hash| {
        let draft = draft.clone();
        draft.with(|body| (body.witness.count, body.witness.hash) = (count, hash)).sent()
    };
    let other_log = draft.clone().with(|body| body.log_id = Hash([8; 32])).sent();
    tried.void(&mut bench, Reason::OtherHistory, "another log", other_log);
    tried.void(&mut bench, Reason::OtherHistory, "another beginning", witness(0, Hash([8; 32])));
    tried.void(&mut bench, Reason::OtherHistory, "a witness between multiples of 64", witness(2, chain));
    tried.void(&mut bench, Reason::OtherHistory, "a witness of what is not there yet", witness(64, chain));
    tried.void(&mut bench, Reason::OtherHistory, "a witness far beyond", witness(u64::MAX, chain));
    counts(&mut bench, "the offer", draft.sent());
}

fn repeated_or_stale(tried: &mut Tried) {
    let mut bench = Bench::new(&World::training(), "2026-11-02 08:15");
    let first = bench.draft(DESK, receive("1.099001"));
    let on_nothing = first.clone().with(|body| body.prev = Some(Hash::ZERO)).sent();
    tried.void(&mut bench, Reason::Stale, "a first record upon another", on_nothing);
    counts(&mut bench, "the reception", first.sent());
    let old = bench.state().head;
    let step = bench.draft(DESK, complete("tiep-nhan", "chuyen-ho-so"));
    counts(&mut bench, "the step", step.sent());
    let next = bench.draft(DESK, offer(LAND));
    tried.void(&mut bench, Reason::Repeat, "the reception again", first.sent());
    let same_id = next.clone().with(|body| body.command_id = first.body.command_id).sent();
    tried.void(&mut bench, Reason::Repeat, "an id that was used", same_id);
    let missing = next.clone().with(|body| body.prev = None).sent();
    tried.void(&mut bench, Reason::Stale, "upon nothing", missing);
    let stale = next.clone().with(|body| body.prev = Some(old)).sent();
    tried.void(&mut bench, Reason::Stale, "upon the record before the last", stale);
    counts(&mut bench, "the offer", next.sent());
    let dated = bench.draft(DESK, Action::WithdrawOffer);
    let last = dated.body.act.at;
    let earlier = dated.clone().with(|body| body.act.at = micros(last, -1)).sent();
    tried.void(&mut bench, Reason::Backdated, "a microsecond before the last", earlier);
    counts(&mut bench, "at the very instant of the last", dated.sent());
}

fn out_of_time(tried: &mut Tried) {
    let world = World::with(|parts| parts.kind = LogKind::Production);
    let mut check = |reason: Option<Reason>, what, more_us, late_ms| {
        let (mut bench, draft) = receiving(&world);
        let draft = draft.with(|body| body.act.at = micros(body.act.at, more_us));
        let appended_ms = bench.now.as_micros() / 1_000 + late_ms;
        let sent = draft.sent().with(|sent| sent.appended_ms = appended_ms);
        match reason {
            Some(reason) => tried.void(&mut bench, reason, what, sent),
            None => counts(&mut bench, what, sent),
        }
    };
    check(None, "five seconds ahead", 5_000_000, 0);
    check(Some(Reason::Ahead), "a microsecond more", 5_000_001, 0);
    check(None, "thirty seconds on the way", 0, 30_000);
    check(Some(Reason::Expired), "a millisecond more", 0, 30_001);
    let (mut training, draft) = receiving(&World::training());
    let whenever = draft.sent().with(|sent| sent.appended_ms = 0);
    counts(&mut training, "whenever a training log appended it", whenever);
}

fn badly_sealed(tried: &mut Tried) {
    let (mut bench, draft) = offering();
    let (proposal, signer) = (draft.proposal(), draft.signer.clone());
    let sealed = |seal| draft.sent_as(Proposal { seal, ..proposal.clone() });
    let other = draft.clone().with(|body| body.act.actor.name = Line::parse("Trần Văn Khác").unwrap());
    let tampered = Proposal { body: encode_body(&other.body).into(), seal: proposal.seal.clone() };
    tried.void(&mut bench, Reason::Seal, "another officer's name under the seal", draft.sent_as(tampered));
    tried.void(&mut bench, Reason::Seal, "the seal of another record", sealed(other.proposal().seal));
    let elsewhere = signer.seal_all(Hash([8; 32]), &[leaf(&proposal.body)]).remove(0);
    tried.void(&mut bench, Reason::Seal, "a seal for another log", sealed(elsewhere));
    let mut bent = proposal.seal.clone();
    bent.signature.0[9] ^= 1;
    tried.void(&mut bench, Reason::Seal, "a bent signature", sealed(bent));
    let together = signer.seal_all(LOG_ID, &[Hash::ZERO, leaf(&proposal.body), Hash::ZERO]);
    tried.void(&mut bench, Reason::Seal, "its neighbour's path", sealed(together[0].clone()));
    counts(&mut bench, "one of three under one signature", sealed(together[1].clone()));
}

fn under_a_wrong_key(tried: &mut Tried) {
    let (mut bench, draft) = offering();
    let stranger = draft.clone().signed_by(SigningKey::from_seed(&[99; 32])).sent();
    tried.void(&mut bench, Reason::Key, "a key of nobody", stranger);
    let neighbour = draft.clone().signed_by(node_key(TAX)).sent();
    tried.void(&mut bench, Reason::Key, "the key of another agency's node", neighbour);
    counts(&mut bench, "the offer", draft.sent());
    let retired = World::with(|parts| parts.nodes[0].in_force = Period::until(date(2026, 11, 1)));
    let (mut bench, draft) = receiving(&retired);
    tried.void(&mut bench, Reason::Key, "a key that was in force until the day before", draft.sent());
    let last_day = World::with(|parts| parts.nodes[0].in_force = Period::until(date(2026, 11, 2)));
    let (mut bench, draft) = receiving(&last_day);
    counts(&mut bench, "on the key's last day", draft.sent());
}

fn against_the_rules(tried: &mut Tried) {
    let world = World::training();
    let (mut bench, reception) = receiving(&world);
    let strangers = bench.draft_of("H56.3-261102-0001", "H56.3", receive("1.099001"));
    let strangers = strangers.with(|body| body.act.code = code(CODE)).sent();
    tried.void(&mut bench, Reason::Code, "a desk under another one's code", strangers);
    let free = "QUY-2011-1";
    let mut elsewhere = Bench::new(&world, "2026-11-02 08:15");
    elsewhere.reader = Reader::new(&world, world.partition_of(free));
    let unformed = reception.clone().with(|body| {
        body.act.code = code(free);
        body.witness.hash = elsewhere.reader.ledger.cursor().chain;
    });
    tried.void(&mut elsewhere, Reason::Code, "a code of no form", unformed.sent());
    let promised = reception.clone().with(|body| {
        let Some(ClockChange::Runs { due, .. }) = &mut body.act.events[0].clocks.dossier else {
            panic!("a reception promises")
        };
        *due = micros(*due, 86_400_000_000);
    });
    tried.void(&mut bench, Reason::Transition, "a day more than the law gives", promised.sent());
    let more = reception.clone().with(|body| body.act.events.extend(body.act.events.clone()));
    tried.void(&mut bench, Reason::Transition, "an event that does not follow", more.sent());
    counts(&mut bench, "the reception", reception.sent());

    let (mut bench, offer) = offering();
    let not_holder = offer.clone().with(|body| body.act.agency = agency(TAX)).signed_by(node_key(TAX));
    tried.void(&mut bench, Reason::Role, "an offer by who does not hold it", not_holder.sent());
    let looks_on = offer.clone().with(|body| body.act.actor.power = Power::Read);
    tried.void(&mut bench, Reason::Role, "an offer by an officer who may only look", looks_on.sent());
    let elsewhere = offer.clone().with(|body| {
        let EventKind::CustodyOffered { to, .. } = &mut body.act.events[0].kind else { panic!("an offer") };
        *to = agency(TAX);
    });
    tried.void(&mut bench, Reason::Transition, "an offer to who is not next", elsewhere.sent());
    counts(&mut bench, "the offer", offer.sent());
    let accepted = bench.draft(LAND, Action::AcceptCustody);
    let by_tax = accepted.clone().with(|body| body.act.agency = agency(TAX)).signed_by(node_key(TAX));
    tried.void(&mut bench, Reason::Role, "accepted by who it was not offered to", by_tax.sent());
    let again = other_id(offer).with(|body| body.prev = accepted.body.prev);
    tried.void(&mut bench, Reason::Transition, "offered while it is on offer", again.sent());
    counts(&mut bench, "accepted", accepted.sent());
}

fn late(tried: &mut Tried) {
    let mut bench = Bench::new(&World::training(), "2026-11-02 08:15");
    bench.tell("2026-11-02 08:15", DESK, receive("9.000001"));
    bench.tell("2026-11-02 08:20", DESK, complete("tiep-nhan", "chuyen"));
    bench.tell("2026-11-02 08:30", DESK, refer(DEPARTMENT, Subject::Opinion));
    let accept = bench.draft(DEPARTMENT, Action::AcceptReferral { referral: 1 });
    let deadline = bench.state().dossier.live().unwrap().referrals[&1].due;
    let after = accept.clone().with(|body| body.act.at = micros(deadline, 1));
    tried.void(&mut bench, Reason::Late, "a microsecond after silence has agreed", after.sent());
    let just = accept.with(|body| body.act.at = deadline);
    counts(&mut bench, "at the deadline", just.sent());
}

fn badly_wrapped(tried: &mut Tried) {
    let world = World::training();
    let (mut bench, reception) = receiving(&world);
    let stray = |name: &str| {
        let name = EnvelopeName::parse(name).unwrap();
        NamedEnvelope { name, envelope: Envelope { nonce: [0; 12], ciphertext: vec![0; 16] } }
    };
    assert_eq!(reception.body.wraps[0].recipient, Recipient::Recovery);
    let other_key = AgencyKey::from_seed(&[9; 32]).key_id();
    for (what, draft) in [
        ("no wrap for recovery", reception.clone().with(|body| drop(body.wraps.remove(0)))),
        ("no wrap for the desk", reception.clone().with(|body| drop(body.wraps.pop()))),
        ("wraps in another order", reception.clone().with(|body| body.wraps.reverse())),
        ("a wrap twice", reception.clone().with(|body| body.wraps.push(body.wraps[1].clone()))),
        ("a wrap for another key", reception.clone().with(|body| body.wraps[1].wrap.key_id = other_key)),
        ("no envelope", reception.clone().with(|body| body.envelopes.clear())),
        ("an envelope more", reception.clone().with(|body| body.envelopes.push(stray("more")))),
        ("an envelope of another name", reception.clone().with(|body| body.envelopes = vec![stray("other")])),
        ("no key", reception.clone().with(|body| body.data_key = None)),
        ("a key of zeros", reception.clone().with(|body| body.data_key = Some(Hash::ZERO))),
    ] {
        tried.void(&mut bench, Reason::Wraps, what, draft.sent());
    }
    counts(&mut bench, "the reception", reception.sent());

    let (mut bench, offered) = offering();
    let recovery = reception.body.wraps[0].clone();
    for (what, draft) in [
        ("no wrap for the receiver", offered.clone().with(|body| body.wraps.clear())),
        ("recovery wrapped once more", offered.clone().with(|body| body.wraps.insert(0, recovery))),
        ("the key once more", offered.clone().with(|body| body.data_key = Some(Hash([1; 32])))),
        ("an envelope that no event names", offered.clone().with(|body| body.envelopes = vec![stray("x")])),
    ] {
        tried.void(&mut bench, Reason::Wraps, what, draft.sent());
    }
    let wrap = offered.body.wraps.clone();
    counts(&mut bench, "the offer", offered.sent());
    bench.tell("2026-11-02 09:30", LAND, Action::ReturnCustody { ground: ground() });
    let again = bench.draft(DESK, offer(LAND));
    let wrapped = again.clone().with(|body| body.wraps = wrap);
    tried.void(&mut bench, Reason::Wraps, "a second wrap for who has one", wrapped.sent());
    counts(&mut bench, "offered again without", again.sent());
}

fn one_too_many(tried: &mut Tried) {
    let mut bench = with_records(RECORDS_MAX - 1);
    let last = bench.draft(DESK, offer(LAND));
    counts(&mut bench, "the last there is room for", last.sent());
    assert_eq!(bench.state().records.len(), RECORDS_MAX);
    let draft = bench.draft(LAND, Action::AcceptCustody);
    tried.void(&mut bench, Reason::Full, "one more", draft.sent());
}

/// Ready for the offer, with that many records behind it.
fn with_records(records: usize) -> Bench {
    let mut bench = Bench::at_the_offer(&World::training());
    bench.reader.settle();
    let mut state = bench.state();
    let last = state.records[state.records.len() - 1].clone();
    for n in state.records.len()..records {
        state
            .records
            .push(RecordRef { command: CommandId(Uuid::from_u128(1_000 + n as u128)), ..last.clone() });
    }
    bench.reader.rows.states.insert(code(CODE), state.encode().unwrap());
    bench
}

/// One fault after the other is added from the last check to the first, and each time the newest is the verdict.
#[test]
fn when_several_checks_fail_the_first_of_them_is_the_reason() {
    let mut bench = with_records(RECORDS_MAX);
    let mut tried = Tried::default();
    let at = bench.now;
    let draft = bench.draft(DESK, offer(LAND));
    tried.void(&mut bench, Reason::Full, "full", draft.sent());
    let draft = draft.with(|body| body.wraps.clear());
    tried.void(&mut bench, Reason::Wraps, "and without wraps", draft.sent());
    let draft = draft.with(|body| body.act.events.extend(body.act.events.clone()));
    tried.void(&mut bench, Reason::Transition, "and twice the event", draft.sent());
    let draft = draft.signed_by(node_key(TAX));
    tried.void(&mut bench, Reason::Key, "and by another node", draft.sent());
    let mut seal = draft.proposal().seal;
    seal.signature.0[9] ^= 1;
    let bent = |draft: &Draft| draft.sent_as(Proposal { seal: seal.clone(), ..draft.proposal() });
    tried.void(&mut bench, Reason::Seal, "and with a bent signature", bent(&draft));
    let draft = draft.with(|body| body.act.at = micros(at, -86_400_000_000));
    tried.void(&mut bench, Reason::Backdated, "and backdated", bent(&draft));
    let draft = draft.with(|body| body.prev = None);
    tried.void(&mut bench, Reason::Stale, "and upon nothing", bent(&draft));
    let draft = draft.with(|body| body.command_id = CommandId(Uuid::from_u128(1)));
    tried.void(&mut bench, Reason::Repeat, "and under a used id", bent(&draft));
    let draft = draft.with(|body| body.log_id = Hash([8; 32]));
    tried.void(&mut bench, Reason::OtherHistory, "and for another log", bent(&draft));
    let unkeyed = |draft: &Draft| bent(draft).with(|sent| sent.key.clear());
    tried.void(&mut bench, Reason::Partition, "and without its key", unkeyed(&draft));
    let draft = draft.with(|body| body.rules = Rules(2));
    tried.void(&mut bench, Reason::Decoding, "and under other rules", unkeyed(&draft));
    let long = vec![0; BODY_BYTES_MAX + 1].into();
    let long = draft.sent_as(Proposal { body: long, seal: seal.clone() }).with(|sent| sent.key.clear());
    tried.void(&mut bench, Reason::Size, "and too long", long);
}

#[test]
fn the_times_of_a_production_log_come_before_the_seal() {
    let world = World::with(|parts| parts.kind = LogKind::Production);
    let mut tried = Tried::default();
    let (mut bench, draft) = receiving(&world);
    let draft = draft.signed_by(SigningKey::from_seed(&[99; 32]));
    let later = draft.sent().with(|sent| sent.appended_ms += 60_000);
    tried.void(&mut bench, Reason::Expired, "too late and under no key", later);
    let sooner = draft.sent().with(|sent| sent.appended_ms -= 60_000);
    tried.void(&mut bench, Reason::Ahead, "too soon and under no key", sooner);
    let stale = draft.with(|body| body.prev = Some(Hash::ZERO)).sent();
    tried.void(&mut bench, Reason::Stale, "upon another", stale.with(|sent| sent.appended_ms -= 60_000));
}

#[test]
fn headers_are_never_looked_at() {
    let (mut bench, draft) = offering();
    let lying = draft.sent().with(|sent| sent.headers = vec![("ce_id".to_owned(), b"lie".as_slice().into())]);
    counts(&mut bench, "with lying headers", lying);
}

//! What a partition's account keeps.

mod fences;
mod golden;
pub(super) mod properties;

use crate::testing::*;
use crate::*;

/// Codes of one desk's day that lie in the partition of [`CODE`].
fn codes(world: &World) -> impl Iterator<Item = String> {
    let partition = world.partition_of(CODE);
    let codes = (1..10_000).map(|number| format!("H56.2-261102-{number:04}"));
    codes.filter(move |code| lienthong_seal::partition_of(code, 48) == partition)
}

fn reason(applied: &Applied) -> Option<Reason> {
    match &applied.verdict {
        Verdict::Admitted(_) | Verdict::Fence(_) => None,
        Verdict::Void { void, .. } => Some(void.reason),
    }
}

#[test]
fn every_64th_record_is_a_witness_that_a_body_may_name() {
    let world = World::training();
    let mut bench = Bench::new(&world, "2026-11-02 08:15");
    let mut chains = vec![bench.reader.ledger.cursor().chain];
    for n in 0..130_u32 {
        bench.append(Sent::raw(n.to_be_bytes().to_vec()));
        chains.push(bench.reader.ledger.cursor().chain);
    }
    assert_eq!(bench.reader.ledger.cursor().witness, (128, chains[128]));
    let mut codes = codes(&world);
    for settled in [false, true] {
        if settled {
            let changes = bench.reader.ledger.settle().unwrap();
            assert_eq!(changes.witnesses, [(64, 63, chains[64]), (128, 127, chains[128])]);
            bench.reader.rows.write(changes);
        }
        for count in [0, 64, 128] {
            let code = codes.next().unwrap();
            let named = |hash| {
                move |body: &mut lienthong_wire::stored::Body| {
                    (body.witness.count, body.witness.hash) = (count, hash);
                }
            };
            let draft = bench.draft_of(&code, DESK, receive("1.099001"));
            let false_witness = draft.clone().with(named(chains[count as usize + 1])).sent();
            assert_eq!(reason(&bench.append(false_witness)), Some(Reason::OtherHistory));
            let sent = draft.with(named(chains[count as usize])).sent();
            assert_eq!(reason(&bench.append(sent)), None, "{count}, settled: {settled}");
        }
    }
}

#[test]
fn a_batch_hands_out_each_changed_dossier_once() {
    let mut bench = Bench::at_the_offer(&World::training());
    let cursor = bench.reader.ledger.cursor().clone();
    assert_eq!((cursor.dossiers, cursor.states), (0, lienthong_seal::StateSum::ZERO));
    let changes = bench.reader.ledger.settle().unwrap();
    let [row] = &changes.rows[..] else { panic!("one dossier") };
    assert_eq!((row.code.as_str(), row.before.as_ref()), (CODE, None));
    assert_eq!(row.bytes, row.after.encode().unwrap());
    assert_eq!(row.after.records.iter().map(|record| record.offset).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(State::decode(&row.bytes).as_ref(), Ok(&*row.after));
    let before = row.after.clone();
    bench.reader.rows.write(changes);
    assert_eq!(bench.reader.settle(), 0);
    bench.tell("2026-11-02 09:05", DESK, offer(LAND));
    bench.tell("2026-11-02 10:00", LAND, lienthong_dossier::Action::AcceptCustody);
    let changes = bench.reader.ledger.settle().unwrap();
    assert_eq!(changes.rows.len(), 1);
    assert_eq!(changes.rows[0].before.as_ref(), Some(&before));
    let cursor = bench.reader.ledger.cursor();
    assert_eq!((cursor.dossiers, cursor.admitted, cursor.hand_offs, cursor.paper_hand_offs), (1, 4, 1, 0));
    assert_eq!(cursor.states, lienthong_seal::StateSum::of(CODE, &changes.rows[0].bytes));
}

#[test]
fn a_row_that_does_not_decode_stops_the_ledger_as_it_was() {
    let mut bench = Bench::at_the_offer(&World::training());
    bench.reader.settle();
    let sent = bench.draft(DESK, offer(LAND)).sent();
    let cursor = bench.reader.ledger.cursor().clone();
    let sound = bench.reader.rows.clone();
    bench.reader.rows.states.insert(code(CODE), b"no row".to_vec());
    assert!(bench.reader.try_apply(&sent).is_err());
    assert_eq!(bench.reader.ledger.cursor(), &cursor);
    bench.reader.rows = sound;
    assert_eq!(reason(&bench.reader.apply(&sent)), None);
}

#[test]
fn reasons_keep_their_codes_and_are_counted_by_name() {
    let mut bench = Bench::at_the_offer(&World::training());
    let again = bench.log[0].clone();
    for sent in [Sent::raw(&b"no entry"[..]), again.clone(), again] {
        bench.append(sent);
    }
    let counted = Reason::counted(bench.reader.ledger.cursor());
    assert_eq!(counted, [(Reason::Decoding, 1), (Reason::Repeat, 2)]);
    for (code, reason) in (1..).zip(Reason::ALL) {
        assert_eq!((reason.code(), Reason::from_code(code)), (code, Some(*reason)));
    }
    assert_eq!(Reason::from_code(0), None);
}

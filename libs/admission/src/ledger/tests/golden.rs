//! A small log under fixed keys, and the digests that every release must come to.
//!
//! Until the first release a change of the format, the rules or the shipped packs pins these anew, with its reason in
//! the commit. After it they never change: what is to be judged in another way gets new rules and a log of its own.

use lienthong_dossier::{Action, Medium};
use lienthong_seal::Hash;

use crate::testing::*;

const CHAIN: &str = "266c510320da29db97d80eb8e066b5f9ef0fb3d3b0c034b4c865b754dd0941c7";
const VERDICT: &str = "b5390c9ea8cc51acd66d5130afc218aea3426ad1deace079c2f634a02a1467ea";
const STATES: &str = "a2833f0b7699757500e8f49f55c12c618bc86e2e1610c27f6744cef5febd428b";

/// What is random in a body is replaced, so that every run makes the same bytes. Admission opens none of it.
fn fixed(draft: Draft) -> Draft {
    draft.with(|body| {
        body.command_hash = Hash([1; 32]);
        body.data_key = body.data_key.map(|_| Hash([2; 32]));
        for named in &mut body.envelopes {
            named.envelope.nonce = [3; 12];
            named.envelope.ciphertext.fill(4);
        }
        for wrapped in &mut body.wraps {
            wrapped.wrap.encapsulated = [5; 32];
            wrapped.wrap.ciphertext.fill(6);
        }
    })
}

fn log() -> Vec<Sent> {
    let mut bench = Bench::new(&World::training(), "2026-11-02 08:15");
    let paper = Action::OfferCustody { to: agency(LAND), medium: Medium::Paper };
    for (when, who, action) in [
        ("2026-11-02 08:15", DESK, receive("1.099001")),
        ("2026-11-02 09:00", DESK, complete("tiep-nhan", "chuyen-ho-so")),
        ("2026-11-02 09:05", DESK, paper),
        ("2026-11-02 10:00", LAND, Action::AcceptCustody),
    ] {
        bench.now = at(when);
        let draft = bench.decide(CODE, who, action, Some("Nguyễn Văn Mẫu")).unwrap().unwrap();
        let sent = fixed(draft).sent();
        bench.append(sent);
    }
    let (repeat, torn) = (bench.log[0].clone(), Sent::raw(&b"no entry"[..]));
    bench.append(repeat);
    bench.append(torn);
    bench.log
}

#[test]
fn a_log_of_rules_1_comes_to_its_recorded_digests() {
    let world = World::training();
    let mut reader = Reader::new(&world, world.partition_of(CODE));
    for sent in log() {
        reader.apply(&sent);
    }
    reader.settle();
    let cursor = reader.ledger.cursor();
    assert_eq!(cursor.chain.to_string(), CHAIN);
    assert_eq!(cursor.verdict.to_string(), VERDICT);
    assert_eq!(cursor.states.to_string(), STATES);
    assert_eq!((cursor.admitted, cursor.hand_offs, cursor.paper_hand_offs), (4, 1, 1));
}

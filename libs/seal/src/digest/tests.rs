use proptest::prelude::*;

use super::{PartitionChain, PartitionDigest, StateSum, log_digest, service_digest, verdict};
use crate::{Hash, chain, leaf};

const CODE: &str = "H56.13-250701-0001";

fn verdicts() -> [Hash; 2] {
    let first = verdict(Hash::ZERO, 42, leaf(b"body"), 0);
    [first, verdict(first, 1 << 40, leaf(b"body"), 17)]
}

fn sum(text: &str) -> StateSum {
    text.parse().unwrap()
}

#[test]
fn golden_verdict_state_and_service_digest_keep_their_bytes() {
    let [first, second] = verdicts();
    assert_eq!(first.to_string(), "e331755eff7a84951a307cd311899e94a06522907380a855bd9403278fb6fc3e");
    assert_eq!(second.to_string(), "f4b534362d2bbf6f2e6f4a55d28d1a21f6308ffad517f44de0178017521f1b26");

    let one = StateSum::of(CODE, b"state");
    assert_eq!(one.to_string(), "55fa487789c02b7642bc3b2bcf6747251e1e76ff097a95f8c7570e2e757c1e36");
    let two = one + StateSum::of("x", b"");
    assert_eq!(two.to_string(), "3d819c8f842f8d2b49b1b4045f5bab7c71d22e1928e295e8c9493f9a360d372c");
    let less = StateSum::ZERO - one;
    assert_eq!(less.to_string(), "aa05b788763fd489bd43c4d43098b8dae1e18900f6856a0738a8f1d18a83e1ca");

    let zeroth = PartitionDigest { partition: 0, next: 43, verdict: first, state: one };
    let seventh = PartitionDigest { partition: 7, next: 9, verdict: second, state: two };
    let digest = "5cd050c7b5a959790481c0e3b637bd363f3b3aed6d0483581cb8f337fb7d4a5e";
    assert_eq!(service_digest([zeroth, seventh]).to_string(), digest);
    assert_eq!(service_digest([seventh, zeroth]).to_string(), digest);
}

#[test]
fn golden_log_digest_keeps_its_bytes() {
    let log_id = Hash([7; 32]);
    let at = |partition, next| PartitionChain { partition, next, chain: chain::start(log_id, partition) };
    let reads = "08df3ee1f55c2836ac18dc982ffe91599a589c18eb99e51825f1480f024a7232";
    assert_eq!(at(chain::READS, 0).chain.to_string(), reads);
    let [registry, third] = [at(chain::REGISTRY, 5), at(3, 9)];
    let digest = "2f37994f3f9f9eb2a131a603a9f733f7002f95ef679c9cb4393d3d041314b15c";
    assert_eq!(log_digest([third, registry]).to_string(), digest);
    assert_eq!(log_digest([registry, third]).to_string(), digest);
    for other in [at(4, 9), at(3, 8), PartitionChain { chain: registry.chain, ..third }] {
        assert_ne!(log_digest([registry, other]), log_digest([registry, third]));
    }
}

#[test]
fn every_part_of_a_verdict_moves_it() {
    let [first, second] = verdicts();
    let one = verdict(first, 1, leaf(b"a"), 0);
    assert_ne!(one, verdict(second, 1, leaf(b"a"), 0));
    assert_ne!(one, verdict(first, 2, leaf(b"a"), 0));
    assert_ne!(one, verdict(first, 1, leaf(b"b"), 0));
    assert_ne!(one, verdict(first, 1, leaf(b"a"), 1));
}

#[test]
fn every_part_of_a_partition_moves_the_service_digest() {
    let [first, second] = verdicts();
    let one = PartitionDigest { partition: 1, next: 2, verdict: first, state: StateSum::ZERO };
    let digest = service_digest([one]);
    assert_ne!(digest, service_digest([PartitionDigest { partition: 2, ..one }]));
    assert_ne!(digest, service_digest([PartitionDigest { next: 3, ..one }]));
    assert_ne!(digest, service_digest([PartitionDigest { verdict: second, ..one }]));
    assert_ne!(digest, service_digest([PartitionDigest { state: StateSum::of("a", b""), ..one }]));
    assert_ne!(digest, service_digest([one, one]));
}

#[test]
fn a_byte_between_code_and_state_moves_the_term() {
    assert_ne!(StateSum::of("ab", b"c"), StateSum::of("a", b"bc"));
    assert_ne!(StateSum::of("", b"abc"), StateSum::of("abc", b""));
}

#[test]
fn sums_carry_through_all_limbs_and_wrap() {
    let one = sum(&format!("{:064x}", 1));
    let all = StateSum([0xff; 32]);
    assert_eq!(all + one, StateSum::ZERO);
    assert_eq!(StateSum::ZERO - one, all);
    assert_eq!(all + all, all - one);
    let low = sum(&format!("{}{}", "0".repeat(32), "f".repeat(32)));
    let next = sum(&format!("{}1{}", "0".repeat(31), "0".repeat(32)));
    assert_eq!(low + one, next);
    assert_eq!(next - one, low);
    // The carry into a limb of ones is carried on although the addend's limb is zero.
    let gap = sum(&format!("{}{}{}", "0".repeat(32), "f".repeat(16), "0".repeat(16)));
    let high = sum(&format!("{}{}", "0".repeat(48), "f".repeat(16)));
    assert_eq!(gap + high + one, next);
}

prop_compose! {
    /// Any sum, often one with limbs of zeros or ones.
    fn any_sum()(limbs in prop::array::uniform4(prop_oneof![Just(0), Just(u64::MAX), any::<u64>()])) -> StateSum {
        StateSum::from_limbs(limbs)
    }
}

proptest! {
    #[test]
    fn sums_are_a_commutative_group(a in any_sum(), b in any_sum(), c in any_sum()) {
        prop_assert_eq!(a + b, b + a);
        prop_assert_eq!((a + b) + c, a + (b + c));
        prop_assert_eq!(a + StateSum::ZERO, a);
        prop_assert_eq!(a - a, StateSum::ZERO);
        prop_assert_eq!((a + b) - b, a);
        prop_assert_eq!(a - b, a + (StateSum::ZERO - b));
    }

    #[test]
    fn limbs_are_the_bytes(bytes in any::<[u8; 32]>()) {
        let limbs = StateSum(bytes).limbs();
        prop_assert_eq!(StateSum::from_limbs(limbs), StateSum(bytes));
        prop_assert_eq!(&limbs[0].to_be_bytes()[..], &bytes[24..]);
    }

    #[test]
    fn the_sum_forgets_the_order_and_what_a_dossier_was(states in prop::collection::vec(any::<[u8; 4]>(), 1..8)) {
        let term = |(i, state): (usize, &[u8; 4])| StateSum::of(&i.to_string(), state);
        let mut forwards = StateSum::ZERO;
        states.iter().enumerate().for_each(|dossier| forwards += term(dossier));
        let mut backwards = StateSum::of("0", b"before");
        states.iter().enumerate().rev().for_each(|dossier| backwards += term(dossier));
        backwards -= StateSum::of("0", b"before");
        prop_assert_eq!(forwards, backwards);
    }
}

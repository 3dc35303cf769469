use super::{Tree, leaf, node, root_from_path};
use crate::Hash;

/// The bodies of the test vectors of Certificate Transparency (RFC 6962 and 9162 define the same tree).
const BODIES: [&str; 8] =
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

/// Roots over the first 1, 2, .. 8 bodies.
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn known_leaves() -> Vec<Hash> {
    BODIES.iter().map(|body| leaf(&hex::decode(body).unwrap())).collect()
}

fn leaves(size: usize) -> Vec<Hash> {
    (0..size).map(|i| leaf(&i.to_be_bytes())).collect()
}

fn hashes(texts: &[&str]) -> Vec<Hash> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

/// MTH as RFC 9162, 2.1.1 writes it.
fn mth(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash::of(b""),
        [one] => *one,
        more => {
            let (left, right) = more.split_at(greatest_power_of_two_below(more.len()));
            node(mth(left), mth(right))
        }
    }
}

/// PATH as RFC 9162, 2.1.3.1 writes it.
fn path(m: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let k = greatest_power_of_two_below(leaves.len());
    let (left, right) = leaves.split_at(k);
    let (mut below, neighbour) =
        if m < k { (path(m, left), mth(right)) } else { (path(m - k, right), mth(left)) };
    below.push(neighbour);
    below
}

fn greatest_power_of_two_below(n: usize) -> usize {
    n.next_power_of_two() / 2
}

#[test]
fn the_known_roots_come_out() {
    let leaves = known_leaves();
    assert_eq!(
        Tree::new(&[]).root().to_string(),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
    for (size, root) in (1..).zip(ROOTS) {
        assert_eq!(Tree::new(&leaves[..size]).root().to_string(), root, "{size} leaves");
    }
}

#[test]
fn the_known_paths_come_out() {
    let leaves = known_leaves();
    let check = |index, size: usize, expected: &[&str]| {
        assert_eq!(Tree::new(&leaves[..size]).path(index), hashes(expected), "leaf {index} of {size}");
    };
    check(0, 1, &[]);
    check(
        0,
        8,
        &[
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    );
    check(
        5,
        8,
        &[
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            ROOTS[3],
        ],
    );
    check(2, 3, &[ROOTS[1]]);
    check(
        1,
        5,
        &[
            ROOTS[0],
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    );
}

#[test]
fn every_path_of_every_size_is_the_rfcs_and_leads_to_the_root() {
    for size in 1..=64 {
        let leaves = leaves(size);
        let tree = Tree::new(&leaves);
        assert_eq!(tree.root(), mth(&leaves), "{size}");
        for (index, one) in leaves.iter().enumerate() {
            let way = tree.path(index);
            assert_eq!(way, path(index, &leaves), "{index} of {size}");
            let found = root_from_path(*one, index as u64, size as u64, &way);
            assert_eq!(found, Some(tree.root()), "{index} of {size}");
        }
        assert_eq!(tree.path(size), []);
    }
}

#[test]
fn no_other_leaf_index_or_path_leads_to_the_root() {
    for size in 1..=33 {
        let leaves = leaves(size);
        let tree = Tree::new(&leaves);
        let root = Some(tree.root());
        for (index, one) in leaves.iter().enumerate() {
            let (way, at, of) = (tree.path(index), index as u64, size as u64);
            assert_ne!(root_from_path(leaf(b"other"), at, of, &way), root);
            for other in (0..of + 2).chain([u64::MAX]).filter(|other| *other != at) {
                assert_ne!(root_from_path(*one, other, of, &way), root, "{other} for {index} of {size}");
            }
            for place in 0..way.len() {
                let mut changed = way.clone();
                changed[place].0[31] ^= 1;
                assert_ne!(root_from_path(*one, at, of, &changed), root);
            }
        }
    }
}

#[test]
fn a_path_of_the_wrong_length_is_refused() {
    for size in 1..=33 {
        let leaves = leaves(size);
        let tree = Tree::new(&leaves);
        for (index, one) in leaves.iter().enumerate() {
            let (mut way, at, of) = (tree.path(index), index as u64, size as u64);
            way.push(Hash::ZERO);
            assert_eq!(root_from_path(*one, at, of, &way), None, "too long: {index} of {size}");
            way.pop();
            if way.pop().is_some() {
                assert_eq!(root_from_path(*one, at, of, &way), None, "too short: {index} of {size}");
            }
        }
    }
}

#[test]
fn an_index_outside_the_tree_is_refused() {
    let one = leaf(b"one");
    assert_eq!(root_from_path(one, 0, 0, &[]), None);
    assert_eq!(root_from_path(one, 1, 1, &[]), None);
    assert_eq!(root_from_path(one, u64::MAX, u64::MAX, &[one; 64]), None);
}

#[test]
fn the_greatest_tree_has_paths_of_up_to_64_nodes() {
    let one = leaf(b"one");
    assert!(root_from_path(one, 0, u64::MAX, &[one; 64]).is_some());
    assert!(root_from_path(one, u64::MAX - 1, u64::MAX, &[one; 63]).is_some());
    assert_eq!(root_from_path(one, 0, u64::MAX, &[one; 65]), None);
}

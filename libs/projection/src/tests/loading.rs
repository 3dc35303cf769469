//! What many partitions take in at once is loaded: all of it is there, or the store is begun anew.

use std::env;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::world::{PARTITIONS, Past, World};
use super::{again_alone, open, open_sound, place};
use crate::tree::Batch;
use crate::{Damage, Opened, Run, Store, keys};

const SEED: u64 = 41;
/// Records of a partition in the store before, and of what is loaded.
const FEW: u64 = 200;
const MANY: u64 = 8_000;

const FILLED: u64 = FEW * PARTITIONS as u64;
const LOADED: u64 = FILLED + MANY * PARTITIONS as u64;

/// Some of everything in all partitions.
fn fill(world: &mut World, store: &Store) {
    for partition in 0..PARTITIONS {
        world.batch_of(partition, FEW).write(store);
    }
}

/// Much more of it, with changes to what is there.
fn sorted(world: &mut World, store: &Store) -> Vec<Run> {
    (0..PARTITIONS).map(|partition| store.sort(world.batch_of(partition, MANY).0).unwrap()).collect()
}

/// A world that is filled and loaded, and every point it has been at.
fn played() -> Past {
    let mut world = World::wide(SEED);
    let mut past = Past::of(&world);
    for records in [FEW, MANY] {
        for partition in 0..PARTITIONS {
            world.batch_of(partition, records);
        }
        past.remember(&world);
    }
    past
}

#[test]
fn what_is_loaded_is_all_there_and_is_gone_on_from() {
    let (_place, dir) = place();
    let (store, mut world) = (open_sound(&dir), World::wide(SEED));
    let mut past = Past::of(&world);
    fill(&mut world, &store);
    past.remember(&world);
    let runs = sorted(&mut world, &store);
    // Nothing of it is there before.
    assert_eq!(past.check(&store), FILLED);
    store.load(&runs).unwrap();
    past.remember(&world);
    assert_eq!(past.check(&store), LOADED);
    assert_eq!(store.tree.get(keys::LOADING).unwrap(), None);
    world.batch_of(1, 30).write(&store);
    past.remember(&world);
    store.close().unwrap();
    assert_eq!(past.check(&open_sound(&dir)), LOADED + 30);
}

#[test]
fn a_state_that_was_at_hand_is_the_loaded_one_afterwards() {
    let (_place, dir) = place();
    let (store, mut world) = (open_sound(&dir), World::new(SEED));
    fill(&mut world, &store);
    let runs: Vec<Run> = (0..PARTITIONS)
        .map(|partition| {
            let advance = world.batch_of(partition, FEW).0;
            for row in &advance.changes.rows {
                let _ = store.state(&row.code).unwrap();
            }
            store.sort(advance).unwrap()
        })
        .collect();
    store.load(&runs).unwrap();
    let mut compared = 0;
    for (code, state) in world.partitions.iter().flat_map(|partition| &partition.states) {
        assert_eq!(store.state(code).unwrap().as_deref(), Some(state.as_ref()), "{code}");
        compared += 1;
    }
    assert!(compared > 100, "{compared}");
}

#[test]
fn a_store_whose_loading_was_not_finished_is_begun_anew() {
    let (_place, dir) = place();
    let (store, mut world) = (open_sound(&dir), World::wide(SEED));
    fill(&mut world, &store);
    let mut mark = Batch::default();
    mark.insert(keys::LOADING, Vec::new());
    store.tree.apply(mark).unwrap();
    store.close().unwrap();
    let Opened { store, moved_aside, removed } = open(&dir);
    assert!(moved_aside.is_none() && matches!(removed, Some(Damage::HalfLoaded)));
    for partition in 0..PARTITIONS {
        assert_eq!(store.cursor(partition).unwrap().next, 0);
    }
    let mut world = World::wide(SEED);
    let mut past = Past::of(&world);
    fill(&mut world, &store);
    past.remember(&world);
    assert_eq!(past.check(&store), FILLED);
}

#[test]
fn a_change_that_does_not_belong_to_its_partition_is_not_sorted() {
    let (_place, dir) = place();
    let (store, mut world) = (open_sound(&dir), World::new(SEED));
    let mut advance = world.batch_of(1, FEW).0;
    advance.partition = 2;
    assert!(matches!(store.sort(advance), Err(crate::StoreError::OtherPartition { partition: 2, found: 1 })));
}

const DIR: &str = "LIENTHONG_LOADING_TEST_DIR";
const BEGINS: &str = "the loading begins";

/// The process to be killed: this test binary again, with this test alone.
#[test]
#[ignore = "started by the test below"]
fn loads_until_it_is_killed() {
    let Some(dir) = env::var_os(DIR) else { return };
    let (store, mut world) = (open_sound(Path::new(&dir)), World::wide(SEED));
    fill(&mut world, &store);
    let runs = sorted(&mut world, &store);
    store.flush().unwrap();
    println!("{BEGINS}");
    std::io::stdout().flush().unwrap();
    store.load(&runs).unwrap();
}

/// Kills the process once its store has grown by so many bytes, or lets it end before.
fn kill_after(bytes: u64, dir: &Path) {
    let (mut child, mut lines) = again_alone("tests::loading::loads_until_it_is_killed", DIR, dir);
    assert!(lines.any(|line| line.contains(BEGINS)));
    let length = || fs::metadata(dir.join("db")).unwrap().len();
    let until = length() + bytes;
    while length() < until && child.try_wait().unwrap().is_none() {
        thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_process_killed_while_it_loads_leaves_all_or_nothing() {
    let past = played();
    let counts = (0..6).map(|mib| {
        let (_place, dir) = place();
        kill_after(mib << 20, &dir);
        past.check(&open_sound(&dir))
    });
    let counts: Vec<u64> = counts.collect();
    println!("{counts:?} records are there");
    assert!(counts.iter().all(|count| [0, FILLED, LOADED].contains(count)), "{counts:?}");
    assert!(counts.contains(&0), "none was killed between rows: {counts:?}");
}

//! A partition with more than a batch holds is written in pieces: all of it is there, or nothing.

use std::env;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use super::world::{PARTITIONS, Past, World};
use super::{open_sound, place};
use crate::pieces::{PIECE, WHOLE_MAX};
use crate::tree::Batch;
use crate::{Store, keys};

const SEED: u64 = 41;
/// Records of one batch that change more dossiers than a batch holds.
const MANY: u64 = 16_000;

/// Some of everything in all partitions, and then much in one of them.
fn filled(store: &Store) -> (World, Past) {
    let mut world = World::wide(SEED);
    let mut past = Past::of(&world);
    for partition in 0..PARTITIONS {
        world.batch_of(partition, 200).write(store);
    }
    past.remember(&world);
    (world, past)
}

#[test]
fn what_is_written_in_pieces_is_all_there_and_no_mark_is_left() {
    let (_place, dir) = place();
    let store = open_sound(&dir);
    let (mut world, mut past) = filled(&store);
    let batch = world.batch_of(1, MANY);
    assert!(batch.0.changes.rows.len() > WHOLE_MAX + PIECE, "{}", batch.0.changes.rows.len());
    batch.write(&store);
    past.remember(&world);
    assert_eq!(past.check(&store), MANY + 600);
    assert_eq!(store.tree.get(&keys::piecewise(1)).unwrap(), None);
    world.batch_of(1, 30).write(&store);
    past.remember(&world);
    store.close().unwrap();
    assert_eq!(past.check(&open_sound(&dir)), MANY + 630);
}

#[test]
fn a_partition_whose_writing_ended_between_pieces_is_begun_anew_and_no_other() {
    let (_place, dir) = place();
    let store = open_sound(&dir);
    let (world, past) = filled(&store);
    let mut batch = Batch::default();
    batch.insert(keys::piecewise(1), &[]);
    // A row that no cursor accounts for, as the first piece leaves it.
    let (code, state) = world.partitions[1].states.iter().next().unwrap();
    batch.insert(keys::dossier(code), state.encode().unwrap().repeat(2));
    store.tree.apply(batch).unwrap();
    store.close().unwrap();
    let store = open_sound(&dir);
    assert_eq!(store.cursor(1).unwrap().next, 0);
    assert_eq!(past.check(&store), 400);
    // It is written again as if nothing had been.
    let mut again = World::wide(SEED);
    for partition in 0..PARTITIONS {
        let batch = again.batch_of(partition, 200);
        if partition == 1 {
            batch.write(&store);
        }
    }
    assert_eq!(past.check(&store), 600);
}

const DIR: &str = "LIENTHONG_PIECES_TEST_DIR";
const BEGINS: &str = "the pieces begin";

/// The process to be killed: this test binary again, with this test alone.
#[test]
#[ignore = "started by the test below"]
fn writes_pieces_until_it_is_killed() {
    let Some(dir) = env::var_os(DIR) else { return };
    let store = open_sound(Path::new(&dir));
    let (mut world, _) = filled(&store);
    store.flush().unwrap();
    println!("{BEGINS}");
    world.batch_of(1, MANY).write(&store);
}

/// Kills the process once it has written so many bytes of the pieces, or lets it end before.
fn kill_after(bytes: u64, dir: &Path) {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "tests::pieces::writes_pieces_until_it_is_killed", "--ignored", "--nocapture"])
        .env(DIR, dir)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains(BEGINS)));
    let length = || fs::metadata(dir.join("db")).unwrap().len();
    let until = length() + bytes;
    while length() < until && child.try_wait().unwrap().is_none() {
        thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_process_killed_between_pieces_leaves_a_sound_store() {
    let mut world = World::wide(SEED);
    let mut past = Past::of(&world);
    for partition in 0..PARTITIONS {
        world.batch_of(partition, 200);
    }
    past.remember(&world);
    world.batch_of(1, MANY);
    past.remember(&world);
    let counts = (0..6).map(|half_mib| {
        let (_place, dir) = place();
        kill_after(half_mib << 19, &dir);
        past.check(&open_sound(&dir))
    });
    let counts: Vec<u64> = counts.collect();
    println!("{counts:?} records are there");
    assert!(counts.iter().all(|count| [400, 600, 600 + MANY].contains(count)), "{counts:?}");
    assert!(counts.contains(&400), "none was killed between pieces: {counts:?}");
}

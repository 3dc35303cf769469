mod damage;
mod find;
mod kill;
mod loading;
mod own;
mod reading;
mod unwritten;
pub(crate) mod world;
mod writing;

use std::env;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::{Opened, Store};
use world::{Past, World, identity};

/// A place for stores that is gone after the test.
fn place() -> (TempDir, PathBuf) {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("store");
    (place, dir)
}

fn open(dir: &Path) -> Opened {
    Store::open(dir, &identity()).unwrap()
}

/// Starts this test binary again with one test alone, which is told its folder by a variable, and reads what it says.
fn again_alone(test: &str, variable: &str, dir: &Path) -> (Child, impl Iterator<Item = String> + use<>) {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env(variable, dir)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    (child, lines)
}

/// Opens what must be sound.
#[track_caller]
fn open_sound(dir: &Path) -> Store {
    let Opened { store, moved_aside, .. } = open(dir);
    assert!(moved_aside.is_none(), "moved aside: {moved_aside:?}");
    store
}

/// A store with that many batches, and every point it has been at.
fn filled(dir: &Path, seed: u64, batches: u64) -> (Store, World, Past) {
    let (store, mut world) = (open_sound(dir), World::new(seed));
    let mut past = Past::of(&world);
    for _ in 0..batches {
        world.batch().write(&store);
        past.remember(&world);
    }
    (store, world, past)
}

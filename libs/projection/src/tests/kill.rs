//! A process killed while it writes leaves a store at some batch boundary.

use std::env;
use std::io::Write as _;
use std::path::Path;

use super::world::{Dice, Past, World};
use super::{again_alone, open_sound, place};

const DIR: &str = "LIENTHONG_KILL_TEST_DIR";
const SEED: u64 = 31;
const BATCHES_MAX: u64 = 300;

/// The process to be killed: this test binary again, with this test alone.
#[test]
#[ignore = "started by the test below"]
fn writes_until_it_is_killed() {
    let Some(dir) = env::var_os(DIR) else { return };
    let (store, mut world) = (open_sound(Path::new(&dir)), World::new(SEED));
    for batch in 0..BATCHES_MAX {
        store.take(world.batch().0).unwrap();
        match batch % 32 {
            7 | 23 => store.write_out().unwrap(),
            31 => store.flush().unwrap(),
            _ => {}
        }
        println!("batch {batch}");
        std::io::stdout().flush().unwrap();
    }
}

/// Kills the process once it has said that it wrote that many batches.
fn kill_after(batches: usize, dir: &Path) {
    let (mut child, lines) = again_alone("tests::kill::writes_until_it_is_killed", DIR, dir);
    let written = lines.filter(|line| line.contains("batch ")).take(batches).count();
    assert_eq!(written, batches);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn after_a_kill_the_store_is_at_a_batch_boundary() {
    let past = Past::play(SEED, BATCHES_MAX);
    let mut dice = Dice(32);
    for _ in 0..8 {
        let (_place, dir) = place();
        let batches = 1 + dice.below(200);
        kill_after(batches as usize, &dir);
        let count = past.check(&open_sound(&dir));
        println!("killed after {batches} batches: {count} records are there");
    }
}

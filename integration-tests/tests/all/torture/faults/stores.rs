//! Projections that are cut, overwritten or gone when the next process looks: it makes them again from the log.

use std::fs;
use std::path::Path;

use fastrand::Rng;

use super::super::super::support::damaged::{cut, files, noise};
use super::super::plan::Damage;
use super::super::stage::{Stage, Tortured};

/// Kills a seat's process and damages a store of it before the next one starts.
pub(super) async fn damage(stage: &Stage, seat: &Tortured, store: usize, how: Damage) {
    let _hands = seat.hands.lock().await;
    let _disturbed = seat.disturbed();
    stage.kill(seat);
    let store = &seat.stores[store % seat.stores.len()];
    // Where there is none yet, there is nothing to damage.
    if store.exists() {
        tokio::task::block_in_place(|| harm(store, how));
    }
    stage.start(seat);
}

fn harm(store: &Path, how: Damage) {
    match how {
        Damage::Cut { percent } => files(store).iter().for_each(|file| cut(file, percent, 100)),
        Damage::Noise => {
            // What the noise is makes no difference, so the plan need not say it.
            let mut random = Rng::with_seed(0);
            files(store).iter().for_each(|file| noise(file, &mut random));
        }
        Damage::Removed => fs::remove_dir_all(store).unwrap(),
    }
}

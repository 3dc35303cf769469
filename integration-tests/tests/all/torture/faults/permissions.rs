//! Lost permissions: folders of the services that they may enter no more.

use std::fs::{self, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::super::plan::Forbidden;
use super::super::stage::{Stage, Tortured};

/// Nobody but root gets in.
const CLOSED: u32 = 0;
/// As folders are made.
const OPEN: u32 = 0o700;

/// Closes folders for a while; with `kills`, a new process finds them so.
pub(super) async fn forbid(stage: &Stage, seat: &Tortured, what: Forbidden, kills: bool, lasts: Duration) {
    let _modes = stage.modes.lock().await;
    let _hands = seat.hands.lock().await;
    let _disturbed = seat.disturbed();
    let folders = folders(stage, seat, what);
    for folder in &folders {
        set_mode(folder, CLOSED);
    }
    if kills {
        stage.kill(seat);
        stage.start(seat);
    }
    tokio::time::sleep(lasts).await;
    for folder in &folders {
        set_mode(folder, OPEN);
    }
}

fn folders(stage: &Stage, seat: &Tortured, what: Forbidden) -> Vec<PathBuf> {
    let dir = stage.ground.dir();
    match what {
        Forbidden::Store => seat.stores.clone(),
        Forbidden::Keys => vec![dir.join("keys")],
        Forbidden::All => vec![dir.to_owned()],
    }
}

fn set_mode(folder: &Path, mode: u32) {
    match fs::set_permissions(folder, Permissions::from_mode(mode)) {
        // A store that is made just now has its own mode.
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        done => done.unwrap(),
    }
}

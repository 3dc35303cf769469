//! What can be done. Each fault is undone before its function returns; what then heals by itself is waited for later.

mod babblers;
mod brokers;
mod clocks;
mod dawdlers;
mod disk;
mod floods;
mod frames;
mod permissions;
mod processes;
mod stores;

use std::sync::Arc;

use super::board::Board;
use super::ground::Ground;
use super::plan::{Fault, Kind};
use super::stage::{Stage, Tortured};

/// Whether the machine gives what a kind takes.
pub(super) fn can(ground: &Ground, kind: Kind) -> bool {
    match kind {
        Kind::FillDisk => ground.can_fill(),
        Kind::Forbid => ground.can_forbid(),
        Kind::TurnClock => ground.can_turn_clocks(),
        Kind::KillService | Kind::KillBroker | Kind::PauseService | Kind::PauseBroker => true,
        Kind::DamageStore | Kind::Dawdle | Kind::Babble | Kind::Flood => true,
    }
}

/// Does it, and undoes it.
pub(super) async fn inflict(stage: &Arc<Stage>, board: &Arc<Board>, fault: Fault) {
    match fault {
        Fault::KillService { seat } => processes::kill(stage, whom(stage, seat)).await,
        Fault::PauseService { seat, lasts } => processes::pause(whom(stage, seat), lasts).await,
        Fault::KillBroker { broker, lasts } => brokers::kill(stage, broker, lasts).await,
        Fault::PauseBroker { broker, lasts } => brokers::pause(stage, broker, lasts).await,
        Fault::FillDisk { lasts } => disk::fill(stage, lasts).await,
        Fault::Forbid { seat, what, kills, lasts } => {
            permissions::forbid(stage, whom(stage, seat), what, kills, lasts).await;
        }
        Fault::DamageStore { seat, store, how } => {
            stores::damage(stage, whom(stage, seat), store, how).await;
        }
        Fault::TurnClock { seat, seconds, lasts } => {
            clocks::turn(stage, whom(stage, seat), seconds, lasts).await;
        }
        Fault::Dawdle { seat, seed, lasts } => dawdlers::dawdle(whom(stage, seat), seed, lasts).await,
        Fault::Babble { seat, seed } => babblers::babble(whom(stage, seat), seed).await,
        Fault::Flood { seat } => floods::flood(stage, board, whom(stage, seat).replica).await,
    }
}

fn whom(stage: &Stage, seat: usize) -> &Tortured {
    &stage.seats[seat % stage.seats.len()]
}

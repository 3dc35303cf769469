//! Floods: many more commands at once than a service takes. It takes what it can and refuses the rest at once, in a typed
//! way, as what may be sent again.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::super::super::support::clients::{Clients, Service};
use super::super::board::Board;
use super::super::stage::Stage;

/// Over twice what a node has under way at most.
const COMMANDS: usize = 2_500;
/// One alone has fewer streams than a node takes commands.
const CONNECTIONS: usize = 4;

/// Receptions at the desk of a replica, all at once, over and over the same ones; how they are answered is counted with
/// all others.
pub(super) async fn flood(stage: &Arc<Stage>, board: &Arc<Board>, replica: usize) {
    let desk = stage.seat_of(replica, Service::WardDesk);
    // None while its process is being started.
    let Some(address) = desk.listening().get(&Service::WardDesk).copied() else { return };
    let _disturbed = desk.disturbed();
    let connections: Vec<_> = (0..CONNECTIONS).map(|_| Clients::to(|_| address)).collect();
    let told = board.all();
    let mut flood = JoinSet::new();
    for command in 0..COMMANDS {
        let (stage, board) = (Arc::clone(stage), Arc::clone(board));
        let (told, clients) =
            (Arc::clone(&told[command % told.len()]), connections[command % CONNECTIONS].clone());
        flood.spawn(async move { board.ask(&stage, &told, 0, replica, &clients).await });
    }
    flood.join_all().await;
}

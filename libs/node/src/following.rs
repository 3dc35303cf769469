//! What the registry changes of open dossiers, put on record by services themselves: successions and calendars.
//!
//! ```text
//! a fence counts, or a day comes on which something takes effect
//!   --> one pass over the dossiers --> for each whose agencies were succeeded, or which is timed by another calendar:
//!       a command of an agency that this node seals for
//! ```
//!
//! What is to be done follows from the dossier's row and the registry alone, and the command's id from both: so any number
//! of nodes may do it at once, each event stands once, and a second pass finds nothing.

use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures::{StreamExt as _, stream};
use jiff::civil::Date;
use lienthong_admission::State;
use lienthong_calendar::Instant;
use lienthong_dossier::{
    Action, Actor, Command, CommandId, DossierCode, Line, OfficerId, Power, follows_from_registry,
};
use lienthong_registry::{AgencyId, Registry};
use lienthong_seal::partition_of;
use tokio::sync::{Notify, watch};
use uuid::Uuid;

use crate::error::{Refusal, with_causes};
use crate::node::Node;
use crate::pause::Pause;
use crate::upkeep;

/// Commands under way at once: so many that signatures and commits are shared, so few that callers have their turns.
pub(crate) const FOLLOWING_MAX: usize = 32;
/// Dossiers read at once.
const PAGE: usize = 256;
/// How often a day is looked for on which something takes effect.
const DAY_LOOKED_FOR: Duration = Duration::from_secs(60);

/// The signal for the one task, and what it has done.
#[derive(Default)]
pub(crate) struct Following {
    fenced: Notify,
    passes: watch::Sender<u64>,
    recorded: AtomicU64,
}

impl Following {
    /// A revision has come into force in a partition.
    pub(crate) fn fenced(&self) {
        self.fenced.notify_one();
    }

    /// Events put on record since the start.
    pub(crate) fn recorded(&self) -> u64 {
        self.recorded.load(Ordering::Relaxed)
    }

    /// Resolves once a pass has ended that began after this was asked.
    #[cfg(test)]
    pub(crate) async fn passed(&self) {
        let mut passes = self.passes.subscribe();
        // One may be under way.
        let wanted = *passes.borrow() + 2;
        self.fenced();
        while *passes.borrow_and_update() < wanted {
            self.fenced();
            passes.changed().await.unwrap();
        }
    }
}

/// What is left after a pass.
enum Left {
    Nothing,
    /// The log did not answer for some, or another node was faster: to be looked at again.
    Some,
}

/// Follows the registry until the node stops.
pub(crate) async fn run(node: Node) {
    let lost = "what the registry changes of dossiers is no longer put on record";
    upkeep::until_stopped(&node, "following of the registry", lost, follow(&node)).await;
}

async fn follow(node: &Node) {
    if !upkeep::caught_up(node).await {
        return;
    }
    let following = &node.0.following;
    let mut pause = Pause::default();
    loop {
        let day = node.now().date();
        match pass(node, day).await {
            Ok(Left::Nothing) => pause = Pause::default(),
            Ok(Left::Some) => {
                tokio::time::sleep(pause.lengthen()).await;
                continue;
            }
            Err(refusal) => {
                let error = with_causes(&refusal);
                tracing::error!(
                    node = node.0.name,
                    error,
                    "dossiers cannot be looked at for what the registry changes"
                );
                tokio::time::sleep(pause.lengthen()).await;
                continue;
            }
        }
        following.passes.send_modify(|passes| *passes += 1);
        tokio::select! {
            () = following.fenced.notified() => {}
            () = next_day(node, day) => {}
        }
    }
}

/// Resolves on another day than this one.
async fn next_day(node: &Node, day: Date) {
    while node.now().date() == day {
        tokio::time::sleep(DAY_LOOKED_FOR).await;
    }
}

async fn pass(node: &Node, day: Date) -> Result<Left, Refusal> {
    if is_plain(&node.registry()) {
        return Ok(Left::Nothing);
    }
    let mut left = Left::Nothing;
    let mut behind = None;
    loop {
        let page = node.0.store.list(behind.as_ref(), "", PAGE)?;
        let Some((last, _)) = page.last() else { return Ok(left) };
        behind = Some(last.clone());
        let dossiers = stream::iter(page).map(|(code, state)| put_on_record(node, code, state, day));
        let mut done = pin!(dossiers.buffer_unordered(FOLLOWING_MAX));
        while let Some(one) = done.next().await {
            if let Left::Some = one {
                left = Left::Some;
            }
        }
    }
}

/// Nothing can follow from a registry with one calendar and without a succession.
fn is_plain(registry: &Registry) -> bool {
    let parts = registry.parts();
    parts.successions.is_empty() && parts.calendars.len() <= 1
}

async fn put_on_record(node: &Node, code: DossierCode, state: State, day: Date) -> Left {
    let partition = partition_of(code.as_str(), node.partitions());
    let registry = node.registry_of(partition);
    for (agency, action) in follows_from_registry(&registry, &state.dossier, day) {
        if !node.serves(&agency) {
            continue;
        }
        let Some(command) = command(&code, agency, action) else { continue };
        match node.submit(command).await {
            Ok(receipt) if receipt.repeated => {}
            Ok(_) => {
                node.0.following.recorded.fetch_add(1, Ordering::Relaxed);
            }
            Err(Refusal::Draining) => return Left::Nothing,
            Err(refusal) if upkeep::passes(&refusal) || matches!(refusal, Refusal::Stale { .. }) => {
                return Left::Some;
            }
            Err(refusal) => {
                let error = with_causes(&refusal);
                tracing::warn!(node = node.0.name, dossier = %code, error, "what the registry changes of the dossier is not on record");
                return Left::Nothing;
            }
        }
    }
    Left::Nothing
}

/// The command of a change. The same on every node, so that what two of them do at once is done once.
fn command(code: &DossierCode, agency: AgencyId, action: Action) -> Option<Command> {
    let named = if let Action::Succeed { predecessor } = &action {
        format!("succeed {predecessor}")
    } else if let Action::Recompute { calendar } = &action {
        format!("recompute {calendar}")
    } else {
        return None;
    };
    let actor = Actor {
        officer: OfficerId::parse("lien-thong").ok()?,
        name: Line::parse("Hệ thống Liên Thông").ok()?,
        role: Line::parse("Ghi nhận theo danh bạ cơ quan và lịch làm việc").ok()?,
        power: Power::Decide,
    };
    Some(Command {
        id: CommandId(Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{code} {named}").as_bytes())),
        code: code.clone(),
        agency,
        actor,
        // Set when it is carried out.
        at: Instant::from_micros(0),
        occurred_at: None,
        private: None,
        secrecy: None,
        action,
    })
}

#[cfg(test)]
mod tests;

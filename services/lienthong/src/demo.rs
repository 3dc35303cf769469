//! The demonstration: dossiers go through every agency and back, over real gRPC, and the outcome is checked.
//!
//! ```text
//! training log -> every service -> N stories at once -> digests of all services = a replay from raw records
//! ```

pub(crate) mod cast;
mod offices;
mod plot;
mod story;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant as Stopwatch;

use futures::StreamExt;
use lienthong_audit::AuditError;
use lienthong_wire::pb::common::v1::Position;
use lienthong_wire::pb::reading::v1::{
    Digest, Dossier, GetDigestRequest, GetDossierRequest, GetTimelineRequest, TimelineEntry,
};
use tokio::sync::mpsc;

use crate::province::{Province, SERVICES};
use crate::replay::replay;

use offices::Offices;
use plot::{Part, Plot};
pub(crate) use story::Told;
use story::{Setting, Teller};

/// Stories told at once.
const AT_ONCE: usize = 8;
/// Moves waiting to be shown.
const MOVES_MAX: usize = 64;

/// Why a demonstration does not come to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DemoError {
    /// A service cannot be reached.
    #[error("service {name} cannot be reached")]
    Connect {
        /// Which.
        name: &'static str,
        /// Why.
        source: tonic::transport::Error,
    },
    /// A call was refused where the story needs it to be taken.
    #[error("{code}: {call} was refused")]
    Call {
        /// The dossier.
        code: String,
        /// The call.
        call: &'static str,
        /// The answer.
        source: Box<tonic::Status>,
    },
    /// What this release ships cannot be read.
    #[error("the shipped calendar cannot be used: {problem}")]
    Calendar {
        /// Why.
        problem: String,
    },
    /// A service does not tell its digest or a timeline.
    #[error("a service does not answer")]
    Reading(#[source] Box<tonic::Status>),
    /// The log cannot be replayed.
    #[error(transparent)]
    Replay(#[from] AuditError),
}

/// What a demonstration found.
#[derive(Debug, serde::Serialize)]
pub(crate) struct Outcome {
    pub(crate) dossiers: u64,
    pub(crate) events: u64,
    pub(crate) hand_offs: u64,
    pub(crate) paper_hand_offs: u64,
    pub(crate) voids: u64,
    pub(crate) digests: BTreeMap<&'static str, String>,
    pub(crate) digests_agree: bool,
    pub(crate) verified: bool,
    pub(crate) elapsed_ms: u64,
    /// Checks that failed, in words.
    #[serde(skip)]
    pub(crate) failures: Vec<String>,
    /// The dossier whose timeline is shown.
    #[serde(skip)]
    pub(crate) shown: Option<(Dossier, Vec<TimelineEntry>)>,
}

/// What the audience sees while it runs.
pub(crate) trait Audience {
    /// A dossier moved.
    fn moved(&mut self, code: &str, what: &str);
    /// A dossier's story is over.
    fn told(&mut self, told: &Told);
}

/// Tells `count` stories, so many at once, and gives how many commands they took.
pub(crate) async fn tell(
    province: &Province,
    count: u32,
    seed: u64,
    at_once: usize,
) -> Result<u64, DemoError> {
    let offices = Offices::connect(province).await?;
    let told = tell_all(&offices, Plot::cast(count, seed), at_once, &mut Nobody).await?;
    Ok(told.iter().map(|story| story.commands).sum())
}

/// An audience that does not look.
struct Nobody;

impl Audience for Nobody {
    fn moved(&mut self, _: &str, _: &str) {}
    fn told(&mut self, _: &Told) {}
}

/// Tells `count` stories and checks what came of them.
pub(crate) async fn run(
    province: &Province,
    count: u32,
    seed: u64,
    audience: &mut impl Audience,
) -> Result<Outcome, DemoError> {
    let started = Stopwatch::now();
    let mut offices = Offices::connect(province).await?;
    let before = digest(&mut offices, 0, &BTreeMap::new()).await?;
    let told = tell_all(&offices, Plot::cast(count, seed), AT_ONCE, audience).await?;
    let mut outcome = check(&mut offices, &before, &told).await?;
    outcome.shown = pictured(&mut offices, &told).await?;
    outcome.elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(outcome)
}

/// Tells the stories of a cast, so many at once.
async fn tell_all(
    offices: &Offices,
    cast: Vec<Part>,
    at_once: usize,
    audience: &mut impl Audience,
) -> Result<Vec<Told>, DemoError> {
    let (moves, mut shown) = mpsc::channel(MOVES_MAX);
    let setting = Arc::new(Setting::new()?);
    let stories = futures::stream::iter(cast).map(|part| {
        let teller = Teller::new(offices.clone(), Arc::clone(&setting), part, moves.clone());
        async { teller?.tell().await }
    });
    let mut stories = stories.buffer_unordered(at_once);
    let mut told = Vec::new();
    loop {
        tokio::select! {
            Some(step) = shown.recv() => {
                let story::Move { code, what } = step;
                audience.moved(&code, &what);
            }
            story = stories.next() => match story {
                Some(story) => {
                    let story = story?;
                    audience.told(&story);
                    told.push(story);
                }
                None => return Ok(told),
            },
        }
    }
}

/// Everything that must hold at the end.
async fn check(offices: &mut Offices, before: &Digest, told: &[Told]) -> Result<Outcome, DemoError> {
    let mut reached: BTreeMap<u32, u64> = BTreeMap::new();
    for position in told.iter().filter_map(|story| story.position.as_ref()) {
        let offset = reached.entry(position.partition).or_default();
        *offset = (*offset).max(position.offset);
    }
    let mut digests = BTreeMap::new();
    let mut after = Digest::default();
    for (index, service) in SERVICES.iter().enumerate() {
        after = digest(offices, index, &reached).await?;
        digests.insert(service.name, after.digest.clone());
    }
    let replayed = replay(&mut offices.auditor).await?;
    let digests_agree = digests.values().all(|digest| *digest == after.digest);
    let verified = replayed.digest.to_string() == after.digest
        && replayed.admitted == after.admitted
        && replayed.faults.is_empty();
    let outcome = Outcome {
        dossiers: after.dossiers - before.dossiers,
        events: after.events - before.events,
        hand_offs: after.hand_offs - before.hand_offs,
        paper_hand_offs: after.paper_hand_offs - before.paper_hand_offs,
        voids: after.voids.iter().map(|void| void.count).sum(),
        digests,
        digests_agree,
        verified,
        elapsed_ms: 0,
        failures: Vec::new(),
        shown: None,
    };
    let seen = Seen {
        told: told.len() as u64,
        acknowledged: told.iter().map(|story| story.commands).sum(),
        admitted: after.admitted - before.admitted,
        voids: replayed.voids,
    };
    let failures = outcome.failures(&seen).into_iter().chain(told.iter().filter_map(Told::failure)).collect();
    Ok(Outcome { failures, ..outcome })
}

/// What the audience saw, and what a replay found, to hold the services' own figures against.
#[derive(Debug, Clone, Copy)]
struct Seen {
    /// Stories told to their end.
    told: u64,
    /// Commands that were acknowledged.
    acknowledged: u64,
    /// Records admitted meanwhile.
    admitted: u64,
    /// Records that a replay finds void.
    voids: u64,
}

impl Outcome {
    /// The checks that do not hold, in words.
    fn failures(&self, seen: &Seen) -> Vec<String> {
        let Seen { told, acknowledged, admitted, voids } = *seen;
        let claims = [
            (self.digests_agree, "the services do not agree on their digest".to_owned()),
            (
                self.verified,
                "a replay from the raw records finds faults, or comes to another digest".to_owned(),
            ),
            (
                admitted == acknowledged,
                format!("{acknowledged} commands were acknowledged, {admitted} records are admitted"),
            ),
            (self.dossiers == told, format!("{told} stories made {} dossiers", self.dossiers)),
            (self.paper_hand_offs == 0, format!("{} hand-offs went with paper", self.paper_hand_offs)),
            (
                self.voids == voids,
                format!("a replay finds {voids} void records, the services {}", self.voids),
            ),
        ];
        claims.into_iter().filter(|(holds, _)| !holds).map(|(_, failure)| failure).collect()
    }
}

async fn digest(
    offices: &mut Offices,
    service: usize,
    reached: &BTreeMap<u32, u64>,
) -> Result<Digest, DemoError> {
    let at_least =
        reached.iter().map(|(&partition, &offset)| Position { partition, offset }).collect::<Vec<_>>();
    let Some(reading) = offices.reading.get_mut(service) else { return Ok(Digest::default()) };
    let digest = reading.get_digest(GetDigestRequest { at_least }).await;
    Ok(digest.map_err(|status| DemoError::Reading(Box::new(status)))?.into_inner())
}

/// The dossier whose timeline has most to tell.
async fn pictured(
    offices: &mut Offices,
    told: &[Told],
) -> Result<Option<(Dossier, Vec<TimelineEntry>)>, DemoError> {
    let Some(story) = told.iter().max_by_key(|story| (story.plot.is_eventful(), story.commands)) else {
        return Ok(None);
    };
    let Some(reading) = offices.reading.first_mut() else { return Ok(None) };
    let refused = |status| DemoError::Reading(Box::new(status));
    let code = story.code.clone();
    let request = GetDossierRequest { code: code.clone(), ..Default::default() };
    let dossier = reading.get_dossier(request).await.map_err(refused)?.into_inner();
    let request = GetTimelineRequest { code, ..Default::default() };
    let timeline = reading.get_timeline(request).await.map_err(refused)?.into_inner();
    Ok(Some((dossier, timeline.entries)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEEN: Seen = Seen { told: 25, acknowledged: 480, admitted: 480, voids: 0 };

    fn outcome() -> Outcome {
        Outcome {
            dossiers: 25,
            events: 520,
            hand_offs: 93,
            paper_hand_offs: 0,
            voids: 0,
            digests: BTreeMap::new(),
            digests_agree: true,
            verified: true,
            elapsed_ms: 0,
            failures: Vec::new(),
            shown: None,
        }
    }

    #[test]
    fn a_sound_outcome_has_no_failures() {
        assert_eq!(outcome().failures(&SEEN), Vec::<String>::new());
    }

    #[test]
    fn whatever_does_not_hold_is_a_failure_of_its_own() {
        for (broken, seen) in [
            (Outcome { digests_agree: false, ..outcome() }, SEEN),
            (Outcome { verified: false, ..outcome() }, SEEN),
            (Outcome { paper_hand_offs: 1, ..outcome() }, SEEN),
            (Outcome { dossiers: 24, ..outcome() }, SEEN),
            (Outcome { voids: 1, ..outcome() }, SEEN),
            (outcome(), Seen { admitted: 479, ..SEEN }),
            (outcome(), Seen { voids: 1, ..SEEN }),
        ] {
            assert_eq!(broken.failures(&seen).len(), 1, "{broken:?} {seen:?}");
        }
    }

    #[test]
    fn the_same_seed_tells_the_same_stories() {
        let told = |seed| {
            let parts = Plot::cast(40, seed).into_iter();
            parts.map(|part| (part.plot, part.desk, part.day, part.table_value)).collect::<Vec<_>>()
        };
        assert_eq!(told(7), told(7));
        assert_ne!(told(7), told(8));
    }
}

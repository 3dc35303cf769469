//! The plan: what is done, to whom, when and for how long. It follows from the seed alone.
//!
//! Kinds come like cards from a shuffled pack, so that each has come once before one comes twice.

use std::time::Duration;

use fastrand::Rng;

use super::super::support::on::On;

/// The pause before the next fault is random up to this.
const PAUSE_MS_MAX: u64 = 1_500;
/// How long what lasts may last.
const LASTS_MS: std::ops::Range<u64> = 500..4_000;
/// By how much a clock is wrong.
const CLOCK_SECONDS: [i64; 8] = [-86_400, -3_600, -60, -20, 4, 8, 60, 3_600];

/// What can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    KillService,
    KillBroker,
    PauseService,
    PauseBroker,
    FillDisk,
    Forbid,
    DamageStore,
    TurnClock,
    Dawdle,
    Babble,
    Flood,
}

/// How a store is damaged while nobody has it open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Damage {
    /// Every file keeps so many percent of its bytes.
    Cut {
        percent: u64,
    },
    /// The middle third of every file is noise.
    Noise,
    Removed,
}

/// What is made unreadable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Forbidden {
    Store,
    Keys,
    /// Everything, of every service.
    All,
}

/// What is done: by whom it is suffered, as a number that is taken modulo how many there are, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    KillService {
        seat: usize,
    },
    /// It is away for this long.
    KillBroker {
        broker: usize,
        lasts: Duration,
    },
    PauseService {
        seat: usize,
        lasts: Duration,
    },
    PauseBroker {
        broker: usize,
        lasts: Duration,
    },
    FillDisk {
        lasts: Duration,
    },
    /// Whether the process is killed meanwhile, so that a new one finds it so.
    Forbid {
        seat: usize,
        what: Forbidden,
        kills: bool,
        lasts: Duration,
    },
    DamageStore {
        seat: usize,
        store: usize,
        how: Damage,
    },
    TurnClock {
        seat: usize,
        seconds: i64,
        lasts: Duration,
    },
    /// Connections that send nothing, read nothing, or do so slowly.
    Dawdle {
        seat: usize,
        seed: u64,
        lasts: Duration,
    },
    /// Bytes that make no sense, or are too many.
    Babble {
        seat: usize,
        seed: u64,
    },
    /// At the desk of that seat's replica.
    Flood {
        seat: usize,
    },
}

/// A fault, and the pause before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) pause: Duration,
    pub(crate) fault: Fault,
}

/// Steps without end.
pub(crate) struct Plan {
    random: Rng,
    kinds: Vec<Kind>,
    pack: Vec<Kind>,
}

impl Kind {
    const ALL: [Self; 11] = [
        Self::KillService,
        Self::KillBroker,
        Self::PauseService,
        Self::PauseBroker,
        Self::FillDisk,
        Self::Forbid,
        Self::DamageStore,
        Self::TurnClock,
        Self::Dawdle,
        Self::Babble,
        Self::Flood,
    ];

    /// What can be done to services on this log.
    pub(crate) fn all(on: On) -> Vec<Self> {
        let is_of_brokers = |kind: &Self| matches!(kind, Self::KillBroker | Self::PauseBroker);
        Self::ALL.into_iter().filter(|kind| on == On::Kafka || !is_of_brokers(kind)).collect()
    }
}

impl Plan {
    /// The same for the same seed and kinds.
    pub(crate) fn new(seed: u64, kinds: Vec<Kind>) -> Self {
        Self { random: Rng::with_seed(seed), kinds, pack: Vec::new() }
    }

    fn fault(&mut self, kind: Kind) -> Fault {
        let random = &mut self.random;
        // More than there are of anything, so that each is as likely as the next.
        let (whom, seed) = (random.usize(0..1 << 20), random.u64(..));
        let lasts = Duration::from_millis(random.u64(LASTS_MS));
        match kind {
            Kind::KillService => Fault::KillService { seat: whom },
            Kind::KillBroker => Fault::KillBroker { broker: whom, lasts },
            Kind::PauseService => Fault::PauseService { seat: whom, lasts },
            Kind::PauseBroker => Fault::PauseBroker { broker: whom, lasts },
            Kind::FillDisk => Fault::FillDisk { lasts },
            Kind::Forbid => {
                let what = [Forbidden::Store, Forbidden::Keys, Forbidden::All][random.usize(0..3)];
                Fault::Forbid { seat: whom, what, kills: random.bool(), lasts }
            }
            Kind::DamageStore => {
                let cut = Damage::Cut { percent: random.u64(0..100) };
                let how = [cut, Damage::Noise, Damage::Removed][random.usize(0..3)];
                Fault::DamageStore { seat: whom, store: random.usize(0..1 << 20), how }
            }
            Kind::TurnClock => {
                let seconds = CLOCK_SECONDS[random.usize(0..CLOCK_SECONDS.len())];
                Fault::TurnClock { seat: whom, seconds, lasts }
            }
            Kind::Dawdle => Fault::Dawdle { seat: whom, seed, lasts },
            Kind::Babble => Fault::Babble { seat: whom, seed },
            Kind::Flood => Fault::Flood { seat: whom },
        }
    }
}

impl Iterator for Plan {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        if self.pack.is_empty() {
            self.pack = self.kinds.clone();
            self.random.shuffle(&mut self.pack);
        }
        let kind = self.pack.pop()?;
        let pause = Duration::from_millis(self.random.u64(0..PAUSE_MS_MAX));
        Some(Step { pause, fault: self.fault(kind) })
    }
}

impl Fault {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::KillService { .. } => Kind::KillService,
            Self::KillBroker { .. } => Kind::KillBroker,
            Self::PauseService { .. } => Kind::PauseService,
            Self::PauseBroker { .. } => Kind::PauseBroker,
            Self::FillDisk { .. } => Kind::FillDisk,
            Self::Forbid { .. } => Kind::Forbid,
            Self::DamageStore { .. } => Kind::DamageStore,
            Self::TurnClock { .. } => Kind::TurnClock,
            Self::Dawdle { .. } => Kind::Dawdle,
            Self::Babble { .. } => Kind::Babble,
            Self::Flood { .. } => Kind::Flood,
        }
    }
}

#[test]
fn a_seed_is_a_plan_and_each_kind_comes_once_before_one_comes_twice() {
    for on in [On::Kafka, On::Embedded] {
        let plan = |seed| Plan::new(seed, Kind::all(on)).take(200).collect::<Vec<_>>();
        assert_eq!(plan(7), plan(7));
        assert_ne!(plan(7), plan(8));
        let kinds = Kind::all(on);
        for pack in plan(7).chunks_exact(kinds.len()) {
            let mut dealt: Vec<_> = pack.iter().map(|step| step.fault.kind()).collect();
            dealt.sort_unstable();
            assert_eq!(dealt, kinds);
        }
    }
}

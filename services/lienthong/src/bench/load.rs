//! A load: many clients at once, each waiting for its answer before it asks again.

use std::mem;
use std::sync::Arc;
use std::time::{Duration, Instant as Stopwatch};

use tokio::task::JoinSet;

use super::BenchError;
use super::acts::communes;
use super::clerk::{Clerk, connect};
use super::timing::Phase;
use crate::bulk::Bulk;

/// How much is asked, and by how many.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    /// Clients at once, each with a connection of its own.
    pub(crate) clients: usize,
    /// Dossiers received, spread over the clients.
    pub(crate) dossiers: u64,
    /// Commands on each of them after its reception.
    pub(crate) commands: u32,
}

impl Load {
    /// The same with as many dossiers as that.
    pub(crate) fn with_dossiers(self, dossiers: u64) -> Self {
        Self { dossiers: dossiers.max(1), ..self }
    }
}

/// What a load came to.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) receptions: Phase,
    pub(super) commands: Phase,
}

/// Clients at their desks.
pub(super) struct Office {
    seats: Vec<Seat>,
}

/// A client and the dossiers that are theirs.
struct Seat {
    clerk: Clerk,
    codes: Vec<String>,
}

/// What every client does in one phase, before any begins with the next.
#[derive(Debug, Clone, Copy)]
enum Part {
    /// Asks for the codes that it will need.
    Prepare {
        dossiers: u64,
        clients: u64,
    },
    Receive,
    Command {
        each: u32,
        pace: Option<Pace>,
    },
}

/// When commands begin, whether or not those before them are answered.
#[derive(Debug, Clone, Copy)]
struct Pace {
    begun: Stopwatch,
    /// From one command of a client to its next.
    every: Duration,
    clients: u32,
}

impl Pace {
    /// So many commands a second of all clients together.
    fn new(rate: u32, clients: usize) -> Self {
        let clients = u32::try_from(clients).unwrap_or(u32::MAX).max(1);
        Self { begun: Stopwatch::now(), every: clients * Duration::from_secs(1) / rate.max(1), clients }
    }

    /// When the n-th command of the client at this place begins.
    fn due(&self, place: u64, n: u32) -> Stopwatch {
        let place = u32::try_from(place).unwrap_or_default();
        self.begun + self.every * n + self.every / self.clients * place
    }
}

impl Office {
    /// Connects all clients to the service at `address`, each at a connection of its own.
    pub(super) async fn open(address: &str, clients: usize) -> Result<Self, BenchError> {
        let (communes, mut seats) = (communes()?, Vec::new());
        for number in 0..clients.max(1) {
            let clerk = Clerk::new(&connect(address).await?, None, &communes, number);
            seats.push(Seat { clerk, codes: Vec::new() });
        }
        Ok(Self { seats })
    }

    /// Lets all clients give their commands over one bulk call.
    pub(super) async fn open_bulk(address: &str, clients: usize) -> Result<Self, BenchError> {
        Self::bulk(address, 0..clients.max(1)).await
    }

    /// The same for clients that all sit at one desk, which is not that of the first client of an office.
    pub(super) async fn open_bulk_of_one_desk(address: &str, clients: usize) -> Result<Self, BenchError> {
        Self::bulk(address, std::iter::repeat_n(1, clients.max(1))).await
    }

    async fn bulk(address: &str, desks: impl Iterator<Item = usize>) -> Result<Self, BenchError> {
        let (communes, channel) = (communes()?, connect(address).await?);
        let bulk = Arc::new(Bulk::new(channel.clone()));
        let seat = |desk| {
            let clerk = Clerk::new(&channel, Some(Arc::clone(&bulk)), &communes, desk);
            Seat { clerk, codes: Vec::new() }
        };
        Ok(Self { seats: desks.map(seat).collect() })
    }

    /// Receives the dossiers of a load, then gives the commands on them, each dossier's next one after all others'.
    pub(super) async fn work(&mut self, load: Load) -> Result<Work, BenchError> {
        self.phase(Part::Prepare { dossiers: load.dossiers, clients: self.seats.len() as u64 }).await?;
        let receptions = self.phase(Part::Receive).await?;
        let commands = self.phase(Part::Command { each: load.commands, pace: None }).await?;
        Ok(Work { receptions, commands })
    }

    /// The same, with so many commands a second that begin on time. What is late counts from when it was due.
    pub(super) async fn work_on_time(&mut self, load: Load, rate: u32) -> Result<Work, BenchError> {
        let clients = self.seats.len();
        self.phase(Part::Prepare { dossiers: load.dossiers, clients: clients as u64 }).await?;
        let receptions = self.phase(Part::Receive).await?;
        let pace = Some(Pace::new(rate, clients));
        let commands = self.phase(Part::Command { each: load.commands, pace }).await?;
        Ok(Work { receptions, commands })
    }

    /// Lets all clients do their part at once.
    async fn phase(&mut self, part: Part) -> Result<Phase, BenchError> {
        let mut tasks = JoinSet::new();
        let begun = Stopwatch::now();
        for (place, seat) in (0..).zip(mem::take(&mut self.seats)) {
            tasks.spawn(seat.take(part, place));
        }
        let mut phase = Phase::default();
        while let Some(done) = tasks.join_next().await {
            let mut seat = done.map_err(BenchError::Client)??;
            phase.latencies.join(mem::take(&mut seat.clerk.latencies));
            self.seats.push(seat);
        }
        phase.elapsed = begun.elapsed();
        phase.calls = phase.latencies.count();
        Ok(phase)
    }
}

impl Seat {
    async fn take(mut self, part: Part, place: u64) -> Result<Self, BenchError> {
        match part {
            Part::Prepare { dossiers, clients } => {
                self.codes.clear();
                for _ in (place..dossiers).step_by(usize::try_from(clients).unwrap_or(usize::MAX)) {
                    self.codes.push(self.clerk.next_code().await?);
                }
            }
            Part::Receive => {
                for code in &self.codes {
                    self.clerk.receive(code).await?;
                }
            }
            Part::Command { each, pace } => {
                let mut given = 0;
                for n in 0..each {
                    for code in &self.codes {
                        let due = pace.map(|pace| pace.due(place, given));
                        self.clerk.command(code, n, due).await?;
                        given += 1;
                    }
                }
            }
        }
        Ok(self)
    }
}

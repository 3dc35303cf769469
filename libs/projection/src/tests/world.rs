//! A made-up partition history: what a ledger would hand out, without records and seals. The same seed gives the same
//! batches, so that a test can say what a store must hold at any point of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use lienthong_admission::{Changes, Cursor, Reason, RecordRef, Row, State, WITNESS_EVERY};
use lienthong_calendar::Instant;
use lienthong_dossier::{
    Case, Channel, Clock, CommandId, CurrentStep, Custody, Dossier, DossierCode, Imported, Medium, Money,
    Notice, NoticeState, PaperNumber, Phase, Pins, Referral, ReferralState, SourceName, Subject,
};
use lienthong_registry::{AgencyId, CommuneCode, PackVersion, ProcedureCode, StepId};
use lienthong_seal::{Hash, StateSum, partition_of};
use uuid::Uuid;

use crate::outlines::outline;
use crate::standing::standings;
use crate::{Advance, Identity, Standing, Store, Task, VOIDS_KEPT, VoidRow, Witness, tasks};

pub(crate) const AGENCIES: [&str; 4] = ["ward", "land", "tax", "city"];
pub(crate) const PARTITIONS: u16 = 3;
pub(crate) const PROCEDURES: [&str; 3] = ["1.012756", "1.099001", "2.000815"];

pub(crate) fn identity() -> Identity {
    Identity { log_id: Hash([7; 32]), partitions: PARTITIONS }
}

pub(crate) fn agency(id: &str) -> AgencyId {
    AgencyId::parse(id).unwrap()
}

pub(crate) fn code(text: &str) -> DossierCode {
    DossierCode::parse(text).unwrap()
}

fn at() -> Instant {
    Instant::from_millis(1_795_000_000_000)
}

pub(crate) fn case(holder: &str) -> Case {
    Case {
        adopted: None,

        procedure: ProcedureCode::parse("1.012756").unwrap(),
        pins: Pins {
            pack: PackVersion::parse("2025-07-01").unwrap(),
            calendar: "2026".into(),
            rates: "2025-07-01".into(),
        },
        commune: CommuneCode::parse("14758").unwrap(),
        received_by: agency("ward"),
        desk: agency("ward"),
        channel: Channel::Direct,
        opened_at: at(),
        last_at: at(),
        phase: Phase::Processing,
        custody: Custody::Held { by: agency(holder) },
        step: None,
        clock: Clock::Idle,
        step_clock: Clock::Idle,
        supplement: None,
        holds: [].into(),
        referrals: [].into(),
        money: Money::default(),
        stopped: false,
        extension: None,
        withdrawal_asked: false,
        land_register: None,
        result: None,
        parties: [agency(holder)].into(),
        hand_offs: 0,
        paper_hand_offs: 0,
        erased: None,
        applicant: lienthong_dossier::ApplicantKind::Citizen,
        records: 1,
        trail: lienthong_dossier::Trail::default(),
    }
}

pub(crate) fn offered(by: &str, to: &str) -> Custody {
    Custody::Offered { by: agency(by), to: agency(to), medium: Medium::Electronic }
}

pub(crate) fn referral(from: &str, to: &str, state: ReferralState) -> Referral {
    Referral {
        from: agency(from),
        to: agency(to),
        subject: Subject::TaxInformation,
        medium: Medium::Electronic,
        outside_clock: true,
        silence_agrees: false,
        since: at(),
        due: at(),
        state,
        answered_before: false,
    }
}

pub(crate) fn with_notice(mut case: Case, issuer: &str, state: NoticeState) -> Case {
    let notice = Notice { referral: 1, issuer: agency(issuer), issued_at: at(), lines: Vec::new(), state };
    case.money.notices.insert(PaperNumber::parse("TB-1").unwrap(), notice);
    case
}

pub(crate) fn imported(by: &str) -> Dossier {
    Dossier::Imported(Box::new(Imported {
        competent: None,
        by: agency(by),
        source: SourceName::parse("old").unwrap(),
        status: Some(lienthong_dossier::Status::Delivered),
        told: None,
        progress: Vec::new(),
        activities: 3,
        span: None,
        records: 1,
        last_at: at(),
        erased: None,
    }))
}

/// A state with that many records.
pub(crate) fn state(dossier: Dossier, records: u64) -> State {
    let record = |offset| RecordRef {
        offset,
        command: CommandId(Uuid::from_u128(u128::from(offset))),
        command_hash: Hash::of(&offset.to_be_bytes()),
    };
    State {
        dossier,
        head: Hash::of(&records.to_be_bytes()),
        records: (0..records).map(record).collect(),
        access: [].into(),
        data_key: Hash([1; 32]),
    }
}

/// Numbers that look random and are the same every time (splitmix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound.max(1)
    }

    pub(crate) fn agency(&mut self) -> &'static str {
        AGENCIES[self.below(AGENCIES.len() as u64) as usize]
    }
}

/// All that a store must hold of one partition.
#[derive(Debug, Clone)]
pub(crate) struct Partition {
    pub(crate) cursor: Cursor,
    pub(crate) states: BTreeMap<DossierCode, Arc<State>>,
    pub(crate) witnesses: BTreeMap<u64, Witness>,
    pub(crate) voids: Vec<VoidRow>,
}

#[derive(Clone)]
pub(crate) struct Batch(pub(crate) Advance);

impl Batch {
    pub(crate) fn write(self, store: &Store) {
        store.write(self.0).unwrap();
    }
}

/// Numbers of the dossiers of a world, unless it is a wide one.
const NUMBERS: u64 = 120;

pub(crate) struct World {
    dice: Dice,
    numbers: u64,
    pub(crate) partitions: Vec<Partition>,
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let start = |partition| Partition {
            cursor: Cursor::start(identity().log_id, partition),
            states: BTreeMap::new(),
            witnesses: BTreeMap::new(),
            voids: Vec::new(),
        };
        Self { dice: Dice(seed), numbers: NUMBERS, partitions: (0..PARTITIONS).map(start).collect() }
    }

    /// One with so many dossiers that those of a partition are more than a batch holds.
    pub(crate) fn wide(seed: u64) -> Self {
        Self { numbers: 30_000, ..Self::new(seed) }
    }

    /// The next batch, of about 20 records in one partition: some dossiers change, some records are void.
    pub(crate) fn batch(&mut self) -> Batch {
        let partition = self.dice.below(u64::from(PARTITIONS)) as u16;
        let records = 1 + self.dice.below(40);
        self.batch_of(partition, records)
    }

    /// A batch of so many records of a partition.
    pub(crate) fn batch_of(&mut self, partition: u16, records: u64) -> Batch {
        let mut changed: BTreeMap<DossierCode, Row> = BTreeMap::new();
        let (mut witnesses, mut voids) = (Vec::new(), Vec::new());
        for _ in 0..records {
            if self.dice.below(4) == 0 {
                voids.push(self.void(partition));
            } else {
                let row = self.change(partition);
                let before = changed.remove(&row.code).map_or(row.before.clone(), |first| first.before);
                changed.insert(row.code.clone(), Row { before, ..row });
            }
            witnesses.extend(self.count(partition));
        }
        let cursor = self.partitions[usize::from(partition)].cursor.clone();
        let changes = Changes { rows: changed.into_values().collect(), witnesses };
        Batch(Advance { partition, cursor, changes, voids })
    }

    fn of(&mut self, partition: u16) -> &mut Partition {
        &mut self.partitions[usize::from(partition)]
    }

    fn void(&mut self, partition: u16) -> VoidRow {
        let reason = Reason::ALL[self.dice.below(Reason::ALL.len() as u64) as usize];
        let here = self.of(partition);
        *here.cursor.voids.entry(reason.code()).or_insert(0) += 1;
        let offset = here.cursor.next;
        let leaf = Hash::of(&offset.to_be_bytes());
        let detail = offset.is_multiple_of(2).then(|| format!("detail of {offset}"));
        let row = VoidRow { offset, appended_ms: offset as i64, leaf, reason, detail, code: None };
        here.voids.push(row.clone());
        row
    }

    fn change(&mut self, partition: u16) -> Row {
        let code = loop {
            let number = self.dice.below(self.numbers);
            let code = code(&format!("H56.12-2611{}-{:04}", 22 + number / 10_000, number % 10_000));
            if partition_of(code.as_str(), PARTITIONS) == partition {
                break code;
            }
        };
        let before = self.of(partition).states.get(&code).cloned();
        // A few dossiers are so long that sled keeps them in a file of their own.
        let more = if self.dice.below(200) == 0 { 3_000 } else { 1 };
        let records = before.as_ref().map_or(0, |state| state.records.len() as u64) + more;
        let opened = before.as_ref().map_or(self.of(partition).cursor.next, |state| state.records[0].offset);
        let mut after = state(self.dossier(), records);
        after.records[0].offset = opened;
        let row = Row::new(code, before, Arc::new(after), [].into()).unwrap();
        let here = self.of(partition);
        if let Some(before) = &row.before {
            let bytes = before.encode().unwrap();
            here.cursor.states -= StateSum::of(row.code.as_str(), &bytes);
        }
        here.cursor.states += row.term;
        here.cursor.admitted += 1;
        here.states.insert(row.code.clone(), Arc::clone(&row.after));
        row
    }

    fn dossier(&mut self) -> Dossier {
        let (holder, other) = (self.dice.agency(), self.dice.agency());
        let case = self.somewhen(case(holder));
        let case = match self.dice.below(6) {
            0 => return imported(holder),
            1 => Case { custody: offered(holder, other), ..case },
            2 => Case { referrals: [(1, referral(holder, other, ReferralState::Sent))].into(), ..case },
            3 => with_notice(case, other, NoticeState::Current),
            4 => Case { phase: Phase::Delivered, ..case },
            _ => case,
        };
        Dossier::Live(Box::new(case))
    }

    /// Taken in by anyone on any of some days, with a promise that runs, stands, was kept or was never made.
    fn somewhen(&mut self, case: Case) -> Case {
        let (opened_at, due) = (self.day(), self.day());
        let (start, remaining_minutes) = (opened_at, self.dice.below(2_000) as u32);
        let clock = match self.dice.below(5) {
            0 => Clock::Idle,
            1 => Clock::Paused { start, due: None, remaining_minutes, since: opened_at },
            2 => Clock::Paused { start, due: Some(due), remaining_minutes, since: self.day() },
            3 => Clock::Ended { due, at: self.day() },
            _ => Clock::Running { start, due },
        };
        let step = CurrentStep { id: StepId::parse("tham-dinh").unwrap(), begun: Some(opened_at) };
        let step_clock = match self.dice.below(3) {
            0 => Clock::Idle,
            1 => Clock::Running { start, due: self.day() },
            _ => Clock::Ended { due, at: self.day() },
        };
        let procedure = PROCEDURES[self.dice.below(PROCEDURES.len() as u64) as usize];
        Case {
            procedure: ProcedureCode::parse(procedure).unwrap(),
            received_by: agency(self.dice.agency()),
            opened_at,
            clock,
            step: (self.dice.below(4) > 0).then_some(step),
            step_clock,
            stopped: self.dice.below(8) == 0,
            ..case
        }
    }

    /// Eight in the morning of one of 40 days.
    fn day(&mut self) -> Instant {
        Instant::from_millis(1_795_000_000_000 + 86_400_000 * self.dice.below(40) as i64)
    }

    fn count(&mut self, partition: u16) -> Option<(u64, u64, Hash)> {
        let cursor = &mut self.of(partition).cursor;
        let offset = cursor.next;
        cursor.last = Some((offset, cursor.chain));
        cursor.chain = Hash::of(&cursor.chain.0);
        cursor.next += 1;
        cursor.count += 1;
        let (count, hash) = (cursor.count, cursor.chain);
        count.is_multiple_of(WITNESS_EVERY).then(|| {
            let here = self.of(partition);
            here.cursor.witness = (count, hash);
            here.witnesses.insert(count, Witness { offset, hash });
            (count, offset, hash)
        })
    }
}

/// Every point that a partition has been at, by the next offset.
pub(crate) struct Past(BTreeMap<(u16, u64), Partition>);

impl Past {
    pub(crate) fn of(world: &World) -> Self {
        let mut past = Self(BTreeMap::new());
        past.remember(world);
        past
    }

    /// That many batches from a seed, all remembered.
    pub(crate) fn play(seed: u64, batches: u64) -> Self {
        let mut world = World::new(seed);
        let mut past = Self::of(&world);
        for _ in 0..batches {
            world.batch();
            past.remember(&world);
        }
        past
    }

    pub(crate) fn remember(&mut self, world: &World) {
        for (partition, here) in (0..).zip(&world.partitions) {
            self.0.entry((partition, here.cursor.next)).or_insert_with(|| here.clone());
        }
    }

    /// Holds a store to what was true at its own cursors, row for row, and gives the records it has.
    #[track_caller]
    pub(crate) fn check(&self, store: &Store) -> u64 {
        let mut rows: BTreeMap<DossierCode, Arc<State>> = BTreeMap::new();
        let mut count = 0;
        for partition in 0..PARTITIONS {
            let cursor = store.cursor(partition).unwrap();
            let here = self.0.get(&(partition, cursor.next)).expect("the cursor was once there");
            assert_eq!(cursor, here.cursor);
            count += cursor.count;
            rows.extend(here.states.clone());
            for (count, witness) in &here.witnesses {
                assert_eq!(store.witness(partition, *count).unwrap().as_ref(), Some(witness));
            }
            let voids: Vec<(u64, VoidRow)> = (0..).zip(here.voids.clone()).collect();
            let kept = voids.len().saturating_sub(VOIDS_KEPT as usize);
            let voids: Vec<_> = voids[kept..].iter().rev().cloned().collect();
            assert_eq!(store.voids(partition, None, usize::MAX).unwrap(), voids);
        }
        for id in AGENCIES.map(agency) {
            let standing = |(code, state): (_, &Arc<State>)| {
                Some((DossierCode::clone(code), *standings(state).get(&id)?))
            };
            let expected: Vec<(DossierCode, Standing)> = rows.iter().filter_map(standing).collect();
            assert_eq!(store.list_of(&id, None, usize::MAX).unwrap(), expected);
            let all = rows.iter().flat_map(|(code, state)| tasks(code, state));
            let mut expected: Vec<Task> =
                all.filter(|(agency, _)| *agency == id).map(|(_, task)| task).collect();
            expected.sort();
            assert_eq!(store.tasks(&id, None).collect::<Result<Vec<_>, _>>().unwrap(), expected);
        }
        for partition in 0..identity().partitions {
            let mut counted = store.outlines(partition).collect::<Result<Vec<_>, _>>().unwrap();
            counted.sort_by(|(one, _), (other, _)| one.cmp(other));
            let of_partition = rows
                .iter()
                .filter(|(code, _)| partition_of(code.as_str(), identity().partitions) == partition);
            let expected: Vec<_> = of_partition.map(|(code, state)| (code.clone(), outline(state))).collect();
            assert_eq!(counted, expected);
        }
        let listed = store.list(None, "", usize::MAX).unwrap();
        let listed: BTreeMap<_, _> =
            listed.into_iter().map(|(code, state)| (code, Arc::new(state))).collect();
        assert_eq!(listed, rows);
        count
    }
}

//! Power cuts: nothing that was answered is lost, whatever the disk kept of the rest.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::join_all;
use lienthong_log::contract::read_all;
use lienthong_log::{EventLog, Partition, ReadLimit, Record, Stored};

use super::disk::{Dice, Disk, Survivors};
use super::on_disk;
use crate::EmbeddedLog;
use crate::open::Want;

const WANT: Want = Want::Either { dossier_partitions: 2 };
const SEEDS: u64 = 60;
const LIVES: u64 = 4;
const TASKS: u64 = 6;
const APPENDS: u64 = 8;

/// What was answered so far, and what was ever sent.
#[derive(Default)]
struct Known {
    answered: BTreeMap<(Partition, u64), Record>,
    erasables: BTreeMap<String, [u8; 32]>,
    forgotten: Vec<String>,
    sent: Vec<Record>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_answered_is_lost_when_the_disk_forgets_what_it_did_not_sync() {
    many_power_cuts(Survivors::None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_answered_is_lost_when_the_disk_keeps_a_prefix_with_a_torn_end() {
    many_power_cuts(Survivors::Prefix).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_answered_is_lost_when_the_disk_keeps_any_of_the_sectors() {
    many_power_cuts(Survivors::Any).await;
}

/// The same disk loses its power again and again: in the middle of appends, of opening, of repairing.
async fn many_power_cuts(survivors: Survivors) {
    let mut answered = 0;
    for seed in 0..SEEDS {
        let mut dice = Dice(seed);
        let mut known = Known::default();
        let mut disk = Disk::default();
        // A log from the start: how its making survives is tested with files.
        on_disk(disk.clone(), WANT).unwrap().close().await;
        for life in 0..LIVES {
            disk.cut_power_after(1 + dice.below(200));
            live(&disk, &mut dice, &mut known, life).await;
            disk = disk.after_power_cut(survivors, &mut dice);
            let log = on_disk(disk.clone(), Want::Existing)
                .unwrap_or_else(|error| panic!("seed {seed} life {life} {survivors:?}: {error:?}"));
            known.check(&log, &format!("seed {seed} life {life} {survivors:?}")).await;
            // Not closed before the next cut: that one may find an open log, or one being opened.
            disk.cut_power_after(1 + dice.below(12));
            drop(log);
            disk = disk.after_power_cut(survivors, &mut dice);
        }
        answered += known.answered.len();
    }
    // The cuts are neither all too early nor all too late to say anything.
    let sent = SEEDS * LIVES * TASKS * APPENDS;
    assert!((sent / 20..sent).contains(&(answered as u64)), "{answered} of {sent} answered");
}

/// Opens the log and changes it from many tasks until the power is gone, or everybody is done.
async fn live(disk: &Disk, dice: &mut Dice, known: &mut Known, life: u64) {
    // Without power before it was open: nothing was answered.
    let Ok(log) = on_disk(disk.clone(), Want::Existing) else { return };
    let log = Arc::new(log);
    let tasks = (0..TASKS).map(|task| {
        let log = Arc::clone(&log);
        let mut dice = Dice(dice.below(u64::MAX));
        tokio::spawn(async move {
            let mut known = Known::default();
            for number in 0..APPENDS {
                let name = format!("{life}/{task}/{number}");
                if !known.change(&log, &name, &mut dice).await {
                    break;
                }
            }
            known
        })
    });
    for task in join_all(tasks).await {
        known.merge(task.unwrap());
    }
}

impl Known {
    /// Makes one change and remembers it when it is answered.
    async fn change(&mut self, log: &EmbeddedLog, name: &str, dice: &mut Dice) -> bool {
        let partition =
            [Partition::Dossiers(0), Partition::Dossiers(1), Partition::Reads][dice.below(3) as usize];
        // Mostly small, sometimes over many pages, so that the file grows.
        let size = if dice.below(6) == 0 { dice.below(100_000) } else { dice.below(2_000) };
        let body = (0..size).map(|_| dice.below(256) as u8).collect::<Vec<u8>>();
        let record = Record { key: name.to_owned().into(), headers: Vec::new(), value: body.into() };
        self.sent.push(record.clone());
        let Ok(offset) = log.append(partition, record.clone()).await else { return false };
        self.answered.insert((partition, offset), record);
        let value = [dice.below(256) as u8; 32];
        let Ok(stands) = log.put_erasable(name, value).await else { return false };
        assert_eq!(stands, value);
        if dice.below(2) == 0 {
            self.erasables.insert(name.to_owned(), value);
            return true;
        }
        let is_forgotten = log.forget_erasable(name).await.is_ok();
        if is_forgotten {
            self.forgotten.push(name.to_owned());
        }
        is_forgotten
    }

    fn merge(&mut self, other: Self) {
        self.answered.extend(other.answered);
        self.erasables.extend(other.erasables);
        self.forgotten.extend(other.forgotten);
        self.sent.extend(other.sent);
    }

    /// Whether the log has all that was answered, unchanged, and nothing that was never sent.
    async fn check(&self, log: &EmbeddedLog, when: &str) {
        let mut found = BTreeMap::new();
        for partition in Partition::all(2) {
            let records = read_all(log, partition, 0, ReadLimit::default()).await;
            let offsets: Vec<u64> = records.iter().map(|stored| stored.offset).collect();
            assert!(offsets.iter().copied().eq(0..log.end(partition).await.unwrap()), "{when}: {offsets:?}");
            assert!(records.is_sorted_by_key(|stored| stored.appended_ms));
            for Stored { offset, record, .. } in records {
                assert!(self.sent.contains(&record), "{when}: a record that nobody sent");
                found.insert((partition, offset), record);
            }
        }
        for (place, record) in &self.answered {
            assert_eq!(found.get(place), Some(record), "{when}: lost {place:?}");
        }
        for (key, value) in &self.erasables {
            assert_eq!(log.erasable(key).await.unwrap(), Some(*value), "{when}");
        }
        for key in &self.forgotten {
            assert_eq!(log.erasable(key).await.unwrap(), None, "{when}");
        }
    }
}

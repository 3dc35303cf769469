//! Tests of making and opening a log.

use std::fs;
use std::path::Path;

use lienthong_log::contract::record;
use lienthong_log::{DOSSIER_PARTITIONS_MAX, EventLog, Partition};
use redb::{Database, TableDefinition};

use super::disk::{Dice, Disk, Survivors};
use super::on_disk;
use crate::open::Want;
use crate::{EmbeddedLog, FILE_NAME, OpenError};

#[test]
fn a_log_is_made_with_the_folders_above_it() {
    let dir = tempfile::tempdir().unwrap();
    let deep = dir.path().join("a/b/c");
    let log = EmbeddedLog::create(&deep, 48).unwrap();
    assert_eq!(log.dossier_partitions(), 48);
    drop(log);
    assert_eq!(EmbeddedLog::open(&deep).unwrap().dossier_partitions(), 48);
}

#[test]
fn what_is_asked_for_and_what_is_there_are_compared() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(EmbeddedLog::open(dir.path()), Err(OpenError::Missing { .. })));
    assert!(!dir.path().join(FILE_NAME).exists());
    assert!(matches!(EmbeddedLog::open(dir.path().join("none")), Err(OpenError::Missing { .. })));

    drop(EmbeddedLog::open_or_create(dir.path(), 3).unwrap());
    drop(EmbeddedLog::open_or_create(dir.path(), 3).unwrap());
    assert!(matches!(EmbeddedLog::create(dir.path(), 3), Err(OpenError::Exists { .. })));
    let differ = EmbeddedLog::open_or_create(dir.path(), 4);
    assert!(matches!(differ, Err(OpenError::PartitionsDiffer { found: 3, wanted: 4, .. })));

    for wanted in [0, DOSSIER_PARTITIONS_MAX + 1] {
        let refused = EmbeddedLog::open_or_create(dir.path(), wanted);
        assert!(matches!(refused, Err(OpenError::PartitionsOutOfRange { .. })));
    }
    let most = tempfile::tempdir().unwrap();
    assert!(EmbeddedLog::create(most.path(), DOSSIER_PARTITIONS_MAX).is_ok());
}

#[tokio::test]
async fn a_second_handle_is_refused_until_the_first_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let log = EmbeddedLog::create(dir.path(), 1).unwrap();
    assert!(matches!(EmbeddedLog::open(dir.path()), Err(OpenError::AlreadyOpen { .. })));
    assert!(matches!(EmbeddedLog::open_or_create(dir.path(), 1), Err(OpenError::AlreadyOpen { .. })));
    assert!(matches!(EmbeddedLog::create(dir.path(), 1), Err(OpenError::AlreadyOpen { .. })));
    log.append(Partition::Registry, record("not disturbed")).await.unwrap();
    drop(log);
    assert_eq!(EmbeddedLog::open(dir.path()).unwrap().end(Partition::Registry).await.unwrap(), 1);
}

#[test]
fn what_is_no_log_is_refused_and_left_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(FILE_NAME);
    let refuse = |why: fn(&OpenError) -> bool| {
        let before = fs::metadata(&path).unwrap().len();
        for refused in [EmbeddedLog::open(dir.path()), EmbeddedLog::open_or_create(dir.path(), 1)] {
            assert!(refused.as_ref().is_err_and(why), "{refused:?}");
        }
        assert_eq!(fs::metadata(&path).unwrap().len(), before);
    };
    fs::write(&path, "no database at all").unwrap();
    refuse(|error| matches!(error, OpenError::Failed { .. }));

    // A log whose first page is gone still has its records behind it: never made anew.
    fs::remove_file(&path).unwrap();
    drop(EmbeddedLog::create(dir.path(), 1).unwrap());
    let mut bytes = fs::read(&path).unwrap();
    bytes[..4096].fill(0);
    fs::write(&path, bytes).unwrap();
    refuse(|error| matches!(error, OpenError::Failed { .. }));

    fs::remove_file(&path).unwrap();
    let database = Database::create(&path).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction.open_table(TableDefinition::<u8, u8>::new("theirs")).unwrap();
    transaction.commit().unwrap();
    drop(database);
    refuse(|error| matches!(error, OpenError::NotALog { .. }));
}

/// Wherever the power is cut while a log is made, what is left is no log, or a whole one; and one can be made there.
#[test]
fn a_log_whose_making_was_cut_short_can_be_made_again() {
    let (mut left_nothing, mut left_a_log) = (0, 0);
    for survivors in [Survivors::None, Survivors::Prefix, Survivors::Any] {
        for steps in 1..40 {
            let disk = Disk::default();
            disk.cut_power_after(steps);
            let made = on_disk(disk.clone(), Want::New { dossier_partitions: 2 });
            let is_made = made.is_ok();
            drop(made);
            let bytes = disk.after_power_cut(survivors, &mut Dice(steps)).bytes();
            match open_as_file(&bytes) {
                true => left_a_log += 1,
                false if is_made => panic!("{survivors:?} {steps}: made, and lost"),
                false => left_nothing += 1,
            }
        }
    }
    assert!(left_nothing > 10 && left_a_log > 10, "{left_nothing} {left_a_log}");
}

/// Whether these bytes are a log; a new one can be made there if not.
fn open_as_file(bytes: &[u8]) -> bool {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(FILE_NAME), bytes).unwrap();
    let is_log = match EmbeddedLog::open(dir.path()) {
        Ok(_) => true,
        Err(OpenError::Missing { .. }) => false,
        Err(other) => panic!("{other:?}"),
    };
    assert_eq!(is_whole(dir.path()), 2);
    is_log
}

fn is_whole(dir: &Path) -> u16 {
    EmbeddedLog::open_or_create(dir, 2).unwrap().dossier_partitions()
}

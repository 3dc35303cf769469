//! Damage of every kind ends in a usable store and never in wrong rows.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::thread;

use lienthong_dossier::DossierCode;
use lienthong_seal::Hash;

use super::world::{Dice, Past, World, identity};
use super::{filled, open, open_sound, place};
use crate::{ASIDE_KEPT, Damage, Identity, MovedAside, Opened, Store, StoreError, keys};

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to)?
        } else {
            fs::copy(entry.path(), to).map(drop)?
        }
    }
    Ok(())
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect();
    files.sort();
    files
}

/// Whatever happened to the folder: what is in the store was true once, or the store is empty and says why. Either
/// way it can be written and opened again.
fn check(dir: &Path, past: &Past) -> Option<MovedAside> {
    let Opened { store, moved_aside, .. } = open(dir);
    let count = past.check(&store);
    if let Some(MovedAside { to, .. }) = &moved_aside {
        assert_eq!(count, 0);
        assert!(to.exists());
        let (mut world, mut past) = (World::new(5), Past::of(&World::new(5)));
        for _ in 0..3 {
            world.batch().write(&store);
            past.remember(&world);
        }
        store.close().unwrap();
        past.check(&open_sound(dir));
    }
    moved_aside
}

/// Does one piece of damage to a folder and says which.
fn hurt(dir: &Path, dice: &mut Dice) -> String {
    let files = files(dir);
    let path = &files[dice.below(files.len() as u64) as usize];
    // Most of a store is in the one file `db`, so most of the damage should be.
    let path = if dice.below(2) == 0 { &dir.join("db") } else { path };
    let length = fs::metadata(path).unwrap().len();
    let file = OpenOptions::new().write(true).open(path).unwrap();
    let what = match dice.below(5) {
        0 => {
            let to = dice.below(length);
            file.set_len(to).unwrap();
            format!("cut at {to}")
        }
        1 => {
            fs::remove_file(path).unwrap();
            "deleted".to_owned()
        }
        noise => {
            let bits = 3 + 4 * dice.below(4);
            let (from, bytes) = (dice.below(length), 1 + dice.below(1 << bits));
            let noise: Vec<u8> =
                (0..bytes).map(|_| if noise == 2 { 0 } else { dice.below(256) as u8 }).collect();
            file.write_all_at(&noise, from).unwrap();
            format!("{bytes} bytes over {from}")
        }
    };
    format!("{} of {length} bytes {what}", path.display())
}

fn rounds(seeds: std::ops::Range<u64>) {
    let (_place, whole) = place();
    let (store, mut world, mut past) = filled(&whole, 21, 40);
    store.close().unwrap();
    // Opened again, so that there is a snapshot of sled's and something after it.
    let store = open_sound(&whole);
    for _ in 0..40 {
        world.batch().write(&store);
        past.remember(&world);
    }
    store.close().unwrap();
    let kept = |name: &str| files(&whole).iter().any(|path| path.to_string_lossy().contains(name));
    assert!(kept("snap.") && kept("blobs/"), "every kind of file should be there");
    let mut moved = 0;
    for seed in seeds {
        let (_place, dir) = place();
        copy(&whole, &dir).unwrap();
        let mut dice = Dice(seed);
        let what = hurt(&dir, &mut dice);
        let outcome = check(&dir, &past);
        println!("{seed}: {what}: {outcome:?}");
        moved += u64::from(outcome.is_some());
    }
    assert!(moved > 0, "no damage was material");
}

#[test]
fn random_damage_is_found_or_does_not_matter() {
    rounds(0..60);
}

#[test]
#[ignore = "minutes; run after a change of sled or of what is checked"]
fn much_random_damage_is_found_or_does_not_matter() {
    rounds(60..1_060);
}

#[test]
fn a_copy_taken_while_writing_is_a_valid_start_or_none() {
    let (_place, dir) = place();
    let (store, mut world, mut past) = filled(&dir, 22, 3);
    let copies = thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for _ in 0..400 {
                world.batch().write(&store);
                past.remember(&world);
            }
        });
        let mut copies = Vec::new();
        while !writer.is_finished() && copies.len() < 12 {
            let (place, copied) = place();
            // A file that sled removed meanwhile: no copy this time.
            if copy(&dir, &copied).is_ok() {
                copies.push((place, copied));
            }
        }
        writer.join().unwrap();
        copies
    });
    past.check(&store);
    assert!(!copies.is_empty());
    for (_place, copied) in &copies {
        println!("{:?}", check(copied, &past));
    }
}

#[test]
fn a_neighbours_store_copied_while_closed_is_a_valid_start() {
    let (_place, dir) = place();
    let (store, world, past) = filled(&dir, 23, 10);
    store.close().unwrap();
    let copied = dir.with_file_name("neighbour");
    copy(&dir, &copied).unwrap();
    let count: u64 = world.partitions.iter().map(|partition| partition.cursor.count).sum();
    assert_eq!(past.check(&open_sound(&copied)), count);
}

/// Opens a closed store with sled itself and changes something.
fn tamper(dir: &Path, change: impl FnOnce(&sled::Db)) {
    let db = sled::Config::new().path(dir).flush_every_ms(None).open().unwrap();
    change(&db);
    db.flush().unwrap();
    drop(db);
    crate::lock::wait_for_sled(dir).unwrap();
}

#[track_caller]
fn check_tampered(change: impl FnOnce(&sled::Db, &DossierCode), expected: &str) {
    let (_place, dir) = place();
    let (store, world, past) = filled(&dir, 24, 40);
    store.close().unwrap();
    let code = world.partitions[0].states.keys().next().unwrap();
    tamper(&dir, |db| change(db, code));
    let why = check(&dir, &past).expect("moved aside").why;
    assert_eq!(why.to_string(), expected);
}

#[test]
fn a_row_edited_under_the_store_is_found() {
    let dossiers = "the dossiers of partition 0 are not those its cursor accounts for";
    let others = "index, witnesses or voids of partition 0 are not those its cursor accounts for";
    let edit = |db: &sled::Db, key: &[u8]| {
        let mut value = db.get(key).unwrap().expect("the row to edit").to_vec();
        *value.last_mut().unwrap() ^= 1;
        db.insert(key, value).unwrap();
    };
    check_tampered(|db, code| edit(db, &keys::dossier(code)), dossiers);
    check_tampered(|db, code| drop(db.remove(keys::dossier(code)).unwrap()), dossiers);
    check_tampered(|db, _| edit(db, &keys::witness(0, 64)), others);
    check_tampered(|db, _| edit(db, &keys::void(0, 2)), others);
    check_tampered(|db, _| drop(db.remove(keys::void(0, 2)).unwrap()), others);
    check_tampered(|db, _| edit(db, &keys::cursor(0)), "the cursor of partition 0 does not fit its checksum");
    check_tampered(|db, _| drop(db.remove(keys::cursor(0)).unwrap()), dossiers);
    let swap = |db: &sled::Db, _: &DossierCode| {
        let other = db.get(keys::cursor(1)).unwrap().unwrap();
        db.insert(keys::cursor(0), other).unwrap();
    };
    check_tampered(swap, "the cursor of partition 0 does not fit its checksum");
    check_tampered(|db, _| drop(db.remove(keys::IDENTITY).unwrap()), "nothing says which log it belongs to");
    check_tampered(|db, _| drop(db.insert("zzz", "?").unwrap()), "a row of kind `z` has an impossible key");
    let stray = |db: &sled::Db, code: &DossierCode| {
        db.insert(keys::index(&super::world::agency("nobody"), code), &[1]).unwrap();
    };
    check_tampered(stray, others);
}

#[test]
fn a_store_of_another_log_or_format_is_moved_aside() {
    let (_place, dir) = place();
    let (store, _, _) = filled(&dir, 25, 3);
    store.close().unwrap();
    let other_log = Identity { log_id: Hash([8; 32]), ..identity() };
    let Opened { store, moved_aside, .. } = Store::open(&dir, &other_log).unwrap();
    assert!(matches!(moved_aside.unwrap().why, Damage::OtherLog { found } if found == identity().log_id));
    store.close().unwrap();
    let other_count = Identity { partitions: 4, ..other_log };
    let Opened { store, moved_aside, .. } = Store::open(&dir, &other_count).unwrap();
    assert!(matches!(moved_aside.unwrap().why, Damage::OtherPartitions { found: 3 }));
    store.close().unwrap();

    let old = (0_u16, other_count.log_id, other_count.partitions);
    let old = crate::rows::encode_checked(keys::IDENTITY, &old).unwrap();
    tamper(&dir, |db| drop(db.insert(keys::IDENTITY, old).unwrap()));
    let Opened { moved_aside, .. } = Store::open(&dir, &other_count).unwrap();
    assert!(matches!(moved_aside.unwrap().why, Damage::OtherFormat { found: 0 }));
}

#[test]
fn a_missing_or_empty_folder_is_a_new_store_and_a_file_is_moved_aside() {
    let (_place, dir) = place();
    let (store, ..) = filled(&dir, 26, 3);
    store.close().unwrap();
    fs::remove_dir_all(&dir).unwrap();
    open_sound(&dir).close().unwrap();
    fs::remove_dir_all(&dir).unwrap();
    fs::create_dir(&dir).unwrap();
    open_sound(&dir).close().unwrap();
    fs::remove_dir_all(&dir).unwrap();
    fs::write(&dir, "no store").unwrap();
    assert!(open(&dir).moved_aside.is_some());
}

#[test]
fn only_the_newest_folders_moved_aside_stay() {
    let (_place, dir) = place();
    for log in 1..=6 {
        let identity = Identity { log_id: Hash([log; 32]), ..identity() };
        Store::open(&dir, &identity).unwrap().store.close().unwrap();
    }
    let parent = fs::read_dir(dir.parent().unwrap()).unwrap();
    let mut names: Vec<_> = parent.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let expected = ["store", "store.damaged-3", "store.damaged-4", "store.damaged-5", "store.lock"];
    assert_eq!(names, expected);
    assert_eq!(names.len(), ASIDE_KEPT + 2);
}

#[test]
fn a_store_that_somebody_has_open_is_locked_and_left_alone() {
    let (_place, dir) = place();
    let (store, _, past) = filled(&dir, 27, 3);
    let locked = Store::open(&dir, &identity()).unwrap_err();
    assert!(matches!(locked, StoreError::Locked { dir: locked } if locked == dir));
    past.check(&store);
    drop(store);
    past.check(&open_sound(&dir));
}

#[test]
fn a_store_that_broke_in_use_is_made_anew() {
    let (_place, dir) = place();
    let (store, mut world, past) = filled(&dir, 29, 3);
    store.tree.break_down();
    let broken = store.write(world.batch().0).unwrap_err();
    assert!(matches!(broken, StoreError::Broken));
    let Opened { store, moved_aside, .. } = store.move_aside(broken.into()).unwrap();
    assert_eq!(moved_aside.unwrap().why.to_string(), "it failed");
    assert_eq!(past.check(&store), 0);
}

#[test]
fn a_store_of_a_log_made_anew_is_moved_aside_by_the_node() {
    let (_place, dir) = place();
    let (store, _, past) = filled(&dir, 28, 3);
    let Opened { store, moved_aside, .. } = store.move_aside(Damage::LogMadeAnew { partition: 1 }).unwrap();
    let MovedAside { to, why } = moved_aside.unwrap();
    assert!(matches!(why, Damage::LogMadeAnew { partition: 1 }));
    assert_eq!(past.check(&store), 0);
    store.close().unwrap();
    // What was moved is a whole store under another name.
    assert!(past.check(&open_sound(&to)) > 0);
}

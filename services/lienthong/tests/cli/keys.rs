//! `keys`: files from plain to encrypted and back, and services that are given the passphrase or are not.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use lienthong_seal::{Cost, KeyFile, Passphrase};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Run, command, done, done_json, not_done, run};

const OLD: &str = "correct horse battery";
const NEW: &str = "another horse battery";

/// A training log, its keys, and files with passphrases.
struct Place {
    dir: TempDir,
}

impl Place {
    /// With plain keys.
    fn plain() -> Self {
        let place = Self { dir: tempfile::tempdir().unwrap() };
        done_with_notes(&["registry", "init", "--training", "--log", &place.log()], &[]);
        place
    }

    fn log(&self) -> String {
        format!("embedded:{}", self.data())
    }

    fn data(&self) -> String {
        self.dir.path().join("log").display().to_string()
    }

    /// A file with this passphrase.
    fn words(&self, words: &str) -> String {
        let path = self.dir.path().join(words.replace(' ', "-"));
        fs::write(&path, format!("{words}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
        path.display().to_string()
    }

    /// `keys VERB` on this folder.
    fn keys(&self, verb: &str, more: &[&str]) -> Value {
        done_json(&[&["keys", verb, "--dir", &self.data()], more].concat())
    }

    /// Of each file, its key's id.
    fn ids(&self) -> BTreeMap<String, String> {
        let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
        self.rows().iter().map(|row| (text(row, "file"), text(row, "id"))).collect()
    }

    fn rows(&self) -> Vec<Value> {
        self.keys("list", &[]).as_array().unwrap().clone()
    }

    fn encrypted(&self) -> usize {
        self.rows().iter().filter(|row| row["encrypted"] == true).count()
    }

    fn files(&self) -> Vec<PathBuf> {
        self.rows().iter().map(|row| Path::new(&self.data()).join(row["file"].as_str().unwrap())).collect()
    }

    /// Starts the services on the log, which need all keys but those that belong offline.
    fn started(&self, variables: &[(&str, &str)]) -> Run {
        run_with(&["dossier", "list", "--log", &self.log()], variables)
    }
}

fn run_with(args: &[&str], variables: &[(&str, &str)]) -> Run {
    let output = command(args).envs(variables.iter().copied()).output().unwrap();
    Run {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn done_with_notes(args: &[&str], variables: &[(&str, &str)]) {
    let ended = run_with(args, variables);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}

fn passphrase(words: &str) -> Passphrase {
    Passphrase::new(words.to_owned().into()).unwrap().with_cost(Cost::FLOOR)
}

#[test]
fn keys_are_encrypted_used_by_services_and_decrypted() {
    let place = Place::plain();
    let (ids, words) = (place.ids(), place.words(OLD));
    assert!(ids.len() > 166 && ids.contains_key("keys/agencies/H56.1.key"), "{ids:?}");
    assert!(place.rows().iter().all(|row| row["mode"] == "0600" && row["encrypted"] == false));
    let listed = done(&["keys", "list", "--dir", &place.data()]);
    assert!(
        !listed.contains(" signing ") && listed.contains(" ký ") && listed.contains(" cơ quan "),
        "{listed}"
    );
    assert!(listed.find("H56.2.key") < listed.find("H56.10.key"), "{listed}");
    let told = place.keys("encrypt", &["--passphrase-file", &words, "--cost", "14"]);
    assert_eq!((&told["changed"], &told["unchanged"]), (&ids.len().into(), &0.into()));
    assert_eq!((place.encrypted(), place.ids()), (ids.len(), ids.clone()));
    let again = place.keys("encrypt", &["--passphrase-file", &words, "--cost", "14"]);
    assert_eq!((&again["changed"], &again["unchanged"]), (&0.into(), &ids.len().into()));

    let missing = place.started(&[]);
    assert_eq!(missing.code, Some(64), "{}", missing.stderr);
    assert!(missing.stderr.contains("is encrypted") && missing.stderr.contains("LIENTHONG_KEY_PASSPHRASE"));
    let wrong = place.started(&[("LIENTHONG_KEY_PASSPHRASE", NEW)]);
    assert_eq!(wrong.code, Some(64), "{}", wrong.stderr);
    assert!(wrong.stderr.contains("another passphrase") && !wrong.stderr.contains(NEW), "{}", wrong.stderr);
    let (data, log) = (place.data(), place.log());
    for command in [
        &["dossier", "list", "--log", &log][..],
        &["registry", "rotate", "ward-desk", "--log", &log],
        &["keys", "decrypt", "--dir", &data],
        &["keys", "encrypt", "--dir", &data],
    ] {
        let wrong = run_with(command, &[("LIENTHONG_KEY_PASSPHRASE", NEW)]);
        let help = wrong.stderr.lines().nth(1).unwrap_or_default();
        for way in ["LIENTHONG_KEY_PASSPHRASE ", "--passphrase-file", "key_passphrase_file"] {
            assert!(wrong.code == Some(64) && help.contains(way), "{command:?}: {}", wrong.stderr);
        }
    }
    // What was to be made is not there under the wrong one.
    assert_eq!(place.ids(), ids);
    for variable in [("LIENTHONG_KEY_PASSPHRASE", OLD), ("LIENTHONG_KEY_PASSPHRASE_FILE", &words)] {
        let started = place.started(&[variable]);
        assert_eq!(started.code, Some(0), "{variable:?}: {}", started.stderr);
    }

    // Each service that seals has made a key for its own index, under the same passphrase.
    let before = ids.len();
    let ids = place.ids();
    assert_eq!((ids.len(), place.encrypted()), (before + 3, before + 3));
    assert!(ids.contains_key("keys/index/ward-desk.key"), "{ids:?}");

    let told = place.keys("decrypt", &["--passphrase-file", &words]);
    assert_eq!((&told["changed"], &told["unchanged"]), (&ids.len().into(), &0.into()));
    assert_eq!((place.encrypted(), place.ids()), (0, ids));
    assert_eq!(place.started(&[]).code, Some(0));
    let list = done(&["keys", "list", "--dir", &place.data()]);
    assert!(list.contains("Mã khóa") && list.contains("keys/authority.key"), "{list}");
}

#[test]
fn keys_that_are_made_under_a_passphrase_never_lie_there_plain() {
    let place = Place { dir: tempfile::tempdir().unwrap() };
    let words = place.words(OLD);
    let init = ["registry", "init", "--training", "--log", &place.log()];
    done_with_notes(&init, &[("LIENTHONG_KEY_PASSPHRASE_FILE", &words)]);
    assert_eq!(place.encrypted(), place.ids().len());
    let started = place.started(&[("LIENTHONG_KEY_PASSPHRASE_FILE", &words)]);
    assert_eq!(started.code, Some(0), "{}", started.stderr);
}

#[test]
fn a_change_of_passphrase_that_was_stopped_goes_on() {
    let place = Place::plain();
    let (old, new) = (place.words(OLD), place.words(NEW));
    place.keys("encrypt", &["--passphrase-file", &old, "--cost", "14"]);
    let (ids, files) = (place.ids(), place.files());
    let (before, after) = (passphrase(OLD), passphrase(NEW));
    let done = 70;
    for file in &files[..done] {
        KeyFile::look(file).unwrap().rewrite(Some(&before), Some(&after)).unwrap();
    }
    let both = ["--passphrase-file", &old, "--new-passphrase-file", &new, "--cost", "14"];
    let told = place.keys("passphrase", &both);
    assert_eq!((&told["changed"], &told["unchanged"]), (&(files.len() - done).into(), &done.into()));
    assert_eq!((place.encrypted(), place.ids()), (files.len(), ids));
    assert_eq!(place.started(&[("LIENTHONG_KEY_PASSPHRASE", NEW)]).code, Some(0));
    let same = ["--passphrase-file", &new, "--new-passphrase-file", &new];
    let data = place.data();
    let args = [&["keys", "passphrase", "--dir", &data], &same[..]].concat();
    not_done(&args, 64, "the new passphrase is the old one");
}

#[test]
fn a_command_that_is_killed_leaves_every_key_and_nothing_plain_once_it_is_run_again() {
    let place = Place::plain();
    let (ids, words) = (place.ids(), place.words(OLD));
    let data = place.data();
    let args = ["keys", "encrypt", "--dir", &data, "--passphrase-file", &words, "--cost", "14"];
    let mut encrypting = command(&args).spawn().unwrap();
    let first = place.files().remove(0);
    while !KeyFile::look(&first).unwrap().is_encrypted {
        assert!(encrypting.try_wait().unwrap().is_none(), "it ended without the first file");
    }
    encrypting.kill().unwrap();
    encrypting.wait().unwrap();
    assert_eq!(place.ids(), ids);
    // As if it had been killed in the middle of one file.
    let left = Path::new(&data).join("keys/.authority.key.unsaved-1-0");
    fs::write(&left, "half of a key").unwrap();
    done(&args);
    assert_eq!((place.encrypted(), place.ids()), (ids.len(), ids));
    assert!(!left.exists());
}

#[test]
fn what_cannot_be_done_is_said_before_anything_is_changed() {
    let place = Place::plain();
    let (data, old) = (place.data(), place.words(OLD));
    let encrypt = ["keys", "encrypt", "--dir", &data];
    not_done(&["keys", "list", "--dir", &format!("{data}/nowhere")], 64, "there is no folder");
    not_done(&encrypt, 64, "no passphrase was given");
    let with = |file: &str| [&encrypt[..], &["--passphrase-file", file, "--cost", "14"]].concat().join("\n");
    let open = place.words("open to everybody");
    fs::set_permissions(&open, fs::Permissions::from_mode(0o644)).unwrap();
    not_done(&with(&open).split('\n').collect::<Vec<_>>(), 64, "passphrase file");
    not_done(&with(&place.words("short")).split('\n').collect::<Vec<_>>(), 64, "a passphrase is a line");
    assert_eq!(place.encrypted(), 0);
    assert_eq!(run(&[&encrypt[..], &["--cost", "13"]].concat()).code, Some(2));

    // Two passphrases in one folder would leave it with files that no service opens.
    let one = &place.files()[3];
    KeyFile::look(one).unwrap().rewrite(None, Some(&passphrase(NEW))).unwrap();
    not_done(&with(&old).split('\n').collect::<Vec<_>>(), 64, &format!("key file {}", one.display()));
    assert_eq!(place.encrypted(), 1);
    let mut text = fs::read_to_string(one).unwrap();
    text.truncate(text.len() / 2);
    fs::write(one, text).unwrap();
    not_done(
        &with(&old).split('\n').collect::<Vec<_>>(),
        64,
        &format!("key file {} is damaged", one.display()),
    );
    not_done(&["keys", "list", "--dir", &data], 64, &format!("key file {} is damaged", one.display()));
}

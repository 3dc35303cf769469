//! How the command starts and ends: drained by SIGTERM, refused where it cannot run, with the exit codes of its manual.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use lienthong_wire::pb::common::v1::Receipt;
use tokio::sync::Notify;

use super::support::clients::Clients;
use super::support::command::Command;
use super::support::denied::{denied, is_typed};
use super::support::on::{On, Place, on_every_log};
use super::support::process::{Ended, Process, Up};
use super::support::story::{code, transfer};

on_every_log! {
    sigterm_under_load_answers_what_is_under_way_and_takes_nothing_more
}

const CLIENTS: usize = 16;
/// Answers before the signal, so that it comes under load.
const ANSWERS: usize = 200;

/// Who was answered what, until the process stopped.
struct Worked {
    answered: Vec<(Command, Receipt)>,
    refused: Command,
}

async fn work(clients: Clients, first: usize, answers: Arc<AtomicUsize>, enough: Arc<Notify>) -> Worked {
    let mut answered = Vec::new();
    for number in (first..).step_by(CLIENTS) {
        for command in transfer(&code(number)) {
            match command.send(&clients).await {
                Ok(receipt) => {
                    answered.push((command, receipt));
                    if answers.fetch_add(1, Ordering::Relaxed) == ANSWERS {
                        enough.notify_one();
                    }
                }
                Err(status) => {
                    // Either told to go elsewhere, or not taken any more.
                    assert!(!is_typed(&status) || denied(&status).reason == "DRAINING", "{status:?}");
                    return Worked { answered, refused: command };
                }
            }
        }
    }
    unreachable!("it works until it is refused")
}

async fn sigterm_under_load_answers_what_is_under_way_and_takes_nothing_more(on: On) {
    let place = Place::new(on).await;
    let up = place.up(&[]);
    let (answers, enough) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let at_work = (1..=CLIENTS)
        .map(|first| tokio::spawn(work(up.clients(), first, Arc::clone(&answers), Arc::clone(&enough))));
    let at_work: Vec<_> = at_work.collect();
    enough.notified().await;
    up.terminate();
    let mut worked = Vec::new();
    for client in at_work {
        worked.push(client.await.unwrap());
    }
    let ended = tokio::task::spawn_blocking(move || up.ended()).await.unwrap();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(!ended.stderr.contains("cut off"), "{}", ended.stderr);

    let up = place.up(&[]);
    let clients = up.clients();
    let mut records = 0;
    for Worked { answered, refused } in &worked {
        for (command, receipt) in answered {
            let again = command.send(&clients).await.unwrap();
            assert!(again.repeated);
            assert_eq!((&again.leaf, again.position), (&receipt.leaf, receipt.position));
        }
        // What was not answered was not done behind the caller's back.
        assert!(!refused.send(&clients).await.unwrap().repeated, "{:?}", refused.verb);
        records += answered.len() + 1;
    }
    let digest = clients.digest_of_all().await;
    assert_eq!((digest.admitted, digest.voids.len()), (records as u64, 0));
    up.stop();
}

#[test]
fn a_second_process_on_a_log_is_sent_to_the_first() {
    let place = tempfile::tempdir().unwrap();
    let up = Up::training(place.path(), &[]);
    let ended = Up::starting(place.path(), &[]).ended();
    says(&ended, 69, &["another process holds the log", "--server"]);
    // The first one is none the worse for it.
    up.stop();
}

#[test]
fn without_a_log_the_command_names_both_ways_to_make_one() {
    let place = tempfile::tempdir().unwrap();
    let ended = up(&place.path().join("nothing"), &[]);
    says(&ended, 64, &["there is no log", "up --training", "registry init"]);
    assert!(!place.path().join("nothing").exists(), "nothing was made");
}

#[test]
fn a_faulty_pack_or_flag_is_told_before_anything_is_made() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("log");
    let pack = dir.path().join("faulty.yaml");
    std::fs::write(&pack, "procedure: \"9.999\"\n").unwrap();
    says(&up(&place, &["--training", "--pack", pack.to_str().unwrap()]), 64, &["faulty.yaml:"]);
    says(&up(&place, &["--training", "--pack", "no-such-file.yaml"]), 64, &["no-such-file.yaml"]);
    says(&up(&place, &["--trainings"]), 2, &["--trainings"]);
    says(&Process::start(&["up", "--log", "tape:/dev/st0"]).ended(), 2, &["embedded:DIR"]);
    assert!(!place.exists(), "nothing was made");
}

fn up(place: &Path, more: &[&str]) -> Ended {
    let log = format!("embedded:{}", place.display());
    Process::start(&[&["up", "--free-ports", "--log", &log], more].concat()).ended()
}

fn says(ended: &Ended, code: i32, texts: &[&str]) {
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(code), ""), "{}", ended.stderr);
    for text in texts {
        assert!(ended.stderr.contains(text), "{text:?} is not in {:?}", ended.stderr);
    }
}

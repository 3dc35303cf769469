//! Many clients, two nodes of every service, one log: at each step exactly one wins and everybody is answered.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;
use lienthong_wire::pb::common::v1::Receipt;
use lienthong_wire::pb::reading::v1::{Digest, GetTimelineRequest};
use tonic::{Code, Status};

use super::support::clients::{Clients, Service};
use super::support::command::Command;
use super::support::denied::denied;
use super::support::nodes::{Bus, Services};
use super::support::on::{On, on_every_log};
use super::support::story::{carry_out, code, transfer};

on_every_log! {
    of_sixty_four_clients_at_two_nodes_exactly_one_wins_each_step
    one_reception_sent_to_two_nodes_at_once_makes_one_dossier_and_one_answer
    of_two_receptions_under_one_code_the_other_is_told_a_fresh_one
    what_one_node_was_told_another_can_read
}

const CLIENTS: usize = 64;

/// Everyone sends at once; by the time this returns each has an answer, since calls have a deadline.
async fn race(clients: &[Clients], commands: &[Command]) -> Vec<Result<Receipt, Status>> {
    join_all(clients.iter().zip(commands).map(|(clients, command)| {
        let (clients, command) = (clients.clone(), command.clone());
        async move { tokio::spawn(async move { command.send(&clients).await }).await.unwrap() }
    }))
    .await
}

/// Clients with connections of their own, by turns at one replica and the other.
fn everyone(here: &Services, there: &Services) -> Vec<Clients> {
    (0..CLIENTS).map(|n| [here, there][n % 2].more_clients()).collect()
}

/// Both replicas agree on everything, and nothing is void but what another node was faster with.
async fn agreed(here: &Services, there: &Services) -> Digest {
    here.catch_up().await;
    there.catch_up().await;
    let digest = here.clients.digest_of_all().await;
    assert_eq!(there.clients.digest_of_all().await, digest);
    let reasons: BTreeSet<_> = digest.voids.iter().map(|void| void.reason.as_str()).collect();
    assert!(reasons.is_subset(&BTreeSet::from(["Stale", "Repeat"])), "{reasons:?}");
    digest
}

async fn of_sixty_four_clients_at_two_nodes_exactly_one_wins_each_step(on: On) {
    let bus = Bus::new(on).await;
    let (here, there) = (bus.replica(0, 2).await, bus.replica(1, 2).await);
    let clients = everyone(&here, &there);
    let story = transfer(&code(1));
    let mut winners: Vec<Receipt> = Vec::new();
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for (place, command) in story.iter().enumerate() {
        let commands: Vec<_> = (0..CLIENTS).map(|_| command.afresh()).collect();
        let answers = race(&clients, &commands).await;
        let mut won = Vec::new();
        for answer in answers {
            match answer {
                // A payment that is recorded already is answered as such under any command id.
                Ok(receipt) if receipt.repeated => *reasons.entry("(repeated)".to_owned()).or_default() += 1,
                Ok(receipt) => won.push(receipt),
                Err(status) => {
                    let denied = denied(&status);
                    let class = matches!(
                        denied.code,
                        Code::FailedPrecondition
                            | Code::AlreadyExists
                            | Code::Aborted
                            | Code::PermissionDenied
                    );
                    assert!(class, "{place} {:?}: {status}", command.verb);
                    *reasons.entry(denied.reason).or_default() += 1;
                }
            }
        }
        assert_eq!(won.len(), 1, "{place} {:?}: {reasons:?}", command.verb);
        winners.extend(won);
    }
    let answered: usize = reasons.values().sum();
    assert_eq!(answered + winners.len(), CLIENTS * story.len());
    let digest = agreed(&here, &there).await;
    assert_eq!((digest.admitted, digest.dossiers), (story.len() as u64, 1));
    let leaves: Vec<_> = winners.into_iter().map(|receipt| receipt.leaf).collect();
    for services in [&here, &there] {
        let timeline = services.clients.timeline(&code(1)).await;
        assert_eq!(timeline.into_iter().map(|entry| entry.leaf).collect::<Vec<_>>(), leaves);
    }
    here.stop().await;
    there.stop().await;
}

async fn one_reception_sent_to_two_nodes_at_once_makes_one_dossier_and_one_answer(on: On) {
    let bus = Bus::new(on).await;
    let (here, there) = (bus.replica(0, 2).await, bus.replica(1, 2).await);
    let both = [here.clients.clone(), there.clients.clone()];
    const RECEPTIONS: usize = 24;
    for number in 1..=RECEPTIONS {
        let reception = transfer(&code(number)).swap_remove(0);
        let answers = race(&both, &[reception.clone(), reception]).await;
        let [first, second] = answers.try_into().unwrap();
        let (first, second) = (first.unwrap(), second.unwrap());
        assert_eq!(first.leaf, second.leaf);
        assert_eq!((first.position, first.at, first.due), (second.position, second.at, second.due));
        assert_eq!([first.repeated, second.repeated].iter().filter(|repeated| **repeated).count(), 1);
    }
    let digest = agreed(&here, &there).await;
    assert_eq!((digest.dossiers, digest.admitted), (RECEPTIONS as u64, RECEPTIONS as u64));
    // The loser's key is nobody's: both nodes go on with the winner's.
    for (number, services) in [(1, &here), (2, &there)] {
        carry_out(&services.clients, &transfer(&code(number))[1..]).await;
        agreed(&here, &there).await;
    }
    here.stop().await;
    there.stop().await;
}

async fn of_two_receptions_under_one_code_the_other_is_told_a_fresh_one(on: On) {
    let bus = Bus::new(on).await;
    let (here, there) = (bus.replica(0, 2).await, bus.replica(1, 2).await);
    let both = [here.clients.clone(), there.clients.clone()];
    for number in [1, 11, 21, 31] {
        let reception = transfer(&code(number)).swap_remove(0);
        let answers = race(&both, &[reception.afresh(), reception.afresh()]).await;
        let lost = answers.iter().position(Result::is_err).expect("one loses");
        let won = answers[1 - lost].as_ref().expect("one wins");
        let denied = denied(answers[lost].as_ref().unwrap_err());
        assert_eq!((denied.code, denied.reason.as_str()), (Code::AlreadyExists, "CODE_TAKEN"));
        // With the fresh code the loser's dossier is received after all.
        let fresh = &denied.metadata["fresh_code"];
        assert_ne!(fresh, &won.code);
        let again = transfer(fresh).swap_remove(0);
        let receipt = again.send(&both[lost]).await.unwrap();
        assert_eq!((&receipt.code, receipt.repeated), (fresh, false));
    }
    let digest = agreed(&here, &there).await;
    assert_eq!((digest.dossiers, digest.admitted), (8, 8));
    here.stop().await;
    there.stop().await;
}

async fn what_one_node_was_told_another_can_read(on: On) {
    let bus = Bus::new(on).await;
    let (here, there) = (bus.replica(0, 2).await, bus.replica(1, 2).await);
    for (place, command) in transfer(&code(1)).iter().enumerate() {
        let receipt = command.send(&here.clients).await.unwrap();
        let request =
            GetTimelineRequest { code: receipt.code.clone(), at_least: receipt.position, as_of: None };
        for service in Service::ALL {
            let answer = there.clients.reading(service).get_timeline(request.clone()).await.unwrap();
            let entries = answer.into_inner().entries;
            assert_eq!(entries.len(), place + 1);
            assert_eq!(entries[place].leaf, receipt.leaf);
        }
    }
    here.stop().await;
    there.stop().await;
}

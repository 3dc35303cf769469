//! Many commands over one call: each in its dossier's order, each answered once, each as if it had come alone.

use std::collections::BTreeMap;

use lienthong_wire::pb::bulk::v1::bulk_client::BulkClient;
use lienthong_wire::pb::bulk::v1::submit_response::Answer;
use lienthong_wire::pb::bulk::v1::{Failure, SubmitRequest, SubmitResponse};
use lienthong_wire::pb::common::v1::Receipt;
use lienthong_wire::{Any, DESCRIPTOR_SET};
use prost_reflect::DescriptorPool;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Request, Status, Streaming};

use super::support::PATIENCE;
use super::support::clients::{Clients, Service};
use super::support::command::Command;
use super::support::denied::denied;
use super::support::nodes::Bus;
use super::support::on::{On, Place, on_every_log};
use super::support::story::{code, transfer};

on_every_log! {
    commands_of_many_dossiers_are_done_in_each_ones_order_and_answered_once
    what_is_no_command_fails_alone_and_whatever_commands_is_taken
    a_ninth_call_is_told_to_come_back_and_has_a_place_when_another_ends
    who_comes_alone_is_not_behind_what_waits_in_bulk
    a_drain_answers_what_it_has_taken_of_a_call_and_leaves_the_rest_undone
}

const DOSSIERS: usize = 60;
/// Far more than a window, so that most of them wait while somebody comes alone, or a drain begins.
const MANY: usize = 1_500;

type Answers = Streaming<SubmitResponse>;

async fn open(clients: &Clients) -> Result<(mpsc::Sender<SubmitRequest>, Answers), Status> {
    let (commands, sent) = mpsc::channel(1);
    let mut request = Request::new(ReceiverStream::new(sent));
    request.set_timeout(PATIENCE);
    let answers = BulkClient::new(clients.channel(Service::WardDesk)).submit(request).await?;
    Ok((commands, answers.into_inner()))
}

/// Sends everything, while the answers are read; the answer to each, in the order in which it was sent.
async fn submit(clients: &Clients, commands: Vec<Any>) -> Vec<Answer> {
    let (sender, mut answers) = open(clients).await.unwrap();
    let count = commands.len();
    let sending = tokio::spawn(async move {
        for (sequence, command) in (0..).zip(commands) {
            sender.send(SubmitRequest { sequence, command: Some(command) }).await.unwrap();
        }
    });
    let mut by_number = BTreeMap::new();
    while let Some(SubmitResponse { sequence, answer }) = answers.message().await.unwrap() {
        assert_eq!(by_number.insert(sequence, answer.unwrap()), None, "{sequence} is answered twice");
    }
    sending.await.unwrap();
    assert_eq!(by_number.keys().copied().collect::<Vec<_>>(), (0..count as u64).collect::<Vec<_>>());
    by_number.into_values().collect()
}

fn receipts(answers: Vec<Answer>) -> Vec<Receipt> {
    let receipt = |answer| match answer {
        Answer::Receipt(receipt) => receipt,
        Answer::Failure(failure) => panic!("{failure:?}"),
    };
    answers.into_iter().map(receipt).collect()
}

fn failure(answer: &Answer) -> &Failure {
    match answer {
        Answer::Failure(failure) => failure,
        Answer::Receipt(receipt) => panic!("{receipt:?}"),
    }
}

async fn commands_of_many_dossiers_are_done_in_each_ones_order_and_answered_once(on: On) {
    let bus = Bus::new(on).await;
    let services = bus.replica(0, 1).await;
    let clients = &services.clients;
    // What a desk does until the land office has to answer, of all dossiers at once: nobody waits for an answer.
    let stories: Vec<Vec<Command>> = (1..=DOSSIERS).map(|n| transfer(&code(n))).collect();
    let of_desk = |story: &Vec<Command>| story.iter().take_while(|it| it.to == Service::WardDesk).count();
    let steps = of_desk(&stories[0]);
    assert!(steps >= 3, "reception, step and offer");
    let commands: Vec<Any> =
        (0..steps).flat_map(|step| stories.iter().map(move |story| story[step].packed())).collect();
    let first = receipts(submit(clients, commands.clone()).await);
    assert!(first.iter().all(|receipt| !receipt.repeated));
    let digest = clients.digest_of_all().await;
    assert_eq!((digest.dossiers, digest.admitted), (DOSSIERS as u64, commands.len() as u64));
    assert_eq!(digest.voids, []);
    // The same again changes nothing, and is answered as before.
    let again = receipts(submit(clients, commands).await);
    for (first, again) in first.into_iter().zip(again) {
        assert_eq!(again, Receipt { repeated: true, ..first });
    }
    assert_eq!(clients.digest_of_all().await, digest);
}

async fn what_is_no_command_fails_alone_and_whatever_commands_is_taken(on: On) {
    let bus = Bus::new(on).await;
    let services = bus.replica(0, 1).await;
    let any = |name: &str, value: &[u8]| Any {
        type_url: format!("type.googleapis.com/{name}"),
        value: value.to_vec(),
    };
    let receive = transfer(&code(1))[0].packed();
    let asked = vec![
        any("lienthong.reading.v1.GetDigestRequest", b""),
        Any { value: vec![0xff; 9], ..receive.clone() },
        Any { value: vec![0; 256 * 1024 + 1], ..receive.clone() },
        Any::default(),
        receive,
    ];
    let answers = submit(&services.clients, asked).await;
    let told = |answer| (Code::from(failure(answer).code), failure(answer).reason.as_str());
    let invalid = |reason| (Code::InvalidArgument, reason);
    let reasons: Vec<_> = answers[..4].iter().map(told).collect();
    let expected = ["UNKNOWN_VALUE", "MALFORMED", "TOO_LARGE", "UNKNOWN_VALUE"];
    assert_eq!(reasons, expected.map(invalid));
    assert!(!failure(&answers[0]).details.is_empty(), "the details of the call's own trailer");
    receipts(answers[4..].to_vec());

    // Whatever returns a receipt is a command.
    let pool = DescriptorPool::decode(DESCRIPTOR_SET).unwrap();
    let methods = pool.services().flat_map(|service| service.methods().collect::<Vec<_>>());
    let commands: Vec<String> = methods
        .filter(|method| method.output().full_name() == "lienthong.common.v1.Receipt")
        .map(|method| method.input().full_name().to_owned())
        .collect();
    assert!(commands.len() > 40, "{commands:?}");
    let answers = submit(&services.clients, commands.iter().map(|name| any(name, b"")).collect()).await;
    for (name, answer) in commands.iter().zip(&answers) {
        assert_eq!(told(answer), invalid("MISSING"), "{name}");
    }
}

async fn a_ninth_call_is_told_to_come_back_and_has_a_place_when_another_ends(on: On) {
    let bus = Bus::new(on).await;
    let services = bus.replica(0, 1).await;
    let mut calls = Vec::new();
    for _ in 0..8 {
        calls.push(open(&services.clients).await.unwrap());
    }
    let refused = open(&services.clients).await.unwrap_err();
    assert_eq!(refused.code(), Code::ResourceExhausted, "{refused}");
    let (commands, mut answers) = calls.pop().unwrap();
    drop(commands);
    assert_eq!(answers.message().await.unwrap(), None, "a call ends when its caller has sent all");
    let (_commands, _answers) = open(&services.clients).await.unwrap();
}

/// The first answer of a call that is sent the receptions of many dossiers, and the call.
async fn under_way(clients: &Clients) -> Answers {
    let (sender, mut answers) = open(clients).await.unwrap();
    tokio::spawn(async move {
        for (sequence, number) in (0..).zip(1..=MANY) {
            let command = Some(transfer(&code(number))[0].packed());
            // Of a call that has ended nobody takes any more.
            if sender.send(SubmitRequest { sequence, command }).await.is_err() {
                return;
            }
        }
    });
    answers.message().await.unwrap().unwrap();
    answers
}

async fn who_comes_alone_is_not_behind_what_waits_in_bulk(on: On) {
    let bus = Bus::new(on).await;
    let services = bus.replica(0, 1).await;
    let mut answers = under_way(&services.clients).await;
    let at_the_desk = async {
        for command in transfer(&code(MANY + 1)).iter().take_while(|it| it.to == Service::WardDesk) {
            command.send(&services.clients).await.unwrap();
        }
    };
    let mut at_the_desk = std::pin::pin!(at_the_desk);
    let (mut answered, mut before) = (1, None);
    while answered < MANY {
        tokio::select! {
            answer = answers.message() => {
                assert!(matches!(answer.unwrap().unwrap().answer, Some(Answer::Receipt(_))));
                answered += 1;
            }
            () = &mut at_the_desk, if before.is_none() => before = Some(answered),
        }
    }
    assert!(
        before.is_some_and(|before| before < MANY / 2),
        "{before:?} of {MANY} were answered before the desk"
    );
}

async fn a_drain_answers_what_it_has_taken_of_a_call_and_leaves_the_rest_undone(on: On) {
    let place = Place::new(on).await;
    let up = place.up(&[]);
    let mut answers = under_way(&up.clients()).await;
    up.terminate();
    let mut told = vec![];
    let ended = loop {
        match answers.message().await {
            Ok(Some(SubmitResponse { sequence, answer: Some(answer) })) => told.push((sequence, answer)),
            Ok(answer) => panic!("{answer:?}"),
            Err(status) => break status,
        }
    };
    assert_eq!(denied(&ended).reason, "DRAINING", "{ended:?}");
    let stopped = tokio::task::spawn_blocking(move || up.ended()).await.unwrap();
    assert_eq!(stopped.code, Some(0), "{}", stopped.stderr);
    let up = place.up(&[]);
    let clients = up.clients();
    let mut carried_out: usize = 1;
    for (sequence, answer) in told {
        let again = transfer(&code(sequence as usize + 1))[0].send(&clients).await.unwrap();
        match answer {
            Answer::Receipt(receipt) => assert_eq!(again, Receipt { repeated: true, ..receipt }),
            Answer::Failure(failure) => {
                assert_eq!((failure.reason.as_str(), again.repeated), ("DRAINING", false))
            }
        }
        carried_out += 1;
    }
    assert!(carried_out < MANY, "the drain came too late to show anything");
    // What was neither answered nor asked for again was not done behind the caller's back.
    assert_eq!(clients.digest_of_all().await.admitted, carried_out as u64);
    up.stop();
}

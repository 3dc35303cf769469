//! A command id stands for one command, at whichever node and however often it is said.

use tonic::Code;

use super::support::clients::Service;
use super::support::command::Verb;
use super::support::denied::denied;
use super::support::nodes::Bus;
use super::support::on::{On, on_every_log};
use super::support::story::{carry_out, code, intake, receive, transfer};

on_every_log! {
    a_command_said_again_gets_the_same_answer_at_every_node
    a_command_id_with_other_content_is_refused_at_every_node
}

async fn a_command_said_again_gets_the_same_answer_at_every_node(on: On) {
    let bus = Bus::new(on).await;
    let (here, there) = (bus.replica(0, 2).await, bus.replica(1, 2).await);
    let story = transfer(&code(1));
    let receipts = carry_out(&here.clients, &story).await;
    there.catch_up().await;
    let before = here.clients.digest(Service::WardDesk).await;
    for (command, first) in story.iter().zip(&receipts) {
        assert!(!first.repeated && first.training);
        for clients in [&here.clients, &there.clients] {
            let again = command.send(clients).await.unwrap();
            assert!(again.repeated, "{:?}", command.verb);
            let same = |receipt: &lienthong_wire::pb::common::v1::Receipt| {
                (receipt.code.clone(), receipt.leaf.clone(), receipt.position, receipt.at)
            };
            assert_eq!(same(&again), same(first), "{:?}", command.verb);
        }
    }
    there.catch_up().await;
    assert_eq!(here.clients.digest(Service::WardDesk).await, before);
    assert_eq!(there.clients.digest(Service::WardDesk).await, before);
    here.stop().await;
    there.stop().await;
}

async fn a_command_id_with_other_content_is_refused_at_every_node(on: On) {
    let bus = Bus::new(on).await;
    let (here, there) = (bus.replica(0, 2).await, bus.replica(1, 2).await);
    let story = transfer(&code(1));
    carry_out(&here.clients, &story[..2]).await;
    there.catch_up().await;
    let before = here.clients.digest(Service::WardDesk).await;
    // One that only the encrypted part tells apart, one that another officer gives, one of another kind.
    let mut other_person = story[0].clone();
    if let Verb::Receive(request) = &mut other_person.verb {
        request.details.as_mut().unwrap().text.push('!');
    }
    let other_officer =
        story[0].with(|header| header.actor.as_mut().unwrap().officer_id = "cb-02".to_owned());
    let other_kind = story[2].with(|header| header.command_id = story[0].id().to_owned());
    let mut other_intake = story[0].clone();
    if let (Verb::Receive(request), Verb::Receive(other)) =
        (&mut other_intake.verb, receive(intake("1.099002", "14797")))
    {
        request.intake = other.intake;
    }
    for command in [other_person, other_officer, other_kind, other_intake] {
        for clients in [&here.clients, &there.clients] {
            let denied = denied(&command.send(clients).await.unwrap_err());
            assert_eq!((denied.code, denied.reason.as_str()), (Code::AlreadyExists, "OTHER_CONTENT"));
            assert_eq!(denied.field, "header.command_id");
        }
    }
    assert_eq!(here.clients.digest(Service::WardDesk).await, before);
    here.stop().await;
    there.stop().await;
}

//! What keeps a node from its work, and what it does meanwhile.

use std::sync::Arc;
use std::time::Duration;

use lienthong_log::{EventLog, ReadError, ReadLimit};
use lienthong_registry::LogKind;
use tokio::time::Instant;

use super::*;
use crate::error::{IN_SYNC_MIN, REPLICAS_MIN};
use crate::submit::Terms;
use crate::testing::outage::{Outage, away, trouble};
use crate::testing::*;

/// Long enough for a command to come to its append, on any machine.
const WITHIN: Duration = Duration::from_secs(1);

fn on(log: &Arc<Outage>) -> Site {
    Site::over(Arc::clone(log) as Arc<dyn EventLog>, &training_charter())
}

async fn becomes(readiness: &mut watch::Receiver<Readiness>, why: &[Why]) {
    readiness.wait_for(|now| now.why == why).await.unwrap();
}

#[tokio::test]
async fn while_the_log_is_in_trouble_commands_are_told_at_once_and_what_stands_is_answered() {
    let log = Outage::new(PARTITIONS, None);
    let site = on(&log);
    let desk = site.desk().await;
    let (command, mut readiness) = (reception(), desk.readiness());
    becomes(&mut readiness, &[]).await;
    let receipt = desk.submit(command.clone()).await.unwrap();
    log.log.trouble(trouble());
    // Who would wait now would wait for ever.
    log.hold_appends();
    let refused = desk.submit(first_step()).await;
    let text = "retention.ms is 7 days (to mend it: kafka-configs --alter)";
    assert!(matches!(&refused, Err(Refusal::LogInTrouble { why }) if why == text), "{refused:?}");
    assert_eq!(
        desk.submit(command).await.unwrap(),
        crate::submit::Receipt { repeated: true, ..receipt.clone() }
    );
    assert!(desk.store().state(&code(CODE)).unwrap().is_some());
    becomes(&mut readiness, &[Why::Log(trouble())]).await;
    assert_eq!(desk.why_not(), [text]);
    log.log.trouble(Condition::default());
    log.land().await;
    becomes(&mut readiness, &[]).await;
    assert_eq!(desk.submit(first_step()).await.unwrap().next, receipt.next + 1);
    desk.stop().await;
    assert_eq!(readiness.borrow().why, [Why::Draining]);
}

#[tokio::test]
async fn a_command_is_answered_by_its_deadline_whatever_the_log_does() {
    let log = Outage::new(PARTITIONS, None);
    let site = on(&log);
    let desk = site.desk().await;
    log.hold_appends();
    // The first record of a dossier waits for its key before anything is offered.
    let unoffered = desk.submit_by(reception(), Terms::by(Instant::now() + WITHIN / 4)).await;
    assert!(matches!(unoffered, Err(Refusal::NotReady { .. })), "{unoffered:?}");
    log.land().await;
    assert!(site.records(CODE).await.is_empty());
    desk.submit(reception()).await.unwrap();

    log.hold_appends();
    let command = first_step();
    // The second one waits for the dossier's turn, and is told that nothing was done.
    let (first, second) = tokio::join!(
        desk.submit_by(command.clone(), Terms::by(Instant::now() + 2 * WITHIN)),
        desk.submit_by(first_step(), Terms::by(Instant::now() + WITHIN)),
    );
    assert!(matches!(first, Err(Refusal::Unknown)), "{first:?}");
    assert!(matches!(second, Err(Refusal::NotReady { .. })), "{second:?}");
    assert!(desk.0.pending.is_empty());
    assert_eq!(desk.0.gate.available_permits(), crate::node::COMMANDS_MAX);
    log.land().await;
    assert!(desk.submit(command).await.unwrap().repeated);
    assert_eq!(site.records(CODE).await.len(), 2);
    desk.stop().await;
}

#[tokio::test]
async fn a_projector_goes_on_by_itself_when_the_log_answers_again() {
    let log = Outage::new(PARTITIONS, None);
    let site = on(&log);
    let (desk, land) = (site.desk().await, site.land().await);
    desk.submit(reception()).await.unwrap();
    land.catch_up().await.unwrap();
    log.fail_reads(Some(away()));
    // Another node's record, which this log lets through.
    let other = "H56.2-261102-0002";
    let key = |code: &str| Partition::Dossiers(lienthong_seal::partition_of(code, PARTITIONS));
    let record = log.log.read(key(CODE), 0, ReadLimit::default()).await.unwrap().remove(0).record;
    log.log.append(key(other), record).await.unwrap();
    log.refused(4).await;
    assert!(!desk.failed().is_cancelled() && !land.failed().is_cancelled());
    // A start waits it out, too.
    let (_, caught_up) = tokio::join!(
        async {
            log.refused(6).await;
            log.fail_reads(None);
        },
        land.catch_up()
    );
    caught_up.unwrap();
    assert_eq!(land.lagging(), []);
    desk.stop().await;
    land.stop().await;
}

#[tokio::test]
async fn a_node_whose_projector_cannot_go_on_says_why() {
    let log = Outage::new(PARTITIONS, None);
    let site = on(&log);
    let desk = site.desk().await;
    let source = Arc::new(std::io::Error::other("the disk is gone"));
    log.fail_reads(Some(ReadError::Failed { source }));
    let mut readiness = desk.readiness();
    let record =
        lienthong_log::Record { key: Default::default(), headers: vec![], value: Default::default() };
    log.log.append(Partition::Dossiers(0), record).await.unwrap();
    let why = "the projector stopped: the log cannot be read: the log could not be read: the disk is gone";
    becomes(&mut readiness, &[Why::Failed(why.to_owned())]).await;
    let refused = desk.submit(reception()).await.unwrap_err();
    assert_eq!(refused.to_string(), format!("the node is not ready: {why}"));
    desk.stop().await;
}

#[tokio::test]
async fn a_node_that_catches_up_says_how_far_it_is() {
    let log = Outage::new(PARTITIONS, None);
    let site = on(&log);
    let desk = site.desk().await;
    offered(&desk).await;
    desk.stop().await;
    log.fail_reads(Some(away()));
    let store = site.store("late");
    let late = Node::open(site.parts("ward-desk", &store)).await.unwrap();
    assert_eq!(late.readiness().borrow().why, [Why::CatchingUp]);
    assert_eq!(late.why_not(), ["catching up with the log: 0 of 3 records applied, 3 to go"]);
    let partition = lienthong_seal::partition_of(CODE, PARTITIONS);
    assert_eq!(late.lagging(), [Lag { partition, wanted: 3, applied: 0 }]);
    log.fail_reads(None);
    late.caught_up().await.unwrap();
    assert!(late.readiness().borrow().is_ready() && late.lagging().is_empty());
    late.stop().await;
}

#[tokio::test]
async fn a_production_log_on_too_few_machines_is_not_served() {
    let production = charter(|parts| parts.kind = LogKind::Production);
    for (copies, production_runs) in [
        (Some((REPLICAS_MIN, IN_SYNC_MIN)), true),
        (Some((REPLICAS_MIN, IN_SYNC_MIN - 1)), false),
        (Some((REPLICAS_MIN - 1, IN_SYNC_MIN)), false),
        // On one disk: its copies are whoever makes backups.
        (None, true),
    ] {
        for (charter, runs) in [(&production, production_runs), (&training_charter(), true)] {
            let site = Site::over(Outage::new(PARTITIONS, copies), charter);
            let store = site.store("desk");
            match Node::start(site.parts("ward-desk", &store)).await {
                Ok(node) => {
                    assert!(runs, "{copies:?}");
                    node.stop().await;
                }
                Err(StartError::Copies(_)) => assert!(!runs, "{copies:?}"),
                Err(error) => panic!("{error}"),
            }
        }
    }
}

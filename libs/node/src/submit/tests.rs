//! Commands at whole nodes, over every log.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use jiff::ToSpan;
use lienthong_admission::Reason;
use lienthong_dossier::{Line, Private, decide};
use lienthong_log::MemoryLog;
use lienthong_seal::{DataKey, ErasableHalf};
use uuid::Uuid;

use super::*;
use crate::error::Lag;
use crate::shares::AGENCY_COMMANDS_MAX;
use crate::testing::*;

mod rotation;
mod sealing;

on_every_log! {
    a_repeat_gets_the_same_answer_whatever_happened_since_and_wherever_it_is_sent
    a_used_id_with_other_content_is_refused_until_the_key_is_forgotten
    a_code_whose_key_was_forgotten_serves_no_other_dossier
    of_two_receptions_at_once_one_wins_and_both_share_the_erasable_half
    what_another_node_was_faster_with_is_decided_again
    a_node_takes_commands_of_its_own_agencies_only
    a_full_gate_is_busy_and_a_draining_node_says_so
    a_node_that_cannot_judge_is_not_ready
    what_is_secret_or_too_large_leaves_no_record
    in_training_what_the_caller_says_counts_and_the_clock_never_goes_back
    the_trace_of_a_call_goes_into_the_record
    a_query_waits_for_its_position_and_else_says_how_far_behind_the_node_is
    commands_of_many_callers_at_once_are_each_carried_out_once
    a_command_that_changes_nothing_is_answered_with_the_last_record
}

fn denied(result: Result<Receipt, Refusal>) -> Denial {
    match result {
        Err(Refusal::Denied(denial)) => denial,
        other => panic!("{other:?}"),
    }
}

/// The same command with other content.
fn changed(command: &Command) -> Command {
    let mut command = command.clone();
    command.actor.name = Line::parse("Trần Văn Khác").unwrap();
    command
}

async fn a_repeat_gets_the_same_answer_whatever_happened_since_and_wherever_it_is_sent(on: On) {
    let site = Site::on(on).await;
    let (desk, replica) = (site.desk().await, site.node("ward-desk", "replica").await);
    let command = reception();
    let first = desk.submit(command.clone()).await.unwrap();
    let again = Receipt { repeated: true, ..first.clone() };
    assert!(!first.repeated);
    assert_eq!(first.status, Some(Status::Accepted));
    assert_eq!(desk.submit(command.clone()).await.unwrap(), again);
    step_and_offer(&desk).await;
    let land = site.land().await;
    let accept = self::command(CODE, "2026-11-02 10:00", LAND, Action::AcceptCustody);
    assert_eq!(land.submit(accept).await.unwrap().status, Some(Status::Processing));
    for node in [&desk, &replica] {
        assert_eq!(node.submit(command.clone()).await.unwrap(), again);
    }
    assert_eq!(site.records(CODE).await.len(), 4);
    for node in [desk, land, replica] {
        node.stop().await;
    }
}

async fn a_used_id_with_other_content_is_refused_until_the_key_is_forgotten(on: On) {
    let site = Site::on(on).await;
    let desk = site.desk().await;
    let command = reception();
    let first = desk.submit(command.clone()).await.unwrap();
    let others = [
        changed(&command),
        Command { private: Some(Private(b"somebody else".to_vec())), ..command.clone() },
        Command { occurred_at: Some(at("2026-11-02 08:16")), ..command.clone() },
        Command { agency: agency("H56.9"), ..command.clone() },
    ];
    for other in &others {
        assert!(matches!(desk.submit(other.clone()).await, Err(Refusal::OtherContent)), "{other:?}");
    }
    site.log.forget_erasable(CODE).await.unwrap();
    // The node had the key in memory, and its replica never had it.
    let replica = site.node("ward-desk", "replica").await;
    for node in [&desk, &replica] {
        let repeated = node.submit(changed(&command)).await.unwrap();
        assert_eq!(repeated, Receipt { repeated: true, ..first.clone() });
        let next = self::command(CODE, "2026-11-02 09:00", DESK, complete("tiep-nhan", "chuyen-ho-so"));
        assert!(matches!(node.submit(next).await, Err(Refusal::NoKey)));
    }
    assert_eq!(site.records(CODE).await.len(), 1);
    desk.stop().await;
    replica.stop().await;
}

async fn a_code_whose_key_was_forgotten_serves_no_other_dossier(on: On) {
    let site = Site::on(on).await;
    let desk = site.desk().await;
    site.log.forget_erasable(CODE).await.unwrap();
    assert_eq!(denied(desk.submit(reception()).await), Denial::CodeTaken);
    desk.stop().await;
}

/// Decides on what this node has applied, as `submit` does before it appends.
async fn draft(node: &Node, command: &Command) -> (Body, Arc<Secrets>) {
    let inner = &node.0;
    let state = inner.store.state(&command.code).unwrap();
    let dossier = state.as_ref().map(|state| &state.dossier);
    let partition = partition_of(command.code.as_str(), node.partitions());
    let registry = node.registry_of(partition);
    let events = decide(registry.rules(), dossier, &registry, command).unwrap();
    let keys = inner.keys.as_ref().unwrap();
    let secrets = node.secrets(keys, state.as_deref(), command).await.unwrap();
    (node.body(&registry, partition, state.as_deref(), command, events, &secrets).unwrap(), secrets)
}

/// The body of what was decided, whether or not the node may seal it.
pub(crate) async fn body_of(node: &Node, state: &State, command: &Command, events: Vec<Event>) -> Body {
    let partition = partition_of(command.code.as_str(), node.partitions());
    let secrets = node.secrets(node.0.keys.as_ref().unwrap(), Some(state), command).await.unwrap();
    node.body(&node.registry_of(partition), partition, Some(state), command, events, &secrets).unwrap()
}

async fn propose(node: &Node, body: &Body) -> Outcome {
    let keys = node.0.keys.as_ref().unwrap();
    let partition = partition_of(body.act.code.as_str(), node.partitions());
    node.propose(keys, partition, body, stored::encode_body(body), None, &AtomicBool::new(false))
        .await
        .unwrap()
        .1
}

async fn of_two_receptions_at_once_one_wins_and_both_share_the_erasable_half(on: On) {
    let site = Site::on(on).await;
    let (one, other) = (site.desk().await, site.node("ward-desk", "replica").await);
    let (first, second) = (reception(), reception());
    let (body, secrets) = draft(&one, &first).await;
    let (other_body, other_secrets) = draft(&other, &second).await;
    let half = ErasableHalf::from_bytes(&site.log.erasable(CODE).await.unwrap().unwrap());
    for secrets in [&secrets, &other_secrets] {
        let key = DataKey::derive(&secrets.half, &half).unwrap();
        assert_eq!(key.fingerprint(), secrets.key.fingerprint());
    }
    assert_ne!(secrets.key.fingerprint(), other_secrets.key.fingerprint());
    assert!(matches!(propose(&other, &other_body).await, Outcome::Admitted(_)));
    let Outcome::Void { void, .. } = propose(&one, &body).await else { panic!("both won") };
    assert_eq!(void.reason, Reason::Stale);
    assert_eq!(denied(one.submit(first).await), Denial::CodeTaken);
    // The loser reads the winner's key from the log and goes on with it.
    assert!(one.submit(second).await.unwrap().repeated);
    step_and_offer(&one).await;
    one.stop().await;
    other.stop().await;
}

async fn step_and_offer(desk: &Node) {
    let step = command(CODE, "2026-11-02 09:00", DESK, complete("tiep-nhan", "chuyen-ho-so"));
    desk.submit(step).await.unwrap();
    desk.submit(command(CODE, "2026-11-02 09:05", DESK, offer(LAND))).await.unwrap();
}

async fn what_another_node_was_faster_with_is_decided_again(on: On) {
    let site = Site::on(on).await;
    let (one, other) = (site.desk().await, site.node("ward-desk", "replica").await);
    one.submit(reception()).await.unwrap();
    other.catch_up().await.unwrap();
    let step = command(CODE, "2026-11-02 09:00", DESK, complete("tiep-nhan", "chuyen-ho-so"));
    let (body, _) = draft(&other, &step).await;
    one.submit(step.clone()).await.unwrap();
    // Else the other node waits for a record of the same bytes, and is told what became of the first of them.
    other.catch_up().await.unwrap();
    let Outcome::Void { void, .. } = propose(&other, &body).await else { panic!("carried out twice") };
    assert_eq!(void.reason, Reason::Repeat);
    assert!(other.submit(step).await.unwrap().repeated);
    one.stop().await;
    other.stop().await;
}

async fn a_node_takes_commands_of_its_own_agencies_only(on: On) {
    let site = Site::on(on).await;
    let (land, auditor) = (site.land().await, site.node("auditor", "auditor").await);
    for node in [&land, &auditor] {
        let refused = node.submit(reception()).await;
        assert!(matches!(refused, Err(Refusal::NotServed { agency }) if agency == self::agency(DESK)));
    }
    let nobody = Command { agency: agency("nobody"), ..reception() };
    assert_eq!(denied(land.submit(nobody).await), Denial::UnknownAgency { agency: agency("nobody") });
    assert!(site.records(CODE).await.is_empty());
    land.stop().await;
    auditor.stop().await;
}

async fn a_full_gate_is_busy_and_a_draining_node_says_so(on: On) {
    let site = Site::on(on).await;
    let desk = site.desk().await;
    let asked = (0..AGENCY_COMMANDS_MAX).map(|_| desk.0.shares.ask(&agency(DESK), Way::Alone).unwrap());
    let asked: Vec<_> = asked.collect();
    let refused = desk.submit(reception()).await;
    assert!(matches!(refused, Err(Refusal::AgencyBusy { limit: AGENCY_COMMANDS_MAX, .. })), "{refused:?}");
    drop(asked);
    let all = desk.0.gate.acquire_many(COMMANDS_MAX as u32).await.unwrap();
    assert!(matches!(desk.submit(reception()).await, Err(Refusal::Busy { limit: COMMANDS_MAX })));
    let mut drain = Box::pin(desk.drain());
    assert!(futures::poll!(&mut drain).is_pending(), "a command is under way");
    assert!(matches!(desk.submit(reception()).await, Err(Refusal::Draining)));
    drop(all);
    drain.await;
    assert!(matches!(desk.submit(reception()).await, Err(Refusal::Draining)));
    desk.stop().await;
}

async fn a_node_that_cannot_judge_is_not_ready(on: On) {
    let site = Site::on(on).await;
    let desk = site.desk().await;
    desk.failed().cancel();
    assert!(matches!(desk.submit(reception()).await, Err(Refusal::NotReady { .. })));
    desk.stop().await;
    let desk = site.node("ward-desk", "replica").await;
    site.log.close().await;
    assert!(matches!(desk.submit(reception()).await, Err(Refusal::Read(_))));
    desk.stop().await;
}

async fn what_is_secret_or_too_large_leaves_no_record(on: On) {
    let site = Site::on(on).await;
    let desk = site.desk().await;
    let label = Line::parse("MẬT").unwrap();
    let secret = Command { secrecy: Some(label.clone()), ..reception() };
    assert_eq!(denied(desk.submit(secret).await), Denial::Secret { label });
    let large = Command { private: Some(Private(vec![b'x'; BODY_BYTES_MAX])), ..reception() };
    let refused = desk.submit(large).await;
    assert!(matches!(refused, Err(Refusal::TooLarge { bytes, .. }) if bytes > BODY_BYTES_MAX), "{refused:?}");
    assert!(site.records(CODE).await.is_empty());
    desk.submit(reception()).await.unwrap();
    desk.stop().await;
}

async fn in_training_what_the_caller_says_counts_and_the_clock_never_goes_back(on: On) {
    let site = Site::founded(on, &charter(lasting)).await;
    let desk = site.desk().await;
    let coming = today() + 30.days();
    let [earlier, said] = ["07:59", "08:00"].map(|time| format!("{coming} {time}"));
    let receipt = desk.submit(command(CODE, &said, DESK, receive())).await.unwrap();
    assert_eq!(receipt.at, at(&said));
    let step = || complete("tiep-nhan", "chuyen-ho-so");
    let earlier = command(CODE, &earlier, DESK, step());
    assert_eq!(denied(desk.submit(earlier).await), Denial::Backdated { last: at(&said) });
    let unsaid = Command { occurred_at: None, ..command(CODE, "2026-11-02 08:00", DESK, step()) };
    assert_eq!(desk.submit(unsaid).await.unwrap().at, at(&said));
    let far = command(CODE, "2199-06-01 08:00", DESK, offer(LAND));
    assert!(matches!(denied(desk.submit(far).await), Denial::BeyondCalendar { .. }));
    desk.stop().await;
}

/// On one broker no production log is served.
#[tokio::test]
async fn in_production_the_clock_counts_and_the_future_is_refused() {
    let site = Site::production();
    let desk = site.desk().await;
    let today = desk.next_code(&agency(DESK), desk.now().date()).unwrap();
    let said = |more_ms: i64| {
        let said = Instant::from_micros(desk.now().as_micros() + more_ms * 1_000);
        Command { occurred_at: Some(said), code: today.clone(), ..reception() }
    };
    let refused = desk.submit(said(60_000)).await;
    assert!(matches!(refused, Err(Refusal::Ahead { said, now }) if said > now), "{refused:?}");
    let (before, command) = (desk.now(), said(-86_400_000));
    let receipt = desk.submit(command).await.unwrap();
    assert!(receipt.at >= before && receipt.at <= desk.now());
    desk.stop().await;
}

async fn the_trace_of_a_call_goes_into_the_record(on: On) {
    let site = Site::on(on).await;
    let desk = site.desk().await;
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let terms = Terms::by(time::Instant::now() + VERDICT_WAIT_MAX);
    desk.submit_by(reception(), Terms { trace: TraceParent::parse(trace), ..terms }).await.unwrap();
    let step = command(CODE, "2026-11-02 09:00", DESK, complete("tiep-nhan", "chuyen-ho-so"));
    desk.submit(step).await.unwrap();
    let traces: Vec<_> = site
        .records(CODE)
        .await
        .iter()
        .map(|stored| {
            let header = stored.record.headers.iter().find(|header| header.name == "traceparent");
            header.map(|header| header.value.clone())
        })
        .collect();
    assert_eq!(traces, [Some(trace.into()), None]);
    desk.stop().await;
}

async fn a_query_waits_for_its_position_and_else_says_how_far_behind_the_node_is(on: On) {
    let site = Site::on(on).await;
    let (desk, land) = (site.desk().await, site.land().await);
    let partition = partition_of(CODE, desk.partitions());
    let (reached, receipt) =
        tokio::join!(land.reach(partition, 1, Duration::from_secs(60)), desk.submit(reception()));
    assert_eq!((reached, receipt.unwrap().next), (Ok(()), 1));
    assert_eq!(land.reach(partition, 1, Duration::ZERO).await, Ok(()));
    let lag = land.reach(partition, 3, Duration::from_millis(1)).await;
    assert_eq!(lag, Err(Lag { partition, wanted: 3, applied: 1 }));
    desk.stop().await;
    land.stop().await;
}

async fn commands_of_many_callers_at_once_are_each_carried_out_once(on: On) {
    let site = Site::on(on).await;
    let desk = site.desk().await;
    let numbers = 1..=40;
    let commands = numbers
        .clone()
        .map(|number| command(&format!("H56.2-261102-{number:04}"), "2026-11-02 08:15", DESK, receive()));
    let commands: Vec<_> = commands.flat_map(|command| [command.clone(), command]).collect();
    let receipts = futures::future::join_all(commands.into_iter().map(|command| desk.submit(command))).await;
    let receipts: Vec<_> = receipts.into_iter().map(Result::unwrap).collect();
    assert_eq!(receipts.iter().filter(|receipt| receipt.repeated).count(), 40);
    let (_, partitions) = desk.digest().unwrap();
    let sum = |count: fn(&lienthong_admission::Cursor) -> u64| {
        partitions.iter().map(|(_, of)| count(of)).sum::<u64>()
    };
    assert_eq!((sum(|of| of.admitted), sum(|of| of.voids.values().sum())), (40, 0));
    desk.stop().await;
}

async fn a_command_that_changes_nothing_is_answered_with_the_last_record(on: On) {
    let site = Site::on(on).await;
    let desk = site.desk().await;
    let receipt = desk.submit(reception()).await.unwrap();
    let state = desk.store().state(&code(CODE)).unwrap().unwrap();
    let other = Command { id: lienthong_dossier::CommandId(Uuid::new_v4()), ..reception() };
    assert_eq!(last(&state, receipt.partition, &other), Receipt { repeated: true, ..receipt });
    desk.stop().await;
}

#[tokio::test]
async fn a_log_whose_clock_was_put_back_and_waits_takes_new_dossiers_all_the_same() {
    let now = || std::time::UNIX_EPOCH.elapsed().unwrap().as_millis();
    let millis = Arc::new(AtomicI64::new(i64::try_from(now()).unwrap()));
    let clock = Arc::clone(&millis);
    let log = MemoryLog::with_clock(1, Box::new(move || clock.load(Ordering::Relaxed)));
    let site = Site::over(
        Arc::new(log),
        &charter(|parts| {
            (parts.kind, parts.partitions) = (LogKind::Production, 1);
            lasting(parts);
        }),
    );
    let desk = site.desk().await;
    // An hour ahead for one record, whatever that is, and the log's time stands still for an hour.
    const HOUR_MS: i64 = 3_600_000;
    millis.fetch_add(HOUR_MS, Ordering::Relaxed);
    let record = Record { key: Bytes::new(), headers: Vec::new(), value: Bytes::from_static(b"nothing") };
    site.log.append(Partition::Dossiers(0), record).await.unwrap();
    millis.fetch_sub(HOUR_MS, Ordering::Relaxed);
    let receipt = desk.submit(Command { occurred_at: None, ..reception() }).await.unwrap();
    assert!(receipt.at.as_micros() > desk.now().as_micros() + HOUR_MS * 900);
    desk.stop().await;
}

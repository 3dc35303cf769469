//! How many records share a signature, looked up in the log itself.

use std::collections::HashSet;
use std::sync::Arc;

use futures::future::join_all;
use lienthong_seal::SigningKey;

use super::*;
use crate::sealer::{BATCHES_MAX, Sealed};

on_every_log! {
    commands_that_come_together_share_signatures
    a_command_that_comes_alone_has_a_signature_of_its_own
    what_is_given_up_before_its_append_leaves_nothing
}

async fn commands_that_come_together_share_signatures(on: On) {
    const COMMANDS: usize = 64;
    let site = Site::on(on).await;
    let desk = site.desk().await;
    let commands = (1..=COMMANDS).map(|number| {
        let who = format!("H56.{number}");
        command(&format!("{who}-261102-0001"), "2026-11-02 08:15", &who, receive())
    });
    let receipts = join_all(commands.map(|command| desk.submit(command))).await;
    assert!(receipts.iter().all(|receipt| receipt.as_ref().is_ok_and(|receipt| !receipt.repeated)));
    let seals = site.seals().await;
    assert_eq!(seals.len(), COMMANDS);
    let signatures: HashSet<_> = seals.iter().map(|seal| seal.signature).collect();
    let largest = seals.iter().map(|seal| seal.tree_size).max().unwrap();
    assert!(signatures.len() * 4 <= COMMANDS, "{} signatures, at most {largest} records", signatures.len());
    assert!(largest >= 16, "at most {largest} records under one signature");
    // Another node, which knows nothing of how they were sealed, takes them all.
    let land = site.land().await;
    let (_, partitions) = land.digest().unwrap();
    assert_eq!(partitions.iter().map(|(_, cursor)| cursor.admitted).sum::<u64>(), COMMANDS as u64);
    desk.stop().await;
    land.stop().await;
}

async fn a_command_that_comes_alone_has_a_signature_of_its_own(on: On) {
    let site = Site::on(on).await;
    let desk = site.desk().await;
    offered(&desk).await;
    for seal in site.seals().await {
        assert_eq!((seal.tree_size, seal.path.len()), (1, 0));
    }
    desk.stop().await;
}

async fn what_is_given_up_before_its_append_leaves_nothing(on: On) {
    let site = Site::on(on).await;
    let desk = site.desk().await;
    desk.submit(reception()).await.unwrap();
    let step = first_step();
    let (body, _) = draft(&desk, &step).await;
    let bytes = stored::encode_body(&body);
    let under_way: Vec<Sealed> = join_all((0..BATCHES_MAX as u8).map(|number| {
        let key = Arc::new(SigningKey::from_seed(&[number; 32]));
        desk.0.sealer.seal(key, leaf(&[number]))
    }))
    .await
    .into_iter()
    .map(Result::unwrap)
    .collect();
    let offered = AtomicBool::new(false);
    let keys = desk.0.keys.as_ref().unwrap();
    let partition = partition_of(CODE, PARTITIONS);
    {
        let mut proposing = Box::pin(desk.propose(keys, partition, &body, bytes, None, &offered));
        assert!(futures::poll!(&mut proposing).is_pending());
        assert!(!desk.0.pending.is_empty());
    }
    assert!(!offered.load(Ordering::Relaxed), "a caller would be told that its outcome is unknown");
    assert!(desk.0.pending.is_empty());
    drop(under_way);
    // The same command again is the first of its dossier's and of its batch's.
    let receipt = desk.submit(step).await.unwrap();
    assert!(!receipt.repeated);
    let seals = site.seals().await;
    assert_eq!(seals.iter().map(|seal| seal.tree_size).collect::<Vec<_>>(), [1, 1]);
    desk.stop().await;
}

//! Who shares a signature with whom, and who waits for whom.

use futures::future::join_all;
use lienthong_seal::leaf;
use tokio::task::JoinHandle;

use super::*;
use crate::shares::Way;
use crate::testing::agency;

const LOG_ID: Hash = Hash([7; 32]);

fn key(seed: u8) -> Arc<SigningKey> {
    Arc::new(SigningKey::from_seed(&[seed; 32]))
}

/// A sealing task; it ends with the token.
fn sealing() -> (Arc<Sealer>, CancellationToken, JoinHandle<()>) {
    let (sealer, sealing) = Sealer::new(LOG_ID, Shares::default());
    let stop = CancellationToken::new();
    let task = tokio::spawn(sealing.run(stop.clone()));
    (Arc::new(sealer), stop, task)
}

fn leaves(count: u8) -> Vec<Hash> {
    (0..count).map(|number| leaf(&[number])).collect()
}

/// As many batches of one as may be under way.
async fn all_places(sealer: &Sealer) -> Vec<Sealed> {
    let mut under_way = Vec::new();
    for hash in leaves(BATCHES_MAX as u8) {
        under_way.push(sealer.seal(key(1), hash).await.unwrap());
    }
    under_way
}

#[tokio::test]
async fn what_comes_alone_is_sealed_alone() {
    let (sealer, ..) = sealing();
    for hash in leaves(5) {
        let Sealed { seal, place } = sealer.seal(key(1), hash).await.unwrap();
        assert_eq!((seal.tree_size, seal.leaf_index, seal.path.len()), (1, 0, 0));
        seal.verify(LOG_ID, &key(1).public(), hash).unwrap();
        drop(place);
    }
}

#[tokio::test]
async fn what_comes_while_batches_are_under_way_shares_a_signature() {
    let (sealer, ..) = sealing();
    let under_way = all_places(&sealer).await;
    let leaves = leaves(BATCH_MAX as u8 + 10);
    let mut waiting = Box::pin(join_all(leaves.iter().map(|hash| sealer.seal(key(1), *hash))));
    assert!(futures::poll!(&mut waiting).is_pending());
    drop(under_way);
    let sealed: Vec<Sealed> = waiting.await.into_iter().map(Result::unwrap).collect();
    let sizes: Vec<_> = sealed.iter().map(|sealed| sealed.seal.tree_size).collect();
    assert_eq!(sizes, [vec![BATCH_MAX as u64; BATCH_MAX], vec![10; 10]].concat());
    for (Sealed { seal, .. }, hash) in sealed.iter().zip(leaves) {
        seal.verify(LOG_ID, &key(1).public(), hash).unwrap();
    }
}

#[tokio::test]
async fn half_of_what_is_under_way_gathers_and_whoever_stays_away_is_waited_for_a_moment_only() {
    let shares = Shares::default();
    let (sealer, sealing) = Sealer::new(LOG_ID, shares.clone());
    let _task = tokio::spawn(sealing.run(CancellationToken::new()));
    let asked: Vec<_> = (0..8).map(|_| shares.ask(&agency("desk"), Way::Alone).unwrap()).collect();
    let _under_way = join_all(asked.iter().map(|asked| asked.place())).await;
    let since = time::Instant::now();
    let alone = sealer.seal(key(1), leaf(b"alone")).await.unwrap();
    assert_eq!(alone.seal.tree_size, 1);
    assert!(since.elapsed() >= GATHER_MAX);
    let leaves = leaves(4);
    let sealed = join_all(leaves.iter().map(|hash| sealer.seal(key(1), *hash))).await;
    let sizes: Vec<_> = sealed.into_iter().map(|sealed| sealed.unwrap().seal.tree_size).collect();
    assert_eq!(sizes, [4; 4]);
}

#[tokio::test]
async fn the_first_of_a_batch_that_is_done_lets_the_next_one_go() {
    let (sealer, ..) = sealing();
    let places = Arc::new(Semaphore::new(1));
    let permit = Arc::clone(&places).acquire_owned().await.unwrap();
    let batch = Arc::new(Mutex::new(Some(permit)));
    let (slow, quick) = (Place(Arc::clone(&batch)), Place(batch));
    drop(quick);
    assert_eq!(places.available_permits(), 1);
    drop(slow);
    assert_eq!(places.available_permits(), 1);
    drop(sealer);
}

#[tokio::test]
async fn batches_that_the_log_does_not_answer_hold_others_up_for_a_moment_only() {
    let (sealer, ..) = sealing();
    let _never_answered = all_places(&sealer).await;
    for hash in leaves(3) {
        let since = time::Instant::now();
        let sealed = sealer.seal(key(1), hash).await.unwrap();
        assert_eq!(sealed.seal.tree_size, 1);
        assert!(since.elapsed() >= HOLD_MAX);
    }
}

#[tokio::test]
async fn whoever_gives_up_is_left_out() {
    let (sealer, ..) = sealing();
    let under_way = all_places(&sealer).await;
    let leaves = leaves(3);
    let mut waiting: Vec<_> = leaves.iter().map(|hash| Box::pin(sealer.seal(key(1), *hash))).collect();
    for waiting in &mut waiting {
        assert!(futures::poll!(waiting).is_pending());
    }
    let stays = waiting.swap_remove(1);
    drop(waiting);
    drop(under_way);
    let sealed = stays.await.unwrap();
    assert_eq!(sealed.seal.tree_size, 1);
    sealed.seal.verify(LOG_ID, &key(1).public(), leaves[1]).unwrap();
}

#[tokio::test]
async fn each_key_signs_what_is_its_own() {
    let (sealer, ..) = sealing();
    let under_way = all_places(&sealer).await;
    let leaves = leaves(6);
    let of = |index: usize| key(1 + index as u8 % 2);
    let mut waiting =
        Box::pin(join_all(leaves.iter().enumerate().map(|(index, hash)| sealer.seal(of(index), *hash))));
    assert!(futures::poll!(&mut waiting).is_pending());
    drop(under_way);
    for (index, sealed) in waiting.await.into_iter().enumerate() {
        let seal = sealed.unwrap().seal;
        assert_eq!(seal.tree_size, 3);
        seal.verify(LOG_ID, &of(index).public(), leaves[index]).unwrap();
    }
}

#[tokio::test]
async fn who_asks_after_the_end_is_told() {
    let (sealer, stop, task) = sealing();
    stop.cancel();
    task.await.unwrap();
    let refused = sealer.seal(key(1), leaf(b"late")).await.err().unwrap();
    assert!(matches!(refused, Refusal::NotReady { .. }), "{refused}");
}

//! A projection is never the truth: cut, overwritten or removed, it is rebuilt from the log by itself.

use std::fs;
use std::path::{Path, PathBuf};

use lienthong::province::{Foundation, Ports, Province};
use lienthong_node::LogUrl;
use lienthong_wire::pb::auditor::v1::{RawRecord, Topic};
use lienthong_wire::pb::reading::v1::Digest;

use super::support::clients::{Clients, Service};
use super::support::damaged::{cut, files, noise};
use super::support::story::{carry_out, code, transfer};

/// All services on a place, in this process.
struct Running {
    province: Province,
    clients: Clients,
}

impl Running {
    async fn at(place: &Path) -> Self {
        let url = LogUrl::Embedded(place.to_owned());
        let foundation = Foundation::Training(Vec::new());
        let province = Province::start(&url, place, &foundation, Ports::Free).await.unwrap();
        let clients = Clients::to(|service: Service| province.service(service.name()).unwrap().address());
        Self { province, clients }
    }

    /// What the place holds, as every service sees it; the services are stopped.
    async fn seen(self, codes: usize) -> Seen {
        let mut dossiers = Vec::new();
        for number in 1..=codes {
            dossiers.push((
                self.clients.dossier(&code(number)).await,
                self.clients.timeline(&code(number)).await,
            ));
        }
        let log = [self.clients.raw(Topic::Registry).await, self.clients.raw(Topic::Dossiers).await];
        let digest = self.clients.digest_of_all().await;
        self.province.stop().await;
        Seen { digest, dossiers: format!("{dossiers:?}"), log }
    }
}

#[derive(Debug, PartialEq)]
struct Seen {
    digest: Digest,
    dossiers: String,
    log: [Vec<RawRecord>; 2],
}

const DOSSIERS: usize = 3;

/// A place with a few dossiers, and what there is to see.
async fn told() -> (tempfile::TempDir, Seen) {
    let place = tempfile::tempdir().unwrap();
    let running = Running::at(place.path()).await;
    for number in 1..=DOSSIERS {
        carry_out(&running.clients, &transfer(&code(number))).await;
    }
    let seen = running.seen(DOSSIERS).await;
    assert_eq!((seen.digest.dossiers, seen.digest.admitted), (DOSSIERS as u64, 20 * DOSSIERS as u64));
    (place, seen)
}

fn stores(place: &Path) -> Vec<PathBuf> {
    Service::ALL.map(|service| place.join("stores").join(service.name())).into()
}

fn moved_aside(store: &Path) -> PathBuf {
    PathBuf::from(format!("{}.damaged-1", store.display()))
}

/// Damages every store, starts again, and sees what there was before.
async fn check(damage: impl Fn(&Path)) -> Vec<bool> {
    let (place, before) = told().await;
    for store in stores(place.path()) {
        damage(&store);
    }
    let after = Running::at(place.path()).await.seen(DOSSIERS).await;
    assert_eq!(after, before);
    let aside: Vec<_> = stores(place.path()).iter().map(|store| moved_aside(store).exists()).collect();
    // What was rebuilt serves, and commands go on.
    let running = Running::at(place.path()).await;
    carry_out(&running.clients, &transfer(&code(DOSSIERS + 1))).await;
    running.clients.digest_of_all().await;
    running.province.stop().await;
    aside
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_projection_overwritten_with_noise_is_moved_aside_and_rebuilt() {
    let aside = check(|store| {
        let mut rng = fastrand::Rng::with_seed(7);
        for file in files(store) {
            noise(&file, &mut rng);
        }
    });
    assert_eq!(aside.await, [true; 4]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_projection_that_was_cut_is_rebuilt() {
    // Of a store whose tail is gone sled may bring back an earlier whole batch, which is no damage: only what follows
    // is read again. Cut to nothing, or to half with its snapshot, there is no such batch.
    for (keep, of) in [(9, 10), (1, 2), (0, 1)] {
        check(|store| {
            for file in files(store) {
                cut(&file, keep, of);
            }
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_projection_that_was_removed_is_rebuilt() {
    assert_eq!(check(|store| fs::remove_dir_all(store).unwrap()).await, [false; 4]);
    assert_eq!(
        check(|store| fs::remove_dir_all(store.parent().unwrap()).unwrap_or_default()).await,
        [false; 4]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_projection_with_a_missing_file_or_another_folder_in_its_place_is_rebuilt() {
    // The files of sled one by one: without its data, and without its settings.
    for name in ["db", "conf"] {
        check(|store| fs::remove_file(store.join(name)).unwrap()).await;
    }
    let aside = check(|store| {
        fs::remove_dir_all(store).unwrap();
        fs::write(store, "not a folder").unwrap();
    });
    assert_eq!(aside.await, [true; 4]);
}

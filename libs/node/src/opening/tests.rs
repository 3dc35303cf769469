//! What a service waits for, and what ends it.

use lienthong_log::{Copies, MemoryLog};
use lienthong_registry::training::PARTITIONS;
use lienthong_seal::Hash;
use tonic::service::Routes;

use super::*;
use crate::charter::Founding;
use crate::keys::KeyFolder;
use crate::testing::outage::{Outage, away};

const SERVICE: Service = Service {
    name: "ward-desk",
    about: "",
    port: 0,
    seals: true,
    services: &[],
    routes: |_| Routes::default(),
};

fn config(dir: &tempfile::TempDir) -> Config {
    Config { dir: Some(dir.path().to_owned()), ..Config::of(0) }
}

async fn open_on(
    log: Arc<dyn EventLog>,
    config: &Config,
    door: &Door,
) -> Result<(Arc<dyn EventLog>, Node), OpenFault> {
    open_by(&SERVICE, config, door, || async { Ok(Arc::clone(&log)) }).await
}

#[tokio::test]
async fn a_service_on_brokers_waits_for_what_others_mend_and_says_what() {
    let dir = tempfile::tempdir().unwrap();
    let (config, door) = (config(&dir), Door::closed("ward-desk", ""));
    let log = Outage::new(PARTITIONS, Some((3, 2)));
    log.fail_reads(Some(away()));
    let mend = async {
        let mut why = door.watch();
        let told = "the log cannot be read: the log does not answer just now: no broker answers";
        why.wait_for(|why| why == told).await.unwrap();
        log.fail_reads(None);
        why.wait_for(|why| why.contains("it has no genesis (to mend it: ")).await.unwrap();
        let keys = KeyFolder::open(dir.path()).unwrap();
        Charter::found(log.as_ref(), &keys, &Founding::training(&[])).await.unwrap();
    };
    let (opened, ()) = tokio::join!(open_on(log.clone(), &config, &door), mend);
    let (_, node) = opened.unwrap_or_else(|fault| panic!("{fault}"));
    node.caught_up().await.unwrap();
    assert!(dir.path().join("stores/ward-desk").is_dir());
    node.stop().await;
}

#[tokio::test]
async fn a_service_opens_encrypted_keys_with_its_file_and_says_what_is_the_matter_without() {
    let dir = tempfile::tempdir().unwrap();
    let (config, door) = (config(&dir), Door::closed("ward-desk", ""));
    let log = Outage::new(PARTITIONS, None);
    let words = |text: &str| {
        let words = lienthong_seal::Passphrase::new(text.to_owned().into()).unwrap();
        Some(Arc::new(words.with_cost(lienthong_seal::Cost::FLOOR)))
    };
    let keys = KeyFolder::open(dir.path()).unwrap().under(words("correct horse battery"));
    Charter::found(log.as_ref(), &keys, &Founding::training(&[])).await.unwrap();
    let without = open_on(log.clone(), &config, &door).await.err().unwrap();
    assert!(with_causes(&without).contains("key_passphrase_file"), "{without}");
    let file = dir.path().join("passphrase");
    let with = Config { key_passphrase_file: Some(file.clone()), ..config };
    let nothing = open_on(log.clone(), &with, &door).await.err().unwrap();
    assert!(matches!(nothing, OpenFault::Key(KeyError::Passphrase(_))), "{nothing}");
    std::fs::write(&file, "correct horse battery\n").unwrap();
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o440)).unwrap();
    let (_, node) = open_on(log, &with, &door).await.unwrap_or_else(|fault| panic!("{fault}"));
    node.stop().await;
}

#[tokio::test]
async fn a_service_on_one_disk_ends_where_nobody_can_mend_its_log() {
    let dir = tempfile::tempdir().unwrap();
    let (config, door) = (config(&dir), Door::closed("ward-desk", ""));
    let fault = open_on(Arc::new(MemoryLog::new(PARTITIONS)), &config, &door).await.err().unwrap();
    assert!(matches!(fault, OpenFault::NoLog(_)), "{fault}");
    let missing = Config { log: LogUrl::Embedded(dir.path().join("nothing")), ..config };
    let fault = open(&SERVICE, &missing, &door).await.err().unwrap();
    assert!(matches!(fault, OpenFault::NoLog(_)), "{fault}");
}

#[test]
fn what_is_wrong_with_a_log_is_waited_for_on_brokers_only() {
    let faults = || {
        [
            OpenFault::Charter(CharterError::Empty),
            OpenFault::Charter(CharterError::Unfinished { records: 1 }),
            OpenFault::Charter(CharterError::OtherLog { found: Hash([1; 32]), pinned: Hash([2; 32]) }),
            OpenFault::Node(StartError::Partitions { log: 3, genesis: 48 }),
            OpenFault::Node(StartError::Copies(Copies { replicas: 1, in_sync_min: 1 })),
        ]
    };
    for fault in faults() {
        let fault = Fault { fault, on_brokers: true };
        assert!(fault.passes() && fault.told().contains("to mend it"), "{}", fault.told());
    }
    for fault in faults() {
        assert!(!Fault { fault, on_brokers: false }.passes());
    }
    for on_brokers in [true, false] {
        assert!(!Fault { fault: StartError::Stopped.into(), on_brokers }.passes());
        assert!(Fault { fault: StartError::Log(away()).into(), on_brokers }.passes());
    }
}

#[test]
fn replicas_on_one_machine_have_stores_of_their_own() {
    assert_eq!(store_name("tax-office", Replica::default()), "tax-office");
    let name = |ordinal| store_name("tax-office", Replica { ordinal, of: 2 });
    assert_eq!([name(0), name(1)], ["tax-office-0", "tax-office-1"]);
}

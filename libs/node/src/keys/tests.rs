//! Keys on disk.

use std::os::unix::fs::PermissionsExt;

use lienthong_registry::training;
use tempfile::TempDir;

use super::*;
use crate::charter::{Charter, Founding};
use lienthong_log::MemoryLog;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

async fn founded() -> (TempDir, KeyFolder, Charter) {
    let dir = tempfile::tempdir().unwrap();
    let folder = KeyFolder::open(dir.path()).unwrap();
    let log = MemoryLog::new(training::PARTITIONS);
    let charter = Charter::found(&log, &folder, &Founding::training(&[])).await.unwrap();
    (dir, folder, charter)
}

#[tokio::test]
async fn keys_are_for_their_owner_alone_and_those_the_registry_names() {
    let (dir, folder, charter) = founded().await;
    let keys = dir.path().join("keys");
    for name in ["", "nodes", "agencies", "index"] {
        assert_eq!(mode(&keys.join(name)), 0o700, "{name}");
    }
    let mut files = 0;
    for folder in [keys.clone(), keys.join("nodes"), keys.join("agencies")] {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file())
        {
            assert_eq!(mode(&entry.path()), 0o600, "{:?}", entry.path());
            files += 1;
        }
    }
    assert_eq!(files, 3 + 3 + training::agency_ids().unwrap().len());
    let desks = folder.node_keys(training::WARD_DESK_NODE, &charter.registry).unwrap();
    for id in training::agency_ids().unwrap() {
        let served = ![training::LAND_OFFICE, training::TAX_OFFICE].contains(&id.as_str());
        let named = Hash(charter.registry.agency(&id).unwrap().key.unwrap().id);
        assert_eq!(desks.held_agency(&id, named).is_some(), served, "{id}");
    }
    // The index has a key of its own, the same at every start.
    assert_eq!(mode(&keys.join("index/ward-desk.key")), 0o600);
    let again = folder.index(training::WARD_DESK_NODE).unwrap();
    assert_eq!(again.fingerprint().unwrap(), desks.index().fingerprint().unwrap());
    let nobody = folder.node_keys("auditor", &charter.registry);
    assert!(matches!(nobody, Err(KeyError::NoNode { name }) if name == "auditor"));

    // What is there is used again, never made anew.
    let again = KeyFolder::open(dir.path()).unwrap();
    assert_eq!(again.authority().unwrap().public().0, charter.registry.authority().public);
    fs::set_permissions(keys.join("authority.key"), fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(again.authority(), Err(KeyError::File(KeyFileFault::Exposed { mode: 0o640, .. }))));
}

#[tokio::test]
async fn a_key_that_is_not_the_registry_s_is_refused_by_name() {
    let (dir, folder, charter) = founded().await;
    let land = dir.path().join("keys/agencies/land-office.key");
    fs::remove_file(&land).unwrap();
    let missing = folder.node_keys(training::LAND_REGISTRY_NODE, &charter.registry);
    assert!(matches!(missing, Err(KeyError::File(KeyFileFault::Io { path, .. })) if path == land));
    AgencyKey::generate().unwrap().save(&land).unwrap();
    let other = folder.node_keys(training::LAND_REGISTRY_NODE, &charter.registry);
    assert!(matches!(other, Err(KeyError::Other { name }) if name == "land-office"));
    let tax = dir.path().join("keys/nodes/tax-office.key");
    fs::remove_file(&tax).unwrap();
    SigningKey::generate().unwrap().save(&tax).unwrap();
    let other = folder.node_keys(training::TAX_OFFICE_NODE, &charter.registry);
    assert!(matches!(other, Err(KeyError::Other { name }) if name == "tax-office"));
}

fn parts_of(
    node: &lienthong_registry::Node,
    key: &SigningKey,
    from: Option<&str>,
    to: Option<&str>,
) -> lienthong_registry::Node {
    let day = |text: &str| text.parse().unwrap();
    let in_force = lienthong_registry::Period { from: from.map(day), to: to.map(day) };
    lienthong_registry::Node { key_id: key.key_id().0, public: key.public().0, in_force, ..node.clone() }
}

/// The registry, in which the desks' node has these keys.
fn with_keys(registry: &Registry, keys: &[(&SigningKey, Option<&str>, Option<&str>)]) -> Registry {
    let mut parts = registry.parts().clone();
    let (desks, others): (Vec<_>, Vec<_>) =
        parts.nodes.into_iter().partition(|node| node.name == training::WARD_DESK_NODE);
    parts.nodes = others;
    parts.nodes.extend(keys.iter().map(|(key, from, to)| parts_of(&desks[0], key, *from, *to)));
    Registry::new(parts).unwrap()
}

#[tokio::test]
async fn a_node_seals_with_the_key_that_is_in_force_and_came_last() {
    let (_dir, folder, charter) = founded().await;
    let name = training::WARD_DESK_NODE;
    let old = folder.node(name).unwrap();
    let keys = folder.node_keys(name, &charter.registry).unwrap();
    // Made while the node runs.
    let new = folder.new_node_key(name).unwrap();
    let registry =
        with_keys(&charter.registry, &[(&new, Some("2026-11-03"), None), (&old, None, Some("2026-11-05"))]);
    let on = |day: &str| keys.signing_for(&registry, day.parse().unwrap()).map(|key| key.key_id());
    assert_eq!(on("2026-11-02").unwrap(), old.key_id());
    assert_eq!(on("2026-11-04").unwrap(), new.key_id());
    assert_eq!(on("2026-11-06").unwrap(), new.key_id());
    // A key that another replica was given serves here once its file is here; until then the old one does.
    let elsewhere = SigningKey::generate().unwrap();
    let registry = with_keys(
        &charter.registry,
        &[(&old, None, Some("2026-11-05")), (&elsewhere, Some("2026-11-03"), None)],
    );
    let on = |day: &str| keys.signing_for(&registry, day.parse().unwrap()).map(|key| key.key_id());
    assert_eq!(on("2026-11-04").unwrap(), old.key_id());
    let missing = on("2026-11-06").unwrap_err();
    let file = further_name(name, elsewhere.key_id());
    assert!(matches!(&missing, KeyError::Missing { file: named, .. } if *named == file), "{missing}");
    elsewhere.save(&folder.nodes().join(file)).unwrap();
    assert_eq!(on("2026-11-06").unwrap(), elsewhere.key_id());
    let none = with_keys(&charter.registry, &[(&old, None, Some("2026-11-05"))]);
    let none = keys.signing_for(&none, "2026-11-06".parse().unwrap()).unwrap_err();
    assert!(matches!(none, KeyError::NotInForce { .. }), "{none}");
}

#[tokio::test]
async fn a_node_starts_with_whichever_of_its_keys_the_registry_names() {
    let (dir, folder, charter) = founded().await;
    let name = training::WARD_DESK_NODE;
    let new = folder.new_node_key(name).unwrap();
    fs::remove_file(dir.path().join("keys/nodes/ward-desk.key")).unwrap();
    let other = folder.node_keys(name, &charter.registry).unwrap_err();
    assert!(matches!(other, KeyError::Other { .. }), "{other}");
    let registry = with_keys(&charter.registry, &[(&new, None, None)]);
    let keys = folder.node_keys(name, &registry).unwrap();
    assert_eq!(keys.signing_for(&registry, "2026-11-02".parse().unwrap()).unwrap().key_id(), new.key_id());
}

#[tokio::test]
async fn an_agency_keeps_every_key_it_had_and_none_of_another() {
    let (_dir, folder, charter) = founded().await;
    let keys = folder.node_keys(training::WARD_DESK_NODE, &charter.registry).unwrap();
    let (one, ten) = (AgencyId::parse("H56.1").unwrap(), AgencyId::parse("H56.10").unwrap());
    let (first, of_ten) = (folder.agency(&one).unwrap(), folder.agency(&ten).unwrap());
    let second = folder.new_agency_key(&one).unwrap();
    for key in [&first, &second] {
        assert_eq!(keys.agency(&one, key.key_id()).unwrap().public(), key.public());
    }
    let files = folder.agency_key_files(&one).unwrap();
    assert_eq!(files.len(), 2);
    assert!(!files.iter().any(|key| key.key_id() == of_ten.key_id()));
    let missing = keys.agency(&one, of_ten.key_id()).unwrap_err();
    assert!(matches!(&missing, KeyError::Missing { name, .. } if name == "H56.1"), "{missing}");
    // The genesis names the first one, whatever else is there.
    assert_eq!(folder.agency(&one).unwrap().key_id(), first.key_id());
}

fn passphrase(words: &str) -> Option<Arc<Passphrase>> {
    let words = Passphrase::new(words.to_owned().into()).unwrap();
    Some(Arc::new(words.with_cost(lienthong_seal::Cost::FLOOR)))
}

#[tokio::test]
async fn keys_are_made_and_opened_under_the_folder_s_passphrase_beside_plain_ones() {
    let dir = tempfile::tempdir().unwrap();
    let plain = KeyFolder::open(dir.path()).unwrap();
    let authority = plain.authority().unwrap();
    let folder = plain.clone().under(passphrase("correct horse battery"));
    let log = MemoryLog::new(training::PARTITIONS);
    let charter = Charter::found(&log, &folder, &Founding::training(&[])).await.unwrap();
    assert_eq!(folder.authority().unwrap().public(), authority.public());
    let files: Vec<_> =
        folder.files().unwrap().iter().map(|file| lienthong_seal::KeyFile::look(file).unwrap()).collect();
    let not_encrypted: Vec<_> = files.iter().filter(|file| !file.is_encrypted).map(|file| file.id).collect();
    assert_eq!(not_encrypted, [authority.key_id()]);

    let name = training::WARD_DESK_NODE;
    let keys = folder.node_keys(name, &charter.registry).unwrap();
    let further = folder.new_node_key(name).unwrap();
    let registry = with_keys(&charter.registry, &[(&further, None, None)]);
    let sealing = keys.signing_for(&registry, "2026-11-02".parse().unwrap()).unwrap();
    assert_eq!(sealing.key_id(), further.key_id());

    // One that holds its keys goes on while a further file is none of its own to open.
    let strange = passphrase("another horse battery");
    let later = folder.clone().under(strange).new_node_key(name).unwrap();
    let both = [(&further, None, Some("2026-11-05")), (&later, Some("2026-11-03"), None)];
    let registry = with_keys(&charter.registry, &both);
    let on = |day: &str| keys.signing_for(&registry, day.parse().unwrap());
    assert_eq!(on("2026-11-04").unwrap().key_id(), further.key_id());
    let fault = on("2026-11-06").unwrap_err();
    assert!(matches!(fault, KeyError::File(KeyFileFault::WrongPassphrase { .. })), "{fault}");

    let missing = plain.node_keys(name, &charter.registry).unwrap_err();
    assert!(matches!(missing, KeyError::File(KeyFileFault::NoPassphrase { .. })), "{missing}");
    let wrong = plain.under(passphrase("another horse battery")).node_keys(name, &charter.registry);
    assert!(matches!(wrong, Err(KeyError::File(KeyFileFault::WrongPassphrase { .. }))));
}

#[test]
fn a_folder_that_must_be_there_is_not_made() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(KeyFolder::existing(dir.path()), Err(KeyError::NoFolder { .. })));
    assert!(!dir.path().join("keys").exists());
    KeyFolder::open(dir.path()).unwrap();
    assert!(KeyFolder::existing(dir.path()).unwrap().files().unwrap().is_empty());
}

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
    for name in ["", "nodes", "agencies"] {
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
    assert_eq!(desks.agencies.len(), training::agency_ids().unwrap().len() - 2);
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

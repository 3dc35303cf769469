//! A development PKI on disk.

use std::os::unix::fs::PermissionsExt as _;

use lienthong_node::Caller;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::*;

fn agencies(ids: &[&str]) -> Vec<AgencyId> {
    ids.iter().map(|id| AgencyId::parse(id).unwrap()).collect()
}

/// The names of the pairs that this run made.
fn made(pairs: &[Pair]) -> Vec<String> {
    let made = pairs.iter().filter(|pair| pair.made);
    made.map(|pair| pair.certificate.file_name().unwrap().to_str().unwrap().to_owned()).collect()
}

fn caller(path: &Path) -> Caller {
    Caller::certified(&CertificateDer::from_pem_file(path).unwrap()).unwrap()
}

#[test]
fn a_folder_gets_an_authority_a_service_and_the_callers_of_agencies() {
    let dir = tempfile::tempdir().unwrap();
    let ids = agencies(&["H56.1", "land-office"]);
    let pairs = develop(dir.path(), &ids, &ids, &["desk.example".to_owned()]).unwrap();
    assert_eq!(
        made(&pairs),
        ["ca.pem", "server.pem", "H56.1.pem", "land-office.pem", "operator.pem", "auditor.pem"]
    );
    for pair in &pairs {
        let mode = fs::metadata(&pair.key).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", pair.key.display());
    }
    let desk = caller(&dir.path().join("clients/H56.1.pem"));
    assert_eq!(ids.iter().map(|id| desk.may_act_for(id)).collect::<Vec<_>>(), [true, false]);
    let operator = caller(&dir.path().join("clients/operator.pem"));
    assert!(ids.iter().all(|id| operator.may_act_for(id)));
    let audits = |caller: Caller| matches!(caller, Caller::Certified(certified) if certified.audits);
    let auditor = caller(&dir.path().join("clients/auditor.pem"));
    assert!(!ids.iter().any(|id| auditor.may_act_for(id)));
    assert_eq!([auditor, operator, desk].map(audits), [true, false, false]);
}

#[test]
fn what_is_good_stays_and_what_is_not_is_made_by_the_same_authority() {
    let dir = tempfile::tempdir().unwrap();
    let ids = agencies(&["H56.1"]);
    let again = |hosts: &[&str]| {
        let hosts: Vec<_> = hosts.iter().map(|host| (*host).to_owned()).collect();
        made(&develop(dir.path(), &ids, &ids, &hosts).unwrap())
    };
    assert_eq!(again(&[]).len(), 5);
    assert_eq!(again(&[]), Vec::<String>::new());
    // Another name for the service, a caller whose key is gone, and one about to end.
    fs::remove_file(dir.path().join("clients/operator.key")).unwrap();
    let (authority, _) = authority(dir.path()).unwrap();
    let soon = Term::of(RENEWED_BEFORE - Duration::from_secs(60));
    let ending = authority.issue("H56.1", &Holder::of_agencies(&ids), soon).unwrap();
    write(&dir.path().join("clients/H56.1.key"), &ending.key).unwrap();
    write(&dir.path().join("clients/H56.1.pem"), &ending.certificate).unwrap();
    assert_eq!(again(&["192.0.2.7"]), ["server.pem", "H56.1.pem", "operator.pem"]);
    assert_eq!(again(&["192.0.2.7"]), Vec::<String>::new());
    // An authority that does not outlive a day takes everything with it.
    let old = Authority::new(NAME, Term::of(GOOD_FOR - Duration::from_secs(60))).unwrap();
    write(&dir.path().join("ca.pem"), &old.certificate).unwrap();
    write(&dir.path().join("ca.key"), &old.key).unwrap();
    assert_eq!(again(&["192.0.2.7"]).len(), 5);
}

#[test]
fn a_name_that_no_certificate_carries_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let refused = develop(dir.path(), &agencies(&["H56.1"]), &[], &["máy chủ".to_owned()]);
    assert!(matches!(refused, Err(PkiError::Make(_))), "{refused:?}");
}

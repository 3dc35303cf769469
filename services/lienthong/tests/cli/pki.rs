use crate::support::{done, not_done};

/// The lines of a run in JSON.
fn dev(dir: &str, more: &[&str]) -> Vec<serde_json::Value> {
    let args = [&["pki", "dev", "--dir", dir, "--output", "json"], more].concat();
    done(&args).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_file_is_listed_and_what_is_good_stays() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("pki").display().to_string();
    let first = dev(&dir, &["--agency", "H56.2", "--host", "desk.example"]);
    let names = ["ca.pem", "server.pem", "clients/H56.2.pem", "clients/operator.pem", "clients/auditor.pem"];
    for (pair, name) in first.iter().zip(names) {
        assert_eq!((&pair["certificate"], &pair["made"]), (&format!("{dir}/{name}").into(), &true.into()));
        assert!(std::path::Path::new(pair["key"].as_str().unwrap()).is_file(), "{pair}");
    }
    assert_eq!(first.len(), names.len());
    let again = dev(&dir, &["--agency", "H56.2", "--host", "desk.example"]);
    assert!(again.iter().all(|pair| pair["made"] == false), "{again:?}");
    assert_eq!(first[0]["until"], again[0]["until"]);
}

#[test]
fn without_an_agency_those_of_the_training_log_get_one() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().display().to_string();
    let told = done(&["pki", "dev", "--dir", &dir]);
    for id in ["H56.1", "land-office", "tax-office", "import-office", "operator", "auditor"] {
        assert!(
            told.contains(&format!("made {dir}/clients/{id}.pem and {dir}/clients/{id}.key, good until")),
            "{told}"
        );
    }
}

#[test]
fn what_no_certificate_can_name_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().display().to_string();
    not_done(&["pki", "dev", "--dir", &dir, "--host", "máy chủ"], 64, "a certificate cannot be made");
    not_done(&["pki", "dev", "--dir", &dir, "--agency", "hai từ"], 2, "invalid value 'hai từ'");
    not_done(&["pki", "dev", "--dir", "/dev/null/pki"], 64, "cannot write /dev/null/pki");
    not_done(
        &["up", "--training", "--free-ports", "--log", &format!("embedded:{dir}/log"), "--tls", &dir],
        64,
        "",
    );
}

//! Passwords and encryption.

use std::fs;

use lienthong_broker::{Cluster, Options};

use crate::support::{TOPICS, topics};

#[test]
fn only_the_right_password_gets_in_and_only_to_whom_the_client_trusts() {
    let scram = Some(("ward".to_owned(), "right-1".to_owned()));
    let cluster = Cluster::start(Options { scram, tls: true, ..Options::default() }).unwrap();
    assert!(fs::read_to_string(cluster.ca_file().unwrap()).unwrap().contains("BEGIN CERTIFICATE"));
    topics(&cluster, &["--create", "--topic", "kept"]);
    assert_eq!(topics(&cluster, &["--list"]), "kept\n");

    let right = fs::read_to_string(cluster.client_properties()).unwrap();
    refused(&cluster, &right.replace("right-1", "wrong-1"), "SaslAuthenticationException");
    // Without ours, the client trusts the authorities of the system.
    refused(&cluster, &right.replace("ssl.truststore", "not.ssl.truststore"), "SslAuthenticationException");

    let dir = cluster.dir().to_owned();
    assert!(dir.exists());
    cluster.stop();
    assert!(!dir.exists());
}

fn refused(cluster: &Cluster, properties: &str, error: &str) {
    let file = cluster.dir().join("refused.properties");
    fs::write(&file, format!("{properties}\ndefault.api.timeout.ms=3000\nrequest.timeout.ms=2000\n"))
        .unwrap();
    let mut tool = cluster.tool(TOPICS, ["--bootstrap-server", cluster.bootstrap(), "--list"]);
    let output = tool.arg("--command-config").arg(file).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains(error), "{output:?}");
}

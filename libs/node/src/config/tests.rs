//! Where settings come from, and which one is at fault.

use std::io::Write;
use std::process::Command;

use lienthong_log_kafka::Protocol;

use super::*;

/// Names the file that the other process reads.
const FILE: &str = "LIENTHONG_CONFIG";

#[derive(Serialize)]
struct NoFlags {}

#[derive(Serialize)]
struct Flags {
    listen: &'static str,
}

fn file(toml: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), toml).unwrap();
    file
}

fn load(toml: &str) -> Result<Config, ConfigError> {
    Config::load(7101, Some(file(toml).path()), &NoFlags {})
}

#[test]
fn a_file_overlays_the_defaults() {
    let config = load("log = \"embedded:/srv/log\"\nreplicas = 2\n").unwrap();
    assert_eq!((config.replicas, config.folder()), (2, PathBuf::from("/srv/log")));
    assert_eq!(config.listen.port(), 7101);
}

/// What the other process does: an environment belongs to a whole process.
#[test]
#[ignore = "is started by the next test, with an environment"]
fn tells_its_settings() {
    let Ok(path) = std::env::var(FILE) else { return };
    let told = match Config::load(7101, Some(Path::new(&path)), &Flags { listen: "127.0.0.1:7103" }) {
        Ok(config) => config.to_toml(),
        Err(error) => error.to_string(),
    };
    // Not `println`, which the test harness takes.
    writeln!(std::io::stdout().lock(), "\n{told}").unwrap();
}

fn told_by_another_process(variables: &[(&str, &str)]) -> String {
    let file = file("log = \"embedded:/srv/log\"\nlisten = \"127.0.0.1:7102\"\nlog_filter = \"warn\"\n");
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "config::tests::tells_its_settings", "--ignored", "--nocapture"])
        .env(FILE, file.path())
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_environment_overlays_the_file_and_flags_overlay_both() {
    let variables = [("LIENTHONG_LISTEN", "127.0.0.1:1"), ("LIENTHONG_LOG_FILTER", "debug")];
    let told = told_by_another_process(&variables);
    for line in ["log = \"embedded:/srv/log\"", "log_filter = \"debug\"", "listen = \"127.0.0.1:7103\""] {
        assert!(told.lines().any(|told| told == line), "{line} is not in {told}");
    }
    let unknown = told_by_another_process(&[("LIENTHONG_LISEN", "127.0.0.1:1")]);
    assert!(unknown.contains("lisen"), "{unknown}");
}

#[test]
fn a_fault_in_a_variable_names_it() {
    for (variable, text, key) in [
        ("LIENTHONG_LOG_FILTER", "7", "LOG_FILTER"),
        ("LIENTHONG_REPLICA", "x", "REPLICA"),
        ("LIENTHONG_KAFKA_USERNAME", "007", "KAFKA.USERNAME"),
    ] {
        let fault = told_by_another_process(&[(variable, text)]);
        assert!(fault.contains(key) && fault.contains("`LIENTHONG_` environment variable"), "{fault}");
    }
}

/// Each takes a piece of the stack when it is read.
#[test]
fn a_variable_of_lists_within_lists_is_a_text() {
    let deep = "[".repeat(100_000);
    let told = told_by_another_process(&[("LIENTHONG_DIR", &deep)]);
    assert!(told.contains(&format!("dir = \"{deep}\"")), "{}", &told[..200]);
}

/// Whoever takes letters for bytes cuts the first in the middle of a letter, and loses one of the second.
#[test]
fn a_variable_in_quotation_marks_is_the_text_between_them() {
    for (variable, dir) in [
        (r#""/srv/hồ\u0020sơ""#, "/srv/hồ sơ"),
        (r#" "/srv/đa\u0020đa" "#, "/srv/đa đa"),
        (r#""7""#, "7"),
        (r#""/srv/"hồ" sơ""#, r#"\"/srv/\"hồ\" sơ\""#),
        (r#"""#, r#"\""#),
    ] {
        let told = told_by_another_process(&[("LIENTHONG_DIR", variable)]);
        assert!(told.lines().any(|told| told == format!("dir = \"{dir}\"")), "{variable}: {told}");
    }
}

#[test]
fn a_fault_names_its_key() {
    for (toml, key) in [
        ("lisen = \"127.0.0.1:1\"", "lisen"),
        ("listen = \"0.0.0.0:1\"", "listen"),
        ("listen = \"here\"", "listen"),
        ("log = \"tape:/dev/st0\"", "log"),
        ("replica = 3", "replica"),
        ("replicas = 0", "replica"),
        ("log_id = \"12\"", "log_id"),
    ] {
        let error = load(toml).unwrap_err().to_string();
        assert!(error.contains(key), "{error}");
    }
    let missing = Config::load(7101, Some(Path::new("/nowhere.toml")), &NoFlags {}).unwrap_err();
    assert!(missing.to_string().contains("/nowhere.toml"));
}

#[test]
fn what_is_dumped_is_read_as_the_same_settings() {
    let plain = Config::of(7101);
    let all = Config {
        // Letters with marks of their own, which Rust escapes and TOML does not know escaped.
        dir: Some(PathBuf::from("/srv/Tha\u{301}nh \"H\u{f3}a\"\\\u{7}")),
        log: LogUrl::Embedded(PathBuf::from("/srv/nhật ký")),
        log_id: Some("ab".repeat(32)),
        key_passphrase_file: Some(PathBuf::from("/run/secrets/mật khẩu")),
        log_filter: "info,lienthong_node=debug".to_owned(),
        replica: 1,
        replicas: 3,
        ..Config::of(0)
    };
    for config in [plain, all] {
        assert_eq!(load(&config.to_toml()).unwrap(), config);
    }
}

/// The example with every key that it comments out.
fn example() -> String {
    let is_key = |line: &&str| {
        line.split_once(" = ").is_some_and(|(key, _)| key.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
    };
    let text = include_str!("../../../../services/example.toml");
    let lines = text.lines().map(|line| match line.strip_prefix("# ").filter(is_key) {
        Some(key) => key,
        None => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_example_has_every_key_and_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("example.toml");
    std::fs::write(&path, example()).unwrap();
    let config = Config::load(7101, Some(&path), &NoFlags {}).unwrap();
    let keys = |text: &str| {
        let mut keys: Vec<_> = text
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split_once(" = ").map(|(key, _)| key.to_owned()))
            .collect();
        keys.sort();
        keys
    };
    // Everything is set in the example, so the dump has every key that there is.
    assert_eq!(keys(&example()), keys(&config.to_toml()));
    let full = format!("{config:?}");
    assert!(!full.contains("None"), "a key is missing in the example: {full}");
}

#[test]
fn tls_is_given_whole_and_lets_a_service_listen_to_others() {
    const FILES: &str = "[tls]\ncertificate_file = \"a\"\nkey_file = \"b\"\nclient_ca_file = \"c\"\n";
    let open = format!("listen = \"0.0.0.0:7101\"\nmetrics = \"0.0.0.0:9101\"\n{FILES}");
    let config = load(&open).unwrap();
    assert_eq!(config.tls.files().unwrap().unwrap().client_ca, PathBuf::from("c"));
    for key in ["certificate_file", "key_file", "client_ca_file"] {
        let part: String =
            open.lines().filter(|line| !line.starts_with(key)).map(|line| format!("{line}\n")).collect();
        assert!(load(&part).unwrap_err().to_string().starts_with(&format!("tls.{key}: is missing")));
    }
    let error = load("metrics = \"0.0.0.0:9101\"").unwrap_err().to_string();
    assert!(error.starts_with("metrics: "), "{error}");
    let told = told_by_another_process(&[
        ("LIENTHONG_TLS_CERTIFICATE_FILE", "/a"),
        ("LIENTHONG_TLS_KEY_FILE", "/b"),
        ("LIENTHONG_TLS_CLIENT_CA_FILE", "/c"),
    ]);
    let table = "[tls]\ncertificate_file = \"/a\"\nkey_file = \"/b\"\nclient_ca_file = \"/c\"";
    assert!(told.contains(table), "{told}");
}

#[test]
fn the_brokers_settings_are_a_table_and_variables_of_their_own() {
    let file = load("[kafka]\nprotocol = \"sasl_ssl\"\nusername = \"desk\"\n").unwrap();
    assert_eq!((file.kafka.protocol, file.kafka.username.as_deref()), (Protocol::SaslSsl, Some("desk")));
    let told = told_by_another_process(&[
        ("LIENTHONG_KAFKA", "127.0.0.1:9092"),
        ("LIENTHONG_KAFKA_USERNAME", "other"),
        ("LIENTHONG_KAFKA_PASSWORD_FILE", "/run/password"),
    ]);
    assert!(told.contains("username = \"other\"\npassword_file = \"/run/password\""), "{told}");
    let unknown = told_by_another_process(&[("LIENTHONG_KAFKA_PASSWORD", "never in a variable")]);
    assert!(unknown.contains("password") && !unknown.contains("never in a"), "{unknown}");
}

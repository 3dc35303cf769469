//! Where settings come from, and which one is at fault.

use std::io::Write;
use std::process::Command;

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
        log_filter: "info,lienthong_node=debug".to_owned(),
        replica: 1,
        replicas: 3,
        ..Config::of(0)
    };
    for config in [plain, all] {
        assert_eq!(load(&config.to_toml()).unwrap(), config);
    }
}

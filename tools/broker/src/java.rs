//! Java, and the jars of Kafka.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::BrokerError;

/// As in `pom.xml`, from which `tools/kafka-jars` takes it.
pub(crate) const KAFKA_VERSION: &str = "4.1.1";

/// To start soon and stay small, rather than to run fast for long. Without the performance data there is no file left in
/// the system's temporary folder by a process that is killed.
const FLAGS: [&str; 5] = [
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Xshare:auto",
    "-XX:-UsePerfData",
    "-XX:+ExitOnOutOfMemoryError",
];

/// What runs Kafka's classes.
#[derive(Debug)]
pub(crate) struct Java {
    program: PathBuf,
    class_path: OsString,
}

impl Java {
    /// The system's Java with the jars from the target directory.
    pub(crate) fn find() -> Result<Self, BrokerError> {
        let dir = jars();
        if !dir.is_dir() {
            return Err(BrokerError::NoJars { dir });
        }
        let program = match env::var_os("JAVA_HOME") {
            Some(home) if !home.is_empty() => Path::new(&home).join("bin/java"),
            Some(_) | None => "java".into(),
        };
        Ok(Self { program, class_path: dir.join("*").into() })
    }

    /// Runs a main class with so much memory, leaving its temporary files and its log below `folder`.
    pub(crate) fn command(&self, main_class: &str, heap_mib: u16, log: &Logging, folder: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.arg(format!("-Xmx{heap_mib}m")).args(FLAGS);
        command.arg(property("java.io.tmpdir", folder));
        command.arg(property("log4j2.configurationFile", &log.configuration));
        command.arg(property("lienthong.log", &folder.join(LOG_FILE)));
        command.arg("-cp").arg(&self.class_path).arg(main_class);
        command
    }
}

/// Where a log goes: one of the configurations below.
#[derive(Debug)]
pub(crate) struct Logging {
    pub(crate) configuration: PathBuf,
}

/// The log of a broker, in its folder.
pub(crate) const LOG_FILE: &str = "broker.log";

/// log4j2, to [`LOG_FILE`].
pub(crate) const LOG_TO_FILE: &str = "\
status=error
appender.file.type=File
appender.file.name=file
appender.file.fileName=${sys:lienthong.log}
appender.file.layout.type=PatternLayout
appender.file.layout.pattern=%d{ISO8601} %p %c: %m%n%ex
rootLogger.level=warn
rootLogger.appenderRef.file.ref=file
";

/// log4j2, to stderr.
pub(crate) const LOG_TO_STDERR: &str = "\
status=error
appender.console.type=Console
appender.console.name=console
appender.console.target=SYSTEM_ERR
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=%p %c: %m%n%ex
rootLogger.level=warn
rootLogger.appenderRef.console.ref=console
";

fn property(name: &str, value: &Path) -> OsString {
    let mut property = OsString::from(format!("-D{name}="));
    property.push(value);
    property
}

/// Where `tools/kafka-jars` puts them: like there, a relative target directory counts from the root of the workspace.
fn jars() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let root = root.canonicalize().unwrap_or(root);
    let target = env::var_os("CARGO_TARGET_DIR").filter(|dir| !dir.is_empty());
    root.join(target.unwrap_or("target".into())).join(format!("kafka-{KAFKA_VERSION}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_the_one_that_is_fetched() {
        let fetched = format!("<kafka.version>{KAFKA_VERSION}</kafka.version>");
        assert!(include_str!("../pom.xml").contains(&fetched), "{fetched}");
    }
}

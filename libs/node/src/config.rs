//! Configuration of one service: defaults, then a TOML file, then `LIENTHONG_…` variables, then flags.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use figment::providers::{Env, Format, Serialized, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};
use lienthong_log_kafka::Security;
use lienthong_seal::Passphrase;
use serde::{Deserialize, Serialize};

use crate::keys::{KeyError, KeyFolder};
use crate::logs::LogUrl;
use crate::tls::TlsSettings;

/// Settings of a service. The keys are those of the file; as variables they are `LIENTHONG_LOG` and so on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The log: `embedded:DIR` or `kafka://HOST:PORT[,HOST:PORT]/PREFIX`.
    pub log: LogUrl,
    /// Folder of keys and projections; the log's own when it is not given.
    pub dir: Option<PathBuf>,
    /// File whose first line is the passphrase of the key files, where they are encrypted.
    pub key_passphrase_file: Option<PathBuf>,
    /// Where to listen. Port 0 takes a free one. Loopback only where there is no TLS.
    pub listen: SocketAddr,
    /// Where metrics are served, at `/metrics`; nowhere when it is not given. Loopback only where there is no TLS.
    pub metrics: Option<SocketAddr>,
    /// The log's id in hex; a node serves no other log.
    pub log_id: Option<String>,
    /// What is logged, in the form of `RUST_LOG`.
    pub log_filter: String,
    /// Which replica this is, from 0.
    pub replica: u32,
    /// How many replicas there are.
    pub replicas: u32,
    /// Who this is to the brokers of a log on Kafka, and whom it believes.
    pub kafka: Security,
    /// Who this is to its callers, and whom it lets in.
    pub tls: TlsSettings,
}

/// The tables of settings: `LIENTHONG_KAFKA_…` are those of the table `kafka`, and so on.
const TABLES: [&str; 2] = ["kafka", "tls"];

/// The environment's settings.
fn environment() -> Environment {
    // `LIENTHONG_KAFKA` alone is for tests: a broker of one's own. `LIENTHONG_KEY_PASSPHRASE` is for commands, which end: what
    // stands in the environment of a service is there to be read as long as it runs.
    let variables = Env::prefixed("LIENTHONG_").ignore(&["config", "kafka", "key_passphrase"]).map(|key| {
        match key.as_str().split_once('_') {
            Some((table, key)) if TABLES.iter().any(|name| table.eq_ignore_ascii_case(name)) => {
                format!("{}.{key}", table.to_lowercase()).into()
            }
            Some(_) | None => key.into(),
        }
    });
    Environment(variables)
}

/// Variables, each of which says one thing.
struct Environment(Env);

impl Provider for Environment {
    fn metadata(&self) -> Metadata {
        self.0.metadata()
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        // Of the default profile, as file and flags are: what is merged as a pair is of the global one, which flags do not overlay.
        let settings = self.0.iter().map(|(key, text)| Serialized::default(key.as_str(), said(text)));
        let merged = settings.fold(Figment::new(), |all, setting| all.merge(setting)).data()?;
        // Anew, as values that come from here: a fault in one of another figment would name no variable.
        let mut anew = Map::new();
        for (profile, settings) in merged {
            anew.insert(profile, Value::serialize(settings)?.into_dict().unwrap_or_default());
        }
        Ok(anew)
    }
}

/// What a variable says: a text, a number or a flag. Figment would read lists and tables, too, and they may lie so deep in each
/// other that no stack is deep enough; no setting is one.
fn said(text: String) -> Value {
    let begins = text.trim_start();
    if begins.starts_with(['[', '{']) {
        Value::from(text)
    } else if begins.starts_with('"') {
        quotation(text.trim()).unwrap_or_else(|| Value::from(text))
    } else {
        text.parse().unwrap_or_else(|never| match never {})
    }
}

/// A text in quotation marks, read as a file's is; none where it is no such thing. Figment takes letters for bytes when it reads one
/// with a `\`, and so cuts Vietnamese short or in the middle of a letter.
fn quotation(text: &str) -> Option<Value> {
    const KEY: &str = "said";
    let line = Some(text).filter(|text| text.ends_with('"') && !text.contains('\n'))?;
    Figment::from(Toml::string(&format!("{KEY} = {line}"))).find_value(KEY).ok()
}

/// Who this is to the brokers, by the environment alone: for a command that has no configuration file.
///
/// # Errors
/// The variable at fault and why.
pub fn kafka_from_environment() -> Result<Security, ConfigError> {
    #[derive(Default, Serialize, Deserialize)]
    struct Kafka {
        kafka: Security,
    }
    let figment = Figment::from(Serialized::defaults(Kafka::default())).merge(environment());
    let kafka: Kafka = figment.extract().map_err(|error| ConfigError::Setting(Box::new(error)))?;
    Ok(kafka.kafka)
}

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A value is missing, unknown or not of its form.
    #[error("{0}")]
    Setting(Box<figment::Error>),
    /// The file is not there.
    #[error("there is no configuration file {path}")]
    NoFile {
        /// The path given.
        path: PathBuf,
    },
    /// The settings do not fit each other.
    #[error("{key}: {problem}")]
    Unfit {
        /// The key.
        key: &'static str,
        /// What is the matter.
        problem: String,
    },
}

impl Config {
    /// The defaults of a service that listens on `port`.
    #[must_use]
    pub fn of(port: u16) -> Self {
        Self {
            log: LogUrl::Embedded(PathBuf::from("lienthong-data")),
            dir: None,
            key_passphrase_file: None,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
            metrics: None,
            log_id: None,
            log_filter: "info".to_owned(),
            replica: 0,
            replicas: 1,
            kafka: Security::default(),
            tls: TlsSettings::default(),
        }
    }

    /// Defaults of `port`, overlaid by the file, the environment and `flags`.
    ///
    /// # Errors
    /// The key at fault and why.
    pub fn load(port: u16, file: Option<&Path>, flags: &impl Serialize) -> Result<Self, ConfigError> {
        let file = match file {
            Some(path) if !path.is_file() => return Err(ConfigError::NoFile { path: path.to_owned() }),
            Some(path) => Toml::file_exact(path),
            None => Toml::string(""),
        };
        Self::of_layers(port, file, environment(), flags)
    }

    fn of_layers(
        port: u16,
        file: impl Provider,
        environment: impl Provider,
        flags: &impl Serialize,
    ) -> Result<Self, ConfigError> {
        let config: Self = Figment::from(Serialized::defaults(Self::of(port)))
            .merge(file)
            .merge(environment)
            .merge(Serialized::defaults(flags))
            .extract()
            .map_err(|error| ConfigError::Setting(Box::new(error)))?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), ConfigError> {
        if self.replica >= self.replicas {
            let problem = format!("{} is not below replicas, which is {}", self.replica, self.replicas);
            return Err(ConfigError::Unfit { key: "replica", problem });
        }
        let tls = self.tls.files().map_err(|key| {
            let problem = "is missing; the table tls is given whole or not at all".to_owned();
            ConfigError::Unfit { key, problem }
        })?;
        let addresses = [("listen", Some(self.listen)), ("metrics", self.metrics)];
        for (key, address) in addresses.into_iter().filter_map(|(key, address)| Some((key, address?))) {
            if tls.is_none() && !address.ip().is_loopback() {
                let problem = format!("{address} is not loopback, and there is no TLS");
                return Err(ConfigError::Unfit { key, problem });
            }
        }
        if let Some(id) = &self.log_id
            && id.parse::<lienthong_seal::Hash>().is_err()
        {
            return Err(ConfigError::Unfit { key: "log_id", problem: "is not 64 hex digits".to_owned() });
        }
        Ok(())
    }

    /// The pinned log id.
    #[must_use]
    pub fn pinned(&self) -> Option<lienthong_seal::Hash> {
        self.log_id.as_deref().and_then(|id| id.parse().ok())
    }

    /// The settings as a file that [`Config::load`] reads as the same ones.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let Self {
            log,
            dir,
            key_passphrase_file,
            listen,
            metrics,
            log_id,
            log_filter,
            replica,
            replicas,
            kafka,
            tls,
        } = self;
        let dir = dir.as_ref().map(|dir| dir.display().to_string());
        let passphrase_file = key_passphrase_file.as_ref().map(|file| file.display().to_string());
        let texts = [
            ("log", Some(log.to_string())),
            ("dir", dir),
            ("key_passphrase_file", passphrase_file),
            ("listen", Some(listen.to_string())),
            ("metrics", metrics.map(|metrics| metrics.to_string())),
            ("log_id", log_id.clone()),
            ("log_filter", Some(log_filter.clone())),
        ];
        let texts = texts.into_iter().filter_map(|(key, text)| Some(format!("{key} = {}\n", quoted(&text?))));
        let numbers = [("replica", replica), ("replicas", replicas)];
        let numbers = numbers.map(|(key, number)| format!("{key} = {number}\n"));
        texts.chain(numbers).chain([kafka_to_toml(kafka), tls_to_toml(tls)]).collect()
    }

    /// The keys' folder, with their passphrase where there is one.
    ///
    /// # Errors
    /// The folder cannot be made, or the passphrase not be had.
    pub fn keys(&self) -> Result<KeyFolder, KeyError> {
        let passphrase = self.key_passphrase_file.as_deref().map(Passphrase::read).transpose()?;
        Ok(KeyFolder::open(&self.folder())?.under(passphrase.map(Arc::new)))
    }

    /// The folder of keys and projections.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.dir.clone().unwrap_or_else(|| self.log.folder())
    }
}

/// The table `kafka`.
fn kafka_to_toml(kafka: &Security) -> String {
    let Security { protocol, mechanism, username, password_file, ca_file, certificate_file, key_file } =
        kafka;
    let texts = [
        ("protocol", Some(protocol.to_string())),
        ("mechanism", Some(mechanism.to_string())),
        ("username", username.clone()),
        ("password_file", path(password_file)),
        ("ca_file", path(ca_file)),
        ("certificate_file", path(certificate_file)),
        ("key_file", path(key_file)),
    ];
    table("kafka", texts)
}

/// The table `tls`.
fn tls_to_toml(tls: &TlsSettings) -> String {
    let TlsSettings { certificate_file, key_file, client_ca_file } = tls;
    let texts = [
        ("certificate_file", path(certificate_file)),
        ("key_file", path(key_file)),
        ("client_ca_file", path(client_ca_file)),
    ];
    table("tls", texts)
}

fn path(path: &Option<PathBuf>) -> Option<String> {
    path.as_ref().map(|path| path.display().to_string())
}

/// A table of texts; what is not said is left out.
fn table<const N: usize>(name: &str, texts: [(&str, Option<String>); N]) -> String {
    let texts = texts.into_iter().filter_map(|(key, text)| Some(format!("{key} = {}\n", quoted(&text?))));
    std::iter::once(format!("\n[{name}]\n")).chain(texts).collect()
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let escaped = text.chars().map(|letter| match letter {
        '"' | '\\' => format!("\\{letter}"),
        letter if letter.is_control() => format!("\\u{:04X}", u32::from(letter)),
        letter => letter.to_string(),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;

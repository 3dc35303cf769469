//! Configuration of one service: defaults, then a TOML file, then `LIENTHONG_…` variables, then flags.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::{Deserialize, Serialize};

use crate::logs::LogUrl;

/// Settings of a service. The keys are those of the file; as variables they are `LIENTHONG_LOG` and so on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The log: `embedded:DIR`.
    pub log: LogUrl,
    /// Folder of keys and projections; the log's own when it is not given.
    pub dir: Option<PathBuf>,
    /// Where to listen. Port 0 takes a free one. Loopback only, as long as there is no TLS.
    pub listen: SocketAddr,
    /// The log's id in hex; a node serves no other log.
    pub log_id: Option<String>,
    /// What is logged, in the form of `RUST_LOG`.
    pub log_filter: String,
    /// Which replica this is, from 0.
    pub replica: u32,
    /// How many replicas there are.
    pub replicas: u32,
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
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
            log_id: None,
            log_filter: "info".to_owned(),
            replica: 0,
            replicas: 1,
        }
    }

    /// Defaults of `port`, overlaid by the file, the environment and `flags`.
    ///
    /// # Errors
    /// The key at fault and why.
    pub fn load(port: u16, file: Option<&Path>, flags: &impl Serialize) -> Result<Self, ConfigError> {
        let mut figment = Figment::from(Serialized::defaults(Self::of(port)));
        if let Some(path) = file {
            if !path.is_file() {
                return Err(ConfigError::NoFile { path: path.to_owned() });
            }
            figment = figment.merge(Toml::file_exact(path));
        }
        let config: Self = figment
            .merge(Env::prefixed("LIENTHONG_").ignore(&["config"]))
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
        if !self.listen.ip().is_loopback() {
            let problem = format!("{} is not loopback, and there is no TLS", self.listen);
            return Err(ConfigError::Unfit { key: "listen", problem });
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
        let Self { log, dir, listen, log_id, log_filter, replica, replicas } = self;
        let dir = dir.as_ref().map(|dir| dir.display().to_string());
        let texts = [
            ("log", Some(log.to_string())),
            ("dir", dir),
            ("listen", Some(listen.to_string())),
            ("log_id", log_id.clone()),
            ("log_filter", Some(log_filter.clone())),
        ];
        let texts = texts.into_iter().filter_map(|(key, text)| Some(format!("{key} = {}\n", quoted(&text?))));
        let numbers = [("replica", replica), ("replicas", replicas)];
        texts.chain(numbers.map(|(key, number)| format!("{key} = {number}\n"))).collect()
    }

    /// The folder of keys and projections.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.dir.clone().unwrap_or_else(|| self.log.folder())
    }
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
mod tests;

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

    /// The folder of keys and projections.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.dir.clone().unwrap_or_else(|| self.log.folder())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct NoFlags {}

    fn load(toml: &str) -> Result<Config, ConfigError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), toml).unwrap();
        Config::load(7101, Some(file.path()), &NoFlags {})
    }

    #[test]
    fn a_file_overlays_the_defaults() {
        let config = load("log = \"embedded:/srv/log\"\nreplicas = 2\n").unwrap();
        assert_eq!((config.replicas, config.folder()), (2, PathBuf::from("/srv/log")));
        assert_eq!(config.listen.port(), 7101);
    }

    #[test]
    fn a_fault_names_its_key() {
        for (toml, key) in [
            ("lisen = \"127.0.0.1:1\"", "lisen"),
            ("listen = \"0.0.0.0:1\"", "listen"),
            ("log = \"tape:/dev/st0\"", "log"),
            ("replica = 3", "replica"),
            ("log_id = \"12\"", "log_id"),
        ] {
            let error = load(toml).unwrap_err().to_string();
            assert!(error.contains(key), "{error}");
        }
    }
}

//! How the command ends.
//!
//! A file that the command line names ends it with 64 where it cannot be read or written, as any other setting that leads
//! nowhere, and with 1 where it can be read and does not say what it has to. Keys, passphrases, certificates and the packs that
//! a log is made with are settings themselves: 64, whatever is wrong with them.

use std::{error::Error, fmt, io, path::Path, process::ExitCode};

use lienthong_node::CharterError;
use lienthong_node::server::ListenError;

use crate::passphrase::advice;
use crate::province::ProvinceError;

/// The exit codes. Scripts are written against them, so none ever changes its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// Refused: by a rule, or because what was named is not there.
    Refused = 1,
    /// The command line makes no sense.
    Usage = 2,
    /// An audit found something.
    Found = 3,
    /// Bad configuration.
    BadConfig = 64,
    /// A server cannot be reached.
    Unreachable = 69,
    /// A defect of ours, or of the machine we run on.
    Defect = 70,
}

impl Exit {
    /// The number.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

/// Why a command was not done, and what to do about it. Shown on stderr:
///
/// ```text
/// error: 2028-03-01 is beyond the calendar, which covers 2024 to 2027
/// ask for a day of these years
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    exit: Exit,
    error: String,
    help: String,
}

impl Failure {
    /// A rule says no, or what was named is not there.
    pub(crate) fn refused(error: impl fmt::Display, help: impl Into<String>) -> Self {
        Self { exit: Exit::Refused, error: error.to_string(), help: help.into() }
    }

    /// An audit found something.
    pub(crate) fn found(error: impl fmt::Display, help: impl Into<String>) -> Self {
        Self { exit: Exit::Found, error: error.to_string(), help: help.into() }
    }

    /// The command line makes no sense, in a way that its parser does not see.
    pub(crate) fn usage(error: impl fmt::Display, help: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, error: error.to_string(), help: help.into() }
    }

    /// Something that cannot be, was; the causes are told too.
    pub(crate) fn defect(error: &dyn Error) -> Self {
        Self {
            exit: Exit::Defect,
            error: with_causes(error),
            help: "this is a defect; please report it with the command line".to_owned(),
        }
    }

    /// A setting is missing or does not fit.
    pub(crate) fn config(error: impl fmt::Display, help: impl Into<String>) -> Self {
        Self { exit: Exit::BadConfig, error: error.to_string(), help: help.into() }
    }

    /// The same about what is a setting.
    pub(crate) fn of_setting(self) -> Self {
        Self { exit: Exit::BadConfig, ..self }
    }

    /// A file that was named cannot be read; `what` says of what kind it has to be.
    pub(crate) fn unreadable(file: &Path, error: &io::Error, what: &str) -> Self {
        Self::config(
            format!("cannot read {}: {error}", file.display()),
            format!("name {what} that can be read"),
        )
    }

    /// A file that was named cannot be written.
    pub(crate) fn unwritable(file: &Path, error: &io::Error) -> Self {
        Self::config(format!("cannot write {}: {error}", file.display()), "name a file that can be written")
    }

    /// Something that is needed cannot be reached.
    pub(crate) fn unreachable(error: &dyn Error, help: impl Into<String>) -> Self {
        Self { exit: Exit::Unreachable, error: with_causes(error), help: help.into() }
    }

    /// A service cannot go on; its own log says why.
    pub(crate) fn stopped() -> Self {
        Self {
            exit: Exit::Defect,
            error: "a service could not go on".to_owned(),
            help: "its log on stderr says why; start it again".to_owned(),
        }
    }

    /// The services do not start.
    #[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` is given")]
    pub(crate) fn province(error: ProvinceError) -> Self {
        match &error {
            ProvinceError::NoLog { .. } => Self::config(
                &error,
                "make a training log with `lienthong up --training`, or a production log with `lienthong registry init`",
            ),
            ProvinceError::Unfinished { .. } => Self::config(
                &error,
                "finish it by the `lienthong log copy` that began it, or name another place",
            ),
            ProvinceError::NotTraining { .. } => {
                Self::config(&error, "leave --training out, or name another place")
            }
            ProvinceError::PacksFixed { .. } => {
                Self::config(&error, "leave --pack out, or make a fresh training log at another place")
            }
            ProvinceError::Charter(
                CharterError::Registry(_) | CharterError::Gaps { .. } | CharterError::OtherGenesis,
            ) => Self::config(&error, "mend what it names; nothing was written to the log"),
            ProvinceError::Keys(fault) | ProvinceError::Charter(CharterError::Key(fault)) => Self::config(
                with_causes(&error),
                advice(fault, "mend the key folder it names; the log itself was not changed"),
            ),
            ProvinceError::Config(_) => Self::config(&error, "mend the environment variable it names"),
            ProvinceError::Held { .. } => Self::unreachable(
                &error,
                "an embedded log is held by one process: use its services with --server, or a log on Kafka",
            ),
            ProvinceError::Listen { source: ListenError::Tls(_), .. } => Self::config(
                with_causes(&error),
                "make the files of --tls with `lienthong pki dev --dir DIR`, or mend what it names",
            ),
            ProvinceError::Listen { .. } => Self::unreachable(&error, "free the port, or use --free-ports"),
            ProvinceError::Open(_) | ProvinceError::Charter(_) | ProvinceError::Node { .. } => {
                Self::unreachable(&error, "see above; the log itself was not changed")
            }
        }
    }

    /// The answer could not be written to stdout.
    pub(crate) fn unwritten(error: &io::Error) -> Self {
        Self {
            exit: Exit::Defect,
            error: format!("cannot write the answer: {error}"),
            help: "check where stdout goes, such as a full disk, and repeat the command".to_owned(),
        }
    }

    pub(crate) const fn exit(&self) -> Exit {
        self.exit
    }
}

/// An error with its causes, on one line.
pub(crate) fn with_causes(error: &dyn Error) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source()).map(ToString::to_string);
    causes.collect::<Vec<_>>().join(": ")
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}\n{}", self.error, self.help)
    }
}

//! The command line: the nouns, and what holds for all of them.

use clap::Parser;

use crate::{Format, commands::Command};

/// The operator's command of Liên Thông: dossiers, procedures, calendars and taxes.
///
/// Data goes to stdout, everything else to stderr.
#[derive(Debug, Parser)]
#[command(
    name = "lienthong",
    version,
    after_help = "Exit codes: 0 done, 1 refused, 2 usage, 3 an audit found something, 64 bad configuration, 69 a server \
                  cannot be reached, 70 a defect"
)]
pub(crate) struct Cli {
    /// Form of the data on stdout
    #[arg(long, global = true, value_enum, default_value_t, value_name = "FORM", display_order = 100)]
    pub(crate) output: Format,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
}

//! The operator's command.
//!
//! ```text
//! main --args--> run --Cli::parse--> commands::<noun>::run --Result<(), Failure>--> Exit
//!                                              `--data, notes--> Output --> stdout, stderr
//! ```
//!
//! One file per noun under `commands`. Data goes to stdout and everything else to stderr, so that a pipe carries
//! nothing but data; with `--output json` it is JSON. [`Exit`] lists every exit code.

// `make fuzz` brings a `main` of its own to the tests.
#![cfg_attr(fuzzing, no_main)]

mod bench;
mod bulk;
mod cli;
mod commands;
mod connection;
mod copy;
mod decoded;
mod demo;
mod exit;
mod natural;
mod output;
mod passphrase;
pub mod picture;
pub mod pki;
pub mod province;
mod raw;
pub mod replay;
pub mod sync;
pub mod timeline_picture;
pub mod xes;

use std::ffi::OsString;

use clap::Parser;

pub use exit::Exit;
pub use output::{Format, Output};

use cli::Cli;
use exit::Failure;

/// Runs the command line `args`, whose first is the program's name.
pub fn run<A>(args: impl IntoIterator<Item = A>, output: &mut Output<'_>) -> Exit
where
    A: Into<OsString> + Clone,
{
    let outcome = match Cli::try_parse_from(args) {
        Ok(cli) => {
            output.set_format(cli.output);
            commands::run(cli.command, output)
        }
        // Help and version are answers, all else is wrong usage.
        Err(error) if error.use_stderr() => {
            output.note(error.to_string().trim_end());
            return Exit::Usage;
        }
        Err(answer) => {
            output.text(answer.to_string().trim_end());
            Ok(())
        }
    };
    match outcome.and_then(|()| output.finish().map_err(|error| Failure::unwritten(&error))) {
        Ok(()) => Exit::Done,
        Err(failure) => {
            output.note(&failure.to_string());
            failure.exit()
        }
    }
}

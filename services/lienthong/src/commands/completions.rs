//! `completions`: what a shell needs to complete our command lines.

use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};

use crate::{Output, cli::Cli, exit::Failure};

#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    /// A script whatever the output format: no program but the shell reads it.
    pub(crate) fn run(&self, output: &mut Output<'_>) -> Result<(), Failure> {
        let mut script = Vec::new();
        generate(self.shell, &mut Cli::command(), "lienthong", &mut script);
        output.text(String::from_utf8_lossy(&script).trim_end());
        Ok(())
    }
}

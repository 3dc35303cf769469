//! `audit export`: what happened, for other tools.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use lienthong_audit::{At, Format};

use super::failure;
use super::opened::Opened;
use super::reach::Reach;
use crate::Output;
use crate::commands::block_on;
use crate::exit::Failure;

#[derive(Debug, Args)]
pub(crate) struct Export {
    #[command(flatten)]
    reach: Reach,
    /// In what form
    #[arg(long, value_enum, value_name = "FORM")]
    format: Form,
    /// Up to where: a position such as 0:17,5:2 (nothing of partitions that are not named), an RFC 3339 instant, or `end`
    #[arg(long, value_name = "POSITION|INSTANT", default_value = "end")]
    at: At,
    /// Where to write it, instead of stdout
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Forms of an export.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Form {
    /// JSON Lines: an object for each event
    Jsonl,
    /// CSV with a header, in UTF-8
    Csv,
    /// XES 1.0 (IEEE 1849), for process-mining tools
    Xes,
}

impl From<Form> for Format {
    fn from(form: Form) -> Self {
        match form {
            Form::Jsonl => Self::JsonLines,
            Form::Csv => Self::Csv,
            Form::Xes => Self::Xes,
        }
    }
}

impl Export {
    pub(super) fn run(&self, output: &mut Output<'_>) -> Result<(), Failure> {
        block_on(async {
            let opened = Opened::open(&self.reach).await?;
            let outcome = self.write(&opened, output).await;
            opened.close().await;
            outcome
        })
    }

    async fn write(&self, opened: &Opened, output: &mut Output<'_>) -> Result<(), Failure> {
        let format = self.format.into();
        let Some(path) = &self.out else {
            let write = |bytes: &[u8]| {
                output.bytes(bytes);
                Ok(())
            };
            return lienthong_audit::export(&opened.audit, &self.at, format, write).await.map_err(failure);
        };
        let unwritten = |error: std::io::Error| Failure::unwritable(path, &error);
        let mut file = BufWriter::new(File::create(path).map_err(unwritten)?);
        let exported =
            lienthong_audit::export(&opened.audit, &self.at, format, |bytes| file.write_all(bytes)).await;
        exported.map_err(failure)?;
        file.into_inner().map_err(|error| unwritten(error.into_error()))?.sync_all().map_err(unwritten)
    }
}

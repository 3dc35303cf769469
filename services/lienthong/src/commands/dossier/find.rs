//! `dossier find`: the dossiers of a person, once the search is in the log.

use std::io::{self, BufRead as _};

use clap::Args;
use lienthong_wire::pb::personal_reading::v1 as pb;

use super::officer::Officer;
use super::read::recorded;
use super::words::TRAINING;
use crate::connection::{Connection, Reach, call};
use crate::exit::Failure;
use crate::{Format, Output};

/// Stands for a number that is read from stdin.
const STDIN: &str = "-";

#[derive(Debug, Args)]
pub(crate) struct Find {
    /// Personal identification number, business code or tax code; `-` reads it from stdin, where no list of processes
    /// shows it
    #[arg(long, value_name = "NUMBER")]
    id_number: Number,
    /// From the page before
    #[arg(long, value_name = "TOKEN", default_value = "")]
    page_token: String,
    #[command(flatten)]
    officer: Officer,
    #[command(flatten)]
    pub(super) reach: Reach,
}

/// Shown by no `Debug`.
#[derive(Clone)]
struct Number(String);

impl std::fmt::Debug for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Number(..)")
    }
}

impl From<String> for Number {
    fn from(number: String) -> Self {
        Self(number)
    }
}

impl Find {
    pub(super) async fn run(&self, connection: &Connection, output: &mut Output<'_>) -> Result<(), Failure> {
        let request = pb::FindDossiersRequest {
            reader: Some(self.officer.reader()),
            id_number: self.id_number.read()?,
            page_size: 0,
            page_token: self.page_token.clone(),
        };
        let mut service = connection.personal(&self.officer.agency).await?;
        let answer = service.find_dossiers(call(request)).await;
        let found = answer.map_err(|status| connection.refusal(&status))?.into_inner();
        if output.format() == Format::Json {
            let name = "lienthong.personal_reading.v1.FindDossiersResponse";
            output.json(&super::mapped_of(name, &found)?);
            return Ok(());
        }
        if found.training {
            output.text(TRAINING);
        }
        found.codes.iter().for_each(|code| output.text(code));
        if !found.next_page_token.is_empty() {
            output.text(&format!("Còn nữa: --page-token {}", found.next_page_token));
        }
        output.text(&recorded(found.receipt.as_ref()));
        Ok(())
    }
}

impl Number {
    fn read(&self) -> Result<String, Failure> {
        if self.0 != STDIN {
            return Ok(self.0.clone());
        }
        let mut line = String::new();
        let read = io::stdin().lock().read_line(&mut line);
        read.map_err(|error| Failure::usage(error, "give the number on stdin, or after --id-number"))?;
        Ok(line.trim().to_owned())
    }
}

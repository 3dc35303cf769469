//! `dossier find`: the dossiers of a person or a plot of land, once the search is in the log.

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
#[command(group = clap::ArgGroup::new("sought").required(true))]
pub(crate) struct Find {
    /// Personal identification number, business code or tax code; `-` reads it from stdin, where no list of processes
    /// shows it
    #[arg(long, value_name = "NUMBER", group = "sought")]
    id_number: Option<Number>,
    /// A plot: the commune's code, the sheet of the map (tờ bản đồ) and the parcel (thửa), as in 14797:5:112; `-` reads it
    /// from stdin
    #[arg(long, value_name = "COMMUNE:SHEET:PARCEL", group = "sought")]
    parcel: Option<Number>,
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
            id_number: self.id_number.as_ref().map(Number::read).transpose()?.unwrap_or_default(),
            plot: self.parcel.as_ref().map(Number::plot).transpose()?,
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
        read.map_err(|error| Failure::usage(error, "give the number on stdin, or after the option"))?;
        Ok(line.trim().to_owned())
    }

    /// Never repeats the text.
    fn plot(&self) -> Result<pb::PlotNumber, Failure> {
        let written = self.read()?;
        let parts: Vec<&str> = written.split(':').collect();
        let [commune, map_sheet, parcel] = parts[..] else {
            let problem = "--parcel names no commune, sheet and parcel";
            return Err(Failure::usage(problem, "write COMMUNE:SHEET:PARCEL, such as 14797:5:112"));
        };
        let [commune, map_sheet, parcel] = [commune, map_sheet, parcel].map(str::to_owned);
        Ok(pb::PlotNumber { commune, map_sheet, parcel })
    }
}

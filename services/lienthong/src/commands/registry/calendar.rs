//! `registry calendar`: another working-time calendar.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use jiff::civil::Date;
use lienthong_calendar::Calendar as WorkingDays;
use lienthong_node::SHIPPED_TEXTS;
use lienthong_registry::{Change, Dated, Registry};
use lienthong_wire::stored::revision::Texts;
use serde_json::json;

use super::import;
use super::publication::At;
use crate::commands::block_on;
use crate::exit::Failure;
use crate::{Format, Output};

#[derive(Debug, Args)]
pub(crate) struct Calendar {
    /// The table
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Its version, which no other calendar of the log has
    #[arg(long, value_name = "NAME")]
    version: String,
    /// The first day on which it is in force, YYYY-MM-DD
    #[arg(long, value_name = "DATE")]
    from: Date,
    #[command(flatten)]
    at: At,
}

pub(super) fn run(asked: &Calendar, output: &mut Output<'_>) -> Result<(), Failure> {
    let text = import::read(&asked.file)?;
    let calendar = WorkingDays::parse(&asked.version, &text)
        .map_err(|fault| Failure::refused(fault, "mend the line that it names; nothing was published"))?;
    let years = calendar.years();
    let calendars = vec![Dated::since(asked.from, Arc::new(calendar))];
    let change = Change { calendars, ..Change::default() };
    let named = [(asked.version.as_str(), text.as_str())];
    let texts = Texts { calendars: &named, rates: SHIPPED_TEXTS.rates };
    let authority = asked.at.authority()?;
    let published = block_on(async {
        let opened = asked.at.open().await?;
        let published = match asked.fits(&opened.charter.registry, &years) {
            Ok(()) if is_there(&opened.charter.registry, &change) => Ok(None),
            Ok(()) => opened.publish_with(&change, &texts, &authority).await,
            Err(failure) => Err(failure),
        };
        opened.close().await;
        published
    })?;
    let revision = published.map(|published| published.number);
    if output.format() == Format::Json {
        let (first, last) = (years.start(), years.end());
        output.json(&json!({
            "version": asked.version, "from": asked.from.to_string(), "first_year": first, "last_year": last,
            "revision": revision,
        }));
        return Ok(());
    }
    match revision {
        Some(revision) => output.text(&format!(
            "Đã công bố lịch làm việc {} (bản sửa đổi số {revision}); hạn của hồ sơ đang giải quyết do các dịch vụ tính lại",
            asked.version
        )),
        None => output.text("Sổ đăng ký đã có lịch này, không công bố gì"),
    }
    Ok(())
}

impl Calendar {
    /// Nothing that is received or open may come to lie beyond it.
    fn fits(&self, registry: &Registry, years: &RangeInclusive<i16>) -> Result<(), Failure> {
        let in_force = registry.calendar_in_force(self.from).map(|calendar| calendar.years());
        let last_before = in_force.map_or(self.from.year(), |years| *years.end());
        let refuse = |error: String| {
            Err(Failure::refused(error, "give a table of whole years; nothing was published"))
        };
        if !years.contains(&self.from.year()) {
            let (first, last) = (years.start(), years.end());
            return refuse(format!(
                "the table is of {first} to {last}, and it is to be in force from {}",
                self.from
            ));
        }
        // A dossier of December is due in January.
        let needed = last_before.max(self.from.year() + 1);
        if *years.end() < needed {
            return refuse(format!(
                "the table ends with {}, and is needed to the end of {needed}",
                years.end()
            ));
        }
        Ok(())
    }
}

/// Whether the registry has it already, from that day on.
fn is_there(registry: &Registry, change: &Change) -> bool {
    change.calendars.iter().all(|calendar| registry.parts().calendars.contains(calendar))
}

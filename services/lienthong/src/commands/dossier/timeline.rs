//! `dossier timeline`: the picture, then every record.

use clap::Args;
use lienthong_audit::Position;
use lienthong_wire::pb::reading::v1 as pb;

use super::words::{TRAINING, moment, status, verdict, working};
use super::{One, show};
use crate::connection::{Connection, call};
use crate::exit::Failure;
use crate::picture::{WIDTH_DEFAULT, WIDTH_MIN};
use crate::timeline_picture::picture;
use crate::{Format, Output};

/// Columns that a picture takes at most.
const WIDTH_MAX: usize = 1_000;

#[derive(Debug, Args)]
pub(crate) struct Timeline {
    /// Columns of the picture
    #[arg(long, value_name = "N", default_value_t = WIDTH_DEFAULT, value_parser = width)]
    width: usize,
    #[command(flatten)]
    pub(super) one: One,
}

impl Timeline {
    pub(super) async fn run(&self, connection: &Connection, output: &mut Output<'_>) -> Result<(), Failure> {
        let timeline = get(&self.one.code, connection).await?;
        if output.format() == Format::Json {
            output.json(&super::mapped("GetTimelineResponse", &timeline)?);
            return Ok(());
        }
        let dossier = show::get(&self.one.code, connection).await?;
        if timeline.training {
            output.text(TRAINING);
        }
        // History from elsewhere has no custody and no clock to draw.
        if dossier.imported.is_none() {
            output.text(&picture(&dossier, &timeline.entries).render(self.width));
        }
        for (number, entry) in (1..).zip(&timeline.entries) {
            tell(number, entry, output);
        }
        Ok(())
    }
}

/// Everything that happened to the dossier.
pub(in crate::commands) async fn get(
    code: &str,
    connection: &Connection,
) -> Result<pb::GetTimelineResponse, Failure> {
    let request = pb::GetTimelineRequest { code: code.to_owned(), ..Default::default() };
    let answer = connection.reading().get_timeline(call(request)).await;
    Ok(answer.map_err(|status| connection.refusal(&status))?.into_inner())
}

/// Leaves what the log had of it at a position.
pub(in crate::commands) fn cut(entries: &mut Vec<pb::TimelineEntry>, position: &Position) {
    entries.retain(|entry| {
        let partition = u16::try_from(entry.partition).ok();
        let end = partition.and_then(|partition| position.0.get(&partition));
        end.is_some_and(|end| entry.offset < *end)
    });
}

/// One record: when, by whom, what, and the status it led to.
fn tell(number: usize, entry: &pb::TimelineEntry, output: &mut Output<'_>) {
    let actor = entry.actor.as_ref();
    let actor = actor.map(|actor| format!(" – {} ({})", actor.name, actor.role)).unwrap_or_default();
    output.text(&format!("{number}. {}  {}{actor}", moment(entry.at.as_ref()), entry.agency_name));
    for fact in &entry.facts {
        let verdict = verdict(fact.verdict()).map(|verdict| format!(" – {verdict}")).unwrap_or_default();
        output.text(&format!("   {}{verdict}", fact.text));
        if let Some(minutes) = fact.waited_minutes {
            // The offer names whom it waits for; who took the dossier is who tells so.
            let taker = if fact.agency_name.is_empty() { &entry.agency_name } else { &fact.agency_name };
            output.text(&format!("   Chờ nhận {}, tính cho {taker}", working(minutes)));
        }
        if !fact.activities.is_empty() {
            for line in show::activities(fact.activities.iter()).lines() {
                output.text(&format!("   {}", line.trim_end()));
            }
        }
    }
    if entry.occurred_at.is_some() && entry.occurred_at != entry.at {
        output.text(&format!("   Theo người gửi: {}", moment(entry.occurred_at.as_ref())));
    }
    let (status, partition, offset) = (status(entry.status), entry.partition, entry.offset);
    output.text(&format!("   Trạng thái: {status}; vị trí {partition}:{offset}"));
}

fn width(text: &str) -> Result<usize, String> {
    let width = text.parse().ok().filter(|width| (WIDTH_MIN..=WIDTH_MAX).contains(width));
    width.ok_or_else(|| format!("not a number of columns from {WIDTH_MIN} to {WIDTH_MAX}"))
}

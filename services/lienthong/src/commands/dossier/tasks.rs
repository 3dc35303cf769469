//! `dossier tasks` and `dossier reminders`: what an agency is waited for, and what it is reminded of.

use clap::Args;
use comfy_table::{ContentArrangement, Table};
use jiff::civil::Date;
use lienthong_dossier::Subject;
use lienthong_wire::Coded as _;
use lienthong_wire::pb::reading::v1 as pb;

use super::words::{NONE, ROWS, TRAINING, left, moment, or_none, status};
use crate::connection::{Connection, Reach, call};
use crate::exit::Failure;
use crate::{Format, Output};

/// Items on one page; what a service gives at most.
const PAGE: u32 = 1_000;

#[derive(Debug, Args)]
pub(crate) struct Tasks {
    /// The agency that is waited for
    #[arg(long, value_name = "AGENCY")]
    agency: String,
    /// Only what this officer acted on last for the agency: the log knows no other assignment
    #[arg(long, value_name = "ID")]
    officer: Option<String>,
    #[command(flatten)]
    pub(super) reach: Reach,
}

#[derive(Debug, Args)]
pub(crate) struct Reminders {
    /// The agency that is reminded
    #[arg(long, value_name = "AGENCY")]
    agency: String,
    /// The day, which has reminders when it is worked [default: today]
    #[arg(long, value_name = "DAY")]
    day: Option<Date>,
    #[command(flatten)]
    pub(super) reach: Reach,
}

impl Tasks {
    pub(super) async fn run(&self, connection: &Connection, output: &mut Output<'_>) -> Result<(), Failure> {
        let listed = self.pages(connection).await?;
        if output.format() == Format::Json {
            output.json(&super::mapped("ListTasksResponse", &listed)?);
            return Ok(());
        }
        if listed.training {
            output.text(TRAINING);
        }
        for line in table(&listed.tasks).lines() {
            output.text(line.trim_end());
        }
        output.text(&format!("{} việc", listed.tasks.len()));
        Ok(())
    }

    async fn pages(&self, connection: &Connection) -> Result<pb::ListTasksResponse, Failure> {
        let mut all = pb::ListTasksResponse::default();
        loop {
            let request = pb::ListTasksRequest {
                agency: self.agency.clone(),
                officer_id: self.officer.clone().unwrap_or_default(),
                page_size: PAGE,
                page_token: std::mem::take(&mut all.next_page_token),
                at_least: Vec::new(),
            };
            let page = connection.reading().list_tasks(call(request)).await;
            let page = page.map_err(|status| connection.refusal(&status))?.into_inner();
            all.tasks.extend(page.tasks);
            all.training = page.training;
            if page.next_page_token.is_empty() {
                return Ok(all);
            }
            all.next_page_token = page.next_page_token;
        }
    }
}

impl Reminders {
    pub(super) async fn run(&self, connection: &Connection, output: &mut Output<'_>) -> Result<(), Failure> {
        let listed = self.pages(connection).await?;
        if output.format() == Format::Json {
            output.json(&super::mapped("ListRemindersResponse", &listed)?);
            return Ok(());
        }
        if listed.training {
            output.text(TRAINING);
        }
        listed.reminders.iter().for_each(|reminder| output.text(&reminder.text));
        output.text(&format!("{} lời nhắc", listed.reminders.len()));
        Ok(())
    }

    async fn pages(&self, connection: &Connection) -> Result<pb::ListRemindersResponse, Failure> {
        let mut all = pb::ListRemindersResponse::default();
        loop {
            let request = pb::ListRemindersRequest {
                agency: self.agency.clone(),
                day: self.day.map(|day| day.to_string()).unwrap_or_default(),
                page_size: PAGE,
                page_token: std::mem::take(&mut all.next_page_token),
                at_least: Vec::new(),
            };
            let page = connection.reading().list_reminders(call(request)).await;
            let page = page.map_err(|status| connection.refusal(&status))?.into_inner();
            all.reminders.extend(page.reminders);
            all.training = page.training;
            if page.next_page_token.is_empty() {
                return Ok(all);
            }
            all.next_page_token = page.next_page_token;
        }
    }
}

fn table(tasks: &[pb::Task]) -> Table {
    let mut table = Table::new();
    // A task to a line, so that lines can be searched and counted.
    table.load_style(ROWS).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["Mã hồ sơ", "Việc", "Hạn", "Còn lại", "Cán bộ", "Trạng thái"]);
    for task in tasks {
        table.add_row([
            task.code.clone(),
            what(task),
            moment(task.due.as_ref()),
            task.left.as_ref().map_or_else(|| NONE.to_owned(), left),
            or_none(&task.officer_id),
            status(task.status),
        ]);
    }
    table
}

fn what(task: &pb::Task) -> String {
    let step = task.step.as_ref().map_or(NONE, |step| step.name.as_str());
    match task.kind() {
        pb::TaskKind::Unspecified => NONE.to_owned(),
        pb::TaskKind::Offer => format!("nhận hồ sơ: {step}"),
        pb::TaskKind::Step => step.to_owned(),
        pb::TaskKind::Referral => {
            let subject = task.referral.as_ref().and_then(|referral| Subject::from_number(referral.subject));
            format!("trả lời: {}", subject.map_or(NONE, Subject::vietnamese))
        }
    }
}

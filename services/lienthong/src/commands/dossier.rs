//! `dossier`: what an agency may see of dossiers. Never any personal data, but for `read`, which is recorded.

mod erase;
mod find;
mod letter;
mod list;
mod names;
pub(super) mod officer;
pub(super) mod paper;
mod read;
mod receipt;
mod show;
mod slip;
mod tasks;
mod tax_notice;
mod tax_slip;
pub(super) mod timeline;
mod watch;
pub(super) mod words;

use clap::{Args, Subcommand};
use lienthong_wire::{Message, json};
use serde_json::Value;

use crate::Output;
use crate::connection::{Connection, Empty, Reach};
use crate::exit::Failure;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Dossiers that fit all filters, in the order of their codes
    List(list::List),
    /// One dossier as it is now; imported history with its activities
    Show(One),
    /// Everything that happened to one dossier, with a picture of who held it when and which clock ran
    Timeline(timeline::Timeline),
    /// What an agency, or an officer of it, is waited for, in the order in which it is due
    Tasks(tasks::Tasks),
    /// What an agency is reminded of on a working day: two and one before a day due, on it, and one after
    Reminders(tasks::Reminders),
    /// One dossier now, and again after each change, until Ctrl-C
    Watch(One),
    /// The personal data of dossiers, for a purpose: who reads is recorded in the log before anything is shown
    Read(read::Read),
    /// The dossiers of a person or a plot of land, found by a number; the search is recorded, the number is not
    Find(find::Find),
    /// Giấy tiếp nhận hồ sơ và hẹn trả kết quả (Mẫu 01), as JSON or PDF; it names the applicant, so that is recorded first
    Receipt(receipt::Receipt),
    /// What an agency wrote to the applicant (Mẫu 02 to 05), as JSON or PDF; it names the applicant, so that is recorded first
    ///
    /// A request for papers, a refusal at the desk, an apology with an extension, a stop: as of the act in the log, whatever
    /// came later.
    #[command(after_help = "Examples:\n  \
        lienthong dossier letter CODE --agency H56.2 --officer cb-01 --purpose handling --pdf letter.pdf    # the newest\n  \
        lienthong dossier letter CODE --form supplement --nth 1 --agency H56.2 --officer cb-01 --purpose handling")]
    Letter(letter::Letter),
    /// Phiếu kiểm soát quá trình giải quyết hồ sơ: both times and persons of each hand-over, as JSON or PDF
    Slip(slip::Slip),
    /// Phiếu chuyển thông tin để xác định nghĩa vụ tài chính về đất đai, as JSON or PDF; the reading is recorded first
    TaxSlip(tax_slip::TaxSlip),
    /// Thông báo nộp tiền, each amount in words too, as JSON or PDF; the reading is recorded first
    TaxNotice(tax_notice::TaxNotice),
    /// Destroys the personal data of a dossier that is over; refused while a retention period runs
    Erase(erase::Erase),
}

/// One dossier.
#[derive(Debug, Args)]
pub(crate) struct One {
    /// The dossier code (mã hồ sơ)
    code: String,
    #[command(flatten)]
    reach: Reach,
}

impl Command {
    fn reach(&self) -> &Reach {
        match self {
            Self::List(list) => &list.reach,
            Self::Tasks(tasks) => &tasks.reach,
            Self::Reminders(reminders) => &reminders.reach,
            Self::Timeline(timeline) => &timeline.one.reach,
            Self::Show(one) | Self::Watch(one) => &one.reach,
            Self::Read(read) => &read.reach,
            Self::Find(find) => &find.reach,
            Self::Receipt(receipt) => &receipt.reach,
            Self::Letter(letter) => &letter.reach,
            Self::Slip(slip) => &slip.reach,
            Self::TaxSlip(slip) => &slip.reach,
            Self::TaxNotice(notice) => &notice.reach,
            Self::Erase(erase) => &erase.reach,
        }
    }
}

pub(crate) fn run(command: &Command, output: &mut Output<'_>) -> Result<(), Failure> {
    super::block_on(async {
        let connection = Connection::open(command.reach(), Empty::Refuse, output).await?;
        let done = match command {
            Command::List(list) => list.run(&connection, output).await,
            Command::Tasks(tasks) => tasks.run(&connection, output).await,
            Command::Reminders(reminders) => reminders.run(&connection, output).await,
            Command::Show(one) => show::run(&one.code, &connection, output).await,
            Command::Timeline(timeline) => timeline.run(&connection, output).await,
            Command::Watch(one) => watch::run(&one.code, &connection, output).await,
            Command::Read(read) => read.run(&connection, output).await,
            Command::Find(find) => find.run(&connection, output).await,
            Command::Receipt(receipt) => receipt.run(&connection, output).await,
            Command::Letter(letter) => letter.run(&connection, output).await,
            Command::Slip(slip) => slip.run(&connection, output).await,
            Command::TaxSlip(slip) => slip.run(&connection, output).await,
            Command::TaxNotice(notice) => notice.run(&connection, output).await,
            Command::Erase(erase) => erase.run(&connection, output).await,
        };
        connection.close().await;
        done
    })
}

/// A message of the reading service in its JSON mapping.
fn mapped(name: &str, message: &impl Message) -> Result<Value, Failure> {
    mapped_of(&format!("lienthong.reading.v1.{name}"), message)
}

/// Any message, named in full, in its JSON mapping.
pub(super) fn mapped_of(name: &str, message: &impl Message) -> Result<Value, Failure> {
    json::to_json(name, message).map_err(|fault| Failure::defect(&fault))
}

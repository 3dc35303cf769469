//! `dossier erase`: destroys the personal data of a dossier that is over.

use clap::Args;
use lienthong_dossier::Power;
use lienthong_wire::Timestamp;
use lienthong_wire::pb::casework::v1::EraseRequest;
use lienthong_wire::pb::common::v1::CommandHeader;
use uuid::Uuid;

use super::officer::actor;
use super::show;
use super::words::{TRAINING, moment, status};
use crate::connection::{Connection, Reach, call};
use crate::exit::Failure;
use crate::{Format, Output};

const NANOS_PER_SECOND: i64 = 1_000_000_000;

#[derive(Debug, Args)]
pub(crate) struct Erase {
    /// The dossier code (mã hồ sơ)
    code: String,
    /// Why, with its legal basis, without personal data
    #[arg(long, value_name = "TEXT")]
    ground: String,
    /// Id of the agency that erases [default: the desk that took the dossier in]
    #[arg(long, value_name = "ID")]
    agency: Option<String>,
    /// Id of the officer within the agency
    #[arg(long, value_name = "ID", default_value = "lienthong")]
    officer: String,
    /// Full name of the officer [default: the id]
    #[arg(long, value_name = "NAME")]
    officer_name: Option<String>,
    /// Title of the officer
    #[arg(long, value_name = "TITLE", default_value = "Quản trị hệ thống")]
    officer_role: String,
    /// When it happened, RFC 3339; in a training log this is the instant that counts [default: now]
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    at: Option<Timestamp>,
    #[command(flatten)]
    pub(super) reach: Reach,
}

impl Erase {
    pub(super) async fn run(&self, connection: &Connection, output: &mut Output<'_>) -> Result<(), Failure> {
        let agency = match &self.agency {
            Some(agency) => agency.clone(),
            None => show::get(&self.code, connection).await?.received_by,
        };
        let header = CommandHeader {
            command_id: Uuid::new_v4().to_string(),
            actor: Some(actor(&self.officer, self.officer_name.as_deref(), &self.officer_role, Power::Sign)),
            occurred_at: self.at,
            agency: agency.clone(),
        };
        let request =
            EraseRequest { header: Some(header), code: self.code.clone(), ground: self.ground.clone() };
        let mut service = connection.casework(&agency).await?;
        let answer = service.erase(call(request)).await;
        let receipt = answer.map_err(|status| connection.refusal(&status))?.into_inner();
        if output.format() == Format::Json {
            output.json(&super::mapped_of("lienthong.common.v1.Receipt", &receipt)?);
            return Ok(());
        }
        if receipt.training {
            output.text(TRAINING);
        }
        let at = moment(receipt.at.as_ref());
        output.text(&format!("Đã xóa dữ liệu cá nhân của hồ sơ {} lúc {at}", receipt.code));
        output.text(&format!("Trạng thái giữ nguyên: {}", status(receipt.status)));
        Ok(())
    }
}

fn instant(text: &str) -> Result<Timestamp, String> {
    let at: jiff::Timestamp = text.parse().map_err(|_| "not an instant such as 2026-11-24T08:15:00+07:00")?;
    let nanos = i64::from(at.subsec_nanosecond()).rem_euclid(NANOS_PER_SECOND);
    let seconds = at.as_second() - i64::from(at.subsec_nanosecond() < 0);
    Ok(Timestamp { seconds, nanos: i32::try_from(nanos).unwrap_or_default() })
}

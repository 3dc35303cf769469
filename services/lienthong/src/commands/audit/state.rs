//! `audit state`: the log, or one dossier, as it was.

use std::collections::BTreeMap;

use clap::Args;
use lienthong_audit::{At, LogAsOf, dossier_as_of, log_as_of};
use lienthong_dossier::{DossierCode, Status};
use serde::Serialize;

use super::failure;
use super::opened::Opened;
use super::reach::Reach;
use crate::commands::block_on;
use crate::commands::dossier::words::TRAINING;
use crate::exit::Failure;
use crate::natural::natural;
use crate::{Format, Output};

#[derive(Debug, Args)]
pub(crate) struct State {
    /// One dossier (mã hồ sơ), told in JSON [default: the whole log, in figures]
    #[arg(value_parser = DossierCode::parse)]
    code: Option<DossierCode>,
    #[command(flatten)]
    reach: Reach,
    /// As of when: a position such as 0:17,5:2 (nothing of partitions that are not named), an RFC 3339 instant (what was
    /// appended by then; not in training logs), or `end`
    #[arg(long, value_name = "POSITION|INSTANT")]
    at: At,
}

/// What is told in JSON.
#[derive(Debug, Serialize)]
struct Figures {
    position: String,
    digest: Option<String>,
    records: u64,
    admitted: u64,
    dossiers: u64,
    imported: u64,
    statuses: BTreeMap<u8, u64>,
    held: BTreeMap<String, u64>,
    log_id: String,
    training: bool,
}

impl State {
    pub(super) fn run(&self, output: &mut Output<'_>) -> Result<(), Failure> {
        block_on(async {
            let opened = Opened::open(&self.reach).await?;
            let told = match &self.code {
                Some(code) => self.one(&opened, code, output).await,
                None => self.all(&opened, output).await,
            };
            opened.close().await;
            told
        })
    }

    async fn one(&self, opened: &Opened, code: &DossierCode, output: &mut Output<'_>) -> Result<(), Failure> {
        let dossier = dossier_as_of(&opened.audit, &self.at, code).await.map_err(failure)?;
        let dossier = dossier.ok_or_else(|| {
            Failure::refused(
                format!("there was no dossier {code}"),
                "look at a later position, or at `end`; see that it names the dossier's partition",
            )
        })?;
        if output.format() == Format::Json {
            output.json(&dossier);
            return Ok(());
        }
        if opened.audit.trust().is_training() {
            output.text(TRAINING);
        }
        let text = serde_json::to_string_pretty(&dossier).map_err(|error| Failure::defect(&error))?;
        output.text(&text);
        Ok(())
    }

    async fn all(&self, opened: &Opened, output: &mut Output<'_>) -> Result<(), Failure> {
        let log = log_as_of(&opened.audit, &self.at).await.map_err(failure)?;
        let trust = opened.audit.trust();
        if output.format() == Format::Json {
            output.json(&Figures::of(&log, trust.log_id().to_string(), trust.is_training()));
            return Ok(());
        }
        if trust.is_training() {
            output.text(TRAINING);
        }
        output.text(&format!("Vị trí                     {}", log.position));
        output.text(&format!("Bản ghi                    {}", log.records));
        output.text(&format!("Được nhận                  {}", log.admitted));
        output.text(&format!("Hồ sơ                      {}", log.dossiers));
        output.text(&format!("    nhập từ hệ thống khác  {}", log.imported));
        for (code, count) in &log.statuses {
            let name = Status::from_code(i32::from(*code)).map_or("–", Status::vietnamese);
            output.text(&format!("    {name} ({code}): {count}"));
        }
        output.text("Đang giữ hồ sơ chưa xong");
        let mut held: Vec<_> = log.held.iter().collect();
        held.sort_by(|(one, _), (other, _)| natural(one.as_str(), other.as_str()));
        for (agency, count) in held {
            output.text(&format!("    {agency}: {count}"));
        }
        let digest = log.digest.map(|digest| digest.to_string()).unwrap_or_default();
        output.text(&format!("Mã băm                     {digest}"));
        Ok(())
    }
}

impl Figures {
    fn of(log: &LogAsOf, log_id: String, training: bool) -> Self {
        Self {
            position: log.position.to_string(),
            digest: log.digest.map(|digest| digest.to_string()),
            records: log.records,
            admitted: log.admitted,
            dossiers: log.dossiers,
            imported: log.imported,
            statuses: log.statuses.clone(),
            held: log.held.iter().map(|(agency, count)| (agency.to_string(), *count)).collect(),
            log_id,
            training,
        }
    }
}

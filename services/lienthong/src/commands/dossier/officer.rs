//! Who acts or reads, as told on the command line.

use clap::Args;
use lienthong_dossier::{Power, Purpose};
use lienthong_wire::Coded as _;
use lienthong_wire::pb::common::v1::Actor;
use lienthong_wire::pb::personal_reading::v1 as pb;

use crate::connection::{Connection, call};
use crate::exit::Failure;

/// Who reads, and what for.
#[derive(Debug, Args)]
pub(in crate::commands) struct Officer {
    /// Id of the agency that reads
    #[arg(long, value_name = "ID")]
    pub(in crate::commands) agency: String,
    /// Id of the officer within the agency
    #[arg(long, value_name = "ID")]
    officer: String,
    /// Full name of the officer [default: the id]
    #[arg(long, value_name = "NAME")]
    officer_name: Option<String>,
    /// Title of the officer
    #[arg(long, value_name = "TITLE", default_value = "Chuyên viên")]
    officer_role: String,
    /// What for: handling, person-asks, correction, complaint, inspection, proceedings or retention
    #[arg(long, value_name = "PURPOSE", value_parser = purpose)]
    purpose: Purpose,
    /// The purpose in the words of the law or the number of a paper, without personal data
    #[arg(long, value_name = "TEXT", default_value = "")]
    ground: String,
}

impl Officer {
    /// As the contract carries it.
    pub(in crate::commands) fn reader(&self) -> pb::Reader {
        pb::Reader {
            agency: self.agency.clone(),
            actor: Some(actor(&self.officer, self.officer_name.as_deref(), &self.officer_role, Power::Read)),
            purpose: self.purpose.number(),
            ground: self.ground.clone(),
            request_id: String::new(),
        }
    }

    /// What was told about persons in one dossier, once the reading is in the log.
    pub(in crate::commands) async fn read(
        &self,
        code: &str,
        connection: &Connection,
    ) -> Result<Vec<pb::PersonalEvent>, Failure> {
        let shown = self.read_all(vec![code.to_owned()], connection).await?;
        Ok(shown.into_iter().flat_map(|dossier| dossier.events).collect())
    }

    /// The same of several dossiers, which one record names.
    pub(in crate::commands) async fn read_all(
        &self,
        codes: Vec<String>,
        connection: &Connection,
    ) -> Result<Vec<pb::PersonalDossier>, Failure> {
        let request = pb::ReadPersonalRequest {
            reader: Some(self.reader()),
            codes,
            classes: Vec::new(),
            at_least: Vec::new(),
        };
        let mut service = connection.personal(&self.agency).await?;
        let shown = service.read_personal(call(request)).await;
        Ok(shown.map_err(|status| connection.refusal(&status))?.into_inner().dossiers)
    }
}

/// An officer; called by the id where no name is told.
pub(super) fn actor(id: &str, name: Option<&str>, role: &str, power: Power) -> Actor {
    Actor {
        officer_id: id.to_owned(),
        name: name.unwrap_or(id).to_owned(),
        role: role.to_owned(),
        power: power.number(),
    }
}

fn purpose(text: &str) -> Result<Purpose, String> {
    let known = Purpose::ALL.iter().copied().find(|purpose| purpose.as_str() == text);
    known.ok_or_else(|| {
        let names: Vec<_> = Purpose::ALL.iter().map(|purpose| purpose.as_str()).collect();
        format!("not one of {}", names.join(", "))
    })
}

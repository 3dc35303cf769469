//! `dossier watch`: one dossier now, and again after each change, until the caller ends it.

use std::pin::pin;

use lienthong_wire::pb::reading::v1 as pb;
use tonic::Status;

use super::words::{TRAINING, custody, moment, promise, status};
use crate::commands::ending::told_to_end;
use crate::connection::Connection;
use crate::exit::Failure;
use crate::{Format, Output};

pub(super) async fn run(code: &str, connection: &Connection, output: &mut Output<'_>) -> Result<(), Failure> {
    let mut ended = pin!(told_to_end()?);
    let refused = |status: Status| connection.refusal(&status);
    // No deadline: it lasts for as long as somebody looks.
    let request = pb::WatchDossierRequest { code: code.to_owned() };
    let mut changes = connection.reading().watch_dossier(request).await.map_err(refused)?.into_inner();
    let mut is_first = true;
    while !output.is_closed() {
        let change = tokio::select! {
            change = changes.message() => change.map_err(refused)?,
            () = &mut ended => return Ok(()),
        };
        let Some(dossier) = change else { return Err(refused(Status::unavailable("the stream ended"))) };
        match output.format() {
            Format::Json => output.json(&super::mapped("Dossier", &dossier)?),
            Format::Text => {
                if std::mem::take(&mut is_first) && dossier.training {
                    output.text(TRAINING);
                }
                output.text(&line(&dossier));
            }
        }
        output.finish().map_err(|error| Failure::unwritten(&error))?;
    }
    Ok(())
}

/// A dossier on one line.
fn line(dossier: &pb::Dossier) -> String {
    let at = moment(dossier.last_at.as_ref());
    let mut parts = vec![format!("{at}  {}", status(dossier.status))];
    if dossier.custody.is_some() {
        parts.push(custody(dossier));
    }
    if let Some(step) = &dossier.step {
        parts.push(format!("bước “{}”", step.name));
    }
    if let Some(imported) = &dossier.imported {
        parts.push(format!("nhập từ {}, {} hoạt động", imported.source, imported.activities));
    }
    if dossier.due.is_some() {
        parts.push(format!("hẹn trả {}", promise(dossier)));
    }
    if dossier.remaining_dong > 0 {
        parts.push(format!("còn phải nộp {} đồng", dossier.remaining_dong));
    }
    parts.join("; ")
}

//! `registry verify`: the registry's chain from its genesis.

use clap::Args;
use serde_json::json;

use super::publication::At;
use crate::commands::block_on;
use crate::exit::Failure;
use crate::{Format, Output};

#[derive(Debug, Args)]
pub(crate) struct Verify {
    #[command(flatten)]
    at: At,
}

pub(super) fn run(asked: &Verify, output: &mut Output<'_>) -> Result<(), Failure> {
    let charter = block_on(async {
        let opened = asked.at.open().await?;
        let charter = opened.charter.clone();
        opened.close().await;
        Ok(charter)
    })?;
    let revisions = &charter.revisions;
    let half_made = revisions.half_made().map(|(number, _)| number);
    let faults: Vec<_> = revisions
        .voids()
        .map(|void| json!({"offset": void.offset, "fault": void.fault.to_string()}))
        .collect();
    let newest = revisions.latest().map_or(0, |revision| revision.number);
    if output.format() == Format::Json {
        output.json(&json!({
            "log_id": charter.log_id.to_string(),
            "records": revisions.records(),
            "revision": newest,
            "head": revisions.head().to_string(),
            "hash": revisions.chain().to_string(),
            "half_made": half_made,
            "voids": revisions.void_records(),
            "faults": faults,
        }));
    } else {
        output.text(&format!("Mã nhật ký (log_id)  {}", charter.log_id));
        output.text(&format!("Bản ghi              {}", revisions.records()));
        output.text(&format!("Bản sửa đổi          {newest}"));
        output.text(&format!("Mã băm               {}", revisions.chain()));
        let older = revisions.void_records().saturating_sub(faults.len() as u64);
        if older > 0 {
            output.text(&format!("{older} bản ghi cũ hơn cũng không có hiệu lực"));
        }
        for void in revisions.voids() {
            output.text(&format!("Bản ghi {} không có hiệu lực: {}", void.offset, void.fault));
        }
        if let Some(number) = half_made {
            output.text(&format!("Bản sửa đổi {number} mới ghi được một phần"));
        }
    }
    if revisions.void_records() == 0 && half_made.is_none() {
        return Ok(());
    }
    Err(Failure::found(
        "the registry has records that do not count",
        "nobody but the authority should write there: look who may, and publish again what was cut off",
    ))
}

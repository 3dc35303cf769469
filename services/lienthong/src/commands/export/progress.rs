//! Rows of progress (`CapNhatTienDoHoSoMC`) of a dossier: one for each record that moved it on, in the order of the log.

use lienthong_dossier::Status;
use lienthong_wire::pb::reading::v1 as pb;
use lienthong_wire::{Coded as _, Timestamp, instant};

use super::Told;
use super::record::Line;
use crate::sync::print_time;

/// Facts that move a dossier on for whoever follows it, though its status stays.
const MOVES: [&str; 5] =
    ["CustodyAccepted", "DossierAdopted", "StepCompleted", "ReferralSent", "ReferralReturned"];

pub(super) fn of(told: &Told) -> Vec<Line> {
    let mut rows = Vec::new();
    let mut status = 0;
    for entry in &told.entries {
        let imported =
            entry.facts.iter().flat_map(|fact| &fact.activities).filter(|activity| activity.status != 0);
        rows.extend(imported.map(|activity| heard(told, entry, activity)));
        let is_live = entry.facts.iter().all(|fact| fact.source.is_empty());
        let moves = entry.facts.iter().any(|fact| MOVES.contains(&fact.name.as_str()));
        if is_live && (entry.status != status || moves) {
            rows.push(row(told, entry));
        }
        status = entry.status;
    }
    rows
}

/// What happened on the bus.
fn row(told: &Told, entry: &pb::TimelineEntry) -> Line {
    let actor = entry.actor.clone().unwrap_or_default();
    let texts: Vec<_> = entry.facts.iter().map(|fact| fact.text.as_str()).collect();
    let due = entry.facts.iter().filter_map(|fact| fact.step_clock.as_ref()?.due.as_ref()).next_back();
    line(
        told,
        entry.status,
        [
            actor.name,
            actor.role,
            time(entry.at.as_ref()),
            entry.agency_name.clone(),
            texts.join("; "),
            time(entry.at.as_ref()),
            time(due),
        ],
    )
}

/// What another system told, as it told it.
fn heard(told: &Told, entry: &pb::TimelineEntry, activity: &pb::ImportedActivity) -> Line {
    let details = told.details.get(&entry.offset);
    let said = |name: &str| {
        let particulars = details.iter().flat_map(|details| &details.particulars);
        particulars.filter(|said| said.name == name).map(|said| said.value.clone()).next().unwrap_or_default()
    };
    line(
        told,
        activity.status,
        [
            activity.resource.clone(),
            said("ChucDanh"),
            time(activity.at.as_ref()),
            activity.group.clone(),
            said("NoiDungXuLy"),
            time(activity.began_at.as_ref()),
            time(activity.due.as_ref()),
        ],
    )
}

fn line(told: &Told, status: i32, says: [String; 7]) -> Line {
    let [officer, title, at, unit, text, began_at, due] = says;
    Line::new([
        ("MaHoSo", told.dossier.code.clone()),
        ("NguoiXuLy", officer),
        ("ChucDanh", title),
        ("ThoiDiemXuLy", at),
        ("PhongBanXuLy", unit),
        ("NoiDungXuLy", text),
        ("TrangThai", Status::from_number(status).map_or(String::new(), |status| status.code().to_string())),
        ("NgayBatDau", began_at),
        ("NgayKetThucTheoQuyDinh", due),
    ])
}

fn time(at: Option<&Timestamp>) -> String {
    at.and_then(instant).map(print_time).unwrap_or_default()
}

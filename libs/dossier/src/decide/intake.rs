//! Taking dossiers in: filing, reception, refusal, and history from elsewhere.

use lienthong_registry::{Agency, AgencyCode, AgencyId, CommuneCode, Pack, ProcedureCode, ReceiveBy, Role};

use super::Asked;
use super::erasure::erased;
use crate::case::{Case, Imported, Phase};
use crate::command::{Action, Intake};
use crate::denial::Denial;
use crate::event::{Channel, DOCUMENTS_MAX, Document, EventKind, History, Opening, Pins, Told};

/// Activities of one imported record at most, and of one dossier with a status: more do not fit into a record.
pub const ACTIVITIES_MAX: usize = 1_000;

/// The first event of a dossier.
pub(super) fn open(asked: &Asked<'_>, agency: &Agency, action: &Action) -> Result<EventKind, Denial> {
    let prefix = asked.code.parts().ok().and_then(|parts| AgencyCode::parse(parts.agency).ok());
    if !prefix.is_some_and(|prefix| agency.has_code(&prefix, asked.at.date())) {
        return Err(Denial::CodeNotOfAgency { agency: agency.id.clone() });
    }
    if !agency.has_role(Role::WardDesk) {
        return Err(Denial::NotADesk { agency: agency.id.clone() });
    }
    if let Action::File(intake) = action {
        Ok(EventKind::DossierFiled(opening(asked, intake, "DossierFiled", false)?))
    } else if let Action::Receive(intake) = action {
        Ok(EventKind::DossierAccepted(opening(asked, intake, "DossierAccepted", true)?))
    } else if let Action::Refuse { intake: Some(intake), ground } = action {
        let opening = Some(opening(asked, intake, "DossierRefused", false)?);
        Ok(EventKind::DossierRefused { opening, ground: ground.clone() })
    } else {
        Err(Denial::UnknownDossier)
    }
}

/// The desk's answer to an online filing.
pub(super) fn answer_filing(asked: &Asked<'_>, case: &Case, action: &Action) -> Result<EventKind, Denial> {
    if case.phase != Phase::Filed {
        return Err(Denial::NotInStatus { status: case.status() });
    }
    if let Action::Receive(intake) = action {
        if case.supplement.as_ref().is_some_and(|supplement| !supplement.received) {
            return Err(Denial::SupplementAwaited);
        }
        if intake.procedure != case.procedure || intake.commune != case.commune {
            return Err(Denial::FilingDiffers);
        }
        Ok(EventKind::DossierAccepted(opening(asked, intake, "DossierAccepted", true)?))
    } else if let Action::Refuse { intake: None, ground } = action {
        Ok(EventKind::DossierRefused { opening: None, ground: ground.clone() })
    } else {
        Err(Denial::CodeTaken)
    }
}

/// History from another system becomes one event, never the events it tells of. Further records of the same source add to
/// it: progress rows come in any order, and the record of the dossier itself once.
pub(super) fn import(
    asked: &Asked<'_>,
    known: Option<&Imported>,
    history: &History,
) -> Result<EventKind, Denial> {
    if !asked.registry.may_import(asked.agency, history.source.as_str()) {
        return Err(Denial::NotAnImporter { agency: asked.agency.clone() });
    }
    if let Some(known) = known {
        if let Some(at) = known.erased {
            return Err(erased(at));
        }
        let is_further = history.activities.iter().all(|activity| activity.status.is_some());
        let is_own = history.told.is_some() && known.told.is_none();
        if history.source != known.source || !(is_own || history.told.is_none() && is_further) {
            return Err(Denial::CodeTaken);
        }
    }
    let activities = history.activities.len();
    let in_all = activities + known.map_or(0, |known| known.progress.len());
    if activities == 0 && history.told.is_none() || in_all > ACTIVITIES_MAX {
        return Err(Denial::HistorySize { activities: in_all, activities_max: ACTIVITIES_MAX });
    }
    Ok(EventKind::HistoryImported {
        history: Box::new(history.clone()),
        competent: history.told.as_ref().and_then(|told| competent(asked, told)),
        detail: asked.envelope("HistoryImported"),
    })
}

/// The agency that a source names, by its code: as far as it is the registry's, and a node serves it.
fn competent(asked: &Asked<'_>, told: &Told) -> Option<AgencyId> {
    let on = told.received_at.unwrap_or(asked.at).date();
    let agency = asked.registry.agency_by_code(&AgencyCode::parse(&told.agency.code).ok()?, on)?;
    agency.key.is_some().then(|| agency.id.clone())
}

fn opening(asked: &Asked<'_>, intake: &Intake, event: &str, starts: bool) -> Result<Opening, Denial> {
    let (pack, pins) = pinned(asked, &intake.procedure, &intake.commune)?;
    // What came the wrong way is refused in writing (Mẫu 03), so a refusal takes any channel.
    if event != "DossierRefused" {
        files_by(pack, intake)?;
    }
    known_documents(&intake.documents, |document| pack.knows_document(&document.kind))?;
    Ok(Opening {
        procedure: intake.procedure.clone(),
        pins,
        commune: intake.commune.clone(),
        channel: intake.channel,
        applicant: intake.applicant,
        documents: intake.documents.clone(),
        detail: asked.envelope(event),
        step: starts.then(|| pack.entry().id.clone()),
    })
}

/// The pack in force on the day, for that commune, and all versions that a dossier pins then.
pub(super) fn pinned<'a>(
    asked: &Asked<'a>,
    procedure: &ProcedureCode,
    commune: &CommuneCode,
) -> Result<(&'a Pack, Pins), Denial> {
    let (registry, on) = (asked.registry, asked.at.date());
    let pack = registry
        .pack_in_force(procedure, on)
        .ok_or_else(|| Denial::NoPackInForce { procedure: procedure.clone(), on })?;
    let known =
        registry.commune(commune).ok_or_else(|| Denial::UnknownCommune { commune: commune.clone() })?;
    if pack.territory() != &known.province {
        return Err(Denial::PackNotForCommune { commune: commune.clone() });
    }
    let calendar =
        registry.calendar_in_force(on).ok_or_else(|| Denial::NoCalendar { version: String::new() })?;
    calendar.is_working_day(on)?;
    let rates = registry.rates_in_force(on).ok_or(Denial::NoRates { on })?;
    let pins = Pins {
        pack: pack.version().clone(),
        calendar: calendar.version().to_owned(),
        rates: rates.version().to_owned(),
    };
    Ok((pack, pins))
}

/// The procedure is filed that way.
fn files_by(pack: &Pack, intake: &Intake) -> Result<(), Denial> {
    let service = pack.service();
    let channel = match intake.channel {
        Channel::Direct => ReceiveBy::Direct,
        Channel::Online => ReceiveBy::Online,
        Channel::Postal => ReceiveBy::Postal,
    };
    if service.receive_by.contains(&channel) {
        return Ok(());
    }
    let procedure = intake.procedure.clone();
    if let Some(because) = &service.presence {
        return Err(Denial::PresenceRequired { procedure, because: because.clone() });
    }
    let taken = service.receive_by.iter().map(|channel| channel.as_str()).collect::<Vec<_>>().join(", ");
    Err(Denial::ChannelNotTaken { procedure, channel: intake.channel, taken })
}

/// Every document is one of the procedure's, and there are not too many.
pub(super) fn known_documents(
    documents: &[Document],
    known: impl Fn(&Document) -> bool,
) -> Result<(), Denial> {
    if documents.len() > DOCUMENTS_MAX {
        return Err(Denial::TooMany { what: "documents", count: documents.len(), count_max: DOCUMENTS_MAX });
    }
    match documents.iter().find(|document| !known(document)) {
        Some(document) => Err(Denial::UnknownDocument { kind: document.kind.clone() }),
        None => Ok(()),
    }
}

//! When the personal data of a dossier may be erased, by whom, and what is left of it.

use std::sync::Arc;

use lienthong_registry::{Pack, RETENTION_YEARS_DEFAULT, SHIPPED_PACKS};

use crate::testing::*;
use crate::*;

/// The land transfer under another code, kept for as long as said.
fn kept_for(retention: &str) -> Arc<Pack> {
    let (file, text) = SHIPPED_PACKS[0];
    let text = text.replace("1.099001", "1.099777").replace("retention: permanent", retention);
    Arc::new(Pack::parse(file, &text).unwrap())
}

fn erase() -> Action {
    Action::Erase { ground: ground("Luật 91/2025/QH15") }
}

/// A dossier that was not taken in on 02/11/2026, under that period.
fn refused(retention: &str) -> Story {
    let registry = Arc::new(registry_with(&[kept_for(retention)]));
    let mut story = Story::with(registry, at("2026-11-02 08:15"));
    let intake = Some(intake("1.099777"));
    story.tell("2026-11-02 08:15", DESK, Action::Refuse { intake, ground: ground("không thuộc thẩm quyền") });
    story
}

#[test]
fn what_is_over_is_erased_when_its_period_is() {
    let mut story = refused("retention: 1");
    let before = story.case().clone();
    let until = "2027-11-02".parse().unwrap();
    story.now = at("2027-11-01 23:59");
    assert_eq!(story.try_it(DESK, erase()), Err(Denial::RetentionRuns { until }));
    story.now = at("2027-11-02 00:00");
    assert_eq!(
        story.try_it(LAND, erase()),
        Err(Denial::NotReceivingDesk { desk: agency(DESK) }),
        "it has no part in it"
    );
    let events = story.does(DESK, erase()).unwrap();
    let kept_until = until;
    let erased = EventKind::DossierErased { ground: ground("Luật 91/2025/QH15"), kept_until };
    assert_eq!(events, [Event { kind: erased, clocks: Clocks::default() }]);
    // Nothing else has changed.
    let (erased, last_at, records) = (Some(story.now), story.now, before.records + 1);
    assert_eq!(*story.case(), Case { erased, last_at, records, ..before });
    assert_eq!(story.dossier.as_ref().and_then(Dossier::erased), erased);
}

#[test]
fn nothing_is_recorded_for_what_is_erased() {
    let mut story = refused("retention: 0");
    story.tell("2026-11-02 08:20", DESK, erase());
    let on = "2026-11-02".parse().unwrap();
    for action in [erase(), complete("tiep-nhan", "chuyen-ho-so"), offer(LAND), Action::RequestWithdrawal] {
        assert_eq!(story.try_it(DESK, action), Err(Denial::Erased { on }));
    }
    // Whoever receives under the code gets the answer that makes it ask for another one.
    assert_eq!(story.try_it(DESK, Action::Receive(intake("1.099777"))), Err(Denial::CodeTaken));
}

#[test]
fn what_is_under_way_is_not_erased() {
    let story = Story::at_the_slip();
    let status = Status::Processing;
    assert_eq!(story.try_it(LAND, erase()), Err(Denial::NotInStatus { status }));
    assert_eq!(story.try_it(TAX, erase()), Err(Denial::NotReceivingDesk { desk: agency(DESK) }));
}

#[test]
fn land_is_kept_permanently_and_what_says_nothing_for_the_usual_time() {
    let refuse = |procedure| Action::Refuse {
        intake: Some(intake(procedure)),
        ground: ground("không thuộc thẩm quyền"),
    };
    let mut land = Story::new("2026-11-02 08:15");
    land.tell("2026-11-02 08:15", DESK, refuse("1.099001"));
    assert_eq!(land.try_it(DESK, erase()), Err(Denial::KeptPermanently));

    let (_, text) = SHIPPED_PACKS[0];
    let source = text.lines().find(|line| line.starts_with("retention_source")).unwrap();
    let text = text.replace("1.099001", "1.099777").replace("retention: permanent", "");
    let silent = Arc::new(Pack::parse("silent", &text.replace(source, "")).unwrap());
    let mut silent = Story::with(Arc::new(registry_with(&[silent])), at("2026-11-02 08:15"));
    silent.tell("2026-11-02 08:15", DESK, refuse("1.099777"));
    let until = format!("{}-11-02", 2026 + RETENTION_YEARS_DEFAULT).parse().unwrap();
    assert_eq!(silent.try_it(DESK, erase()), Err(Denial::RetentionRuns { until }));
}

#[test]
fn history_from_elsewhere_is_erased_by_whoever_imported_it_once_it_is_over() {
    let importer = lienthong_registry::training::IMPORT_OFFICE;
    let told = |status| {
        let activity = Activity {
            name: "Tiếp nhận".to_owned(),
            resource: None,
            group: None,
            lifecycle: None,
            at: at("2020-01-02 08:00"),
            offset_minutes: 420,
            status: None,
            began_at: None,
            due: None,
        };
        let source = SourceName::parse("cu").unwrap();
        let activities = vec![activity];
        let history = History { source, record: "1".to_owned(), activities, status, told: None };
        let mut story = Story::new("2026-11-02 08:15");
        story.tell("2026-11-02 08:15", importer, Action::ImportHistory(Box::new(history)));
        story
    };
    let mut over = told(Some(Status::Delivered));
    assert_eq!(over.try_it(DESK, erase()), Err(Denial::NotReceivingDesk { desk: agency(importer) }));
    let until = "2036-11-02".parse().unwrap();
    assert_eq!(over.try_it(importer, erase()), Err(Denial::RetentionRuns { until }));
    over.now = at("2036-11-02 08:00");
    assert_eq!(over.does(importer, erase()).unwrap().len(), 1);
    assert_eq!(over.dossier.as_ref().and_then(Dossier::erased), Some(over.now));
    assert_eq!(over.try_it(importer, erase()), Err(Denial::Erased { on: until }));
    assert_eq!(over.try_it(DESK, Action::AcceptCustody), Err(Denial::Erased { on: until }));
    // A source that tells no status tells of what is past; one that tells of something open is believed.
    assert_eq!(told(None).try_it(importer, erase()), Err(Denial::RetentionRuns { until }));
    let status = Status::Processing;
    assert_eq!(told(Some(status)).try_it(importer, erase()), Err(Denial::NotInStatus { status }));
}

//! What other systems tell, as actions.

use lienthong_dossier::*;

use crate::testing::*;

/// A case with one activity.
pub(super) fn history() -> Action {
    let activity = Activity {
        name: "Nhận".to_owned(),
        resource: None,
        group: None,
        lifecycle: None,
        at: at("2020-01-02 08:00"),
        offset_minutes: 420,
        status: None,
        began_at: None,
        due: None,
    };
    Action::ImportHistory(Box::new(History {
        source: SourceName::parse("mot-cua-cu").unwrap(),
        record: "1".to_owned(),
        activities: vec![activity],
        status: None,
        told: None,
    }))
}

/// An open dossier of another system, whose competent agency is the desk.
pub(super) fn open_elsewhere() -> Action {
    let named = |code: &str| Named { code: code.to_owned(), name: String::new() };
    Action::ImportHistory(Box::new(History {
        source: SourceName::parse("mot-cua-cu").unwrap(),
        record: "1".to_owned(),
        activities: vec![],
        status: Some(Status::Processing),
        told: Some(Told {
            procedure: named("9.000002"),
            agency: named(DESK),
            channel: Some(Channel::Online),
            received_at: Some(at("2026-10-28 08:00")),
            due: Some(at("2026-11-12 17:00")),
            ..Told::default()
        }),
    }))
}

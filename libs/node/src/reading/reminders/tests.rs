use super::*;
use crate::reading::support::*;

/// The clocks of a dossier that somebody is reminded of on a day.
fn on(story: &Story, day: &str) -> Vec<(String, Reminded, Reminder)> {
    let due = reminders(&registry(), &code(), &story.state(), day.parse().unwrap());
    due.into_iter().map(|due| (due.agency.to_string(), due.clock, due.rule)).collect()
}

fn told(commands: usize) -> Story {
    let mut story = Story::new();
    for (when, who, action) in to_the_notice().into_iter().take(commands) {
        story.tell(when, who, action);
    }
    story
}

#[test]
fn whoever_it_lies_before_is_reminded_of_the_promise() {
    let promise = |agency: &str| vec![(agency.to_owned(), Reminded::Dossier, Reminder::OnTheDay)];
    assert_eq!(on(&told(2), "2026-11-19"), promise(DESK));
    // While it waits to be accepted, the time counts against whom it is put before (rules 4.4).
    assert_eq!(on(&told(3), "2026-11-19"), promise(LAND));
    assert_eq!(on(&told(4), "2026-11-19"), promise(LAND));
}

#[test]
fn a_clock_that_stands_or_ended_reminds_nobody() {
    // From the slip on the dossier's clock stands; the referral's runs.
    let mut story = told(6);
    assert!(!on(&story, "2026-11-04").iter().any(|(_, clock, _)| *clock == Reminded::Dossier));
    let days = 1..=30;
    let all = |story: &Story| -> Vec<_> {
        days.clone().flat_map(|day| on(story, &format!("2026-11-{day:02}"))).collect()
    };
    assert_eq!(all(&story).len(), 4);
    assert!(all(&story).iter().all(|(agency, clock, _)| agency == TAX && *clock == Reminded::Referral(1)));
    // Paid or not, the notice answers the referral; then status 6.
    for (when, who, action) in to_the_notice().into_iter().skip(6) {
        story.tell(when, who, action);
    }
    assert_eq!(all(&story), []);
}

#[test]
fn an_id_is_the_same_whenever_it_is_made_and_every_part_of_it_counts() {
    let due = Due {
        agency: agency(LAND),
        clock: Reminded::Dossier,
        at: at("2026-11-19 17:30"),
        rule: Reminder::OnTheDay,
    };
    let id = due.id(&code());
    // Computed with Python: uuid.uuid5(uuid.UUID(bytes=b"lienthong-remind"), "H56.2-261102-0001\ndossier\n2026-11-19\nT")
    assert_eq!(id.to_string(), "8d5259a1-0bdb-5f80-9dad-1db04276fc01");
    let moved_within_the_day = Due { at: at("2026-11-19 08:00"), agency: agency(DESK), ..due.clone() };
    assert_eq!(moved_within_the_day.id(&code()), id);
    let others = [
        Due { at: at("2026-11-20 17:30"), ..due.clone() },
        Due { rule: Reminder::OneAfter, ..due.clone() },
        Due { clock: Reminded::Referral(1), ..due.clone() },
        Due { clock: Reminded::Referral(2), ..due.clone() },
        Due { clock: Reminded::Step(StepId::parse("tham-dinh").unwrap()), ..due.clone() },
        Due { clock: Reminded::Step(StepId::parse("vao-so").unwrap()), ..due.clone() },
    ];
    let mut ids: BTreeSet<Uuid> = others.iter().map(|other| other.id(&code())).collect();
    ids.insert(id);
    ids.insert(due.id(&DossierCode::parse("H56.2-261102-0002").unwrap()));
    assert_eq!(ids.len(), others.len() + 2);
}

#[test]
fn all_that_may_be_reminded_of_on_a_day_is_due_about_it() {
    let registry = registry();
    let mut day = Date::constant(2025, 1, 1);
    while day.year() == 2025 {
        let calendar = registry.calendar_in_force(day).unwrap();
        let (first, last) = due_about(calendar, day).unwrap();
        let mut due = Date::constant(2024, 12, 1);
        while due < Date::constant(2026, 2, 1) {
            if Reminder::on(calendar, due, day).is_some() {
                assert!((first..=last).contains(&due), "{due} on {day}");
            }
            due = due.tomorrow().unwrap();
        }
        day = day.checked_add(jiff::SignedDuration::from_hours(24 * 3)).unwrap();
    }
}

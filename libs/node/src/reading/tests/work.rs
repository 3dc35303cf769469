//! What agencies are waited for and reminded of, asked of whole nodes; the time of day is the test's.

use futures::future::BoxFuture;
use lienthong_calendar::Instant;
use lienthong_dossier::{Command, OfficerId};
use tokio::sync::watch;

use super::*;
use crate::reading::time::TimeSource;

on_every_log! {
    tasks_are_what_an_agency_or_an_officer_of_it_is_waited_for
    reminders_come_at_each_opening_and_go_on_where_they_ended
}

/// A clock that only a test moves.
struct Hand(watch::Sender<Instant>);

impl Hand {
    fn at(when: &str) -> Arc<Self> {
        Arc::new(Self(watch::Sender::new(at(when))))
    }

    fn turn_to(&self, when: &str) {
        self.0.send_replace(at(when));
    }
}

impl TimeSource for Hand {
    fn now(&self) -> Instant {
        *self.0.borrow()
    }

    fn wait_until(&self, then: Instant) -> BoxFuture<'_, ()> {
        let mut now = self.0.subscribe();
        Box::pin(async move { drop(now.wait_for(|now| *now >= then).await) })
    }
}

const OTHER: &str = "H56.2-261102-0002";

/// One transfer that the land office works on, another whose slip is at the tax office.
async fn at_work(on: On) -> Bus {
    let bus = Bus::start(on).await;
    for (when, who, action) in to_the_notice().into_iter().take(4) {
        bus.tell(CODE, when, who, action).await;
    }
    for (when, who, action) in to_the_notice().into_iter().take(6) {
        bus.tell(OTHER, when, who, action).await;
    }
    bus
}

async fn tasks(bus: &Bus, agency: &str, officer: &str) -> Vec<pb::Task> {
    let (mut tasks, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = pb::ListTasksRequest {
            agency: agency.to_owned(),
            officer_id: officer.to_owned(),
            page_size: 1,
            page_token,
            at_least: Vec::new(),
        };
        let page = bus.reading(DESK).list_tasks(from_here(request)).await.unwrap().into_inner();
        assert!(page.training && page.tasks.len() <= 1);
        tasks.extend(page.tasks);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return tasks;
        }
    }
}

fn told(tasks: &[pb::Task]) -> Vec<(&str, pb::TaskKind, &str)> {
    tasks.iter().map(|task| (task.code.as_str(), task.kind(), task.officer_id.as_str())).collect()
}

async fn tasks_are_what_an_agency_or_an_officer_of_it_is_waited_for(on: On) {
    use pb::TaskKind::{Offer, Referral, Step};
    let bus = at_work(on).await;
    // What runs towards nothing, while the slip is at the tax office, comes last.
    let land = tasks(&bus, LAND, "").await;
    assert_eq!(told(&land), [(CODE, Step, "cb-01"), (OTHER, Step, "cb-01")]);
    assert_eq!(land[0].due, land[0].step.as_ref().unwrap().due);
    assert!(land[0].left.unwrap().working_minutes > 0);
    assert_eq!((land[1].due, land[1].left), (None, None));
    // Sent, and taken on by nobody yet.
    let tax = tasks(&bus, TAX, "").await;
    assert_eq!(told(&tax), [(OTHER, Referral, "")]);
    assert_eq!(tax[0].due, tax[0].referral.as_ref().unwrap().due);
    assert_eq!(tasks(&bus, TAX, "cb-01").await, []);
    let accept = command(OTHER, "2026-11-04 08:00", TAX, Action::AcceptReferral { referral: 1 });
    let officer = OfficerId::parse("thue-07").unwrap();
    let actor = lienthong_dossier::Actor { officer, ..accept.actor.clone() };
    bus.node(TAX).submit(Command { actor, ..accept }).await.unwrap();
    bus.node(DESK).catch_up().await.unwrap();
    assert_eq!(told(&tasks(&bus, TAX, "thue-07").await), [(OTHER, Referral, "thue-07")]);
    assert_eq!(tasks(&bus, TAX, "cb-01").await, []);
    assert_eq!(told(&tasks(&bus, LAND, "cb-01").await).len(), 2, "what another agency does is nothing to it");
    assert_eq!(tasks(&bus, LAND, "cb-02").await, []);
    // On offer to an agency, it is no officer's.
    let third = "H56.2-261102-0003";
    for (when, who, action) in to_the_notice().into_iter().take(3) {
        bus.tell(third, when, who, action).await;
    }
    assert_eq!(told(&tasks(&bus, LAND, "").await)[1], (third, Offer, ""));
    assert_eq!(tasks(&bus, LAND, "cb-01").await.len(), 2);
    assert_eq!(tasks(&bus, DESK, "").await, [], "who gives waits for nobody but the taker");
    let request = pb::ListTasksRequest { agency: "nobody".to_owned(), ..Default::default() };
    let unknown = bus.reading(DESK).list_tasks(from_here(request)).await.unwrap_err();
    assert_eq!(reason(&unknown), "UNKNOWN_AGENCY");
    bus.stop().await;
}

async fn watching(bus: &Bus, time: &Arc<Hand>, agency: &str, token: &str) -> Pulled<pb::Reminder> {
    let service = ReadingService::with_time(bus.node(DESK).clone(), Arc::clone(time) as Arc<dyn TimeSource>);
    let request = pb::WatchRemindersRequest { agency: agency.to_owned(), token: token.to_owned() };
    service.watch_reminders(from_here(request)).await.unwrap().into_inner()
}

fn days(items: &[pb::Reminder]) -> Vec<(&str, pb::RemindedClock, pb::ReminderRule)> {
    items.iter().map(|item| (item.day.as_str(), item.clock(), item.rule())).collect()
}

/// The reminders of every day of November.
async fn listed(bus: &Bus, agency: &str) -> Vec<pb::Reminder> {
    let mut all = Vec::new();
    for day in 1..=30 {
        let mut page_token = String::new();
        loop {
            let (agency, day) = (agency.to_owned(), format!("2026-11-{day:02}"));
            let request =
                pb::ListRemindersRequest { agency, day, page_size: 1, page_token, at_least: Vec::new() };
            let page = bus.reading(DESK).list_reminders(from_here(request)).await.unwrap().into_inner();
            all.extend(page.reminders);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
    }
    all
}

async fn reminders_come_at_each_opening_and_go_on_where_they_ended(on: On) {
    use pb::RemindedClock::{Dossier, Referral, Step};
    use pb::ReminderRule::{OnTheDay, OneAfter, OneBefore, TwoBefore};
    let bus = at_work(on).await;
    let all = listed(&bus, LAND).await;
    // Nothing of the dossier whose slip is at the tax office: its clocks stand.
    assert!(all.iter().all(|item| item.code == CODE));
    let of_step =
        [("2026-11-02", Step, OneBefore), ("2026-11-03", Step, OnTheDay), ("2026-11-04", Step, OneAfter)];
    let of_dossier = [("2026-11-17", Dossier, TwoBefore), ("2026-11-18", Dossier, OneBefore)];
    let last = [("2026-11-19", Dossier, OnTheDay), ("2026-11-20", Dossier, OneAfter)];
    assert_eq!(days(&all), [&of_step[..], &of_dossier, &last].concat());
    assert_eq!(all[3].text, "Hồ sơ H56.2-261102-0001, hẹn trả kết quả: hạn 19/11/2026, còn 2 ngày làm việc");
    let ids: std::collections::BTreeSet<_> = all.iter().map(|item| item.id.as_str()).collect();
    assert_eq!(ids.len(), all.len());
    // The referral's clock runs whatever the dossier's does.
    let tax = listed(&bus, TAX).await;
    assert_eq!(
        tax.iter().map(pb::Reminder::rule).collect::<Vec<_>>(),
        [TwoBefore, OneBefore, OnTheDay, OneAfter]
    );
    assert!(tax.iter().all(|item| (item.code.as_str(), item.clock(), item.referral) == (OTHER, Referral, 1)));

    let time = Hand::at("2026-11-03 07:29");
    let mut land = watching(&bus, &time, LAND, "").await;
    assert!(land.next().now_or_never().is_none(), "the office is closed");
    time.turn_to("2026-11-03 07:30");
    let sent = |item: &pb::Reminder| pb::Reminder { token: String::new(), ..item.clone() };
    let first = take(&mut land, 1).await;
    assert_eq!(sent(&first[0]), all[1]);
    // What was missed is caught up on, here and wherever else it goes on.
    time.turn_to("2026-11-18 12:00");
    let three = take(&mut land, 3).await;
    assert_eq!(three.iter().map(sent).collect::<Vec<_>>(), all[2..5]);
    let mut again = watching(&bus, &time, LAND, &first[0].token).await;
    assert_eq!(take(&mut again, 3).await, three);
    let mut rest = watching(&bus, &time, LAND, &three[1].token).await;
    assert_eq!(take(&mut rest, 1).await, three[2..]);
    // A due that moved is reminded of where it is now.
    let extend = Action::Extend { days: 3, ground: ground("khối lượng lớn") };
    bus.tell(CODE, "2026-11-18 16:00", LAND, extend).await;
    time.turn_to("2026-12-01 12:00");
    let moved = [
        ("2026-11-20", Dossier, TwoBefore),
        ("2026-11-23", Dossier, OneBefore),
        // The 24th is a day off.
        ("2026-11-25", Dossier, OnTheDay),
        ("2026-11-26", Dossier, OneAfter),
    ];
    for mut stream in [land, rest] {
        assert_eq!(days(&take(&mut stream, 4).await), moved);
        assert!(stream.next().now_or_never().is_none());
    }
    let service = bus.reading(DESK);
    let request = pb::WatchRemindersRequest { agency: TAX.to_owned(), token: first[0].token.clone() };
    let other = service.watch_reminders(from_here(request)).await.err().unwrap();
    assert_eq!(reason(&other), "BAD_TOKEN");
    // Of long ago, no more than a month is caught up on.
    let late = Hand::at("2026-12-24 12:00");
    let mut caught_up = watching(&bus, &late, LAND, &first[0].token).await;
    assert_eq!(days(&take(&mut caught_up, 3).await), moved[1..]);
    bus.stop().await;
}

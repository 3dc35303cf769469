//! `WatchReminders`: each day's reminders from the opening of the office on, and those of the days missed.

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::civil::Date;
use lienthong_calendar::Instant;
use lienthong_dossier::DossierCode;
use lienthong_registry::AgencyId;
use lienthong_wire::pb::reading::v1 as pb;
use tonic::Status;

use crate::error::Refusal;
use crate::node::Node;
use crate::reading::pull::Source;
use crate::reading::time::TimeSource;
use crate::reading::token::TokenScope;
use crate::status::invalid;

/// Days that are caught up on at most.
const CAUGHT_UP_DAYS_MAX: i64 = 31;
/// Bytes of a day.
const DAY_BYTES: usize = 10;

/// How far everything was sent: all of the days before, and of this day all up to a code.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Done {
    day: Date,
    code: Option<DossierCode>,
}

impl Done {
    fn write(&self) -> Vec<u8> {
        let code = self.code.as_ref().map_or("", DossierCode::as_str);
        [self.day.to_string().as_bytes(), code.as_bytes()].concat()
    }

    fn read(says: &[u8]) -> Option<Self> {
        let (day, code) = str::from_utf8(says).ok()?.split_at_checked(DAY_BYTES)?;
        let code = if code.is_empty() { None } else { Some(DossierCode::parse(code).ok()?) };
        Some(Self { day: day.parse().ok()?, code })
    }
}

/// The reminders of one agency.
pub(crate) struct Reminding {
    node: Node,
    time: Arc<dyn TimeSource>,
    agency: AgencyId,
    scope: TokenScope,
    done: Done,
    /// Dossiers of the day that is sent; none before it is begun.
    codes: Option<VecDeque<DossierCode>>,
    /// Of one dossier.
    items: VecDeque<pb::Reminder>,
}

impl Reminding {
    /// Goes on behind a token; from today on when it is empty.
    ///
    /// # Errors
    /// The token is none of this log and agency.
    pub(crate) fn open(
        node: &Node,
        time: Arc<dyn TimeSource>,
        agency: AgencyId,
        token: &str,
    ) -> Result<Self, Status> {
        let scope = TokenScope::new(node.log_id(), "reminders", &[agency.as_str()]);
        let today = time.now().date();
        let done = if token.is_empty() {
            Done { day: today, code: None }
        } else {
            let done = scope.read(token).and_then(|says| Done::read(&says));
            let done = done.ok_or_else(|| {
                let problem = "is no token of these reminders and log; begin again without one".to_owned();
                invalid("token", "BAD_TOKEN", problem)
            })?;
            let earliest = today.checked_sub(jiff::SignedDuration::from_hours(24 * CAUGHT_UP_DAYS_MAX));
            match earliest.ok().filter(|earliest| done.day < *earliest) {
                Some(day) => Done { day, code: None },
                None => done,
            }
        };
        Ok(Self { node: node.clone(), time, agency, scope, done, codes: None, items: VecDeque::new() })
    }

    /// When the agency's office opens on the day.
    fn opening(&self) -> Instant {
        let registry = self.node.registry();
        let agency = registry.agency(&self.agency);
        let opens = agency.map(|agency| agency.hours.opening());
        Instant::at(self.done.day, opens.unwrap_or_else(jiff::civil::Time::midnight))
    }

    async fn begin_day(&mut self) -> Result<(), Refusal> {
        let (node, agency, done) = (self.node.clone(), self.agency.clone(), self.done.clone());
        let read = move || node.reminded_of(&agency, done.day, done.code.as_ref());
        // What panics there is a defect that the node's own tasks would meet as well.
        let codes = tokio::task::spawn_blocking(read).await.map_err(|_| Refusal::Corrupt)??;
        self.codes = Some(codes.into_iter().collect());
        Ok(())
    }

    /// An item's token covers its dossier only with the dossier's last item; before that it repeats the dossier.
    fn take(&mut self, code: DossierCode) -> Result<(), Refusal> {
        let mut items: VecDeque<_> = self.node.reminders_of(&self.agency, self.done.day, &code)?.into();
        let before = self.scope.write(&self.done.write());
        self.done.code = Some(code);
        let last = items.len().saturating_sub(1);
        for (index, item) in items.iter_mut().enumerate() {
            item.token = if index == last { self.scope.write(&self.done.write()) } else { before.clone() };
        }
        self.items = items;
        Ok(())
    }
}

impl Source for Reminding {
    type Item = pb::Reminder;

    fn node(&self) -> &Node {
        &self.node
    }

    async fn next(&mut self) -> Result<Option<pb::Reminder>, Refusal> {
        loop {
            if let Some(item) = self.items.pop_front() {
                return Ok(Some(item));
            }
            let Some(codes) = &mut self.codes else {
                let opening = self.opening();
                if self.time.now() < opening {
                    self.time.wait_until(opening).await;
                } else {
                    self.begin_day().await?;
                }
                continue;
            };
            if let Some(code) = codes.pop_front() {
                self.take(code)?;
                // Others on this thread go first.
                tokio::task::yield_now().await;
                continue;
            }
            let Ok(day) = self.done.day.tomorrow() else { return Ok(None) };
            (self.done, self.codes) = (Done { day, code: None }, None);
        }
    }
}

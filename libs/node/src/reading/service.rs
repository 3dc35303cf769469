//! The face every node has: queries and streams.

use std::sync::Arc;

use jiff::civil::Time;
use lienthong_admission::{Cursor, State};
use lienthong_calendar::Instant;
use lienthong_dossier::DossierCode;
use lienthong_projection::{Found, Place, StoreError};
use lienthong_registry::AgencyId;
use lienthong_seal::{Hash, PartitionDigest, partition_of};
use lienthong_wire::pb::common::v1::Position;
use lienthong_wire::pb::reading::v1 as pb;
use lienthong_wire::{Message as _, Timestamp, instant};
use tokio::sync::watch;
use tonic::metadata::MetadataMap;
use tonic::{Request, Response, Status};

use super::inbox::Inbox;
use super::list::{self, PAGE_BYTES_MAX, bad_page_token, page_size};
use super::pull::{Pulled, Source, pulled};
use super::reminders::{self, Reminding};
use super::tasks::Whose;
use super::time::TimeSource;
use super::timeline::Replay;
use super::token::TokenScope;
use super::view::View;
use super::voids;
use super::wait::parse_code;
use crate::caller::{Caller, caller};
use crate::deadline::deadline;
use crate::error::Refusal;
use crate::node::{Node, WAIT_MAX};
use crate::projector::Progress;
use crate::status::{defect, invalid, status, unknown_dossier};

/// The last minute of a day.
const END_OF_DAY: Time = Time::constant(23, 59, 0, 0);

/// `lienthong.reading.v1.Reading`.
pub struct ReadingService {
    node: Node,
    time: Arc<dyn TimeSource>,
}

impl ReadingService {
    /// The face of a node.
    #[must_use]
    pub fn new(node: Node) -> Self {
        Self { time: Arc::new(node.clone()), node }
    }

    /// The face of a node whose time of day comes from elsewhere.
    #[cfg(test)]
    pub(super) fn with_time(node: Node, time: Arc<dyn TimeSource>) -> Self {
        Self { node, time }
    }

    /// The agency of a request, which the caller speaks for.
    fn own_agency(&self, caller: &Caller, agency: &str) -> Result<AgencyId, Status> {
        let agency = self.node.known_agency("agency", agency)?;
        self.node.speaks_for(caller, "agency", &agency)?;
        Ok(agency)
    }

    /// A dossier's row, once `at_least` is applied.
    async fn state(
        &self,
        metadata: &MetadataMap,
        code: &str,
        at_least: Option<&Position>,
    ) -> Result<(DossierCode, Arc<State>), Status> {
        let code = parse_code("code", code)?;
        self.node
            .reach_positions(
                deadline(metadata, WAIT_MAX),
                "at_least",
                at_least.map_or(&[][..], std::slice::from_ref),
            )
            .await?;
        let state = self.node.store().state(&code).map_err(unread)?;
        Ok((code, state.ok_or_else(unknown_dossier)?))
    }
}

impl Node {
    /// A dossier as anyone of its agencies may see it.
    fn show(&self, code: &DossierCode, state: &State, as_of: Option<Instant>) -> pb::Dossier {
        let partition = partition_of(code.as_str(), self.partitions());
        let as_of = as_of.unwrap_or_else(|| self.as_of(state));
        View { registry: &self.registry(), training: self.training(), partition, code, as_of }.dossier(state)
    }

    /// The instant at which clocks are looked at: now. The times of a training log are those of a story, so there it is the
    /// dossier's last.
    pub(super) fn as_of(&self, state: &State) -> Instant {
        if self.training() { state.dossier.last_at() } else { self.now() }
    }
}

/// The instant that a request asks about.
fn asked(as_of: Option<&Timestamp>) -> Result<Option<Instant>, Status> {
    let malformed = || invalid("as_of", "MALFORMED", "is not an instant of the years 1 to 9999".to_owned());
    as_of.map(|as_of| instant(as_of).ok_or_else(malformed)).transpose()
}

fn unread(error: StoreError) -> Status {
    status(Refusal::Store(error))
}

#[tonic::async_trait]
impl pb::reading_server::Reading for ReadingService {
    type WatchDossierStream = Pulled<pb::Dossier>;
    type WatchInboxStream = Pulled<pb::InboxItem>;
    type WatchRemindersStream = Pulled<pb::Reminder>;

    async fn get_dossier(
        &self,
        request: Request<pb::GetDossierRequest>,
    ) -> Result<Response<pb::Dossier>, Status> {
        let (metadata, _, request) = request.into_parts();
        let as_of = asked(request.as_of.as_ref())?;
        let (code, state) = self.state(&metadata, &request.code, request.at_least.as_ref()).await?;
        Ok(Response::new(self.node.show(&code, &state, as_of)))
    }

    async fn list_dossiers(
        &self,
        request: Request<pb::ListDossiersRequest>,
    ) -> Result<Response<pb::ListDossiersResponse>, Status> {
        let (metadata, _, request) = request.into_parts();
        let query = list::query(&self.node, &request)?;
        let size = page_size(request.page_size)?;
        // Who asks what is late on a day is told what is left at its end.
        let as_of = query.overdue_as_of.map(|day| Instant::at(day, END_OF_DAY));
        let scope = list::scope(&self.node, &query);
        let from = list::place(&scope, &request.page_token)?;
        self.node.reach_positions(deadline(&metadata, WAIT_MAX), "at_least", &request.at_least).await?;
        let node = self.node.clone();
        let found = tokio::task::spawn_blocking(move || node.store().find(&query, from.as_ref(), size)).await;
        let Found { dossiers: rows, mut next } = found.map_err(|error| defect(&error))?.map_err(unread)?;
        let (mut dossiers, mut bytes) = (Vec::with_capacity(rows.len()), 0);
        let mut rows = rows.into_iter().peekable();
        while let Some((code, state)) = rows.next() {
            let dossier = self.node.show(&code, &state, as_of);
            bytes += dossier.encoded_len();
            dossiers.push(dossier);
            if bytes >= PAGE_BYTES_MAX && rows.peek().is_some() {
                next = Some(Place::behind(&code));
                break;
            }
        }
        Ok(Response::new(pb::ListDossiersResponse {
            dossiers,
            next_page_token: next.map(|next| scope.write(next.as_bytes())).unwrap_or_default(),
            training: self.node.training(),
        }))
    }

    async fn get_timeline(
        &self,
        request: Request<pb::GetTimelineRequest>,
    ) -> Result<Response<pb::GetTimelineResponse>, Status> {
        let (metadata, _, request) = request.into_parts();
        let as_of = asked(request.as_of.as_ref())?;
        let (code, state) = self.state(&metadata, &request.code, request.at_least.as_ref()).await?;
        let partition = partition_of(code.as_str(), self.node.partitions());
        let mut records = self.node.records(partition, &state);
        let registry = self.node.registry();
        let mut replay = Replay::new(&registry, partition);
        while let Some(record) = records.next().await.map_err(status)? {
            replay.tell(&record);
        }
        let entries = replay.entries(as_of.unwrap_or_else(|| self.node.as_of(&state)));
        let training = self.node.training();
        Ok(Response::new(pb::GetTimelineResponse { code: code.to_string(), entries, training }))
    }

    async fn watch_dossier(
        &self,
        request: Request<pb::WatchDossierRequest>,
    ) -> Result<Response<Self::WatchDossierStream>, Status> {
        let (metadata, _, request) = request.into_parts();
        let (code, _) = self.state(&metadata, &request.code, None).await?;
        let partition = partition_of(code.as_str(), self.node.partitions());
        let progress = self.node.watch(partition);
        let watched = Watched { node: self.node.clone(), code, progress, head: None };
        pulled(watched).map(Response::new)
    }

    async fn watch_inbox(
        &self,
        request: Request<pb::WatchInboxRequest>,
    ) -> Result<Response<Self::WatchInboxStream>, Status> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let agency = self.own_agency(&caller, &request.agency)?;
        let inbox = Inbox::open(&self.node, agency, &request.token)?;
        pulled(inbox).map(Response::new)
    }

    async fn list_tasks(
        &self,
        request: Request<pb::ListTasksRequest>,
    ) -> Result<Response<pb::ListTasksResponse>, Status> {
        let caller = caller(&request)?;
        let (metadata, _, request) = request.into_parts();
        let whose = Whose::parse(self.own_agency(&caller, &request.agency)?, &request.officer_id)?;
        let size = page_size(request.page_size)?;
        let scope = whose.scope(&self.node);
        let from = Whose::place(&scope, &request.page_token)?;
        self.node.reach_positions(deadline(&metadata, WAIT_MAX), "at_least", &request.at_least).await?;
        let node = self.node.clone();
        let page = tokio::task::spawn_blocking(move || whose.page(&node, from.as_ref(), size)).await;
        let page = page.map_err(|error| defect(&error))?.map_err(unread)?;
        Ok(Response::new(pb::ListTasksResponse {
            tasks: page.tasks,
            next_page_token: page.behind.map(|behind| scope.write(&behind.place())).unwrap_or_default(),
            training: self.node.training(),
        }))
    }

    async fn list_reminders(
        &self,
        request: Request<pb::ListRemindersRequest>,
    ) -> Result<Response<pb::ListRemindersResponse>, Status> {
        let caller = caller(&request)?;
        let (metadata, _, request) = request.into_parts();
        let agency = self.own_agency(&caller, &request.agency)?;
        let day = list::day("day", &request.day)?.unwrap_or_else(|| self.time.now().date());
        let size = page_size(request.page_size)?;
        let question = [agency.as_str(), &day.to_string()];
        let scope = TokenScope::new(self.node.log_id(), "reminders of", &question);
        let behind = behind(&scope, &request.page_token)?;
        self.node.reach_positions(deadline(&metadata, WAIT_MAX), "at_least", &request.at_least).await?;
        let node = self.node.clone();
        let page = move || reminders::page(&node, &agency, day, behind.as_ref(), size);
        let page = tokio::task::spawn_blocking(page).await;
        let (reminders, behind) = page.map_err(|error| defect(&error))?.map_err(unread)?;
        Ok(Response::new(pb::ListRemindersResponse {
            reminders,
            next_page_token: behind.map(|code| scope.write(code.as_str().as_bytes())).unwrap_or_default(),
            training: self.node.training(),
        }))
    }

    async fn watch_reminders(
        &self,
        request: Request<pb::WatchRemindersRequest>,
    ) -> Result<Response<Self::WatchRemindersStream>, Status> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let agency = self.own_agency(&caller, &request.agency)?;
        let reminding = Reminding::open(&self.node, Arc::clone(&self.time), agency, &request.token)?;
        pulled(reminding).map(Response::new)
    }

    async fn get_digest(
        &self,
        request: Request<pb::GetDigestRequest>,
    ) -> Result<Response<pb::Digest>, Status> {
        let (metadata, _, request) = request.into_parts();
        self.node.reach_positions(deadline(&metadata, WAIT_MAX), "at_least", &request.at_least).await?;
        let (service, partitions) = self.node.digest().map_err(unread)?;
        let (log_id, training) = (self.node.log_id(), self.node.training());
        Ok(Response::new(pb::Digest { training, ..digest(log_id, service, &partitions) }))
    }

    async fn list_voids(
        &self,
        request: Request<pb::ListVoidsRequest>,
    ) -> Result<Response<pb::ListVoidsResponse>, Status> {
        let request = request.into_inner();
        let partition = self.node.partition("partition", request.partition)?;
        let size = page_size(request.page_size)?;
        let before = match request.page_token.as_str() {
            "" => None,
            token => Some(voids::read_token(&self.node, partition, token).ok_or_else(bad_page_token)?),
        };
        Ok(Response::new(voids::page(&self.node, partition, before, size).await.map_err(status)?))
    }
}

/// The code behind which a token says that its page begins.
fn behind(scope: &TokenScope, token: &str) -> Result<Option<DossierCode>, Status> {
    if token.is_empty() {
        return Ok(None);
    }
    let says = scope.read(token).and_then(|says| String::from_utf8(says).ok());
    let code = says.and_then(|code| DossierCode::parse(&code).ok());
    code.map(Some).ok_or_else(bad_page_token)
}

/// One dossier now, and again after each change of its row.
struct Watched {
    node: Node,
    code: DossierCode,
    progress: watch::Receiver<Progress>,
    /// Leaf of the last record that was shown.
    head: Option<Hash>,
}

impl Source for Watched {
    type Item = pb::Dossier;

    fn node(&self) -> &Node {
        &self.node
    }

    async fn next(&mut self) -> Result<Option<pb::Dossier>, Refusal> {
        loop {
            // Marked as seen before the row is read: what is applied meanwhile wakes the wait below.
            self.progress.borrow_and_update();
            let state = self.node.store().state(&self.code)?;
            if let Some(state) = state.filter(|state| self.head != Some(state.head)) {
                self.head = Some(state.head);
                return Ok(Some(self.node.show(&self.code, &state, None)));
            }
            if self.progress.changed().await.is_err() {
                return Ok(None);
            }
        }
    }
}

/// What two nodes compare, with the counts of every partition added up.
fn digest(log_id: Hash, service: Hash, partitions: &[(PartitionDigest, Cursor)]) -> pb::Digest {
    let sum = |count: fn(&Cursor) -> u64| partitions.iter().map(|(_, cursor)| count(cursor)).sum();
    let mut voids = std::collections::BTreeMap::new();
    for (reason, count) in
        partitions.iter().flat_map(|(_, cursor)| lienthong_admission::Reason::counted(cursor))
    {
        *voids.entry(reason).or_default() += count;
    }
    pb::Digest {
        log_id: log_id.to_string(),
        digest: service.to_string(),
        partitions: partitions.iter().map(|(digest, _)| partition_digest(digest)).collect(),
        admitted: sum(|cursor| cursor.admitted),
        voids: voids::counts(voids),
        dossiers: sum(|cursor| cursor.dossiers),
        events: sum(|cursor| cursor.events),
        hand_offs: sum(|cursor| cursor.hand_offs),
        paper_hand_offs: sum(|cursor| cursor.paper_hand_offs),
        training: false,
    }
}

fn partition_digest(digest: &PartitionDigest) -> pb::PartitionDigest {
    pb::PartitionDigest {
        position: Some(Position { partition: digest.partition, offset: digest.next }),
        verdict: digest.verdict.to_string(),
        state: digest.state.to_string(),
    }
}

//! A dossier's timeline, as the reading service tells it, made into a [`Picture`].
//!
//! ```text
//! CustodyOffered  --> the receiver's lane: offered   until accepted, returned or withdrawn
//! CustodyAccepted --> the receiver's lane: held      until another accepts
//! ReferralSent    --> its lane: referred             until answered, returned or lapsed
//! Fact.clock      --> the clock: running, paused, ended
//! every record    --> a mark
//! ```
//!
//! Pure. What lasts still ends with the last instant told. Imported history has no custody and no clock: all that the
//! bus saw of it is the import, so that is its only mark.

use std::collections::BTreeMap;

use lienthong_calendar::Instant;
use lienthong_wire::{Timestamp, instant, pb::reading::v1 as pb};

use crate::picture::{ClockSpan, ClockState, Lane, Mark, Picture, Span, SpanKind};

/// Who held the dossier when and which clock ran, by its timeline, oldest first.
#[must_use]
pub fn picture(dossier: &pb::Dossier, timeline: &[pb::TimelineEntry]) -> Picture {
    let mut replay = Replay::default();
    for entry in timeline {
        replay.entry(entry);
    }
    replay.picture(title(dossier))
}

fn title(dossier: &pb::Dossier) -> String {
    let training = if dossier.training { "TẬP HUẤN · " } else { "" };
    let procedure = dossier.procedure.as_ref().map(|procedure| procedure.name.as_str());
    let about = procedure.or(dossier.imported.as_ref().map(|imported| imported.source.as_str()));
    let about = about.map(|about| format!(" · {about}")).unwrap_or_default();
    format!("{training}Hồ sơ {}{about}", dossier.code)
}

/// The timeline so far.
#[derive(Default)]
struct Replay {
    /// Agencies by id, in the order in which they came to have something.
    lanes: Vec<(String, Lane)>,
    /// Who holds it, and since when.
    holder: Option<Open>,
    /// To whom it is offered, and since when.
    offered: Option<Open>,
    /// Referrals that wait for an answer.
    referred: BTreeMap<u32, Open>,
    /// Whom each referral was sent to.
    asked: BTreeMap<u32, String>,
    /// The slip that each notice that stands answers.
    notices: BTreeMap<String, u32>,
    clock: Vec<ClockSpan>,
    marks: Vec<Mark>,
    last: Option<Instant>,
}

/// What an agency has and has not yet given away.
struct Open {
    agency: String,
    since: Instant,
}

impl Replay {
    fn entry(&mut self, entry: &pb::TimelineEntry) {
        let Some(at) = read(entry.at.as_ref()) else { return };
        if self.last.is_none() {
            self.reach(at);
        }
        for fact in &entry.facts {
            // A wait that ended, ended at its deadline, whoever noticed when.
            let deadline = if fact.name == "WaitEnded" { read(fact.due.as_ref()) } else { None };
            let at = deadline.unwrap_or(at);
            self.fact(entry, fact, at);
            self.turn(fact.clock.as_ref(), at);
        }
        self.reach(at);
        let label = entry.facts.iter().map(|fact| brief(&fact.text)).collect::<Vec<_>>().join("; ");
        self.marks.push(Mark { at, agency: entry.agency_name.clone(), label });
    }

    fn fact(&mut self, entry: &pb::TimelineEntry, fact: &pb::Fact, at: Instant) {
        let by = || Open { agency: entry.agency.clone(), since: at };
        let to = || Open { agency: fact.agency.clone(), since: at };
        match fact.name.as_str() {
            "DossierFiled" | "DossierAccepted" | "DossierRefused" if self.holder.is_none() => {
                self.lane(&entry.agency, &entry.agency_name);
                self.holder = Some(by());
            }
            "CustodyOffered" => {
                self.lane(&fact.agency, &fact.agency_name);
                self.offered = Some(to());
            }
            "CustodyAccepted" => {
                self.lane(&entry.agency, &entry.agency_name);
                let offered = self.offered.take();
                self.close(offered, at, SpanKind::Offered);
                let held = self.holder.replace(by());
                self.close(held, at, SpanKind::Held);
            }
            "CustodyReturned" | "CustodyOfferWithdrawn" => {
                let offered = self.offered.take();
                self.close(offered, at, SpanKind::Offered);
            }
            "CustodyTransferredBySuccession" => {
                self.lane(&fact.agency, &fact.agency_name);
                self.succeed(&fact.predecessor, &fact.agency, at);
            }
            "ReferralSent" => {
                self.lane(&fact.agency, &fact.agency_name);
                self.asked.insert(fact.referral, fact.agency.clone());
                self.referred.insert(fact.referral, to());
            }
            "ReferralAnswered" | "ReferralReturned" | "WaitEnded" => self.answered(fact.referral, at),
            "NoticeIssued" => {
                self.notices.insert(fact.notice.clone(), fact.referral);
                self.answered(fact.referral, at);
            }
            "NoticeAdjusted" => {
                if let Some(referral) = self.notices.remove(&fact.supersedes) {
                    self.notices.insert(fact.notice.clone(), referral);
                }
            }
            "NoticeCancelled" => self.reopen(&fact.notice, at),
            // Nobody gets or gives anything by it.
            _ => {}
        }
    }

    /// What lay before an agency goes on with its successor.
    fn succeed(&mut self, predecessor: &str, successor: &str, at: Instant) {
        let (mut over, goes) = (Vec::new(), |open: &&mut Open| open.agency == predecessor);
        let held = self.holder.as_mut().filter(goes).map(|open| (open, SpanKind::Held));
        let offered = self.offered.as_mut().filter(goes).map(|open| (open, SpanKind::Offered));
        let referred = self.referred.values_mut().filter(goes).map(|open| (open, SpanKind::Referred));
        for (open, kind) in held.into_iter().chain(offered).chain(referred) {
            let next = Open { agency: successor.to_owned(), since: at };
            over.push((std::mem::replace(open, next), kind));
        }
        for (open, kind) in over {
            self.close(Some(open), at, kind);
        }
    }

    fn answered(&mut self, referral: u32, at: Instant) {
        let referred = self.referred.remove(&referral);
        self.close(referred, at, SpanKind::Referred);
    }

    /// A slip whose last notice was cancelled awaits its answer again.
    fn reopen(&mut self, notice: &str, at: Instant) {
        let Some(referral) = self.notices.remove(notice) else { return };
        let stands = self.notices.values().any(|other| *other == referral);
        if let Some(agency) = self.asked.get(&referral).filter(|_| !stands) {
            self.referred.insert(referral, Open { agency: agency.clone(), since: at });
        }
    }

    /// What an event does to the clock. One that goes on as it was is one span.
    fn turn(&mut self, effect: Option<&pb::ClockEffect>, at: Instant) {
        let Some(effect) = effect else { return };
        let state = match effect {
            pb::ClockEffect { ended: true, .. } => ClockState::Ended,
            pb::ClockEffect { remaining_minutes: Some(_), .. } => ClockState::Paused,
            _ => ClockState::Running,
        };
        if let Some(span) = self.clock.last_mut() {
            if span.state == state {
                return;
            }
            span.to = at.max(span.from);
        }
        self.clock.push(ClockSpan { from: at, to: at, state });
    }

    fn lane(&mut self, id: &str, name: &str) {
        if !self.lanes.iter().any(|(known, _)| known == id) {
            let name = if name.is_empty() { id } else { name };
            self.lanes.push((id.to_owned(), Lane { name: name.to_owned(), spans: Vec::new() }));
        }
    }

    fn close(&mut self, open: Option<Open>, to: Instant, kind: SpanKind) {
        let Some(Open { agency, since }) = open else { return };
        if let Some((_, lane)) = self.lanes.iter_mut().find(|(id, _)| *id == agency) {
            lane.spans.push(Span { from: since, to: to.max(since), kind });
        }
    }

    fn reach(&mut self, at: Instant) {
        self.last = self.last.max(Some(at));
    }

    fn picture(mut self, title: String) -> Picture {
        if let Some(last) = self.last {
            let (holder, offered) = (self.holder.take(), self.offered.take());
            self.close(holder, last, SpanKind::Held);
            self.close(offered, last, SpanKind::Offered);
            for (_, referred) in std::mem::take(&mut self.referred) {
                self.close(Some(referred), last, SpanKind::Referred);
            }
            if let Some(span) = self.clock.last_mut() {
                span.to = last.max(span.from);
            }
        }
        let lanes = self.lanes.into_iter().map(|(_, lane)| lane).collect();
        Picture { title, lanes, clock: self.clock, marks: self.marks }
    }
}

/// The first clause of a sentence: what happened, without what the picture shows anyhow.
fn brief(sentence: &str) -> &str {
    sentence.split_once("; ").map_or(sentence, |(clause, _)| clause)
}

fn read(timestamp: Option<&Timestamp>) -> Option<Instant> {
    timestamp.and_then(instant)
}

#[cfg(test)]
mod tests;

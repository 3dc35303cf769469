//! What the services have counted and how they stand, at one moment.

use std::collections::BTreeMap;
use std::fmt;

use lienthong_admission::Reason;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;

use super::Source;
use crate::node::Node;
use crate::tally::{Tally, Turned};
use crate::upkeep::UpkeepCounts;

/// A value with its labels; the name of the service comes before them.
type Value = (Vec<(&'static str, String)>, u64);

/// Each metric's values, by its name.
#[derive(Debug, Default)]
pub(super) struct Snapshot(BTreeMap<&'static str, Metric>);

#[derive(Debug)]
struct Metric {
    help: &'static str,
    kind: MetricType,
    values: Vec<Value>,
}

impl Snapshot {
    pub(super) fn of(sources: &[Source]) -> Self {
        let mut snapshot = Self::default();
        for source in sources {
            let door = &source.door;
            let mut of = Of { service: door.name(), snapshot: &mut snapshot };
            let ready = door.readiness().is_some_and(|readiness| readiness.borrow().is_ready());
            of.gauge("ready", "Whether the service takes commands: 1, or 0", &[], ready.into());
            if let Some(tls) = &source.tls {
                let end = u64::try_from(tls.not_after()).unwrap_or_default();
                let help = "End of the service's own certificate, in seconds since the Unix epoch";
                of.gauge("certificate_end_seconds", help, &[], end);
            }
            of.turned(door.tally(), door.node().map(|node| &node.0.tally));
            if let Some(node) = door.node() {
                of.counted(&node.0.tally);
                of.slowed(node);
                of.projected(node);
                of.kept_up(node);
            }
        }
        snapshot
    }
}

/// The part of a snapshot that is one service's.
struct Of<'a> {
    service: &'a str,
    snapshot: &'a mut Snapshot,
}

impl Of<'_> {
    fn turned(&mut self, door: &Tally, node: Option<&Tally>) {
        let counts =
            [Some(door), node].map(|tally| tally.map(|tally| tally.turned.all()).unwrap_or_default());
        for kind in Turned::ALL {
            let count = counts.iter().filter_map(|counts| counts.get(kind)).sum();
            let help = "Callers sent away for what their certificate is or says";
            self.counter("callers_refused", help, &[("kind", kind.label().to_owned())], count);
        }
    }

    fn counted(&mut self, tally: &Tally) {
        for (outcome, count) in tally.commands.all() {
            let help = "Commands by how they ended: DONE, REPEATED, or the published reason";
            self.counter("commands", help, &[("outcome", outcome.to_owned())], count);
        }
        for ((agency, label), count) in tally.secret.all() {
            let labels = [("agency", agency.to_string()), ("label", label.to_owned())];
            let help = "Commands refused for a secret paper, by agency and label; the paper is kept nowhere";
            self.counter("secret_papers_refused", help, &labels, count);
        }
        let aside = tally.aside.all().values().sum();
        self.counter(
            "stores_moved_aside",
            "Damaged projections moved aside, or removed half-loaded, and rebuilt from the log",
            &[],
            aside,
        );
    }

    fn slowed(&mut self, node: &Node) {
        for ((agency, way), count) in node.0.shares.waiting() {
            let labels = [("agency", agency.to_string()), ("way", way.label().to_owned())];
            let help = "Commands that wait for their agency's turn, by agency and whether they came alone or in bulk";
            self.gauge("commands_waiting", help, &labels, count as u64);
        }
    }

    fn projected(&mut self, node: &Node) {
        let (mut admitted, mut voids) = (0, BTreeMap::<Reason, u64>::new());
        let lags: BTreeMap<u16, u64> =
            node.lagging().iter().map(|lag| (lag.partition, lag.wanted - lag.applied)).collect();
        for partition in 0..node.registry().partitions() {
            let labels = [("partition", partition.to_string())];
            let next = node.watch(partition).borrow().next;
            self.gauge("position", "Next offset that the projection applies", &labels, next);
            let lag = lags.get(&partition).copied().unwrap_or_default();
            self.gauge("lag_records", "Records of the log that the projection has not applied", &labels, lag);
            // A store that cannot be read stops its projector, which says so.
            let Ok(cursor) = node.store().cursor(partition) else { continue };
            admitted += cursor.admitted;
            for (reason, count) in Reason::counted(&cursor) {
                *voids.entry(reason).or_default() += count;
            }
        }
        self.counter("records_admitted", "Records of the log that count", &[], admitted);
        for reason in Reason::ALL {
            let count = voids.get(reason).copied().unwrap_or_default();
            let help = "Records of the log that change nothing, by the check that they failed";
            self.counter("records_void", help, &[("reason", reason.name().to_owned())], count);
        }
    }

    fn kept_up(&mut self, node: &Node) {
        let UpkeepCounts { forgotten, retried, left, lost, waiting } = node.upkeep();
        for (came_to, count) in
            [("forgotten", forgotten), ("retried", retried), ("left", left), ("lost", lost)]
        {
            let help = "Keys of erased dossiers forgotten, tries made again, dossiers left until the next start, and \
                        halves of keys gone that no event explains";
            self.counter("upkeep", help, &[("came_to", came_to.to_owned())], count);
        }
        let help = "Successions and changes of calendar that this service put on record";
        self.counter("followed_registry", help, &[], node.0.following.recorded());
        let help = "Dossiers and sweeps over them that wait to be put right";
        self.gauge("upkeep_waiting", help, &[], waiting);
    }

    fn counter(
        &mut self,
        name: &'static str,
        help: &'static str,
        labels: &[(&'static str, String)],
        value: u64,
    ) {
        self.value(name, help, MetricType::Counter, labels, value);
    }

    fn gauge(
        &mut self,
        name: &'static str,
        help: &'static str,
        labels: &[(&'static str, String)],
        value: u64,
    ) {
        self.value(name, help, MetricType::Gauge, labels, value);
    }

    fn value(
        &mut self,
        name: &'static str,
        help: &'static str,
        kind: MetricType,
        labels: &[(&'static str, String)],
        value: u64,
    ) {
        let service = [("service", self.service.to_owned())];
        let labels = service.into_iter().chain(labels.iter().cloned()).collect();
        let metric = self.snapshot.0.entry(name).or_insert_with(|| Metric { help, kind, values: Vec::new() });
        metric.values.push((labels, value));
    }
}

impl Collector for Snapshot {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        for (name, metric) in &self.0 {
            let mut described = encoder.encode_descriptor(name, metric.help, None, metric.kind)?;
            for (labels, value) in &metric.values {
                let mut one = described.encode_family(labels)?;
                if matches!(metric.kind, MetricType::Counter) {
                    one.encode_counter::<NoLabelSet, _, u64>(value, None)?;
                } else {
                    one.encode_gauge(value)?;
                }
            }
        }
        Ok(())
    }
}

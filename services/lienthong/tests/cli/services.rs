//! Services for the command to talk to, and dossiers in them.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use lienthong_wire::pb::casework::v1::casework_client::CaseworkClient;
use lienthong_wire::pb::casework::v1::{AcceptCustodyRequest, CompleteStepRequest, OfferCustodyRequest};
use lienthong_wire::pb::common::v1::{Actor, ApplicantKind, Channel, CommandHeader, Medium, Power};
use lienthong_wire::pb::ward_desk::v1::ward_desk_client::WardDeskClient;
use lienthong_wire::pb::ward_desk::v1::{Intake, ReceiveRequest};
use lienthong_wire::timestamp;

use crate::support::command;

/// A file of our own: five cases, of which one says nothing.
pub(crate) const SMALL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/small.xes");

/// `lienthong up` on a training log of its own, ended when dropped.
pub(crate) struct Up {
    child: Child,
    addresses: Vec<(String, String)>,
    folder: tempfile::TempDir,
}

impl Up {
    /// Starts it and waits until it is ready.
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    /// The same with more said.
    pub(crate) fn with(more: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let log = log_in(&folder);
        let mut up = command(&[&["up", "--training", "--free-ports", "--log", &log], more].concat());
        let mut child = up.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let lines: Vec<String> = lines.take_while(|line| line != "ready").collect();
        let addresses =
            lines.iter().map(|line| line.split_once(' ').unwrap()).map(|(name, at)| (name.into(), at.into()));
        Self { addresses: addresses.collect(), child, folder }
    }

    /// Where a service listens, as `up` says it.
    pub(crate) fn address(&self, service: &str) -> &str {
        &self.addresses.iter().find(|(name, _)| name == service).unwrap().1
    }

    /// The services that it started.
    pub(crate) fn services(&self) -> Vec<&str> {
        self.addresses.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// The log that it holds.
    pub(crate) fn log(&self) -> String {
        log_in(&self.folder)
    }

    /// Receives a dossier at the desk and does so many steps of its way: done, offered, accepted.
    pub(crate) fn dossier(&self, code: &str, steps: usize) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (desk, land) = (self.address("ward-desk"), self.address("land-registry"));
        runtime.block_on(async {
            let desk = format!("http://{desk}");
            let mut at_desk = CaseworkClient::connect(desk.clone()).await.unwrap();
            let mut at_land = CaseworkClient::connect(format!("http://{land}")).await.unwrap();
            for step in 0..=steps {
                let code = code.to_owned();
                match step {
                    0 => {
                        let request = ReceiveRequest {
                            header: header(code.as_str(), "H56.1", step),
                            code,
                            intake: Some(intake()),
                            details: None,
                        };
                        let mut desk = WardDeskClient::connect(desk.clone()).await.unwrap();
                        desk.receive(request).await.unwrap();
                    }
                    1 => {
                        let request = CompleteStepRequest {
                            header: header(code.as_str(), "H56.1", step),
                            code,
                            step: "tiep-nhan".to_owned(),
                            outcome: "chuyen-ho-so".to_owned(),
                            details: None,
                        };
                        at_desk.complete_step(request).await.unwrap();
                    }
                    2 => {
                        let request = OfferCustodyRequest {
                            header: header(code.as_str(), "H56.1", step),
                            code,
                            to: "land-office".to_owned(),
                            medium: Medium::Electronic.into(),
                        };
                        at_desk.offer_custody(request).await.unwrap();
                    }
                    3 => {
                        let request =
                            AcceptCustodyRequest { header: header(code.as_str(), "land-office", step), code };
                        at_land.accept_custody(request).await.unwrap();
                    }
                    _ => unreachable!("no dossier is led further"),
                }
            }
        });
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        signal(&self.child, "TERM");
        self.child.wait().unwrap();
    }
}

/// Sends a signal.
pub(crate) fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args(["-s", name, &child.id().to_string()]).status().unwrap();
    assert!(sent.success(), "{name}");
}

/// The log in a folder.
pub(crate) fn log_in(folder: &tempfile::TempDir) -> String {
    format!("embedded:{}", folder.path().join("log").display())
}

/// Each command of a dossier has one id, so that repeats are repeats.
fn header(code: &str, agency: &str, step: usize) -> Option<CommandHeader> {
    let id = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, format!("{code} {step}").as_bytes());
    let hour = 8 + step;
    let at = lienthong_calendar::Instant::parse(&format!("2026-11-02T{hour:02}:00:00+07:00")).unwrap();
    Some(CommandHeader {
        command_id: id.to_string(),
        agency: agency.to_owned(),
        actor: Some(Actor {
            officer_id: "o-1".to_owned(),
            name: "Lê Thị Mẫu".to_owned(),
            role: "Chuyên viên".to_owned(),
            power: Power::Decide.into(),
        }),
        occurred_at: Some(timestamp(at)),
    })
}

fn intake() -> Intake {
    Intake {
        procedure: "1.099001".to_owned(),
        commune: "14758".to_owned(),
        channel: Channel::Direct.into(),
        applicant_kind: ApplicantKind::Citizen.into(),
        documents: Vec::new(),
    }
}

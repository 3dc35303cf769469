//! Systems call with certificates: each speaks for its own agency, and a stranger, a former holder, an officer without the
//! power and a replayed record are refused, each with its reason, and counted.

use lienthong::pki::{Authority, Issued};
use lienthong_log::{Partition, ReadLimit};
use lienthong_seal::partition_of;
use lienthong_wire::pb::casework::v1::CompleteStepRequest;
use lienthong_wire::pb::common::v1::Power;
use lienthong_wire::pb::ward_desk::v1::NextCodeRequest;
use lienthong_wire::pb::ward_desk::v1::ward_desk_client::WardDeskClient;
use tonic::{Code, Status};

use super::support::clients::{Clients, Service};
use super::support::command::{Command, Verb};
use super::support::denied::denied;
use super::support::on::{On, Place};
use super::support::process::{Process, Up};
use super::support::story::{carry_out, code, transfer};
use super::support::tls::{Pki, caller, term};
use super::support::{DESK, LAND, TAX};

const DESKS_URI: &str = "lienthong://agency/H56.2";

/// `lienthong up` with TLS and metrics on a log in a folder.
struct Secured {
    pki: Pki,
    place: Place,
    up: Up,
}

impl Secured {
    async fn start() -> Self {
        let (pki, place) = (Pki::new(), Place::new(On::Embedded).await);
        let up = start(&pki, &place);
        Self { pki, place, up }
    }

    /// Clients that show each service the certificate of its own agency.
    fn clients(&self) -> Clients {
        let own = |service: Service| match service {
            Service::WardDesk => DESK,
            Service::LandRegistry => LAND,
            Service::TaxOffice => TAX,
            Service::Auditor => "operator",
        };
        Clients::through(|service| self.pki.channel(self.up.address(service), &self.pki.held(own(service))))
    }

    /// Clients that show every service the same certificate.
    fn with(&self, own: &Issued) -> Clients {
        Clients::through(|service| self.pki.channel(self.up.address(service), own))
    }

    async fn metrics(&self) -> String {
        self.pki.metrics(self.up.metrics(), &self.pki.held("operator")).await
    }

    /// The value of one metric of a service.
    async fn metric(&self, name: &str, service: &str, label: &str) -> u64 {
        let text = self.metrics().await;
        let begins = format!("lienthong_{name}{{service=\"{service}\",{label}}} ");
        let value = text.lines().find_map(|line| line.strip_prefix(&begins));
        value.map_or(0, |value| value.parse().unwrap())
    }
}

fn start(pki: &Pki, place: &Place) -> Up {
    place.up(&["--tls", &pki.path().display().to_string(), "--metrics", "127.0.0.1:0"])
}

fn refused(status: &Status) -> (Code, String) {
    let denied = denied(status);
    (denied.code, denied.reason)
}

/// With another power of its officer.
fn by(command: &Command, power: Power) -> Command {
    command.with(|header| header.actor.as_mut().unwrap().power = power.into())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_agency_s_system_does_its_part_of_a_transfer_under_its_own_certificate() {
    let secured = Secured::start().await;
    let (story, clients) = (transfer(&code(1)), secured.clients());
    carry_out(&clients, &story).await;
    assert_eq!(clients.timeline(&code(1)).await.len(), story.len());
    let of_desk = story.iter().filter(|command| command.to == Service::WardDesk).count() as u64;
    assert_eq!(secured.metric("commands_total", "ward-desk", "outcome=\"DONE\"").await, of_desk);
    assert_eq!(clients.digest_of_all().await.admitted, story.len() as u64);
    let own = WardDeskClient::new(clients.channel(Service::WardDesk));
    let next = |agency: &str| NextCodeRequest { agency: agency.to_owned(), day: String::new() };
    own.clone().next_code(next(DESK)).await.unwrap();
    let other = own.clone().next_code(next("H56.3")).await.unwrap_err();
    assert_eq!(refused(&other), (Code::PermissionDenied, "OTHER_CERTIFICATE".to_owned()));
    secured.up.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_is_no_caller_of_an_agency_is_refused_with_the_reason_and_counted() {
    let secured = Secured::start().await;
    let (story, pki) = (transfer(&code(1)), &secured.pki);
    let receive = &story[0];
    let stranger = Authority::new("stranger", term(-60, 3_600)).unwrap();
    let stranger = stranger.issue("caller", &caller(&[DESKS_URI]), term(-60, 3_600)).unwrap();
    let former = pki.second.issue("caller", &caller(&[DESKS_URI]), term(-7_200, -3_600)).unwrap();
    let future = pki.second.issue("caller", &caller(&[DESKS_URI]), term(3_600, 7_200)).unwrap();
    for (own, says, kind) in [
        (None, "CertificateRequired", "no_certificate"),
        (Some(&stranger), "UnknownCA", "unknown_issuer"),
        (Some(&former), "CertificateExpired", "expired"),
        (Some(&future), "CertificateExpired", "not_yet_valid"),
    ] {
        let alert = pki.alert(secured.up.address(Service::WardDesk), own).await;
        assert!(alert.contains(says), "{kind}: {alert}");
        let label = format!("kind=\"{kind}\"");
        assert_eq!(secured.metric("callers_refused_total", "ward-desk", &label).await, 1, "{kind}");
    }
    let foreign = pki.issued(&["https://somebody.example"]);
    let reader = pki.issued(&[DESKS_URI, "lienthong://power/read"]);
    for (own, code, reason, kind) in [
        (&foreign, Code::Unauthenticated, "FOREIGN_CERTIFICATE", "no_agency"),
        (&pki.held(LAND), Code::PermissionDenied, "OTHER_CERTIFICATE", "other_agency"),
        (&reader, Code::PermissionDenied, "CERTIFICATE_POWER", "no_power"),
    ] {
        let status = receive.send(&secured.with(own)).await.unwrap_err();
        assert_eq!(refused(&status), (code, reason.to_owned()));
        let label = format!("kind=\"{kind}\"");
        assert_eq!(secured.metric("callers_refused_total", "ward-desk", &label).await, 1, "{kind}");
    }
    // None of it reached the log; the same command of who may does.
    assert_eq!(secured.clients().digest_of_all().await.admitted, 0);
    receive.send(&secured.clients()).await.unwrap();
    secured.up.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_former_holder_and_an_officer_without_the_power_are_refused_and_counted() {
    let secured = Secured::start().await;
    let (story, clients) = (transfer(&code(1)), secured.clients());
    let result = story.iter().position(|command| matches!(command.verb, Verb::IssueResult(_))).unwrap();
    carry_out(&clients, &story[..result]).await;
    let clerk = by(&story[result], Power::Decide).send(&clients).await.unwrap_err();
    assert_eq!(refused(&clerk), (Code::PermissionDenied, "NO_POWER".to_owned()));
    let outcome = |reason: &str| format!("outcome=\"{reason}\"");
    assert_eq!(secured.metric("commands_total", "land-registry", &outcome("NO_POWER")).await, 1);
    // The desk handed the dossier on: it may look, and no more.
    let again = Verb::CompleteStep(CompleteStepRequest {
        step: "tiep-nhan".to_owned(),
        outcome: "chuyen-ho-so".to_owned(),
        ..CompleteStepRequest::default()
    });
    let former =
        Command::new(&code(1), 900, DESK, "2026-11-30 09:00", again).send(&clients).await.unwrap_err();
    assert_eq!(refused(&former), (Code::PermissionDenied, "NOT_HOLDER".to_owned()));
    assert_eq!(secured.metric("commands_total", "ward-desk", &outcome("NOT_HOLDER")).await, 1);
    story[result].send(&clients).await.unwrap();
    secured.up.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_replayed_record_is_void_and_counted_at_every_service() {
    let Secured { pki, place, up } = Secured::start().await;
    let secured = Secured { pki, place, up };
    carry_out(&secured.clients(), &transfer(&code(1))[..2]).await;
    let Secured { pki, place, up } = secured;
    up.stop();
    let log = place.open(None).await;
    let partition = Partition::Dossiers(partition_of(&code(1), log.dossier_partitions()));
    let first = log.read(partition, 0, ReadLimit::default()).await.unwrap().swap_remove(0);
    log.append(partition, first.record).await.unwrap();
    log.close().await;
    drop(log);
    let up = start(&pki, &place);
    let secured = Secured { pki, place, up };
    for service in Service::ALL {
        let voids = |reason: &str| format!("reason=\"{reason}\"");
        assert_eq!(secured.metric("records_void_total", service.name(), &voids("Repeat")).await, 1);
        assert_eq!(secured.metric("records_void_total", service.name(), &voids("Stale")).await, 0);
    }
    let text = secured.metrics().await;
    assert!(text.contains("lienthong_records_admitted_total{service=\"auditor\"} 2"), "{text}");
    secured.up.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_agency_verifies_all_but_the_readings_and_is_told_so_and_an_auditor_all() {
    let secured = Secured::start().await;
    carry_out(&secured.clients(), &transfer(&code(1))[..2]).await;
    let verified = |name: &str, format: &str| {
        let address = format!("https://{}", secured.up.address(Service::Auditor));
        let file = |name: &str| secured.pki.file(name).display().to_string();
        let (certificate, key) = (file(&format!("clients/{name}.pem")), file(&format!("clients/{name}.key")));
        let ended = Process::start(&[
            "audit",
            "verify",
            "--server",
            &address,
            "--output",
            format,
            "--ca-file",
            &file("ca.pem"),
            "--certificate-file",
            &certificate,
            "--key-file",
            &key,
        ])
        .ended();
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        (ended.stdout, ended.stderr)
    };
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    for (name, left_out) in [(DESK, vec!["reads"]), ("auditor", Vec::new())] {
        let (told, notes) = verified(name, "json");
        let told = json(&told);
        assert_eq!((&told["admitted"], &told["left_out"]), (&2.into(), &left_out.clone().into()), "{name}");
        assert_eq!(told["reads_hash"].is_null(), !left_out.is_empty(), "{name}");
        assert_eq!(notes.contains("reads: not verified"), !left_out.is_empty(), "{name}: {notes}");
    }
    assert!(verified(DESK, "text").0.contains("CHƯA KIỂM TRA"));
    let label = "kind=\"not_auditor\"";
    assert_eq!(secured.metric("callers_refused_total", "auditor", label).await, 2);
    secured.up.stop();
}

/// The command with a dossier list of a service, and these files.
fn list(secured: &Secured, files: &[(&str, String)]) -> (Option<i32>, String) {
    let address = format!("https://{}", secured.up.address(Service::WardDesk));
    let mut args = vec!["dossier", "list", "--server", &address];
    args.extend(files.iter().flat_map(|(flag, file)| [*flag, file.as_str()]));
    let ended = Process::start(&args).ended();
    (ended.code, ended.stderr)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_command_shows_its_certificate_and_believes_no_other_authority() {
    let secured = Secured::start().await;
    let file = |name: &str| secured.pki.file(name).display().to_string();
    let ca = ("--ca-file", file("ca.pem"));
    let own =
        [("--certificate-file", file("clients/operator.pem")), ("--key-file", file("clients/operator.key"))];
    let whole = [&[ca.clone()][..], &own].concat();
    let (code, stderr) = list(&secured, &whole);
    assert_eq!(code, Some(0), "{stderr}");
    let (code, stderr) = list(&secured, &own);
    assert!(code == Some(2) && stderr.contains("--ca-file"), "{code:?} {stderr}");
    let (code, stderr) = list(&secured, &[ca]);
    assert!(
        code == Some(69) && stderr.contains("gives no answer") && stderr.contains("--certificate-file"),
        "{stderr}"
    );
    // A service of an authority that is not the command's.
    let other = Authority::new("other", term(-60, 3_600)).unwrap();
    std::fs::write(secured.pki.file("other.pem"), &other.certificate).unwrap();
    let (code, stderr) = list(&secured, &[&[("--ca-file", file("other.pem"))][..], &own].concat());
    assert!(code == Some(69) && stderr.contains("UnknownIssuer"), "{code:?} {stderr}");
    secured.up.stop();
}

//! After an erasure the person is gone from every service, and state, proofs and counts stay as they were.

use std::fs;
use std::path::Path;

use lienthong::replay::replay;
use lienthong_log::{EventLog, Partition, ReadLimit};
use lienthong_node::KeyFolder;
use lienthong_registry::SHIPPED_PACKS;
use lienthong_seal::{DataKey, ErasableHalf, WrapPlace, partition_of};
use lienthong_wire::pb::auditor::v1::auditor_client::AuditorClient;
use lienthong_wire::pb::casework::v1::EraseRequest;
use lienthong_wire::pb::common::v1::Status as DossierStatus;
use lienthong_wire::pb::reading::v1::{Digest, Dossier};
use lienthong_wire::stored::{Body, Entry, Recipient, decode_body, decode_entry};
use tonic::Code;

use super::support::clients::{Clients, Service};
use super::support::command::{Command, Verb};
use super::support::denied::denied;
use super::support::on::{On, Place, on_every_log};
use super::support::planted::{files, log_of, planted_in};
use super::support::reading::{find, read};
use super::support::story::{PLANTED, carry_out, code, intake, receive, transfer};
use super::support::{DESK, LAND, TAX};

on_every_log! {
    after_an_erasure_the_person_is_gone_and_all_else_stays
}

/// The land transfer under a code of its own, whose data is kept for a year.
const KEPT_A_YEAR: &str = "1.099777";
const READERS: [(Service, &str); 3] =
    [(Service::WardDesk, DESK), (Service::LandRegistry, LAND), (Service::TaxOffice, TAX)];

fn pack(place: &Path) -> String {
    let (_, text) = SHIPPED_PACKS[0];
    let text = text.replace("1.099001", KEPT_A_YEAR).replace("retention: permanent", "retention: 1");
    let file = place.join("kept-a-year.yaml");
    fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

/// The whole story of a dossier under that procedure.
fn story() -> Vec<Command> {
    let mut story = transfer(&code(1));
    if let Verb::Receive(request) = &mut story[0].verb {
        request.intake.as_mut().unwrap().procedure = KEPT_A_YEAR.to_owned();
    }
    story
}

fn erase(of: &str, when: &str) -> Command {
    let ground = "Luật 91/2025/QH15".to_owned();
    Command::new(of, 800, DESK, when, Verb::Erase(EraseRequest { ground, ..EraseRequest::default() }))
}

async fn refused(clients: &Clients, command: &Command) -> (Code, String) {
    let denied = denied(&command.send(clients).await.unwrap_err());
    (denied.code, denied.reason)
}

/// What is counted of a log, whoever the dossiers are about.
fn counts(digest: &Digest) -> (u64, u64, u64) {
    (digest.dossiers, digest.hand_offs, digest.paper_hand_offs)
}

/// A dossier but for when it was last touched and erased.
fn standing(dossier: Dossier) -> Dossier {
    Dossier { last_at: None, as_of: None, position: None, erased_at: None, ..dossier }
}

/// Nobody is found and nothing is shown, at any service.
async fn is_gone(clients: &Clients) {
    for (service, agency) in READERS {
        let refused = denied(&read(clients, service, agency, &code(1)).await.unwrap_err());
        assert_eq!((refused.code, refused.reason.as_str()), (Code::FailedPrecondition, "ERASED"));
        assert_eq!(refused.metadata["index"], "0");
        for number in [PLANTED[1], PLANTED[6]] {
            let found = find(clients, service, agency, number).await.unwrap();
            assert!(!found.codes.contains(&code(1)), "{service:?}");
        }
    }
}

async fn after_an_erasure_the_person_is_gone_and_all_else_stays(on: On) {
    let place = Place::new(on).await;
    let pack = pack(place.path());
    let up = place.up(&["--log-filter", "trace", "--pack", &pack]);
    let clients = up.clients();
    carry_out(&clients, &story()).await;
    // Another dossier of the same persons, which stays, and is kept permanently.
    carry_out(&clients, &transfer(&code(2))).await;
    for (service, agency) in READERS {
        assert_eq!(find(&clients, service, agency, PLANTED[1]).await.unwrap().codes, [code(1), code(2)]);
    }
    let (before, counted) = (clients.dossier(&code(1)).await, clients.digest_of_all().await);
    let precondition = |reason: &str| (Code::FailedPrecondition, reason.to_owned());
    let early = erase(&code(1), "2027-11-17 09:00");
    assert_eq!(refused(&clients, &early).await, precondition("RETENTION_RUNS"));
    let permanent = erase(&code(2), "2027-11-18 09:00");
    assert_eq!(refused(&clients, &permanent).await, precondition("KEPT_PERMANENTLY"));

    let erasure = erase(&code(1), "2027-11-18 09:00");
    let receipt = erasure.send(&clients).await.unwrap();
    assert_eq!(receipt.status(), DossierStatus::Delivered);
    is_gone(&clients).await;
    let digest = clients.digest_of_all().await;
    // Asked again, once every service has applied it: a search waits for what follows from that.
    is_gone(&clients).await;
    assert!(read(&clients, Service::LandRegistry, LAND, &code(2)).await.is_ok(), "the other dossier stays");
    assert!(erasure.send(&clients).await.unwrap().repeated);
    assert_eq!(refused(&clients, &erasure.afresh()).await, precondition("ERASED"));
    let taken = receive(intake(KEPT_A_YEAR, "14797"));
    let taken = Command::new(&code(1), 801, DESK, "2027-11-18 10:00", taken);
    assert_eq!(refused(&clients, &taken).await, (Code::AlreadyExists, "CODE_TAKEN".to_owned()));

    let after = clients.dossier(&code(1)).await;
    assert!(after.erased_at.is_some());
    assert_eq!(standing(after), standing(before));
    assert_eq!(counts(&digest), counts(&counted));
    let judged = replay(&mut AuditorClient::new(clients.channel(Service::Auditor))).await.unwrap();
    assert_eq!(judged.digest.to_string(), digest.digest);
    drop(clients);
    let ended = tokio::task::spawn_blocking(move || up.stop()).await.unwrap();
    assert_eq!(planted_in(ended.stdout.as_bytes()), Vec::<&str>::new());
    assert_eq!(planted_in(ended.stderr.as_bytes()), Vec::<&str>::new());
    no_key_opens_it(&place).await;

    // The same after a restart, and when every projection is made anew.
    for anew in [false, true] {
        if anew {
            fs::remove_dir_all(place.path().join("stores")).unwrap();
        }
        let up = place.up(&[]);
        let clients = up.clients();
        assert_eq!(clients.digest_of_all().await, digest);
        is_gone(&clients).await;
        assert_eq!(find(&clients, Service::TaxOffice, TAX, PLANTED[1]).await.unwrap().codes, [code(2)]);
        drop(clients);
        tokio::task::spawn_blocking(move || up.stop()).await.unwrap();
    }
    for part in log_of(&place).await {
        assert_eq!(planted_in(&part), Vec::<&str>::new(), "{}", String::from_utf8_lossy(&part));
    }
    for file in files(place.path()) {
        assert_eq!(planted_in(&fs::read(&file).unwrap()), Vec::<&str>::new(), "{}", file.display());
    }
}

/// With every key file of every agency and every half that stands, no key of the dossier comes about any more.
async fn no_key_opens_it(place: &Place) {
    let log = place.open(None).await;
    assert_eq!(log.erasable(&code(1)).await.unwrap(), None);
    let bodies = bodies(log.as_ref()).await;
    let first = &bodies[0];
    let keys = KeyFolder::open(place.path()).unwrap();
    let standing = log.erasables("", usize::MAX).await.unwrap();
    let standing: Vec<_> = standing.into_iter().filter_map(|(_, half)| half).collect();
    assert_eq!(standing.len(), 1, "the other dossier's");
    let mut tried = 0;
    for wrap in bodies.iter().flat_map(|body| &body.wraps) {
        let (agency, key) = match &wrap.recipient {
            Recipient::Agency(agency) => (agency.as_str(), keys.agency(agency).unwrap()),
            Recipient::Recovery => ("", keys.recovery().unwrap()),
        };
        let of = code(1);
        let place = WrapPlace { log_id: first.log_id, code: &of, agency };
        let half = key.unwrap(&wrap.wrap, &place).unwrap();
        for erasable in standing.iter().chain([&[0; 32]]) {
            let key = DataKey::derive(&half, &ErasableHalf::from_bytes(erasable)).unwrap();
            assert_ne!(Some(key.fingerprint()), first.data_key);
            tried += 1;
        }
    }
    assert_eq!(tried, 4 * 2, "desk, land office, tax office and recovery");
    log.close().await;
}

async fn bodies(log: &dyn EventLog) -> Vec<Body> {
    let partition = partition_of(&code(1), log.dossier_partitions());
    let read = log.read(Partition::Dossiers(partition), 0, ReadLimit::default()).await.unwrap();
    let body = |value| match decode_entry(value).unwrap() {
        Entry::Proposal(proposal) => decode_body(&proposal.body).unwrap(),
        Entry::Fence(_) => panic!("a fence"),
    };
    let bodies = read.iter().map(|stored| body(&stored.record.value));
    bodies.filter(|body| body.act.code.as_str() == code(1)).collect()
}

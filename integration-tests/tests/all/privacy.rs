//! What is about persons lies in clear nowhere: not in the log, a projection, the process's own log, an answer or an
//! error. And it is not lost: the agencies' keys open it.

use std::fs;
use std::path::Path;

use lienthong_log::{EventLog, Partition, ReadLimit, Record};
use lienthong_node::KeyFolder;
use lienthong_registry::AgencyId;
use lienthong_seal::{DataKey, EnvelopePlace, ErasableHalf, WrapPlace, partition_of};
use lienthong_wire::Message;
use lienthong_wire::pb::auditor::v1::Topic;
use lienthong_wire::pb::personal::v1::PersonalDetails;
use lienthong_wire::pb::reading::v1::{ListDossiersRequest, WatchInboxRequest};
use lienthong_wire::pb::tax_office::v1::GetNoticeRequest;
use lienthong_wire::pb::tax_office::v1::tax_office_client::TaxOfficeClient;
use lienthong_wire::pb::ward_desk::v1::NextCodeRequest;
use lienthong_wire::pb::ward_desk::v1::ward_desk_client::WardDeskClient;
use lienthong_wire::stored::{Body, Entry, Recipient, decode_body, decode_entry};
use tonic::Status;

use super::support::clients::{Clients, Service};
use super::support::command::Command;
use super::support::denied::denied;
use super::support::on::{On, Place, on_every_log};
use super::support::story::{
    IN_CLEAR, PLANTED, carry_out, code, complete, details, intake, issue, offer, receive, transfer,
};
use super::support::{DESK, LAND, TAX};

on_every_log! {
    what_is_about_persons_lies_in_clear_nowhere
    each_agency_that_gained_access_can_read_what_was_said_to_it_and_no_other_can
}

/// Where what was planted is found in these bytes.
fn planted_in(bytes: &[u8]) -> Vec<&'static str> {
    PLANTED.into_iter().filter(|planted| contains(bytes, planted.as_bytes())).collect()
}

fn contains(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

/// Commands with a person's name or number where none belongs. (Left out are numbers that are well-formed ids: whoever
/// names an agency, an outcome or a procedure that there is not is told which.)
fn misplaced() -> Vec<Command> {
    let name = PLANTED[0];
    let command = |verb| Command::new(&code(1), 900, DESK, "2026-11-02 09:00", verb);
    let good = || command(complete("tiep-nhan", "chuyen-ho-so"));
    vec![
        command(complete(name, "chuyen-ho-so")),
        command(complete("tiep-nhan", name)),
        command(offer(name)),
        command(issue(&"x".repeat(101), name)),
        command(receive(intake(name, "14797"))),
        command(receive(intake("1.099001", name))),
        Command::new(name, 901, DESK, "2026-11-02 09:00", complete("tiep-nhan", "chuyen-ho-so")),
        good().with(|header| header.command_id = name.to_owned()),
        good().with(|header| header.agency = name.to_owned()),
        command(complete(PLANTED[1], "chuyen-ho-so")),
        command(offer(PLANTED[1])),
    ]
}

/// Every answer that readers get about the dossier, in bytes.
async fn answers(clients: &Clients) -> Vec<Vec<u8>> {
    let mut answers = Vec::new();
    for service in Service::ALL {
        let mut reading = clients.reading(service);
        let list = reading.list_dossiers(ListDossiersRequest::default()).await.unwrap().into_inner();
        assert_eq!(list.dossiers.len(), 1);
        answers.push(list.encode_to_vec());
        for agency in [DESK, LAND, TAX] {
            let request = WatchInboxRequest { agency: agency.to_owned(), token: String::new() };
            let mut inbox = reading.watch_inbox(request).await.unwrap().into_inner();
            answers.push(inbox.message().await.unwrap().unwrap().encode_to_vec());
        }
    }
    answers.push(clients.dossier(&code(1)).await.encode_to_vec());
    answers.extend(clients.timeline(&code(1)).await.iter().map(Message::encode_to_vec));
    answers.extend(clients.raw(Topic::Dossiers).await.iter().map(Message::encode_to_vec));
    let notice = GetNoticeRequest { code: code(1), ..GetNoticeRequest::default() };
    let notice = TaxOfficeClient::new(clients.channel(Service::TaxOffice)).get_notice(notice).await;
    answers.push(notice.unwrap().into_inner().encode_to_vec());
    answers
}

/// An error with all its details, in bytes.
fn told(status: &Status) -> Vec<u8> {
    denied(status);
    [status.message().as_bytes(), status.details(), format!("{status:?}").as_bytes()].concat()
}

async fn errors(clients: &Clients) -> Vec<Vec<u8>> {
    let mut errors = Vec::new();
    for command in misplaced() {
        errors.push(told(&command.send(clients).await.unwrap_err()));
    }
    let [name, id_number, ..] = PLANTED.map(str::to_owned);
    let (mut desk, mut reading) =
        (WardDeskClient::new(clients.channel(Service::WardDesk)), clients.reading(Service::WardDesk));
    let request = NextCodeRequest { agency: name.clone(), day: String::new() };
    errors.push(told(&desk.next_code(request).await.unwrap_err()));
    for list in [
        ListDossiersRequest { agency: name.clone(), ..ListDossiersRequest::default() },
        ListDossiersRequest { procedure: name.clone(), ..ListDossiersRequest::default() },
        ListDossiersRequest { received_by: name.clone(), ..ListDossiersRequest::default() },
    ] {
        errors.push(told(&reading.list_dossiers(list).await.unwrap_err()));
    }
    for text in [name, id_number] {
        let request = NextCodeRequest { agency: DESK.to_owned(), day: text.clone() };
        errors.push(told(&desk.next_code(request).await.unwrap_err()));
        let list = ListDossiersRequest { page_token: text.clone(), ..ListDossiersRequest::default() };
        errors.push(told(&reading.list_dossiers(list).await.unwrap_err()));
        let inbox = WatchInboxRequest { agency: DESK.to_owned(), token: text };
        errors.push(told(&reading.watch_inbox(inbox).await.unwrap_err()));
    }
    errors
}

async fn what_is_about_persons_lies_in_clear_nowhere(on: On) {
    let place = Place::new(on).await;
    let up = place.up(&["--log-filter", "trace"]);
    let clients = up.clients();
    let story = transfer(&code(1));
    carry_out(&clients, &story[..1]).await;
    let mut errors = errors(&clients).await;
    carry_out(&clients, &story[1..]).await;
    errors.extend(self::errors(&clients).await);
    let answers = answers(&clients).await;
    clients.digest_of_all().await;
    let ended = tokio::task::spawn_blocking(move || up.stop()).await.unwrap();

    let repeating: Vec<_> = errors.iter().filter(|error| !planted_in(error).is_empty()).collect();
    let repeating: Vec<_> = repeating.into_iter().map(|error| String::from_utf8_lossy(error)).collect();
    assert!(repeating.is_empty(), "{repeating:#?}");
    for answer in &answers {
        assert_eq!(planted_in(answer), Vec::<&str>::new(), "{}", String::from_utf8_lossy(answer));
    }
    // What is meant to be found is found, so looking is no empty exercise.
    let read = answers.concat();
    assert!(IN_CLEAR.iter().all(|clear| contains(&read, clear.as_bytes())));
    assert!(ended.stderr.contains("TRACE"), "it said all it could");
    assert_eq!(planted_in(ended.stdout.as_bytes()), Vec::<&str>::new());
    assert_eq!(planted_in(ended.stderr.as_bytes()), Vec::<&str>::new());
    let mut clear = 0;
    for part in log_of(&place).await {
        assert_eq!(planted_in(&part), Vec::<&str>::new(), "{}", String::from_utf8_lossy(&part));
        clear += usize::from(contains(&part, IN_CLEAR[1].as_bytes()));
    }
    assert!(clear > 1, "the log holds what is clear");
    clear = 0;
    for file in files(place.path()) {
        let bytes = fs::read(&file).unwrap();
        assert_eq!(planted_in(&bytes), Vec::<&str>::new(), "{}", file.display());
        clear += usize::from(contains(&bytes, IN_CLEAR[1].as_bytes()));
    }
    assert!(clear > 1, "the projections hold what is clear");
}

async fn each_agency_that_gained_access_can_read_what_was_said_to_it_and_no_other_can(on: On) {
    let place = Place::new(on).await;
    let up = place.up(&[]);
    carry_out(&up.clients(), &transfer(&code(1))).await;
    tokio::task::spawn_blocking(move || up.stop()).await.unwrap();
    let log = place.open(None).await;
    let bodies = bodies(log.as_ref()).await;
    let erasable = ErasableHalf::from_bytes(&log.erasable(&code(1)).await.unwrap().unwrap());
    let keys = KeyFolder::open(place.path()).unwrap();
    for agency in [DESK, LAND, TAX] {
        let id = AgencyId::parse(agency).unwrap();
        let wrap = bodies
            .iter()
            .flat_map(|body| &body.wraps)
            .find(|wrap| wrap.recipient == Recipient::Agency(id.clone()));
        let place = WrapPlace { log_id: bodies[0].log_id, code: &code(1), agency };
        let half = keys.agency(&id).unwrap().unwrap(&wrap.unwrap().wrap, &place).unwrap();
        let key = DataKey::derive(&half, &erasable).unwrap();
        assert_eq!(Some(key.fingerprint()), bodies[0].data_key);
        let mut opened = 0;
        for body in &bodies {
            for envelope in &body.envelopes {
                let name = envelope.name.as_str();
                let place = EnvelopePlace { log_id: body.log_id, code: &code(1), name };
                let plain = key.decrypt(&place, &envelope.envelope).unwrap();
                assert_eq!(PersonalDetails::decode(&plain[..]).unwrap(), details());
                opened += 1;
            }
        }
        assert!(opened > 5, "{opened}");
        // Another agency's key opens none of it.
        let other = AgencyId::parse("H56.3").unwrap();
        assert!(keys.agency(&other).unwrap().unwrap(&wrap.unwrap().wrap, &place).is_err());
    }
    assert!(
        !bodies
            .iter()
            .flat_map(|body| &body.wraps)
            .any(|wrap| { wrap.recipient == Recipient::Agency(AgencyId::parse("H56.3").unwrap()) })
    );
}

async fn bodies(log: &dyn EventLog) -> Vec<Body> {
    let partition = partition_of(&code(1), log.dossier_partitions());
    let read = log.read(Partition::Dossiers(partition), 0, ReadLimit::default()).await.unwrap();
    let body = |value| match decode_entry(value).unwrap() {
        Entry::Proposal(proposal) => decode_body(&proposal.body).unwrap(),
        Entry::Fence(_) => panic!("a fence"),
    };
    read.iter().map(|stored| body(&stored.record.value)).collect()
}

/// Every key, header, value and erasable value of the log.
async fn log_of(place: &Place) -> Vec<Vec<u8>> {
    let log = place.open(None).await;
    let mut parts = Vec::new();
    for partition in Partition::all(log.dossier_partitions()) {
        let mut next = 0;
        loop {
            let read = log.read(partition, next, ReadLimit::default()).await.unwrap();
            let Some(last) = read.last() else { break };
            next = last.offset + 1;
            for Record { key, headers, value } in read.into_iter().map(|stored| stored.record) {
                parts.extend([key.to_vec(), value.to_vec()]);
                parts.extend(
                    headers
                        .iter()
                        .flat_map(|header| [header.name.as_bytes().to_vec(), header.value.to_vec()]),
                );
            }
        }
    }
    for (key, half) in log.erasables("", usize::MAX).await.unwrap() {
        parts.extend([key.into_bytes(), half.unwrap().to_vec()]);
    }
    log.close().await;
    parts
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(self::files(&path)) } else { files.push(path) }
    }
    files
}

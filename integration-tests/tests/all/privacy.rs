//! What is about persons lies in clear nowhere: not in the log, a projection, the process's own log, an answer or an
//! error. And it is not lost: the agencies' keys open it.

use std::fs;
use std::net::SocketAddr;

use lienthong_log::{EventLog, Partition, ReadLimit};
use lienthong_node::KeyFolder;
use lienthong_registry::AgencyId;
use lienthong_seal::{DataKey, EnvelopePlace, ErasableHalf, WrapPlace, partition_of};
use lienthong_wire::Message;
use lienthong_wire::pb::auditor::v1::Topic;
use lienthong_wire::pb::personal::v1::PersonalDetails;
use lienthong_wire::pb::personal_reading::v1::personal_client::PersonalClient;
use lienthong_wire::pb::personal_reading::v1::{ReadPersonalRequest, Reader};
use lienthong_wire::pb::reading::v1::{ListDossiersRequest, WatchInboxRequest};
use lienthong_wire::pb::tax_office::v1::GetNoticeRequest;
use lienthong_wire::pb::tax_office::v1::tax_office_client::TaxOfficeClient;
use lienthong_wire::pb::ward_desk::v1::NextCodeRequest;
use lienthong_wire::pb::ward_desk::v1::ward_desk_client::WardDeskClient;
use lienthong_wire::stored::{Body, Entry, Recipient, decode_body, decode_entry};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tonic::Status;

use super::support::clients::{Clients, Service};
use super::support::command::Command;
use super::support::denied::denied;
use super::support::on::{On, Place, on_every_log};
use super::support::planted::{contains, files, log_of, planted_in};
use super::support::process::{Process, Up};
use super::support::reading::{find, read, reader};
use super::support::story::{
    IN_CLEAR, PLANTED, carry_out, code, complete, details, intake, issue, offer, receive, transfer,
};
use super::support::{DESK, LAND, TAX};

on_every_log! {
    what_is_about_persons_lies_in_clear_nowhere
    each_agency_that_gained_access_can_read_what_was_said_to_it_and_no_other_can
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
    let service = |service| PersonalClient::new(clients.channel(service));
    for misplaced in misplaced_readers() {
        let request = ReadPersonalRequest {
            reader: Some(misplaced),
            codes: vec![code(1)],
            ..ReadPersonalRequest::default()
        };
        errors.push(told(&service(Service::WardDesk).read_personal(request).await.unwrap_err()));
    }
    for planted in PLANTED {
        errors.push(told(&read(clients, Service::WardDesk, DESK, planted).await.unwrap_err()));
    }
    // What is no number.
    for planted in [PLANTED[0], PLANTED[2], PLANTED[4]] {
        errors.push(told(&find(clients, Service::WardDesk, DESK, planted).await.unwrap_err()));
    }
    errors.push(told(&find(clients, Service::WardDesk, LAND, PLANTED[1]).await.unwrap_err()));
    errors
}

/// Readers with a person's name or number where none belongs.
fn misplaced_readers() -> Vec<Reader> {
    let with = |change: &dyn Fn(&mut Reader)| {
        let mut reader = reader(DESK);
        change(&mut reader);
        reader
    };
    vec![
        with(&|reader| reader.agency = PLANTED[0].to_owned()),
        with(&|reader| reader.ground = format!("hồ sơ của {}", PLANTED[1])),
        with(&|reader| reader.ground = PLANTED[4].to_owned()),
        with(&|reader| reader.request_id = PLANTED[0].to_owned()),
    ]
}

/// What the command says of the dossier to an officer and to a program, but for what `dossier read` is for.
async fn commands(up: &Up) -> Vec<Vec<u8>> {
    let server = up.address(Service::WardDesk).to_string();
    let code = code(1);
    let officer = ["--agency", DESK, "--officer", "cb-01", "--purpose", "handling"];
    let mut said = Vec::new();
    for args in [
        &["show", &code][..],
        &["timeline", &code],
        &["list"],
        &[&["find", "--id-number", PLANTED[1]][..], &officer[..]].concat(),
        &[&["find", "--id-number", PLANTED[0]][..], &officer[..]].concat(),
        &[&["read", PLANTED[1]][..], &officer[..]].concat(),
        &["erase", &code, "--ground", "Luật 91/2025/QH15"],
    ] {
        for form in ["text", "json"] {
            let args = [&["dossier"], args, &["--server", &server, "--output", form]].concat();
            let args: Vec<String> = args.iter().map(ToString::to_string).collect();
            let ended = tokio::task::spawn_blocking(move || {
                Process::start(&args.iter().map(String::as_str).collect::<Vec<_>>()).ended()
            });
            let ended = ended.await.unwrap();
            // Whoever types a name after a flag of closed words sees it again, on the own screen alone.
            let is_usage = ended.code == Some(2);
            said.extend(
                [ended.stdout, ended.stderr].map(String::into_bytes).into_iter().filter(|_| !is_usage),
            );
        }
    }
    said
}

/// Everything that is counted.
async fn metrics(address: SocketAddr) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    answer
}

async fn what_is_about_persons_lies_in_clear_nowhere(on: On) {
    let place = Place::new(on).await;
    let up = place.up(&["--log-filter", "trace", "--metrics", "127.0.0.1:0"]);
    let clients = up.clients();
    let story = transfer(&code(1));
    carry_out(&clients, &story[..1]).await;
    let mut errors = errors(&clients).await;
    carry_out(&clients, &story[1..]).await;
    errors.extend(self::errors(&clients).await);
    for (service, agency) in
        [(Service::WardDesk, DESK), (Service::LandRegistry, LAND), (Service::TaxOffice, TAX)]
    {
        let shown = read(&clients, service, agency, &code(1)).await.unwrap();
        assert!(shown.dossiers[0].events.iter().all(|event| event.details == Some(details())));
        assert_eq!(shown.dossiers[0].events.len(), 11, "every envelope of the story");
        for number in [PLANTED[1], PLANTED[6]] {
            assert_eq!(find(&clients, service, agency, number).await.unwrap().codes, [code(1)]);
        }
    }
    let mut answers = answers(&clients).await;
    answers.extend(commands(&up).await);
    let metrics = metrics(up.metrics()).await;
    assert!(contains(&metrics, b"lienthong_"), "{}", String::from_utf8_lossy(&metrics));
    answers.push(metrics);
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

//! Who is let in: real sockets, real certificates.

use std::path::Path;

use futures::FutureExt as _;
use lienthong_registry::AgencyId;
use lienthong_wire::pb::auditor::v1::auditor_client::AuditorClient;
use lienthong_wire::pb::auditor::v1::auditor_server::AuditorServer;
use lienthong_wire::pb::auditor::v1::{StreamRecordsRequest, Topic};
use lienthong_wire::pb::casework::v1::casework_client::CaseworkClient;
use lienthong_wire::pb::common::v1 as common;
use lienthong_wire::pb::reading::v1::WatchInboxRequest;
use lienthong_wire::pb::reading::v1::reading_client::ReadingClient;
use lienthong_wire::pb::reading::v1::reading_server::{ReadingServer, SERVICE_NAME as READING};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tonic::{Code, Status, Streaming};
use tonic_health::pb::HealthCheckResponse;

use super::*;
use crate::reading::{AuditorService, ReadingService};
use crate::tally::Turned;
use crate::testing::pki::{Authority, Good, Held, TODAY, connect};
use crate::tls::TlsFiles;

const DESKS_URI: &str = "lienthong://agency/H56.2";
const LANDS_URI: &str = "lienthong://agency/land-office";

/// A desk that is served by TLS, and the authority of both sides.
struct Secured {
    node: Node,
    serving: Serving,
    authority: Authority,
    files: TlsFiles,
    // Hold the files and the log.
    _dir: tempfile::TempDir,
    _site: Site,
}

impl Secured {
    async fn new() -> Self {
        let (site, authority, dir) = (Site::new(), Authority::new(), tempfile::tempdir().unwrap());
        let node = site.desk().await;
        let files = authority.server().write(dir.path(), &authority);
        let routes = Routes::new(CaseworkServer::new(CaseworkService::new(node.clone())))
            .add_service(ReadingServer::new(ReadingService::new(node.clone())))
            .add_service(AuditorServer::new(AuditorService::new(node.clone())));
        let services = [SERVICE_NAME, READING];
        let address = "127.0.0.1:0".parse().unwrap();
        let serving = serve_by(&node, address, routes, &services, Some(&files)).await.unwrap();
        Self { node, serving, authority, files, _dir: dir, _site: site }
    }

    async fn channel(&self, uris: &[&str]) -> Channel {
        let held = self.authority.client(uris, TODAY);
        connect(&self.serving, &self.authority, Some(&held)).await.unwrap()
    }

    /// How many were sent away for that.
    fn count(&self, turned: Turned) -> u64 {
        let door = self.serving.source().door.tally().turned.all();
        let node = self.node.0.tally.turned.all();
        door.get(&turned).copied().unwrap_or(0) + node.get(&turned).copied().unwrap_or(0)
    }

    /// Waits until so many were sent away for that.
    async fn counted(&self, turned: Turned, count: u64) {
        let reached = async {
            while self.count(turned) < count {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        let reached = timeout(PATIENCE, reached).await;
        reached.unwrap_or_else(|_| panic!("{turned:?}: {}", self.count(turned)));
        assert_eq!(self.count(turned), count, "{turned:?}");
    }

    async fn stop(self) {
        self.serving.stop().await;
        self.node.stop().await;
    }
}

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

async fn health(channel: Channel) -> Result<Health, Status> {
    let answer = HealthClient::new(channel).check(asking("")).await?;
    Ok(answer.into_inner().status())
}

/// Everything that an error and what led to it say.
fn said(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    causes.map(|cause| format!("{cause:?}")).collect()
}

/// A connection by TLS alone, with a certificate, if one is given.
async fn secured_stream(secured: &Secured, own: Option<&Held>) -> TlsStream<TcpStream> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(secured.authority.pem.as_bytes()).unwrap()).unwrap();
    let config = rustls::ClientConfig::builder().with_root_certificates(roots);
    let config = match own {
        Some(own) => {
            let chain = vec![CertificateDer::from_pem_slice(own.certificate.as_bytes()).unwrap()];
            config
                .with_client_auth_cert(chain, PrivateKeyDer::from_pem_slice(own.key.as_bytes()).unwrap())
                .unwrap()
        }
        None => config.with_no_client_auth(),
    };
    let stream = TcpStream::connect(secured.serving.address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap()
}

/// Why a caller is sent away: what comes in place of the service's first word. The handshake has ended for the caller by
/// then, before the service looks at the certificate.
async fn sent_away(secured: &Secured, own: Option<&Held>) -> String {
    let mut stream = secured_stream(secured, own).await;
    let read = timeout(PATIENCE, stream.read(&mut [0])).await.unwrap();
    read.unwrap_err().to_string()
}

#[tokio::test]
async fn who_shows_a_good_certificate_is_served() {
    let secured = Secured::new().await;
    let channel = secured.channel(&[DESKS_URI]).await;
    assert_eq!(health(channel.clone()).await.unwrap(), Health::Serving);
    secured.node.submit(reception()).await.unwrap();
    let done = CaseworkClient::new(channel).complete_step(first_step_request()).await.unwrap();
    assert_eq!(done.get_ref().code, CODE);
    assert_eq!(secured.node.0.tally.commands.all().get("DONE"), Some(&1));
    secured.stop().await;
}

#[tokio::test]
async fn strangers_and_holders_out_of_time_do_not_pass_the_handshake_and_are_told_why() {
    let secured = Secured::new().await;
    let stranger = Authority::new().client(&[DESKS_URI], TODAY);
    let forged = Authority::named(&secured.authority.name).client(&[DESKS_URI], TODAY);
    let former = secured.authority.client(&[DESKS_URI], Good(-7_200, -60));
    let future = secured.authority.client(&[DESKS_URI], Good(3_600, 7_200));
    for (own, alert, turned, count) in [
        (None, "CertificateRequired", Turned::NoCertificate, 1),
        (Some(&stranger), "UnknownCA", Turned::UnknownIssuer, 1),
        (Some(&forged), "DecryptError", Turned::UnknownIssuer, 2),
        (Some(&former), "CertificateExpired", Turned::Expired, 1),
        (Some(&future), "CertificateExpired", Turned::NotYetValid, 1),
    ] {
        let said = sent_away(&secured, own).await;
        assert!(said.contains(alert), "{turned:?}: {said}");
        secured.counted(turned, count).await;
    }
    secured.stop().await;
}

#[tokio::test]
async fn a_connection_ends_with_its_certificate_and_all_its_streams_with_it() {
    let secured = Secured::new().await;
    let ending = secured.authority.client(&[DESKS_URI], Good(-60, 5));
    let channel = connect(&secured.serving, &secured.authority, Some(&ending)).await.unwrap();
    let mut ends = watching(channel.clone()).await;
    let stays = watching(secured.channel(&[DESKS_URI]).await).await;
    // Nothing is said on it, and nothing is asked: it ends all the same.
    is_ended(&mut ends).await;
    secured.counted(Turned::Expired, 1).await;
    assert!(sent_away(&secured, Some(&ending)).await.contains("CertificateExpired"));
    assert!(health(channel).await.is_err());
    goes_on(&secured, stays).await;
    secured.stop().await;
}

/// A stream of health, which says nothing more until something changes.
async fn watching(channel: Channel) -> Streaming<HealthCheckResponse> {
    let mut watch = HealthClient::new(channel).watch(asking("")).await.unwrap().into_inner();
    assert_eq!(watch.next().await.unwrap().unwrap().status(), Health::Serving);
    watch
}

/// Waits until the service has cut a stream off.
async fn is_ended(watch: &mut Streaming<HealthCheckResponse>) {
    let next = timeout(PATIENCE, watch.next()).await.expect("an end");
    assert!(next.is_none_or(|answer| answer.is_err()));
}

/// A stream that stands still tells what happens.
async fn goes_on(secured: &Secured, mut watch: Streaming<HealthCheckResponse>) {
    secured.node.drain().await;
    assert_eq!(watch.next().await.unwrap().unwrap().status(), Health::NotServing);
}

#[tokio::test]
async fn with_tls_a_service_listens_beyond_its_machine() {
    let secured = Secured::new().await;
    let everywhere = "0.0.0.0:0".parse().unwrap();
    let listening = serve_by(&secured.node, everywhere, Routes::default(), &[], Some(&secured.files)).await;
    listening.unwrap().stop().await;
    secured.stop().await;
}

#[tokio::test]
async fn a_certificate_that_names_no_agency_opens_no_face() {
    let secured = Secured::new().await;
    let channel = secured.channel(&["https://desk.example"]).await;
    let refused = health(channel.clone()).await.unwrap_err();
    assert_eq!(reason_of(&refused), (Code::Unauthenticated, "FOREIGN_CERTIFICATE".to_owned()));
    let refused = CaseworkClient::new(channel.clone()).complete_step(first_step_request()).await.unwrap_err();
    assert_eq!(reason_of(&refused), (Code::Unauthenticated, "FOREIGN_CERTIFICATE".to_owned()));
    let nothing = futures::stream::empty();
    let refused = ServerReflectionClient::new(channel).server_reflection_info(nothing).await.unwrap_err();
    assert_eq!(reason_of(&refused), (Code::Unauthenticated, "FOREIGN_CERTIFICATE".to_owned()));
    secured.counted(Turned::NoAgency, 3).await;
    secured.stop().await;
}

#[tokio::test]
async fn a_certificate_speaks_for_its_agencies_and_no_other() {
    let secured = Secured::new().await;
    secured.node.submit(reception()).await.unwrap();
    let lands = secured.channel(&[LANDS_URI]).await;
    let refused = CaseworkClient::new(lands.clone()).complete_step(first_step_request()).await.unwrap_err();
    assert_eq!(reason_of(&refused), (Code::PermissionDenied, "OTHER_CERTIFICATE".to_owned()));
    let inbox = |agency: &str| WatchInboxRequest { agency: agency.to_owned(), token: String::new() };
    let refused = ReadingClient::new(lands).watch_inbox(inbox(DESK)).await.unwrap_err();
    assert_eq!(reason_of(&refused), (Code::PermissionDenied, "OTHER_CERTIFICATE".to_owned()));
    secured.counted(Turned::OtherAgency, 2).await;
    // Of several agencies, each.
    let both = secured.channel(&[LANDS_URI, DESKS_URI]).await;
    for agency in [DESK, LAND] {
        ReadingClient::new(both.clone()).watch_inbox(inbox(agency)).await.unwrap();
    }
    CaseworkClient::new(both).complete_step(first_step_request()).await.unwrap();
    secured.stop().await;
}

#[tokio::test]
async fn who_read_personal_data_is_told_to_auditors_alone() {
    const AUDITORS_URI: &str = "lienthong://role/auditor";
    let secured = Secured::new().await;
    let (agency, auditor) = (secured.channel(&[DESKS_URI]).await, secured.channel(&[AUDITORS_URI]).await);
    let stream = async |channel: &Channel, topic: Topic| {
        let request = StreamRecordsRequest { topic: topic.into(), ..StreamRecordsRequest::default() };
        AuditorClient::new(channel.clone()).stream_records(request).await.map(drop)
    };
    for topic in [Topic::Dossiers, Topic::Registry] {
        stream(&agency, topic).await.unwrap();
        stream(&auditor, topic).await.unwrap();
    }
    stream(&auditor, Topic::Reads).await.unwrap();
    let refused = stream(&agency, Topic::Reads).await.unwrap_err();
    assert_eq!(reason_of(&refused), (Code::PermissionDenied, "NOT_AUDITOR".to_owned()));
    secured.counted(Turned::NotAuditor, 1).await;
    // And nothing is done in an agency's name by who only audits.
    let refused = CaseworkClient::new(auditor).complete_step(first_step_request()).await.unwrap_err();
    assert_eq!(reason_of(&refused), (Code::PermissionDenied, "OTHER_CERTIFICATE".to_owned()));
    secured.stop().await;
}

#[tokio::test]
async fn a_certificate_caps_what_its_holder_does() {
    let secured = Secured::new().await;
    secured.node.submit(reception()).await.unwrap();
    let with = |power: common::Power| {
        let mut request = first_step_request();
        request.header.as_mut().unwrap().actor.as_mut().unwrap().power = power.into();
        request
    };
    let reader = secured.channel(&[DESKS_URI, "lienthong://power/read"]).await;
    assert_eq!(health(reader.clone()).await.unwrap(), Health::Serving);
    for power in [common::Power::Read, common::Power::Decide, common::Power::Sign] {
        let refused = CaseworkClient::new(reader.clone()).complete_step(with(power)).await.unwrap_err();
        assert_eq!(reason_of(&refused), (Code::PermissionDenied, "CERTIFICATE_POWER".to_owned()));
    }
    let clerk = secured.channel(&[DESKS_URI, "lienthong://power/decide"]).await;
    let refused = CaseworkClient::new(clerk.clone()).complete_step(with(common::Power::Sign)).await;
    assert_eq!(reason_of(&refused.unwrap_err()).1, "CERTIFICATE_POWER");
    secured.counted(Turned::NoPower, 4).await;
    // An officer without the power, on a certificate that has it.
    let holder = secured.channel(&[DESKS_URI]).await;
    let refused = CaseworkClient::new(holder).complete_step(with(common::Power::Read)).await.unwrap_err();
    assert_eq!(reason_of(&refused), (Code::PermissionDenied, "NO_POWER".to_owned()));
    CaseworkClient::new(clerk).complete_step(with(common::Power::Decide)).await.unwrap();
    let commands = secured.node.0.tally.commands.all();
    assert_eq!((commands["NO_POWER"], commands["CERTIFICATE_POWER"], commands["DONE"]), (1, 4, 1));
    secured.stop().await;
}

#[tokio::test]
async fn neither_side_speaks_to_one_that_it_does_not_believe() {
    let secured = Secured::new().await;
    let plain = Channel::from_shared(format!("http://{}", secured.serving.address)).unwrap().connect().await;
    let refused = match plain {
        Ok(channel) => health(channel).await.is_err(),
        Err(_) => true,
    };
    assert!(refused, "plain text was taken");
    secured.counted(Turned::NotTls, 1).await;
    let own = secured.authority.client(&[DESKS_URI], TODAY);
    let other = Authority::new();
    let error = connect(&secured.serving, &other, Some(&own)).await.unwrap_err();
    assert!(said(&error).contains("UnknownIssuer"), "{}", said(&error));
    secured.counted(Turned::BrokenOff, 1).await;
    secured.stop().await;
}

#[tokio::test]
async fn who_says_nothing_holds_up_nobody() {
    let secured = Secured::new().await;
    let own = silent(&secured, HERE, crate::HANDSHAKES_OF_HOST_MAX - 1).await;
    is_served_in_time(&secured).await;
    drop(own);
    secured.stop().await;
}

#[tokio::test]
async fn one_host_takes_no_more_than_its_share_of_the_handshakes() {
    let secured = Secured::new().await;
    let taken = silent(&secured, ELSEWHERE, crate::HANDSHAKES_OF_HOST_MAX).await;
    // As many again are closed at once, and whoever comes from another address is served.
    for mut stream in silent(&secured, ELSEWHERE, crate::HANDSHAKES_OF_HOST_MAX).await {
        let read = timeout(crate::HANDSHAKE_MAX / 2, stream.read(&mut [0])).await;
        assert!(read.expect("at once").map_or(true, |bytes| bytes == 0));
    }
    secured.counted(Turned::TooMany, crate::HANDSHAKES_OF_HOST_MAX as u64).await;
    is_served_in_time(&secured).await;
    drop(taken);
    secured.stop().await;
}

/// Addresses of this machine, as of two hosts.
const HERE: &str = "127.0.0.1:0";
const ELSEWHERE: &str = "127.0.0.2:0";

/// Connections from an address, on which nothing is said.
async fn silent(secured: &Secured, from: &str, count: usize) -> Vec<TcpStream> {
    let mut silent = Vec::new();
    for _ in 0..count {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(from.parse().unwrap()).unwrap();
        silent.push(socket.connect(secured.serving.address).await.unwrap());
    }
    silent
}

async fn is_served_in_time(secured: &Secured) {
    let served = async { health(secured.channel(&[DESKS_URI]).await).await };
    let served = timeout(crate::HANDSHAKE_MAX / 2, served).await;
    assert_eq!(served.expect("in time").unwrap(), Health::Serving);
}

/// The server's certificate as a new connection gets it.
async fn shown(secured: &Secured) -> Vec<u8> {
    let own = secured.authority.client(&[DESKS_URI], TODAY);
    let stream = secured_stream(secured, Some(&own)).await;
    stream.get_ref().1.peer_certificates().unwrap()[0].to_vec()
}

/// Waits until new connections get this certificate.
async fn is_shown(secured: &Secured, certificate: &str) {
    let expected = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
    let reached = async {
        while shown(secured).await != expected.as_ref() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, reached).await.expect("the replaced certificate");
}

#[tokio::test]
async fn replaced_files_hold_for_new_connections_and_old_streams_go_on() {
    let secured = Secured::new().await;
    let old = watching(secured.channel(&[DESKS_URI]).await).await;
    let replaced = secured.authority.server();
    write(&secured.files.key, &replaced.key);
    write(&secured.files.certificate, &replaced.certificate);
    is_shown(&secured, &replaced.certificate).await;
    goes_on(&secured, old).await;
    secured.stop().await;
}

#[tokio::test]
async fn whose_authority_is_taken_away_is_cut_off_and_the_others_go_on() {
    let secured = Secured::new().await;
    let (removed, successor) = (&secured.authority, Authority::new());
    let mut ends = watching(secured.channel(&[DESKS_URI]).await).await;
    // Both are believed for a while: the successor's holders come in, and nobody is cut off.
    write(&secured.files.client_ca, &format!("{}{}", removed.pem, successor.pem));
    let own = successor.client(&[DESKS_URI], TODAY);
    let let_in = async {
        loop {
            if let Ok(channel) = connect(&secured.serving, &secured.authority, Some(&own)).await
                && health(channel.clone()).await.is_ok()
            {
                break channel;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let channel = timeout(PATIENCE, let_in).await.expect("the successor's holders");
    let stays = watching(channel).await;
    assert!(ends.next().now_or_never().is_none(), "it is still believed");

    // Who came before the files were looked at was a stranger.
    let strangers = secured.count(Turned::UnknownIssuer);
    write(&secured.files.client_ca, &successor.pem);
    is_ended(&mut ends).await;
    secured.counted(Turned::UnknownIssuer, strangers + 1).await;
    let held = removed.client(&[DESKS_URI], TODAY);
    assert!(sent_away(&secured, Some(&held)).await.contains("UnknownCA"));
    goes_on(&secured, stays).await;
    secured.stop().await;
}

fn write(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
}

#[test]
fn an_agency_s_id_fits_into_a_uri() {
    let longest = "a".repeat(32);
    let uri = format!("lienthong://agency/{longest}");
    let held = Authority::new().client(&[&uri], TODAY);
    let read =
        crate::Caller::certified(&CertificateDer::from_pem_slice(held.certificate.as_bytes()).unwrap());
    assert!(read.unwrap().may_act_for(&AgencyId::parse(&longest).unwrap()));
}

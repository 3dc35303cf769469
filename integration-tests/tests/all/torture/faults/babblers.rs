//! Clients that talk nonsense: bytes that are no HTTP/2, frames that are no gRPC, messages that are no request, and more
//! of everything than is taken. Each is answered or cut off in time, and nobody else notices.

use std::net::SocketAddr;
use std::time::Duration;

use fastrand::Rng;
use lienthong_wire::pb::common::v1::{CommandHeader, Receipt};
use lienthong_wire::pb::ward_desk::v1::ReceiveRequest;
use lienthong_wire::pb::ward_desk::v1::ward_desk_client::WardDeskClient;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tonic::transport::Endpoint;
use tonic::{Code, Response, Status};

use super::super::super::support::clients::Service;
use super::super::super::support::denied::{denied, is_typed};
use super::super::stage::Tortured;
use super::frames::{DATA, END_STREAM, call, frame, message, opening};

const BABBLERS: usize = 60;
/// Until one is answered or cut off; a service that is busy with others may take its time.
const ANSWERED_MAX: Duration = Duration::from_secs(15);
/// What is sent at most of random bytes.
const NOISE_BYTES_MAX: usize = 20_000;

const METHODS: [&str; 5] = [
    "/lienthong.ward_desk.v1.WardDesk/Receive",
    "/lienthong.casework.v1.Casework/CompleteStep",
    "/lienthong.reading.v1.Reading/GetTimeline",
    "/lienthong.bulk.v1.Bulk/Submit",
    "/no.such/Method",
];

/// More than a request may have, and more than is read at all.
const TOO_LARGE: usize = 300 * 1024;
const NOT_READ: usize = 5 * 1024 * 1024;

/// All at once, at the services of a seat.
pub(super) async fn babble(seat: &Tortured, seed: u64) {
    let mut random = Rng::with_seed(seed);
    let listening = seat.listening();
    let addresses: Vec<_> = listening.values().copied().collect();
    let mut babblers = JoinSet::new();
    for _ in 0..if addresses.is_empty() { 0 } else { BABBLERS } {
        let (address, said) = (addresses[random.usize(0..addresses.len())], nonsense(&mut random));
        babblers.spawn(async move {
            let told = timeout(ANSWERED_MAX, one(address, &said)).await;
            assert!(
                told.is_ok(),
                "neither answered nor cut off: {} bytes, {:?}",
                said.len(),
                &said[..64.min(said.len())]
            );
        });
    }
    if let Some(desk) = listening.get(&Service::WardDesk) {
        for bytes in [TOO_LARGE, NOT_READ] {
            oversized(*desk, bytes).await;
        }
    }
    babblers.join_all().await;
}

/// Everything that one of them says.
fn nonsense(random: &mut Rng) -> Vec<u8> {
    let noise: Vec<u8> = (0..random.usize(1..NOISE_BYTES_MAX)).map(|_| random.u8(..)).collect();
    let length = u32::try_from(noise.len()).unwrap();
    let method = METHODS[random.usize(0..METHODS.len())];
    // A call that is whole but for this.
    let with = |data: Vec<u8>| {
        // A frame holds 16 KiB.
        let frames: Vec<_> = data.chunks(16_384).map(|part| frame(DATA, 0, 1, part)).collect();
        [opening(65_535), call(method, 1), frames.concat(), frame(DATA, END_STREAM, 1, &[])].concat()
    };
    match random.u8(0..8) {
        // No HTTP/2 at all, or not after its beginning.
        0 => noise,
        1 => [opening(65_535), noise].concat(),
        // Frames of random kinds.
        2 => [
            opening(65_535),
            frame(random.u8(..), random.u8(..), random.u32(..) >> 1, &noise[..noise.len().min(16_384)]),
        ]
        .concat(),
        // A message that is none, that is longer or shorter than it says, or compressed.
        3 => with(message(0, length, &noise)),
        4 => with(message(0, u32::MAX, &noise)),
        5 => with(message(0, length / 2, &noise)),
        6 => with(message(1, length, &noise)),
        _ => with(noise),
    }
}

/// Says it all, and reads until the service has answered or cut it off.
async fn one(address: SocketAddr, said: &[u8]) {
    // A process that is being killed may go at any of these.
    let Ok(mut connection) = TcpStream::connect(address).await else { return };
    if connection.write_all(said).await.is_err() || connection.shutdown().await.is_err() {
        return;
    }
    let mut told = Vec::new();
    let _ = connection.read_to_end(&mut told).await;
}

/// A request of many bytes is refused, in a typed way where it is read at all.
async fn oversized(desk: SocketAddr, bytes: usize) {
    let endpoint = Endpoint::from_shared(format!("http://{desk}")).unwrap().timeout(ANSWERED_MAX);
    let header = CommandHeader { agency: "x".repeat(bytes), ..CommandHeader::default() };
    let request = ReceiveRequest { header: Some(header), ..ReceiveRequest::default() };
    let mut client = WardDeskClient::new(endpoint.connect_lazy());
    let answer: Result<Response<Receipt>, Status> = client.receive(request).await;
    let status = answer.unwrap_err();
    if is_typed(&status) {
        let denied = denied(&status);
        // Not ready, while it starts.
        assert!(denied.reason == "TOO_LARGE" || denied.code == Code::Unavailable, "{status:?}");
    } else {
        let refused = [Code::OutOfRange, Code::ResourceExhausted, Code::Unavailable, Code::Unknown];
        assert!(refused.contains(&status.code()) || status.code() == Code::Cancelled, "{status:?}");
    }
}

//! Clients that are slow or half open: they send nothing, or a byte at a time, or read nothing of what they ask for.
//! Ordinary clients must not notice.

use std::net::SocketAddr;
use std::time::Duration;

use fastrand::Rng;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use super::super::stage::Tortured;
use super::frames::{DATA, END_STREAM, call, frame, message, opening};

const DAWDLERS: usize = 100;
/// Between two bytes.
const DRIBBLE: Duration = Duration::from_millis(20);
/// Calls that one of them leaves unread.
const UNREAD: u32 = 50;

/// What an ordinary client wants of each answer.
const WINDOW: u32 = 65_535;

/// Answers to these go on and on.
const STREAMS: [&str; 4] = [
    "/grpc.health.v1.Health/Watch",
    "/lienthong.reading.v1.Reading/WatchInbox",
    "/lienthong.bulk.v1.Bulk/Submit",
    "/lienthong.auditor.v1.Auditor/StreamRecords",
];

/// How one of them dawdles.
#[derive(Clone, Copy)]
enum How {
    /// Connects, and that is all.
    Silent,
    /// Says that it speaks HTTP/2, and nothing more.
    Opened,
    /// Begins a call, and half of its message.
    Half,
    /// A whole call, a byte at a time.
    Dribbling,
    /// Asks for much, and wants none of it.
    Deaf,
}

const HOW: [How; 5] = [How::Silent, How::Opened, How::Half, How::Dribbling, How::Deaf];

/// Opens connections to the services of a seat, and keeps them for a while.
pub(super) async fn dawdle(seat: &Tortured, seed: u64, lasts: Duration) {
    let mut random = Rng::with_seed(seed);
    let addresses: Vec<_> = seat.listening().into_values().collect();
    let until = Instant::now() + lasts;
    let mut dawdlers = JoinSet::new();
    // None where its process is being started.
    for _ in 0..if addresses.is_empty() { 0 } else { DAWDLERS } {
        let (address, how) = (addresses[random.usize(0..addresses.len())], HOW[random.usize(0..HOW.len())]);
        let stream = STREAMS[random.usize(0..STREAMS.len())];
        dawdlers.spawn(timeout_at(until, one(address, how, stream)));
    }
    dawdlers.join_all().await;
}

/// One of them, until it is cut off, or the service has had enough of it.
async fn one(address: SocketAddr, how: How, stream: &str) {
    // Whoever does not listen just now has no dawdlers.
    let Ok(mut connection) = TcpStream::connect(address).await else { return };
    let ask = frame(DATA, END_STREAM, 1, &message(0, 0, &[]));
    let said = match how {
        How::Silent => Vec::new(),
        How::Opened => opening(WINDOW),
        How::Half => {
            [opening(WINDOW), call(stream, 1), frame(DATA, 0, 1, &message(0, 100, &[0; 50]))].concat()
        }
        How::Dribbling => {
            let said = [opening(WINDOW), call(stream, 1), ask].concat();
            for byte in said {
                if connection.write_all(&[byte]).await.is_err() {
                    return;
                }
                tokio::time::sleep(DRIBBLE).await;
            }
            Vec::new()
        }
        How::Deaf => {
            // Streams of a client have odd numbers.
            let asked = (0..UNREAD).map(|n| 2 * n + 1);
            let calls =
                asked.flat_map(|n| [call(stream, n), frame(DATA, END_STREAM, n, &message(0, 0, &[]))]);
            [opening(0), calls.collect::<Vec<_>>().concat()].concat()
        }
    };
    // An error is its end: nobody reads what it would be told.
    if connection.write_all(&said).await.is_ok() {
        std::future::pending::<()>().await;
    }
}

//! Connections coming in, each with whom it is from.
//!
//! ```text
//! accept --plain------------------------------------> Guest { Believed }
//!    `--secured--handshake, each beside the others--> Guest { Certified, or why it names nobody }
//!           |        `--failed, too slow--> counted, logged, closed
//!           `--its host shakes too many hands already--> counted, logged, closed at once
//! Guest --says nothing, or too slowly, of what HTTP/2 begins with--> counted, logged, closed
//! Guest --its certificate ends, or its authority is taken away--> counted, logged, closed with all that it had open
//! Guest --the server ends it--> what it still says is read for a while, then closed
//! ```

mod places;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures::future::{BoxFuture, FutureExt as _, MaybeDone, maybe_done, pending};
use futures::{Stream, StreamExt as _};
use rustls::CertificateError;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::Sleep;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::transport::server::Connected;

use crate::caller::{Caller, CertificateFault};
use crate::pause::Pause;
use crate::tally::{Tally, Turned};
use crate::tls::Standing;

use self::places::Places;

pub use self::places::HANDSHAKES_OF_HOST_MAX;

/// Handshakes under way at once; one more connection waits, and those after it in the system's queue.
pub const HANDSHAKES_MAX: usize = 1_024;
/// How long a handshake may take.
pub const HANDSHAKE_MAX: Duration = Duration::from_secs(5);
/// What every client of HTTP/2 begins with, in bytes (RFC 9113, section 3.4).
const PREFACE_BYTES: usize = 24;
/// How long that may take. Before it the server asks nobody whether he is still there, so a connection on which nothing
/// comes would be kept, with its place among the process's open files, until its other end closes it.
pub(crate) const PREFACE_MAX: Duration = Duration::from_secs(10);
/// How long whoever is sent away, or whose connection the server ends, may take to go.
const LINGER_MAX: Duration = Duration::from_secs(1);
/// Connections that wait for the server to take them up.
const READY_MAX: usize = 64;

/// Makes the acceptor of the next connection, with how long that stands; none where there is no TLS.
pub(crate) type Acceptors = Box<dyn Fn() -> Option<(TlsAcceptor, Standing)> + Send + Sync>;

/// A connection and whom it is from.
pub(crate) struct Guest {
    io: Io,
    met: Met,
    address: SocketAddr,
    /// Done once the connection no longer stands. Whoever reads or writes looks at it, and so is woken by it.
    end: MaybeDone<BoxFuture<'static, ()>>,
    /// None once it has come.
    preface: Option<Preface>,
    /// How long what it still says is read, once the server has ended it.
    lingers: Option<Pin<Box<Sleep>>>,
}

/// What is still to come of a connection's beginning, and until when.
struct Preface {
    bytes: usize,
    until: Pin<Box<Sleep>>,
    tally: Arc<Tally>,
}

/// Whom a connection is from, as each of its calls is told.
#[derive(Debug, Clone)]
pub(crate) struct Met(pub(crate) Result<Caller, CertificateFault>);

enum Io {
    Plain(TcpStream),
    Secured(Box<TlsStream<TcpStream>>),
}

/// Takes connections in until told to stop.
pub(crate) fn incoming(
    listener: TcpListener,
    acceptors: Acceptors,
    tally: Arc<Tally>,
    stop: CancellationToken,
) -> impl Stream<Item = Result<Guest, Infallible>> + Unpin {
    let (ready, guests) = mpsc::channel(READY_MAX);
    tokio::spawn(async move {
        // Ends with the server too, which then takes nobody up any more.
        tokio::select! {
            () = accept(listener, acceptors, tally, ready) => {}
            () = stop.cancelled() => {}
        }
    });
    ReceiverStream::new(guests).map(Ok)
}

async fn accept(listener: TcpListener, acceptors: Acceptors, tally: Arc<Tally>, ready: mpsc::Sender<Guest>) {
    let (handshakes, places) = (Arc::new(Semaphore::new(HANDSHAKES_MAX)), Arc::new(Places::default()));
    let mut pause = Pause::default();
    loop {
        let (stream, address) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection was not taken in");
                tokio::time::sleep(pause.lengthen()).await;
                continue;
            }
        };
        pause = Pause::default();
        // Without it small answers wait for more; with it they only cost a little more.
        let _ = stream.set_nodelay(true);
        let (ready, tally) = (ready.clone(), Arc::clone(&tally));
        let Some(accepting) = acceptors() else {
            if ready.send(Guest::plain(stream, address, tally)).await.is_err() {
                return;
            }
            continue;
        };
        let place = match places.take(address.ip()) {
            Ok(place) => place,
            Err(full) => {
                if full.is_new {
                    send_away(address, Turned::TooMany, &tally);
                } else {
                    tally.turned.add(Turned::TooMany);
                }
                continue;
            }
        };
        // Asked for last, so that who has all of his own is sent away though none of them is free. Never closed.
        let Ok(permit) = Arc::clone(&handshakes).acquire_owned().await else { return };
        tokio::spawn(async move {
            let _places = (place, permit);
            tokio::select! {
                () = shake_hands(accepting, stream, address, &tally, &ready) => {}
                // Nobody is there any more to take it up.
                () = ready.closed() => {}
            }
        });
    }
}

/// One handshake, and what becomes of who does not pass it.
async fn shake_hands(
    (acceptor, standing): (TlsAcceptor, Standing),
    stream: TcpStream,
    address: SocketAddr,
    tally: &Arc<Tally>,
    ready: &mpsc::Sender<Guest>,
) {
    let shaken = tokio::time::timeout(HANDSHAKE_MAX, acceptor.accept(stream).into_fallible()).await;
    let (turned, stream) = match shaken {
        Ok(Ok(stream)) => {
            // Whoever is not taken up has a server that stops.
            let _ = ready.send(Guest::secured(stream, address, standing, Arc::clone(tally))).await;
            return;
        }
        Ok(Err((error, stream))) => (why(&error), Some(stream)),
        Err(_) => (Turned::TooSlow, None),
    };
    send_away(address, turned, tally);
    if let Some(stream) = stream {
        // It is on its way out already; nothing is lost when this takes too long.
        let _ = tokio::time::timeout(LINGER_MAX, part(stream)).await;
    }
}

fn send_away(address: SocketAddr, turned: Turned, tally: &Tally) {
    tracing::warn!(%address, why = turned.label(), "sent a caller away");
    tally.turned.add(turned);
}

/// Reads what a caller still says before its connection is closed. Closed at once, the connection would be reset, and the
/// alert that says why lost with it.
async fn part(mut stream: TcpStream) -> io::Result<()> {
    stream.shutdown().await?;
    let mut unread = [0; 1024];
    while stream.read(&mut unread).await? > 0 {}
    Ok(())
}

/// What was the matter with a handshake.
fn why(error: &io::Error) -> Turned {
    let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) else {
        return Turned::BrokenOff;
    };
    if let rustls::Error::InvalidCertificate(fault) = error {
        return why_certificate(fault);
    }
    if matches!(error, rustls::Error::NoCertificatesPresented) {
        return Turned::NoCertificate;
    }
    let foreign = matches!(
        error,
        rustls::Error::InvalidMessage(_)
            | rustls::Error::InappropriateMessage { .. }
            | rustls::Error::InappropriateHandshakeMessage { .. }
            | rustls::Error::PeerIncompatible(_)
            | rustls::Error::PeerMisbehaved(_)
            | rustls::Error::NoApplicationProtocol
    );
    if foreign { Turned::NotTls } else { Turned::BrokenOff }
}

fn why_certificate(fault: &CertificateError) -> Turned {
    // A signature that is not good is a stranger's who borrows the name of an authority that we believe.
    if matches!(fault, CertificateError::UnknownIssuer | CertificateError::BadSignature) {
        Turned::UnknownIssuer
    } else if matches!(fault, CertificateError::Expired | CertificateError::ExpiredContext { .. }) {
        Turned::Expired
    } else if matches!(fault, CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. }) {
        Turned::NotYetValid
    } else {
        Turned::BadCertificate
    }
}

impl Guest {
    fn plain(stream: TcpStream, address: SocketAddr, tally: Arc<Tally>) -> Self {
        let (met, end) = (Met(Ok(Caller::Believed)), maybe_done(pending().boxed()));
        Self {
            io: Io::Plain(stream),
            met,
            address,
            end,
            preface: Some(Preface::awaited(tally)),
            lingers: None,
        }
    }

    fn secured(
        stream: TlsStream<TcpStream>,
        address: SocketAddr,
        standing: Standing,
        tally: Arc<Tally>,
    ) -> Self {
        let chain = stream.get_ref().1.peer_certificates().unwrap_or_default().to_vec();
        let met = Met(chain.first().ok_or(CertificateFault::Unreadable).and_then(Caller::certified));
        let preface = Some(Preface::awaited(Arc::clone(&tally)));
        let end = async move {
            let fault = standing.end(chain).await;
            send_away(address, why_certificate(&fault), &tally);
        };
        let (io, end) = (Io::Secured(Box::new(stream)), maybe_done(end.boxed()));
        Self { io, met, address, end, preface, lingers: None }
    }

    /// Fails when the connection has taken too long to begin; `bytes` more of it have just come.
    fn begins(&mut self, context: &mut Context<'_>, bytes: usize) -> io::Result<()> {
        let Some(preface) = &mut self.preface else { return Ok(()) };
        preface.bytes = preface.bytes.saturating_sub(bytes);
        if preface.bytes == 0 {
            self.preface = None;
        } else if preface.until.as_mut().poll(context).is_ready() {
            send_away(self.address, Turned::TooSlow, &preface.tally);
            self.preface = None;
            return Err(io::Error::new(io::ErrorKind::TimedOut, "it did not begin in time"));
        }
        Ok(())
    }

    /// Fails once the connection no longer stands, which ends all that is open on it.
    fn stands(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        match Pin::new(&mut self.end).poll(context) {
            Poll::Ready(()) => {
                Err(io::Error::new(io::ErrorKind::ConnectionAborted, "its certificate counts no more"))
            }
            Poll::Pending => Ok(()),
        }
    }

    /// Whom it is from.
    pub(crate) fn met(&self) -> &Met {
        &self.met
    }

    /// Where it is from.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Preface {
    fn awaited(tally: Arc<Tally>) -> Self {
        Self { bytes: PREFACE_BYTES, until: Box::pin(tokio::time::sleep(PREFACE_MAX)), tally }
    }
}

impl Connected for Guest {
    type ConnectInfo = Met;

    fn connect_info(&self) -> Met {
        self.met.clone()
    }
}

impl AsyncRead for Guest {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let guest = self.get_mut();
        guest.stands(context)?;
        let before = buffer.filled().len();
        let read = guest.io.poll_read(context, buffer);
        guest.begins(context, buffer.filled().len() - before)?;
        read
    }
}

impl AsyncWrite for Guest {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let guest = self.get_mut();
        guest.stands(context)?;
        match &mut guest.io {
            Io::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Io::Secured(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let guest = self.get_mut();
        guest.stands(context)?;
        match &mut guest.io {
            Io::Plain(stream) => Pin::new(stream).poll_write_vectored(context, parts),
            Io::Secured(stream) => Pin::new(stream).poll_write_vectored(context, parts),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match &self.io {
            Io::Plain(stream) => stream.is_write_vectored(),
            Io::Secured(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let guest = self.get_mut();
        guest.stands(context)?;
        match &mut guest.io {
            Io::Plain(stream) => Pin::new(stream).poll_flush(context),
            Io::Secured(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    /// Ends once the caller has ended it too, or [`LINGER_MAX`] is over: closed while it still sends, the connection would be
    /// reset, and the last answers on it lost with it.
    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let guest = self.get_mut();
        if guest.lingers.is_none() {
            ready!(guest.io.poll_shutdown(context))?;
        }
        let until = guest.lingers.get_or_insert_with(|| Box::pin(tokio::time::sleep(LINGER_MAX)));
        let mut bytes = [0; 4_096];
        loop {
            if until.as_mut().poll(context).is_ready() {
                return Poll::Ready(Ok(()));
            }
            let mut unread = ReadBuf::new(&mut bytes);
            // Whoever has gone already hears nothing anyway.
            if ready!(guest.io.poll_read(context, &mut unread)).is_err() || unread.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl Io {
    fn poll_read(&mut self, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Secured(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }

    fn poll_shutdown(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Secured(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}

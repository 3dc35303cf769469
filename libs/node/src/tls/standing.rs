//! How long a connection stands: as long as its certificate is good, and an authority that is believed vouches for it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustls::CertificateError;
use rustls::pki_types::{CertificateDer, UnixTime};
use tokio::sync::watch;
use x509_parser::parse_x509_certificate;

use super::Made;

/// How long the clock is trusted to go on as it does: a machine that slept, or whose clock was put right, is late by no
/// more than this.
const CLOCK_MAX: Duration = Duration::from_secs(30);

/// What was believed when a connection was let in, and what is since.
pub(crate) struct Standing(watch::Receiver<Made>);

impl Standing {
    /// From what is in force in `made` now.
    pub(super) fn new(mut made: watch::Receiver<Made>) -> (Self, Made) {
        let now = made.borrow_and_update().clone();
        (Self(made), now)
    }

    /// Resolves once the certificate that a connection came with no longer counts, with what is the matter with it.
    pub(crate) async fn end(mut self, chain: Vec<CertificateDer<'static>>) -> CertificateError {
        // Nobody gets this far without one.
        let Some((own, between)) = chain.split_first() else { return CertificateError::BadEncoding };
        let Some(not_after) = not_after(own) else { return CertificateError::BadEncoding };
        loop {
            tokio::select! {
                () = passed(not_after) => return CertificateError::Expired,
                () = changed(&mut self.0) => {}
            }
            let verifier = self.0.borrow_and_update().verifier.clone();
            match verifier.verify_client_cert(own, between, UnixTime::now()) {
                Ok(_) => {}
                Err(rustls::Error::InvalidCertificate(fault)) => return fault,
                Err(_) => return CertificateError::ApplicationVerificationFailure,
            }
        }
    }
}

/// The last second in which a certificate is good, since the Unix epoch; none for what is no certificate.
pub(super) fn not_after(certificate: &CertificateDer<'_>) -> Option<i64> {
    let (_, read) = parse_x509_certificate(certificate).ok()?;
    Some(read.validity().not_after.timestamp())
}

/// Waits until that second is over.
async fn passed(not_after: i64) {
    let over = u64::try_from(not_after).map_or(0, |last| last.saturating_add(1));
    loop {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let left = Duration::from_secs(over).saturating_sub(now);
        if left.is_zero() {
            return;
        }
        tokio::time::sleep(left.min(CLOCK_MAX)).await;
    }
}

/// Waits until the files made something else; for ever once nobody looks at them any more.
async fn changed(made: &mut watch::Receiver<Made>) {
    if made.changed().await.is_err() {
        std::future::pending().await
    }
}

//! Certificates that no authority meant to issue, and those that one should not have.

use lienthong_fuzz::Target;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::*;
use crate::testing::pki::{Authority, TODAY};

lienthong_fuzz::targets!(certificate);

/// A certificate says for whom its holder speaks, or is refused with a reason.
fn certificate() {
    let claims = [
        &["lienthong://agency/H56.2", "lienthong://power/decide"][..],
        &["lienthong://role/auditor"],
        &["lienthong://agency/H56.2", "lienthong://agency/land-office", "spiffe://elsewhere/a"],
    ];
    let authority = Authority::new();
    let seeds = claims.map(|uris| {
        let held = authority.client(uris, TODAY);
        CertificateDer::from_pem_slice(held.certificate.as_bytes()).unwrap().to_vec()
    });
    let words = ["lienthong://agency/", "lienthong://power/sign", "lienthong://role/", "\u{1}"];
    Target::new(seeds).words(words).check(|bytes| match Caller::certified(&CertificateDer::from(bytes)) {
        Ok(Caller::Certified(certified)) => {
            assert!(certified.audits || !certified.agencies.is_empty());
            assert!(certified.agencies.len() <= AGENCIES_MAX);
        }
        Ok(Caller::Believed) => panic!("a certificate is never nothing"),
        Err(fault) => assert!(!fault.to_string().is_empty()),
    });
}

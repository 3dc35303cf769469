//! What a certificate says of its holder.

use rustls::pki_types::pem::PemObject as _;

use super::*;
use crate::testing::pki::{Authority, TODAY};
use crate::testing::{DESK, LAND, agency, reason_of};

fn read(uris: &[&str]) -> Result<Caller, CertificateFault> {
    let held = Authority::new().client(uris, TODAY);
    Caller::certified(&CertificateDer::from_pem_slice(held.certificate.as_bytes()).unwrap())
}

#[test]
fn a_certificate_names_its_agencies_and_may_cap_their_power() {
    for (more, power) in [
        (None, Power::Sign),
        (Some("lienthong://power/read"), Power::Read),
        (Some("lienthong://power/decide"), Power::Decide),
        (Some("lienthong://power/sign"), Power::Sign),
        (Some("spiffe://elsewhere/power/read"), Power::Sign),
    ] {
        let uris = ["lienthong://agency/H56.2", "lienthong://agency/land-office"].into_iter().chain(more);
        let caller = read(&uris.collect::<Vec<_>>()).unwrap();
        assert!(caller.may_act_for(&agency(DESK)) && caller.may_act_for(&agency(LAND)));
        assert!(!caller.may_act_for(&agency("tax-office")));
        for asked in Power::ALL.iter().copied() {
            assert_eq!(caller.may(asked), asked <= power, "{more:?} {asked:?}");
        }
    }
}

#[test]
fn what_is_not_understood_is_not_half_believed() {
    let agency = "lienthong://agency/H56.2";
    for (uris, fault) in [
        (&[][..], CertificateFault::NoAgency),
        (&["https://agency/H56.2"], CertificateFault::NoAgency),
        (&["lienthong://power/sign"], CertificateFault::NoAgency),
        (&["lienthong://agency/"], CertificateFault::AgencyId),
        (&[agency, "lienthong://agency/two words"], CertificateFault::AgencyId),
        (&[agency, "lienthong://power/all"], CertificateFault::Power),
        (&[agency, "lienthong://power/read", "lienthong://power/sign"], CertificateFault::Power),
        (&[agency, "lienthong://role/inspector"], CertificateFault::Claim),
        (&["lienthong://role/auditor/all"], CertificateFault::Claim),
    ] {
        assert_eq!(read(uris), Err(fault), "{uris:?}");
    }
    assert_eq!(Caller::certified(&CertificateDer::from(vec![0x30, 0])), Err(CertificateFault::Unreadable));
}

#[test]
fn an_auditor_speaks_for_no_agency_unless_one_is_named_and_an_agency_does_not_audit() {
    let auditor = read(&["lienthong://role/auditor"]).unwrap();
    assert_eq!(auditor.audits(), Ok(()));
    assert!(!auditor.may_act_for(&agency(DESK)));
    let both = read(&["lienthong://agency/H56.2", "lienthong://role/auditor"]).unwrap();
    assert_eq!(both.audits(), Ok(()));
    assert!(both.may_act_for(&agency(DESK)));
    assert_eq!(read(&["lienthong://agency/H56.2"]).unwrap().audits(), Err(CallerFault::NotAuditor));
    assert_eq!(Caller::Believed.audits(), Ok(()));
}

#[test]
fn a_command_needs_a_certificate_to_decide_whatever_its_officer_is_said_to_be() {
    let capped =
        |word: &str| read(&["lienthong://agency/H56.2", &format!("lienthong://power/{word}")]).unwrap();
    let refused = |needed, has| Err(CallerFault::Power { needed, has });
    use Power::{Decide, Read, Sign};
    for (word, officer, expected) in [
        ("read", Read, refused(Decide, Read)),
        ("read", Sign, refused(Sign, Read)),
        ("decide", Decide, Ok(())),
        ("decide", Sign, refused(Sign, Decide)),
        ("sign", Sign, Ok(())),
    ] {
        assert_eq!(capped(word).commands_with(officer), expected, "{word} {officer:?}");
    }
    assert_eq!(Caller::Believed.commands_with(Sign), Ok(()));
}

#[test]
fn a_certificate_that_ends_ends_for_connections_that_stand_too() {
    let caller = read(&["lienthong://agency/H56.2"]).unwrap();
    let Caller::Certified(certified) = &caller else { panic!("{caller:?}") };
    let end = UNIX_EPOCH + std::time::Duration::from_secs(certified.not_after.try_into().unwrap());
    let second = std::time::Duration::from_secs(1);
    assert_eq!(caller.still_good(end), Ok(()));
    assert_eq!(caller.still_good(end + second), Err(CallerFault::Expired));
    assert_eq!(caller.still_good(UNIX_EPOCH - second), Err(CallerFault::Expired), "the clock tells no time");
    assert_eq!(Caller::Believed.still_good(end + second), Ok(()));
}

#[test]
fn a_call_that_no_gate_has_looked_at_is_nobody_s() {
    let mut request = Request::new(());
    let refused = caller(&request).unwrap_err();
    assert_eq!(reason_of(&refused), (tonic::Code::Internal, "DEFECT".to_owned()));
    request.extensions_mut().insert(Caller::Believed);
    assert_eq!(caller(&request).unwrap(), Caller::Believed);
}

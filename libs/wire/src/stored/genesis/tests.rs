use std::collections::BTreeSet;

use jiff::civil::date;
use lienthong_calendar::{SHIPPED_CALENDAR, SHIPPED_CALENDAR_VERSION};
use lienthong_registry::{
    AgencyId, CommuneCode, ImportRight, Registry, SHIPPED_COMMUNES, SealKey, Succession, WrapKey,
    parse_communes, training,
};
use lienthong_seal::{AgencyPublicKey, SigningKey};
use lienthong_tax::{SHIPPED_RATES, SHIPPED_RATES_VERSION};

use super::*;

const TEXTS: Texts<'static> = Texts {
    calendars: &[(SHIPPED_CALENDAR_VERSION, SHIPPED_CALENDAR)],
    rates: &[(SHIPPED_RATES_VERSION, SHIPPED_RATES)],
};

fn authority() -> SigningKey {
    SigningKey::from_seed(&[1; 32])
}

fn recovery_key() -> PublicKey {
    SigningKey::from_seed(&[2; 32]).public()
}

fn seal_key(seed: u8) -> SealKey {
    let public = SigningKey::from_seed(&[seed; 32]).public();
    SealKey { id: public.key_id().0, public: public.0 }
}

fn wrap_key(seed: u8) -> WrapKey {
    WrapKey { id: AgencyPublicKey([seed; 32]).key_id().0, public: [seed; 32] }
}

fn parts() -> RegistryParts {
    let keys = training::TrainingKeys {
        agencies: training::agency_ids().unwrap().into_iter().map(|id| (id, wrap_key(9))).collect(),
        ward_desk: seal_key(3),
        land_registry: seal_key(4),
        tax_office: seal_key(5),
        authority: seal_key(1),
        recovery: wrap_key(6),
    };
    training::parts(&keys, &[]).unwrap()
}

fn sealed(parts: &RegistryParts) -> SealedGenesis {
    seal("Tập huấn", parts, recovery_key(), &TEXTS, &authority()).unwrap()
}

/// The same parts, but for the log id.
fn check_round_trip(mut parts: RegistryParts) -> usize {
    let sealed = sealed(&parts);
    let genesis = open(&sealed.values).unwrap();
    parts.log_id = sealed.log_id.0;
    assert_eq!(format!("{:?}", genesis.parts), format!("{parts:?}"));
    assert_eq!(genesis.log_id, sealed.log_id);
    assert_eq!(genesis.name, "Tập huấn");
    assert_eq!(genesis.recovery_key, recovery_key());
    assert_eq!(genesis.records, sealed.values.len());
    genesis.records
}

#[test]
fn the_training_genesis_comes_back_and_makes_a_registry() {
    check_round_trip(parts());
    let registry = Registry::new(open(&sealed(&parts()).values).unwrap().parts).unwrap();
    assert_eq!(registry.agencies().len(), training::agency_ids().unwrap().len());
}

#[test]
fn a_genesis_of_the_whole_country_spans_records_of_64_kib() {
    let mut parts = parts();
    parts.communes = parse_communes(SHIPPED_COMMUNES).unwrap();
    assert!(check_round_trip(parts.clone()) > 2);
    for value in sealed(&parts).values {
        let entry = pb::RegistryEntry::decode(value).unwrap();
        assert!(entry.body.len() <= BODY_BYTES_MAX);
    }
}

#[test]
fn everything_a_registry_may_say_comes_back() {
    let mut parts = parts();
    let id = |text: &str| AgencyId::parse(text).unwrap();
    parts
        .imports
        .insert(id("tax-office"), ImportRight::Sources(BTreeSet::from(["a".to_owned(), "b".to_owned()])));
    parts.successions = vec![
        Succession {
            predecessor: id("city"),
            successor: id("department"),
            communes: None,
            effective: date(2025, 7, 1),
            legal_basis: "NQ 1686/NQ-UBTVQH15".to_owned(),
        },
        Succession {
            predecessor: id("H56.1"),
            successor: id("H56.2"),
            communes: Some(BTreeSet::from([CommuneCode::parse("14758").unwrap()])),
            effective: date(2026, 1, 1),
            legal_basis: "QĐ".to_owned(),
        },
    ];
    parts.agencies[0].parent = vec![lienthong_registry::Dated::since(date(2025, 7, 1), id("department"))];
    check_round_trip(parts);
}

#[test]
fn the_log_id_is_the_leaf_of_the_first_body_and_depends_on_every_word_of_it() {
    let sealed = sealed(&parts());
    let first = pb::RegistryEntry::decode(sealed.values[0].clone()).unwrap();
    assert_eq!(sealed.log_id, leaf(&first.body));
    let other = seal("Tập huấn 2", &parts(), recovery_key(), &TEXTS, &authority()).unwrap();
    assert_ne!(sealed.log_id, other.log_id);
}

/// A genesis of several records.
fn long() -> SealedGenesis {
    let mut parts = parts();
    parts.communes = parse_communes(SHIPPED_COMMUNES).unwrap();
    sealed(&parts)
}

#[test]
fn a_record_left_out_moved_or_repeated_breaks_the_chain() {
    let values = long().values;
    let chain = |record| GenesisFault::Chain { record };
    assert_eq!(open(&values[1..]).unwrap_err(), chain(0));
    assert_eq!(open(&[&values[..1], &values[2..]].concat()).unwrap_err(), chain(1));
    assert_eq!(open(&[&values[..1], &values[..]].concat()).unwrap_err(), chain(1));
    assert_eq!(open(&values[..values.len() - 1]).unwrap_err(), GenesisFault::Unfinished);
    assert_eq!(open(&[]).unwrap_err(), GenesisFault::Unfinished);
}

#[test]
fn what_follows_the_genesis_is_left_alone() {
    let mut values = sealed(&parts()).values;
    let records = values.len();
    values.push(Bytes::from_static(b"a later revision"));
    assert_eq!(open(&values).unwrap().records, records);
}

/// The last record with a change, signed by this key.
fn forged(change: impl Fn(&mut pb::RegistryEntry)) -> GenesisFault {
    let mut values = long().values;
    let last = values.pop().unwrap();
    let mut entry = pb::RegistryEntry::decode(last).unwrap();
    change(&mut entry);
    values.push(entry.encode_to_vec().into());
    open(&values).unwrap_err()
}

#[test]
fn only_the_authority_adds_to_a_genesis() {
    let record = long().values.len() - 1;
    let other = SigningKey::from_seed(&[8; 32]);
    let fault = forged(|entry| {
        entry.signature = other.sign_revision(&entry.body).0.to_vec().into();
        entry.signer_key_id = other.key_id().0.to_vec().into();
    });
    assert_eq!(fault, GenesisFault::Signature { record, fault: SealFault::OtherKey });
    let fault = forged(|entry| entry.signature = vec![0; 64].into());
    assert_eq!(fault, GenesisFault::Signature { record, fault: SealFault::BadSignature });
    let parts = parts();
    let refused = seal("x", &parts, recovery_key(), &TEXTS, &other);
    assert_eq!(refused, Err(GenesisFault::NotAuthority));
}

#[test]
fn a_record_has_one_encoding() {
    let record = long().values.len() - 1;
    let unknown = [0x98, 0x06, 0x01].as_slice();
    let fault = forged(|entry| entry.body = [&entry.body, unknown].concat().into());
    assert_eq!(fault, GenesisFault::Unreadable { record, fault: DecodeFault::NotCanonical });
    let mut values = sealed(&parts()).values;
    values[0] = [&values[0], unknown].concat().into();
    assert_eq!(
        open(&values).unwrap_err(),
        GenesisFault::Unreadable { record: 0, fault: DecodeFault::NotCanonical }
    );
}

#[test]
fn a_calendar_needs_the_text_it_was_read_from() {
    let texts = Texts { calendars: &[], ..TEXTS };
    let fault = seal("x", &parts(), recovery_key(), &texts, &authority()).unwrap_err();
    let expected = GenesisFault::NoText { what: "calendar", version: SHIPPED_CALENDAR_VERSION.to_owned() };
    assert_eq!(fault, expected);
}

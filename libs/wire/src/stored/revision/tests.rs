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
    seal_genesis("Tập huấn", parts, recovery_key(), &TEXTS, &authority()).unwrap()
}

/// The same parts, but for the log id.
fn check_round_trip(mut parts: RegistryParts) -> usize {
    let sealed = sealed(&parts);
    let (founding, change) = read(&sealed.values);
    parts.log_id = sealed.log_id.0;
    let read = founding.parts(sealed.log_id, Rules::ONE, change);
    assert_eq!(format!("{read:?}"), format!("{parts:?}"));
    assert_eq!(founding.name, "Tập huấn");
    assert_eq!(founding.recovery_key, recovery_key());
    sealed.values.len()
}

/// What a genesis says, all records together.
fn read(values: &[Bytes]) -> (Founding, Change) {
    let (mut founding, mut change, mut prev) = (None, Change::default(), None);
    for (number, value) in (1..).zip(values) {
        let record = RegistryRecord::decode(value).unwrap();
        record.verify(&authority().public()).unwrap();
        let part = record.part().unwrap();
        assert_eq!((part.number, part.part, part.prev, part.history), (0, number, prev, None));
        assert_eq!(part.last, number as usize == values.len());
        founding = founding.or(part.founding);
        change.extend(part.change);
        prev = Some(record.leaf);
    }
    (founding.unwrap(), change)
}

#[test]
fn the_training_genesis_comes_back_and_makes_a_registry() {
    check_round_trip(parts());
    let sealed = sealed(&parts());
    let (founding, change) = read(&sealed.values);
    let registry = Registry::new(founding.parts(sealed.log_id, Rules::ONE, change)).unwrap();
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
    std::sync::Arc::make_mut(&mut parts.agencies[0]).key = None;
    std::sync::Arc::make_mut(&mut parts.agencies[0]).parent =
        vec![lienthong_registry::Dated::since(date(2025, 7, 1), id("department"))];
    check_round_trip(parts);
}

#[test]
fn the_log_id_is_the_leaf_of_the_first_body_and_depends_on_every_word_of_it() {
    let sealed = sealed(&parts());
    let first = pb::RegistryEntry::decode(sealed.values[0].clone()).unwrap();
    assert_eq!(sealed.log_id, leaf(&first.body));
    let other = seal_genesis("Tập huấn 2", &parts(), recovery_key(), &TEXTS, &authority()).unwrap();
    assert_ne!(sealed.log_id, other.log_id);
    // Of several records too: the last item lies in the last of them.
    let mut long = parts();
    long.communes = parse_communes(SHIPPED_COMMUNES).unwrap();
    long.imports.insert(AgencyId::parse("tax-office").unwrap(), ImportRight::AnySource);
    let whole = self::sealed(&long);
    long.imports.remove(&AgencyId::parse("tax-office").unwrap());
    let less = self::sealed(&long);
    assert!(whole.values.len() > 2 && whole.log_id != less.log_id);
}

/// A later revision with everything the parts list.
fn later(change: &Change, signer: &SigningKey) -> Vec<Bytes> {
    let history = Witness { count: 3, hash: Hash([6; 32]) };
    let (log_id, prev) = (Hash([7; 32]), Hash([8; 32]));
    let place = Place { log_id, number: 5, rules: Rules::ONE, prev, history };
    seal_revision(&place, change, &TEXTS, signer).unwrap()
}

#[test]
fn a_later_revision_names_what_its_author_read_and_ends_with_its_fence() {
    let mut change = Change::of(&parts());
    change.communes = parse_communes(SHIPPED_COMMUNES).unwrap();
    change.authority = Some(seal_key(9));
    let values = later(&change, &authority());
    assert!(values.len() > 2);
    let (mut prev, mut read) = (Hash([8; 32]), Change::default());
    for (number, value) in (1..).zip(&values) {
        let record = RegistryRecord::decode(value).unwrap();
        record.verify(&authority().public()).unwrap();
        let part = record.part().unwrap();
        assert_eq!((part.number, part.part, part.prev), (5, number, Some(prev)));
        assert_eq!(part.history, Some(Witness { count: 3, hash: Hash([6; 32]) }));
        assert_eq!(part.change.authority.is_some(), number == 1);
        let last = number as usize == values.len();
        assert_eq!((part.last, record.fence.is_some()), (last, last));
        if let Some(fence) = record.fence {
            assert_eq!((fence.log_id, fence.n, fence.hash), (Hash([7; 32]), 5, record.leaf));
            let Fence { log_id, n, hash, signature } = &fence;
            authority().public().verify_fence(*log_id, *n, *hash, signature).unwrap();
        }
        prev = record.leaf;
        read.extend(part.change);
    }
    assert_eq!(format!("{read:?}"), format!("{change:?}"));
}

#[test]
fn only_the_signers_own_key_verifies() {
    let values = later(&Change::default(), &authority());
    let record = RegistryRecord::decode(&values[0]).unwrap();
    assert_eq!(record.verify(&recovery_key()), Err(SealFault::OtherKey));
    let mut entry = pb::RegistryEntry::decode(values[0].clone()).unwrap();
    entry.signature = vec![0; 64].into();
    let forged = RegistryRecord::decode(&entry.encode_to_vec().into()).unwrap();
    assert_eq!(forged.verify(&authority().public()), Err(SealFault::BadSignature));
    let other = SigningKey::from_seed(&[8; 32]);
    let refused = seal_genesis("x", &parts(), recovery_key(), &TEXTS, &other);
    assert_eq!(refused, Err(RevisionFault::NotAuthority));
}

#[test]
fn a_record_has_one_encoding_under_rules_that_are_known() {
    let unknown = [0x98, 0x06, 0x01].as_slice();
    let values = later(&Change::default(), &authority());
    let mut entry = pb::RegistryEntry::decode(values[0].clone()).unwrap();
    entry.body = [&entry.body, unknown].concat().into();
    entry.signature = authority().sign_revision(&entry.body).0.to_vec().into();
    let inside = RegistryRecord::decode(&entry.encode_to_vec().into()).unwrap();
    inside.verify(&authority().public()).unwrap();
    assert_eq!(inside.part().unwrap_err(), DecodeFault::NotCanonical);
    let outside = RegistryRecord::decode(&[&values[0], unknown].concat().into()).unwrap();
    assert_eq!(outside.part().unwrap_err(), DecodeFault::NotCanonical);
    // Who signed, and which rules it puts in force, can be read all the same.
    assert_eq!((outside.rules, outside.signer), (Rules::ONE, authority().key_id()));
}

#[test]
fn a_calendar_needs_the_text_it_was_read_from() {
    let texts = Texts { calendars: &[], ..TEXTS };
    let fault = seal_genesis("x", &parts(), recovery_key(), &texts, &authority()).unwrap_err();
    let expected = RevisionFault::NoText { what: "calendar", version: SHIPPED_CALENDAR_VERSION.to_owned() };
    assert_eq!(fault, expected);
}

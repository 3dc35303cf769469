//! Records of readings have one encoding, and nothing else is one.

use lienthong_dossier::{Line, OfficerId};
use lienthong_seal::SigningKey;

use super::*;

fn body() -> ReadBody {
    ReadBody {
        log_id: Hash([7; 32]),
        rules: Rules::ONE,
        at: Instant::from_micros(1_795_000_000_000_000),
        agency: AgencyId::parse("H56.2").unwrap(),
        actor: Actor {
            officer: OfficerId::parse("cb-01").unwrap(),
            name: Line::parse("Lê Thị Mẫu").unwrap(),
            role: Line::parse("Chuyên viên").unwrap(),
            power: lienthong_dossier::Power::Read,
        },
        purpose: Purpose::Handling,
        ground: Some(Ground::parse("Điều 9").unwrap()),
        kind: ReadKind::Dossiers,
        codes: vec![DossierCode::parse("H56.2-261102-0001").unwrap()],
        classes: FieldClass::ALL.to_vec(),
        witness: Witness { count: 64, hash: Hash([8; 32]) },
        request: Uuid::from_u128(9),
    }
}

#[test]
fn a_body_is_what_it_was() {
    let least =
        ReadBody { ground: None, codes: Vec::new(), classes: Vec::new(), kind: ReadKind::Search, ..body() };
    for body in [body(), least] {
        assert_eq!(decode_read_body(&encode_read_body(&body)).unwrap(), body);
    }
}

#[test]
fn what_is_not_the_one_encoding_is_refused() {
    let changed = |change: fn(&mut ReadBody)| {
        let mut body = body();
        change(&mut body);
        decode_read_body(&encode_read_body(&body))
    };
    assert!(changed(|body| body.classes = vec![FieldClass::Text, FieldClass::Persons]).is_err());
    assert!(changed(|body| body.classes = vec![FieldClass::Text; 2]).is_err());
    assert!(changed(|body| body.rules = Rules(0)).is_err());
    assert!(changed(|body| body.codes = vec![body.codes[0].clone(); READ_CODES_MAX + 1]).is_err());
    let mut unknown = encode_read_body(&body());
    unknown.extend([0xf8, 0x07, 0x01]);
    assert_eq!(decode_read_body(&unknown), Err(DecodeFault::NotCanonical));
    let bytes = READ_BODY_BYTES_MAX + 1;
    let too_large = DecodeFault::TooLarge { bytes, bytes_max: READ_BODY_BYTES_MAX };
    assert_eq!(decode_read_body(&vec![0; bytes]), Err(too_large));
}

#[test]
fn a_record_is_what_it_was_and_no_entry_of_a_dossier() {
    let bytes = Bytes::from(encode_read_body(&body()));
    let seals = SigningKey::from_seed(&[1; 32]).seal_all(Hash([7; 32]), &[lienthong_seal::read_leaf(&bytes)]);
    let read = Read { body: bytes, seal: seals[0].clone() };
    let value = Bytes::from(encode_read(&read));
    assert_eq!(decode_read(&value).unwrap(), read);
    assert!(super::super::decode_entry(&value).is_err());
    assert!(decode_read(&Bytes::new()).is_err());
}

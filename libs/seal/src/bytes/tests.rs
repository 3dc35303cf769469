use crate::{BytesFault, Hash, Signature, StateSum};

fn counting<const N: usize>() -> [u8; N] {
    let mut next = 0;
    [(); N].map(|()| {
        next += 1;
        next
    })
}

#[test]
fn a_value_is_its_hex_digits_and_back() {
    let hash = Hash(counting());
    assert_eq!(hash.to_string(), "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20");
    assert_eq!(hash.to_string().parse(), Ok(hash));
    assert_eq!(hash.to_string().to_uppercase().parse(), Ok(hash));
    assert_eq!(format!("{hash:?}"), format!("Hash({hash})"));
}

#[test]
fn what_is_not_exactly_the_bytes_is_refused() {
    for text in ["", "00", &"0".repeat(63), &"0".repeat(65), &"0".repeat(66), &"g".repeat(64)] {
        assert_eq!(text.parse::<Hash>(), Err(BytesFault::Hex { expected: 32 }), "{text}");
    }
    assert_eq!(Hash::try_from([0; 31].as_slice()), Err(BytesFault::Length { expected: 32, found: 31 }));
    assert_eq!(Signature::try_from([0; 65].as_slice()), Err(BytesFault::Length { expected: 64, found: 65 }));
}

#[test]
fn postcard_stores_the_bytes_alone() {
    let (hash, signature) = (Hash(counting()), Signature(counting()));
    assert_eq!(postcard::to_stdvec(&hash).unwrap(), counting::<32>());
    assert_eq!(postcard::to_stdvec(&signature).unwrap(), counting::<64>());
    assert_eq!(postcard::from_bytes::<Hash>(&counting::<32>()), Ok(hash));
    assert_eq!(postcard::from_bytes::<Signature>(&counting::<64>()), Ok(signature));
    assert!(postcard::from_bytes::<StateSum>(&counting::<31>()).is_err());
}

#[test]
fn json_shows_hex() {
    let signature = Signature(counting());
    let json = serde_json::to_string(&signature).unwrap();
    assert_eq!(json, format!("\"{signature}\""));
    assert_eq!(serde_json::from_str::<Signature>(&json).unwrap(), signature);
    assert!(serde_json::from_str::<Hash>("\"00\"").is_err());
}

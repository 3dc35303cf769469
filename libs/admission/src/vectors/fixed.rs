//! What is random in a real log, fixed: keys, nonces and what wraps are made with.

use std::collections::BTreeMap;
use std::convert::Infallible;

use aes_gcm::aead::{Aead as _, Payload};
use aes_gcm::{Aes256Gcm, KeyInit as _};
use hkdf::Hkdf;
use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::rand_core::{TryCryptoRng, TryRng};
use hpke::{Deserializable as _, Kem, OpModeS, Serializable as _};
use lienthong_seal::{
    AgencyKey, AgencyPublicKey, DataKey, Envelope, ErasableHalf, Hash, SigningKey, Wrap, WrappedHalf,
};
use sha2::Sha256;

/// The secret of that name: SHA-256 of `lienthong test vector: NAME`.
pub(super) fn secret(name: &str) -> [u8; 32] {
    Hash::of(format!("lienthong test vector: {name}").as_bytes()).0
}

pub(super) fn signing(name: &str) -> SigningKey {
    SigningKey::from_seed(&secret(name))
}

pub(super) fn agency_key(name: &str) -> AgencyKey {
    AgencyKey::from_seed(&secret(&format!("agency {name}")))
}

/// The two halves of a dossier's data key, and the key.
pub(super) struct Halves {
    pub(super) wrapped: [u8; 32],
    pub(super) erasable: [u8; 32],
    pub(super) raw: [u8; 32],
    pub(super) key: DataKey,
}

impl Halves {
    pub(super) fn of(code: &str) -> Self {
        let (wrapped, erasable) = (secret(&format!("a {code}")), secret(&format!("e {code}")));
        let mut raw = [0; 32];
        let input = [wrapped, erasable].concat();
        Hkdf::<Sha256>::new(None, &input).expand(b"lienthong-data-key-1", &mut raw).unwrap();
        let halves = (WrappedHalf::from_bytes(&wrapped), ErasableHalf::from_bytes(&erasable));
        let key = DataKey::derive(&halves.0, &halves.1).unwrap();
        assert_eq!(key.fingerprint(), Hash::of(&raw));
        Self { wrapped, erasable, raw, key }
    }

    /// What [`DataKey::encrypt`] makes of it with that nonce.
    pub(super) fn encrypt(&self, nonce: [u8; 12], associated: &[u8], plaintext: &[u8]) -> Envelope {
        let payload = Payload { msg: plaintext, aad: associated };
        let ciphertext = Aes256Gcm::new(&self.raw.into()).encrypt(&nonce.into(), payload).unwrap();
        Envelope { nonce, ciphertext }
    }

    /// What [`WrappedHalf::wrap`] makes when those 32 bytes are drawn.
    pub(super) fn wrap(&self, to: &AgencyPublicKey, info: &[u8], drawn: [u8; 32]) -> Wrap {
        let public = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(&to.0).unwrap();
        let (encapsulated, ciphertext) =
            hpke::single_shot_seal_with_rng::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
                &OpModeS::Base,
                &public,
                info,
                &self.wrapped,
                &[],
                &mut Drawn(drawn),
            )
            .unwrap();
        Wrap { key_id: to.key_id(), encapsulated: encapsulated.to_bytes().into(), ciphertext }
    }
}

/// Numbers, a length before each part of varying length: the rule of every concatenation.
pub(super) fn parts(log_id: Hash, varying: &[&str], rest: &[u8]) -> Vec<u8> {
    let mut bytes = log_id.0.to_vec();
    for part in varying {
        bytes.extend_from_slice(&u32::try_from(part.len()).unwrap().to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes.extend_from_slice(rest);
    bytes
}

/// Draws those bytes, over and over.
struct Drawn([u8; 32]);

impl TryRng for Drawn {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from_be_bytes([self.0[0], self.0[1], self.0[2], self.0[3]]))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.try_next_u32().map(u64::from)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.iter_mut().zip(self.0.iter().cycle()).for_each(|(byte, drawn)| *byte = *drawn);
        Ok(())
    }
}

impl TryCryptoRng for Drawn {}

/// Keys that the vectors name, each with its kind and seed.
pub(super) fn secrets() -> BTreeMap<&'static str, [u8; 32]> {
    [
        "authority",
        "authority 2",
        "authority 3",
        "recovery",
        "node desk",
        "node desk 2",
        "node land",
        "node land 2",
        "node tax",
        "stranger",
    ]
    .into_iter()
    .map(|name| (name, secret(name)))
    .collect()
}

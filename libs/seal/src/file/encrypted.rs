//! The encrypted form of a key file.

use std::io;
use std::path::Path;

use aes::Aes256;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt as _, BlockModeEncrypt as _, KeyIvInit as _};
use pkcs8::der::asn1::OctetStringRef;
use pkcs8::der::{Decode as _, Encode as _, SecretDocument};
use pkcs8::pkcs5::EncryptionScheme;
use pkcs8::pkcs5::pbes2::{self, Kdf, Parameters, ScryptParams};
use pkcs8::{AlgorithmIdentifierRef, EncryptedPrivateKeyInfoRef, LineEnding, PrivateKeyInfoRef};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{KeyFileFault, Kind};
use crate::hash::{Concat as _, Finish as _};
use crate::passphrase::Salting;
use crate::{Cost, Passphrase, random};

const LABEL: &str = "ENCRYPTED PRIVATE KEY";
const BEGIN: &[u8] = b"-----BEGIN ";
/// Bytes of the check.
const CHECK_BYTES: usize = 8;
const BLOCK_BYTES: usize = 16;
/// How a private key of RFC 8410 begins within PKCS#8: an octet string of 32 bytes.
const INNER: [u8; 2] = [0x04, 0x20];

/// A whole encrypted file that is not open yet.
pub(super) struct Encrypted {
    pub(super) public: [u8; 32],
    document: SecretDocument,
}

/// The file, if it is encrypted and of this kind.
///
/// # Errors
/// It is encrypted, of this kind, and damaged.
pub(super) fn parse(path: &Path, text: &[u8], kind: &Kind) -> Result<Option<Encrypted>, KeyFileFault> {
    let Some(line_end) = text.iter().position(|byte| *byte == b'\n') else { return Ok(None) };
    let (line, pem) = text.split_at(line_end + 1);
    let words = line.strip_prefix(kind.word.as_bytes()).and_then(|line| line.strip_prefix(b" "));
    let Some(words) = words.filter(|_| pem.starts_with(BEGIN)) else { return Ok(None) };
    let whole = checked(words, pem, kind);
    whole.map(Some).ok_or_else(|| KeyFileFault::Damaged { path: path.to_owned() })
}

fn checked(words: &[u8], pem: &[u8], kind: &Kind) -> Option<Encrypted> {
    let mut words = std::str::from_utf8(words).ok()?.trim_end().split(' ');
    let (mut public, mut told) = ([0; 32], [0; CHECK_BYTES]);
    hex::decode_to_slice(words.next()?, &mut public).ok()?;
    hex::decode_to_slice(words.next()?, &mut told).ok()?;
    let (label, document) = SecretDocument::from_pem(std::str::from_utf8(pem).ok()?).ok()?;
    let sound = words.next().is_none() && label == LABEL && check(kind, &public, document.as_bytes()) == told;
    sound.then_some(Encrypted { public, document })
}

/// The beginning of SHA-256(length ‖ kind ‖ public key ‖ length ‖ document).
fn check(kind: &Kind, public: &[u8; 32], document: &[u8]) -> [u8; CHECK_BYTES] {
    let hash = Sha256::new().part(kind.word.as_bytes()).put(public).part(document).hash();
    std::array::from_fn(|index| hash.0[index])
}

impl Encrypted {
    /// The secret.
    ///
    /// # Errors
    /// The passphrase is another one, or the file asks for what is not taken.
    pub(super) fn open(
        &self,
        path: &Path,
        kind: &Kind,
        passphrase: &Passphrase,
    ) -> Result<Zeroizing<[u8; 32]>, KeyFileFault> {
        let path = || path.to_owned();
        let info = EncryptedPrivateKeyInfoRef::from_der(self.document.as_bytes())
            .map_err(|_| KeyFileFault::Damaged { path: path() })?;
        let (salting, iv) = parameters(&info).ok_or_else(|| KeyFileFault::Cost { path: path() })?;
        let key = passphrase.key(&salting).map_err(|source| KeyFileFault::Io { path: path(), source })?;
        let mut buffer = Zeroizing::new(info.encrypted_data.as_bytes().to_vec());
        let opened = cbc::Decryptor::<Aes256>::new((&**key).into(), (&iv).into())
            .decrypt_padded::<Pkcs7>(&mut buffer)
            .ok()
            .and_then(|der| secret_in(der, kind));
        let secret = opened.ok_or_else(|| KeyFileFault::WrongPassphrase { path: path() })?;
        match (kind.public)(&secret) {
            Some(public) if public == self.public => Ok(secret),
            Some(_) | None => Err(KeyFileFault::Damaged { path: path() }),
        }
    }
}

/// Salt, cost and first block, where the scheme is the one that is written.
fn parameters(info: &EncryptedPrivateKeyInfoRef<'_>) -> Option<(Salting, [u8; BLOCK_BYTES])> {
    let EncryptionScheme::Pbes2(Parameters {
        kdf: Kdf::Scrypt(ScryptParams { salt, cost_parameter, block_size, parallelization, key_length }),
        encryption: pbes2::EncryptionScheme::Aes256Cbc { iv },
    }) = &info.encryption_algorithm
    else {
        return None;
    };
    let usual = u32::from(*block_size) == Cost::BLOCK
        && u32::from(*parallelization) == Cost::PARALLEL
        && key_length.is_none_or(|bytes| bytes == 32);
    let cost = Cost::of_n(*cost_parameter).filter(|_| usual)?;
    Some((Salting { salt: salt.as_bytes().to_vec(), cost }, *iv))
}

fn secret_in(der: &[u8], kind: &Kind) -> Option<Zeroizing<[u8; 32]>> {
    let info = PrivateKeyInfoRef::from_der(der).ok()?;
    let secret = info.private_key.as_bytes().strip_prefix(&INNER)?;
    let secret: &[u8; 32] = secret.try_into().ok()?;
    (info.algorithm.oid == kind.algorithm).then(|| Zeroizing::new(*secret))
}

/// A secret's file under a passphrase.
pub(super) fn write(
    kind: &Kind,
    secret: &[u8; 32],
    passphrase: &Passphrase,
) -> io::Result<Zeroizing<Vec<u8>>> {
    let public = (kind.public)(secret).ok_or(io::ErrorKind::InvalidInput)?;
    let (salting, key) = passphrase.for_new()?;
    let iv = *random::secret::<BLOCK_BYTES>().map_err(io::Error::other)?;
    let plain = private_key(kind, secret)?;
    let mut buffer = Zeroizing::new(plain.to_vec());
    buffer.resize(plain.len() + BLOCK_BYTES, 0);
    let ciphertext = cbc::Encryptor::<Aes256>::new((&**key).into(), (&iv).into())
        .encrypt_padded::<Pkcs7>(&mut buffer, plain.len())
        .map_err(io::Error::other)?;
    let params = scrypt::Params::new(salting.cost.log_n(), Cost::BLOCK, Cost::PARALLEL);
    let scheme = Parameters::generate_scrypt_aes256cbc(params.map_err(io::Error::other)?, &salting.salt, iv);
    let info = EncryptedPrivateKeyInfoRef {
        encryption_algorithm: scheme.map_err(|error| io::Error::other(error.to_string()))?.into(),
        encrypted_data: OctetStringRef::new(ciphertext).map_err(der)?,
    };
    let document = SecretDocument::encode_msg(&info).map_err(der)?;
    let pem = document.to_pem(LABEL, LineEnding::LF).map_err(der)?;
    let check = hex::encode(check(kind, &public, document.as_bytes()));
    let text = format!("{} {} {check}\n{}", kind.word, hex::encode(public), pem.trim_end());
    Ok(Zeroizing::new(format!("{text}\n").into_bytes()))
}

/// A private key in PKCS#8, without its public one, which not every tool takes there.
fn private_key(kind: &Kind, secret: &[u8; 32]) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut inner = Zeroizing::new([0; INNER.len() + 32]);
    let (head, rest) = inner.split_at_mut(INNER.len());
    head.copy_from_slice(&INNER);
    rest.copy_from_slice(secret);
    let algorithm = AlgorithmIdentifierRef { oid: kind.algorithm, parameters: None };
    let info = PrivateKeyInfoRef::new(algorithm, OctetStringRef::new(inner.as_slice()).map_err(der)?);
    info.to_der().map(Zeroizing::new).map_err(der)
}

fn der(error: pkcs8::der::Error) -> io::Error {
    io::Error::other(error.to_string())
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;

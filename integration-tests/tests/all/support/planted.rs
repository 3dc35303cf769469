//! Looking for what was planted: in clear, and as the hex and base64 that would hide a number from a careless eye.

use std::fs;
use std::path::{Path, PathBuf};

use lienthong_log::{Partition, ReadLimit, Record};

use super::on::Place;
use super::story::PLANTED;

/// Those of [`PLANTED`] that are numbers.
const NUMBERS: [&str; 3] = [PLANTED[1], PLANTED[3], PLANTED[6]];

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Where what was planted is found in these bytes.
pub(crate) fn planted_in(bytes: &[u8]) -> Vec<&'static str> {
    let encoded =
        |planted: &str| NUMBERS.contains(&planted) && forms(planted).iter().any(|form| contains(bytes, form));
    PLANTED.into_iter().filter(|planted| contains(bytes, planted.as_bytes()) || encoded(planted)).collect()
}

pub(crate) fn contains(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

/// Hex in both cases, and what base64 has of the text wherever that begins in a group of three.
fn forms(text: &str) -> Vec<Vec<u8>> {
    let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    let base64 = (0..3).map(|before| base64_within(text.as_bytes(), before));
    [hex.to_uppercase().into_bytes(), hex.into_bytes()].into_iter().chain(base64).collect()
}

/// The digits that depend on the text alone, where so many other bytes stand before it in its first group.
fn base64_within(text: &[u8], before: usize) -> Vec<u8> {
    let bytes = [&vec![0; before], text].concat();
    let whole = bytes.len() / 3 * 3;
    let digits = bytes[..whole].chunks(3).flat_map(|group| {
        let bits = group.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
        [18, 12, 6, 0].map(|shift| BASE64[bits >> shift & 63])
    });
    // Digits with bits of what stands before are left out.
    digits.skip([0, 2, 3][before]).collect()
}

#[test]
fn the_forms_of_a_number_are_those_of_other_tools() {
    // echo -n 038199004242 | base64; echo -n x038199004242 | base64; echo -n xx038199004242 | base64
    for base64 in ["MDM4MTk5MDA0MjQy", "eDAzODE5OTAwNDI0Mg==", "eHgwMzgxOTkwMDQyNDI="] {
        assert_eq!(planted_in(format!("so {base64} it").as_bytes()), [PLANTED[1]], "{base64}");
    }
    assert_eq!(planted_in(b"303338313939303034323432"), [PLANTED[1]]);
    assert_eq!(planted_in(b"0381990042421".as_slice()), [PLANTED[1]]);
    assert!(planted_in(b"MDM4MTk5MDA0MjQ").is_empty());
}

/// Every key, header, value and erasable value of the log.
pub(crate) async fn log_of(place: &Place) -> Vec<Vec<u8>> {
    let log = place.open(None).await;
    let mut parts = Vec::new();
    for partition in Partition::all(log.dossier_partitions()) {
        let mut next = 0;
        loop {
            let read = log.read(partition, next, ReadLimit::default()).await.unwrap();
            let Some(last) = read.last() else { break };
            next = last.offset + 1;
            for Record { key, headers, value } in read.into_iter().map(|stored| stored.record) {
                parts.extend([key.to_vec(), value.to_vec()]);
                parts.extend(
                    headers
                        .iter()
                        .flat_map(|header| [header.name.as_bytes().to_vec(), header.value.to_vec()]),
                );
            }
        }
    }
    for (key, half) in log.erasables("", usize::MAX).await.unwrap() {
        parts.extend([key.into_bytes(), half.map(Vec::from).unwrap_or_default()]);
    }
    log.close().await;
    parts
}

/// Every file below a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(self::files(&path)) } else { files.push(path) }
    }
    files
}

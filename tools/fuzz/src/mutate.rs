//! Mutations of real inputs: what a fuzzer without sight of the code can do.

use fastrand::Rng;

use crate::Target;

/// Mutations of one input at most.
const MUTATIONS_MAX: usize = 5;

/// The longest piece that is moved, removed or written again, in bytes.
const PIECE_BYTES_MAX: usize = 256;

/// How often a piece is written again at most: enough to lie deeper or be longer than any format takes.
const REPEATS_MAX: usize = 300;

/// Bytes at which parsers decide something.
const TELLING: &[u8] = b"\0\x01\x7f\x80\xc3\xff \t\r\n\"'&<>[]{}(),:;=-+./#*%";

/// Numbers at the ends of what programs count in.
const NUMBERS: [&str; 12] = [
    "0",
    "-1",
    "1",
    "00",
    "255",
    "65536",
    "4294967296",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551616",
    "1e309",
    "-0.5",
];

/// The same inputs in every run.
const SEED: u64 = 0x6c69_656e_7468_6f6e;

/// The n-th input that nobody meant, made of the seeds.
pub(crate) fn mutation(target: &Target, n: u64) -> Vec<u8> {
    let rng = &mut Rng::with_seed(SEED.wrapping_add(n));
    let mut input = rng.choice(&target.seeds).cloned().unwrap_or_default();
    for _ in 0..rng.usize(1..=MUTATIONS_MAX) {
        once(&mut input, target, rng);
    }
    input.truncate(target.bytes_max);
    input
}

fn once(input: &mut Vec<u8>, target: &Target, rng: &mut Rng) {
    let (at, end) = piece(input, rng);
    match rng.u8(0..12) {
        0 if at < input.len() => input[at] ^= 1 << rng.u8(0..8),
        1 if at < input.len() => input[at] = rng.u8(..),
        2 => put(input, at..at, &[TELLING[rng.usize(..TELLING.len())]]),
        3 => put(input, at..end, &[]),
        4 => input.truncate(at),
        5 => {
            let again = input[at..end].repeat(repeats(rng));
            put(input, at..at, &again);
        }
        6 => {
            let word = rng.choice(&target.words).cloned().unwrap_or_default();
            put(input, at..at, &word.repeat(repeats(rng)));
        }
        7 => {
            let word = rng.choice(&target.words).cloned().unwrap_or_default();
            put(input, at..end, &word);
        }
        8 => number(input, at, rng),
        9 => varint(input, at, rng),
        10 => {
            let moved = input[at..end].to_vec();
            put(input, at..end, &[]);
            let to = rng.usize(..=input.len());
            put(input, to..to, &moved);
        }
        _ => {
            let other = rng.choice(&target.seeds).map_or(&[][..], Vec::as_slice);
            let (from, until) = piece(other, rng);
            put(input, at..end, &other[from..until]);
        }
    }
}

/// Most often once.
fn repeats(rng: &mut Rng) -> usize {
    if rng.u8(0..4) == 0 { rng.usize(1..=REPEATS_MAX) } else { 1 }
}

/// A piece of it, empty at times.
fn piece(input: &[u8], rng: &mut Rng) -> (usize, usize) {
    let at = rng.usize(..=input.len());
    let bytes_max = (input.len() - at).min(PIECE_BYTES_MAX);
    // Short pieces are the likelier ones.
    let bytes_max = rng.usize(..=bytes_max);
    let bytes = rng.usize(..=bytes_max);
    (at, at + bytes)
}

fn put(input: &mut Vec<u8>, place: std::ops::Range<usize>, new: &[u8]) {
    input.splice(place, new.iter().copied());
}

/// Another number for the digits at or behind a place.
fn number(input: &mut Vec<u8>, at: usize, rng: &mut Rng) {
    let is_digit = |byte: &u8| byte.is_ascii_digit();
    let from = input[at..].iter().position(is_digit).map_or(at, |ahead| at + ahead);
    let digits = input[from..].iter().take_while(|byte| is_digit(byte)).count();
    let number = NUMBERS[rng.usize(..NUMBERS.len())];
    put(input, from..from + digits, number.as_bytes());
}

/// A long way to write a small number, or a huge one, over the bytes at a place.
fn varint(input: &mut Vec<u8>, at: usize, rng: &mut Rng) {
    let last = rng.u8(0..3);
    let mut varint = vec![if rng.bool() { 0x80 } else { 0xff }; rng.usize(1..=10)];
    varint.push(last);
    let end = (at + rng.usize(..=varint.len())).min(input.len());
    put(input, at..end, &varint);
}

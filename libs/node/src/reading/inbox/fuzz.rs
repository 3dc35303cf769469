//! Tokens that no node gave out. Whoever holds one may make its tag anew, so what is said within is met, too.

use lienthong_fuzz::Target;
use lienthong_seal::Hash;

use super::super::token::TokenScope;
use super::{read_offsets, write_offsets};

lienthong_fuzz::targets!(token, offsets);

/// What is a token of a scope is told by no other text.
fn token() {
    let scope = TokenScope::new(Hash([7; 32]), "inbox", &["land-office"]);
    let seeds = [scope.write(b""), scope.write(b"H56.2-261102-0001"), scope.write(&[0, 1, 0x80])];
    Target::new(seeds).check_text(move |text| {
        if let Some(says) = scope.read(text) {
            assert_eq!(scope.write(&says), text);
        }
        // As by somebody who knows how tags are made.
        assert_eq!(scope.read(&scope.write(text.as_bytes())).as_deref(), Some(text.as_bytes()));
    });
}

/// One offset for each partition, or none at all.
fn offsets() {
    let seeds = [write_offsets(&[0, 1, 127]), write_offsets(&[128, u64::MAX, 300])];
    Target::new(seeds).check(|bytes| {
        if let Some(offsets) = read_offsets(bytes, 3) {
            assert_eq!(offsets.len(), 3);
            assert_eq!(read_offsets(&write_offsets(&offsets), 3), Some(offsets));
        }
    });
}

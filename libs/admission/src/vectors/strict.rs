//! Signatures on which implementations of Ed25519 differ. They are fixed, since no honest signer makes them.
//!
//! All are over one revision. A is that of `authority`, whose secret scalar is a; R is `[r]B` with r made of a secret of its
//! own; L is the order of the group, T a point of order 8. What is no good here is good to somebody: each but the last one
//! that fails fits `[S]B = R + [k]A`, and that one fits it times 8.

use lienthong_seal::{PublicKey, Signature};
use serde_json::{Value, json};

use super::records::hex;

const BODY: &[u8] = b"a revision's body";

struct Case {
    note: &'static str,
    public: &'static str,
    r: &'static str,
    s: &'static str,
    good: bool,
}

const CASES: [Case; 9] = [
    Case {
        note: "an honest signature",
        public: "927f3be85ae50e8a3edb92b73c9ae28e42d9ea79236fdfa0d66d45dafbd22362",
        r: "65cc836669f25dfb343eb701eab4735d356ff9db44b3a5d7d1e87e9c914ec065",
        s: "3b2654af846a89f057bd0398531648192a7d7cfea8154e3be926ef73cb4e870c",
        good: true,
    },
    Case {
        note: "S + L in the place of S",
        public: "927f3be85ae50e8a3edb92b73c9ae28e42d9ea79236fdfa0d66d45dafbd22362",
        r: "65cc836669f25dfb343eb701eab4735d356ff9db44b3a5d7d1e87e9c914ec065",
        s: "28fa490c9fcd9b482e5afb3a3210272e2a7d7cfea8154e3be926ef73cb4e871c",
        good: false,
    },
    Case {
        note: "a key of order 8",
        public: "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        r: "5e31238d5e1d0ef384d85efc4ee483af0e5b5f52e396817cca43bda72a798d08",
        s: "511478f9de76411716978f4216f1cc65d2078075fdc73e89b93dfa4c0ebe5b0d",
        good: false,
    },
    Case {
        note: "the neutral point as key",
        public: "0100000000000000000000000000000000000000000000000000000000000000",
        r: "65cc836669f25dfb343eb701eab4735d356ff9db44b3a5d7d1e87e9c914ec065",
        s: "501478f9de76411716978f4216f1cc65d2078075fdc73e89b93dfa4c0ebe5b0d",
        good: false,
    },
    Case {
        note: "the neutral point as key, its y written with p added",
        public: "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        r: "65cc836669f25dfb343eb701eab4735d356ff9db44b3a5d7d1e87e9c914ec065",
        s: "501478f9de76411716978f4216f1cc65d2078075fdc73e89b93dfa4c0ebe5b0d",
        good: false,
    },
    Case {
        note: "the neutral point as R",
        public: "927f3be85ae50e8a3edb92b73c9ae28e42d9ea79236fdfa0d66d45dafbd22362",
        r: "0100000000000000000000000000000000000000000000000000000000000000",
        s: "4b08634dddeb0bc91f43125939c073abbec5fc284304629b19fdf6c51ac8e708",
        good: false,
    },
    Case {
        note: "the neutral point as R, its y written with p added",
        public: "927f3be85ae50e8a3edb92b73c9ae28e42d9ea79236fdfa0d66d45dafbd22362",
        r: "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        s: "abe1c8a68f2d6bd99b8a2042b63d2f2e39c861ddf7431651c786655606567800",
        good: false,
    },
    Case {
        note: "it fits with the cofactor only",
        public: "d05230e0a2286ddbaf72dd76254d8c5eb1c6882b1c1211f43990e9927eec8ef7",
        r: "65cc836669f25dfb343eb701eab4735d356ff9db44b3a5d7d1e87e9c914ec065",
        s: "fa617946f60c6f800dd1c20e2b21eb9d72973dcddc41b3bea6c52fb802a62607",
        good: false,
    },
    Case {
        note: "the same key, with a part of small order in it: it fits without the cofactor",
        public: "d05230e0a2286ddbaf72dd76254d8c5eb1c6882b1c1211f43990e9927eec8ef7",
        r: "67c2cafc2d4d0d887d4c2f35680ac6ca240b7d219a6f738c8a20f57badeabc2e",
        s: "dbcd0706883e8b16a4d1d593f895c0d72193c350b5ea7bf3118438841c1dc302",
        good: true,
    },
];

/// What the file holds. Whether it is good is what our code says.
pub(super) fn written() -> Vec<Value> {
    let message = [b"lienthong-revision-1".as_slice(), &(BODY.len() as u32).to_be_bytes(), BODY].concat();
    let of = |case: &Case| {
        let (public, signature) = (case.public, format!("{}{}", case.r, case.s));
        assert_eq!(is_good(public, &signature, BODY), case.good, "{}", case.note);
        json!({
            "note": case.note, "public": public, "body": hex(BODY), "message": hex(&message), "signature": signature,
            "good": case.good,
        })
    };
    CASES.iter().map(of).collect()
}

/// What our code says of a case of the file.
pub(super) fn check(file: &Value) {
    for case in file.as_array().unwrap() {
        let text = |name: &str| case[name].as_str().unwrap();
        let body = hex::decode(text("body")).unwrap();
        let good = is_good(text("public"), text("signature"), &body);
        assert_eq!(Some(good), case["good"].as_bool(), "{}", case["note"]);
    }
}

fn is_good(public: &str, signature: &str, body: &[u8]) -> bool {
    let (public, signature): (PublicKey, Signature) = (public.parse().unwrap(), signature.parse().unwrap());
    public.verify_revision(body, &signature).is_ok()
}

//! Seal: hashing, Merkle paths, signatures, keys and envelopes.
//!
//! ```text
//! body --leaf--> Tree --root--> SigningKey::seal_all --> Seal --Verifier--> counts, or a SealFault
//! record --chain::extend--> running hash of a partition
//! verdict, StateSum --service_digest--> what two nodes compare
//! chains of all partitions --log_digest--> what two logs compare
//! WrappedHalf + ErasableHalf --DataKey::derive--> DataKey --encrypt--> Envelope
//! Passphrase --scrypt--> key --> encrypted key files
//! WrappedHalf --wrap--> Wrap --AgencyKey::unwrap--> WrappedHalf
//! ```
//!
//! Whatever is hashed, signed or bound here is a concatenation (`‖`) by one rule: numbers are big-endian of fixed
//! width, every part of varying length has its length before it as a u32, hashes and key ids are 32 bytes. So no two
//! different inputs make the same bytes. These bytes are stored for decades: the golden vectors in the tests were
//! computed by another implementation, and a change of them is a change of the format.
//!
//! What this crate does not know: agencies, registries, dossiers, which key is in force, clocks and networks. It
//! draws random bytes from the operating system and reads and writes key files (Unix only); all else is pure.

// `make fuzz` brings a `main` of its own to the tests.
#![cfg_attr(fuzzing, no_main)]

mod agency;
mod bytes;
pub mod chain;
mod digest;
mod envelope;
mod file;
mod half;
mod hash;
mod index;
mod merkle;
mod partition;
mod passphrase;
mod random;
mod seal;
mod signing;

pub use agency::{AgencyKey, AgencyPublicKey, Wrap, WrapPlace};
pub use bytes::BytesFault;
pub use digest::{PartitionChain, PartitionDigest, StateSum, log_digest, service_digest, verdict};
pub use envelope::{DataKey, Envelope, EnvelopeFault, EnvelopePlace};
pub use file::{KeyFile, KeyFileFault, KeyKind, sweep};
pub use half::{ErasableHalf, WrappedHalf};
pub use hash::Hash;
pub use index::IndexKey;
pub use merkle::{Tree, leaf, node, read_leaf, root_from_path};
pub use partition::{murmur2, partition_of};
pub use passphrase::{Cost, PASSPHRASE_BYTES_MAX, PASSPHRASE_BYTES_MIN, Passphrase, PassphraseFault};
pub use random::NoRandomness;
pub use seal::{Seal, SealFault, Verifier};
pub use signing::{PublicKey, Signature, SigningKey};

//! What holds for whole logs: real records, sealed by real keys, kept by real logs.

// For clippy, which otherwise takes helpers of tests for ordinary code.
#![cfg(test)]

mod mutations;
mod support;
mod telling;
mod verification;

//! What the other crates' tests count on: brokers that start, come back, and leave nothing behind.

// For clippy, which otherwise takes helpers of tests for ordinary code.
#![cfg(test)]

mod one;
mod owner;
mod secure;
mod support;
mod three;

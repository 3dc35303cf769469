//! What holds for the whole: real processes, real sockets, real files. Each module is a claim.
//!
//! ```text
//! support::process  the command `lienthong up`, its addresses, its end
//! support::broker   a broker, Kafka's own tools, and a service that is asked how it is
//! support::programs services as programs
//! support::seat     where processes come and go
//! support::nodes    nodes in this process, several on one log
//! support::on       what runs on every log there is
//! support::tls      certificates, and who shows them
//! support::story    a land transfer, command by command
//! ```

// For clippy, which otherwise takes helpers of tests for ordinary code.
#![cfg(test)]

mod audit;
mod bench;
mod bulk;
mod callers;
mod copy;
mod damage;
mod drain;
mod erasure;
mod figures;
mod foreign_eyes;
mod foreign_records;
mod foreign_tools;
mod inbox;
mod kill;
mod memory;
mod new_procedure;
mod privacy;
mod races;
mod reflection;
mod reorganised;
mod repeats;
mod structure;
mod support;
mod torture;
mod unready;

//! The command as its users meet it: the built binary, its stdout, its stderr and its exit code.

// For clippy, which otherwise takes helpers of tests for ordinary code.
#![cfg(test)]

mod at;
mod bench;
mod calendar;
mod case;
mod command_line;
mod dossier;
mod files;
mod forms;
mod import;
mod keys;
mod letters;
mod log;
mod pack;
mod pki;
mod register;
mod registry;
mod services;
mod support;
mod sync;
mod tax;
mod tax_forms;
mod up;
mod xes;

//! The binary of the operator's command: see the library.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    process::ExitCode,
};

use lienthong::{Exit, Output};

fn main() -> ExitCode {
    // A panic has told its message by itself; the exit code must still be ours.
    catch_unwind(AssertUnwindSafe(|| lienthong::run(std::env::args_os(), &mut Output::stdio())))
        .unwrap_or(Exit::Defect)
        .into()
}

use std::{
    fs::File,
    io::Read,
    process::{Command, Stdio},
};

use crate::support::{Run, command, done, not_done, run};

#[test]
fn help_is_an_answer_and_names_every_noun_and_exit_code() {
    let help = done(&["--help"]);
    for word in
        ["calendar", "tax", "pack", "completions", "--output", "Exit codes: 0 done, 1 refused, 2 usage"]
    {
        assert!(help.contains(word), "{word}: {help}");
    }
    for verb in [["calendar", "due"], ["tax", "assess"], ["pack", "check"]] {
        let help = done(&[verb[0], verb[1], "--help"]);
        assert!(help.contains(&format!("Usage: lienthong {} {}", verb[0], verb[1])), "{help}");
    }
    assert_eq!(done(&["--version"]), format!("lienthong {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn no_command_is_wrong_usage_and_shows_the_help_on_stderr() {
    let Run { code, stdout, stderr } = run(&[]);
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    assert!(stderr.contains("Usage: lienthong"), "{stderr}");
}

#[test]
fn what_is_not_known_is_wrong_usage() {
    not_done(&["dosier"], 2, "unrecognized subcommand 'dosier'");
    not_done(&["--output", "yaml", "pack", "check", "x"], 2, "invalid value 'yaml'");
    not_done(&["completions", "cmd.exe"], 2, "invalid value 'cmd.exe'");
}

#[test]
fn every_shell_gets_completions_that_know_the_commands() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = done(&["completions", shell]);
        for word in ["lienthong", "calendar", "assess", "working-days"] {
            assert!(script.contains(word), "{shell} misses {word}");
        }
    }
}

#[test]
fn bash_takes_its_completions() {
    let script = format!(
        "{}\nCOMP_WORDS=(lienthong tax assess --kind ''); COMP_CWORD=4\n\
         _lienthong lienthong '' --kind; echo \"${{COMPREPLY[*]}}\"",
        done(&["completions", "bash"])
    );
    // Too long for an argument.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("completions.sh");
    std::fs::write(&file, script).unwrap();
    let bash = Command::new("bash").arg(&file).output().unwrap();
    assert_eq!(String::from_utf8(bash.stdout).unwrap(), "transfer gift inheritance\n");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut child =
        command(&["completions", "zsh"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!((child.wait().unwrap().code(), stderr.as_str()), (Some(0), ""));
}

#[test]
fn an_answer_that_cannot_be_written_is_not_done() {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let output =
        command(&["--output", "json", "calendar", "due", "--received", "2026-11-20", "--working-days", "1"])
            .stdout(full)
            .output()
            .unwrap();
    assert_eq!(output.status.code(), Some(70));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.starts_with("error: cannot write the answer: No space left"), "{stderr}");
}

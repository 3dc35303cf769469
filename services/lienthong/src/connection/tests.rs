use tonic_types::{ErrorDetails, StatusExt as _};

use super::*;
use crate::Exit;

fn told(code: Code, reason: &str) -> Status {
    let mut details = ErrorDetails::new();
    let metadata = std::collections::HashMap::from([("advice".to_owned(), "do this".to_owned())]);
    details.set_error_info(reason, lienthong_wire::ERROR_DOMAIN, metadata);
    Status::with_error_details(code, "it is so", details)
}

#[test]
fn an_address_is_host_and_port_with_or_without_its_scheme() {
    for (given, read) in [
        ("http://127.0.0.1:7101", Ok("http://127.0.0.1:7101")),
        ("127.0.0.1:7101", Ok("http://127.0.0.1:7101")),
        ("desk.example:80", Ok("http://desk.example:80")),
        ("https://127.0.0.1:7101", Ok("https://127.0.0.1:7101")),
        ("ftp://127.0.0.1:7101", Err("services are reached by http://HOST:PORT or https://HOST:PORT")),
        ("127.0.0.1", Err("the port is missing, as in http://127.0.0.1:7101")),
        ("", Err("not an address such as http://127.0.0.1:7101")),
        ("a b:1", Err("not an address such as http://127.0.0.1:7101")),
    ] {
        let server = given.parse::<Server>();
        let server = server.as_ref().map(|server| server.0.as_str()).map_err(String::as_str);
        assert_eq!(server, read, "{given}");
    }
}

#[test]
fn the_code_of_an_answer_decides_the_exit_code() {
    for (status, exit, says) in [
        (told(Code::NotFound, "UNKNOWN_DOSSIER"), Exit::Refused, "error: it is so\ndo this"),
        (
            told(Code::Unavailable, "DRAINING"),
            Exit::Unreachable,
            "error: the service at X gives no answer: it is so\ndo this",
        ),
        (
            told(Code::Internal, "DEFECT"),
            Exit::Defect,
            "error: the service at X met a defect: it is so\nthis is a defect; please report it with the command line",
        ),
        (
            Status::cancelled("Timeout expired"),
            Exit::Unreachable,
            &format!("error: the service at X gives no answer: Timeout expired\n{START_ADVICE}"),
        ),
        (
            Status::internal("h2 protocol error"),
            Exit::Unreachable,
            &format!("error: the service at X gives no answer: h2 protocol error\n{START_ADVICE}"),
        ),
        (
            Status::unimplemented(""),
            Exit::Refused,
            "error: the service at X does not offer this\nname the address of ward-desk, which `lienthong up` prints",
        ),
    ] {
        let failure = refusal("X", &status);
        assert_eq!((failure.exit(), failure.to_string().as_str()), (exit, says));
    }
}

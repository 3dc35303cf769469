//! Settings that nobody meant to write.

use lienthong_fuzz::Target;

use super::*;

lienthong_fuzz::targets!(config, log_url);

/// Between the file and the variables of an input.
const VARIABLES: &str = "\n#!variables\n";

#[derive(Serialize)]
struct NoFlags {}

/// A file, then perhaps variables, one a line. What is in force is written as a file that says the same; all else is a fault.
fn config() {
    let whole = include_str!("../../../../services/example.toml");
    let variables = "log=embedded:/srv/log\nlisten=\"127.0.0.1:1\"\nreplica=0\ndir=\"hồ\\u0020sơ\"\nkafka.username=[a,{b=c}]\ntls={key_file=a}";
    let tables = "log = \"kafka://a:1/p\"\nreplicas = 3\n[tls]\ncertificate_file = \"a\"\nkey_file = \"b\"\nclient_ca_file = \"c\"\n";
    let both = format!("replica = 1\nreplicas = 2\n{VARIABLES}{variables}");
    let words =
        ["[", "{", "\"", "'''", "= ", "[[tls]]", "\\u0000", VARIABLES, "kafka.", "embedded:", "inf", "0x7f"];
    Target::new([whole, tables, &both]).words(words).check_text(|text| {
        let (file, variables) = text.split_once(VARIABLES).unwrap_or((text, ""));
        let variables = variables.lines().filter_map(|line| line.split_once('='));
        let variables =
            variables.fold(Figment::new(), |all, (key, value)| all.merge((key, said(value.to_owned()))));
        match Config::of_layers(7101, Toml::string(file), variables, &NoFlags {}) {
            Ok(config) => {
                let again =
                    Config::of_layers(7101, Toml::string(&config.to_toml()), Figment::new(), &NoFlags {});
                assert_eq!(again.unwrap(), config);
            }
            Err(fault) => assert!(!fault.to_string().is_empty()),
        }
    });
}

/// Where a log is: what is taken is written so that it is taken as the same again.
fn log_url() {
    let seeds = ["embedded:lienthong-data", "kafka://kafka-1:9092,[::1]:2/thanh-hoa.v1", "kafka://a:1"];
    Target::new(seeds).words(["kafka://", "embedded:", ",", "/", "[::1]:", "\u{a0}"]).check_text(|text| {
        if let Ok(url) = text.parse::<LogUrl>() {
            assert_eq!(url.to_string().parse(), Ok(url.clone()));
            assert!(url.folder().as_os_str().len() <= text.len() + 32);
        }
    });
}

//! The structure of the house: which crate may use which, and what no file may hold.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, MetadataCommand, Package};

/// Crates from left to right: each may use those to its left. Those of one group do not use each other.
const LIBRARIES: [&[&str]; 10] = [
    &["lienthong-calendar", "lienthong-tax"],
    // Forms know no dossier: whoever prints one fills it in.
    &["lienthong-registry", "lienthong-forms"],
    &["lienthong-dossier", "lienthong-seal"],
    &["lienthong-report", "lienthong-wire"],
    &["lienthong-admission"],
    &["lienthong-log"],
    &["lienthong-log-embedded", "lienthong-log-kafka"],
    // Its tests audit a log in a file; the crate itself knows no kind.
    &["lienthong-audit"],
    &["lienthong-projection"],
    &["lienthong-node"],
];

/// For the tests of any crate: real brokers, and inputs that nobody meant. They know no crate of the house.
const TOOLS: [&str; 2] = ["lienthong-broker", "lienthong-fuzz"];

/// The operator's command starts every service; no other service uses one.
const OPERATOR: &str = "lienthong";

/// Who alone may name a crate from outside.
const ALONE: [(&str, &[&str]); 10] = [
    ("prost", &["lienthong-wire"]),
    ("prost-types", &["lienthong-wire"]),
    ("tonic-prost", &["lienthong-wire"]),
    // The tests drive the bus by reflection.
    ("prost-reflect", &["lienthong-wire", "integration-tests"]),
    ("redb", &["lienthong-log-embedded"]),
    ("sled", &["lienthong-projection"]),
    ("rdkafka", &["lienthong-log-kafka"]),
    ("typst", &["lienthong-forms"]),
    ("typst-pdf", &["lienthong-forms"]),
    ("qrcode", &["lienthong-forms"]),
];

/// About 400 lines hold one idea.
const LINES_MAX: usize = 450;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn metadata() -> Metadata {
    MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().exec().unwrap()
}

/// Left of what a crate stands; none for one that is not in the house's plan.
fn place(package: &Package, root: &Path) -> Option<usize> {
    let library = LIBRARIES.iter().position(|group| group.contains(&package.name.as_str()));
    let folder = package.manifest_path.as_std_path().parent()?.parent()?;
    match library {
        Some(place) => (folder == root.join("libs")).then_some(place + 1),
        None if TOOLS.contains(&package.name.as_str()) => (folder == root.join("tools")).then_some(0),
        None if package.name.as_str() == OPERATOR => Some(LIBRARIES.len() + 2),
        None if folder == root.join("services") => Some(LIBRARIES.len() + 1),
        None if package.name.as_str() == "integration-tests" => Some(LIBRARIES.len() + 3),
        None => None,
    }
}

#[test]
fn each_crate_uses_only_those_to_its_left() {
    let (metadata, root) = (metadata(), root());
    let mut places = BTreeMap::new();
    for package in &metadata.packages {
        let place = place(package, &root);
        places
            .insert(package.name.as_str(), place.unwrap_or_else(|| panic!("{} has no place", package.name)));
    }
    let mut wrong = Vec::new();
    for package in &metadata.packages {
        for used in &package.dependencies {
            let to_its_left =
                places.get(used.name.as_str()).is_none_or(|used| *used < places[package.name.as_str()]);
            if !to_its_left {
                wrong.push(format!("{} uses {}", package.name, used.name));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn one_crate_alone_names_each_format_and_store() {
    let mut wrong = Vec::new();
    for package in &metadata().packages {
        for (name, may) in ALONE {
            let named = package.dependencies.iter().any(|used| used.name == name);
            if named && !may.contains(&package.name.as_str()) {
                wrong.push(format!("{} names {name}", package.name));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_crate_takes_the_one_lint_table_and_licence() {
    for package in &metadata().packages {
        let manifest = fs::read_to_string(&package.manifest_path).unwrap();
        assert!(manifest.contains("[lints]\nworkspace = true"), "{}", package.name);
        assert_eq!(package.license.as_deref(), Some("Apache-2.0"), "{}", package.name);
        assert!(package.description.as_ref().is_some_and(|text| !text.is_empty()), "{}", package.name);
    }
}

#[test]
fn no_file_is_much_over_400_lines() {
    let long = |path: &PathBuf| fs::read_to_string(path).unwrap().lines().count() > LINES_MAX;
    let long: Vec<_> =
        sources(&["libs", "services", "integration-tests", "tools"]).into_iter().filter(long).collect();
    assert_eq!(long, Vec::<PathBuf>::new());
}

#[test]
fn nothing_is_a_stub_or_bound_to_one_machine() {
    // In two parts, so that this file does not find itself.
    let unwanted = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
        concat!("/wo", "rk/"),
        concat!("/ho", "me/"),
        concat!("/ro", "ot/"),
        concat!("/Us", "ers/"),
    ];
    let mut found = Vec::new();
    for path in sources(&["libs", "services", "integration-tests", "proto", "tools", ".ci"]) {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let hits = unwanted.iter().filter(|unwanted| text.contains(*unwanted));
        found.extend(hits.map(|unwanted| format!("{unwanted} in {}", path.display())));
    }
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn what_the_readme_says_is_what_runs() {
    let ci = fs::read_to_string(root().join(".ci/run")).unwrap();
    assert!(ci.lines().any(|line| line.trim_end().ends_with("make test")), "{ci}");
    let makefile = fs::read_to_string(root().join("Makefile")).unwrap();
    let readme = fs::read_to_string(root().join("README.md"));
    for target in ["demo", "test"] {
        assert!(makefile.lines().any(|line| line.starts_with(&format!("{target}:"))), "{target}");
        if let Ok(readme) = &readme {
            assert!(readme.contains(&format!("make {target}")), "{target}");
        }
    }
}

#[test]
fn every_test_that_the_security_page_names_is_there() {
    let page = fs::read_to_string(root().join("SECURITY.md")).unwrap();
    let (_, claims) = page.split_once("## What each test shows").unwrap();
    let rows = claims.lines().filter_map(|line| line.strip_prefix("| ")?.split_once(" | "));
    let named: Vec<_> = rows.flat_map(|(_, tests)| tests.split('`').skip(1).step_by(2)).collect();
    assert!(named.len() > 40, "{named:?}");
    let code: Vec<_> = sources(&["libs", "services", "integration-tests"])
        .iter()
        .filter_map(|path| fs::read_to_string(path).ok())
        .collect();
    let missing = |name: &&&str| !code.iter().any(|text| text.contains(&format!("fn {name}(")));
    assert_eq!(named.iter().filter(missing).collect::<Vec<_>>(), Vec::<&&str>::new());
}

/// Every file of ours below these folders that is code or configuration.
fn sources(folders: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders: Vec<_> = folders.iter().map(|folder| root().join(folder)).collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let kind = path.extension().and_then(|kind| kind.to_str());
            if path.is_dir() {
                folders.push(path);
            } else if matches!(kind, Some("rs" | "proto" | "toml" | "yaml" | "sh") | None) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

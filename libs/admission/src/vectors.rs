//! The test vectors beside `docs/format.md`, with which other implementations are checked, and ours.
//!
//! `VECTORS=write cargo test --workspace --lib vectors -- --test-threads 1` writes them anew. They are the same each time.

mod author;
mod fixed;
mod primitives;
mod readings;
mod records;
mod registry;
mod story;
mod strict;
mod tampered;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use lienthong_seal::{Hash, PartitionChain, chain, log_digest};
use serde_json::{Value, json};

use records::hex;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/vectors")
}

fn read(name: &str) -> Value {
    let text = fs::read_to_string(folder().join(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// What a file must hold. The order of fields in it is of no matter.
#[track_caller]
fn is_written(name: &str, value: &Value) {
    if std::env::var("VECTORS").is_ok_and(|what| what == "write") {
        let text = format!("{}\n", serde_json::to_string_pretty(value).unwrap());
        fs::write(folder().join(name), text).unwrap();
    }
    assert!(read(name) == *value, "{name} is not what the generator writes: see the module's first lines");
}

/// The log: the registry's partition, one dossier partition, that of readings, and nothing in the others.
fn log() -> Value {
    let registry = registry::Chain::written();
    let author = story::told(&registry);
    let readings = readings::Readings::told(&registry.revisions);
    let log_id = registry.revisions.log_id();
    let cursor = author.ledger.cursor();
    let empty = |partition| PartitionChain { partition, next: 0, chain: chain::start(log_id, partition) };
    let dossiers = (0..u32::from(registry::PARTITIONS)).map(|partition| {
        let here = partition == u32::from(story::PARTITION);
        if here {
            PartitionChain { partition, next: cursor.next, chain: cursor.chain }
        } else {
            empty(partition)
        }
    });
    let last = PartitionChain {
        partition: chain::REGISTRY,
        next: registry.revisions.next(),
        chain: registry.revisions.chain(),
    };
    let reads = readings.cursor();
    let reads = PartitionChain { partition: chain::READS, next: reads.next, chain: reads.chain };
    let digest = log_digest(dossiers.chain([reads, last]));
    json!({
        "log_id": hex(log_id),
        "partitions": registry::PARTITIONS,
        "registry": registry.records,
        "dossiers": {
            "partition": story::PARTITION,
            "records": author.records.iter().map(records::Vector::json).collect::<Vec<_>>(),
        },
        "reads": readings.records,
        "log_digest": hex(digest),
    })
}

#[test]
fn the_primitives_are_those_of_the_file() {
    is_written("primitives.json", &primitives::written());
    primitives::check(&read("primitives.json"));
}

#[test]
fn the_log_of_the_file_is_what_its_author_writes() {
    is_written("log.json", &log());
}

#[test]
fn every_record_of_the_file_gets_the_verdict_that_it_says() {
    let log = read("log.json");
    let registry = log["registry"].as_array().unwrap();
    let (outcomes, revisions) = registry::outcomes(registry);
    let said: Vec<_> = registry.iter().map(|record| record["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, said);
    assert_eq!(hex(revisions.chain()), registry.last().unwrap()["chain"].as_str().unwrap());
    assert_eq!(hex(revisions.log_id()), log["log_id"].as_str().unwrap());
    let records = log["dossiers"]["records"].as_array().unwrap();
    let judged = tampered::judged(&revisions, story::PARTITION, records);
    let codes: Vec<_> = records.iter().map(|record| record["verdict"].as_u64().unwrap() as u8).collect();
    assert_eq!(judged.codes, codes);
    let leaves: Vec<Hash> =
        records.iter().map(|record| record["leaf"].as_str().unwrap().parse().unwrap()).collect();
    assert_eq!(judged.leaves, leaves);
    let last = records.last().unwrap();
    assert_eq!(
        (hex(judged.chain).as_str(), hex(judged.digest).as_str()),
        (last["chain"].as_str().unwrap(), last["verdict_digest"].as_str().unwrap())
    );
    assert_eq!(judged.next, last["offset"].as_u64().unwrap() + 1);
    let reads = log["reads"].as_array().unwrap();
    let (faults, chain) = readings::judged(&revisions, reads);
    let said: Vec<_> = reads.iter().map(|record| record["fault"].as_str().unwrap()).collect();
    assert_eq!(faults, said);
    assert_eq!(hex(chain), reads.last().unwrap()["chain"].as_str().unwrap());
}

#[test]
fn nearly_every_reason_has_a_record_in_the_file() {
    let log = read("log.json");
    let records = log["dossiers"]["records"].as_array().unwrap();
    let missing: Vec<_> = crate::Reason::ALL
        .iter()
        .filter(|reason| !records.iter().any(|record| record["verdict"] == reason.code()))
        .collect();
    // 4,096 records of one dossier, each with its seal, are too many for a file.
    assert_eq!(missing, [&crate::Reason::Full]);
}

#[test]
fn what_is_changed_moved_or_removed_is_found_as_the_file_says() {
    let log = log();
    is_written("tampered.json", &tampered::written(&log));
    let chains = ["registry", "dossiers", "reads"].map(|name| {
        let records = tampered::records(&log, name);
        records.last().unwrap()["chain"].clone()
    });
    let mut finders: BTreeMap<String, usize> = BTreeMap::new();
    for case in read("tampered.json").as_array().unwrap() {
        let found = tampered::found(&log, case);
        assert!(!chains.contains(&found["chain"]), "{case}");
        for (name, value) in found.as_object().unwrap() {
            assert_eq!(*value, case[name], "{name} of {}", case["note"]);
        }
        *finders.entry(found["found_by"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    // Each way to be found out has a case.
    let all = tampered::FINDERS.map(str::to_owned);
    assert_eq!(finders.keys().cloned().collect::<BTreeSet<_>>(), BTreeSet::from(all));
}

/// `tools/setup python` gets what it needs. Which Python has the package depends on the machine.
#[test]
fn a_checker_in_another_language_comes_to_the_same() {
    let has_package = |python: &&str| {
        let asked = Command::new(python).args(["-c", "import cryptography"]).output();
        asked.is_ok_and(|asked| asked.status.success())
    };
    let Some(python) = ["python3", "/usr/bin/python3"].into_iter().find(has_package) else {
        eprintln!("SKIPPED: no python3 with the package `cryptography`; run tools/setup python");
        return;
    };
    // -B: no compiled copies beside the sources.
    let run = Command::new(python).arg("-B").arg(folder().join("verify.py")).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
}

//! `registry`, `pack publish` and `pack list`: a registry as its authority and its readers meet it.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::services::log_in;
use crate::support::{Run, done, done_json, not_done, run};

/// A log with no dossier in it.
fn founded(dir: &tempfile::TempDir) -> String {
    let log = log_in(dir);
    done_json(&["registry", "init", "--training", "--log", &log]);
    log
}

fn file(dir: &tempfile::TempDir, name: &str, text: &str) -> String {
    let path = dir.path().join(name);
    fs::write(&path, text).unwrap();
    path.display().to_string()
}

const TABLE: &str = "\
id,name,level,code_qd20,code_qcvn102,roles,parent,province,from,to,node
dept-health,Sở Y tế tỉnh Mẫu,province,H41.55,000.55.00.H41,department,,40,2025-07-01,,
planning-38,Sở Xây dựng tỉnh Thanh Hóa,province,H56.301,000.01.00.H56,planning,,38,,,ward-desk
";

#[test]
fn a_table_of_agencies_is_published_once_and_looked_up_by_either_code() {
    let dir = tempfile::tempdir().unwrap();
    let (log, table) = (founded(&dir), file(&dir, "agencies.csv", TABLE));
    let imported = done_json(&["registry", "import", &table, "--log", &log]);
    assert_eq!(
        imported,
        serde_json::json!({
            "read": 2, "added": 2, "changed": 0, "unchanged": 0, "successions": 0, "faults": [], "revision": 1,
        })
    );
    let again = done_json(&["registry", "import", &table, "--log", &log]);
    assert_eq!((&again["unchanged"], &again["revision"]), (&2.into(), &serde_json::Value::Null));
    for code in ["H41.55", "000.55.00.H41", "dept-health"] {
        let shown = done_json(&["registry", "show", "--log", &log, "--agency", code, "--on", "2026-01-01"]);
        assert_eq!((&shown["id"], &shown["key_id"]), (&"dept-health".into(), &serde_json::Value::Null));
    }
    let served = done_json(&["registry", "show", "--log", &log, "--agency", "planning-38"]);
    assert_eq!(served["nodes"], serde_json::json!(["ward-desk"]));
    assert!(served["key_id"].is_string());
    let key = PathBuf::from(log.strip_prefix("embedded:").unwrap()).join("keys/agencies/planning-38.key");
    assert!(key.is_file());

    // A row of an agency that is there changes it from its day on.
    let renamed =
        file(&dir, "renamed.csv", "id,name,level,from\ndept-health,Sở Y tế mới,province,2026-07-01\n");
    assert_eq!(done_json(&["registry", "import", &renamed, "--log", &log])["changed"], 1);
    let told = done(&["registry", "show", "--log", &log, "--agency", "H41.55"]);
    assert!(
        told.contains("cấp tỉnh")
            && told.contains("Sở Y tế tỉnh Mẫu (đến 30/06/2026)")
            && told.contains("Sở Y tế mới (từ 01/07/2026)"),
        "{told}"
    );
    let shown = done_json(&["registry", "show", "--log", &log]);
    assert_eq!((&shown["revision"], shown["revisions"].as_array().unwrap().len()), (&2.into(), 3));
    let told = done(&["registry", "show", "--log", &log]);
    assert!(told.starts_with("TẬP HUẤN") && told.contains("land-registry"), "{told}");
    not_done(
        &["registry", "show", "--log", &log, "--agency", "H99.1"],
        1,
        "the registry has no agency H99.1",
    );

    let verified = done_json(&["registry", "verify", "--log", &log]);
    assert_eq!((&verified["revision"], &verified["faults"]), (&2.into(), &serde_json::json!([])));
    // Services go on with it: the fences put every revision in force.
    let demo = done_json_of_demo(&log);
    assert_eq!(demo["verified"], true);
}

fn done_json_of_demo(log: &str) -> serde_json::Value {
    let Run { code, stdout, stderr } = run(&["demo", "--dossiers", "2", "--log", log, "--output", "json"]);
    assert_eq!(code, Some(0), "{stderr}");
    serde_json::from_str(&stdout).unwrap()
}

#[test]
fn a_table_with_a_fault_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let log = founded(&dir);
    for (table, fault) in [
        (format!("{TABLE}x,Tên,town,,,,,,,,\n"), "line 4: level: `town`"),
        (TABLE.replace(",,,ward-desk", ",,,nowhere"), "line 3: node: the registry has no node `nowhere`"),
    ] {
        let table = file(&dir, "agencies.csv", &table);
        let Run { code, stdout, stderr } = run(&["registry", "import", &table, "--log", &log]);
        assert_eq!(code, Some(1), "{stderr}");
        assert!(stdout.starts_with(fault), "{stdout}");
    }
    assert_eq!(done_json(&["registry", "show", "--log", &log])["revision"], 0);
    // Only the authority publishes.
    let table = file(&dir, "agencies.csv", TABLE);
    let stranger = tempfile::tempdir().unwrap();
    let other = founded(&stranger);
    let keys = other.strip_prefix("embedded:").unwrap();
    let said = "the key is not that of the registry's authority";
    not_done(&["registry", "import", &table, "--log", &log, "--dir", keys], 1, said);
    let nobody = tempfile::tempdir().unwrap();
    let dir_of = nobody.path().display().to_string();
    not_done(&["registry", "import", &table, "--log", &log, "--dir", &dir_of], 64, "key file");
    not_done(&["registry", "import", "nowhere.csv", "--log", &log], 64, "cannot read nowhere.csv");
    let nowhere = format!("embedded:{}", nobody.path().join("x").display());
    not_done(&["registry", "show", "--log", &nowhere], 64, "there is no log at");
}

#[test]
fn the_agencies_of_the_whole_country_are_imported_and_found() {
    let dir = tempfile::tempdir().unwrap();
    let log = founded(&dir);
    let mut table = "id,name,level,code_qd20,code_qcvn102,parent\n".to_owned();
    for n in 0..120_000_u32 {
        let (province, office) = (n % 60 + 1, n / 60);
        let parent = if n < 60 { String::new() } else { format!("p{}", n % 60) };
        let (a, b) = (office / 100, office % 100);
        writeln!(
            table,
            "p{n},Cơ quan số {n},commune,H{province:02}.{}.{},{:03}.{b:02}.{:02}.H{province:02},{parent}",
            office / 1_000 + 1,
            office % 1_000,
            a + 1,
            province
        )
        .unwrap();
    }
    let table = file(&dir, "country.csv", &table);
    let imported = done_json(&["registry", "import", &table, "--log", &log]);
    assert_eq!((&imported["added"], &imported["revision"]), (&120_000.into(), &1.into()));
    let shown = done_json(&["registry", "show", "--log", &log, "--agency", "H37.2.999"]);
    assert_eq!(shown["id"], "p119976");
    assert_eq!(done_json(&["registry", "import", &table, "--log", &log])["unchanged"], 120_000);
}

#[test]
fn packs_are_published_listed_and_never_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let log = founded(&dir);
    let shipped =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../libs/registry/packs/land-transfer-thanh-hoa.yaml");
    let text = fs::read_to_string(shipped).unwrap();
    let mine = file(&dir, "mine.yaml", &text.replace("1.099001", "9.000077"));
    let published = done_json(&["pack", "publish", &mine, "--log", &log]);
    assert_eq!(published, serde_json::json!({"packs": 1, "revision": 1}));
    let listed = done_json(&["pack", "list", "--log", &log]);
    let procedures: Vec<_> =
        listed.as_array().unwrap().iter().map(|pack| pack["procedure"].as_str().unwrap()).collect();
    assert!(procedures.contains(&"9.000077") && procedures.len() == 6, "{procedures:?}");
    assert!(done(&["pack", "list", "--log", &log]).contains("9.000077"));
    assert_eq!(done_json(&["pack", "publish", &mine, "--log", &log])["revision"], serde_json::Value::Null);
    let changed = file(&dir, "changed.yaml", &format!("{}\n# x\n", text.replace("1.099001", "9.000077")));
    not_done(&["pack", "publish", &changed, "--log", &log], 1, "pack 9.000077 version");
    let gap = file(
        &dir,
        "gap.yaml",
        &text.replace("1.099001", "9.000078").replace("role: tax-office", "role: police"),
    );
    let Run { code, stderr, .. } = run(&["pack", "publish", &gap, "--log", &log]);
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stderr.contains("police"), "{stderr}");
}

#[test]
fn packs_are_listed_by_what_they_offer_and_counted_by_field_and_level() {
    let dir = tempfile::tempdir().unwrap();
    let log = founded(&dir);
    let listed = done_json(&["pack", "list", "--log", &log]);
    let permit = listed.as_array().unwrap().iter().find(|pack| pack["procedure"] == "1.099004").unwrap();
    assert_eq!(
        (&permit["version"], &permit["steps"], &permit["to"]),
        (&"2025-07-01".into(), &8.into(), &().into())
    );
    let offered = serde_json::json!({
        "level": 4,
        "receive_by": ["direct", "online", "postal"],
        "return_by": ["desk", "postal", "electronic"],
        "pay_by": ["cash", "bank", "wallet", "portal"],
        "identity": 2,
        "presence_because": null,
        "accounts": 1,
        "field": "G99-XD01",
    });
    for (key, value) in offered.as_object().unwrap() {
        assert_eq!(&permit[key], value, "{key}");
    }
    let fee = &permit["fees"][0];
    assert_eq!((&fee["amount_dong"], &fee["pay_later"]), (&75_000.into(), &true.into()));

    let counts = done_json(&["pack", "list", "--counts", "--log", &log]);
    let levels = |told: &serde_json::Value| -> Vec<u64> {
        told["levels"].as_array().unwrap().iter().map(|level| level["packs"].as_u64().unwrap()).collect()
    };
    assert_eq!((&counts["packs"], levels(&counts)), (&5.into(), vec![0, 0, 3, 2]));
    let fields = counts["fields"].as_array().unwrap();
    let summed: u64 = fields.iter().map(|field| field["packs"].as_u64().unwrap()).sum();
    assert_eq!((fields.len(), summed), (4, 5));

    let text = done(&["pack", "list", "--log", &log]);
    let line = text.lines().find(|line| line.contains("1.099004")).unwrap();
    for said in
        ["trực tiếp, trực tuyến, bưu chính công ích", "mức độ 2", "75.000 đ (thu sau, có đối tượng miễn)"]
    {
        assert!(line.contains(said), "{line}");
    }
    assert!(text.lines().last().unwrap().contains("Tổng số"), "{text}");
}

#[test]
fn a_revoked_node_is_refused_and_a_rotated_one_goes_on_with_its_new_key() {
    let dir = tempfile::tempdir().unwrap();
    let log = founded(&dir);
    let before = done_json(&["registry", "show", "--log", &log]);
    let rotated = done_json(&["registry", "rotate", "land-registry", "--log", &log]);
    assert_eq!(rotated["revision"], 1);
    let after = done_json(&["registry", "show", "--log", &log]);
    let of = |shown: &serde_json::Value| -> Vec<(String, u64)> {
        let nodes = shown["nodes"].as_array().unwrap().iter().filter(|node| node["name"] == "land-registry");
        nodes
            .map(|node| (node["key_id"].as_str().unwrap().to_owned(), node["agencies"].as_u64().unwrap()))
            .collect()
    };
    let (was, is) = (of(&before), of(&after));
    assert_eq!(is, [(was[0].0.clone(), 0), (rotated["key_id"].as_str().unwrap().to_owned(), 1)]);
    // The whole story is told under the new key.
    assert_eq!(done_json_of_demo(&log)["verified"], true);
    assert_eq!(done_json(&["registry", "revoke", "tax-office", "--log", &log])["revision"], 2);
    let said = "the registry has no node tax-office that seals for anybody";
    not_done(&["registry", "revoke", "tax-office", "--log", &log], 1, said);
    let Run { code, .. } = run(&["demo", "--dossiers", "1", "--log", &log]);
    assert_ne!(code, Some(0));
}

#[test]
fn what_is_wrong_with_a_succession_or_a_calendar_is_told_and_nothing_is_published() {
    let dir = tempfile::tempdir().unwrap();
    let log = founded(&dir);
    let head = "predecessor,successor,communes,effective,legal_basis\n";
    let table =
        file(&dir, "torn.csv", &format!("{head}H56.2,H56.2,,2026-12-01,x\nH56.2,H56.3,1,2026-12-01,x\n"));
    let Run { code, stdout, .. } = run(&["registry", "import", "--successions", &table, "--log", &log]);
    assert_eq!(code, Some(1));
    assert!(stdout.contains("line 2: successor") && stdout.contains("line 3: communes"), "{stdout}");
    let nowhere = file(&dir, "nowhere.csv", &format!("{head}H56.2,H56.3,99999,2026-12-01,x\n"));
    let said = "H56.2 is succeeded in commune 99999, which is not in the registry";
    not_done(&["registry", "import", "--successions", &nowhere, "--log", &log], 1, said);
    let unknown = file(&dir, "unknown.csv", &format!("{head}H56.2,nobody,,2026-12-01,x\n"));
    let said = "a succession names nobody, which is not in the registry";
    not_done(&["registry", "import", "--successions", &unknown, "--log", &log], 1, said);
    // It ends, and only one of its communes is taken over.
    let gone = file(&dir, "gone.csv", "id,name,level,to\nland-office,Chi nhánh cũ,province,2026-11-30\n");
    let part = file(&dir, "part.csv", &format!("{head}land-office,planning,14797,2026-12-01,x\n"));
    let whole = ["registry", "import", &gone, "--successions", &part, "--log", &log];
    not_done(&whole, 1, "land-office is no more after 2026-11-30, and nobody takes over from it in commune");

    let days = file(&dir, "days.csv", "date,kind,status,name\n2027-01-01,holiday,official,x\n");
    let calendar =
        ["registry", "calendar", &days, "--version", "vn-2027", "--from", "2026-12-01", "--log", &log];
    let Run { code, stderr, .. } = run(&calendar);
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stderr.contains("line 2"), "{stderr}");
    // A table that ends before what it is for would leave every desk without a due date.
    let short = file(&dir, "short.csv", "date,kind,status,name\n2026-12-24,off,official,x\n");
    let ends =
        ["registry", "calendar", &short, "--version", "vn-2027", "--from", "2026-12-01", "--log", &log];
    not_done(&ends, 1, "the table ends with 2026, and is needed to the end of 2027");
    let late =
        ["registry", "calendar", &short, "--version", "vn-2027", "--from", "2027-12-01", "--log", &log];
    not_done(&late, 1, "the table is of 2026 to 2026, and it is to be in force from 2027-12-01");
    let rows = "date,kind,status,name\n2026-12-24,off,official,x\n2027-01-01,off,official,Tết Dương lịch\n";
    let sound = file(&dir, "sound.csv", rows);
    let calendar =
        ["registry", "calendar", &sound, "--version", "vn-2027", "--from", "2026-12-01", "--log", &log];
    let published = done_json(&calendar);
    assert_eq!([&published["revision"], &published["first_year"]], [&1.into(), &serde_json::json!(2026)]);
    assert_eq!(done_json(&calendar)["revision"], serde_json::Value::Null, "once");
    assert_eq!(done_json(&["registry", "show", "--log", &log])["revision"], 1);

    let split = file(&dir, "split.csv", &format!("{head}H56.2,H56.3,14797,2026-12-01,NQ 5/NQ-HĐND\n"));
    let imported = done_json(&["registry", "import", "--successions", &split, "--log", &log]);
    assert_eq!((&imported["successions"], &imported["revision"]), (&1.into(), &2.into()));
    for agency in ["H56.2", "H56.3"] {
        let shown = done_json(&["registry", "show", "--agency", agency, "--log", &log]);
        let [succession] = shown["successions"].as_array().unwrap().as_slice() else { panic!("{shown}") };
        assert_eq!(
            (&succession["predecessor"], &succession["successor"]),
            (&"H56.2".into(), &"H56.3".into())
        );
    }
    let told = done(&["registry", "show", "--agency", "H56.2", "--log", &log]);
    assert!(told.contains("H56.3 từ 01/12/2026, xã 14797 (NQ 5/NQ-HĐND)"), "{told}");
}

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use serde_json::Value;

use crate::case::{Case, DESK};
use crate::services::{SMALL, Up, log_in, signal};
use crate::support::{command, done, done_json, not_done, run};

const CODE: &str = "H56.1-261102-0001";
const TRAINING: &str = "TẬP HUẤN: dữ liệu tập huấn, không có giá trị pháp lý";

fn at_server<'a>(args: &[&'a str], server: &'a str) -> Vec<&'a str> {
    [&["dossier"], args, &["--server", server]].concat()
}

fn codes(listed: &Value) -> Vec<&str> {
    let dossiers = listed.get("dossiers").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    dossiers.iter().map(|dossier| dossier["code"].as_str().unwrap()).collect()
}

#[test]
fn a_dossier_is_listed_shown_and_told_as_it_is() {
    let up = Up::start();
    let server = up.address("ward-desk");
    up.dossier(CODE, 3);
    up.dossier("H56.1-261102-0002", 2);
    let ask = |args: &[&str]| done_json(&at_server(args, server));

    let all = ask(&["list"]);
    assert_eq!(codes(&all), [CODE, "H56.1-261102-0002"]);
    assert_eq!((&all["training"], &all["nextPageToken"]), (&Value::Bool(true), &Value::Null));
    for (filter, found) in [
        (["--agency", "land-office"].as_slice(), 2),
        (&["--agency", "H56.1"], 1),
        (&["--agency", "tax-office"], 0),
        (&["--status", "4"], 1),
        (&["--status", "2,4"], 2),
        (&["--status", "10"], 0),
        (&["--procedure", "1.099001"], 2),
        (&["--received-by", "H56.2"], 0),
        (&["--imported", "true"], 0),
        (&["--imported", "false", "--received-by", "H56.1"], 2),
        (&["--code", "H56.1-2611"], 2),
        (&["--code", CODE], 1),
        (&["--received-from", "2026-11-02", "--received-to", "2026-11-02"], 2),
        (&["--received-from", "2026-11-03"], 0),
        (&["--due-from", "2026-11-03", "--status", "4"], 1),
        (&["--due-to", "2026-11-02"], 0),
        (&["--overdue-as-of", "2027-01-01"], 2),
        (&["--overdue-as-of", "2026-11-03"], 0),
    ] {
        assert_eq!(codes(&ask(&[&["list"], filter].concat())).len(), found, "{filter:?}");
    }

    let shown = ask(&["show", CODE]);
    assert_eq!(shown["custody"]["holder"], "land-office");
    assert_eq!((&shown["status"], &shown["training"]), (&"STATUS_PROCESSING".into(), &true.into()));

    let timeline = ask(&["timeline", CODE]);
    let entries = timeline["entries"].as_array().unwrap();
    let names: Vec<_> = entries.iter().map(|entry| entry["facts"][0]["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["DossierAccepted", "StepCompleted", "CustodyOffered", "CustodyAccepted"]);

    // The node that is asked makes no difference.
    assert_eq!(done_json(&at_server(&["show", CODE], up.address("auditor"))), shown);
}

#[test]
fn officers_read_vietnamese_and_every_page_says_that_it_is_training() {
    let up = Up::start();
    let server = up.address("ward-desk");
    up.dossier(CODE, 3);
    let ask = |args: &[&str]| done(&at_server(args, server));
    let pages = [ask(&["list"]), ask(&["show", CODE]), ask(&["timeline", CODE])];
    for page in &pages {
        assert_eq!(page.lines().next(), Some(TRAINING));
    }
    let [list, show, timeline] = pages;
    for word in ["Mã hồ sơ", "Đang giữ", "Hẹn trả", CODE, "Đang xử lý (4)", "1 hồ sơ"] {
        assert!(list.contains(word), "{word}: {list}");
    }
    for word in [
        "Đang giữ               Chi nhánh Văn phòng đăng ký đất đai khu vực Thanh Hóa (land-office)",
        "Nơi tiếp nhận          Trung tâm Phục vụ hành chính công",
        " (H56.1)",
        "Xã, phường             Phường Hàm Rồng (14758)",
        "Số lần bàn giao        1 (kèm giấy: 0)",
        "Hẹn trả",
    ] {
        assert!(show.contains(word), "{word}: {show}");
    }
    for word in [
        "▇ đang giữ hồ sơ",
        "░ đã giao, chờ nhận",
        "═ đồng hồ chạy",
        "4. 11:00 ngày 02/11/2026",
        "Chờ nhận",
        ", tính cho Chi nhánh Văn phòng đăng ký đất đai khu vực Thanh Hóa",
        "Lê Thị Mẫu (Chuyên viên)",
    ] {
        assert!(timeline.contains(word), "{word}: {timeline}");
    }
    let widest = |width: &str| {
        let page = ask(&["timeline", CODE, "--width", width]);
        page.lines().filter(|line| line.contains('┬')).map(|line| line.chars().count()).max()
    };
    assert!(widest("60") < widest("140"));
    assert!(timeline.contains(" – đúng hạn"), "{timeline}");
    assert!(list.contains("còn 13 ngày làm việc") && show.contains("(còn 13 ngày làm việc)"), "{list}{show}");

    let land = ["--agency", "land-office"];
    let tasks = ask(&[&["tasks"], &land[..]].concat());
    for word in [TRAINING, CODE, "Còn lại", "1 việc"] {
        assert!(tasks.contains(word), "{word}: {tasks}");
    }
    let nobody = ask(&[&["tasks", "--officer", "cb-99"], &land[..]].concat());
    assert!(nobody.ends_with("0 việc\n"), "{nobody}");
    let due = done_json(&at_server(&["show", CODE], server))["due"].as_str().unwrap()[..10].to_owned();
    let reminders = ask(&[&["reminders", "--day", &due], &land[..]].concat());
    assert!(
        reminders.contains("hẹn trả kết quả: hạn") && reminders.contains("đến hạn hôm nay"),
        "{reminders}"
    );
    let sunday = ask(&[&["reminders", "--day", "2026-11-22"], &land[..]].concat());
    assert!(sunday.ends_with("0 lời nhắc\n"), "{sunday}");
}

#[test]
fn a_limit_cuts_the_list_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let log = log_in(&folder);
    run(&["import", "xes", SMALL, "--log", &log]);
    let cut = run(&["dossier", "list", "--limit", "3", "--log", &log, "--output", "json"]);
    let listed: Value = serde_json::from_str(&cut.stdout).unwrap();
    assert_eq!(codes(&listed), ["small/GP-0001", "small/GP-0002", "small/GP-0003"]);
    assert_ne!(listed["nextPageToken"], "");
    assert_eq!((cut.code, cut.stderr.lines().count()), (Some(0), 1), "{}", cut.stderr);
    let whole = done_json(&["dossier", "list", "--limit", "4", "--log", &log]);
    assert_eq!((codes(&whole).len(), &whole["nextPageToken"]), (4, &Value::Null));
}

#[test]
fn imported_history_shows_its_source_and_activities_at_their_own_times() {
    let folder = tempfile::tempdir().unwrap();
    let log = log_in(&folder);
    run(&["import", "xes", SMALL, "--log", &log]);
    let ask = |verb: &str| done(&["dossier", verb, "small/GP-0001", "--log", &log]);
    for page in [ask("show"), ask("timeline")] {
        for word in
            [TRAINING, "small", "2026-03-02T08:15:00.25+07:00", "2026-03-09T02:30:00", "Cán bộ 2", "Một cửa"]
        {
            assert!(page.to_lowercase().contains(&word.to_lowercase()), "{word}: {page}");
        }
        assert!(!page.contains("120000"), "what else the source says is personal: {page}");
    }
    let shown = done_json(&["dossier", "show", "small/GP-0002", "--log", &log]);
    assert_eq!(shown["imported"]["source"], "small");
    assert_eq!(shown["imported"]["firstAt"], "2026-03-03T13:30:00.000001Z");
    assert_eq!(codes(&done_json(&["dossier", "list", "--imported", "true", "--log", &log])).len(), 4);
}

#[test]
fn watching_tells_each_change_until_the_caller_ends_it() {
    let up = Up::start();
    up.dossier(CODE, 0);
    let watch = at_server(&["watch", CODE, "--output", "json"], up.address("ward-desk"));
    let mut child = command(&watch).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || -> Value { serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap() };
    assert_eq!(next()["step"]["id"], "tiep-nhan");
    up.dossier(CODE, 1);
    assert_eq!(next()["step"]["begun"], Value::Null);
    up.dossier(CODE, 2);
    assert_eq!(next()["custody"]["offeredTo"], "land-office");
    signal(&child, "INT");
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(lines.next().is_none());
}

#[test]
fn watching_ends_with_the_service() {
    let up = Up::start();
    up.dossier(CODE, 0);
    let watch = at_server(&["watch", CODE], up.address("ward-desk"));
    let mut child = command(&watch).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), TRAINING);
    assert!(lines.next().unwrap().unwrap().contains("Được tiếp nhận (2)"));
    drop(up);
    assert_eq!(child.wait().unwrap().code(), Some(69));
}

#[test]
fn what_is_not_there_is_refused_and_what_is_not_reached_is_said_to_be() {
    let up = Up::start();
    let server = up.address("ward-desk");
    for verb in ["show", "timeline", "watch"] {
        not_done(&at_server(&[verb, "nope"], server), 1, "no dossier has this code");
    }
    not_done(&at_server(&["list", "--agency", "nope"], server), 1, "the registry has no agency nope");
    // Port 1 is nobody's.
    let unreachable = "no service answers at http://127.0.0.1:1: Connection refused";
    not_done(&at_server(&["list"], "127.0.0.1:1"), 69, unreachable);
    let log = up.log();
    not_done(&["dossier", "list", "--log", &log], 69, "another process holds the log");
    assert!(run(&["dossier", "list", "--log", &log]).stderr.contains("--server"));
}

#[test]
fn an_empty_place_is_bad_configuration_and_stays_empty() {
    let folder = tempfile::tempdir().unwrap();
    let log = log_in(&folder);
    for args in [["list", "--log"].as_slice(), &["show", "x", "--log"], &["timeline", "x", "--log"]] {
        let args = [&["dossier"], args, &[log.as_str()]].concat();
        not_done(&args, 64, "there is no log at");
        let said = run(&args).stderr;
        assert!(said.contains("up --training") && said.contains("registry init"), "{said}");
    }
    assert!(!folder.path().join("log").exists());
}

#[test]
fn what_makes_no_sense_is_wrong_usage() {
    for (args, error) in [
        (["list", "--status", "11"].as_slice(), "invalid value '11'"),
        (&["list", "--limit", "0"], "invalid value '0'"),
        (&["list", "--imported", "maybe"], "invalid value 'maybe'"),
        (&["list", "--server", "ftp://x:1"], "invalid value 'ftp://x:1'"),
        (&["list", "--server", "https://x:1"], "no authority is given"),
        (
            &["list", "--server", "127.0.0.1:1", "--log", "embedded:x"],
            "the argument '--server <ADDRESS>' cannot be used",
        ),
        (&["list", "--log", "/var/lib"], "invalid value '/var/lib'"),
        (&["list", "--due-from", "02/11/2026"], "invalid value '02/11/2026'"),
        (&["list", "--dir", "x"], "the following required arguments were not provided"),
        (&["timeline", "x", "--width", "59"], "invalid value '59'"),
        (&["show"], "the following required arguments were not provided"),
    ] {
        not_done(&[&["dossier"], args].concat(), 2, error);
    }
}

#[test]
fn personal_data_is_read_for_a_purpose_and_found_by_number_and_kept_while_the_law_says_so() {
    let up = Up::start();
    let server = up.address("ward-desk");
    up.dossier(CODE, 2);
    let officer = ["--agency", "H56.1", "--officer", "cb-01", "--purpose", "handling"];
    let ask = |args: &[&str]| done_json(&at_server(&[args, &officer].concat(), server));
    let shown = ask(&["read", CODE]);
    assert_eq!(shown["dossiers"][0]["code"], CODE);
    let found = ask(&["find", "--id-number", "000000000000"]);
    assert_eq!(found["codes"], Value::Null);
    assert_eq!(found["receipt"]["offset"], "1", "the second record of the readings");
    let found = ask(&["find", "--parcel", "14797:9:999"]);
    assert_eq!((&found["codes"], &found["receipt"]["offset"]), (&Value::Null, &"2".into()));
    let vague = [&["find", "--parcel", "9:999"], &officer[..]].concat();
    not_done(&at_server(&vague, server), 2, "--parcel names no commune, sheet and parcel");
    let text = done(&at_server(&[&["read", CODE], &officer[..]].concat(), server));
    assert!(text.starts_with(TRAINING) && text.contains("Lượt đọc đã được ghi nhận"), "{text}");

    let other = [&["read", CODE], &officer[2..], &["--agency", "H56.2"]].concat();
    not_done(&at_server(&other, server), 1, "H56.2 has no part in the dossier");
    let other = [&["read", CODE], &officer[..4], &["--purpose", "curiosity"]].concat();
    assert_eq!(run(&at_server(&other, server)).code, Some(2));
    let erase = ["erase", CODE, "--ground", "Luật 91/2025/QH15"];
    not_done(&at_server(&erase, server), 1, "this cannot be done in status");
}

#[test]
fn what_persons_told_is_shown_with_what_happened_in_words() {
    let up = Up::start();
    let case = Case::new(&up, CODE);
    case.received("2026-11-02T08:15");
    let read = ["read", CODE, "--agency", DESK, "--officer", "cb-01", "--purpose", "handling"];
    let text = done(&at_server(&read, up.address("ward-desk")));
    let told = text.lines().find(|line| line.contains("08:15 ngày 02/11/2026")).unwrap();
    assert!(told.contains(&format!(" ({DESK}): ")) && !text.contains("DossierAccepted"), "{text}");
    assert!(text.contains("Lò Thị Mẫu"), "{text}");
}

//! The published figures of real offices come out of a replay to the last digit.

use std::io::Write as _;
use std::process::Command;

use jiff::civil::{Date, date};
use lienthong::sync::{Dialect, Sync};
use lienthong_calendar::Instant;
use lienthong_dossier::{Action, Dossier, DossierCode, Imported};
use lienthong_registry::training::{self, TrainingKeys};
use lienthong_registry::{AgencyId, Registry};
use lienthong_report::{Column, Counts, Facts, Ii06, Outline, Rows, Settings, Share, Shares, Window};
use lienthong_wire::IntoCommand as _;
use lienthong_wire::pb::common::v1::{Actor, CommandHeader, Power};
use lienthong_wire::pb::history::v1::ImportHistoryRequest;
use serde_json::Value;

use super::support::published::{Office, Period};

const YEAR_2021: (Date, Date) = (date(2020, 12, 15), date(2021, 12, 14));
const FIRST_HALF_2022: (Date, Date) = (date(2021, 12, 15), date(2022, 6, 14));

/// Thủ Dầu Một, the city: what it published of 2021, and of the first half of 2022.
const CITY: Office = Office {
    code: "H09.31",
    name: "UBND thành phố Thủ Dầu Một",
    carried: 1_967,
    periods: &[
        Period {
            from: YEAR_2021.0,
            to: YEAR_2021.1,
            received: 24_389,
            online: 3_700,
            pending: 387,
            late: 44,
        },
        Period {
            from: FIRST_HALF_2022.0,
            to: FIRST_HALF_2022.1,
            received: 17_640,
            online: 2_639,
            pending: 485,
            late: 0,
        },
    ],
    seed: 2021,
};

/// Its 14 wards together, which had solved everything in time.
const WARDS: Office = Office {
    code: "H09.31.1",
    name: "Các phường của thành phố Thủ Dầu Một",
    carried: 0,
    periods: &[
        Period { from: YEAR_2021.0, to: YEAR_2021.1, received: 97_617, online: 7_777, pending: 0, late: 0 },
        Period {
            from: FIRST_HALF_2022.0,
            to: FIRST_HALF_2022.1,
            received: 76_653,
            online: 6_106,
            pending: 0,
            late: 0,
        },
    ],
    seed: 2022,
};

fn lienthong(args: &[&str]) -> Value {
    let command = env!("CARGO_BIN_EXE_lienthong-under-test");
    let output = Command::new(command).args(args).args(["--output", "json"]).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn columns(row: &Value) -> Vec<u64> {
    (3..=13).map(|column| row[format!("c{column}")].as_u64().unwrap()).collect()
}

#[test]
fn the_city_s_year_is_imported_and_printed_to_the_last_digit() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("thu-dau-mot.jsonl");
    let until = |line: &&String| {
        let record: Value = serde_json::from_str(line).unwrap();
        record["NgayTiepNhan"].as_str().unwrap() < "20211215"
    };
    let lines: Vec<String> = CITY.lines().into_iter().filter(|line| until(&line)).collect();
    assert_eq!(lines.len(), 26_356);
    let mut written = std::fs::File::create(&file).unwrap();
    // The same record twice is one dossier.
    for line in lines.iter().chain(&lines[..100]) {
        writeln!(written, "{line}").unwrap();
    }
    drop(written);
    let log = format!("embedded:{}", dir.path().join("log").display());
    let imported = lienthong(&["import", "sync", file.to_str().unwrap(), "--log", &log]);
    assert_eq!(
        [&imported["read"], &imported["imported"], &imported["repeated"], &imported["refused"]],
        [26_456, 26_356, 100, 0]
    );
    assert_eq!(imported["unknown_agencies"][0]["code"], CITY.code);
    assert_eq!(imported["unknown_procedures"].as_array().unwrap().len(), 5);

    let year = ["--from", "2020-12-15", "--to", "2021-12-14", "--log", &log];
    let report = lienthong(&[&["report", "ii06"][..], &year].concat());
    let total = columns(&report["total"]);
    let [c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13] = total[..] else { panic!("{total:?}") };
    // What is open in the file of one year was solved in the next one, which it does not tell: it is pending.
    assert_eq!((c3, c4 + c5, c6), (26_356, 24_389, 1_967));
    assert_eq!((c7, c8 + c9, c10), (25_969, 25_925, 44));
    assert_eq!((c11, c12, c13), (387, 387, 0));
    assert_eq!(c4, 3_700);
    assert_eq!(
        (report["on_time_percent"].as_str(), report["late_percent"].as_str()),
        (Some("99,83%"), Some("0,17%"))
    );
    assert_eq!(columns(&report["rows"][0]), total);

    // By procedure the rows add up, and a report at the position it names is the same again.
    let position = report["position"].as_str().unwrap();
    let by = [&["report", "ii06", "--rows", "procedure", "--at", position][..], &year].concat();
    let rows = lienthong(&by);
    let sum = |column: &str| {
        rows["rows"].as_array().unwrap().iter().map(|row| row[column].as_u64().unwrap()).sum::<u64>()
    };
    assert_eq!((sum("c3"), sum("c7"), sum("c10")), (26_356, 25_969, 44));
    assert_eq!(lienthong(&by), rows);
    // The dossiers behind the late ones.
    let behind = lienthong(&[&["report", "behind", "--column", "10"][..], &year].concat());
    let late = behind["dossiers"].as_array().unwrap();
    assert_eq!(late.len(), 44);
    assert!(late.iter().all(|dossier| dossier["endedAt"].as_str() > dossier["due"].as_str()), "{late:?}");
    // Page after page is one list in the order of codes, and fewer of it are its beginning.
    let online = |limit| {
        let behind = ["report", "behind", "--column", "4", "--limit", limit];
        let listed = lienthong(&[&behind[..], &year].concat());
        let codes = listed["dossiers"].as_array().unwrap().iter();
        codes.map(|dossier| dossier["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let all = online("10000");
    assert_eq!(all.len(), 3_700);
    assert!(all.is_sorted_by(|one, next| one < next));
    assert_eq!(online("1500"), all[..1_500]);
}

/// The training registry, as shipped. It knows nobody in Bình Dương.
fn registry() -> Registry {
    Registry::new(training::parts(&TrainingKeys::made_up().unwrap(), &[]).unwrap()).unwrap()
}

/// Facts of every dossier of an office, as they are after an import.
fn facts(office: &Office) -> Vec<Facts> {
    let registry = registry();
    let text = office.lines().join("\n");
    let by = AgencyId::parse("import-office").unwrap();
    let now = Instant::parse("2026-11-02T08:00:00+07:00").unwrap();
    let records = Sync::read(std::io::Cursor::new(text.into_bytes()), Dialect::default()).unwrap();
    let facts = records.map(|record| {
        let request = record.unwrap().request;
        let code = DossierCode::parse(&request.code).unwrap();
        let Action::ImportHistory(history) = with_header(request).into_command(now).unwrap().action else {
            panic!("history")
        };
        let imported = Dossier::Imported(Box::new(Imported::of(&by, now, &history, None)));
        Facts::of(&registry, &code, &Outline::of(&imported, u64::from), 1).unwrap()
    });
    facts.collect()
}

fn with_header(request: ImportHistoryRequest) -> ImportHistoryRequest {
    let actor = Actor {
        officer_id: "cb-01".to_owned(),
        name: "Lê Thị Mẫu".to_owned(),
        role: "Chuyên viên".to_owned(),
        power: Power::Decide.into(),
    };
    let header =
        CommandHeader { agency: "import-office".to_owned(), actor: Some(actor), ..CommandHeader::default() };
    ImportHistoryRequest { header: Some(header), source: "binh-duong".to_owned(), ..request }
}

fn counted(facts: &[Facts], (from, to): (Date, Date)) -> (Counts, Share) {
    let (window, settings) = (Window::new(from, to).unwrap(), Settings::default());
    let (mut report, mut shares) = (Ii06::new(window, Rows::Agency, settings), Shares::new(window, settings));
    for facts in facts {
        report.count(facts);
        shares.count(facts);
    }
    (*report.total(), shares.online())
}

fn column(counts: &Counts, number: u32) -> u64 {
    counts.column(Column::new(number).unwrap())
}

#[test]
fn the_city_s_next_half_year_opens_with_what_was_pending() {
    let facts = facts(&CITY);
    let (year, online_2021) = counted(&facts, YEAR_2021);
    let (half, online_2022) = counted(&facts, FIRST_HALF_2022);
    assert_eq!((column(&year, 11), column(&half, 6)), (387, 387));
    assert_eq!((column(&half, 4) + column(&half, 5), column(&half, 3)), (17_640, 18_027));
    assert_eq!((column(&half, 7), column(&half, 10)), (17_542, 0));
    assert_eq!((column(&half, 11), column(&half, 12)), (485, 485));
    assert_eq!(half.on_time().percent(), "100,00%");
    // The published share of online filing has a denominator that mixes what was received in one period with what was
    // solved in the other; distinct dossiers are 98 more, the difference of what was pending.
    let online = online_2021.numerator + online_2022.numerator;
    let mixed = column(&year, 3) + column(&half, 7);
    assert_eq!((online, mixed), (6_339, 43_898));
    assert_eq!(Share { numerator: online, denominator: mixed }.percent(), "14,44%");
    let (both, _) = counted(&facts, (YEAR_2021.0, FIRST_HALF_2022.1));
    assert_eq!(column(&both, 3), 43_996);
    assert_eq!(column(&both, 3) - mixed, column(&half, 11) - column(&year, 11));
}

#[test]
fn the_wards_total_and_their_online_share_come_out() {
    let facts = facts(&WARDS);
    let (year, online_2021) = counted(&facts, YEAR_2021);
    let (half, online_2022) = counted(&facts, FIRST_HALF_2022);
    for (counts, all) in [(&year, 97_617), (&half, 76_653)] {
        assert_eq!((column(counts, 3), column(counts, 7), column(counts, 10)), (all, all, 0));
    }
    let share = Share {
        numerator: online_2021.numerator + online_2022.numerator,
        denominator: online_2021.denominator + online_2022.denominator,
    };
    assert_eq!((share.numerator, share.denominator), (13_883, 174_270));
    assert_eq!(share.percent(), "7,97%");
}

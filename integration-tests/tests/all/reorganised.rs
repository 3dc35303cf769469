//! An office is reorganised under way: a dossier of its old system goes on here, a calendar changes, an agency is succeeded.

use std::path::Path;
use std::process::Command as Shell;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use lienthong_calendar::Instant;
use lienthong_wire::pb::casework::v1::*;
use lienthong_wire::pb::common::v1::{PaymentChannel, Status};
use lienthong_wire::pb::reading::v1::{Dossier, WatchDossierRequest};
use lienthong_wire::pb::ward_desk::v1::{CancelFeeRequest, CollectFeeRequest};
use serde_json::Value;

use super::support::clients::{Clients, Service};
use super::support::command::{Command, Verb};
use super::support::on::{On, Place, on_every_log};
use super::support::process::Up;
use super::support::story::{accept, carry_out, complete, intake, offer, receive};
use super::support::{DESK, LAND, PATIENCE};

on_every_log! {
    a_dossier_of_another_system_goes_on_through_a_new_calendar_and_another_office
}

const OLD: &str = "H56.2-261026-0007";
/// The pack's account of every desk.
const ACCOUNT: &str = "3511.0.9990001";

fn run(args: &[&str]) -> Value {
    let command = env!("CARGO_BIN_EXE_lienthong-under-test");
    let output = Shell::new(command).args(args).args(["--output", "json"]).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap_or_default()
}

fn file(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

/// The day on which the story begins here: a Tuesday, and later than now, for an import bears the node's clock.
fn first_day() -> Date {
    let now = jiff::Timestamp::now().as_microsecond();
    Instant::from_micros(now).date().nth_weekday(1, Weekday::Tuesday).unwrap()
}

/// So many days after the first, as a record of another system has its times.
fn stamp(first: Date, days: i32, time: &str) -> String {
    format!("{}{time}", (first + days.days()).strftime("%Y%m%d"))
}

/// A story whose days are counted from its first, from a place of it on.
fn tell<const N: usize>(
    code: &str,
    first: Date,
    begins: usize,
    story: [(&str, i32, &str, Verb); N],
) -> Vec<Command> {
    let command = |(place, (who, day, time, verb)): (usize, (&str, i32, &str, Verb))| {
        Command::new(code, begins + place, who, &format!("{} {time}", first + day.days()), verb)
    };
    story.into_iter().enumerate().map(command).collect()
}

/// As the old system would send it to the national portal.
fn record(first: Date) -> String {
    let received = stamp(first, -36, "080000");
    serde_json::json!({
        "MaHoSo": OLD, "MaTTHC": "1.099001", "TenTTHC": "Đăng ký biến động", "MaLinhVuc": "G12-TT01",
        "TenLinhVuc": "Đất đai", "KenhThucHien": "1", "ChuHoSo": "Lò Thị Mẫu", "LoaiDoiTuong": "1",
        "TrangThaiHoSo": "4", "NgayNopHoSo": received, "NgayTiepNhan": received,
        "NgayHenTra": stamp(first, 15, "163000"), "HinhThuc": "0", "DonViXuLy": "Trung tâm cũ",
        "DanhSachLePhi": [{ "TenPhiLePhi": "Lệ phí", "MaPhiLePhi": "LP", "HinhThucThu": "1", "Gia": "50000" }],
    })
    .to_string()
}

/// Waits until a dossier is so, as its own stream shows it.
async fn until(clients: &Clients, code: &str, what: &str, is_so: impl Fn(&Dossier) -> bool) -> Dossier {
    let watched = async {
        let request = WatchDossierRequest { code: code.to_owned() };
        let mut reading = clients.reading(Service::WardDesk);
        let mut changes = reading.watch_dossier(request).await.unwrap().into_inner();
        loop {
            let dossier = changes.message().await.unwrap().unwrap();
            if is_so(&dossier) {
                return dossier;
            }
        }
    };
    tokio::time::timeout(PATIENCE, watched).await.unwrap_or_else(|_| panic!("{code}: {what}"))
}

fn fee(payment: &str) -> Verb {
    Verb::CollectFee(CollectFeeRequest {
        payment: payment.to_owned(),
        fee: "phi-tham-dinh".to_owned(),
        amount_dong: 100_000,
        channel: PaymentChannel::Bank.into(),
        into: ACCOUNT.to_owned(),
        ..CollectFeeRequest::default()
    })
}

fn void(payment: &str) -> Verb {
    Verb::CancelFee(CancelFeeRequest {
        payment: payment.to_owned(),
        ground: "sai chứng từ".to_owned(),
        ..CancelFeeRequest::default()
    })
}

/// The dossier goes over to the desk, which sends it to the land office.
fn before(first: Date) -> Vec<Command> {
    let adopt = Verb::Adopt(AdoptRequest {
        procedure: "1.099001".to_owned(),
        commune: "14797".to_owned(),
        step: "tham-dinh".to_owned(),
        ..AdoptRequest::default()
    });
    let receipt = Verb::IssueReceipt(IssueReceiptRequest {
        payment: "BL-7".to_owned(),
        receipt: "0000123".to_owned(),
        ..IssueReceiptRequest::default()
    });
    let reconcile = Verb::ReconcilePayment(ReconcilePaymentRequest {
        payment: "BL-7".to_owned(),
        amount_dong: 100_000,
        statement: "SK-20261202".to_owned(),
        ..ReconcilePaymentRequest::default()
    });
    let story = [
        (DESK, 0, "08:00", adopt),
        (DESK, 0, "08:10", fee("BL-7")),
        (DESK, 0, "08:11", receipt),
        (DESK, 0, "08:20", offer(LAND)),
        (LAND, 0, "09:00", accept()),
        (DESK, 1, "08:00", reconcile),
    ];
    tell(OLD, first, 0, story)
}

/// A calendar that holds whenever the story is, with a free Thursday in each January, and this row beside.
fn calendar(place: &Place, first: Date, [version, from]: [&str; 2], row: &str) -> Value {
    let (log, dir) = (place.log.to_string(), place.path().display().to_string());
    let free = |year| jiff::civil::date(year, 1, 1).nth_weekday_of_month(1, Weekday::Thursday).unwrap();
    let free: String =
        (2026..=first.year() + 1).map(|year| format!("{},off,official,Nghỉ\n", free(year))).collect();
    let days = format!("date,kind,status,name\n{free}{row}");
    let days = file(place.path(), "calendar.csv", &days);
    let published = ["registry", "calendar", &days, "--version", version, "--from", from];
    run(&[&published[..], &["--log", &log, "--dir", &dir]].concat())
}

/// The second Saturday of the story is worked, and the planning department takes over from the land office.
fn publish(place: &Place, first: Date) {
    let (log, dir) = (place.log.to_string(), place.path().display().to_string());
    let at = ["--log", &log, "--dir", &dir];
    let makeup = format!("{},makeup,official,Làm bù\n", first + 11.days());
    assert_eq!(calendar(place, first, ["vn-b", "2026-11-01"], &makeup)["revision"], 2);
    let agencies = file(
        place.path(),
        "agencies.csv",
        "id,name,level,roles,province,from,to,node\n\
         land-office,Chi nhánh cũ,province,land-registry,38,,2026-11-20,\n\
         planning,Văn phòng đăng ký đất đai mới,province,planning land-registry,38,,,ward-desk\n",
    );
    let successions = file(
        place.path(),
        "successions.csv",
        "predecessor,successor,communes,effective,legal_basis\n\
         land-office,planning,,2026-11-21,QĐ 12/QĐ-UBND\n",
    );
    let imported = ["registry", "import", &agencies, "--successions", &successions];
    let imported = run(&[&imported[..], &at].concat());
    assert_eq!([&imported["changed"], &imported["successions"], &imported["revision"]], [2, 1, 3]);
}

async fn a_dossier_of_another_system_goes_on_through_a_new_calendar_and_another_office(on: On) {
    let place = Place::new(on).await;
    let first = first_day();
    place.up(&[]).stop();
    assert_eq!(calendar(&place, first, ["vn-a", "2026-10-01"], "")["revision"], 1);
    let up = place.up(&[]);
    let server = format!("http://{}", up.address(Service::WardDesk));
    let records = file(place.path(), "records.jsonl", &record(first));
    let imported = run(&["import", "sync", &records, "--server", &server]);
    assert_eq!([&imported["imported"], &imported["refused"]], [1, 0]);
    let clients = up.clients();
    carry_out(&clients, &before(first)).await;
    let fresh = &format!("H56.2-{}-0001", first.strftime("%y%m%d"));
    let story = [
        (DESK, 0, "08:15", receive(intake("1.099001", "14797"))),
        (DESK, 0, "08:20", fee("BL-8")),
        (DESK, 0, "08:25", void("BL-8")),
        (DESK, 0, "08:30", fee("BL-9")),
        (DESK, 0, "09:00", complete("tiep-nhan", "chuyen-ho-so")),
    ];
    carry_out(&clients, &tell(fresh, first, 0, story)).await;
    let was = clients.dossier(fresh).await;
    up.stop();

    publish(&place, first);
    let up = place.up(&[]);
    let clients = up.clients();
    let is_due = |dossier: &Dossier| dossier.due.as_ref().map(|due| due.seconds);
    let due = is_due(&was);
    let moved = until(&clients, fresh, "due a day earlier", |dossier| is_due(dossier) < due).await;
    assert_eq!(moved.procedure.unwrap().calendar, "vn-b");
    let old = until(&clients, OLD, "held by the successor", |dossier| {
        dossier.custody.as_ref().is_some_and(|custody| custody.holder == "planning")
    })
    .await;
    assert_eq!((old.status(), old.received_by.as_str()), (Status::Processing, DESK));
    let [paid] = old.payments.as_slice() else { panic!("one payment: {:?}", old.payments) };
    assert_eq!(
        [&paid.fee, &paid.into, &paid.receipt, &paid.statement],
        ["phi-tham-dinh", ACCOUNT, "0000123", "SK-20261202"]
    );

    goes_on(&clients, &up, first, fresh).await;
    up.stop();
}

/// The successor works on, what is addressed to the old name reaches it, and the dossier counts once.
async fn goes_on(clients: &Clients, up: &Up, first: Date, fresh: &str) {
    carry_out(clients, &tell(fresh, first, 12, [(DESK, 2, "09:00", offer(LAND))])).await;
    let offered = clients.timeline(fresh).await.pop().unwrap().facts.remove(0);
    assert_eq!([&offered.agency, &offered.predecessor], ["planning", LAND]);
    assert!(offered.text.contains("đã được kế thừa"), "{}", offered.text);
    let examined = complete("tham-dinh", "du-dieu-kien");
    carry_out(clients, &tell(OLD, first, 22, [("planning", 2, "10:00", examined)])).await;

    let server = format!("http://{}", up.address(Service::WardDesk));
    let (from, to) = ((first - 1.year()).to_string(), (first + 13.days()).to_string());
    let year = ["--from", &from, "--to", &to, "--server", &server];
    let report = run(&[&["report", "ii06"][..], &year].concat());
    assert_eq!([&report["total"]["c3"], &report["total"]["c11"]], [2, 2]);
    let officer = ["--agency", DESK, "--officer", "cb-01", "--purpose", "handling", "--server", &server];
    let command = env!("CARGO_BIN_EXE_lienthong-under-test");
    let exported = Shell::new(command).args(["export", "sync"]).args(officer).output().unwrap();
    let lines = String::from_utf8(exported.stdout).unwrap();
    let records: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let old = records.iter().find(|record| record["MaHoSo"] == OLD).expect("the adopted dossier");
    assert_eq!(
        [&old["ChuHoSo"], &old["TrangThaiHoSo"], &old["NgayTiepNhan"]],
        ["Lò Thị Mẫu", "4", &stamp(first, -36, "080000")]
    );
    // What the old system was paid, and then the desk.
    let fees = |record: &Value| -> Vec<String> {
        let rows = record["DanhSachLePhi"].as_array().unwrap().iter();
        rows.map(|row| row["Gia"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(fees(old), ["50000", "100000"]);
    let fresh = records.iter().find(|record| record["MaHoSo"] == fresh).expect("the bus's own");
    assert_eq!(fees(fresh), ["100000"], "a void voucher is left out");
    let slip = run(&["dossier", "slip", OLD, "--server", &server]);
    let agencies: Vec<_> = slip["transfers"].as_array().unwrap().iter().collect();
    let over = agencies
        .iter()
        .find(|it| it["giver"]["agency"] == "Chi nhánh cũ")
        .expect("both ends of the succession");
    assert_eq!(over["taker"]["agency"], "Văn phòng đăng ký đất đai mới");
}

//! An office is reorganised under way: a dossier of its old system goes on here, a calendar changes, an agency is succeeded.

use std::path::Path;
use std::process::Command as Shell;

use lienthong_wire::pb::casework::v1::*;
use lienthong_wire::pb::common::v1::{PaymentChannel, Status};
use lienthong_wire::pb::reading::v1::{Dossier, WatchDossierRequest};
use lienthong_wire::pb::ward_desk::v1::{CancelFeeRequest, CollectFeeRequest};
use serde_json::Value;

use super::support::clients::{Clients, Service};
use super::support::command::{Command, Verb};
use super::support::on::{On, Place, on_every_log};
use super::support::process::Up;
use super::support::story::{accept, carry_out, complete, intake, offer, receive, tell};
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

/// As the old system would send it to the national portal.
fn record() -> String {
    serde_json::json!({
        "MaHoSo": OLD, "MaTTHC": "1.099001", "TenTTHC": "Đăng ký biến động", "MaLinhVuc": "G12-TT01",
        "TenLinhVuc": "Đất đai", "KenhThucHien": "1", "ChuHoSo": "Lò Thị Mẫu", "LoaiDoiTuong": "1",
        "TrangThaiHoSo": "4", "NgayNopHoSo": "20261026080000", "NgayTiepNhan": "20261026080000",
        "NgayHenTra": "20261216163000", "HinhThuc": "0", "DonViXuLy": "Trung tâm cũ",
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
fn before() -> Vec<Command> {
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
    tell(
        OLD,
        [
            (DESK, "2026-12-01 08:00", adopt),
            (DESK, "2026-12-01 08:10", fee("BL-7")),
            (DESK, "2026-12-01 08:11", receipt),
            (DESK, "2026-12-01 08:20", offer(LAND)),
            (LAND, "2026-12-01 09:00", accept()),
            (DESK, "2026-12-02 08:00", reconcile),
        ],
    )
}

/// Saturday 12/12/2026 is worked, and the planning department takes over from the land office.
fn publish(place: &Place) {
    let (log, dir) = (place.log.to_string(), place.path().display().to_string());
    let calendar = "date,kind,status,name\n2026-01-01,off,official,Tết Dương lịch\n\
        2026-12-12,makeup,official,Làm bù\n2027-12-31,off,provisional,Thử\n";
    let calendar = file(place.path(), "calendar.csv", calendar);
    let at = ["--log", &log, "--dir", &dir];
    let published = ["registry", "calendar", &calendar, "--version", "vn-b", "--from", "2026-11-01"];
    assert_eq!(run(&[&published[..], &at].concat())["revision"], 1);
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
    assert_eq!([&imported["changed"], &imported["successions"], &imported["revision"]], [2, 1, 2]);
}

async fn a_dossier_of_another_system_goes_on_through_a_new_calendar_and_another_office(on: On) {
    let place = Place::new(on).await;
    let up = place.up(&[]);
    let server = format!("http://{}", up.address(Service::WardDesk));
    let records = file(place.path(), "records.jsonl", &record());
    let imported = run(&["import", "sync", &records, "--server", &server]);
    assert_eq!([&imported["imported"], &imported["refused"]], [1, 0]);
    let clients = up.clients();
    carry_out(&clients, &before()).await;
    let fresh = "H56.2-261201-0001";
    let story = [
        (DESK, "2026-12-01 08:15", receive(intake("1.099001", "14797"))),
        (DESK, "2026-12-01 08:20", fee("BL-8")),
        (DESK, "2026-12-01 08:25", void("BL-8")),
        (DESK, "2026-12-01 08:30", fee("BL-9")),
        (DESK, "2026-12-01 09:00", complete("tiep-nhan", "chuyen-ho-so")),
    ];
    carry_out(&clients, &tell(fresh, story)).await;
    let was = clients.dossier(fresh).await;
    up.stop();

    publish(&place);
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

    goes_on(&clients, &up).await;
    up.stop();
}

/// The successor works on, what is addressed to the old name reaches it, and the dossier counts once.
async fn goes_on(clients: &Clients, up: &Up) {
    let fresh = "H56.2-261201-0001";
    let sent_on = Command::new(fresh, 12, DESK, "2026-12-03 09:00", offer(LAND));
    sent_on.send(clients).await.unwrap();
    let offered = clients.timeline(fresh).await.pop().unwrap().facts.remove(0);
    assert_eq!([&offered.agency, &offered.predecessor], ["planning", LAND]);
    assert!(offered.text.contains("đã được kế thừa"), "{}", offered.text);
    let done = Command::new(OLD, 22, "planning", "2026-12-03 10:00", complete("tham-dinh", "du-dieu-kien"));
    done.send(clients).await.unwrap();

    let server = format!("http://{}", up.address(Service::WardDesk));
    let year = ["--from", "2025-12-15", "--to", "2026-12-14", "--server", &server];
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
        ["Lò Thị Mẫu", "4", "20261026080000"]
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

//! Server reflection alone is enough to drive a dossier from reception to hand-over, and whoever takes a wrong step on
//! the way is told what to do instead, while nothing changes.

use std::sync::Mutex;

use serde_json::{Value, json};
use tonic::{Code, Status};
use uuid::Uuid;

use super::support::clients::Service;
use super::support::denied::{Denied, denied};
use super::support::on::{On, Place, on_every_log};
use super::support::process::Up;
use super::support::reflected::Reflected;

on_every_log! {
    reflection_alone_drives_a_dossier_and_every_wrong_step_is_told_what_to_do
}

const CODE: &str = "H56.12-261102-0001";
const DESK: &str = "H56.12";
const LAND: &str = "land-office";
const TAX: &str = "tax-office";

/// Somebody who has read the contract from the servers themselves.
struct Caller {
    desk: Reflected,
    land: Reflected,
    tax: Reflected,
    /// What the last receipt said: reading waits until that is applied.
    position: Mutex<Option<Value>>,
}

impl Caller {
    async fn of(up: &Up) -> Self {
        Self {
            desk: Reflected::of(up.address(Service::WardDesk)).await,
            land: Reflected::of(up.address(Service::LandRegistry)).await,
            tax: Reflected::of(up.address(Service::TaxOffice)).await,
            position: Mutex::default(),
        }
    }

    fn server(&self, agency: &str) -> &Reflected {
        match agency {
            LAND => &self.land,
            TAX => &self.tax,
            _ => &self.desk,
        }
    }

    async fn ask(&self, method: &str, request: Value) -> Value {
        self.desk.call(&format!("lienthong.reading.v1.Reading/{method}"), request).await.unwrap()
    }

    /// A command of an agency at an instant of the story.
    async fn command(&self, who: &str, when: &str, verb: &str, fields: Value) -> Result<Value, Status> {
        self.send(who, verb, with(header(who, when), fields)).await
    }

    async fn send(&self, who: &str, verb: &str, request: Value) -> Result<Value, Status> {
        let receipt = self.server(who).call(&format!("lienthong.{verb}"), request).await?;
        *self.position.lock().unwrap() = Some(receipt["position"].clone());
        Ok(receipt)
    }

    /// A step that must succeed, as the receipt and the dossier's status say.
    async fn step(&self, who: &str, when: &str, verb: &str, fields: Value, status: &str) -> Value {
        let receipt = self.command(who, when, verb, fields).await;
        let receipt = receipt.unwrap_or_else(|refused| panic!("{verb}: {refused}"));
        assert_eq!((&receipt["code"], &receipt["status"]), (&json!(CODE), &json!(status)), "{verb}");
        receipt
    }

    /// How much happened: the dossier's records and the digest of everything.
    async fn standing(&self) -> (usize, Value) {
        let Some(at_least) = self.position.lock().unwrap().clone() else {
            return (0, self.ask("GetDigest", json!({})).await["digest"].clone());
        };
        let digest = self.ask("GetDigest", json!({ "at_least": [at_least] })).await;
        let timeline = self.ask("GetTimeline", json!({ "code": CODE, "at_least": at_least })).await;
        (timeline["entries"].as_array().unwrap().len(), digest["digest"].clone())
    }

    /// A wrong step: refused with this reason, and nothing is changed by it.
    async fn wrong(&self, who: &str, verb: &str, request: Value, expected: (Code, &str)) -> Denied {
        let before = self.standing().await;
        let refused = self.send(who, verb, request).await.expect_err(verb);
        let denied = denied(&refused);
        assert_eq!((denied.code, denied.reason.as_str()), expected, "{verb}: {refused}");
        assert_eq!(self.standing().await, before, "{verb}: {refused}");
        denied
    }
}

fn header(who: &str, when: &str) -> Value {
    let actor = json!({ "officer_id": "cb-07", "name": "Phạm Văn Mẫu", "role": "Chuyên viên", "power": "POWER_SIGN" });
    let occurred_at = format!("{}:00+07:00", when.replace(' ', "T"));
    let header =
        json!({ "command_id": Uuid::new_v4(), "agency": who, "actor": actor, "occurred_at": occurred_at });
    json!({ "header": header, "code": CODE })
}

fn with(mut request: Value, fields: Value) -> Value {
    let Value::Object(fields) = fields else { panic!("fields") };
    request.as_object_mut().unwrap().extend(fields);
    request
}

fn intake(documents: &Value) -> Value {
    json!({
        "intake": {
            "procedure": "1.099001", "commune": "14797", "channel": "CHANNEL_DIRECT",
            "applicant_kind": "APPLICANT_KIND_CITIZEN", "documents": documents,
        },
        "details": { "applicant": { "name": "Hoàng Thị Thử", "id_number": "038000000001" } },
    })
}

fn paper(secrecy: &str) -> Value {
    json!([{ "kind": "hop-dong", "form": "COPY_FORM_ORIGINAL", "copies": 1, "secrecy": secrecy }])
}

fn step(step: &str, outcome: &str) -> Value {
    json!({ "step": step, "outcome": outcome })
}

fn offer(to: &str) -> Value {
    json!({ "to": to, "medium": "MEDIUM_ELECTRONIC" })
}

const RECEIVE: &str = "ward_desk.v1.WardDesk/Receive";
const COMPLETE: &str = "casework.v1.Casework/CompleteStep";
const OFFER: &str = "casework.v1.Casework/OfferCustody";
const ACCEPT: &str = "casework.v1.Casework/AcceptCustody";
const PAY: &str = "tax_office.v1.TaxOffice/RecordPayment";
const ACCEPTED: &str = "STATUS_ACCEPTED";
const PROCESSING: &str = "STATUS_PROCESSING";

async fn reflection_alone_drives_a_dossier_and_every_wrong_step_is_told_what_to_do(on: On) {
    let place = Place::new(on).await;
    let up = place.up(&[]);
    let caller = Caller::of(&up).await;
    for service in
        ["lienthong.ward_desk.v1.WardDesk", "lienthong.casework.v1.Casework", "grpc.health.v1.Health"]
    {
        assert!(caller.desk.services.contains(service), "{service}");
    }
    let healthy = caller.desk.call("grpc.health.v1.Health/Check", json!({})).await.unwrap();
    assert_eq!(healthy["status"], "SERVING");

    wrong_receptions(&caller).await;
    let code = json!({ "agency": DESK, "day": "2026-11-02" });
    let code = caller.desk.call("lienthong.ward_desk.v1.WardDesk/NextCode", code).await.unwrap();
    assert_eq!(code["code"], CODE);
    let received = with(header(DESK, "2026-11-02 08:15"), intake(&paper("")));
    let receipt = caller.send(DESK, RECEIVE, received.clone()).await.unwrap();
    assert_eq!((&receipt["status"], receipt["training"].as_bool()), (&json!(ACCEPTED), Some(true)));

    wrong_steps_at_the_desk(&caller, &received).await;
    at_the_land_office(&caller).await;
    at_the_tax_office(&caller).await;
    until_the_citizen_has_it(&caller).await;

    let timeline = caller.ask("GetTimeline", json!({ "code": CODE })).await;
    assert_eq!(timeline["entries"].as_array().unwrap().len(), 20);
    let dossier = caller.ask("GetDossier", json!({ "code": CODE })).await;
    assert_eq!((&dossier["status"], &dossier["handOffs"]), (&json!("STATUS_DELIVERED"), &json!(4)));
    up.clients().digest_of_all().await;
    up.stop();
}

async fn wrong_receptions(caller: &Caller) {
    let good = || with(header(DESK, "2026-11-02 08:15"), intake(&paper("")));
    let secret = with(header(DESK, "2026-11-02 08:15"), intake(&paper("Mật")));
    let denied = caller.wrong(DESK, RECEIVE, secret, (Code::InvalidArgument, "SECRET_DOCUMENT")).await;
    assert_eq!(denied.field, "documents.secrecy");

    let beyond = with(header(DESK, "2028-03-01 08:15"), intake(&paper("")));
    let beyond = with(beyond, json!({ "code": "H56.12-280301-0001" }));
    caller.wrong(DESK, RECEIVE, beyond, (Code::InvalidArgument, "BEYOND_CALENDAR")).await;

    let mut unknown = good();
    unknown["header"]["agency"] = json!("H56.999");
    let denied = caller.wrong(DESK, RECEIVE, unknown, (Code::InvalidArgument, "UNKNOWN_AGENCY")).await;
    assert!(denied.field.ends_with("agency"), "{denied:?}");

    let mut other_node = good();
    other_node["header"]["agency"] = json!(LAND);
    caller.wrong(DESK, RECEIVE, other_node, (Code::PermissionDenied, "AGENCY_NOT_SERVED")).await;

    let mut headless = good();
    headless.as_object_mut().unwrap().remove("header");
    let denied = caller.wrong(DESK, RECEIVE, headless, (Code::InvalidArgument, "MISSING")).await;
    assert_eq!(denied.field, "header");

    let mut malformed = good();
    malformed["header"]["command_id"] = json!("one");
    let denied = caller.wrong(DESK, RECEIVE, malformed, (Code::InvalidArgument, "MALFORMED")).await;
    assert_eq!(denied.field, "header.command_id");

    let mut nobody = good();
    nobody["header"]["actor"]["name"] = json!("");
    let denied = caller.wrong(DESK, RECEIVE, nobody, (Code::InvalidArgument, "MISSING")).await;
    assert_eq!(denied.field, "header.actor.name");

    let others = with(good(), json!({ "code": "H56.13-261102-0001" }));
    caller.wrong(DESK, RECEIVE, others, (Code::InvalidArgument, "CODE_NOT_OF_AGENCY")).await;

    // 2 MB of text, and more than a record takes but less than a request may be.
    for bytes in [2 * 1024 * 1024, 100 * 1024] {
        let mut large = good();
        large["details"]["text"] = json!("x".repeat(bytes));
        caller.wrong(DESK, RECEIVE, large, (Code::InvalidArgument, "TOO_LARGE")).await;
    }

    let early = with(header(DESK, "2026-11-02 09:00"), step("tiep-nhan", "chuyen-ho-so"));
    caller.wrong(DESK, COMPLETE, early, (Code::NotFound, "UNKNOWN_DOSSIER")).await;
}

async fn wrong_steps_at_the_desk(caller: &Caller, received: &Value) {
    let again = caller.send(DESK, RECEIVE, received.clone()).await.unwrap();
    assert_eq!(again["repeated"], true);
    let mut other = received.clone();
    other["intake"]["commune"] = json!("16522");
    caller.wrong(DESK, RECEIVE, other, (Code::AlreadyExists, "OTHER_CONTENT")).await;

    let mut taken = received.clone();
    taken["header"]["command_id"] = json!(Uuid::new_v4());
    let denied = caller.wrong(DESK, RECEIVE, taken, (Code::AlreadyExists, "CODE_TAKEN")).await;
    assert!(denied.metadata["fresh_code"].starts_with("H56.12-261102-"), "{denied:?}");

    let not_holder = with(header(LAND, "2026-11-02 09:00"), step("tiep-nhan", "chuyen-ho-so"));
    caller.wrong(LAND, COMPLETE, not_holder, (Code::PermissionDenied, "NOT_HOLDER")).await;
    let wrong_order = with(header(DESK, "2026-11-02 09:00"), step("tra-ket-qua", "da-tra"));
    caller.wrong(DESK, COMPLETE, wrong_order, (Code::FailedPrecondition, "WRONG_STEP")).await;
    let too_soon = with(header(DESK, "2026-11-02 09:00"), offer(LAND));
    caller.wrong(DESK, OFFER, too_soon, (Code::FailedPrecondition, "NO_HAND_OVER")).await;
    let no_outcome = with(header(DESK, "2026-11-02 09:00"), step("tiep-nhan", "da-tra"));
    caller.wrong(DESK, COMPLETE, no_outcome, (Code::InvalidArgument, "UNKNOWN_OUTCOME")).await;
    let before = with(header(DESK, "2026-11-02 08:14"), step("tiep-nhan", "chuyen-ho-so"));
    caller.wrong(DESK, COMPLETE, before, (Code::InvalidArgument, "BACKDATED")).await;
    let beyond = with(header(DESK, "2028-01-05 09:00"), step("tiep-nhan", "chuyen-ho-so"));
    caller.wrong(DESK, COMPLETE, beyond, (Code::InvalidArgument, "BEYOND_CALENDAR")).await;
    let no_medium = with(header(DESK, "2026-11-02 09:00"), json!({ "to": LAND }));
    let denied = caller.wrong(DESK, OFFER, no_medium, (Code::InvalidArgument, "MISSING")).await;
    assert_eq!(denied.field, "medium");
}

async fn at_the_land_office(caller: &Caller) {
    caller.step(DESK, "2026-11-02 09:00", COMPLETE, step("tiep-nhan", "chuyen-ho-so"), ACCEPTED).await;
    let wrong_receiver = with(header(DESK, "2026-11-02 09:05"), offer(TAX));
    caller.wrong(DESK, OFFER, wrong_receiver, (Code::InvalidArgument, "WRONG_RECEIVER")).await;
    let unknown_receiver = with(header(DESK, "2026-11-02 09:05"), offer("nowhere"));
    caller.wrong(DESK, OFFER, unknown_receiver, (Code::InvalidArgument, "WRONG_RECEIVER")).await;
    caller.step(DESK, "2026-11-02 09:05", OFFER, offer(LAND), ACCEPTED).await;
    let not_offered = header(TAX, "2026-11-02 09:10");
    caller.wrong(TAX, ACCEPT, not_offered, (Code::PermissionDenied, "NOT_OFFERED_TO")).await;
    let twice = with(header(DESK, "2026-11-02 09:10"), offer(LAND));
    caller.wrong(DESK, OFFER, twice, (Code::FailedPrecondition, "OFFER_OPEN")).await;
    caller.step(LAND, "2026-11-02 10:00", ACCEPT, json!({}), PROCESSING).await;
    caller.step(LAND, "2026-11-03 10:00", COMPLETE, step("tham-dinh", "du-dieu-kien"), PROCESSING).await;
    let unpaid = with(header(LAND, "2026-11-03 10:10"), step("nghia-vu-tai-chinh", "hoan-thanh-nghia-vu"));
    caller.wrong(LAND, COMPLETE, unpaid, (Code::FailedPrecondition, "NEEDS_OBLIGATION")).await;
    let slip = json!({
        "to": TAX, "medium": "MEDIUM_ELECTRONIC", "number": "31/PCTT",
        "details": { "parties": [{ "ordinal": 1 }, { "ordinal": 2 }], "plots": [{ "parcel": "5" }] },
    });
    let verb = "land_registry.v1.LandRegistry/SendTaxInformation";
    let empty =
        with(header(LAND, "2026-11-03 10:30"), json!({ "to": TAX, "medium": 1, "number": "31/PCTT" }));
    caller.wrong(LAND, verb, empty, (Code::InvalidArgument, "MISSING")).await;
    caller.step(LAND, "2026-11-03 10:30", verb, slip, PROCESSING).await;
}

async fn at_the_tax_office(caller: &Caller) {
    let line = |taxpayer: u32, item: u32, due: &str| {
        json!({
            "account": { "taxpayer": taxpayer, "item": item }, "due_date": "2026-12-10",
            "taxable_dong": "3000000000", "due_dong": due,
        })
    };
    let notice = json!({
        "referral": 1, "notice": "77/TB",
        "lines": [line(2, 2801, "15000000"), line(1, 1006, "60000000")],
    });
    let issue = "tax_office.v1.TaxOffice/IssueNotice";
    let not_accepted = with(header(TAX, "2026-11-04 07:45"), notice.clone());
    caller.wrong(TAX, issue, not_accepted, (Code::FailedPrecondition, "REFERRAL_NOT_ACCEPTED")).await;
    let slip = "tax_office.v1.TaxOffice/AcceptSlip";
    let unknown = with(header(TAX, "2026-11-04 08:00"), json!({ "referral": 2 }));
    caller.wrong(TAX, slip, unknown, (Code::NotFound, "UNKNOWN_REFERRAL")).await;
    caller.step(TAX, "2026-11-04 08:00", slip, json!({ "referral": 1 }), PROCESSING).await;
    caller.step(TAX, "2026-11-05 09:00", issue, notice, "STATUS_PAYMENT_AWAITED").await;
    let pay = |id: &str, taxpayer: u32, item: u32, amount: &str| {
        json!({
            "payment": id, "notice": "77/TB", "account": { "taxpayer": taxpayer, "item": item },
            "amount_dong": amount, "channel": "PAYMENT_CHANNEL_BANK",
        })
    };
    let nothing = with(header(TAX, "2026-11-09 09:00"), pay("a", 2, 2801, "0"));
    caller.wrong(TAX, PAY, nothing, (Code::InvalidArgument, "AMOUNT_OUT_OF_RANGE")).await;
    let nobody = with(header(TAX, "2026-11-09 09:00"), pay("a", 3, 2801, "1"));
    caller.wrong(TAX, PAY, nobody, (Code::InvalidArgument, "UNKNOWN_ACCOUNT")).await;
    caller.step(TAX, "2026-11-09 09:00", PAY, pay("a", 2, 2801, "15000000"), "STATUS_PAYMENT_AWAITED").await;
    caller.step(TAX, "2026-11-10 09:00", PAY, pay("b", 1, 1006, "60000000"), PROCESSING).await;
}

async fn until_the_citizen_has_it(caller: &Caller) {
    let result = json!({ "number": "GCN 5", "outcome": "da-ban-giao" });
    let issue = "casework.v1.Casework/IssueResult";
    for (when, id, outcome) in [
        ("2026-11-10 10:00", "nghia-vu-tai-chinh", "hoan-thanh-nghia-vu"),
        ("2026-11-16 10:00", "in-giay-chung-nhan", "da-in"),
        ("2026-11-17 10:00", "kiem-tra", "dat"),
        ("2026-11-17 14:00", "trinh-ky", "da-ky"),
    ] {
        caller.step(LAND, when, COMPLETE, step(id, outcome), PROCESSING).await;
    }
    let no_entry = with(header(LAND, "2026-11-17 14:30"), step("vao-so", "da-vao-so"));
    caller.wrong(LAND, COMPLETE, no_entry, (Code::FailedPrecondition, "NEEDS_LAND_REGISTER")).await;
    let no_result = with(header(LAND, "2026-11-17 14:30"), result.clone());
    caller.wrong(LAND, issue, no_result, (Code::FailedPrecondition, "NO_RESULT_HERE")).await;
    let enter = "land_registry.v1.LandRegistry/EnterLandRegister";
    caller.step(LAND, "2026-11-17 15:00", enter, json!({ "entry": "CN-1" }), PROCESSING).await;
    caller.step(LAND, "2026-11-17 15:10", COMPLETE, step("vao-so", "da-vao-so"), PROCESSING).await;
    caller.step(LAND, "2026-11-18 08:00", issue, result, "STATUS_ISSUED").await;
    let handing = "ward_desk.v1.WardDesk/HandOverResult";
    let delivery = json!({ "delivery": "DELIVERY_DESK" });
    let not_there = with(header(DESK, "2026-11-18 08:05"), delivery.clone());
    caller.wrong(DESK, handing, not_there, (Code::PermissionDenied, "NOT_HOLDER")).await;
    caller.step(LAND, "2026-11-18 08:10", OFFER, offer(DESK), "STATUS_ISSUED").await;
    caller.step(DESK, "2026-11-18 09:00", ACCEPT, json!({}), "STATUS_ISSUED").await;
    let other_desk = with(header("H56.13", "2026-11-18 14:00"), delivery.clone());
    caller.wrong("H56.13", handing, other_desk, (Code::PermissionDenied, "NOT_RECEIVING_DESK")).await;
    caller.step(DESK, "2026-11-18 14:00", handing, delivery.clone(), "STATUS_DELIVERED").await;
    let twice = with(header(DESK, "2026-11-18 14:05"), delivery);
    caller.wrong(DESK, handing, twice, (Code::FailedPrecondition, "NOT_IN_STATUS")).await;
}

//! The desk's and the land office's part of a story.

use lienthong_calendar::Verdict;
use lienthong_registry::training;
use lienthong_wire::pb::casework::v1 as casework;
use lienthong_wire::pb::common::v1::{
    ApplicantKind, Channel, CommandHeader, CopyForm, Delivery, Document, Medium,
};
use lienthong_wire::pb::land_registry::v1 as land;
use lienthong_wire::pb::personal::v1::PersonalDetails;
use lienthong_wire::pb::ward_desk::v1 as desk;

use super::{DAY, HALF_DAY, Teller};
use crate::demo::DemoError;
use crate::demo::plot::Plot;

const SALE: &str = "1.099001";
const GIFT: &str = "1.099002";

impl Teller {
    pub(super) async fn comes_to_the_desk(&mut self) -> Result<(), DemoError> {
        let day = self.now.date().to_string();
        let request = desk::NextCodeRequest { agency: self.agency.clone(), day };
        let answer = self.offices.desk.next_code(request).await;
        self.code = answer.map_err(|status| self.refused("NextCode", status))?.into_inner().code;
        let details = PersonalDetails { applicant: Some(self.applicant.clone()), ..Default::default() };
        let intake = Some(desk::Intake {
            procedure: if self.part.plot.is_gift() { GIFT } else { SALE }.to_owned(),
            commune: self.commune.code.to_string(),
            channel: if self.part.rng.bool() { Channel::Online } else { Channel::Direct }.into(),
            applicant_kind: ApplicantKind::Citizen.into(),
            documents: ["don-dang-ky-bien-dong", "giay-chung-nhan-da-cap", "to-khai-01-lptb"]
                .map(document)
                .into(),
        });
        let code = self.code.clone();
        if self.part.plot == Plot::RefusedAtTheDesk {
            let request = desk::RefuseRequest {
                header: self.signs_at_the_desk(),
                code,
                intake,
                ground: "NĐ 101/2024/NĐ-CP, điều 19: hồ sơ không thuộc thẩm quyền".to_owned(),
                details: Some(details),
            };
            let answer = self.offices.desk.refuse(request).await;
            return self.acknowledged("Refuse", "Từ chối tiếp nhận", answer).await;
        }
        let header = self.at_the_desk();
        let request = desk::ReceiveRequest { header, code, intake, details: Some(details) };
        let answer = self.offices.desk.receive(request).await;
        self.acknowledged("Receive", "Tiếp nhận", answer).await
    }

    pub(super) async fn goes_to_the_land_office(&mut self) -> Result<(), DemoError> {
        self.later(40)?;
        self.completes_at_the_desk("tiep-nhan", "chuyen-ho-so").await?;
        self.is_offered_by_the_desk().await?;
        if self.part.plot == Plot::CustodyReturned {
            self.later(90)?;
            let request = casework::ReturnCustodyRequest {
                header: self.at_the_land_office(),
                code: self.code.clone(),
                ground: "Bản quét hợp đồng không đọc được".to_owned(),
                details: None,
            };
            let answer = self.offices.land_cases.return_custody(request).await;
            self.acknowledged("ReturnCustody", "Chi nhánh VPĐKĐĐ trả lại", answer).await?;
            self.later(60)?;
            self.is_offered_by_the_desk().await?;
        }
        self.later(60)?;
        let request =
            casework::AcceptCustodyRequest { header: self.at_the_land_office(), code: self.code.clone() };
        let answer = self.offices.land_cases.accept_custody(request).await;
        self.acknowledged("AcceptCustody", "Chi nhánh VPĐKĐĐ nhận", answer).await?;
        if self.part.plot == Plot::Supplemented {
            self.lacks_a_paper().await?;
        } else if self.part.plot == Plot::Held {
            self.is_held().await?;
        }
        Ok(())
    }

    pub(super) async fn lacks_a_paper(&mut self) -> Result<(), DemoError> {
        self.later(120)?;
        let request = casework::RequestSupplementRequest {
            header: self.at_the_land_office(),
            code: self.code.clone(),
            documents: vec!["hop-dong".to_owned()],
            ground: "Thiếu hợp đồng chuyển nhượng".to_owned(),
            details: Some(PersonalDetails {
                text: format!("Đề nghị {} nộp hợp đồng công chứng", self.applicant.name),
                ..Default::default()
            }),
        };
        let answer = self.offices.land_cases.request_supplement(request).await;
        self.acknowledged("RequestSupplement", "Yêu cầu bổ sung", answer).await?;
        self.later(3 * DAY)?;
        let request = desk::HandInSupplementRequest {
            header: self.at_the_desk(),
            code: self.code.clone(),
            documents: vec![document("hop-dong")],
            details: None,
        };
        let answer = self.offices.desk.hand_in_supplement(request).await;
        self.acknowledged("HandInSupplement", "Nộp bổ sung", answer).await
    }

    pub(super) async fn is_held(&mut self) -> Result<(), DemoError> {
        self.later(60)?;
        let request = casework::PlaceHoldRequest {
            header: self.at_the_land_office(),
            code: self.code.clone(),
            ground: "NĐ 101/2024/NĐ-CP, điều 19, điểm đ".to_owned(),
            issuing_body: "Tòa án nhân dân khu vực 1 - Thanh Hóa".to_owned(),
            document: "12/TB-TA".to_owned(),
            expires_at: None,
        };
        let answer = self.offices.land_cases.place_hold(request).await;
        self.acknowledged("PlaceHold", "Tạm dừng theo tòa án", answer).await?;
        self.later(6 * DAY)?;
        let request = casework::LiftHoldRequest {
            header: self.at_the_land_office(),
            code: self.code.clone(),
            hold: 1,
            document: "19/QĐ-TA".to_owned(),
        };
        let answer = self.offices.land_cases.lift_hold(request).await;
        self.acknowledged("LiftHold", "Tiếp tục xử lý", answer).await
    }

    pub(super) async fn is_withdrawn(&mut self) -> Result<(), DemoError> {
        self.later(HALF_DAY)?;
        let request = desk::RequestWithdrawalRequest {
            header: self.at_the_desk(),
            code: self.code.clone(),
            details: Some(PersonalDetails {
                text: format!("{} không chuyển nhượng nữa", self.applicant.name),
                ..Default::default()
            }),
        };
        let answer = self.offices.desk.request_withdrawal(request).await;
        self.acknowledged("RequestWithdrawal", "Công dân xin rút", answer).await?;
        self.later(120)?;
        let request = casework::DecideWithdrawalRequest {
            header: self.signs_at_the_land_office(),
            code: self.code.clone(),
            answer: Some(casework::decide_withdrawal_request::Answer::GrantDecision(
                "31/TB-CNVPĐK".to_owned(),
            )),
        };
        let answer = self.offices.land_cases.decide_withdrawal(request).await;
        self.acknowledged("DecideWithdrawal", "Đồng ý cho rút", answer).await
    }

    pub(super) async fn is_not_eligible(&mut self) -> Result<(), DemoError> {
        self.later(HALF_DAY)?;
        self.completes("tham-dinh", "khong-du-dieu-kien", "Không đủ điều kiện").await?;
        self.later(HALF_DAY)?;
        self.gets_its_result("da-thong-bao").await
    }

    pub(super) async fn is_finished(&mut self) -> Result<(), DemoError> {
        if self.part.plot == Plot::LateWithApology {
            self.later(DAY)?;
            let request = casework::ExtendRequest {
                header: self.signs_at_the_land_office(),
                code: self.code.clone(),
                days: 3,
                ground: "Chờ trích đo lại thửa đất".to_owned(),
            };
            let answer = self.offices.land_cases.extend(request).await;
            self.acknowledged("Extend", "Xin lỗi và gia hạn", answer).await?;
            self.later(16 * DAY)?;
        }
        let days = self.part.rng.u32(2..6);
        for (minutes, step, outcome, what) in [
            (days * DAY, "in-giay-chung-nhan", "da-in", "In Giấy chứng nhận"),
            (HALF_DAY, "kiem-tra", "dat", "Kiểm tra"),
            (120, "trinh-ky", "da-ky", "Trình ký"),
        ] {
            self.later(minutes)?;
            self.completes(step, outcome, what).await?;
        }
        self.later(60)?;
        let request = land::EnterLandRegisterRequest {
            header: self.signs_at_the_land_office(),
            code: self.code.clone(),
            entry: format!("CN-{:05}", self.part.rng.u32(1..99_999)),
            details: None,
        };
        let answer = self.offices.land.enter_land_register(request).await;
        self.acknowledged("EnterLandRegister", "Vào sổ địa chính", answer).await?;
        self.completes("vao-so", "da-vao-so", "Đã vào sổ").await?;
        self.gets_its_result("da-ban-giao").await
    }

    /// The result is issued, goes to the desk and from there to the citizen.
    pub(super) async fn gets_its_result(&mut self, outcome: &str) -> Result<(), DemoError> {
        self.later(60)?;
        let request = casework::IssueResultRequest {
            header: self.signs_at_the_land_office(),
            code: self.code.clone(),
            number: format!("KQ-{:05}", self.part.rng.u32(1..99_999)),
            outcome: outcome.to_owned(),
        };
        let answer = self.offices.land_cases.issue_result(request).await;
        self.acknowledged("IssueResult", "Ký kết quả", answer).await?;
        let due = self.last.as_ref().and_then(|receipt| receipt.due);
        let due = due.as_ref().and_then(lienthong_wire::instant);
        self.verdict = due.map(|due| Verdict::of(self.now, due));
        let request = casework::OfferCustodyRequest {
            header: self.at_the_land_office(),
            code: self.code.clone(),
            to: self.agency.clone(),
            medium: Medium::Electronic.into(),
        };
        let answer = self.offices.land_cases.offer_custody(request).await;
        self.acknowledged("OfferCustody", "Chuyển kết quả về một cửa", answer).await?;
        self.later(60)?;
        let request = casework::AcceptCustodyRequest { header: self.at_the_desk(), code: self.code.clone() };
        let answer = self.offices.desk_cases.accept_custody(request).await;
        self.acknowledged("AcceptCustody", "Một cửa nhận kết quả", answer).await?;
        self.later(HALF_DAY)?;
        let request = desk::HandOverResultRequest {
            header: self.at_the_desk(),
            code: self.code.clone(),
            delivery: Delivery::Desk.into(),
            details: Some(PersonalDetails { recipient: Some(self.applicant.clone()), ..Default::default() }),
        };
        let answer = self.offices.desk.hand_over_result(request).await;
        self.acknowledged("HandOverResult", "Trả kết quả", answer).await
    }

    pub(super) async fn is_offered_by_the_desk(&mut self) -> Result<(), DemoError> {
        let request = casework::OfferCustodyRequest {
            header: self.at_the_desk(),
            code: self.code.clone(),
            to: training::LAND_OFFICE.to_owned(),
            medium: Medium::Electronic.into(),
        };
        let answer = self.offices.desk_cases.offer_custody(request).await;
        self.acknowledged("OfferCustody", "Chuyển Chi nhánh VPĐKĐĐ", answer).await
    }

    pub(super) async fn completes_at_the_desk(&mut self, step: &str, outcome: &str) -> Result<(), DemoError> {
        let request = completion(self.at_the_desk(), &self.code, step, outcome);
        let answer = self.offices.desk_cases.complete_step(request).await;
        self.acknowledged("CompleteStep", "Kiểm tra tại một cửa", answer).await
    }

    pub(super) async fn completes(&mut self, step: &str, outcome: &str, what: &str) -> Result<(), DemoError> {
        let request = completion(self.at_the_land_office(), &self.code, step, outcome);
        let answer = self.offices.land_cases.complete_step(request).await;
        self.acknowledged("CompleteStep", what, answer).await
    }
}

fn document(kind: &str) -> Document {
    Document { kind: kind.to_owned(), form: CopyForm::Electronic.into(), copies: 1, ..Document::default() }
}

fn completion(
    header: Option<CommandHeader>,
    code: &str,
    step: &str,
    outcome: &str,
) -> casework::CompleteStepRequest {
    casework::CompleteStepRequest {
        header,
        code: code.to_owned(),
        step: step.to_owned(),
        outcome: outcome.to_owned(),
        details: None,
    }
}

//! One dossier's story, told call by call as the systems of its agencies would.

use fastrand::Rng;
use lienthong_calendar::{
    Calendar, Instant, OfficeHours, SHIPPED_CALENDAR, SHIPPED_CALENDAR_VERSION, Verdict, WorkingTime,
};
use lienthong_registry::{Commune, training};
use lienthong_wire::pb::casework::v1 as casework;
use lienthong_wire::pb::common::v1::{
    Account, ApplicantKind, Channel, CommandHeader, CopyForm, Delivery, Document, Medium, NoticeLine,
    PaymentChannel, Position, Receipt,
};
use lienthong_wire::pb::land_registry::v1 as land;
use lienthong_wire::pb::personal::v1::{Applicant, PersonalDetails};
use lienthong_wire::pb::tax_office::v1 as tax;
use lienthong_wire::pb::ward_desk::v1 as desk;
use lienthong_wire::timestamp;
use tokio::sync::mpsc;
use tonic::{Response, Status};

use super::DemoError;
use super::cast::{officer, person, transaction};
use super::offices::Offices;
use super::plot::{Part, Plot};

const SALE: &str = "1.099001";
const GIFT: &str = "1.099002";
const HALF_DAY: u32 = 240;
const DAY: u32 = 480;

/// A dossier moved.
pub(super) struct Move {
    pub(super) code: String,
    pub(super) what: String,
}

/// A story that is over.
#[derive(Debug)]
pub(crate) struct Told {
    /// The dossier.
    pub(crate) code: String,
    /// Its course.
    pub(crate) plot: Plot,
    /// Its course, its end, and whether it was in time, in Vietnamese.
    pub(crate) summary: String,
    /// Behind its last record.
    pub(super) position: Option<Position>,
    /// Commands that were acknowledged.
    pub(super) commands: u64,
    status: i32,
}

impl Told {
    /// What went otherwise than the plot has it.
    pub(super) fn failure(&self) -> Option<String> {
        let expected = self.plot.ends_in();
        (self.status != expected)
            .then(|| format!("{} ended in status {}, not {expected}", self.code, self.status))
    }
}

/// Who tells one story.
pub(super) struct Teller {
    offices: Offices,
    part: Part,
    moves: mpsc::Sender<Move>,
    calendar: Calendar,
    hours: OfficeHours,
    commune: Commune,
    agency: String,
    code: String,
    applicant: Applicant,
    now: Instant,
    last: Option<Receipt>,
    verdict: Option<Verdict>,
    commands: u64,
}

type Answer = Result<Response<Receipt>, Status>;

impl Teller {
    pub(super) fn new(
        offices: Offices,
        mut part: Part,
        moves: mpsc::Sender<Move>,
    ) -> Result<Self, DemoError> {
        let unusable = |problem: String| DemoError::Calendar { problem };
        let calendar = Calendar::parse(SHIPPED_CALENDAR_VERSION, SHIPPED_CALENDAR)
            .map_err(|fault| unusable(fault.to_string()))?;
        let mut communes = training::communes().map_err(|fault| unusable(fault.to_string()))?;
        let commune = communes.swap_remove(part.desk as usize % communes.len());
        let hours = OfficeHours::default();
        let working = WorkingTime { calendar: &calendar, hours: &hours };
        let opening =
            working.begin(working.opening(part.day)).map_err(|beyond| unusable(beyond.to_string()))?;
        let now = working
            .add_minutes(opening, part.rng.u32(5..HALF_DAY))
            .map_err(|beyond| unusable(beyond.to_string()))?;
        Ok(Self {
            applicant: person(&mut part.rng),
            agency: format!("H56.{}", part.desk),
            offices,
            part,
            moves,
            calendar,
            hours,
            commune,
            code: String::new(),
            now,
            last: None,
            verdict: None,
            commands: 0,
        })
    }

    pub(super) async fn tell(mut self) -> Result<Told, DemoError> {
        let plot = self.part.plot;
        self.comes_to_the_desk().await?;
        if plot != Plot::RefusedAtTheDesk {
            self.goes_to_the_land_office().await?;
            match plot {
                Plot::Withdrawn => self.is_withdrawn().await?,
                Plot::NotEligible => self.is_not_eligible().await?,
                _ => {
                    self.goes_to_the_tax_office().await?;
                    self.is_paid().await?;
                    self.is_finished().await?;
                }
            }
        }
        let status = self.last.as_ref().map_or(0, |receipt| receipt.status);
        let timely = self.verdict.map(|verdict| format!(", {}", verdict.vietnamese())).unwrap_or_default();
        let end = lienthong_dossier::Status::from_code(status).map_or("?", |status| status.vietnamese());
        Ok(Told {
            summary: format!("{}: {end}{timely}", plot.vietnamese()),
            code: self.code,
            plot,
            position: self.last.and_then(|receipt| receipt.position),
            commands: self.commands,
            status,
        })
    }

    async fn comes_to_the_desk(&mut self) -> Result<(), DemoError> {
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
        let (header, code) = (self.at_the_desk(), self.code.clone());
        if self.part.plot == Plot::RefusedAtTheDesk {
            let request = desk::RefuseRequest {
                header,
                code,
                intake,
                ground: "NĐ 101/2024/NĐ-CP, điều 19: hồ sơ không thuộc thẩm quyền".to_owned(),
                details: Some(details),
            };
            let answer = self.offices.desk.refuse(request).await;
            return self.acknowledged("Refuse", "Từ chối tiếp nhận", answer).await;
        }
        let request = desk::ReceiveRequest { header, code, intake, details: Some(details) };
        let answer = self.offices.desk.receive(request).await;
        self.acknowledged("Receive", "Tiếp nhận", answer).await
    }

    async fn goes_to_the_land_office(&mut self) -> Result<(), DemoError> {
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
        match self.part.plot {
            Plot::Supplemented => self.lacks_a_paper().await?,
            Plot::Held => self.is_held().await?,
            _ => {}
        }
        Ok(())
    }

    async fn lacks_a_paper(&mut self) -> Result<(), DemoError> {
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

    async fn is_held(&mut self) -> Result<(), DemoError> {
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

    async fn is_withdrawn(&mut self) -> Result<(), DemoError> {
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
            header: self.at_the_land_office(),
            code: self.code.clone(),
            answer: Some(casework::decide_withdrawal_request::Answer::GrantDecision(
                "31/TB-CNVPĐK".to_owned(),
            )),
        };
        let answer = self.offices.land_cases.decide_withdrawal(request).await;
        self.acknowledged("DecideWithdrawal", "Đồng ý cho rút", answer).await
    }

    async fn is_not_eligible(&mut self) -> Result<(), DemoError> {
        self.later(HALF_DAY)?;
        self.completes("tham-dinh", "khong-du-dieu-kien", "Không đủ điều kiện").await?;
        self.later(HALF_DAY)?;
        self.gets_its_result("da-thong-bao").await
    }

    async fn goes_to_the_tax_office(&mut self) -> Result<(), DemoError> {
        self.later(HALF_DAY)?;
        self.completes("tham-dinh", "du-dieu-kien", "Thẩm định đạt").await?;
        self.sends_the_slip().await?;
        let mut slip = 1;
        if self.part.plot == Plot::SlipReturned {
            self.later(DAY)?;
            let request = tax::ReturnSlipRequest {
                header: self.at_the_tax_office(),
                code: self.code.clone(),
                referral: slip,
                ground: "Thiếu vị trí thửa đất theo bảng giá".to_owned(),
                details: None,
            };
            let answer = self.offices.tax.return_slip(request).await;
            self.acknowledged("ReturnSlip", "Thuế trả lại phiếu", answer).await?;
            self.later(HALF_DAY)?;
            self.sends_the_slip().await?;
            slip += 1;
        }
        self.later(120)?;
        let request = tax::AcceptSlipRequest {
            header: self.at_the_tax_office(),
            code: self.code.clone(),
            referral: slip,
        };
        let answer = self.offices.tax.accept_slip(request).await;
        self.acknowledged("AcceptSlip", "Thuế tiếp nhận phiếu", answer).await?;
        self.later(2 * DAY)?;
        let lines = self.is_assessed(self.part.contract_value).await?;
        let request = tax::IssueNoticeRequest {
            header: self.at_the_tax_office(),
            code: self.code.clone(),
            referral: slip,
            notice: self.notice(1),
            lines,
        };
        let answer = self.offices.tax.issue_notice(request).await;
        self.acknowledged("IssueNotice", "Thông báo nộp tiền", answer).await?;
        if self.part.plot == Plot::NoticeAdjusted {
            self.later(DAY)?;
            let lines = self.is_assessed(self.part.contract_value + 50_000_000).await?;
            let request = tax::AdjustNoticeRequest {
                header: self.at_the_tax_office(),
                code: self.code.clone(),
                supersedes: self.notice(1),
                notice: self.notice(2),
                ground: "Giá hợp đồng ghi sai".to_owned(),
                lines,
            };
            let answer = self.offices.tax.adjust_notice(request).await;
            self.acknowledged("AdjustNotice", "Điều chỉnh thông báo", answer).await?;
        }
        Ok(())
    }

    async fn is_paid(&mut self) -> Result<(), DemoError> {
        let notice = self.notice(if self.part.plot == Plot::NoticeAdjusted { 2 } else { 1 });
        let request =
            tax::GetNoticeRequest { code: self.code.clone(), notice: notice.clone(), at_least: None };
        let answer = self.offices.tax.get_notice(request).await;
        let notices = answer.map_err(|status| self.refused("GetNotice", status))?.into_inner().notices;
        let lines =
            notices.into_iter().flat_map(|notice| notice.lines).filter(|line| line.remaining_dong > 0);
        for (line, state) in lines.enumerate() {
            let Some(account) = state.line.and_then(|line| line.account) else { continue };
            let due = state.remaining_dong;
            let amounts = match self.part.plot {
                Plot::PaidInParts => vec![due / 3, due / 3, due - due / 3 * 2 + 10_000],
                _ => vec![due],
            };
            for (part, amount) in amounts.into_iter().enumerate() {
                self.later(HALF_DAY + 30)?;
                self.pays(&notice, account, amount, format!("{}-{line}-{part}", self.code)).await?;
            }
        }
        self.later(60)?;
        self.completes("nghia-vu-tai-chinh", "hoan-thanh-nghia-vu", "Hoàn thành nghĩa vụ tài chính").await
    }

    async fn pays(
        &mut self,
        notice: &str,
        account: Account,
        amount_dong: u64,
        payment: String,
    ) -> Result<(), DemoError> {
        let channels = [PaymentChannel::Bank, PaymentChannel::Wallet, PaymentChannel::Portal];
        let channel = self.part.rng.choice(channels).unwrap_or(PaymentChannel::Bank);
        let request = tax::RecordPaymentRequest {
            header: self.at_the_tax_office(),
            code: self.code.clone(),
            payment,
            notice: notice.to_owned(),
            account: Some(account),
            amount_dong,
            channel: channel.into(),
        };
        let answer = self.offices.tax.record_payment(request).await;
        self.acknowledged("RecordPayment", "Đã nộp tiền", answer).await
    }

    async fn is_finished(&mut self) -> Result<(), DemoError> {
        if self.part.plot == Plot::LateWithApology {
            self.later(DAY)?;
            let request = casework::ExtendRequest {
                header: self.at_the_land_office(),
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
            header: self.at_the_land_office(),
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
    async fn gets_its_result(&mut self, outcome: &str) -> Result<(), DemoError> {
        self.later(60)?;
        let request = casework::IssueResultRequest {
            header: self.at_the_land_office(),
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

    async fn is_offered_by_the_desk(&mut self) -> Result<(), DemoError> {
        let request = casework::OfferCustodyRequest {
            header: self.at_the_desk(),
            code: self.code.clone(),
            to: training::LAND_OFFICE.to_owned(),
            medium: Medium::Electronic.into(),
        };
        let answer = self.offices.desk_cases.offer_custody(request).await;
        self.acknowledged("OfferCustody", "Chuyển Chi nhánh VPĐKĐĐ", answer).await
    }

    async fn sends_the_slip(&mut self) -> Result<(), DemoError> {
        self.later(30)?;
        let Part { table_value, contract_value, rng, .. } = &mut self.part;
        let details = transaction(rng, &self.applicant, *table_value, *contract_value);
        let number = format!("{}/PCTT", rng.u32(1..5_000));
        let request = land::SendTaxInformationRequest {
            header: self.at_the_land_office(),
            code: self.code.clone(),
            to: training::TAX_OFFICE.to_owned(),
            medium: Medium::Electronic.into(),
            number,
            details: Some(details),
        };
        let answer = self.offices.land.send_tax_information(request).await;
        self.acknowledged("SendTaxInformation", "Phiếu chuyển thông tin sang thuế", answer).await
    }

    async fn is_assessed(&mut self, contract_value: u64) -> Result<Vec<NoticeLine>, DemoError> {
        let gift = self.part.plot.is_gift();
        let due =
            self.now.date().checked_add(jiff::Span::new().days(30)).unwrap_or(self.now.date()).to_string();
        let request = tax::AssessRequest {
            code: self.code.clone(),
            transaction: if gift { tax::Transaction::Gift } else { tax::Transaction::Transfer }.into(),
            relation: if gift { tax::Relation::ParentChild } else { tax::Relation::None }.into(),
            table_value_dong: self.part.table_value,
            contract_value_dong: (!gift).then_some(contract_value),
            on: String::new(),
            registration_fee_taxpayer: 2,
            income_tax_taxpayer: if gift { 2 } else { 1 },
            registration_fee_due_date: due.clone(),
            income_tax_due_date: due,
        };
        let answer = self.offices.tax.assess(request).await;
        let assessed = answer.map_err(|status| self.refused("Assess", status))?.into_inner();
        Ok(assessed.lines.into_iter().filter_map(|suggested| suggested.line).collect())
    }

    async fn completes_at_the_desk(&mut self, step: &str, outcome: &str) -> Result<(), DemoError> {
        let request = completion(self.at_the_desk(), &self.code, step, outcome);
        let answer = self.offices.desk_cases.complete_step(request).await;
        self.acknowledged("CompleteStep", "Kiểm tra tại một cửa", answer).await
    }

    async fn completes(&mut self, step: &str, outcome: &str, what: &str) -> Result<(), DemoError> {
        let request = completion(self.at_the_land_office(), &self.code, step, outcome);
        let answer = self.offices.land_cases.complete_step(request).await;
        self.acknowledged("CompleteStep", what, answer).await
    }

    async fn acknowledged(
        &mut self,
        call: &'static str,
        what: &str,
        answer: Answer,
    ) -> Result<(), DemoError> {
        self.last = Some(answer.map_err(|status| self.refused(call, status))?.into_inner());
        self.commands += 1;
        let step = Move { code: self.code.clone(), what: what.to_owned() };
        // An audience that has left misses nothing but the show.
        let _ = self.moves.send(step).await;
        Ok(())
    }

    fn refused(&self, call: &'static str, status: Status) -> DemoError {
        DemoError::Call { code: self.code.clone(), call, source: Box::new(status) }
    }

    /// Working time passes.
    fn later(&mut self, minutes: u32) -> Result<(), DemoError> {
        let working = WorkingTime { calendar: &self.calendar, hours: &self.hours };
        let later = working.add_minutes(self.now, minutes + self.part.rng.u32(..20));
        self.now = later.map_err(|beyond| DemoError::Calendar { problem: beyond.to_string() })?;
        Ok(())
    }

    fn notice(&self, number: u32) -> String {
        format!("{}/TB-{number}", self.code)
    }

    fn at_the_desk(&mut self) -> Option<CommandHeader> {
        let agency = self.agency.clone();
        self.header(&agency, "Chuyên viên một cửa")
    }

    fn at_the_land_office(&mut self) -> Option<CommandHeader> {
        self.header(training::LAND_OFFICE, "Viên chức đăng ký đất đai")
    }

    fn at_the_tax_office(&mut self) -> Option<CommandHeader> {
        self.header(training::TAX_OFFICE, "Công chức thuế")
    }

    fn header(&mut self, agency: &str, role: &str) -> Option<CommandHeader> {
        Some(CommandHeader {
            command_id: command_id(&mut self.part.rng),
            agency: agency.to_owned(),
            actor: Some(officer(&mut self.part.rng, agency, role)),
            occurred_at: Some(timestamp(self.now)),
        })
    }
}

fn command_id(rng: &mut Rng) -> String {
    uuid::Builder::from_random_bytes(rng.u128(..).to_be_bytes()).into_uuid().to_string()
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

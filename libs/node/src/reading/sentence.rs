//! One sentence in Vietnamese for each event, as an officer reads it in the control slip (phiếu kiểm soát quá trình giải
//! quyết hồ sơ). Without personal data, without a full stop; instants in +07:00, amounts in whole đồng.

use jiff::civil::Date;
use lienthong_calendar::{MINUTES_PER_DAY, vietnamese_date};
use lienthong_dossier::{
    ClockChange, Document, Event, EventKind, Medium, Next, NoticeLine, Opening, Subject, Wait,
};
use lienthong_registry::{AgencyId, DocumentKind, FeeId, OutcomeId, StepId};
use lienthong_tax::Dong;

use super::facts::Teller;

impl Teller<'_> {
    /// The event as a sentence, with what it does to the promise. The limit of a step stands in the fact, not here.
    pub(super) fn sentence(&self, event: &Event) -> String {
        format!("{}{}", self.happened(&event.kind), promise(event.clocks.dossier))
    }

    fn happened(&self, kind: &EventKind) -> String {
        match kind {
            EventKind::DossierFiled(opening) => {
                format!("Ghi nhận hồ sơ mới đăng ký {}", self.opened(opening))
            }
            EventKind::DossierAccepted(opening) => format!("Tiếp nhận hồ sơ {}", self.opened(opening)),
            EventKind::DossierRefused { ground, .. } => format!("Từ chối tiếp nhận hồ sơ: {ground}"),
            EventKind::CustodyOffered { to, medium, redirected_from } => {
                let sent_on = self.sent_on(redirected_from.as_ref());
                format!("Chuyển hồ sơ cho {}{sent_on}{}", self.name(to), paper(*medium))
            }
            EventKind::CustodyTransferredBySuccession { from, to, legal_basis } => {
                let basis = legal_basis.as_ref().map(|basis| format!(" theo {basis}")).unwrap_or_default();
                let (from, to) = (self.last_name(from), self.name(to));
                format!("{to} kế thừa phần việc của {from}{basis}; thời hạn giải quyết không thay đổi")
            }
            EventKind::DueDateRecomputed { calendar, referrals } => {
                let asked = match referrals.len() {
                    0 => String::new(),
                    count => format!(", {count} yêu cầu có hạn trả lời mới"),
                };
                format!("Tính lại thời hạn theo lịch làm việc {calendar}{asked}")
            }
            EventKind::DossierAdopted(adoption) => {
                format!(
                    "Tiếp nhận hồ sơ từ hệ thống khác để giải quyết tiếp, từ bước “{}”",
                    self.step(&adoption.step)
                )
            }
            EventKind::CustodyAccepted => "Nhận hồ sơ được chuyển đến và chịu trách nhiệm xử lý".to_owned(),
            EventKind::CustodyReturned { ground, .. } => {
                format!("Không nhận, trả lại hồ sơ cho nơi chuyển: {ground}")
            }
            EventKind::CustodyOfferWithdrawn => "Rút lại việc chuyển hồ sơ khi nơi nhận chưa nhận".to_owned(),
            EventKind::StepCompleted { step, outcome, next, .. } => {
                format!(
                    "Hoàn thành bước “{}”: {}; {}",
                    self.step(step),
                    self.outcome(step, outcome),
                    self.next(next)
                )
            }
            EventKind::WaitEnded { wait, deadline } => {
                format!("Hết thời hạn chờ lúc {}: {}", deadline.vietnamese(), self.waited(*wait))
            }
            EventKind::SupplementRequested { documents, ground, .. } => {
                format!("Yêu cầu bổ sung giấy tờ: {}; lý do: {ground}", self.documents(documents))
            }
            EventKind::SupplementReceived { documents, .. } => {
                format!("Tiếp nhận giấy tờ bổ sung: {}", self.handed_in(documents))
            }
            EventKind::HoldPlaced { hold, ground, issuing_body, document, expires_at } => {
                let until = expires_at.map(|at| format!(", đến {}", at.vietnamese())).unwrap_or_default();
                format!(
                    "Tạm dừng giải quyết (lần {hold}) do {ground}, theo văn bản số {document} của {issuing_body}{until}"
                )
            }
            EventKind::HoldLifted { hold, document } => {
                format!("Chấm dứt tạm dừng giải quyết (lần {hold}) theo văn bản số {document}")
            }
            EventKind::ApologyIssued { days, ground } => {
                format!("Gửi văn bản xin lỗi và hẹn lại, gia hạn {days} ngày làm việc: {ground}")
            }
            EventKind::ReferralSent {
                to,
                subject,
                medium,
                silence_agrees,
                due,
                number,
                redirected_from,
                ..
            } => {
                let sent = match (subject, number) {
                    (Subject::TaxInformation, Some(number)) => {
                        format!("Chuyển phiếu chuyển thông tin số {number} cho")
                    }
                    (Subject::TaxInformation, None) => "Chuyển phiếu chuyển thông tin cho".to_owned(),
                    (Subject::Opinion, Some(number)) => format!("Gửi văn bản số {number} lấy ý kiến"),
                    (Subject::Opinion, None) => "Gửi lấy ý kiến".to_owned(),
                };
                let silence = if *silence_agrees {
                    ", quá hạn không trả lời được coi là đồng ý"
                } else {
                    ""
                };
                let to = format!("{}{}", self.name(to), self.sent_on(redirected_from.as_ref()));
                let (paper, due) = (paper(*medium), due.vietnamese());
                format!("{sent} {to}{paper}; hạn trả lời {due}{silence}")
            }
            EventKind::ReferralAccepted { referral } => format!("Tiếp nhận {}", self.request(*referral)),
            EventKind::ReferralReturned { referral, ground, .. } => {
                format!("Trả lại {}: {ground}", self.request(*referral))
            }
            EventKind::ReferralAnswered { referral, agreed, .. } => {
                let opinion = if *agreed { "đồng ý" } else { "không đồng ý" };
                format!("Trả lời {}: {opinion}", self.request(*referral))
            }
            EventKind::NoticeIssued { notice, lines, .. } => {
                format!("Ban hành thông báo nộp tiền số {notice}: {}", owed(lines))
            }
            EventKind::NoticeAdjusted { supersedes, notice, ground, lines } => {
                format!(
                    "Ban hành thông báo nộp tiền số {notice} thay thế thông báo số {supersedes} ({ground}): {}",
                    owed(lines)
                )
            }
            EventKind::NoticeCancelled { notice, ground } => {
                format!("Hủy thông báo nộp tiền số {notice}: {ground}")
            }
            EventKind::PaymentReceived { payment, notice, account, amount, channel, .. } => {
                format!(
                    "Ghi nhận đã nộp {amount} (tiểu mục {}) theo thông báo số {notice}, chứng từ {payment}, hình thức {}",
                    account.item,
                    channel.vietnamese()
                )
            }
            EventKind::FeeReceived { fee, amount, channel, into, .. } => {
                let into = into.as_ref().map(|it| format!(", tài khoản {it}")).unwrap_or_default();
                format!("Thu {}: {amount}, {}{into}", self.fee(fee), channel.vietnamese())
            }
            EventKind::ReceiptIssued { payment, receipt } => {
                format!("Cấp biên lai số {receipt} cho khoản nộp {payment}")
            }
            EventKind::PaymentReconciled { payment, amount, statement } => {
                format!("Đối soát khoản nộp {payment}: {amount}, sao kê số {statement}")
            }
            EventKind::PaymentCancelled { payment, ground } => {
                format!("Hủy chứng từ nộp tiền {payment}: {ground}")
            }
            EventKind::RefundDue { account, amount } if amount.is_zero() => {
                format!("Không còn khoản nộp thừa phải hoàn trả (tiểu mục {})", account.item)
            }
            EventKind::RefundDue { account, amount } => {
                format!("Phải hoàn trả {amount} do nộp thừa (tiểu mục {})", account.item)
            }
            EventKind::ObligationFulfilled { debt_decision: None } => {
                "Xác nhận đã hoàn thành nghĩa vụ tài chính".to_owned()
            }
            EventKind::ObligationFulfilled { debt_decision: Some(decision) } => {
                format!("Ghi nợ nghĩa vụ tài chính theo quyết định số {decision}, được coi là hoàn thành")
            }
            EventKind::LandRegisterEntered { entry, .. } => {
                format!("Vào sổ, cập nhật hồ sơ địa chính, số {entry}")
            }
            EventKind::WithdrawalRequested { .. } => "Công dân đề nghị rút hồ sơ".to_owned(),
            EventKind::WithdrawalGranted { decision } => {
                format!("Đồng ý cho rút hồ sơ theo văn bản số {decision}, trả lại hồ sơ cho công dân")
            }
            EventKind::WithdrawalDeclined { ground } => {
                format!("Không đồng ý cho rút hồ sơ: {ground}; tiếp tục giải quyết")
            }
            EventKind::ProcessingStopped { ground, decision } => {
                format!("Dừng giải quyết hồ sơ theo thông báo số {decision}: {ground}")
            }
            EventKind::ProcessingResumed { decision } => {
                format!("Tiếp tục giải quyết hồ sơ theo quyết định số {decision}")
            }
            EventKind::ResultIssued { number, outcome } => {
                format!("Ký ban hành kết quả số {number}: {}", self.result(outcome))
            }
            EventKind::ResultRecalled { ground, step } => {
                format!("Thu hồi kết quả chưa trả: {ground}; mở lại bước “{}”", self.step(step))
            }
            EventKind::ResultDelivered { channel, .. } => {
                format!("Trả kết quả cho công dân, hình thức {}", channel.vietnamese())
            }
            EventKind::HistoryImported { history, .. } => format!(
                "Nhập lịch sử từ nguồn {}, bản ghi {}: {} hoạt động",
                history.source,
                history.record,
                history.activities.len()
            ),
            EventKind::DossierErased { ground, kept_until } => format!(
                "Xóa dữ liệu cá nhân của hồ sơ: {ground}; thời hạn lưu giữ đã hết từ {}",
                vietnamese_date(*kept_until)
            ),
        }
    }

    /// That something was addressed to an agency that is no more.
    fn sent_on(&self, predecessor: Option<&AgencyId>) -> String {
        let sent_on = |it| format!(" (gửi đến {}, cơ quan này đã được kế thừa)", self.last_name(it));
        predecessor.map(sent_on).unwrap_or_default()
    }

    /// What a fee of the procedure is called.
    fn fee(&self, id: &FeeId) -> String {
        let fees = self.pack.map(|pack| pack.fees()).unwrap_or_default();
        fees.iter().find(|fee| &fee.id == id).map_or(id.as_str(), |fee| fee.name.as_str()).to_owned()
    }

    fn opened(&self, opening: &Opening) -> String {
        let pack = self.registry.pack(&opening.procedure, &opening.pins.pack);
        let name = pack.map_or(opening.procedure.as_str(), |pack| pack.name());
        let documents = opening.documents.len();
        format!("“{name}”, nộp {}, {documents} thành phần hồ sơ", opening.channel.vietnamese())
    }

    fn next(&self, next: &Next) -> String {
        match next {
            Next::Begins(step) => format!("bước tiếp theo “{}”", self.step(step)),
            Next::Awaits(step) => format!("chờ chuyển sang bước “{}”", self.step(step)),
            Next::Ends => "kết thúc quy trình".to_owned(),
        }
    }

    fn waited(&self, wait: Wait) -> String {
        match wait {
            Wait::Step => "bước chờ được coi là hoàn thành".to_owned(),
            Wait::Referral(referral) => {
                format!("{} không được trả lời, coi là đồng ý", self.request(referral))
            }
            Wait::Hold(hold) => format!("việc tạm dừng giải quyết (lần {hold}) hết hiệu lực"),
        }
    }

    /// What a referral is called.
    fn request(&self, referral: u32) -> String {
        match self.subject(referral) {
            Some(Subject::TaxInformation) => format!("phiếu chuyển thông tin (lần {referral})"),
            Some(Subject::Opinion) => format!("yêu cầu lấy ý kiến (lần {referral})"),
            None => format!("yêu cầu (lần {referral})"),
        }
    }

    fn step(&self, id: &StepId) -> String {
        let step = self.pack.and_then(|pack| pack.step(id));
        step.map_or(id.as_str(), |step| step.name.as_str()).to_owned()
    }

    fn outcome(&self, step: &StepId, id: &OutcomeId) -> String {
        let step = self.pack.and_then(|pack| pack.step(step));
        let outcome = step.and_then(|step| step.outcome(id));
        outcome.map_or(id.as_str(), |outcome| outcome.name.as_str()).to_owned()
    }

    /// The outcome of the step that issues the result.
    fn result(&self, id: &OutcomeId) -> String {
        let steps = self.pack.map(|pack| pack.steps()).unwrap_or_default();
        let outcome = steps.iter().filter(|step| step.issues_result).find_map(|step| step.outcome(id));
        outcome.map_or(id.as_str(), |outcome| outcome.name.as_str()).to_owned()
    }

    fn document(&self, kind: &DocumentKind) -> String {
        let name = self.pack.and_then(|pack| pack.document_name(kind));
        name.unwrap_or(kind.as_str()).to_owned()
    }

    fn documents(&self, kinds: &[DocumentKind]) -> String {
        kinds.iter().map(|kind| self.document(kind)).collect::<Vec<_>>().join(", ")
    }

    fn handed_in(&self, documents: &[Document]) -> String {
        documents.iter().map(|document| self.document(&document.kind)).collect::<Vec<_>>().join(", ")
    }
}

fn paper(medium: Medium) -> &'static str {
    match medium {
        Medium::Electronic => "",
        Medium::Paper => ", kèm hồ sơ giấy",
    }
}

/// The sum of a notice's lines and the first day due.
fn owed(lines: &[NoticeLine]) -> String {
    let sum = lines.iter().fold(0, |sum: u64, line| sum.saturating_add(line.owed().get()));
    let first = lines.iter().filter(|line| !line.owed().is_zero()).map(|line| line.due_date).min();
    match first {
        None => "không phải nộp do được miễn".to_owned(),
        Some(first) => format!("phải nộp {}, {}", Dong::new(sum), until(first)),
    }
}

fn until(day: Date) -> String {
    format!("hạn nộp {}", vietnamese_date(day))
}

/// What becomes of the promise to the citizen; nothing where it stays as it is.
fn promise(change: Option<ClockChange>) -> String {
    match change {
        None => String::new(),
        Some(ClockChange::Runs { due, .. }) => format!("; hẹn trả kết quả {}", due.vietnamese()),
        Some(ClockChange::Pauses { remaining_minutes }) => {
            format!("; tạm dừng tính thời hạn, còn {} làm việc", working(remaining_minutes))
        }
        Some(ClockChange::Ends) => "; kết thúc tính thời hạn giải quyết".to_owned(),
    }
}

/// Working minutes as days, hours and minutes.
fn working(minutes: u32) -> String {
    let (days, rest) = (minutes / MINUTES_PER_DAY, minutes % MINUTES_PER_DAY);
    let parts = [(days, "ngày"), (rest / 60, "giờ"), (rest % 60, "phút")];
    let parts: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count} {unit}")).collect();
    if parts.is_empty() { "0 phút".to_owned() } else { parts.join(" ") }
}

#[cfg(test)]
mod tests;

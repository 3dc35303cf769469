//! The tax office's part of a story.

use lienthong_registry::training;
use lienthong_wire::pb::common::v1::{Account, Medium, NoticeLine, PaymentChannel};
use lienthong_wire::pb::land_registry::v1 as land;
use lienthong_wire::pb::tax_office::v1 as tax;

use super::{DAY, HALF_DAY, Teller};
use crate::demo::DemoError;
use crate::demo::cast::transaction;
use crate::demo::plot::{Part, Plot};

impl Teller {
    pub(super) async fn goes_to_the_tax_office(&mut self) -> Result<(), DemoError> {
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
            header: self.signs_at_the_tax_office(),
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
                header: self.signs_at_the_tax_office(),
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

    pub(super) async fn is_paid(&mut self) -> Result<(), DemoError> {
        let notice = self.notice(if self.part.plot == Plot::NoticeAdjusted { 2 } else { 1 });
        let request =
            tax::GetNoticeRequest { code: self.code.clone(), notice: notice.clone(), ..Default::default() };
        let answer = self.offices.tax.get_notice(request).await;
        let notices = answer.map_err(|status| self.refused("GetNotice", status))?.into_inner().notices;
        let lines =
            notices.into_iter().flat_map(|notice| notice.lines).filter(|line| line.remaining_dong > 0);
        for (line, state) in lines.enumerate() {
            let Some(account) = state.line.and_then(|line| line.account) else { continue };
            let due = state.remaining_dong;
            let in_parts = self.part.plot == Plot::PaidInParts;
            let amounts =
                if in_parts { vec![due / 3, due / 3, due - due / 3 * 2 + 10_000] } else { vec![due] };
            for (part, amount) in amounts.into_iter().enumerate() {
                self.later(HALF_DAY + 30)?;
                self.pays(&notice, account, amount, format!("{}-{line}-{part}", self.code)).await?;
            }
        }
        self.later(60)?;
        self.completes("nghia-vu-tai-chinh", "hoan-thanh-nghia-vu", "Hoàn thành nghĩa vụ tài chính").await
    }

    pub(super) async fn pays(
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
            into: String::new(),
        };
        let answer = self.offices.tax.record_payment(request).await;
        self.acknowledged("RecordPayment", "Đã nộp tiền", answer).await
    }

    pub(super) async fn sends_the_slip(&mut self) -> Result<(), DemoError> {
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

    pub(super) async fn is_assessed(&mut self, contract_value: u64) -> Result<Vec<NoticeLine>, DemoError> {
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
}

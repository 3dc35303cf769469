//! Requests of `Casework`: the verbs of any agency.

use lienthong_calendar::Instant;
use lienthong_dossier::{Action, Command, DOCUMENTS_MAX, Wait, Withdrawal};
use lienthong_tax::Dong;

use super::personal::impersonal;
use super::{Head, IntoCommand, With as _};
use crate::Invalid;
use crate::code::coded;
use crate::field::{given, ordinal, text, text_or_none, texts};
use crate::pb::casework::v1 as pb;
use crate::time::instant_or_none;

impl IntoCommand for pb::OfferCustodyRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        let head = Head::read(self.header, &self.code)?;
        let action =
            Action::OfferCustody { to: text("to", &self.to)?, medium: coded("medium", self.medium)? };
        Ok(head.command(at, action))
    }
}

impl IntoCommand for pb::WithdrawOfferRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        Ok(Head::read(self.header, &self.code)?.command(at, Action::WithdrawOffer))
    }
}

impl IntoCommand for pb::AcceptCustodyRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        Ok(Head::read(self.header, &self.code)?.command(at, Action::AcceptCustody))
    }
}

impl IntoCommand for pb::ReturnCustodyRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        let head = Head::read(self.header, &self.code)?;
        let action = Action::ReturnCustody { ground: text("ground", &self.ground)? };
        Ok(head.command(at, action).with(self.details))
    }
}

impl IntoCommand for pb::CompleteStepRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        let head = Head::read(self.header, &self.code)?;
        let action = Action::CompleteStep {
            step: text("step", &self.step)?,
            outcome: text("outcome", &self.outcome)?,
        };
        Ok(head.command(at, action).with(self.details))
    }
}

impl IntoCommand for pb::EndWaitRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        let head = Head::read(self.header, &self.code)?;
        let wait = match given("wait", self.wait)? {
            pb::end_wait_request::Wait::Step(pb::StepWait {}) => Wait::Step,
            pb::end_wait_request::Wait::Referral(referral) => Wait::Referral(ordinal("referral", referral)?),
            pb::end_wait_request::Wait::Hold(hold) => Wait::Hold(ordinal("hold", hold)?),
        };
        Ok(head.command(at, Action::EndWait(wait)))
    }
}

impl IntoCommand for pb::RequestSupplementRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        let head = Head::read(self.header, &self.code)?;
        let action = Action::RequestSupplement {
            documents: texts("documents", &self.documents, DOCUMENTS_MAX)?,
            ground: text("ground", &self.ground)?,
        };
        Ok(head.command(at, action).with(self.details))
    }
}

impl IntoCommand for pb::PlaceHoldRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        let head = Head::read(self.header, &self.code)?;
        let action = Action::PlaceHold {
            ground: text("ground", &self.ground)?,
            issuing_body: text("issuing_body", &self.issuing_body)?,
            document: text("document", &self.document)?,
            expires_at: instant_or_none("expires_at", self.expires_at.as_ref())?,
        };
        Ok(head.command(at, action))
    }
}

impl IntoCommand for pb::LiftHoldRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        let head = Head::read(self.header, &self.code)?;
        let action = Action::LiftHold {
            hold: ordinal("hold", self.hold)?,
            document: text("document", &self.document)?,
        };
        Ok(head.command(at, action))
    }
}

impl IntoCommand for pb::ExtendRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        let head = Head::read(self.header, &self.code)?;
        let action =
            Action::Extend { days: ordinal("days", self.days)?, ground: text("ground", &self.ground)? };
        Ok(head.command(at, action))
    }
}

impl IntoCommand for pb::ReferRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        let head = Head::read(self.header, &self.code)?;
        let action = Action::Refer {
            to: text("to", &self.to)?,
            subject: coded("subject", self.subject)?,
            medium: coded("medium", self.medium)?,
            number: text_or_none("number", &self.number)?,
        };
        Ok(head.command(at, action).with(self.details))
    }
}

impl IntoCommand for pb::AcceptReferralRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        let head = Head::read(self.header, &self.code)?;
        let action = Action::AcceptReferral { referral: ordinal("referral", self.referral)? };
        Ok(head.command(at, action))
    }
}

impl IntoCommand for pb::ReturnReferralRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        let head = Head::read(self.header, &self.code)?;
        let action = Action::ReturnReferral {
            referral: ordinal("referral", self.referral)?,
            ground: text("ground", &self.ground)?,
        };
        Ok(head.command(at, action).with(self.details))
    }
}

impl IntoCommand for pb::AnswerReferralRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        let head = Head::read(self.header, &self.code)?;
        let action =
            Action::AnswerReferral { referral: ordinal("referral", self.referral)?, agreed: self.agreed };
        Ok(head.command(at, action).with(self.details))
    }
}

impl IntoCommand for pb::DecideWithdrawalRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        use pb::decide_withdrawal_request::Answer;

        let head = Head::read(self.header, &self.code)?;
        let answer = match given("answer", self.answer)? {
            Answer::GrantDecision(decision) => Withdrawal::Grant(text("grant_decision", &decision)?),
            Answer::DeclineGround(ground) => Withdrawal::Decline(text("decline_ground", &ground)?),
        };
        Ok(head.command(at, Action::DecideWithdrawal(answer)))
    }
}

impl IntoCommand for pb::StopRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        let head = Head::read(self.header, &self.code)?;
        let action = Action::Stop {
            ground: text("ground", &self.ground)?,
            decision: text("decision", &self.decision)?,
        };
        Ok(head.command(at, action))
    }
}

impl IntoCommand for pb::ResumeRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        let head = Head::read(self.header, &self.code)?;
        let action = Action::Resume { decision: text("decision", &self.decision)? };
        Ok(head.command(at, action))
    }
}

impl IntoCommand for pb::IssueResultRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        let head = Head::read(self.header, &self.code)?;
        let action = Action::IssueResult {
            number: text("number", &self.number)?,
            outcome: text("outcome", &self.outcome)?,
        };
        Ok(head.command(at, action))
    }
}

impl IntoCommand for pb::RecallResultRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        let head = Head::read(self.header, &self.code)?;
        let action = Action::RecallResult { ground: text("ground", &self.ground)? };
        Ok(head.command(at, action))
    }
}

impl IntoCommand for pb::EraseRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        let head = Head::read(self.header, &self.code)?;
        let ground = text("ground", &self.ground)?;
        // The one ground that must not bring back what it is given for.
        impersonal(&ground)?;
        Ok(head.command(at, Action::Erase { ground }))
    }
}

impl IntoCommand for pb::AdoptRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        let head = Head::read(self.header, &self.code)?;
        let action = Action::Adopt {
            procedure: text("procedure", &self.procedure)?,
            commune: text("commune", &self.commune)?,
            step: text("step", &self.step)?,
        };
        Ok(head.command(at, action))
    }
}

impl IntoCommand for pb::SucceedRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        let head = Head::read(self.header, &self.code)?;
        Ok(head.command(at, Action::Succeed { predecessor: text("predecessor", &self.predecessor)? }))
    }
}

impl IntoCommand for pb::RecomputeRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        let head = Head::read(self.header, &self.code)?;
        Ok(head.command(at, Action::Recompute { calendar: text("calendar", &self.calendar)? }))
    }
}

impl IntoCommand for pb::IssueReceiptRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        let head = Head::read(self.header, &self.code)?;
        let action = Action::IssueReceipt {
            payment: text("payment", &self.payment)?,
            receipt: text("receipt", &self.receipt)?,
        };
        Ok(head.command(at, action))
    }
}

impl IntoCommand for pb::ReconcilePaymentRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        let head = Head::read(self.header, &self.code)?;
        let action = Action::ReconcilePayment {
            payment: text("payment", &self.payment)?,
            amount: Dong::new(self.amount_dong),
            statement: text("statement", &self.statement)?,
        };
        Ok(head.command(at, action))
    }
}

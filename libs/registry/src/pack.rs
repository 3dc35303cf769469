//! Procedure packs: one published version of a procedure (quy trình), as data. No procedure is written in Rust.
//!
//! ```text
//! steps:  tiep-nhan --chuyen--> tham-dinh --dat--> … --> ban-giao --xong--> tra-ket-qua --da-tra--> end: approved
//!                                   `--khong-dat--> tra-loi --xong--> tra-van-ban --da-tra--> end: refused
//! ```
//!
//! Steps are listed in the order of their flow: an outcome that names a later step goes on, one that names the same or
//! an earlier step goes back, as when a check finds a fault. The first step is where a dossier enters. On every way that
//! goes on from there to approval the limits that count add up to the declared total, and one step issues the result.
//! That step is not the first, as what was only received has not been worked on, nor the last: a procedure ends only at
//! a step in which the desk hands the result over to the citizen.
//!
//! A [`Pack`] exists only if all of this holds; [`Pack::parse`] tells every fault with its line.

mod account;
mod draft;
mod fault;
mod fields;
mod read;
mod retention;
mod route;
mod service;
mod validate;
mod words;
mod yaml;

use std::{collections::BTreeSet, sync::Arc};

use jiff::civil::Date;
use lienthong_calendar::Limit;
use lienthong_tax::Dong;

use crate::{
    DocumentKind, FeeId, FieldCode, OutcomeId, PackVersion, Period, ProcedureCode, ProvinceCode, Role, StepId,
};

pub use account::{ACCOUNT_BYTES_MAX, AccountFault, AccountNumber, Payee, PayeeAccount, WrongAccount};
pub use fault::{Fault, PackFault};
pub use retention::{RETENTION_YEARS_DEFAULT, RETENTION_YEARS_MAX, Retention, UnknownRetention};
pub use service::{Assurance, Service, ServiceLevel, UnknownLevel};
pub use words::{
    Carrier, Collected, CopyKind, Ending, Need, PayBy, Presence, ReceiveBy, ReturnBy, Silence, StepKind,
    Subject, Supplement, UnknownWord,
};

/// The longest text of a pack, in bytes: with its envelope it fits a record of 64 KiB.
pub const PACK_BYTES_MAX: usize = 48 * 1024;

/// The most steps of a pack.
pub const STEPS_MAX: usize = 64;

/// The packs this release ships: file name and text.
pub const SHIPPED_PACKS: [(&str, &str); 5] = [
    ("land-transfer-thanh-hoa.yaml", include_str!("../packs/land-transfer-thanh-hoa.yaml")),
    ("land-gift-thanh-hoa.yaml", include_str!("../packs/land-gift-thanh-hoa.yaml")),
    ("social-allowance-three-levels.yaml", include_str!("../packs/social-allowance-three-levels.yaml")),
    ("construction-permit-house.yaml", include_str!("../packs/construction-permit-house.yaml")),
    ("household-business.yaml", include_str!("../packs/household-business.yaml")),
];

/// One published version of a procedure, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pack {
    file: Arc<str>,
    text: Arc<str>,
    procedure: ProcedureCode,
    version: PackVersion,
    name: String,
    field: Field,
    legal_basis: Vec<String>,
    in_force: Period,
    territory: ProvinceCode,
    total: Limit,
    supplement: Supplement,
    retention: Retention,
    retention_source: Option<String>,
    service: Service,
    documents: Vec<Document>,
    produced: Vec<Produced>,
    results: Vec<Produced>,
    fees: Vec<Fee>,
    accounts: Vec<PayeeAccount>,
    /// The first of `steps`, which is there.
    entry: Box<Step>,
    steps: Vec<Step>,
}

/// The field of work (lĩnh vực) under which reports count a procedure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its code.
    pub code: FieldCode,
    /// Its name in Vietnamese.
    pub name: String,
}

/// A document that the applicant hands in (thành phần hồ sơ).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its kind.
    pub id: DocumentKind,
    /// Its name in Vietnamese, as on the receipt.
    pub name: String,
    /// The form it is written on, if there is one.
    pub form: Option<String>,
    /// Whether the dossier is incomplete without it.
    pub required: bool,
    /// As what it is handed in.
    pub copy: CopyKind,
    /// As what it is handed in when the dossier is filed online; as `copy` says where the pack does not.
    pub online: CopyKind,
    /// Why it is asked for on paper though the dossier is filed online.
    pub paper_because: Option<String>,
    /// How many.
    pub copies: u16,
    /// The source from which it is taken when it is there already, instead of being asked for.
    pub reuse: Option<String>,
}

/// A document that agencies make on the way, or the result itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Produced {
    /// Its kind.
    pub id: DocumentKind,
    /// Its name in Vietnamese.
    pub name: String,
    /// The form it is written on, if there is one.
    pub form: Option<String>,
}

/// A fee (phí, lệ phí), the same for every dossier but those of whom it is not asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fee {
    /// Its id.
    pub id: FeeId,
    /// Its name in Vietnamese.
    pub name: String,
    /// How much.
    pub amount: Dong,
    /// When the desk collects it.
    pub collected: Collected,
    /// Of whom it is not asked (đối tượng miễn phí).
    pub exempt: Vec<String>,
    /// The law that says so.
    pub exempt_because: Option<String>,
}

/// A step of a procedure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its id.
    pub id: StepId,
    /// Its name in Vietnamese.
    pub name: String,
    /// Who holds the dossier in it.
    pub role: Role,
    /// What happens in it.
    pub kind: StepKind,
    /// How long it may take.
    pub limit: Limit,
    /// Whether its limit is part of the declared total.
    pub in_total: bool,
    /// By what the dossier leaves it.
    pub medium: Carrier,
    /// Why it leaves it on paper.
    pub paper_because: Option<String>,
    /// Documents that it makes or uses.
    pub documents: Vec<DocumentKind>,
    /// What may be asked of other agencies in it, at the same time.
    pub referrals: Vec<Referral>,
    /// What must be there before it completes.
    pub needs: Vec<Need>,
    /// Whether its completion issues the result: status 9, the end of the dossier's clock.
    pub issues_result: bool,
    /// How it may complete, the ordinary way first. A wait ended by its date takes the first.
    pub outcomes: Vec<Outcome>,
    /// Where it begins in the pack's text.
    pub line: u32,
}

/// A request to another agency that leaves custody where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Referral {
    /// What is asked.
    pub subject: Subject,
    /// Who is asked.
    pub role: Role,
    /// How long the answer may take, from sending.
    pub limit: Limit,
    /// Whether the dossier's clock pauses meanwhile.
    pub outside_clock: bool,
    /// What it means if no answer comes in time.
    pub silence: Silence,
    /// Where it begins in the pack's text.
    pub line: u32,
}

/// A way in which a step completes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Its id, one of a kind in its step.
    pub id: OutcomeId,
    /// Its name in Vietnamese.
    pub name: String,
    /// What comes after it.
    pub next: Next,
    /// Where it begins in the pack's text.
    pub line: u32,
}

/// What comes after an outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Another step.
    Step(StepId),
    /// Nothing.
    End(Ending),
}

impl Pack {
    /// Reads a pack and checks it.
    ///
    /// # Errors
    /// Every fault of the text, by line. What cannot be judged because of another fault is not judged: steps that
    /// cannot be read hide how the others hang together.
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<PackFault>> {
        let mut faults = fault::Faults::default();
        let pack = read::read(text, &mut faults).and_then(|draft| {
            validate::validate(&draft, &mut faults);
            route::check(&draft, &mut faults);
            if faults.is_empty() { draft.build(file, text) } else { None }
        });
        pack.ok_or_else(|| faults.of(file))
    }

    /// The packs of [`SHIPPED_PACKS`].
    ///
    /// # Errors
    /// None in a release: a test reads them all.
    pub fn shipped() -> Result<Vec<Arc<Self>>, Vec<PackFault>> {
        SHIPPED_PACKS.iter().map(|(file, text)| Self::parse(file, text).map(Arc::new)).collect()
    }

    /// The file it was read from.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Its text as read, byte by byte: this is what is published.
    #[must_use]
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// The procedure's code.
    #[must_use]
    pub fn procedure(&self) -> &ProcedureCode {
        &self.procedure
    }

    /// Which version of the procedure it is.
    #[must_use]
    pub fn version(&self) -> &PackVersion {
        &self.version
    }

    /// The procedure's name in Vietnamese.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The field of work it belongs to.
    #[must_use]
    pub fn field(&self) -> &Field {
        &self.field
    }

    /// The laws and decisions it follows.
    #[must_use]
    pub fn legal_basis(&self) -> &[String] {
        &self.legal_basis
    }

    /// The days on which dossiers are received under it, unless a later version has begun.
    #[must_use]
    pub fn in_force(&self) -> Period {
        self.in_force
    }

    /// Whether a dossier received on that day may follow it.
    #[must_use]
    pub fn is_in_force(&self, date: Date) -> bool {
        self.in_force.contains(date)
    }

    /// The province it was decided for.
    #[must_use]
    pub fn territory(&self) -> &ProvinceCode {
        &self.territory
    }

    /// How long the whole may take, in working time from reception to result.
    #[must_use]
    pub fn total(&self) -> Limit {
        self.total
    }

    /// How the clock goes on after a supplement.
    #[must_use]
    pub fn supplement(&self) -> Supplement {
        self.supplement
    }

    /// How long the personal data of a dossier is kept after its end.
    #[must_use]
    pub fn retention(&self) -> Retention {
        self.retention
    }

    /// The law or decision that says so; none where the pack says nothing.
    #[must_use]
    pub fn retention_source(&self) -> Option<&str> {
        self.retention_source.as_deref()
    }

    /// What it offers online, and what it asks of whoever files.
    #[must_use]
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// What the applicant hands in.
    #[must_use]
    pub fn documents(&self) -> &[Document] {
        &self.documents
    }

    /// What agencies make on the way.
    #[must_use]
    pub fn produced(&self) -> &[Produced] {
        &self.produced
    }

    /// What the applicant gets.
    #[must_use]
    pub fn results(&self) -> &[Produced] {
        &self.results
    }

    /// What the applicant pays.
    #[must_use]
    pub fn fees(&self) -> &[Fee] {
        &self.fees
    }

    /// Where the fees are paid in.
    #[must_use]
    pub fn accounts(&self) -> &[PayeeAccount] {
        &self.accounts
    }

    /// The steps, in the order of their flow.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The step in which a dossier enters: the first.
    #[must_use]
    pub fn entry(&self) -> &Step {
        &self.entry
    }

    /// The step of that id.
    #[must_use]
    pub fn step(&self, id: &StepId) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == *id)
    }

    /// Whether it names that kind of document, as handed in, made on the way or result.
    #[must_use]
    pub fn knows_document(&self, kind: &DocumentKind) -> bool {
        let made = self.produced.iter().chain(&self.results).any(|produced| produced.id == *kind);
        made || self.documents.iter().any(|document| document.id == *kind)
    }

    /// The name of that kind of document in Vietnamese.
    #[must_use]
    pub fn document_name(&self, kind: &DocumentKind) -> Option<&str> {
        let handed_in = self.documents.iter().map(|document| (&document.id, &document.name));
        let made = self.produced.iter().chain(&self.results).map(|produced| (&produced.id, &produced.name));
        handed_in.chain(made).find(|(id, _)| *id == kind).map(|(_, name)| name.as_str())
    }

    /// The roles that take part in it, as holder or by referral.
    #[must_use]
    pub fn roles(&self) -> BTreeSet<Role> {
        let asked = self.steps.iter().flat_map(|step| &step.referrals).map(|referral| referral.role);
        self.steps.iter().map(|step| step.role).chain(asked).collect()
    }
}

impl Collected {
    /// Whether the dossier goes on before the fee is paid: thu sau, not thu trước.
    #[must_use]
    pub fn is_later(self) -> bool {
        match self {
            Self::Reception => false,
            Self::Supplement | Self::Return => true,
        }
    }
}

impl Step {
    /// The outcome of that id.
    #[must_use]
    pub fn outcome(&self, id: &OutcomeId) -> Option<&Outcome> {
        self.outcomes.iter().find(|outcome| outcome.id == *id)
    }

    /// What may be asked of others in it about that subject.
    #[must_use]
    pub fn referral(&self, subject: Subject, role: Role) -> Option<&Referral> {
        self.referrals.iter().find(|referral| referral.subject == subject && referral.role == role)
    }
}

#[cfg(test)]
mod tests;

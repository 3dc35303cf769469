//! The tax office's notice: what is to be paid, by whom, where, until when.

use jiff::civil::Date;
use lienthong_tax::Dong;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    Form, FormError, Header, Kind,
    form::{required, sealed::Printed},
    number, percent, words,
};

/// Basis points in the whole.
const BASIS_POINTS: u64 = 10_000;

/// The notice that this one changes. A notice is never edited.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Adjustment {
    /// The former notice's number.
    pub number: String,
    /// Its day.
    pub date: Option<Date>,
    /// Why it is changed.
    pub reason: Option<String>,
}

/// Who files for the taxpayer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Agent {
    /// Its name.
    pub name: String,
    /// Its tax number.
    pub tax_id: Option<String>,
    /// Its address.
    pub address: Option<String>,
}

/// I. Who pays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Taxpayer {
    /// Person or organisation.
    pub name: String,
    /// Tax number or number of the person.
    pub tax_id: Option<String>,
    /// Where the notice is sent.
    pub address: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// The tax agent, where there is one.
    pub agent: Option<Agent>,
}

/// II. What it is paid for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Property {
    /// Where it lies.
    pub address: Option<String>,
    /// Thửa đất số.
    pub plot: Option<String>,
    /// Tờ bản đồ số.
    pub sheet: Option<String>,
    /// Street and position by the price table.
    pub position: Option<String>,
    /// Area: `100 m²`.
    pub area: Option<String>,
    /// Purpose of the use.
    pub purpose: Option<String>,
    /// Origin of land and house.
    pub origin: Option<String>,
    /// The house: kind, class, area.
    pub house: Option<String>,
}

/// III. One line of the computation. `remaining` = `due` − `exempt` − `paid`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NoticeLine {
    /// What is paid: `Lệ phí trước bạ nhà, đất`.
    pub levy: String,
    /// By whom, where the notice names several.
    pub payer: Option<String>,
    /// Tiểu mục: `2801`.
    pub budget_item: Option<String>,
    /// (1) The value it is computed from.
    pub taxable: Option<Dong>,
    /// (2) Phải nộp.
    pub due: Dong,
    /// (3.1) Why less is to be paid.
    pub exempt_reason: Option<String>,
    /// (3.2) Miễn giảm.
    pub exempt: Dong,
    /// (4) Đã nộp.
    pub paid: Dong,
    /// (5) Còn phải nộp.
    pub remaining: Dong,
    /// (6) Until when.
    pub pay_by: Option<Date>,
}

/// IV. Where it is paid.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Budget {
    /// The treasury's account and office.
    pub account: Option<String>,
    /// The bank that collects for it.
    pub bank: Option<String>,
    /// Code and name of the collecting agency.
    pub collector: Option<String>,
    /// Code and name of the chapter (chương).
    pub chapter: Option<String>,
    /// Code and name of the territory.
    pub territory: Option<String>,
    /// The code by which the payment finds its dossier.
    pub reference: Option<String>,
}

/// Thông báo nộp tiền. The notice names its own form, since each levy has one and decrees renumber them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TaxNotice {
    /// What stands over it.
    pub header: Header,
    /// The form: `Mẫu số 01/TB-LPTB`.
    pub form: Option<String>,
    /// What it is about, below the title: `Lệ phí trước bạ nhà, đất và thuế thu nhập cá nhân`.
    pub subject: Option<String>,
    /// The dossier's code.
    pub dossier: String,
    /// The notice that this one changes; none for a first one.
    pub adjusts: Option<Adjustment>,
    /// I. Whoever pays by it: mostly one, but a sale may have seller and buyer on one notice.
    pub taxpayers: Vec<Taxpayer>,
    /// II.
    pub property: Property,
    /// III.
    pub lines: Vec<NoticeLine>,
    /// IV.
    pub budget: Budget,
    /// Interest on what is paid late, in basis points a day: 3 for 0,03%.
    pub late_interest: Option<u32>,
    /// The signing person's office.
    pub signer_title: Option<String>,
    /// Who signs.
    pub signer: Option<String>,
}

impl NoticeLine {
    /// (5) = (2) − (3.2) − (4), without going below nothing.
    fn check(&self) -> Result<(), FormError> {
        let left = self.due.checked_sub(self.exempt).and_then(|left| left.checked_sub(self.paid));
        if left == Some(self.remaining) {
            return Ok(());
        }
        Err(FormError::DoesNotAddUp {
            levy: self.levy.clone(),
            due: self.due.get(),
            exempt: self.exempt.get(),
            paid: self.paid.get(),
            remaining: self.remaining.get(),
        })
    }

    fn printed(&self) -> Value {
        json!({
            "taxable": self.taxable.map(amount),
            "due": amount(self.due),
            "exempt": amount(self.exempt),
            "paid": amount(self.paid),
            "remaining": amount(self.remaining),
        })
    }
}

/// In figures and in words.
fn amount(dong: Dong) -> Value {
    json!({ "figures": number(dong.get()), "words": words(dong.get()) })
}

impl Form for TaxNotice {
    const KIND: Kind = Kind::TaxNotice;
}

impl Printed for TaxNotice {
    fn header(&self) -> &Header {
        &self.header
    }

    fn rows(&self) -> usize {
        self.taxpayers.len() + self.lines.len()
    }

    fn derive(&self) -> Result<Value, FormError> {
        required("dossier", &self.dossier)?;
        if self.taxpayers.is_empty() {
            return Err(FormError::Empty { field: "taxpayers" });
        }
        self.taxpayers.iter().try_for_each(|taxpayer| required("taxpayers.name", &taxpayer.name))?;
        if self.lines.is_empty() {
            return Err(FormError::Empty { field: "lines" });
        }
        self.lines.iter().try_for_each(NoticeLine::check)?;
        let total = Dong::checked_sum(self.lines.iter().map(|line| line.remaining))
            .ok_or(FormError::TooLarge { field: "remaining" })?;
        Ok(json!({
            "lines": self.lines.iter().map(NoticeLine::printed).collect::<Vec<_>>(),
            "total": amount(total),
            "late_interest": self.late_interest.and_then(|points| percent(points.into(), BASIS_POINTS)),
        }))
    }
}

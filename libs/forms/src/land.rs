//! The land registry's slip to the tax office.

use jiff::civil::Date;
use lienthong_tax::Dong;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    Form, FormError, Header, Kind,
    form::{required, sealed::Printed},
    number,
};

/// II. Who uses the land, owns what stands on it, or receives a right.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LandUser {
    /// Person or organisation.
    pub name: String,
    /// Where notices are sent.
    pub address: Option<String>,
    /// Tax number or number of the person.
    pub tax_id: Option<String>,
    /// Day of birth.
    pub born: Option<Date>,
    /// Telephone.
    pub phone: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// The paper that shows who it is.
    pub papers: Option<String>,
    /// Its share, where several own together: `50%`.
    pub share: Option<String>,
}

/// III. One plot of land.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Land {
    /// Thửa đất số.
    pub plot: Option<String>,
    /// Tờ bản đồ số.
    pub sheet: Option<String>,
    /// Where it lies.
    pub address: Option<String>,
    /// Street, stretch or area by the price table.
    pub street: Option<String>,
    /// Position 1 to 4 by the price table.
    pub position: Option<String>,
    /// Area: `100,5 m²`.
    pub area: Option<String>,
    /// Of it used alone.
    pub area_private: Option<String>,
    /// Of it used together with others.
    pub area_shared: Option<String>,
    /// Of it within the limit (hạn mức).
    pub area_within_limit: Option<String>,
    /// Of it above the limit.
    pub area_above_limit: Option<String>,
    /// Origin of the use.
    pub origin: Option<String>,
    /// Purpose of the use.
    pub purpose: Option<String>,
    /// Until when.
    pub term: Option<String>,
    /// Since when it is used.
    pub used_since: Option<String>,
    /// Form of the use.
    pub form_of_use: Option<String>,
    /// Price by the table: `30.000.000 đ/m²`.
    pub table_price: Option<String>,
    /// The certificate: number and day.
    pub certificate: Option<String>,
}

/// IV. What stands on the land.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Building {
    /// What it is.
    pub kind: String,
    /// Its class.
    pub grade: Option<String>,
    /// Built area.
    pub built_area: Option<String>,
    /// Floor area.
    pub floor_area: Option<String>,
    /// Number of floors.
    pub floors: Option<String>,
    /// Year of completion.
    pub completed: Option<String>,
    /// Structure.
    pub structure: Option<String>,
    /// Until when it is owned.
    pub term: Option<String>,
}

/// V. The contract by which rights pass.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Contract {
    /// Its number.
    pub number: Option<String>,
    /// Its day.
    pub date: Option<Date>,
    /// Where it was notarised or certified.
    pub certified_by: Option<String>,
    /// Who gives.
    pub transferor: Option<String>,
    /// Price, in đồng.
    pub price: Option<Dong>,
}

/// VI. What is asked for: exemption, reduction or debt.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Relief {
    /// Who is entitled.
    pub subject: Option<String>,
    /// By which rule.
    pub legal_ground: Option<String>,
    /// The papers that show it.
    pub papers: Option<String>,
}

/// One file that travels with the slip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attachment {
    /// Its name.
    pub name: String,
    /// SHA-256, hexadecimal.
    pub sha256: Option<String>,
}

/// Phiếu chuyển thông tin để xác định nghĩa vụ tài chính về đất đai (NĐ 101/2024/NĐ-CP; provinces number it otherwise).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TaxInformation {
    /// What stands over it; its number ends in `/PCTT`.
    pub header: Header,
    /// The form: `Mẫu số 15 (QĐ 2604/QĐ-VP)`.
    pub form: Option<String>,
    /// The tax office.
    pub to: String,
    /// I.1. The dossier's code.
    pub dossier: String,
    /// I.2. The day from which the dossier was complete.
    pub complete_on: Option<Date>,
    /// I.3. The procedure that asks for it.
    pub procedure: Option<String>,
    /// I.4. The legal ground.
    pub legal_ground: Option<String>,
    /// II. The persons.
    pub users: Vec<LandUser>,
    /// III. The plots.
    pub land: Vec<Land>,
    /// IV. What stands on it.
    pub buildings: Vec<Building>,
    /// V. The contract.
    pub contract: Option<Contract>,
    /// VI. Exemption, reduction, debt.
    pub relief: Option<Relief>,
    /// Files that travel with it.
    pub attachments: Vec<Attachment>,
    /// Who received the slip at the tax office.
    pub receiver: Option<String>,
    /// The signing person's office.
    pub signer_title: Option<String>,
    /// Who signs.
    pub signer: Option<String>,
}

impl Form for TaxInformation {
    const KIND: Kind = Kind::TaxInformation;
}

impl Printed for TaxInformation {
    fn header(&self) -> &Header {
        &self.header
    }

    fn rows(&self) -> usize {
        self.users.len() + self.land.len() + self.buildings.len() + self.attachments.len()
    }

    fn derive(&self) -> Result<Value, FormError> {
        required("dossier", &self.dossier)?;
        required("to", &self.to)?;
        let price = self.contract.as_ref().and_then(|contract| contract.price);
        Ok(json!({ "price": price.map(|price| number(price.get())) }))
    }
}

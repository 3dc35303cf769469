//! Roles: as what an agency takes part in a procedure. The list is closed; packs name roles, never agencies.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// As what an agency takes part in a procedure. Written in kebab-case: `land-registry`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Role {
    /// Receives dossiers and hands results over (bộ phận một cửa; NĐ 118/2025).
    WardDesk,
    /// The people's committee of a ward or commune.
    Commune,
    /// The district level of a city, abolished on 01/07/2025.
    City,
    /// A department of the province (sở).
    Department,
    /// A branch of the land registration office.
    LandRegistry,
    /// The tax office.
    TaxOffice,
    /// Planning and construction, asked for opinions.
    Planning,
    /// Fire police, asked for opinions.
    FirePolice,
    /// Registers businesses and household businesses (NĐ 168/2025).
    BusinessRegistration,
    /// The State Treasury.
    Treasury,
    /// The police.
    Police,
    /// Social insurance.
    SocialInsurance,
    /// Another branch of a ministry in the locality (cơ quan ngành dọc).
    MinistryBranch,
    /// Brings in history from other systems; takes part in no procedure.
    Import,
}

/// A text names no role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a role; roles are {}", Role::ALL.map(Role::as_str).join(", "))]
pub struct UnknownRole {
    /// The text as given.
    pub text: String,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 14] = [
        Self::WardDesk,
        Self::Commune,
        Self::City,
        Self::Department,
        Self::LandRegistry,
        Self::TaxOffice,
        Self::Planning,
        Self::FirePolice,
        Self::BusinessRegistration,
        Self::Treasury,
        Self::Police,
        Self::SocialInsurance,
        Self::MinistryBranch,
        Self::Import,
    ];

    /// How it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WardDesk => "ward-desk",
            Self::Commune => "commune",
            Self::City => "city",
            Self::Department => "department",
            Self::LandRegistry => "land-registry",
            Self::TaxOffice => "tax-office",
            Self::Planning => "planning",
            Self::FirePolice => "fire-police",
            Self::BusinessRegistration => "business-registration",
            Self::Treasury => "treasury",
            Self::Police => "police",
            Self::SocialInsurance => "social-insurance",
            Self::MinistryBranch => "ministry-branch",
            Self::Import => "import",
        }
    }

    /// What officers call it.
    #[must_use]
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Self::WardDesk => "Bộ phận một cửa",
            Self::Commune => "Ủy ban nhân dân cấp xã",
            Self::City => "Ủy ban nhân dân thành phố (cấp huyện)",
            Self::Department => "Sở chuyên ngành",
            Self::LandRegistry => "Chi nhánh Văn phòng đăng ký đất đai",
            Self::TaxOffice => "Cơ quan thuế",
            Self::Planning => "Cơ quan quy hoạch, xây dựng",
            Self::FirePolice => "Cảnh sát phòng cháy, chữa cháy",
            Self::BusinessRegistration => "Cơ quan đăng ký kinh doanh",
            Self::Treasury => "Kho bạc Nhà nước",
            Self::Police => "Công an",
            Self::SocialInsurance => "Bảo hiểm xã hội",
            Self::MinistryBranch => "Cơ quan ngành dọc tại địa phương",
            Self::Import => "Đơn vị nhập dữ liệu lịch sử",
        }
    }
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || UnknownRole { text: text.to_owned() };
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or_else(unknown)
    }
}

impl TryFrom<String> for Role {
    type Error = UnknownRole;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Role> for String {
    fn from(role: Role) -> Self {
        role.as_str().to_owned()
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests;

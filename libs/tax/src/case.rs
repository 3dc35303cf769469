//! Cases: what is assessed.

use std::{fmt, str::FromStr};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::Dong;

/// What an assessment needs to know of a transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// How the property passes.
    pub kind: Kind,
    /// How the two parties are related.
    pub relation: Relation,
    /// Its value by the province's price table (bảng giá).
    pub table_value: Dong,
    /// Its value by the contract, if there is one.
    pub contract_value: Option<Dong>,
    /// The day whose rates apply, in Vietnam.
    pub on: Date,
}

/// How a property passes to its new owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Kind {
    /// Sold (chuyển nhượng).
    Transfer,
    /// Given (tặng cho).
    Gift,
    /// Inherited (thừa kế).
    Inheritance,
}

/// How giver and taker are related. Which of these exempt from what is data, see [`crate::Rates`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Relation {
    /// Not, or in no way that the law names.
    None,
    /// Vợ với chồng.
    Spouses,
    /// Cha đẻ, mẹ đẻ với con đẻ.
    ParentChild,
    /// Cha nuôi, mẹ nuôi với con nuôi.
    AdoptiveParentChild,
    /// Cha chồng, mẹ chồng với con dâu; cha vợ, mẹ vợ với con rể.
    ParentsInLaw,
    /// Ông bà nội, ông bà ngoại với cháu.
    Grandparents,
    /// Anh, chị, em ruột với nhau.
    Siblings,
    /// Cha dượng, mẹ kế với con riêng.
    StepParent,
}

/// A word that names no kind or no relation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is none of {known}")]
pub struct Unknown {
    /// What was given.
    pub text: String,
    /// The words there are.
    pub known: &'static str,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Transfer, Self::Gift, Self::Inheritance];

    /// As the law calls it.
    #[must_use]
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Self::Transfer => "chuyển nhượng",
            Self::Gift => "tặng cho",
            Self::Inheritance => "thừa kế",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Transfer => "transfer",
            Self::Gift => "gift",
            Self::Inheritance => "inheritance",
        }
    }
}

impl Relation {
    /// Every relation.
    pub const ALL: [Self; 8] = [
        Self::None,
        Self::Spouses,
        Self::ParentChild,
        Self::AdoptiveParentChild,
        Self::ParentsInLaw,
        Self::Grandparents,
        Self::Siblings,
        Self::StepParent,
    ];

    /// As the law calls it.
    #[must_use]
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Self::None => "không có quan hệ được miễn",
            Self::Spouses => "vợ với chồng",
            Self::ParentChild => "cha đẻ, mẹ đẻ với con đẻ",
            Self::AdoptiveParentChild => "cha nuôi, mẹ nuôi với con nuôi",
            Self::ParentsInLaw => "cha chồng, mẹ chồng với con dâu; cha vợ, mẹ vợ với con rể",
            Self::Grandparents => "ông bà nội, ông bà ngoại với cháu",
            Self::Siblings => "anh, chị, em ruột với nhau",
            Self::StepParent => "cha dượng, mẹ kế với con riêng",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Spouses => "spouses",
            Self::ParentChild => "parent-child",
            Self::AdoptiveParentChild => "adoptive-parent-child",
            Self::ParentsInLaw => "parents-in-law",
            Self::Grandparents => "grandparents",
            Self::Siblings => "siblings",
            Self::StepParent => "step-parent",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Kind {
    type Err = Unknown;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = "transfer, gift, inheritance";
        let unknown = || Unknown { text: text.to_owned(), known };
        Self::ALL.into_iter().find(|kind| kind.name() == text).ok_or_else(unknown)
    }
}

impl FromStr for Relation {
    type Err = Unknown;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = "none, spouses, parent-child, adoptive-parent-child, parents-in-law, grandparents, siblings, \
                     step-parent";
        let unknown = || Unknown { text: text.to_owned(), known };
        Self::ALL.into_iter().find(|relation| relation.name() == text).ok_or_else(unknown)
    }
}

impl TryFrom<String> for Kind {
    type Error = Unknown;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl TryFrom<String> for Relation {
    type Error = Unknown;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Kind> for String {
    fn from(kind: Kind) -> Self {
        kind.name().to_owned()
    }
}

impl From<Relation> for String {
    fn from(relation: Relation) -> Self {
        relation.name().to_owned()
    }
}

#[cfg(test)]
mod tests;

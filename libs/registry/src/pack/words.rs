//! The closed lists of words that a pack may use.

use std::{fmt, str::FromStr};

/// A text is none of the words of a closed list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is none of {words}")]
pub struct UnknownWord {
    text: String,
    words: String,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// How it is written in a pack.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(UnknownWord { text: text.to_owned(), words: [$($word),+].join(", ") }),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

words! {
    /// How the clock goes on after a supplement.
    Supplement {
        /// The rest of the limit runs on, as land procedures do in practice.
        Resume = "resume",
        /// The whole limit runs anew (NĐ 61/2018, art. 19).
        Restart = "restart",
    }
}

words! {
    /// As what a document is handed in (the portal's kinds of copy, 0 to 2).
    CopyKind {
        /// Bản chính.
        Original = "original",
        /// Bản sao.
        Copy = "copy",
        /// Bản điện tử.
        Electronic = "electronic",
    }
}

words! {
    /// When a fee is collected (hình thức thu).
    Collected {
        /// When the dossier is received: 1.
        Reception = "reception",
        /// With a supplement: 2.
        Supplement = "supplement",
        /// When the result is handed over: 4.
        Return = "return",
    }
}

words! {
    /// How a dossier is filed (kênh nộp).
    ReceiveBy {
        /// At the desk.
        Direct = "direct",
        /// On the portal.
        Online = "online",
        /// By public postal service (QĐ 45/2016/QĐ-TTg).
        Postal = "postal",
    }
}

words! {
    /// Whether whoever files must come in person.
    Presence {
        /// As for a will, a contract or a signature that is certified (NĐ 23/2015/NĐ-CP).
        Required = "required",
    }
}

words! {
    /// How a result reaches the citizen (kênh trả).
    ReturnBy {
        /// Fetched at the desk.
        Desk = "desk",
        /// By public postal service.
        Postal = "postal",
        /// As an electronic result.
        Electronic = "electronic",
    }
}

words! {
    /// How a fee is paid.
    PayBy {
        /// Cash.
        Cash = "cash",
        /// A bank transfer or a treasury voucher.
        Bank = "bank",
        /// An e-wallet or a QR code.
        Wallet = "wallet",
        /// The payment platform of the national portal.
        Portal = "portal",
    }
}

words! {
    /// By what a dossier leaves a step.
    Carrier {
        /// As an event only.
        Electronic = "electronic",
        /// With paper beside it.
        Paper = "paper",
    }
}

words! {
    /// What happens in a step.
    StepKind {
        /// An agency works.
        Work = "work",
        /// The citizen is waited for.
        WaitCitizen = "wait-citizen",
        /// Another agency is waited for.
        WaitAgency = "wait-agency",
        /// Something is posted publicly for some days of the civil calendar; no pause of anyone.
        Posting = "posting",
    }
}

words! {
    /// What a referral asks for.
    Subject {
        /// What is owed in tax (phiếu chuyển thông tin để xác định nghĩa vụ tài chính).
        TaxInformation = "tax-information",
        /// An opinion (lấy ý kiến).
        Opinion = "opinion",
    }
}

words! {
    /// What it means if a referral is not answered in time.
    Silence {
        /// Nothing: the answer is late.
        None = "none",
        /// Agreement.
        Agreed = "agreed",
    }
}

words! {
    /// What must be there before a step completes.
    Need {
        /// The financial obligation is fulfilled, or its debt is recorded by a decision.
        ObligationFulfilled = "obligation-fulfilled",
        /// The land register has the entry.
        LandRegisterEntry = "land-register-entry",
    }
}

words! {
    /// How a procedure ends. A stop is an act of the holder and no outcome.
    Ending {
        /// The applicant got what was asked for.
        Approved = "approved",
        /// The applicant got a refusal with its grounds.
        Refused = "refused",
    }
}

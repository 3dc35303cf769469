//! Closed lists of codes. Their numbers are stored for ever.

use serde::{Deserialize, Serialize};

macro_rules! closed {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal, $text:literal, $vi:literal;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The number it is stored and sent as.
            #[must_use]
            pub fn code(self) -> u8 {
                match self { $(Self::$variant => $code,)* }
            }

            /// The value of a number; none when it is not on the list.
            #[must_use]
            pub fn from_code(code: i32) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)* _ => None }
            }

            /// Its name in English, kebab-case.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// Its name for officers and citizens.
            #[must_use]
            pub fn vietnamese(self) -> &'static str {
                match self { $(Self::$variant => $vi,)* }
            }
        }
    };
}

closed! {
    /// How something travels between agencies.
    Medium {
        /// As an event only.
        Electronic = 1, "electronic", "điện tử";
        /// With paper beside it.
        Paper = 2, "paper", "giấy";
    }
}
closed! {
    /// How a dossier was filed (KenhThucHien).
    Channel {
        /// At the desk.
        Direct = 1, "direct", "trực tiếp";
        /// On the portal.
        Online = 2, "online", "trực tuyến";
        /// By public postal service.
        Postal = 3, "postal", "bưu chính công ích";
    }
}
closed! {
    /// Kind of applicant. One more than the national adapter's code, so that zero stays "not said".
    ApplicantKind {
        /// A person.
        Citizen = 1, "citizen", "công dân";
        /// A business.
        Business = 2, "business", "doanh nghiệp";
        /// A household business.
        HouseholdBusiness = 3, "household-business", "hộ kinh doanh";
        /// A state agency.
        StateAgency = 4, "state-agency", "cơ quan nhà nước";
        /// Another organisation.
        Organisation = 5, "organisation", "tổ chức khác";
    }
}
closed! {
    /// Form of a paper. One more than the national code, so that zero stays "not said".
    CopyForm {
        /// The original.
        Original = 1, "original", "bản chính";
        /// A copy.
        Copy = 2, "copy", "bản sao";
        /// Electronic.
        Electronic = 3, "electronic", "bản điện tử";
    }
}
closed! {
    /// What a referral asks for.
    Subject {
        /// To determine the financial obligation (phiếu chuyển thông tin).
        TaxInformation = 1, "tax-information", "xác định nghĩa vụ tài chính";
        /// An opinion (lấy ý kiến).
        Opinion = 2, "opinion", "lấy ý kiến";
    }
}
closed! {
    /// How money came.
    PaymentChannel {
        /// Cash.
        Cash = 1, "cash", "tiền mặt";
        /// Bank transfer or treasury voucher.
        Bank = 2, "bank", "ngân hàng, kho bạc";
        /// E-wallet or QR code.
        Wallet = 3, "wallet", "ví điện tử, mã QR";
        /// The national payment platform.
        Portal = 4, "portal", "cổng dịch vụ công";
    }
}
closed! {
    /// What an officer may do in the agency's name (thẩm quyền). Each includes those before it.
    Power {
        /// To look; commands nothing.
        Read = 1, "read", "tra cứu";
        /// To handle dossiers within and between agencies.
        Decide = 2, "decide", "thụ lý";
        /// To issue in the agency's name what binds it towards the citizen.
        Sign = 3, "sign", "ký";
    }
}
closed! {
    /// What personal data is read for (Luật 91/2025/QH15: a purpose for each processing).
    Purpose {
        /// To handle the dossier.
        Handling = 1, "handling", "giải quyết hồ sơ";
        /// The person asks for it.
        PersonAsks = 2, "person-asks", "theo yêu cầu của chủ thể dữ liệu";
        /// To put data right.
        Correction = 3, "correction", "đính chính dữ liệu";
        /// A complaint or a denunciation.
        Complaint = 4, "complaint", "giải quyết khiếu nại, tố cáo";
        /// An inspection or an audit.
        Inspection = 5, "inspection", "thanh tra, kiểm tra";
        /// A court or an investigating body asks for it.
        Proceedings = 6, "proceedings", "theo yêu cầu của tòa án, cơ quan điều tra";
        /// Before it is erased or handed to the archive.
        Retention = 7, "retention", "lưu trữ, tiêu hủy";
    }
}
closed! {
    /// How personal data was asked for.
    ReadKind {
        /// By the dossier's code.
        Dossiers = 1, "dossiers", "đọc theo mã hồ sơ";
        /// By a person's number, which is not recorded.
        Search = 2, "search", "tìm theo số định danh, mã số thuế";
    }
}
closed! {
    /// Classes of fields that are shown.
    FieldClass {
        /// Who the applicant, the parties and the recipient are.
        Persons = 1, "persons", "người nộp, các bên";
        /// Plots, buildings, contracts.
        Property = 2, "property", "thửa đất, tài sản, hợp đồng";
        /// Free text and whatever else a source tells.
        Text = 3, "text", "nội dung, thông tin khác";
    }
}
closed! {
    /// How a result reaches the citizen.
    Delivery {
        /// At the desk.
        Desk = 1, "desk", "tại quầy";
        /// By public postal service.
        Postal = 2, "postal", "bưu chính công ích";
        /// As an electronic result.
        Electronic = 3, "electronic", "điện tử";
    }
}

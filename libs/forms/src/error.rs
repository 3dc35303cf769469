//! Why a form is not printed.

use jiff::civil::Date;

/// Why a form is not printed. What the caller can mend comes first; [`FormError::Typesetting`] is a fault of this crate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// A refusal states its reason in law; a technical error code is none (TT 03/2025/TT-VPCP, Mẫu 03).
    #[error("a refusal needs its legal ground")]
    NoLegalGround,
    /// What a form is about is missing.
    #[error("`{field}` is empty")]
    Empty {
        /// The field, as the JSON names it.
        field: &'static str,
    },
    /// A dossier is extended once at most.
    #[error("extension {ordinal} is not the first and only one")]
    NotFirstExtension {
        /// Which extension it was said to be.
        ordinal: u32,
    },
    /// An extension that does not extend.
    #[error("the new date {extended} is not after the promised one, {promised}")]
    NotLater {
        /// The day promised at first.
        promised: Date,
        /// The day promised now.
        extended: Date,
    },
    /// A line of a notice contradicts itself.
    #[error("{levy}: {due} − {exempt} − {paid} is not {remaining}")]
    DoesNotAddUp {
        /// What the line is about.
        levy: String,
        /// Phải nộp, in đồng.
        due: u64,
        /// Miễn giảm, in đồng.
        exempt: u64,
        /// Đã nộp, in đồng.
        paid: u64,
        /// Còn phải nộp, in đồng.
        remaining: u64,
    },
    /// A row of the report does not balance: received = solved + pending.
    #[error("row `{row}`: {received} received, but {solved} solved and {pending} pending")]
    Unbalanced {
        /// Its name.
        row: String,
        /// Column 3.
        received: u64,
        /// Column 7.
        solved: u64,
        /// Column 11.
        pending: u64,
    },
    /// A sum is too large to be held.
    #[error("the sum of `{field}` is too large")]
    TooLarge {
        /// What was summed up.
        field: &'static str,
    },
    /// More rows than one document takes.
    #[error("{rows} rows, and one document takes {max}")]
    TooManyRows {
        /// How many there are.
        rows: usize,
        /// How many there may be.
        max: usize,
    },
    /// One text is too long for a form.
    #[error("a text of {bytes} bytes, and a form takes {max}")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// The greatest length.
        max: usize,
    },
    /// A character that no font here has, or that would turn the text around it.
    #[error("the character U+{:04X} cannot be printed", u32::from(*character))]
    Unprintable {
        /// The character.
        character: char,
    },
    /// The text does not fit into a QR code.
    #[error("{bytes} bytes do not fit into a QR code")]
    Qr {
        /// Its length.
        bytes: usize,
    },
    /// A template and its data do not fit: a fault of this crate.
    #[error("the form cannot be typeset: {}", messages.join("; "))]
    Typesetting {
        /// What the typesetter says.
        messages: Vec<String>,
    },
}

//! Closed lists of codes: the dossier's enumerations and the numbers they travel as.

use lienthong_dossier::{
    ApplicantKind, Channel, CopyForm, Delivery, FieldClass, Medium, PaymentChannel, Power, Purpose, ReadKind,
    Status, Subject,
};

use crate::Invalid;
use crate::pb::common::v1::ErrorReason;

/// A code on a closed list, whose numbers are those of the contract.
pub trait Coded: Copy + Sized {
    /// The number it travels and is stored as; never 0.
    fn number(self) -> i32;

    /// The code with that number; none when it is not on the list, as 0 never is.
    fn from_number(number: i32) -> Option<Self>;
}

macro_rules! coded {
    ($($name:ident),* $(,)?) => {
        $(impl Coded for $name {
            fn number(self) -> i32 {
                self.code().into()
            }

            fn from_number(number: i32) -> Option<Self> {
                Self::from_code(number)
            }
        })*
    };
}

coded! {
    ApplicantKind, Channel, CopyForm, Delivery, FieldClass, Medium, PaymentChannel, Power, Purpose, ReadKind,
    Status, Subject
}

/// The code of a field that must be given.
pub(crate) fn coded<T: Coded>(field: &str, number: i32) -> Result<T, Invalid> {
    coded_or_none(field, number)?.ok_or_else(|| Invalid::missing(field))
}

/// The code of a field that may be left out.
pub(crate) fn coded_or_none<T: Coded>(field: &str, number: i32) -> Result<Option<T>, Invalid> {
    if number == 0 {
        return Ok(None);
    }
    let unknown = || Invalid::new(field, format!("{number} is not on the list"), ErrorReason::UnknownValue);
    T::from_number(number).ok_or_else(unknown).map(Some)
}

//! Requests of `LandRegistry`: the tax information slip and the register.

use std::collections::BTreeSet;

use lienthong_calendar::Instant;
use lienthong_dossier::{Action, Command, PaperNumber, Subject};

use super::{Head, IntoCommand, With as _};
use crate::Invalid;
use crate::code::coded;
use crate::field::{given, ordinal, text};
use crate::pb::common::v1::ErrorReason;
use crate::pb::land_registry::v1 as pb;
use crate::pb::personal::v1::PersonalDetails;

impl IntoCommand for pb::SendTaxInformationRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        let head = Head::read(self.header, &self.code)?;
        let action = Action::Refer {
            to: text("to", &self.to)?,
            subject: Subject::TaxInformation,
            medium: coded("medium", self.medium)?,
            number: Some(text::<PaperNumber>("number", &self.number)?),
        };
        let details = given("details", self.details)?;
        check_slip(&details).map_err(|invalid| invalid.within("details"))?;
        Ok(head.command(at, action).with(Some(details)))
    }
}

impl IntoCommand for pb::EnterLandRegisterRequest {
    fn into_command(self, at: Instant) -> Result<Command, Invalid> {
        let head = Head::read(self.header, &self.code)?;
        let action = Action::EnterLandRegister { entry: text("entry", &self.entry)? };
        Ok(head.command(at, action).with(self.details))
    }
}

/// A slip names at least one party and one plot, and no two parties by one ordinal: notices will name taxpayers so.
fn check_slip(details: &PersonalDetails) -> Result<(), Invalid> {
    if details.plots.is_empty() {
        return Err(Invalid::missing("plots"));
    }
    if details.parties.is_empty() {
        return Err(Invalid::missing("parties"));
    }
    let mut ordinals = BTreeSet::new();
    for (index, party) in details.parties.iter().enumerate() {
        let ordinal = ordinal("ordinal", party.ordinal).and_then(|ordinal| match ordinals.insert(ordinal) {
            true => Ok(()),
            false => Err(Invalid::new("ordinal", "is another party's too", ErrorReason::OutOfRange)),
        });
        ordinal.map_err(|invalid| invalid.within_item("parties", index))?;
    }
    Ok(())
}

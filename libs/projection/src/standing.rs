//! Standing: why a dossier lies before an agency now. One that is over (refused, delivered or withdrawn) lies before
//! nobody.

use std::collections::BTreeMap;

use lienthong_admission::State;
use lienthong_dossier::{Case, Custody, Dossier, NoticeState, Phase};
use lienthong_registry::AgencyId;

/// Why a dossier lies before an agency now. At least one of these holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    /// It holds the dossier.
    pub holds: bool,
    /// The dossier is offered to it and it has not answered.
    pub offered: bool,
    /// A referral to it awaits its answer.
    pub referred: bool,
    /// A notice it issued stands and is not fulfilled.
    pub notice: bool,
    /// It brought the dossier in from another system.
    pub imported: bool,
}

impl Standing {
    /// Whether the agency is waited for, or may be: it holds the dossier, or is offered it, or is asked about it.
    #[must_use]
    pub fn is_before(self) -> bool {
        self.holds || self.offered || self.referred
    }

    pub(crate) fn to_byte(self) -> u8 {
        let Self { holds, offered, referred, notice, imported } = self;
        [holds, offered, referred, notice, imported]
            .into_iter()
            .enumerate()
            .fold(0, |byte, (bit, set)| byte | u8::from(set) << bit)
    }

    pub(crate) fn from_byte(byte: u8) -> Self {
        let bit = |bit: u8| byte & (1 << bit) != 0;
        Self { holds: bit(0), offered: bit(1), referred: bit(2), notice: bit(3), imported: bit(4) }
    }
}

/// Every agency that a dossier lies before, and why.
pub(crate) fn standings(state: &State) -> BTreeMap<AgencyId, Standing> {
    let mut all = Standings::default();
    match &state.dossier {
        Dossier::Live(case) => all.of_case(case),
        Dossier::Imported(imported) => all.at(&imported.by).imported = true,
    }
    all.0
}

#[derive(Default)]
struct Standings(BTreeMap<AgencyId, Standing>);

impl Standings {
    fn at(&mut self, agency: &AgencyId) -> &mut Standing {
        self.0.entry(agency.clone()).or_default()
    }

    fn of_case(&mut self, case: &Case) {
        if is_over(case.phase) {
            return;
        }
        self.at(case.custody.holder()).holds = true;
        match &case.custody {
            Custody::Offered { to, .. } => self.at(to).offered = true,
            Custody::Held { .. } => {}
        }
        for referral in case.referrals.values().filter(|referral| referral.state.is_open()) {
            self.at(&referral.to).referred = true;
        }
        if case.money.is_open() {
            for notice in case.money.notices.values().filter(|notice| notice.state == NoticeState::Current) {
                self.at(&notice.issuer).notice = true;
            }
        }
    }
}

/// A dossier that is over keeps its last holder, its referrals and its notices, but nothing waits for anybody.
pub(crate) fn is_over(phase: Phase) -> bool {
    match phase {
        Phase::Refused | Phase::Delivered | Phase::Withdrawn => true,
        Phase::Filed | Phase::Accepted | Phase::Processing | Phase::Issued => false,
    }
}

#[cfg(test)]
mod tests;

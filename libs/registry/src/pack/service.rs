//! What a procedure offers online: its level, its channels, and what it asks of whoever files.
//!
//! ```text
//! level 1 information   2 forms   3 filed online (một phần)   4 also paid online, result by post or online (toàn trình)
//! ```
//!
//! The levels are those of NĐ 43/2011/NĐ-CP, art. 3; NĐ 42/2022/NĐ-CP calls 3 một phần and 4 toàn trình. A pack that says
//! nothing restricts nothing. One that does is held to it: [`check`] refuses a level that its channels, fees or presence
//! do not keep, and paper that nobody explains.

use std::{fmt, str::FromStr};

use super::{
    CopyKind, Fault, Need, PayBy, Presence, ReceiveBy, ReturnBy,
    draft::Draft,
    fault::Faults,
    fields::{At, Fields},
};

/// How far a procedure goes online (mức độ dịch vụ công trực tuyến).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ServiceLevel {
    /// It is described online.
    Information = 1,
    /// Its forms are there to be downloaded.
    Forms = 2,
    /// It is filed online.
    Filed = 3,
    /// It is paid online too, and its result need not be fetched.
    Whole = 4,
}

/// How surely the portal must know who files (NĐ 69/2024/NĐ-CP: tài khoản định danh mức độ 1, mức độ 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Assurance {
    /// By what the account's owner declared.
    One = 1,
    /// By what the police verified, face and chip.
    Two = 2,
}

/// A text is no number of a level.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no level from 1 to {most}")]
pub struct UnknownLevel {
    text: String,
    most: u8,
}

/// What a procedure offers online.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its level; none where the pack does not say.
    pub level: Option<ServiceLevel>,
    /// How dossiers are filed.
    pub receive_by: Vec<ReceiveBy>,
    /// How results reach the citizen.
    pub return_by: Vec<ReturnBy>,
    /// How fees are paid.
    pub pay_by: Vec<PayBy>,
    /// What the filer's account on the portal must be to file online; none where any will do.
    pub identity: Option<Assurance>,
    /// Why whoever files must come in person; none where nobody must.
    pub presence: Option<String>,
}

/// The same as far as it could be read. A list that is not there is `None`.
pub(super) struct DraftService {
    line: u32,
    level: Option<At<ServiceLevel>>,
    receive_by: Option<At<Vec<At<ReceiveBy>>>>,
    return_by: Option<At<Vec<At<ReturnBy>>>>,
    pay_by: Option<At<Vec<At<PayBy>>>>,
    identity: Option<At<Assurance>>,
    presence: Option<At<Presence>>,
    presence_because: Option<At<String>>,
}

impl Default for Service {
    /// Of a pack that says nothing: nothing is restricted, as nothing was before packs spoke of it.
    fn default() -> Self {
        Self {
            level: None,
            receive_by: ReceiveBy::ALL.to_vec(),
            return_by: ReturnBy::ALL.to_vec(),
            pay_by: PayBy::ALL.to_vec(),
            identity: None,
            presence: None,
        }
    }
}

impl DraftService {
    pub(super) fn read(mut fields: Fields<'_>, faults: &mut Faults) -> Self {
        if fields.has("presence") != fields.has("presence_because") {
            let said = if fields.has("presence") { "presence" } else { "presence_because" };
            faults.add(fields.line_of(said), Fault::PresenceSource);
        }
        let service = Self {
            line: fields.line,
            level: fields.optional("level", faults),
            receive_by: fields.some_values("receive_by", faults),
            return_by: fields.some_values("return_by", faults),
            pay_by: fields.some_values("pay_by", faults),
            identity: fields.optional("identity", faults),
            presence: fields.optional("presence", faults),
            presence_because: fields.optional("presence_because", faults),
        };
        fields.close(faults);
        service
    }

    pub(super) fn build(self) -> Service {
        let receive_by = self.received();
        let level = self.level.map(|at| at.value);
        let cash = |level| if level == Some(ServiceLevel::Whole) { PayBy::ALL } else { &[PayBy::Cash] };
        Service {
            level,
            receive_by,
            return_by: said(self.return_by).unwrap_or_else(|| ReturnBy::ALL.to_vec()),
            pay_by: said(self.pay_by).unwrap_or_else(|| cash(level).to_vec()),
            identity: self.identity.map(|at| at.value),
            presence: self.presence_because.map(|at| at.value),
        }
    }

    /// How dossiers are filed, where it is not said by all that level and presence allow.
    fn received(&self) -> Vec<ReceiveBy> {
        let offline = self.level.as_ref().is_some_and(|level| level.value < ServiceLevel::Filed);
        let allowed = |channel: &&ReceiveBy| match channel {
            ReceiveBy::Direct => true,
            ReceiveBy::Online => self.presence.is_none() && !offline,
            ReceiveBy::Postal => self.presence.is_none(),
        };
        let said = self.receive_by.as_ref().map(|said| values(&said.value));
        said.unwrap_or_else(|| ReceiveBy::ALL.iter().filter(allowed).copied().collect())
    }
}

/// Notes what the pack promises and does not keep, and what paper it does not explain.
pub(super) fn check(draft: &Draft, faults: &mut Faults) {
    if let Some(service) = &draft.service {
        filing(service, faults);
        if let Some(level) = &service.level {
            ending(draft, service, level, faults);
        }
        if service.received().contains(&ReceiveBy::Online) {
            papers(draft, faults);
        }
    }
    for step in &draft.steps {
        if let (Some(id), Some(line), None) = (step.id(), step.on_paper(), &step.paper_because) {
            faults.add(line, Fault::PaperStep { step: id.clone() });
        }
    }
}

/// Level, presence and the ways of filing agree.
fn filing(service: &DraftService, faults: &mut Faults) {
    let named = |channel| {
        let said = service.receive_by.iter().flat_map(|said| &said.value);
        said.filter(move |at| at.value == channel).map(|at| at.line).next()
    };
    if let Some(level) = &service.level {
        let online = service.received().contains(&ReceiveBy::Online);
        match named(ReceiveBy::Online) {
            Some(line) if level.value < ServiceLevel::Filed => {
                faults.add(line, Fault::LevelTakesNothing { level: level.value });
            }
            _ if level.value >= ServiceLevel::Filed && service.presence.is_some() => {
                faults.add(level.line, Fault::LevelNeedsNoPresence { level: level.value });
            }
            _ if level.value >= ServiceLevel::Filed && !online => {
                faults.add(level.line, Fault::LevelNotFiled { level: level.value });
            }
            _ => {}
        }
    }
    if service.presence.is_some() {
        for channel in [ReceiveBy::Online, ReceiveBy::Postal] {
            if let Some(line) = named(channel) {
                faults.add(line, Fault::PresenceElsewhere { channel });
            }
        }
    }
}

/// Level, payment and the ways of getting the result agree.
fn ending(draft: &Draft, service: &DraftService, level: &At<ServiceLevel>, faults: &mut Faults) {
    let paid = service.pay_by.iter().flat_map(|said| &said.value);
    let online = paid.clone().find(|at| at.value.is_online());
    if level.value < ServiceLevel::Whole {
        if let Some(At { line, value: channel }) = online {
            faults.add(*line, Fault::LevelNotPaid { level: level.value, channel: *channel });
        }
        return;
    }
    // What costs nothing is paid nowhere (NĐ 43/2011: lệ phí, nếu có).
    let owes = !draft.fees.is_empty()
        || draft.steps.iter().flat_map(|step| &step.needs).any(|at| at.value == Need::ObligationFulfilled);
    if owes && online.is_none() {
        let line = service.pay_by.as_ref().map_or(service.line, |said| said.line);
        faults.add(line, Fault::WholeUnpaid);
    }
    if let Some(At { line, value: channels }) = &service.return_by
        && channels.iter().all(|at| at.value == ReturnBy::Desk)
    {
        faults.add(*line, Fault::WholeFetched);
    }
}

/// What is filed online is electronic, is there already, or says why not.
fn papers(draft: &Draft, faults: &mut Faults) {
    for At { line, value: document } in &draft.documents {
        let on_paper = document.online != CopyKind::Electronic && document.reuse.is_none();
        if on_paper && document.paper_because.is_none() {
            faults.add(*line, Fault::PaperDocument { id: document.id.clone(), copy: document.online });
        }
    }
}

fn said<T: Copy>(list: Option<At<Vec<At<T>>>>) -> Option<Vec<T>> {
    list.map(|list| values(&list.value))
}

fn values<T: Copy>(list: &[At<T>]) -> Vec<T> {
    list.iter().map(|at| at.value).collect()
}

impl PayBy {
    /// Whether it is a payment on the portal's or a gateway's pages. A transfer at the bank is none.
    #[must_use]
    pub fn is_online(self) -> bool {
        match self {
            Self::Cash | Self::Bank => false,
            Self::Wallet | Self::Portal => true,
        }
    }
}

impl ServiceLevel {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Information, Self::Forms, Self::Filed, Self::Whole];

    /// Its number.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// What officers call it.
    #[must_use]
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Self::Information => "mức độ 1 (thông tin)",
            Self::Forms => "mức độ 2 (biểu mẫu)",
            Self::Filed => "mức độ 3 (một phần)",
            Self::Whole => "mức độ 4 (toàn trình)",
        }
    }
}

impl Assurance {
    /// Its number.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

impl FromStr for ServiceLevel {
    type Err = UnknownLevel;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || UnknownLevel { text: text.to_owned(), most: Self::Whole.number() };
        Self::ALL.into_iter().find(|level| level.to_string() == text).ok_or_else(unknown)
    }
}

impl fmt::Display for ServiceLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.number())
    }
}

impl FromStr for Assurance {
    type Err = UnknownLevel;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "1" => Ok(Self::One),
            "2" => Ok(Self::Two),
            _ => Err(UnknownLevel { text: text.to_owned(), most: Self::Two.number() }),
        }
    }
}

#[cfg(test)]
mod tests;

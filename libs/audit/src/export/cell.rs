//! Rows as cells under fixed columns.

use lienthong_calendar::Instant;
use serde::{Serialize, Serializer};

macro_rules! columns {
    ($($(#[doc = $doc:literal])* $name:ident = $text:literal;)*) => {
        /// What a row may tell, in the order of the columns. Columns are added at the end, never renamed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(super) enum Column { $($(#[doc = $doc])* $name,)* }

        impl Column {
            pub(super) const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its name.
            pub(super) fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

columns! {
    /// Partition of the record.
    Partition = "partition";
    /// Its offset.
    Offset = "offset";
    /// Which row of the record, from 1.
    Row = "row";
    /// The dossier code.
    Code = "code";
    /// The event's published name.
    Event = "event";
    /// The instant that counts, +07:00; of an imported activity the source's, with the source's offset.
    At = "at";
    /// When the log took it.
    AppendedAt = "appended_at";
    /// When the caller says it happened.
    OccurredAt = "occurred_at";
    /// The agency that acted.
    Agency = "agency";
    /// The officer's id, never the name.
    Officer = "officer";
    /// National status of the dossier after the record, 1 to 10.
    Status = "status";
    /// What the event makes the dossier's promise.
    Due = "due";
    /// The log is a training log.
    Training = "training";
    /// The procedure.
    Procedure = "procedure";
    /// Commune of the case.
    Commune = "commune";
    /// How it was filed, or paid, or handed over.
    Channel = "channel";
    /// Kinds of documents, `;` between them.
    Documents = "documents";
    /// A step.
    Step = "step";
    /// Its outcome.
    Outcome = "outcome";
    /// The step that follows.
    NextStep = "next_step";
    /// The other agency.
    To = "to";
    /// The agency that the other one has taken over from.
    Predecessor = "predecessor";
    /// How it travelled.
    Medium = "medium";
    /// A fee of the procedure.
    Fee = "fee";
    /// The account that money came into.
    Into = "into";
    /// The calendar that a dossier is timed by from then on.
    Calendar = "calendar";
    /// A ground, without personal data.
    Ground = "ground";
    /// Ordinal of a referral.
    Referral = "referral";
    /// What it asks for.
    Subject = "subject";
    /// Whether the agency asked agrees.
    Agreed = "agreed";
    /// Ordinal of a hold.
    Hold = "hold";
    /// The body that asked for it.
    IssuingBody = "issuing_body";
    /// Until when a wait, hold or referral runs.
    Deadline = "deadline";
    /// Number of a document.
    Number = "number";
    /// Number of a notice.
    Notice = "notice";
    /// The notice it replaces.
    Supersedes = "supersedes";
    /// Lines of a notice: `taxpayer/item due_date due-exempt`, `;` between them.
    Lines = "lines";
    /// Id of a payment.
    Payment = "payment";
    /// Ordinal of a taxpayer.
    Taxpayer = "taxpayer";
    /// Budget item.
    Item = "item";
    /// đồng.
    AmountDong = "amount_dong";
    /// Working days.
    Days = "days";
    /// The source of imported history.
    Source = "source";
    /// Its record there.
    Record = "record";
    /// An imported activity.
    Activity = "activity";
    /// Who did it, as the source tells.
    Resource = "resource";
    /// The unit it was done in.
    Group = "group";
    /// What became of it.
    Lifecycle = "lifecycle";
}

/// One value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell {
    Text(String),
    Number(u64),
    Flag(bool),
    Time(Instant),
}

impl Cell {
    /// As text, the same in every form.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Flag(flag) => flag.to_string(),
            Self::Time(instant) => instant.to_string(),
        }
    }
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Number(number) => serializer.serialize_u64(*number),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Time(instant) => serializer.collect_str(instant),
        }
    }
}

/// One row: what it tells, in the order of the columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Row(std::collections::BTreeMap<Column, Cell>);

impl Row {
    pub(super) fn get(&self, column: Column) -> Option<&Cell> {
        self.0.get(&column)
    }

    pub(super) fn cells(&self) -> impl Iterator<Item = (Column, &Cell)> {
        self.0.iter().map(|(column, cell)| (*column, cell))
    }

    pub(super) fn text(&mut self, column: Column, text: &(impl ToString + ?Sized)) {
        self.0.insert(column, Cell::Text(text.to_string()));
    }

    pub(super) fn number(&mut self, column: Column, number: impl Into<u64>) {
        self.0.insert(column, Cell::Number(number.into()));
    }

    pub(super) fn flag(&mut self, column: Column, flag: bool) {
        self.0.insert(column, Cell::Flag(flag));
    }

    pub(super) fn time(&mut self, column: Column, instant: Instant) {
        self.0.insert(column, Cell::Time(instant));
    }

    pub(super) fn maybe(&mut self, column: Column, text: Option<&impl ToString>) {
        if let Some(text) = text {
            self.text(column, text);
        }
    }
}

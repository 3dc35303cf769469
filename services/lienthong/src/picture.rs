//! A dossier's timeline as a picture for the terminal: who held it when, and which clock ran.
//!
//! ```text
//!                      20/11        23/11        24/11
//!                      ┬────────────┬────────────┬────────────
//! UBND phường          ▇▇▇▇▇▇▇▇▇▇▇▇
//! Văn phòng đăng ký               ░▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇
//! Đồng hồ              ═══════════════════┄┄┄┄┄┄┄┄═════════■
//!                      1          2-3    4              5
//! ```
//!
//! Across are days in Vietnam, all equally wide; down are agencies, the dossier's clock, and numbers that the legend
//! explains. Pure: the same picture and width give the same text.

mod axis;
mod text;

use comfy_table::{ColumnConstraint, ContentArrangement, Row, Table, Width, presets::NOTHING};
use lienthong_calendar::Instant;

use axis::Axis;
use text::{fitted, width_of};

/// The width of a picture unless another is asked for, in columns of the terminal.
pub const WIDTH_DEFAULT: usize = 100;

/// A picture is not drawn narrower than this, in columns.
pub const WIDTH_MIN: usize = 60;

/// Names of agencies take at most one part in so many of the width.
const NAME_SHARE: usize = 3;

const CLOCK_NAME: &str = "Đồng hồ";

/// One dossier's timeline.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    /// What stands above it.
    pub title: String,
    /// Who had it, an agency each, from top to bottom.
    pub lanes: Vec<Lane>,
    /// The dossier's own clock.
    pub clock: Vec<ClockSpan>,
    /// What happened, in the order of time; numbered from 1.
    pub marks: Vec<Mark>,
}

/// An agency's part in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// The agency's name.
    pub name: String,
    /// When it had what to do with the dossier.
    pub spans: Vec<Span>,
}

/// A stretch of time in a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its first instant.
    pub from: Instant,
    /// The first instant after it.
    pub to: Instant,
    /// What the agency had.
    pub kind: SpanKind,
}

/// What an agency had of a dossier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpanKind {
    /// Custody: it was responsible.
    Held,
    /// An offer of custody that it had not yet accepted.
    Offered,
    /// A referral to answer, while another agency kept custody.
    Referred,
}

/// A stretch of time of the dossier's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockSpan {
    /// Its first instant.
    pub from: Instant,
    /// The first instant after it; of [`ClockState::Ended`] it says nothing.
    pub to: Instant,
    /// What the clock did.
    pub state: ClockState,
}

/// What a clock does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockState {
    /// It counts.
    Running,
    /// It waits and will count on.
    Paused,
    /// It has stopped for good.
    Ended,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// When.
    pub at: Instant,
    /// By whom: the agency's name.
    pub agency: String,
    /// What, in Vietnamese.
    pub label: String,
}

impl SpanKind {
    const ALL: [Self; 3] = [Self::Held, Self::Offered, Self::Referred];

    const fn sign(self) -> char {
        match self {
            Self::Held => '▇',
            Self::Offered => '░',
            Self::Referred => '▒',
        }
    }

    const fn vietnamese(self) -> &'static str {
        match self {
            Self::Held => "đang giữ hồ sơ",
            Self::Offered => "đã giao, chờ nhận",
            Self::Referred => "được hỏi, chưa trả lời",
        }
    }
}

impl ClockState {
    const ALL: [Self; 3] = [Self::Running, Self::Paused, Self::Ended];

    const fn sign(self) -> char {
        match self {
            Self::Running => '═',
            Self::Paused => '┄',
            Self::Ended => '■',
        }
    }

    const fn vietnamese(self) -> &'static str {
        match self {
            Self::Running => "đồng hồ chạy",
            Self::Paused => "đồng hồ tạm dừng",
            Self::Ended => "đồng hồ kết thúc",
        }
    }
}

impl Picture {
    /// Draws it in so many columns, at least [`WIDTH_MIN`]. Lines end without white space.
    #[must_use]
    pub fn render(&self, width: usize) -> String {
        let width = width.max(WIDTH_MIN);
        let mut lines = vec![fitted(&self.title, width)];
        let (first, last) = (self.instants().min(), self.instants().max());
        if let (Some(first), Some(last)) = (first, last) {
            lines.push(String::new());
            let names = self.names_width(width / NAME_SHARE);
            let axis = Axis::new(first, last, width - names - 2);
            let named = |name: &str, row: &str| {
                let name = fitted(name, names);
                format!("{name}{}  {row}", " ".repeat(names - width_of(&name)))
            };
            lines.extend(axis.header().iter().map(|row| named("", row)));
            lines.extend(self.lanes.iter().map(|lane| named(&lane.name, &lane.draw(&axis))));
            if !self.clock.is_empty() {
                lines.push(named(CLOCK_NAME, &self.draw_clock(&axis)));
            }
            let marks = self.marks.iter().map(|mark| mark.at);
            lines.extend(axis.numbers(marks).iter().map(|row| named("", row)));
            lines.push(String::new());
            lines.extend(self.signs(width));
            if !self.marks.is_empty() {
                lines.push(String::new());
                lines.extend(self.legend(width));
            }
        }
        lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
    }

    /// Every instant that must be within the picture.
    fn instants(&self) -> impl Iterator<Item = Instant> {
        let lanes = self.lanes.iter().flat_map(|lane| &lane.spans).flat_map(|span| [span.from, span.to]);
        let clock = self.clock.iter().flat_map(|span| match span.state {
            ClockState::Running | ClockState::Paused => [span.from, span.to],
            ClockState::Ended => [span.from, span.from],
        });
        lanes.chain(clock).chain(self.marks.iter().map(|mark| mark.at))
    }

    fn names_width(&self, at_most: usize) -> usize {
        let names = self.lanes.iter().map(|lane| lane.name.as_str()).chain([CLOCK_NAME]);
        names.map(width_of).max().unwrap_or(0).min(at_most)
    }

    fn draw_clock(&self, axis: &Axis) -> String {
        let spans = self.clock.iter().map(|span| match span.state {
            ClockState::Running | ClockState::Paused => (span.from, span.to, span.state.sign()),
            ClockState::Ended => (span.from, span.from, span.state.sign()),
        });
        axis.draw(spans)
    }

    /// What the signs mean, those that are there, as many to a line as fit.
    fn signs(&self, width: usize) -> Vec<String> {
        let has_kind = |kind| self.lanes.iter().flat_map(|lane| &lane.spans).any(|span| span.kind == kind);
        let kinds = SpanKind::ALL.into_iter().filter(|kind| has_kind(*kind));
        let has_state = |state| self.clock.iter().any(|span| span.state == state);
        let states = ClockState::ALL.into_iter().filter(|state| has_state(*state));
        let meanings = kinds
            .map(|kind| format!("{} {}", kind.sign(), kind.vietnamese()))
            .chain(states.map(|state| format!("{} {}", state.sign(), state.vietnamese())));
        text::flow(meanings, "   ", width)
    }

    fn legend(&self, width: usize) -> Vec<String> {
        let mut table = Table::new();
        table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(u16::try_from(width).unwrap_or(u16::MAX));
        table.set_header(["#", "Thời điểm", "Cơ quan", "Việc"]);
        for (number, mark) in (1..).zip(&self.marks) {
            table.add_row(mark.row(number));
        }
        // What happened has most to say.
        let agency = Width::Fixed(u16::try_from(width / NAME_SHARE).unwrap_or(u16::MAX));
        for column in table.column_iter_mut().skip(2).take(1) {
            column.set_constraint(ColumnConstraint::UpperBoundary(agency));
        }
        table.lines().collect()
    }
}

impl Lane {
    fn draw(&self, axis: &Axis) -> String {
        axis.draw(self.spans.iter().map(|span| (span.from, span.to, span.kind.sign())))
    }
}

impl Mark {
    fn row(&self, number: usize) -> Row {
        Row::from([number.to_string(), text::moment(self.at), self.agency.clone(), self.label.clone()])
    }
}

#[cfg(test)]
mod tests;

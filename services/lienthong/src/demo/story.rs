//! One dossier's story, told call by call as the systems of its agencies would.

mod land;
mod tax;

use std::sync::Arc;

use fastrand::Rng;
use lienthong_calendar::{
    Calendar, Instant, OfficeHours, SHIPPED_CALENDAR, SHIPPED_CALENDAR_VERSION, Verdict, WorkingTime,
};
use lienthong_registry::{Commune, training};
use lienthong_wire::pb::common::v1::{CommandHeader, Position, Power, Receipt};
use lienthong_wire::pb::personal::v1::Applicant;
use lienthong_wire::timestamp;
use tokio::sync::mpsc;
use tonic::{Response, Status};

use super::DemoError;
use super::cast::{officer, person};
use super::offices::Offices;
use super::plot::{Part, Plot};

/// Working minutes.
const HALF_DAY: u32 = 240;
const DAY: u32 = 480;

/// A dossier moved.
pub(super) struct Move {
    pub(super) code: String,
    pub(super) what: String,
}

/// A story that is over.
#[derive(Debug)]
pub(crate) struct Told {
    /// The dossier.
    pub(crate) code: String,
    /// Its course.
    pub(crate) plot: Plot,
    /// Its course, its end, and whether it was in time, in Vietnamese.
    pub(crate) summary: String,
    /// Behind its last record.
    pub(super) position: Option<Position>,
    /// Commands that were acknowledged.
    pub(super) commands: u64,
    status: i32,
}

impl Told {
    /// What went otherwise than the plot has it.
    pub(super) fn failure(&self) -> Option<String> {
        let expected = self.plot.ends_in();
        (self.status != expected)
            .then(|| format!("{} ended in status {}, not {expected}", self.code, self.status))
    }
}

/// Where and when all stories take place.
pub(super) struct Setting {
    calendar: Calendar,
    hours: OfficeHours,
    communes: Vec<Commune>,
}

impl Setting {
    pub(super) fn new() -> Result<Self, DemoError> {
        let calendar = Calendar::parse(SHIPPED_CALENDAR_VERSION, SHIPPED_CALENDAR)
            .map_err(|fault| unusable(fault.to_string()))?;
        let communes = training::communes().map_err(|fault| unusable(fault.to_string()))?;
        Ok(Self { calendar, hours: OfficeHours::default(), communes })
    }

    fn working(&self) -> WorkingTime<'_> {
        WorkingTime { calendar: &self.calendar, hours: &self.hours }
    }
}

fn unusable(problem: String) -> DemoError {
    DemoError::Calendar { problem }
}

/// Who tells one story.
pub(super) struct Teller {
    offices: Offices,
    setting: Arc<Setting>,
    part: Part,
    moves: mpsc::Sender<Move>,
    commune: Commune,
    agency: String,
    code: String,
    applicant: Applicant,
    now: Instant,
    last: Option<Receipt>,
    verdict: Option<Verdict>,
    commands: u64,
}

type Answer = Result<Response<Receipt>, Status>;

impl Teller {
    pub(super) fn new(
        offices: Offices,
        setting: Arc<Setting>,
        mut part: Part,
        moves: mpsc::Sender<Move>,
    ) -> Result<Self, DemoError> {
        let commune = setting.communes[part.desk as usize % setting.communes.len()].clone();
        let working = setting.working();
        let opening =
            working.begin(working.opening(part.day)).map_err(|beyond| unusable(beyond.to_string()))?;
        let now = working
            .add_minutes(opening, part.rng.u32(5..HALF_DAY))
            .map_err(|beyond| unusable(beyond.to_string()))?;
        Ok(Self {
            applicant: person(&mut part.rng),
            agency: format!("H56.{}", part.desk),
            offices,
            setting,
            part,
            moves,
            commune,
            code: String::new(),
            now,
            last: None,
            verdict: None,
            commands: 0,
        })
    }

    pub(super) async fn tell(mut self) -> Result<Told, DemoError> {
        let plot = self.part.plot;
        self.comes_to_the_desk().await?;
        if plot != Plot::RefusedAtTheDesk {
            self.goes_to_the_land_office().await?;
            if plot == Plot::Withdrawn {
                self.is_withdrawn().await?;
            } else if plot == Plot::NotEligible {
                self.is_not_eligible().await?;
            } else {
                self.goes_to_the_tax_office().await?;
                self.is_paid().await?;
                self.is_finished().await?;
            }
        }
        let status = self.last.as_ref().map_or(0, |receipt| receipt.status);
        let timely = self.verdict.map(|verdict| format!(", {}", verdict.vietnamese())).unwrap_or_default();
        let end = lienthong_dossier::Status::from_code(status).map_or("?", |status| status.vietnamese());
        Ok(Told {
            summary: format!("{}: {end}{timely}", plot.vietnamese()),
            code: self.code,
            plot,
            position: self.last.and_then(|receipt| receipt.position),
            commands: self.commands,
            status,
        })
    }

    async fn acknowledged(
        &mut self,
        call: &'static str,
        what: &str,
        answer: Answer,
    ) -> Result<(), DemoError> {
        self.last = Some(answer.map_err(|status| self.refused(call, status))?.into_inner());
        self.commands += 1;
        let step = Move { code: self.code.clone(), what: what.to_owned() };
        // An audience that has left misses nothing but the show.
        let _ = self.moves.send(step).await;
        Ok(())
    }

    fn refused(&self, call: &'static str, status: Status) -> DemoError {
        DemoError::Call { code: self.code.clone(), call, source: Box::new(status) }
    }

    /// Working time passes.
    fn later(&mut self, minutes: u32) -> Result<(), DemoError> {
        let working = self.setting.working();
        let later = working.add_minutes(self.now, minutes + self.part.rng.u32(..20));
        self.now = later.map_err(|beyond| unusable(beyond.to_string()))?;
        Ok(())
    }

    fn notice(&self, number: u32) -> String {
        format!("{}/TB-{number}", self.code)
    }

    fn at_the_desk(&mut self) -> Option<CommandHeader> {
        let agency = self.agency.clone();
        self.header(&agency, "Chuyên viên một cửa", Power::Decide)
    }

    fn signs_at_the_desk(&mut self) -> Option<CommandHeader> {
        let agency = self.agency.clone();
        self.header(&agency, "Giám đốc Trung tâm Phục vụ hành chính công", Power::Sign)
    }

    fn at_the_land_office(&mut self) -> Option<CommandHeader> {
        self.header(training::LAND_OFFICE, "Viên chức đăng ký đất đai", Power::Decide)
    }

    fn signs_at_the_land_office(&mut self) -> Option<CommandHeader> {
        self.header(training::LAND_OFFICE, "Giám đốc Chi nhánh VPĐKĐĐ", Power::Sign)
    }

    fn at_the_tax_office(&mut self) -> Option<CommandHeader> {
        self.header(training::TAX_OFFICE, "Công chức thuế", Power::Decide)
    }

    fn signs_at_the_tax_office(&mut self) -> Option<CommandHeader> {
        self.header(training::TAX_OFFICE, "Phó Trưởng Thuế cơ sở", Power::Sign)
    }

    fn header(&mut self, agency: &str, role: &str, power: Power) -> Option<CommandHeader> {
        Some(CommandHeader {
            command_id: command_id(&mut self.part.rng),
            agency: agency.to_owned(),
            actor: Some(officer(&mut self.part.rng, agency, role, power)),
            occurred_at: Some(timestamp(self.now)),
        })
    }
}

fn command_id(rng: &mut Rng) -> String {
    uuid::Builder::from_random_bytes(rng.u128(..).to_be_bytes()).into_uuid().to_string()
}

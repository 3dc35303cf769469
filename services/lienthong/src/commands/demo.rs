//! `demo`: every service on a training log, dossiers through all their agencies, and the outcome checked.

use std::time::Duration;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use lienthong_node::{LogUrl, telemetry};

use super::ending::told_to_end;
use crate::demo::{self, Audience, DemoError, Outcome, Told};
use crate::exit::{Failure, with_causes};
use crate::picture::WIDTH_DEFAULT;
use crate::province::{Foundation, Ports, Province};
use crate::timeline_picture::picture;
use crate::{Format, Output};

/// Dossiers of one demonstration at most.
const DOSSIERS_MAX: i64 = 100_000;

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// The training log: embedded:DIR or kafka://HOST:PORT/PREFIX; made where there is none [default: a folder that is removed at the end]
    #[arg(long, value_name = "URL")]
    log: Option<LogUrl>,
    /// How many dossiers
    #[arg(long, value_name = "N", default_value_t = 25, value_parser = clap::value_parser!(u32).range(1..=DOSSIERS_MAX))]
    dossiers: u32,
    /// Chooses desks, days and values: the same seed tells the same stories, with fresh keys
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// What is logged to stderr, in the form of RUST_LOG
    #[arg(long, value_name = "FILTER", default_value = "error", env = "LIENTHONG_LOG_FILTER")]
    log_filter: String,
}

pub(crate) fn run(demo: &Demo, output: &mut Output<'_>) -> Result<(), Failure> {
    telemetry::start(&demo.log_filter);
    let folder = tempfile::tempdir().map_err(|error| Failure::defect(&error))?;
    let url = demo.log.clone().unwrap_or_else(|| LogUrl::Embedded(folder.path().to_owned()));
    let outcome = super::block_on(show(demo, &url, output))?;
    report(&outcome, output);
    if outcome.failures.is_empty() {
        return Ok(());
    }
    Err(Failure::refused(
        outcome.failures.join("\n"),
        "the demonstration checks itself, and this does not hold: please report it with the seed",
    ))
}

async fn show(demo: &Demo, url: &LogUrl, output: &mut Output<'_>) -> Result<Outcome, Failure> {
    let told_to_end = told_to_end()?;
    let foundation = Foundation::Training(Vec::new());
    let province =
        Province::start(url, &url.folder(), &foundation, Ports::Free).await.map_err(Failure::province)?;
    if province.founded && demo.log.is_some() {
        output.note(&format!("made a training log (TẬP HUẤN) at {url}"));
    }
    if output.format() == Format::Text {
        output.text("TẬP HUẤN: hồ sơ, người và số liệu dưới đây là giả định; không có giá trị pháp lý.");
        output.text("");
    }
    let mut hall = Hall { bar: bar(demo.dossiers), output };
    let outcome = tokio::select! {
        outcome = demo::run(&province, demo.dossiers, demo.seed, &mut hall) => outcome.map_err(failure),
        () = told_to_end => Err(Failure::refused("ended before all was shown", "run the same command again")),
    };
    hall.bar.finish_and_clear();
    province.stop().await;
    outcome
}

/// A story that does not come to its end is a check that failed.
#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` is given")]
fn failure(error: DemoError) -> Failure {
    let help = "the demonstration checks itself, and this does not hold: please report it with the seed";
    match error {
        DemoError::Connect { .. } => {
            Failure::unreachable(&error, "nothing else may hold the ports of this machine")
        }
        DemoError::Call { .. }
        | DemoError::Calendar { .. }
        | DemoError::Reading(_)
        | DemoError::Replay(_) => Failure::refused(with_causes(&error), help),
    }
}

fn bar(dossiers: u32) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} hồ sơ  {msg}");
    let bar = ProgressBar::new(dossiers.into());
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

/// Shows moves in the progress bar on stderr and finished stories on stdout.
struct Hall<'a, 'b> {
    bar: ProgressBar,
    output: &'a mut Output<'b>,
}

impl Audience for Hall<'_, '_> {
    fn moved(&mut self, code: &str, what: &str) {
        self.bar.set_message(format!("{code}  {what}"));
    }

    fn told(&mut self, told: &Told) {
        self.bar.inc(1);
        if self.output.format() == Format::Text {
            let line = format!("{:<20} {}", told.code, told.summary);
            self.bar.suspend(|| self.output.text(&line));
        }
    }
}

fn report(outcome: &Outcome, output: &mut Output<'_>) {
    if output.format() == Format::Json {
        output.json(outcome);
        return;
    }
    if let Some((dossier, timeline)) = &outcome.shown {
        output.text("");
        output.text(picture(dossier, timeline).render(WIDTH_DEFAULT).trim_end());
    }
    output.text("");
    output.text(&format!("Hồ sơ                      {}", outcome.dossiers));
    output.text(&format!("Sự kiện                    {}", outcome.events));
    output.text(&format!("Lần bàn giao               {}", outcome.hand_offs));
    output.text(&format!("Lần bàn giao kèm giấy      {}", outcome.paper_hand_offs));
    output.text(&format!("Bản ghi không được nhận    {}", outcome.voids));
    for (service, digest) in &outcome.digests {
        output.text(&format!("{service:<26} {digest}"));
    }
    let agree = if outcome.digests_agree { "khớp nhau" } else { "KHÁC NHAU" };
    let verified = if outcome.verified { "khớp" } else { "KHÔNG KHỚP" };
    output.text(&format!("Bốn dịch vụ                {agree}"));
    output.text(&format!("Phát lại từ nhật ký        {verified}"));
    output.text(&format!("Thời gian                  {} ms", outcome.elapsed_ms));
}

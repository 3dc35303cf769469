//! What an event costs as the log grows, as a picture: a line that does not rise grows no faster than the log.
//!
//! ```text
//! µs an event |-.__           bytes an event |__
//!             |    `--.__                    |  `---.__
//!             `--+--+--+- events             `--+--+--+- events
//! ```

use std::fmt::Write as _;

use super::Row;

/// The picture, in pixels.
const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 400.0;
/// A panel's plot: its width and height, what lies above it, and where each panel's begins.
const PLOT_WIDTH: f64 = 240.0;
const PLOT_HEIGHT: f64 = 260.0;
const PLOT_TOP: f64 = 80.0;
const PLOT_LEFTS: [f64; 2] = [80.0, 560.0];
/// From one name at the end of a line to the next.
const NAME_STEP: f64 = 15.0;
const COLOURS: [&str; 4] = ["#1b6ca8", "#b8402a", "#2f7d4f", "#7a4fa3"];
const MIB: f64 = 1_048_576.0;

/// Costs of one kind against the size of the log.
struct Panel {
    title: &'static str,
    curves: Vec<Curve>,
}

/// One cost: events, and what each of them costs.
struct Curve {
    name: &'static str,
    points: Vec<(f64, f64)>,
}

/// Decades along an axis, and where they lie.
struct Axis {
    first: f64,
    last: f64,
    from: f64,
    to: f64,
}

/// The rows as SVG.
pub(crate) fn picture(rows: &[Row]) -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{HEIGHT}\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         role=\"img\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#222\">\n\
         <title>What an event costs as the log grows</title>\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n"
    );
    text(&mut svg, (PLOT_LEFTS[0], 26.0), "start", "What an event costs as the log grows");
    let reading = "Both axes are logarithmic. A line that does not rise grows no faster than the log.";
    text(&mut svg, (PLOT_LEFTS[0], 44.0), "start", reading);
    for (panel, left) in panels(rows).iter().zip(PLOT_LEFTS) {
        panel.draw(&mut svg, left);
    }
    svg.push_str("</svg>\n");
    svg
}

fn panels(rows: &[Row]) -> [Panel; 2] {
    let curve = |name, cost: fn(&Row) -> Option<f64>| {
        let point = |row: &Row| {
            let events = row.events as f64;
            cost(row).map(|cost| (events, cost / events))
        };
        // A logarithm shows nothing of what cost nothing.
        let is_shown = |(events, cost): &(f64, f64)| *events > 0.0 && *cost > 0.0;
        Curve { name, points: rows.iter().filter_map(point).filter(is_shown).collect() }
    };
    let times = vec![
        curve("verify all of it", |row| Some(row.replay_ms as f64 * 1_000.0)),
        curve("rebuild a store", |row| Some(row.rebuild_ms as f64 * 1_000.0)),
        curve("the year's II.06", |row| Some(row.report_us as f64)),
        curve("search, p95", |row| Some(row.search_p95_us as f64)),
    ];
    let bytes = vec![
        curve("the log's file", |row| row.log_bytes.map(|bytes| bytes as f64)),
        curve("a store's files", |row| Some(row.store_bytes as f64)),
        curve("memory to verify", |row| row.replay_peak_resident_mib.map(|mib| mib as f64 * MIB)),
        curve("memory to rebuild", |row| row.rebuild_peak_resident_mib.map(|mib| mib as f64 * MIB)),
    ];
    [
        Panel { title: "µs for each event", curves: times },
        Panel { title: "bytes for each event", curves: bytes },
    ]
}

impl Panel {
    fn draw(&self, svg: &mut String, left: f64) {
        let points = || self.curves.iter().flat_map(|curve| &curve.points);
        let across = Axis::new(points().map(|(events, _)| *events), left, left + PLOT_WIDTH);
        let up = Axis::new(points().map(|(_, cost)| *cost), PLOT_TOP + PLOT_HEIGHT, PLOT_TOP);
        let (Some(across), Some(up)) = (across, up) else { return };
        text(svg, (left, PLOT_TOP - 12.0), "start", self.title);
        for (value, y) in up.decades() {
            line(svg, &[(left, y), (left + PLOT_WIDTH, y)], "#ddd", 1.0);
            text(svg, (left - 8.0, y + 4.0), "end", &named(value));
        }
        for (value, x) in across.decades() {
            line(svg, &[(x, PLOT_TOP), (x, PLOT_TOP + PLOT_HEIGHT)], "#ddd", 1.0);
            text(svg, (x, PLOT_TOP + PLOT_HEIGHT + 18.0), "middle", &named(value));
        }
        let middle = left + PLOT_WIDTH / 2.0;
        text(svg, (middle, PLOT_TOP + PLOT_HEIGHT + 38.0), "middle", "events in the log");
        let place = |(events, cost): &(f64, f64)| (across.place(*events), up.place(*cost));
        let mut names = Vec::new();
        for (curve, colour) in self.curves.iter().zip(COLOURS) {
            let points: Vec<(f64, f64)> = curve.points.iter().map(place).collect();
            line(svg, &points, colour, 2.0);
            for (x, y) in &points {
                let _ = writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{colour}\"/>");
            }
            names.extend(points.last().map(|(_, y)| (*y, curve.name, colour)));
        }
        // Where lines end side by side, their names stand one below the other.
        names.sort_by(|(one, ..), (other, ..)| one.total_cmp(other));
        let mut free = f64::MIN;
        for (y, name, colour) in names {
            free = y.max(free);
            let x = left + PLOT_WIDTH + 10.0;
            let _ =
                writeln!(svg, "<text x=\"{x:.1}\" y=\"{:.1}\" fill=\"{colour}\">{name}</text>", free + 4.0);
            free += NAME_STEP;
        }
    }
}

impl Axis {
    /// Whole decades around all values, laid out from one pixel to another; none where there is no value.
    fn new(values: impl Iterator<Item = f64>, from: f64, to: f64) -> Option<Self> {
        let logarithms: Vec<f64> = values.map(f64::log10).collect();
        let least = logarithms.iter().copied().reduce(f64::min)?.floor();
        let most = logarithms.iter().copied().reduce(f64::max)?.ceil();
        Some(Self { first: least, last: most.max(least + 1.0), from, to })
    }

    fn place(&self, value: f64) -> f64 {
        let share = (value.log10() - self.first) / (self.last - self.first);
        self.from + share * (self.to - self.from)
    }

    fn decades(&self) -> impl Iterator<Item = (f64, f64)> {
        let values = std::iter::successors(Some(self.first), |decade| Some(decade + 1.0));
        values.take_while(|decade| *decade <= self.last).map(|decade| {
            let value = 10f64.powf(decade);
            (value, self.place(value))
        })
    }
}

/// A power of ten as it is read: `0.01`, `1`, `10k`, `1M`.
fn named(value: f64) -> String {
    let (number, unit) = match value {
        value if value > 999_999.0 => (value / 1e6, "M"),
        value if value > 999.0 => (value / 1e3, "k"),
        value => (value, ""),
    };
    let decimals = if number < 0.9 { (-number.log10()).round().max(1.0) as usize } else { 0 };
    format!("{number:.decimals$}{unit}")
}

fn text(svg: &mut String, (x, y): (f64, f64), anchor: &str, text: &str) {
    let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>");
}

fn line(svg: &mut String, points: &[(f64, f64)], colour: &str, width: f64) {
    let points: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let points = points.join(" ");
    let _ = writeln!(
        svg,
        "<polyline points=\"{points}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\"/>"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_ten_are_read_at_a_glance() {
        let named = [1e-3, 0.01, 0.1, 1.0, 10.0, 1e3, 1e4, 1e5, 1e6, 1e8].map(named);
        assert_eq!(named, ["0.001", "0.01", "0.1", "1", "10", "1k", "10k", "100k", "1M", "100M"]);
    }

    #[test]
    fn decades_lie_evenly_around_what_is_shown() {
        let axis = Axis::new([200.0, 90_000.0].into_iter(), 0.0, 300.0).unwrap();
        let decades: Vec<(f64, f64)> = axis.decades().map(|(value, x)| (value.round(), x.round())).collect();
        assert_eq!(decades, [(100.0, 0.0), (1_000.0, 100.0), (10_000.0, 200.0), (100_000.0, 300.0)]);
        assert!(Axis::new(std::iter::empty(), 0.0, 1.0).is_none());
        // One size alone is a decade too.
        let one = Axis::new([1_000.0].into_iter(), 0.0, 10.0).unwrap();
        assert_eq!(one.decades().count(), 2);
    }
}

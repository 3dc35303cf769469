//! Made-up histories of real offices, whose published figures must come out to the last digit: national sync records, the
//! same for the same seed. No person in them exists.

use fastrand::Rng;
use jiff::civil::{Date, DateTime};
use jiff::{Span, ToSpan as _};
use serde_json::json;

/// What an office published of a period.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Period {
    /// First and last day.
    pub(crate) from: Date,
    pub(crate) to: Date,
    /// Received within it.
    pub(crate) received: u32,
    /// Of these, filed online.
    pub(crate) online: u32,
    /// Pending at its end, in time.
    pub(crate) pending: u32,
    /// Solved late within it.
    pub(crate) late: u32,
}

/// An office and its periods, one after another.
#[derive(Debug)]
pub(crate) struct Office {
    /// Its code, with which dossier codes begin.
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    /// Pending before the first period.
    pub(crate) carried: u32,
    pub(crate) periods: &'static [Period],
    pub(crate) seed: u64,
}

/// A dossier, before it is written down.
struct Dossier {
    received: DateTime,
    due: DateTime,
    solved: Option<DateTime>,
    online: bool,
}

impl Office {
    /// Its dossiers as lines of JSON, in the order of reception.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut rng = Rng::with_seed(self.seed);
        let mut dossiers = Vec::new();
        let mut open: Vec<Dossier> = Vec::new();
        let first = self.periods[0].from;
        for _ in 0..self.carried {
            let received = moment(&mut rng, first - 20.days(), first - 1.day());
            open.push(Dossier { received, due: received, solved: None, online: false });
        }
        for period in self.periods {
            let mut late = period.late;
            // What is carried over is solved first, some of it late.
            for mut dossier in std::mem::take(&mut open) {
                dossier.solve(&mut rng, period.from, period.from + 20.days(), &mut late);
                dossiers.push(dossier);
            }
            let quiet = period.to - 25.days();
            for number in 0..period.received {
                let online = number < period.online;
                let is_pending = number >= period.received - period.pending;
                let from = if is_pending { period.to - 9.days() } else { period.from };
                let received = moment(&mut rng, from, if is_pending { period.to } else { quiet });
                let mut dossier = Dossier { received, due: received, solved: None, online };
                if is_pending {
                    dossier.due = (period.to + Span::new().days(rng.i64(1..20))).at(17, 30, 0, 0);
                    open.push(dossier);
                } else {
                    let day = received.date();
                    dossier.solve(&mut rng, day, day + 20.days(), &mut late);
                    dossiers.push(dossier);
                }
            }
            assert_eq!(late, 0, "{}: too few dossiers to be late", self.code);
        }
        dossiers.extend(open);
        dossiers.sort_by_key(|dossier| dossier.received);
        (1..).zip(&dossiers).map(|(number, dossier)| self.line(number, dossier)).collect()
    }

    fn line(&self, number: u32, dossier: &Dossier) -> String {
        let time =
            |at: Option<DateTime>| at.map_or(String::new(), |at| at.strftime("%Y%m%d%H%M%S").to_string());
        let (status, solved) = (if dossier.solved.is_some() { "10" } else { "4" }, time(dossier.solved));
        let day = dossier.received.strftime("%y%m%d");
        json!({
            "MaHoSo": format!("{}-{day}-{number:07}", self.code),
            "MaTTHC": format!("2.{:06}", 815 + number % 5),
            "TenTTHC": format!("Thủ tục mẫu số {}", 1 + number % 5),
            "MaLinhVuc": "G15-MAU",
            "TenLinhVuc": "Lĩnh vực mẫu",
            "KenhThucHien": if dossier.online { "2" } else { "1" },
            "SoGiayToChuHoSo": format!("999185{number:06}"),
            "ChuHoSo": format!("Lò Thị Mẫu {number}"),
            "LoaiDoiTuong": "1",
            "NgayTiepNhan": time(Some(dossier.received)),
            "NgayHenTra": time(Some(dossier.due)),
            "TrangThaiHoSo": status,
            "NgayKetThucXuLy": solved,
            "NgayTra": solved,
            "HinhThuc": "0",
            "DonViXuLy": self.name,
        })
        .to_string()
    }
}

impl Dossier {
    /// Solved within these days: late while there are some to be late, else early or on the day.
    fn solve(&mut self, rng: &mut Rng, from: Date, to: Date, late: &mut u32) {
        let solved = moment(rng, from.max(self.received.date()) + 2.days(), to);
        let slack = if *late > 0 {
            *late -= 1;
            -1
        } else {
            rng.i64(0..3)
        };
        self.solved = Some(solved);
        self.due = (solved.date() + Span::new().days(slack)).at(17, 30, 0, 0);
    }
}

/// A moment of office hours.
fn moment(rng: &mut Rng, from: Date, to: Date) -> DateTime {
    let days = (to - from).get_days().max(0);
    let day = from + Span::new().days(rng.i32(0..=days));
    day.at(rng.i8(8..11), rng.i8(0..60), rng.i8(0..60), 0)
}

//! National records that no system meant to write.

use clap::ValueEnum as _;
use lienthong_calendar::Instant;
use lienthong_fuzz::Target;
use lienthong_wire::IntoCommand as _;
use lienthong_wire::pb::common::v1::{Actor, CommandHeader, Power};
use serde_json::value::RawValue;

use super::tests::FULL;
use super::*;

lienthong_fuzz::targets!(sync);

/// Fields, and values that are something else than they seem.
const WORDS: [&str; 22] = [
    "\"ThoiDiemXuLy\":\"20261103\"",
    "\"MaHoSo\":",
    "\"TrangThaiHoSo\":",
    "\"data\":",
    "[",
    "{",
    "null",
    "true",
    "1e999",
    "-0",
    "\"\\ud800\"",
    "\"\\u0000\"",
    "20261102081532",
    "2026-11-05T08:40:00",
    "99991231235959",
    "00000000000000",
    "\"\"",
    "[[]]",
    "{}",
    "\n",
    "18446744073709551616",
    "\u{feff}",
];

/// Every line gives items or one fault, whatever it is. What is taken becomes a command or is refused by a field, and what is
/// kept of a list is the JSON that it was.
fn sync() {
    let full = FULL.replace('\n', "");
    let progress = "{\"MaHoSo\":\"H56.2-261102-0001\",\"NguoiXuLy\":\"cb-01\",\"ChucDanh\":\"Chuyên viên\",\"ThoiDiemXuLy\":\"20261103091500\",\"PhongBanXuLy\":\"Một cửa\",\"NoiDungXuLy\":\"Đã\\nxem\",\"TrangThai\":4,\"NgayBatDau\":\"20261103080000\",\"NgayKetThucTheoQuyDinh\":\"\"}";
    let seeds = [
        full.clone(),
        format!("[{progress},{full}]\n{progress}\n"),
        format!("{{\"data\":{progress}}}\n\nnull\n"),
    ];
    Target::new(seeds).words(WORDS).check(|bytes| {
        for dialect in Dialect::value_variants() {
            read(bytes, *dialect);
        }
    });
}

fn read(bytes: &[u8], dialect: Dialect) {
    let lines = bytes.split(|byte| *byte == b'\n').count() as u64;
    let packed = bytes.starts_with(&[0x1f, 0x8b]);
    let Ok(mut items) = Sync::read(io::Cursor::new(bytes.to_vec()), dialect) else { return };
    for item in items.by_ref() {
        match item {
            Ok(item) => {
                assert!(packed || (1..=lines).contains(&item.line), "{}", item.line);
                taken(item.request);
            }
            Err(SyncFault { line, fault }) => {
                assert!(packed || (1..=lines).contains(&line), "{line}");
                assert!(!fault.to_string().is_empty());
            }
        }
    }
    assert!(items.next().is_none());
}

fn taken(request: ImportHistoryRequest) {
    let particulars = request.details.iter().flat_map(|details| &details.particulars);
    for said in particulars.filter(|said| LISTS.contains(&said.name.as_str())) {
        assert!(serde_json::from_str::<&RawValue>(&said.value).is_ok(), "{}", said.name);
    }
    let actor = Actor {
        officer_id: "cb-01".to_owned(),
        name: "Lê Thị Mẫu".to_owned(),
        role: "Chuyên viên".to_owned(),
        power: Power::Decide.into(),
    };
    let header = CommandHeader { agency: "H56.2".to_owned(), actor: Some(actor), ..CommandHeader::default() };
    let request = ImportHistoryRequest { header: Some(header), source: "mot-cua".to_owned(), ..request };
    if let Err(invalid) = request.into_command(Instant::MIN) {
        assert!(!invalid.field.is_empty(), "{invalid}");
    }
}

//! Packs, tables and names that nobody meant to write.

use lienthong_fuzz::Target;

use crate::{
    AGENCY_COLUMNS, AgencyCode, AgencyId, CommuneCode, FieldCode, OutcomeId, PACK_BYTES_MAX, Pack,
    PackVersion, ProcedureCode, ProvinceCode, Role, SHIPPED_PACKS, SUCCESSION_COLUMNS, StepId,
    parse_agencies, parse_communes, parse_successions,
};

lienthong_fuzz::targets!(pack, agencies, tables, names);

/// The fields of a pack, and what YAML is made of beyond what packs use.
const PACK_WORDS: [&str; 24] = [
    "\n",
    "  ",
    "- ",
    ": ",
    "[",
    "]",
    "{",
    "}",
    "? ",
    "&a ",
    "*a",
    "!!binary ",
    "|\n",
    ">-\n",
    "\"\\u0000\"",
    "\t",
    "---\n",
    "...\n",
    "%YAML 9.9\n",
    "next: ",
    "end: approved",
    "limit: 9999d",
    "referrals:",
    "outcomes: []",
];

/// A pack is read, or its faults are told with lines that the text has. What is read is its text, and is read the same again.
fn pack() {
    let packs = SHIPPED_PACKS.map(|(_, text)| text);
    let refused = include_str!("../tests/packs/land-transfer-version-a.yaml");
    Target::new(packs.into_iter().chain([refused])).words(PACK_WORDS).bytes_max(PACK_BYTES_MAX).check_text(
        |text| match Pack::parse("thu.yaml", text) {
            Ok(pack) => {
                assert_eq!(&**pack.text(), text);
                assert_eq!(Pack::parse("thu.yaml", text), Ok(pack));
            }
            Err(faults) => {
                // A carriage return alone begins a line, too, and what is missing at the end is missing behind it.
                let lines = u32::try_from(text.matches(['\n', '\r']).count()).unwrap() + 2;
                assert!(!faults.is_empty());
                let beyond = faults.iter().find(|fault| fault.line == 0 || fault.line > lines);
                assert_eq!(beyond, None, "of {lines} lines");
            }
        },
    );
}

/// Tables of agencies: what is read becomes an agency, upon another one as well.
fn agencies() {
    let table = "id,name,level,code_qd20,code_qcvn102,roles,parent,province,commune,from,to,hours,node
x1,Trung tâm \"Mẫu\",commune,H41.7,000.07.00.H41,ward-desk commune,x2,,14797,2025-07-01,,\"07:00-11:00,13:00-17:00\",desk
x2,Ủy ban nhân dân tỉnh Mẫu,province,H41,,,,40,,,2030-01-01,,
";
    Target::new([table])
        .words(AGENCY_COLUMNS.into_iter().chain(["-9999-01-01", "9999-12-31", "\"\"", ",,"]))
        .check_text(|text| {
            let Ok(rows) = parse_agencies(text) else { return };
            let mut before = None;
            for row in &rows {
                let fresh = row.onto(None, None);
                before = Some(row.onto(before.as_ref().or(Some(&fresh)), None));
            }
            assert!(rows.iter().all(|row| row.line > 1));
        });
}

/// Tables of communes and of successions.
fn tables() {
    let communes = "province_code,province_name,commune_code,commune_name,kind
38,Thanh Hóa,14797,Phường Mẫu,phường
38,Thanh Hóa,14798,\"Xã \"\"Mẫu\"\"\",xã
";
    let successions = "predecessor,successor,communes,effective,legal_basis
H56.2,H56.3,14797 14798,2026-12-01,NQ 1686/NQ-UBTVQH15
H56.4,H56.3,,2026-12-01,NQ 1687
";
    let words = SUCCESSION_COLUMNS.into_iter().chain(["đặc khu", "\"", "\r\n", "\u{feff}"]);
    Target::new([communes, successions]).words(words).check_text(|text| {
        if let Ok(communes) = parse_communes(text) {
            assert!(communes.windows(2).all(|pair| pair[0].code < pair[1].code), "each once, in order");
        }
        if let Err(faults) = parse_successions(text) {
            assert!(!faults.is_empty());
        }
    });
}

/// A name is taken as it is or not at all.
fn names() {
    let seeds = [
        "H56.2",
        "land-office",
        "000.00.14.H20",
        "14797",
        "38",
        "1.099001",
        "G15-DD01",
        "2026-07-27",
        "tiep-nhan",
        "ward-desk",
    ];
    Target::new(seeds).words(["..", "-", "\0", "Ｈ", "000."]).check_text(|text| {
        let taken = [
            AgencyId::parse(text).map(|it| it.to_string()).ok(),
            AgencyCode::parse(text).map(|it| it.to_string()).ok(),
            CommuneCode::parse(text).map(|it| it.to_string()).ok(),
            ProvinceCode::parse(text).map(|it| it.to_string()).ok(),
            ProcedureCode::parse(text).map(|it| it.to_string()).ok(),
            FieldCode::parse(text).map(|it| it.to_string()).ok(),
            PackVersion::parse(text).map(|it| it.to_string()).ok(),
            StepId::parse(text).map(|it| it.to_string()).ok(),
            OutcomeId::parse(text).map(|it| it.to_string()).ok(),
            text.parse::<Role>().map(|it| it.to_string()).ok(),
        ];
        assert!(taken.iter().flatten().all(|name| name == text), "{taken:?}");
    });
}

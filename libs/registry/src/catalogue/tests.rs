use super::*;
use crate::SHIPPED_PACKS;

/// A pack of that number, field and service.
fn pack(number: u32, field: &str, service: &str) -> Pack {
    let text = format!(
        "procedure: '1.{number:06}'\nversion: v1\nname: Thủ tục {number}\nfield: {{ code: {field}, name: Lĩnh vực {field} }}\n\
         in_force: {{ from: 2026-01-01 }}\nterritory: '38'\ntotal: 1d\nsupplement: resume\n{service}\
         steps:\n  - {{ id: nhan, name: Nhận, role: ward-desk, kind: work, limit: 0d, \
         outcomes: [{{ id: di, name: Đi, next: xu-ly }}] }}\n  - {{ id: xu-ly, name: Xử lý, role: commune, kind: work, \
         limit: 1d, issues_result: true, outcomes: [{{ id: di, name: Đi, next: tra }}] }}\n  - {{ id: tra, name: Trả, \
         role: ward-desk, kind: wait-citizen, limit: 0d, outcomes: [{{ id: xong, name: Xong, end: approved }}] }}\n"
    );
    Pack::parse("p.yaml", &text).unwrap_or_else(|faults| panic!("{faults:#?}"))
}

fn level(number: u8) -> String {
    format!("service: {{ level: {number} }}\n")
}

/// The catalogue of a city of 2022: 281 procedures, 13 of level 3, 183 of level 4, 85 not online.
#[test]
fn levels_add_up_to_all() {
    let packs: Vec<_> = (0..281)
        .map(|number| match number {
            0..13 => pack(number, "G99-A", &level(3)),
            13..196 => pack(number, "G99-A", &level(4)),
            _ => pack(number, "G99-B", &level(2)),
        })
        .collect();
    let catalogue = Catalogue::of(&packs);
    let counts = ServiceLevel::ALL.map(|level| catalogue.all.at(level));
    assert_eq!((catalogue.all.packs, counts, catalogue.all.unsaid), (281, [0, 85, 13, 183], 0));
}

/// 33 procedures in three fields: 18 + 8 + 7.
#[test]
fn fields_add_up_to_all() {
    let of = |field: &'static str, from: u32, to: u32| (from..to).map(move |number| pack(number, field, ""));
    let packs: Vec<_> = of("G99-A", 0, 18).chain(of("G99-B", 18, 26)).chain(of("G99-C", 26, 33)).collect();
    let catalogue = Catalogue::of(&packs);
    let counts: Vec<_> = catalogue.fields.values().map(|field| field.offered.packs).collect();
    assert_eq!((counts, catalogue.all.packs, catalogue.all.unsaid), (vec![18, 8, 7], 33, 33));
    assert_eq!(catalogue.fields.values().next().unwrap().name, "Lĩnh vực G99-A");
}

/// 127 procedures, 10 of which certify a will, a contract or a signature: 117 are whole.
#[test]
fn what_needs_presence_is_not_whole() {
    let required = "service: { level: 2, presence: required, presence_because: Chứng thực chữ ký }\n";
    let packs = (0..127)
        .map(|number| pack(number, "G99-A", if number < 10 { required } else { "service: { level: 4 }\n" }));
    let offered = Catalogue::of(&packs.collect::<Vec<_>>()).all;
    assert_eq!((offered.presence, offered.at(ServiceLevel::Whole)), (10, 117));
}

#[test]
fn the_shipped_packs_are_counted() {
    let shipped = Pack::shipped().unwrap();
    let catalogue = Catalogue::of(shipped.iter().map(AsRef::as_ref));
    assert_eq!(catalogue.all.packs, SHIPPED_PACKS.len());
    assert_eq!(ServiceLevel::ALL.map(|level| catalogue.all.at(level)), [0, 0, 3, 2]);
    assert_eq!((catalogue.all.fees, catalogue.all.presence, catalogue.fields.len()), (4, 0, 4));
}

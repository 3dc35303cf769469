//! The catalogue of a whole city: 267 procedures of its own and 162 in each of 34 wards, among all agencies of the nation.

use std::time::Instant;

use super::*;
use crate::Catalogue;

const OF_CITY: u32 = 267;
const WARDS: u32 = 34;
const OF_WARD: u32 = 162;
const PACKS: u32 = 5_775;
const AGENCIES: u32 = 120_000;

/// A shipped pack under that number as its procedure's code.
fn numbered(number: u32) -> Arc<Pack> {
    let (file, text) = crate::SHIPPED_PACKS[4];
    let text = text.replace("\"1.099005\"", &format!("\"1.{number:06}\""));
    Arc::new(Pack::parse(file, &text).unwrap())
}

fn code(number: u32) -> ProcedureCode {
    ProcedureCode::parse(&format!("1.{number:06}")).unwrap()
}

#[test]
fn every_pack_of_a_city_and_its_wards_is_found() {
    assert_eq!(OF_CITY + WARDS * OF_WARD, PACKS);
    let began = Instant::now();
    let packs: Vec<_> = (0..PACKS).map(numbered).collect();
    let parsed = began.elapsed();
    let place = |number: u32| in_commune(["14758", "14797"][number as usize % 2]);
    let agencies = (0..AGENCIES).map(|number| agency(&format!("a{number}"), Role::Police, place(number)));
    let agencies = agencies.collect();
    let began = Instant::now();
    let registry = Registry::new(RegistryParts { packs, ..parts(agencies) }).unwrap();
    let loaded = began.elapsed();
    let began = Instant::now();
    for number in 0..PACKS {
        let pack = registry.pack_in_force(&code(number), DAY).unwrap();
        assert_eq!(pack.procedure(), &code(number));
        assert!(registry.pack_in_force(&code(number), date(2025, 6, 30)).is_none());
    }
    let resolved = began.elapsed();
    assert_eq!((registry.packs().count(), registry.agencies().len()), (5_775, 120_000));
    assert!(registry.pack_in_force(&code(PACKS), DAY).is_none());
    assert_eq!(Catalogue::of(registry.packs().map(AsRef::as_ref)).all.packs, 5_775);
    // How long it took is told and never judged.
    eprintln!("{PACKS} packs parsed in {parsed:?}, loaded in {loaded:?}, resolved in {resolved:?}");
}

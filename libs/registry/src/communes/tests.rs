use super::*;

const HEADER: &str = "province_code,province_name,commune_code,commune_name,kind";

#[test]
fn the_shipped_table_has_every_commune_of_the_34_provinces() {
    let communes = parse_communes(SHIPPED_COMMUNES).unwrap();
    assert_eq!(communes.len(), 3_321);
    let provinces: std::collections::BTreeSet<_> = communes.iter().map(|commune| &commune.province).collect();
    assert_eq!(provinces.len(), 34);
    let count = |kind| communes.iter().filter(|commune| commune.kind == kind).count();
    assert_eq!(
        [CommuneKind::Ward, CommuneKind::Commune, CommuneKind::SpecialZone].map(count),
        [687, 2_621, 13]
    );
    assert_eq!(communes.iter().filter(|commune| commune.province.as_str() == "38").count(), 166);
}

#[test]
fn a_code_is_there_once() {
    let table =
        format!("{HEADER}\n38,Thanh Hóa,14758,Phường Hàm Rồng,phường\n38,Thanh Hóa,14758,Xã Khác,xã\n");
    let fault = parse_communes(&table).unwrap_err();
    assert_eq!(fault.to_string(), "commune 14758 is there twice");
}

#[test]
fn a_row_of_another_form_is_refused() {
    assert!(parse_communes(&format!("{HEADER}\n38,Thanh Hóa,1475,Phường Hàm Rồng,phường\n")).is_err());
    assert!(parse_communes(&format!("{HEADER}\n38,Thanh Hóa,14758,Phường Hàm Rồng,quận\n")).is_err());
    assert!(parse_communes(&format!("{HEADER}\n38,Thanh Hóa,14758\n")).is_err());
}

use jiff::civil::date;

use super::*;

const TABLE: &str = "\
id,name,level,code_qd20,code_qcvn102,roles,parent,province,commune,from,to,node
x1,Trung tâm Phục vụ hành chính công xã Mẫu,commune,H41.7,000.07.00.H41,ward-desk commune,x2,,14797,2025-07-01,,ward-desk
x2,Ủy ban nhân dân tỉnh Mẫu,province,H41,,,,40,,,,
";

fn rows(table: &str) -> Vec<AgencyRow> {
    parse_agencies(table).unwrap()
}

#[test]
fn a_table_becomes_agencies_with_codes_in_both_schemes() {
    let rows = rows(TABLE);
    assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 3]);
    let key = WrapKey { id: [1; 32], public: [1; 32] };
    let desk = rows[0].onto(None, Some(key));
    let day = date(2025, 7, 1);
    assert_eq!(desk.code_in(CodeScheme::Qd20, day).map(AgencyCode::as_str), Some("H41.7"));
    assert_eq!(desk.code_in(CodeScheme::Qcvn102, day).map(AgencyCode::as_str), Some("000.07.00.H41"));
    assert_eq!(desk.parent_on(day).map(AgencyId::as_str), Some("x2"));
    assert_eq!(desk.roles, [Role::WardDesk, Role::Commune]);
    assert!(!desk.is_active(date(2025, 6, 30)) && desk.is_active(day));
    assert_eq!(desk.key, Some(key));
    assert_eq!(rows[1].onto(None, None).key, None);
    assert_eq!(rows.iter().map(|row| row.node.as_deref()).collect::<Vec<_>>(), [Some("ward-desk"), None]);
}

#[test]
fn a_later_row_changes_an_agency_from_its_first_day_on() {
    let before = rows(TABLE)[0].onto(None, None);
    let renamed = "id,name,level,code_qd20,from\nx1,Tên mới,commune,H41.70,2026-01-01\n";
    let after = rows(renamed)[0].onto(Some(&before), None);
    let (old, new) = (date(2025, 12, 31), date(2026, 1, 1));
    assert_eq!(after.name_on(old), before.name_on(old));
    assert_eq!(after.name_on(new), Some("Tên mới"));
    assert_eq!(after.code_in(CodeScheme::Qd20, old).map(AgencyCode::as_str), Some("H41.7"));
    assert_eq!(after.code_in(CodeScheme::Qd20, new).map(AgencyCode::as_str), Some("H41.70"));
    assert_eq!(after.code_in(CodeScheme::Qcvn102, new), before.code_in(CodeScheme::Qcvn102, new));
    assert_eq!(
        (after.territory.clone(), after.parent.clone()),
        (before.territory.clone(), before.parent.clone())
    );
    assert_eq!(after.roles, before.roles);
    // Once more changes nothing, and the row of today leaves the agency as it is.
    assert_eq!(rows(renamed)[0].onto(Some(&after), None), after);
    assert_eq!(rows(TABLE)[0].onto(Some(&before), None), before);
}

#[test]
fn every_fault_is_told_with_its_line() {
    let check = |row: &str, fault: &str| {
        let table = format!("id,name,level,code_qd20,roles,commune,from,to\n{row}\n");
        let faults = parse_agencies(&table).unwrap_err();
        assert!(faults[0].to_string().contains(fault), "{}", faults[0]);
        assert_eq!(faults[0].line, 2);
    };
    check("x y,Tên,commune,,,,,", "id: ");
    check("x,,commune,,,,,", "name: is empty");
    check("x,Tên,town,,,,,", "level: `town` is none of commune, district, province, central");
    check("x,Tên,commune,000.07.00.H41,,,,", "code_qd20: `000.07.00.H41` is a code of the other scheme");
    check("x,Tên,commune,,boss,,,", "roles: `boss` is not a role");
    check("x,Tên,commune,,,1,,", "commune: ");
    check("x,Tên,commune,,,,01/07/2025,", "from: `01/07/2025` is not a date");
    check("x,Tên,commune,,,,2025-07-01,2025-06-30", "to: is before from");
    let twice = format!("{TABLE}x1,Lại,commune,,,,,,,,,\nx3\n");
    let faults = parse_agencies(&twice).unwrap_err();
    assert_eq!(faults.len(), 2);
    assert_eq!(faults[0].to_string(), "line 4: agency x1 is on line 2 already");
    let unknown = parse_agencies("id,name,level,colour\nx,Tên,commune,red\n").unwrap_err();
    assert!(unknown[0].to_string().contains("unknown field `colour`"), "{}", unknown[0]);
    let missing = parse_agencies("id,name\nx,Tên\n").unwrap_err();
    assert!(missing[0].to_string().contains("missing field `level`"), "{}", missing[0]);
}

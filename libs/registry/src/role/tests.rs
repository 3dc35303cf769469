use super::*;

#[test]
fn every_role_is_read_as_it_is_written() {
    for role in Role::ALL {
        assert_eq!(role.to_string().parse(), Ok(role));
        assert_eq!(serde_json::to_string(&role).unwrap(), format!("\"{role}\""));
    }
}

#[test]
fn roles_are_listed_in_their_order_and_once() {
    assert!(Role::ALL.is_sorted_by(|one, next| one < next));
}

#[test]
fn another_text_is_told_what_roles_there_are() {
    let fault = "mayor".parse::<Role>().unwrap_err().to_string();
    assert!(fault.starts_with("`mayor` is not a role; roles are ward-desk, commune, city"), "{fault}");
}

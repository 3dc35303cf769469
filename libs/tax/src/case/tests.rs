use super::*;

#[test]
fn words_read_back() {
    for relation in Relation::ALL {
        assert_eq!(relation.to_string().parse(), Ok(relation));
    }
    for kind in Kind::ALL {
        assert_eq!(kind.to_string().parse(), Ok(kind));
        assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{kind}\""));
    }
    assert_eq!(Relation::ALL.map(|relation| relation.to_string()).join(", "), {
        "father".parse::<Relation>().unwrap_err().known
    });
    assert_eq!(Kind::ALL.map(|kind| kind.to_string()).join(", "), "sale".parse::<Kind>().unwrap_err().known);
}

#[test]
fn a_case_reads_as_systems_send_it() {
    let json = r#"{"kind":"gift","relation":"parent-child","table_value":3000000000,"contract_value":null,"on":"2026-11-21"}"#;
    let case: Case = serde_json::from_str(json).unwrap();
    assert_eq!((case.kind, case.relation), (Kind::Gift, Relation::ParentChild));
    assert_eq!(serde_json::to_string(&case).unwrap(), json);
    assert!(serde_json::from_str::<Relation>(r#""cousins""#).is_err());
}

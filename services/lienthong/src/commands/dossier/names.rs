//! What ids are called: as the timeline of a dossier says it, and for communes the national list that is shipped.

use std::collections::BTreeMap;

use lienthong_registry::{SHIPPED_COMMUNES, parse_communes};
use lienthong_wire::pb::reading::v1 as pb;

use super::words::NONE;

/// Names of the agencies and documents of one dossier.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeMap<String, String>);

impl Names {
    /// Those that its records tell, each as it was told last.
    pub(super) fn of(entries: &[pb::TimelineEntry]) -> Self {
        let mut names = BTreeMap::new();
        let mut keep = |id: &str, name: &str| {
            if !id.is_empty() && !name.is_empty() {
                names.insert(id.to_owned(), name.to_owned());
            }
        };
        for entry in entries {
            keep(&entry.agency, &entry.agency_name);
            for fact in &entry.facts {
                keep(&fact.predecessor, &fact.predecessor_name);
                keep(&fact.agency, &fact.agency_name);
                fact.documents.iter().zip(&fact.document_names).for_each(|(id, name)| keep(id, name));
            }
        }
        Self(names)
    }

    /// `Trung tâm Phục vụ hành chính công (H56.1)`; the id alone where its name is not known.
    pub(super) fn with_code(&self, id: &str) -> String {
        named(self.0.get(id).map_or("", String::as_str), id)
    }
}

/// `NAME (CODE)`, or what there is of the two.
pub(super) fn named(name: &str, code: &str) -> String {
    match (name, code) {
        ("", "") => NONE.to_owned(),
        ("", code) => code.to_owned(),
        (name, "") => name.to_owned(),
        (name, code) if name == code => name.to_owned(),
        (name, code) => format!("{name} ({code})"),
    }
}

/// A commune by its national name; its code alone where the shipped list does not have it.
pub(super) fn commune(code: &str) -> String {
    let communes = parse_communes(SHIPPED_COMMUNES).unwrap_or_default();
    let known = communes.into_iter().find(|commune| commune.code.as_str() == code);
    named(&known.map(|commune| commune.name).unwrap_or_default(), code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_told_with_the_name_that_the_timeline_gives_last() {
        let entry = |agency: &str, name: &str, facts| pb::TimelineEntry {
            agency: agency.to_owned(),
            agency_name: name.to_owned(),
            facts,
            ..pb::TimelineEntry::default()
        };
        let asked = pb::Fact {
            agency: "tax-office".to_owned(),
            agency_name: "Thuế cơ sở 1".to_owned(),
            documents: vec!["hop-dong".to_owned()],
            document_names: vec!["Hợp đồng".to_owned()],
            ..pb::Fact::default()
        };
        let names = Names::of(&[
            entry("H56.1", "Tên cũ", Vec::new()),
            entry("H56.1", "Trung tâm Một", vec![asked]),
            entry("", "", Vec::new()),
        ]);
        for (id, told) in [
            ("H56.1", "Trung tâm Một (H56.1)"),
            ("tax-office", "Thuế cơ sở 1 (tax-office)"),
            ("hop-dong", "Hợp đồng (hop-dong)"),
            ("H56.2", "H56.2"),
            ("", NONE),
        ] {
            assert_eq!(names.with_code(id), told);
        }
    }

    #[test]
    fn communes_have_their_national_names() {
        assert_eq!(commune("14758"), "Phường Hàm Rồng (14758)");
        assert_eq!(commune("00000"), "00000");
    }
}

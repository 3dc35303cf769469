use super::Partition::{self, Dossiers, Reads, Registry};

#[test]
fn a_log_has_the_registry_its_dossier_partitions_and_the_reads() {
    let all: Vec<Partition> = Partition::all(2).collect();
    assert_eq!(all, [Registry, Dossiers(0), Dossiers(1), Reads]);
    assert!(all.is_sorted());
    assert!(all.into_iter().all(|partition| partition.is_within(2)));
    assert!(!Dossiers(2).is_within(2));
}

#[test]
fn partitions_are_shown_by_their_short_names() {
    let names: Vec<String> = Partition::all(1).map(|partition| partition.to_string()).collect();
    assert_eq!(names, ["registry", "dossiers/0", "reads"]);
}

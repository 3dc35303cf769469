//! What is imported from a process-mining log and exported again is the same.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use lienthong::xes::{Timestamp, Trace, Xes, XesEvent};
use serde_json::Value;

use crate::services::{SMALL, log_in};
use crate::support::{done, done_json, run};

/// What is kept in clear of an activity.
#[derive(Debug, PartialEq, Eq)]
struct Kept {
    name: String,
    resource: Option<String>,
    group: Option<String>,
    lifecycle: Option<String>,
    timestamp: Timestamp,
}

/// The activities of each case, in their order.
fn cases(file: &Path) -> BTreeMap<String, Vec<Kept>> {
    let kept = |event: XesEvent| {
        let XesEvent { name, resource, group, lifecycle, timestamp, .. } = event;
        Kept { name, resource, group, lifecycle, timestamp }
    };
    let of_case = |trace: Trace| (trace.name, trace.events.into_iter().map(kept).collect());
    Xes::open(file).unwrap().map(Result::unwrap).map(of_case).collect()
}

/// Whatever else a case says, under the names by which it is kept as personal data.
fn others(trace: &Trace) -> Vec<(String, String)> {
    let of_events = trace.events.iter().zip(1..).flat_map(|(event, number)| {
        let instance = event.instance.iter().map(|instance| ("concept:instance", instance));
        let others = event.attributes.iter().map(|(name, value)| (name.as_str(), value));
        instance.chain(others).map(move |(name, value)| (format!("event {number}/{name}"), value.clone()))
    });
    trace.attributes.iter().cloned().chain(of_events).collect()
}

/// What an agency reads of cases that it imported, which are read so many at once.
fn read(codes: &[String], log: &str) -> BTreeMap<String, Vec<(String, String)>> {
    let officer =
        ["--agency", "import-office", "--officer", "cb-01", "--purpose", "inspection", "--log", log];
    let mut kept = BTreeMap::new();
    for page in codes.chunks(100) {
        let page: Vec<_> = page.iter().map(String::as_str).collect();
        let shown = done_json(&[&["dossier", "read"], &page[..], &officer].concat());
        for dossier in shown["dossiers"].as_array().unwrap() {
            let events = dossier["events"].as_array().map(Vec::as_slice).unwrap_or_default();
            let said = events.iter().flat_map(|event| event["details"]["particulars"].as_array().unwrap());
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let said = said.map(|said| (text(&said["name"]), text(&said["value"])));
            kept.insert(text(&dossier["code"]), said.collect());
        }
    }
    kept
}

/// Imports a log, exports it, and gives the cases of both; in the export a case is named by its source, too. What is not in
/// the export, because it may be about persons, is read and the same, too.
fn there_and_back(file: &Path, source: &str) -> [BTreeMap<String, Vec<Kept>>; 2] {
    let folder = tempfile::tempdir().unwrap();
    let log = log_in(&folder);
    run(&["import", "xes", file.to_str().unwrap(), "--source", source, "--log", &log]);
    let out = folder.path().join("out.xes");
    done(&["audit", "export", "--format", "xes", "--out", out.to_str().unwrap(), "--log", &log]);
    let prefix = format!("{source}/");
    let taken = Xes::open(file).unwrap().map(Result::unwrap).filter(|trace| !trace.events.is_empty());
    let taken: BTreeMap<_, _> =
        taken.map(|trace| (format!("{prefix}{}", trace.name), others(&trace))).collect();
    assert_eq!(read(&taken.keys().cloned().collect::<Vec<_>>(), &log), taken);
    let exported = cases(&out).into_iter();
    let exported = exported.map(|(case, events)| (case.strip_prefix(&prefix).unwrap().to_owned(), events));
    [cases(file), exported.collect()]
}

#[test]
fn cases_are_the_same_traces_when_they_come_out_again() {
    let [mut told, exported] = there_and_back(Path::new(SMALL), "small");
    // A case without any activity is not taken.
    assert_eq!(told.remove("GP-0004"), Some(Vec::new()));
    assert_eq!(exported, told);
    assert_eq!(exported["GP-0001"].len(), 3);
    assert_eq!(
        (&exported["GP-0001"][0].lifecycle, &exported["GP-0001"][1].lifecycle),
        (&Some("complete".to_owned()), &None)
    );
}

#[test]
fn every_letter_of_a_text_comes_out_as_it_went_in() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("odd.xes");
    let texts = [
        "a &lt; b &amp;&amp; &quot;c&quot; &gt; &apos;d&apos;",
        "  hai  khoảng  trắng  ",
        "Nguye&#x302;&#x303;n 𝄞 漢 \u{200b}",
        "]]&gt; &lt;!-- --&gt; &amp;amp; &amp;#10;",
    ];
    let events: String = texts
        .iter()
        .map(|text| {
            format!(
                "<event><string key='concept:name' value='{text}'/><string key='org:resource' value='{text}'/>\
                 <string key='org:group' value='{text}'/><string key='lifecycle:transition' value='{text}'/>\
                 <date key='time:timestamp' value='2026-03-02T08:00:00.123456-09:30'/></event>\n"
            )
        })
        .collect();
    let trace = format!("<trace><string key='concept:name' value='{}'/>\n{events}</trace>", texts[0]);
    fs::write(&file, format!("<log>{trace}</log>")).unwrap();
    let [told, exported] = there_and_back(&file, "odd");
    assert_eq!(exported, told);
    assert_eq!(exported.values().map(Vec::len).sum::<usize>(), 4);
}

#[test]
fn a_real_municipality_comes_out_as_it_went_in() {
    let file =
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/municipal-receipt.xes.gz"));
    if !file.exists() {
        eprintln!("not tested: {} is absent; it is not ours to pass on", file.display());
        return;
    }
    let [told, exported] = there_and_back(file, "municipal-receipt");
    assert_eq!((told.len(), told.values().map(Vec::len).sum::<usize>()), (1_434, 8_577));
    for (case, activities) in &told {
        assert_eq!(exported.get(case), Some(activities), "{case}");
    }
    assert_eq!(exported.len(), told.len());
}

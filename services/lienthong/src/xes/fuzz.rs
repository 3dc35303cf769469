//! Files of traces that no tool meant to write.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use flate2::{Compression, write::GzEncoder};
use lienthong_fuzz::Target;

use super::*;

lienthong_fuzz::targets!(xes);

/// What a log is made of, and what XML has beyond that.
const WORDS: [&str; 28] = [
    "<trace>",
    "</trace>",
    "<event>",
    "</event>",
    "</log>",
    "<list key=\"a\"><values>",
    "</values></list>",
    "<string key=\"concept:name\" value=\"A\"/>",
    "<date key=\"time:timestamp\" value=\"2026-03-02T08:15:00.250+07:00\"/>",
    "<container key=\"c\">",
    "<string key=\"\" value=\"\"/>",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "<?",
    "?>",
    "<!DOCTYPE a [",
    "<!ENTITY b \"c\">",
    "&b;",
    "&#x0;",
    "&#65;",
    "&amp;",
    "xmlns:a=\"b\"",
    "<?xml version=\"1.1\" encoding=\"UTF-16\"?>",
    "\u{feff}",
    "+99:99",
    "a=\"\" a=\"\"",
];

/// Reading ends, keeps its limits, and what it gives is read as the same when it is written again.
fn xes() {
    let small = include_str!("../../tests/data/small.xes");
    let broken = include_str!("../../tests/data/small-broken.xes");
    let short = "<log><trace><string key=\"concept:name\" value=\"c\"><int key=\"n\" value=\"1\"/></string><event><string key=\"concept:name\" value=\"A\"/><date key=\"time:timestamp\" value=\"2026-03-03T08:00:00Z\"/></event></trace></log>";
    let packed = gzip(short.as_bytes());
    let seeds = [small.as_bytes(), broken.as_bytes(), short.as_bytes(), &packed].map(<[u8]>::to_vec);
    Target::new(seeds).words(WORDS).check(|bytes| {
        let lines_max = if bytes.starts_with(&[0x1f, 0x8b]) { u64::MAX } else { bytes.len() as u64 + 1 };
        let mut reader = Xes::read(Cursor::new(bytes.to_vec())).into_iter().flatten();
        let mut sound = Vec::new();
        for read in reader.by_ref() {
            match read {
                Ok(trace) => {
                    within_limits(&trace);
                    sound.push(trace);
                }
                Err(fault) => assert!((1..=lines_max).contains(&fault.line), "{fault}"),
            }
        }
        assert!(reader.next().is_none());
        let again = Xes::read(Cursor::new(written(&sound).into_bytes())).unwrap();
        let again: Vec<_> = again.map(|read| without_lines(read.unwrap())).collect();
        assert_eq!(again, sound.into_iter().map(without_lines).collect::<Vec<_>>());
    });
}

fn within_limits(trace: &Trace) {
    assert!(!trace.name.trim().is_empty() && trace.events.len() <= EVENTS_PER_TRACE_MAX);
    let attributes = trace.events.iter().flat_map(|event| &event.attributes).chain(&trace.attributes);
    let bytes: usize = attributes.map(|(key, value)| key.len() + value.len()).sum();
    assert!(bytes <= TRACE_BYTES_MAX, "{bytes}");
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn without_lines(trace: Trace) -> Trace {
    let events = trace.events.into_iter().map(|event| XesEvent { line: 0, ..event }).collect();
    Trace { line: 0, events, ..trace }
}

/// These traces as a file.
fn written(traces: &[Trace]) -> String {
    let mut file = "<?xml version=\"1.1\"?><log>".to_owned();
    for trace in traces {
        file.push_str("<trace>");
        attribute(&mut file, "string", "concept:name", &trace.name);
        trace.attributes.iter().for_each(|(key, value)| attribute(&mut file, "string", key, value));
        for event in &trace.events {
            file.push_str("<event>");
            let said = [
                ("concept:name", Some(&event.name)),
                ("org:resource", event.resource.as_ref()),
                ("org:group", event.group.as_ref()),
                ("lifecycle:transition", event.lifecycle.as_ref()),
                ("concept:instance", event.instance.as_ref()),
            ];
            let said = said.into_iter().filter_map(|(key, value)| Some((key, value?)));
            said.for_each(|(key, value)| attribute(&mut file, "string", key, value));
            let at = event.timestamp.at.at_offset(event.timestamp.offset_minutes);
            attribute(&mut file, "date", "time:timestamp", &at);
            event.attributes.iter().for_each(|(key, value)| attribute(&mut file, "string", key, value));
            file.push_str("</event>");
        }
        file.push_str("</trace>");
    }
    file.push_str("</log>");
    file
}

/// Every character that is not plain is written by its number.
fn attribute(file: &mut String, element: &str, key: &str, value: &str) {
    let _ = write!(file, "<{element}");
    for (name, said) in [("key", key), ("value", value)] {
        let _ = write!(file, " {name}=\"");
        for letter in said.chars() {
            let _ = match letter {
                'a'..='z' | 'A'..='Z' | '0'..='9' | ':' | '-' | '.' | '+' | '/' => write!(file, "{letter}"),
                _ => write!(file, "&#{};", u32::from(letter)),
            };
        }
        file.push('"');
    }
    file.push_str("/>");
}

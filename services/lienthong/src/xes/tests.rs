use std::{collections::BTreeSet, io::Cursor, path::PathBuf};

use flate2::{Compression, write::GzEncoder};
use lienthong_calendar::Instant;

use super::*;

const SMALL: &str = include_str!("../../tests/data/small.xes");
const BROKEN: &str = include_str!("../../tests/data/small-broken.xes");

fn read(text: impl Into<Vec<u8>>) -> Vec<Result<Trace, XesFault>> {
    Xes::read(Cursor::new(text.into())).unwrap().collect()
}

fn sound(text: impl Into<Vec<u8>>) -> Vec<Trace> {
    read(text).into_iter().map(Result::unwrap).collect()
}

/// What comes of a log with these lines in it, the first of which is line 2: names of traces, and faults.
fn check(lines: &str, expected: &[Result<&str, (u64, Fault)>]) {
    let read = read(format!("<log>\n{lines}\n</log>"));
    let told: Vec<_> = read
        .iter()
        .map(|read| match read {
            Ok(trace) => Ok(trace.name.as_str()),
            Err(XesFault { line, fault }) => Err((*line, fault.clone())),
        })
        .collect();
    assert_eq!(told, expected);
}

/// An event that is sound, on one line.
const EVENT: &str = r#"<event><string key="concept:name" value="A"/><date key="time:timestamp" value="2026-03-03T08:00:00Z"/></event>"#;
const NAME: &str = r#"<string key="concept:name" value="c"/>"#;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    io::Write::write_all(&mut encoder, bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_small_log_is_read_whole() {
    let traces = sound(SMALL);
    let told: Vec<_> =
        traces.iter().map(|trace| (trace.line, trace.name.as_str(), trace.events.len())).collect();
    assert_eq!(
        told,
        [(25, "GP-0001", 3), (49, "GP-0002", 1), (57, "GP-0003", 2), (78, "GP-0004", 0), (79, "GP-0005", 2)]
    );
    let owned = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let [first, second, third, _, fifth] = traces.as_slice() else { panic!("five") };
    assert_eq!(
        first.attributes,
        [owned("channel", "Trực tuyến"), owned("deadline", "2026-03-20T17:00:00.000+07:00")]
    );
    assert_eq!(
        first.events[0],
        XesEvent {
            line: 29,
            name: "Tiếp nhận hồ sơ".to_owned(),
            resource: Some("Cán bộ 1".to_owned()),
            group: Some("Một cửa".to_owned()),
            lifecycle: Some("complete".to_owned()),
            instance: Some("viec-1".to_owned()),
            timestamp: Timestamp {
                at: Instant::parse("2026-03-02T01:15:00.25Z").unwrap(),
                offset_minutes: 420
            },
            attributes: vec![],
        }
    );
    assert_eq!(first.events[1].name, "Thẩm định & kiểm tra thực địa");
    assert_eq!(first.events[1].attributes, [owned("cost", "120000")]);
    assert_eq!(first.events[1].timestamp.offset_minutes, 0);
    assert_eq!(first.events[1].group, None);

    let Timestamp { at, offset_minutes } = second.events[0].timestamp;
    assert_eq!((at, offset_minutes), (Instant::parse("2026-03-03T13:30:00.000001Z").unwrap(), -210));
    assert_eq!(second.events[0].resource, None, "white space names nobody");

    assert_eq!(
        third.attributes,
        [
            owned("concept:name/source", "portal"),
            owned("concept:name/source/checked", "true"),
            owned("papers/paper", "Bản vẽ"),
            owned("papers/paper", "Đơn Đ'N"),
        ]
    );
    let names: Vec<_> = fifth.events.iter().map(|event| event.name.as_str()).collect();
    assert_eq!(names, ["Rút hồ sơ", "Tiếp nhận hồ sơ"], "in the order of the file");
}

#[test]
fn a_broken_trace_is_one_fault_and_a_broken_file_ends_the_reading() {
    let told: Vec<_> = read(BROKEN).into_iter().map(|read| read.map(|trace| trace.name)).collect();
    let trace = |name: &str| Ok(name.to_owned());
    let timestamp = |line, text: &str| Err(Fault::Timestamp { text: text.to_owned() }.at(line));
    let (last, others) = told.split_last().unwrap();
    assert_eq!(
        others,
        [
            Err(Fault::NamelessTrace.at(5)),
            timestamp(13, "2026-03-02"),
            trace("GP-0002"),
            Err(Fault::Stray { element: "person".to_owned() }.at(30)),
            Err(Fault::EventOutsideTrace.at(33)),
            timestamp(39, "2026-03-03T08:00:00"),
            trace("GP-0005"),
        ]
    );
    let XesFault { line: 49, fault: Fault::Xml { reason } } = last.as_ref().unwrap_err() else {
        panic!("{last:?}")
    };
    assert!(reason.contains("`</event>`") && reason.contains("`</trace>`"), "{reason}");
}

#[test]
fn a_fault_in_json_is_its_line_and_its_text() {
    let fault = Fault::NoValue { key: "org:group".to_owned() }.at(7);
    let json = r#"{"line":7,"fault":"attribute `org:group` has no value"}"#;
    assert_eq!(serde_json::to_string(&fault).unwrap(), json);
}

#[test]
fn compressed_or_not_and_with_a_byte_order_mark_it_is_the_same_log() {
    let traces = sound(SMALL);
    let marked = [b"\xef\xbb\xbf", SMALL.as_bytes()].concat();
    assert_eq!(sound(gzip(SMALL.as_bytes())), traces);
    assert_eq!(sound(marked.clone()), traces);
    assert_eq!(sound(gzip(&marked)), traces);
    let (head, tail) = SMALL.as_bytes().split_at(2_000);
    assert_eq!(sound([gzip(head), gzip(tail)].concat()), traces, "gzip files may be joined");
}

#[test]
fn each_fault_of_a_trace_is_told_with_its_line() {
    use Fault::*;
    let wrong = |inside: &str, line, fault: Fault| {
        check(
            &format!("<trace>{NAME}\n{inside}\n</trace>\n<trace>{NAME}{EVENT}</trace>"),
            &[Err((line, fault)), Ok("c")],
        );
    };
    let repeated = || Repeated { key: "concept:name".to_owned() };
    wrong("<event/>", 3, NamelessEvent);
    wrong(r#"<event><string key="concept:name" value="A"/></event>"#, 3, NoTimestamp);
    wrong(r#"<event><string key="concept:name" value=" "/></event>"#, 3, NamelessEvent);
    wrong("\n<string key=\"concept:name\" value=\"d\"/>", 4, repeated());
    wrong(r#"<event><event/></event>"#, 3, Stray { element: "event".to_owned() });
    wrong(r#"<string key="a" value="b"><trace/></string>"#, 3, Stray { element: "trace".to_owned() });
    wrong(r#"<string key="a" value="b"><values/></string>"#, 3, Stray { element: "values".to_owned() });
    wrong(r#"<string value="b"/>"#, 3, NoKey { element: "string".to_owned() });
    wrong(r#"<int key="n"/>"#, 3, NoValue { key: "n".to_owned() });
    wrong("\n text", 4, Text);
    wrong("<![CDATA[text]]>", 3, Text);
    wrong("&lt;", 3, Text);
    for text in ["", "2026-02-30T08:00:00Z", "2026-03-03T08:00:00+07:00:30", "2026-03-03T08:00:00Z[UTC]"] {
        let date = format!(
            r#"<event><string key="concept:name" value="A"/><date key="time:timestamp" value="{text}"/></event>"#
        );
        wrong(&date, 3, Timestamp { text: text.to_owned() });
    }
}

#[test]
fn what_is_no_xml_or_no_xes_ends_the_reading() {
    use Fault::*;
    let only = |text: &[u8]| {
        let mut read = read(text);
        assert_eq!(read.len(), 1, "{read:?}");
        read.remove(0).unwrap_err()
    };
    let is_xml = |text: &str, line| {
        let XesFault { line: told, fault: Xml { .. } } = only(text.as_bytes()) else { panic!("{text}") };
        assert_eq!(told, line, "{text}");
    };
    assert_eq!(only(b""), NotXes.at(1));
    assert_eq!(only(b"\n\n"), NotXes.at(3));
    assert_eq!(only(b"<?xml version='1.0'?>\n<html/>"), NotXes.at(2));
    assert_eq!(only(b"case,activity"), OutsideLog.at(1));
    assert_eq!(only(b"<log/>\n<log/>"), OutsideLog.at(2));
    assert_eq!(only(b"<log>\n<trace>\n"), Unclosed.at(3));
    assert_eq!(only(b"<log>\n<string key='a' value='b'>\n"), Unclosed.at(3));
    let latin = only(b"<?xml version='1.0' encoding='ISO-8859-1'?><log/>");
    assert_eq!(latin, Encoding { encoding: "ISO-8859-1".to_owned() }.at(1));
    assert_eq!(
        only(b"<log>\n<string key='a' value='\xe9'/></log>"),
        Encoding { encoding: "another".to_owned() }.at(2)
    );
    is_xml("<log>\n<trace", 2);
    is_xml("<log>\n<string key='a/>\n</log>", 2);
    is_xml("<log>\n<string key=a/>\n</log>", 2);
    is_xml("<log>\n<string key='&unknown;'/>\n</log>", 2);
    is_xml("<log>\n</trace>\n</log>", 2);
}

#[test]
fn a_cut_archive_ends_the_reading_after_what_was_whole() {
    let packed = gzip(SMALL.as_bytes());
    let read = read(&packed[..packed.len() - 40]);
    let (last, whole) = read.split_last().unwrap();
    assert!(whole.iter().all(Result::is_ok));
    assert!(matches!(last, Err(XesFault { fault: Fault::Unreadable { .. }, .. })), "{last:?}");
}

#[test]
fn wherever_a_file_is_cut_what_was_whole_is_read_and_the_cut_is_told() {
    let traces = sound(SMALL);
    let log_ends = SMALL.rfind("</log>").unwrap() + "</log>".len();
    for cut in (0..log_ends).step_by(7) {
        let read = read(&SMALL.as_bytes()[..cut]);
        let (last, whole) = read.split_last().unwrap();
        assert!(last.is_err(), "cut at {cut}: {last:?}");
        let whole: Vec<Trace> = whole.iter().map(|read| read.clone().unwrap()).collect();
        assert!(traces.starts_with(&whole), "cut at {cut}");
    }
}

#[test]
fn a_character_that_xml_does_not_permit_spoils_its_trace() {
    for (said, is_taken) in
        [("\0", false), ("\u{1f}", false), ("&#31;", false), ("\u{ffff}", false), ("&#9;\u{85}đ", true)]
    {
        let said = format!(r#"<string key="a" value="{said}"/>"#);
        let expected =
            if is_taken { Ok("c") } else { Err((2, Fault::Character { element: "string".to_owned() })) };
        check(&format!("<trace>{NAME}{said}</trace><trace>{NAME}</trace>"), &[expected, Ok("c")]);
    }
}

/// They have no bytes that would count, and compress to nothing.
#[test]
fn attributes_that_say_nothing_are_limited_too() {
    let empty = r#"<string key="" value=""/>"#;
    let within = empty.repeat(ATTRIBUTES_PER_TRACE_MAX - 1);
    let expected = [Ok("c"), Err((3, Fault::TooManyAttributes)), Ok("c")];
    check(
        &format!("<trace>{NAME}{within}</trace>\n<trace>{NAME}{within}{empty}</trace><trace>{NAME}</trace>"),
        &expected,
    );
}

#[test]
fn lengths_have_limits() {
    use Fault::*;
    let long = |bytes: usize| format!(r#"<string key="a" value="{}"/>"#, "x".repeat(bytes - 1));
    let within = long(ATTRIBUTE_BYTES_MAX);
    check(&format!("<trace>{NAME}{within}</trace>"), &[Ok("c")]);
    let over = long(ATTRIBUTE_BYTES_MAX + 1);
    let expected = [Err((2, AttributeTooLong { key: "a".to_owned() })), Ok("c")];
    check(&format!("<trace>{NAME}{over}</trace><trace>{NAME}</trace>"), &expected);

    let many = within.repeat(TRACE_BYTES_MAX / ATTRIBUTE_BYTES_MAX);
    check(&format!("<trace>{many}\n{NAME}</trace><trace>{NAME}</trace>"), &[Err((3, TraceTooLong)), Ok("c")]);

    let events = EVENT.repeat(EVENTS_PER_TRACE_MAX);
    check(&format!("<trace>{NAME}{events}</trace>"), &[Ok("c")]);
    let expected = [Err((3, TooManyEvents)), Ok("c")];
    check(&format!("<trace>{NAME}{events}\n{EVENT}</trace><trace>{NAME}</trace>"), &expected);

    let nested = |depth: usize| {
        format!("{}{}", r#"<string key="a" value="b">"#.repeat(depth), "</string>".repeat(depth))
    };
    check(&format!("<trace>{NAME}{}</trace>", nested(DEPTH_MAX - 2)), &[Ok("c")]);
    check(&format!("<trace>{NAME}{}</trace>", nested(DEPTH_MAX - 1)), &[Err((2, TooDeep))]);
    check(&nested(DEPTH_MAX), &[Err((2, TooDeep))]);

    let comment = format!("<!--{}-->", "x".repeat(MARKUP_BYTES_MAX));
    check(&format!("<trace>{NAME}</trace>\n{comment}"), &[Ok("c"), Err((3, MarkupTooLong))]);
}

#[test]
fn a_real_municipality_is_read_whole() {
    // Not ours to pass on, so it is beside the project, not in it.
    let path =
        PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/municipal-receipt.xes.gz"));
    if !path.exists() {
        eprintln!("not tested: {} is absent", path.display());
        return;
    }
    let traces: Vec<Trace> = Xes::open(&path).unwrap().map(Result::unwrap).collect();
    let events = || traces.iter().flat_map(|trace| &trace.events);
    let distinct =
        |of: fn(&XesEvent) -> Option<&str>| events().map(of).collect::<Option<BTreeSet<_>>>().unwrap().len();

    // As counted by another program (Python's ElementTree).
    assert_eq!(traces.len(), 1_434);
    assert_eq!(traces.iter().map(|trace| &trace.name).collect::<BTreeSet<_>>().len(), 1_434);
    assert_eq!(traces.iter().map(|trace| trace.attributes.len()).sum::<usize>(), 10_542);
    assert_eq!((traces[0].line, traces[0].name.as_str()), (1_798, "case-10011"));
    assert_eq!(traces[1_433].name, "case-9997");
    assert_eq!(events().count(), 8_577);
    assert_eq!(distinct(|event| Some(&event.name)), 27);
    assert_eq!(distinct(|event| event.resource.as_deref()), 48);
    assert_eq!(distinct(|event| event.group.as_deref()), 10);
    assert_eq!(distinct(|event| event.lifecycle.as_deref()), 1);
    assert_eq!(distinct(|event| event.instance.as_deref()), 8_577);
    assert_eq!(events().filter(|event| event.resource.as_deref() == Some("Resource01")).count(), 1_228);
    let micros = || events().map(|event| event.timestamp.at.as_micros());
    assert_eq!(micros().min(), Some(1_286_004_039_266_000));
    assert_eq!(micros().max(), Some(1_327_329_774_644_000));
    assert_eq!(micros().map(i128::from).sum::<i128>(), 11_202_765_606_624_687_000);
    assert_eq!(events().filter(|event| event.timestamp.offset_minutes == 60).count(), 4_318);
    assert_eq!(events().filter(|event| event.timestamp.offset_minutes == 120).count(), 4_259);
}

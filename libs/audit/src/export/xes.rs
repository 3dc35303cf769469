//! XES 1.0 (IEEE 1849): a trace for each dossier.
//!
//! What process-mining tools look for stands where they look: `concept:name`, `org:resource` (the officer's id), `org:group`
//! (the agency), `time:timestamp` and `lifecycle:transition`. The name of a completed step tells which step it was.
//! Everything else is an attribute by the name of its column.

use std::collections::BTreeMap;
use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, Event};

use super::Form;
use super::cell::{Cell, Column, Row};
use crate::error::AuditError;
use crate::trust::Trust;

/// Behind the last trace.
pub(super) const TAIL: &[u8] = b"</log>\n";

/// Spaces before what lies one element deeper.
const INDENT: usize = 1;

/// The standard extensions that are used.
const EXTENSIONS: [(&str, &str); 4] =
    [("Concept", "concept"), ("Lifecycle", "lifecycle"), ("Organizational", "org"), ("Time", "time")];

/// What every event of the bus is: it happened. Of imported activities the source says it, or nobody.
const COMPLETE: &str = "complete";

/// The events of a partition by dossier, as they will stand in its trace.
#[derive(Default)]
pub(super) struct Traces(BTreeMap<String, Vec<u8>>);

type Xml<'a> = Writer<&'a mut Vec<u8>>;

/// What stands before the first trace.
pub(super) fn head(trust: &Trust) -> Result<Vec<u8>, AuditError> {
    let mut head = Vec::new();
    write_head(&mut head, trust).map_err(AuditError::Write)?;
    Ok(head)
}

fn write_head(to: &mut Vec<u8>, trust: &Trust) -> io::Result<()> {
    let mut xml = Writer::new_with_indent(to, b' ', INDENT);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let log = [("xes.version", "1.0"), ("xes.features", ""), ("xmlns", "http://www.xes-standard.org/")];
    xml.write_event(Event::Start(BytesStart::new("log").with_attributes(log)))?;
    for (name, prefix) in EXTENSIONS {
        let uri = format!("http://www.xes-standard.org/{prefix}.xesext");
        let extension = [("name", name), ("prefix", prefix), ("uri", uri.as_str())];
        xml.write_event(Event::Empty(BytesStart::new("extension").with_attributes(extension)))?;
    }
    let global = |scope| Event::Start(BytesStart::new("global").with_attributes([("scope", scope)]));
    xml.write_event(global("trace"))?;
    attribute(&mut xml, "string", "concept:name", "UNKNOWN")?;
    xml.write_event(Event::End(BytesEnd::new("global")))?;
    xml.write_event(global("event"))?;
    attribute(&mut xml, "string", "concept:name", "UNKNOWN")?;
    attribute(&mut xml, "date", "time:timestamp", "1970-01-01T00:00:00+00:00")?;
    xml.write_event(Event::End(BytesEnd::new("global")))?;
    let classifier = [("name", "Activity"), ("keys", "concept:name")];
    xml.write_event(Event::Empty(BytesStart::new("classifier").with_attributes(classifier)))?;
    attribute(&mut xml, "string", "concept:name", trust.name())?;
    attribute(&mut xml, "string", "lifecycle:model", "standard")?;
    attribute(&mut xml, "string", "log_id", &trust.log_id().to_string())?;
    if trust.is_training() {
        attribute(&mut xml, "string", "notice", "TẬP HUẤN: dữ liệu tập huấn, không có giá trị pháp lý")?;
        attribute(&mut xml, "boolean", "training", "true")?;
    }
    // The end is written behind the last trace, wherever the traces come from.
    xml.get_mut().push(b'\n');
    Ok(())
}

impl Form for Traces {
    fn row(&mut self, row: &Row) -> io::Result<()> {
        let code = row.get(Column::Code).map(Cell::text).unwrap_or_default();
        let events = self.0.entry(code).or_default();
        let mut xml = Writer::new(events);
        xml.write_event(Event::Start(BytesStart::new("event")))?;
        write_event(&mut xml, row)?;
        xml.write_event(Event::End(BytesEnd::new("event")))?;
        xml.get_mut().push(b'\n');
        Ok(())
    }

    fn finish(self) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        for (code, events) in self.0 {
            all.extend_from_slice(b"<trace>\n");
            attribute(&mut Writer::new(&mut all), "string", "concept:name", &code)?;
            all.push(b'\n');
            all.extend_from_slice(&events);
            all.extend_from_slice(b"</trace>\n");
        }
        Ok(all)
    }
}

fn write_event(xml: &mut Xml<'_>, row: &Row) -> io::Result<()> {
    let text = |column| row.get(column).map(Cell::text);
    attribute(xml, "string", "concept:name", &name(row))?;
    // Of what a source tells, its own words; else who acted on the bus.
    let imported = row.get(Column::Activity).is_some();
    let resource = if imported { Column::Resource } else { Column::Officer };
    let group = if imported { Column::Group } else { Column::Agency };
    for (key, column) in [("org:resource", resource), ("org:group", group)] {
        if let Some(value) = text(column) {
            attribute(xml, "string", key, &value)?;
        }
    }
    let transition = if imported { text(Column::Lifecycle) } else { Some(COMPLETE.to_owned()) };
    if let Some(transition) = transition {
        attribute(xml, "string", "lifecycle:transition", &transition)?;
    }
    attribute(xml, "date", "time:timestamp", &text(Column::At).unwrap_or_default())?;
    for (column, cell) in row.cells() {
        let kind = match (column, cell) {
            (Column::Code | Column::At | Column::Activity | Column::Lifecycle, _) => continue,
            (_, Cell::Text(_)) => "string",
            (_, Cell::Number(_)) => "int",
            (_, Cell::Flag(_)) => "boolean",
            (_, Cell::Time(_)) => "date",
        };
        attribute(xml, kind, column.name(), &cell.text())?;
    }
    Ok(())
}

/// What was done: an imported activity, a step, or the event.
fn name(row: &Row) -> String {
    let text = |column| row.get(column).map(Cell::text);
    let event = text(Column::Event).unwrap_or_default();
    match (text(Column::Activity), text(Column::Step)) {
        (Some(activity), _) => activity,
        (None, Some(step)) => format!("{event} {step}"),
        (None, None) => event,
    }
}

fn attribute(xml: &mut Xml<'_>, kind: &str, key: &str, value: &str) -> io::Result<()> {
    let value: String = value.chars().map(|char| if is_xml(char) { char } else { '\u{fffd}' }).collect();
    let element = BytesStart::new(kind).with_attributes([("key", key), ("value", value.as_str())]);
    xml.write_event(Event::Empty(element))
}

/// What XML 1.0 can hold at all, line ends aside, which a reader would take for spaces.
fn is_xml(char: char) -> bool {
    !char.is_control() && !matches!(char, '\u{fffe}' | '\u{ffff}')
}

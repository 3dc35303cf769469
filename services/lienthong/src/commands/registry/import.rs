//! `registry import`: the agencies of a table.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use lienthong_node::KeyFolder;
use lienthong_registry::{
    Agency, AgencyFault, AgencyId, AgencyRow, Change, Node, Registry, Succession, WrapKey, parse_agencies,
    parse_successions,
};
use serde::Serialize;
use serde_json::json;

use super::publication::At;
use crate::commands::block_on;
use crate::exit::{Failure, with_causes};
use crate::passphrase::advice;
use crate::{Format, Output};

/// The longest table that is read: far over the agencies of the country, and over any calendar.
const TABLE_BYTES_MAX: u64 = 256 * 1024 * 1024;

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The table of agencies
    #[arg(value_name = "FILE", required_unless_present = "successions")]
    file: Option<PathBuf>,
    /// A table of successions, published in the same revision
    #[arg(long, value_name = "FILE")]
    successions: Option<PathBuf>,
    #[command(flatten)]
    at: At,
}

#[derive(Serialize)]
struct Told {
    line: u64,
    fault: String,
}

/// What a table comes to.
struct Drawn {
    change: Change,
    added: usize,
    changed: usize,
    unchanged: usize,
}

pub(super) fn run(asked: &Import, output: &mut Output<'_>) -> Result<(), Failure> {
    let rows = match asked.file.as_deref().map(read).transpose()?.map(|table| parse_agencies(&table)) {
        Some(Err(faults)) => return refuse(faults, output),
        rows => rows.transpose().ok().flatten().unwrap_or_default(),
    };
    let table = asked.successions.as_deref().map(read).transpose()?;
    let successions = match table.map(|table| parse_successions(&table)) {
        Some(Err(faults)) => return refuse(faults, output),
        successions => successions.transpose().ok().flatten().unwrap_or_default(),
    };
    let authority = asked.at.authority()?;
    let published = block_on(async {
        let opened = asked.at.open().await?;
        let registry = &opened.charter.registry;
        let drawn = asked.at.keys().map_err(Unfit::Keys);
        let drawn = drawn.and_then(|keys| draw(&rows, &successions, registry, &keys));
        let outcome = match drawn {
            Ok(drawn) => {
                let published = opened.publish(&drawn.change, &authority).await;
                published.map(|published| (Ok(drawn), published))
            }
            Err(Unfit::Row(fault)) => Ok((Err(fault), None)),
            Err(Unfit::Keys(failure)) => Err(failure),
        };
        opened.close().await;
        outcome
    })?;
    let (drawn, published) = match published {
        (Ok(drawn), published) => (drawn, published),
        (Err(fault), _) => return refuse(vec![fault], output),
    };
    let Drawn { added, changed, unchanged, change } = drawn;
    let succeeded = change.successions.len();
    let gone: BTreeSet<_> = change.successions.iter().map(|it| &it.predecessor).collect();
    let revision = published.map(|published| published.number);
    if output.format() == Format::Json {
        output.json(&json!({
            "read": rows.len(), "added": added, "changed": changed, "unchanged": unchanged,
            "successions": succeeded, "faults": Vec::<Told>::new(), "revision": revision,
        }));
        return Ok(());
    }
    output.text(&format!(
        "Đọc {} dòng: {added} cơ quan mới, {changed} thay đổi, {unchanged} giữ nguyên",
        rows.len()
    ));
    if succeeded > 0 {
        let gone = gone.len();
        output.text(&format!(
            "{gone} cơ quan được kế thừa ({succeeded} dòng); hồ sơ đang giải quyết do các dịch vụ chuyển sang"
        ));
    }
    match revision {
        Some(revision) => output.text(&format!("Đã công bố bản sửa đổi số {revision} của sổ đăng ký")),
        None => output.text("Sổ đăng ký đã có đủ, không công bố gì"),
    }
    Ok(())
}

pub(super) fn read(path: &Path) -> Result<String, Failure> {
    let unread = |error: std::io::Error| {
        if error.kind() == std::io::ErrorKind::InvalidData {
            return Failure::refused(
                format!("{} is not in UTF-8", path.display()),
                "save the table in UTF-8",
            );
        }
        Failure::unreadable(path, &error, "a table")
    };
    let bytes = std::fs::metadata(path).map_err(unread)?.len();
    if bytes > TABLE_BYTES_MAX {
        let error = format!("{} has {bytes} bytes, at most {TABLE_BYTES_MAX} are read", path.display());
        return Err(Failure::refused(error, "give a shorter table"));
    }
    std::fs::read_to_string(path).map_err(unread)
}

fn refuse(faults: Vec<AgencyFault>, output: &mut Output<'_>) -> Result<(), Failure> {
    let count = faults.len();
    if output.format() == Format::Json {
        let faults: Vec<_> =
            faults.into_iter().map(|AgencyFault { line, fault }| Told { line, fault }).collect();
        output.json(&json!({
            "read": 0, "added": 0, "changed": 0, "unchanged": 0, "successions": 0, "faults": faults,
            "revision": null,
        }));
    } else {
        for fault in faults {
            output.text(&fault.to_string());
        }
    }
    let error = format!("lines with faults: {count}; nothing was published");
    Err(Failure::refused(error, "mend each line named on stdout and import again"))
}

enum Unfit {
    Row(AgencyFault),
    Keys(Failure),
}

/// What the rows change of the registry. Keys are made for the agencies that a node is to serve.
fn draw(
    rows: &[AgencyRow],
    successions: &[Succession],
    registry: &Registry,
    keys: &KeyFolder,
) -> Result<Drawn, Unfit> {
    let mut nodes: BTreeMap<&str, Node> = BTreeMap::new();
    let mut drawn = Drawn { change: Change::default(), added: 0, changed: 0, unchanged: 0 };
    for row in rows {
        let before = registry.agency(&row.id);
        let key = match &row.node {
            Some(name) => Some(serve(row, name, before, registry, &mut nodes, keys)?),
            None => None,
        };
        let after = row.onto(before, key);
        match before {
            None => drawn.added += 1,
            Some(before) if *before == after => {
                drawn.unchanged += 1;
                continue;
            }
            Some(_) => drawn.changed += 1,
        }
        drawn.change.agencies.push(Arc::new(after));
    }
    let as_it_is = |node: &Node| registry.node(&node.key_id).is_some_and(|there| there == node);
    let fresh = successions.iter().filter(|succession| !registry.parts().successions.contains(succession));
    drawn.change.successions = fresh.cloned().collect();
    drawn.change.nodes = nodes.into_values().filter(|node| !as_it_is(node)).collect();
    Ok(drawn)
}

/// Lets the node seal for the row's agency, and gives the agency's key.
fn serve<'a>(
    row: &'a AgencyRow,
    name: &'a str,
    before: Option<&Agency>,
    registry: &Registry,
    nodes: &mut BTreeMap<&'a str, Node>,
    keys: &KeyFolder,
) -> Result<WrapKey, Unfit> {
    if !nodes.contains_key(name) {
        let in_force = |node: &&Node| node.name == name && !node.agencies.is_empty();
        let node = registry.nodes().iter().rev().find(in_force).ok_or_else(|| {
            let fault = format!("node: the registry has no node `{name}`");
            Unfit::Row(AgencyFault { line: row.line, fault })
        })?;
        nodes.insert(name, node.clone());
    }
    if let Some(node) = nodes.get_mut(name) {
        node.agencies.insert(row.id.clone());
    }
    match before.and_then(|before| before.key) {
        Some(key) => Ok(key),
        None => fresh(&row.id, keys),
    }
}

fn fresh(id: &AgencyId, keys: &KeyFolder) -> Result<WrapKey, Unfit> {
    let key = keys.agency(id).map_err(|error| {
        Unfit::Keys(Failure::config(
            with_causes(&error),
            advice(&error, "mend the key folder it names, or name --dir"),
        ))
    })?;
    Ok(WrapKey { id: key.key_id().0, public: key.public().0 })
}

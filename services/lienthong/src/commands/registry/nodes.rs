//! `registry rotate`, `registry revoke`: the keys of nodes.

use std::collections::BTreeSet;

use clap::Args;
use lienthong_node::Published;
use lienthong_registry::{Change, Node, Registry};
use lienthong_seal::SigningKey;
use serde_json::json;

use super::publication::{At, authority_of};
use crate::commands::block_on;
use crate::exit::{Failure, with_causes};
use crate::passphrase::advice;
use crate::{Format, Output};

#[derive(Debug, Args)]
pub(crate) struct Rotate {
    /// Name of the node, as `registry show` lists it
    #[arg(value_name = "NODE")]
    node: String,
    #[command(flatten)]
    at: At,
}

#[derive(Debug, Args)]
pub(crate) struct Revoke {
    /// Name of the node, as `registry show` lists it
    #[arg(value_name = "NODE")]
    node: String,
    #[command(flatten)]
    at: At,
}

pub(super) fn rotate(asked: &Rotate, output: &mut Output<'_>) -> Result<(), Failure> {
    let keys = asked.at.keys()?;
    // First, so that whoever lacks it, or its passphrase, leaves no key behind that nobody uses.
    let authority = authority_of(&keys)?;
    let fresh = keys.new_node_key(&asked.node).map_err(|error| {
        Failure::config(with_causes(&error), advice(&error, "mend the key folder it names, or name --dir"))
    })?;
    let published = change(&asked.at, &authority, |registry| replaced(registry, &asked.node, &fresh))?;
    let key_id = fresh.key_id().to_string();
    tell("Đã thay khóa của nút", &asked.node, published, Some(&key_id), output);
    Ok(())
}

pub(super) fn revoke(asked: &Revoke, output: &mut Output<'_>) -> Result<(), Failure> {
    let published = change(&asked.at, &asked.at.authority()?, |registry| revoked(registry, &asked.node))?;
    tell("Đã thu hồi khóa của nút", &asked.node, published, None, output);
    Ok(())
}

fn change(
    at: &At,
    authority: &SigningKey,
    draw: impl Fn(&Registry) -> Result<Change, Failure>,
) -> Result<Option<Published>, Failure> {
    block_on(async {
        let opened = at.open().await?;
        let outcome = match draw(&opened.charter.registry) {
            Ok(change) => opened.publish(&change, authority).await,
            Err(failure) => Err(failure),
        };
        opened.close().await;
        outcome
    })
}

/// The entries of a node that still seal for somebody.
fn sealing<'a>(registry: &'a Registry, name: &str) -> Result<Vec<&'a Node>, Failure> {
    let named = |node: &&Node| node.name == name && !node.agencies.is_empty();
    let nodes: Vec<_> = registry.nodes().iter().filter(named).collect();
    if nodes.is_empty() {
        let error = format!("the registry has no node {name} that seals for anybody");
        return Err(Failure::refused(error, "see `lienthong registry show`"));
    }
    Ok(nodes)
}

fn without_agencies(node: &Node) -> Node {
    Node { agencies: BTreeSet::new(), ..node.clone() }
}

fn revoked(registry: &Registry, name: &str) -> Result<Change, Failure> {
    let nodes = sealing(registry, name)?.into_iter().map(without_agencies).collect();
    Ok(Change { nodes, ..Change::default() })
}

fn replaced(registry: &Registry, name: &str, fresh: &SigningKey) -> Result<Change, Failure> {
    let old = sealing(registry, name)?;
    let agencies = old.iter().flat_map(|node| node.agencies.iter().cloned()).collect();
    let mut nodes: Vec<_> = old.iter().map(|node| without_agencies(node)).collect();
    nodes.push(Node {
        key_id: fresh.key_id().0,
        public: fresh.public().0,
        name: name.to_owned(),
        agencies,
        in_force: lienthong_registry::Period::ALWAYS,
    });
    Ok(Change { nodes, ..Change::default() })
}

fn tell(what: &str, node: &str, published: Option<Published>, key_id: Option<&str>, output: &mut Output<'_>) {
    let revision = published.map(|published| published.number);
    if output.format() == Format::Json {
        output.json(&json!({"node": node, "revision": revision, "key_id": key_id}));
        return;
    }
    let revision = revision.map_or_else(String::new, |revision| format!(" (bản sửa đổi {revision})"));
    output.text(&format!("{what} {node}{revision}"));
}

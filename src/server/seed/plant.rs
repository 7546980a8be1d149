//! Puts a seed into a server: in one pass under one lock, in the order of the znodes' ages,
//! so that zxids rise with time as on a real server.

use std::collections::HashMap;
use std::time::Duration;

use super::node::SeedNode;
use super::report::{SeedError, SeedErrors};
use super::{Seed, words};
use crate::proto::{Acl, AclId, ErrorCode};
use crate::server::local::Local;
use crate::server::state::State;
use crate::server::tree::{Change, CreateOp, Txn};

/// The sessions that a seed opened, by name. They have no client and never expire.
pub type Residents = HashMap<String, i64>;

/// Something that once happened to a znode.
struct Past<'a> {
    ago: Duration,
    node: &'a SeedNode,
    made: bool,
}

impl Local {
    /// Makes the seed's sessions and znodes; answers the sessions by name.
    ///
    /// # Errors
    /// The znodes that the server refused (containers on a server of version 3.4, say), all
    /// others being made.
    pub fn plant(&self, seed: &Seed) -> Result<Residents, SeedErrors> {
        let mut state = self.state();
        let state = &mut *state;
        let mut residents = Residents::new();
        for name in &seed.sessions {
            state.next_zxid();
            residents.insert(name.clone(), state.sessions.open_for_good());
        }
        let now = state.clock.now();
        let mut refused = Vec::new();
        for past in history(seed) {
            let session = past
                .node
                .owner
                .as_ref()
                .and_then(|name| residents.get(name));
            let session = session.copied().unwrap_or_default();
            let mut changes = Vec::new();
            if let Err(code) = relive(state, &past, now, session, &mut changes) {
                refused.push(SeedError {
                    line: past.node.line,
                    what: format!("{}: {code}", past.node.path),
                });
            }
            // One by one, as they once were: quotas count what is there at that time.
            state.commit(changes);
        }
        if refused.is_empty() {
            Ok(residents)
        } else {
            Err(SeedErrors(refused))
        }
    }
}

/// What happened, the oldest first; of the same age, parents first.
fn history(seed: &Seed) -> Vec<Past<'_>> {
    let mut history = Vec::with_capacity(seed.nodes.len());
    for node in seed.nodes.values() {
        let age = node.age.unwrap_or_default();
        history.push(Past {
            ago: age,
            node,
            made: true,
        });
        if node.version > 0 || node.changed.is_some() {
            let ago = node.changed.unwrap_or(age).min(age);
            history.push(Past {
                ago,
                node,
                made: false,
            });
        }
    }
    history.sort_by_key(|past| std::cmp::Reverse(past.ago));
    history
}

fn relive(
    state: &mut State,
    past: &Past<'_>,
    now: i64,
    session: i64,
    changes: &mut Vec<Change>,
) -> Result<(), ErrorCode> {
    let node = past.node;
    let ago = i64::try_from(past.ago.as_millis()).unwrap_or(i64::MAX);
    let everybody = [AclId {
        scheme: "super".to_owned(),
        id: String::new(),
    }];
    let txn = Txn {
        zxid: state.next_zxid(),
        time: now.saturating_sub(ago),
        session,
        ids: &everybody,
    };
    if !past.made {
        state
            .tree
            .backdate(&node.path, node.version, txn.zxid, txn.time);
        return Ok(());
    }
    let data = node.data.as_deref();
    if state.tree.find(&node.path).is_some() {
        // The server made it: the root, /zookeeper and what is fixed in there.
        return overlay(state, txn, node, changes);
    }
    let op = CreateOp {
        path: &node.path,
        data,
        acl: &node.acl,
        flags: node.mode.flags(),
        ttl_ms: node.mode.ttl_ms().unwrap_or(-1),
    };
    state.tree.create(txn, op, changes)?;
    // Whoever comes after a sequential node gets a higher number, as if this one had been
    // made by the server too.
    if let Some((parent, name)) = node.path.rsplit_once('/')
        && let Some(number) = words::sequence(name)
    {
        state.tree.count_from(parent, number.saturating_add(1));
    }
    Ok(())
}

/// Lets a znode that the server made itself be as the seed says, touching it only if it isn't.
fn overlay(
    state: &mut State,
    txn: Txn<'_>,
    node: &SeedNode,
    changes: &mut Vec<Change>,
) -> Result<(), ErrorCode> {
    let tree = &mut state.tree;
    let id = tree.find(&node.path).ok_or(ErrorCode::NoNode)?;
    if node.data.as_deref().is_some_and(|data| !data.is_empty()) {
        tree.set_data(txn, &node.path, node.data.as_deref(), -1, changes)?;
    }
    if node.acl != Acl::open_unsafe() && tree.acl_of(id)[..] != node.acl[..] {
        tree.set_acl(txn, &node.path, &node.acl, -1, changes)?;
    }
    Ok(())
}

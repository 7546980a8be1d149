//! Watchers of every kind. Each keeps a belief of what it watches; in the end it must be
//! true, whatever connections and sessions were lost.

use std::sync::Arc;

use tokio::task::JoinHandle;
use zooscope::client::{Client, Error, ErrorKind, PersistentWatch, Version, WatchEvent};
use zooscope::proto::{AddWatchMode, DataReply, ErrorCode, EventType, OpCode, ZPath};
use zooscope::recipe::{ChildrenWatch, DataWatch, TreeEvent, TreeWatch};

use super::Alarm;
use super::pace::Pace;
use super::truth::Truth;
use super::views::{Belief, View};
use crate::common::soon;

pub struct Watcher {
    pub name: &'static str,
    pub counts: Arc<View>,
    truth: fn(&Truth) -> Belief,
    task: JoinHandle<()>,
}

impl Watcher {
    /// What it should believe.
    pub fn wanted(&self, truth: &Truth) -> Belief {
        (self.truth)(truth)
    }

    pub fn sees(&self, wanted: &Belief) -> bool {
        assert!(!self.task.is_finished(), "{} has given up", self.name);
        *self.counts.belief() == *wanted
    }

    pub fn abort(&self) {
        self.task.abort();
    }

    /// Drops it, or waits until it ends by itself.
    pub async fn end(self, drop_it: bool) {
        if drop_it {
            self.abort();
        }
        match soon("a watcher's end", self.task).await {
            Ok(()) => assert!(!drop_it, "{} ended by itself", self.name),
            Err(error) => assert!(error.is_cancelled(), "{}: {error}", self.name),
        }
    }
}

fn watch<F>(
    name: &'static str,
    pace: &Arc<Pace>,
    truth: fn(&Truth) -> Belief,
    run: impl FnOnce(Arc<View>) -> F,
) -> Watcher
where
    F: Future<Output = ()> + Send + 'static,
{
    let (counts, alarm) = (Arc::<View>::default(), Alarm(pace.clone()));
    let watching = run(counts.clone());
    let task = tokio::spawn(async move {
        let _alarm = alarm;
        watching.await;
    });
    Watcher {
        name,
        counts,
        truth,
        task,
    }
}

/// One of each kind that the server has.
pub async fn all(client: &Client, home: &ZPath, pace: &Arc<Pace>) -> Vec<Watcher> {
    let version = client.ask_version().await;
    let (client, at) = (client.clone(), |name: &str| home.child(name));
    let mut all = vec![
        watch(
            "DataWatch",
            pace,
            |truth| value(truth, "/reg-0"),
            |view| data(DataWatch::new(&client, &at("reg-0")), view),
        ),
        watch(
            "DataWatch beside others",
            pace,
            |truth| value(truth, "/reg-2"),
            |view| data(DataWatch::new(&client, &at("reg-2")), view),
        ),
        watch(
            "a data watch",
            pace,
            |truth| value(truth, "/reg-1"),
            |view| data_once(client.clone(), at("reg-1"), view),
        ),
        watch("DataWatch that comes and goes", pace, flip, |view| {
            comes_and_goes(DataWatch::new(&client, &at("flip")), view)
        }),
        watch("an exists watch", pace, flip, |view| {
            exists_once(client.clone(), at("flip"), view)
        }),
        watch("a children watch", pace, names, |view| {
            children_once(client.clone(), at("tree"), view)
        }),
        watch("ChildrenWatch", pace, names, |view| {
            children(ChildrenWatch::new(&client, &at("tree")), view)
        }),
        watch("TreeWatch", pace, tree, |view| {
            follow(TreeWatch::new(&client, &at("tree")), at("tree"), view)
        }),
    ];
    if version.is_some_and(|version| version >= Version::needed_for(OpCode::AddWatch)) {
        all.push(watch(
            "a persistent watch",
            pace,
            |truth| value(truth, "/reg-2"),
            |view| persistent(client.clone(), at("reg-2"), view),
        ));
        all.push(watch("a recursive watch", pace, births, |view| {
            recursive(client.clone(), at("seq"), view)
        }));
    }
    all
}

fn value(truth: &Truth, name: &str) -> Belief {
    let (data, stat) = truth.at(name);
    one("value", format!("{data}@{}", stat.version))
}

fn one(name: &str, text: String) -> Belief {
    [(name.to_owned(), text)].into()
}

fn flip(truth: &Truth) -> Belief {
    one("there", truth.has("/flip").to_string())
}

fn names(truth: &Truth) -> Belief {
    let direct = truth.under("/tree").filter(|(name, _)| !name.contains('/'));
    direct
        .map(|(name, _)| (name.to_owned(), String::new()))
        .collect()
}

fn births(truth: &Truth) -> Belief {
    let all = truth.under("/seq");
    all.map(|(name, _)| (name.to_owned(), String::new()))
        .collect()
}

fn tree(truth: &Truth) -> Belief {
    let all = truth.under("/tree");
    all.map(|(name, data)| (name.to_owned(), data.to_owned()))
        .collect()
}

fn text(reply: &DataReply) -> String {
    let data = reply.data.as_deref().unwrap_or_default();
    format!("{}@{}", String::from_utf8_lossy(data), reply.stat.version)
}

/// What a failed read means to a watcher: it tries again, or its client is closed.
fn is_over(error: &Error) -> bool {
    let closed = matches!(error.kind(), ErrorKind::Closed);
    assert!(
        closed || error.is_connection_loss(),
        "no fault excuses: {error}"
    );
    closed
}

async fn data(mut watch: DataWatch, view: Arc<View>) {
    while let Some(told) = watch.next().await {
        let reply = told.expect("the znode is always there");
        view.event();
        *view.belief() = one("value", text(&reply));
    }
}

async fn comes_and_goes(mut watch: DataWatch, view: Arc<View>) {
    while let Some(told) = watch.next().await {
        let there = told.is_ok();
        if let Err(error) = told {
            assert!(error.is(ErrorCode::NoNode), "no fault excuses: {error}");
        }
        view.event();
        *view.belief() = one("there", there.to_string());
    }
}

async fn children(mut watch: ChildrenWatch, view: Arc<View>) {
    while let Some(told) = watch.next().await {
        let reply = told.expect("the znode is always there");
        view.event();
        let names = reply.names.iter();
        *view.belief() = names.map(|name| (name.to_owned(), String::new())).collect();
    }
}

/// Whether the watch goes on.
fn fired(event: &WatchEvent, view: &View) -> bool {
    match event {
        WatchEvent::Node(_) => view.event(),
        WatchEvent::Gap => view.gap(),
        WatchEvent::Closed => return false,
    }
    true
}

async fn data_once(client: Client, at: ZPath, view: Arc<View>) {
    loop {
        match client.get_watch(&at).await {
            Ok((reply, watch)) => {
                *view.belief() = one("value", text(&reply));
                if !fired(&watch.await, &view) {
                    return;
                }
            }
            Err(error) if is_over(&error) => return,
            Err(_) => {}
        }
    }
}

async fn exists_once(client: Client, at: ZPath, view: Arc<View>) {
    loop {
        match client.exists_watch(&at).await {
            Ok((stat, watch)) => {
                *view.belief() = one("there", stat.is_some().to_string());
                if !fired(&watch.await, &view) {
                    return;
                }
            }
            Err(error) if is_over(&error) => return,
            Err(_) => {}
        }
    }
}

async fn children_once(client: Client, at: ZPath, view: Arc<View>) {
    loop {
        match client.get_children_watch(&at).await {
            Ok((reply, watch)) => {
                let names = reply.names.iter();
                *view.belief() = names.map(|name| (name.to_owned(), String::new())).collect();
                if !fired(&watch.await, &view) {
                    return;
                }
            }
            Err(error) if is_over(&error) => return,
            Err(_) => {}
        }
    }
}

async fn follow(mut tree: TreeWatch, root: ZPath, view: Arc<View>) {
    while let Some(event) = tree.next().await {
        view.event();
        let name = |path: &ZPath| {
            let below = path.as_str().strip_prefix(root.as_str());
            below
                .expect("it is below")
                .trim_start_matches('/')
                .to_owned()
        };
        match event {
            TreeEvent::Added(path, _) | TreeEvent::Changed(path, _) if path == root => {}
            TreeEvent::Added(path, reply) | TreeEvent::Changed(path, reply) => {
                let data = String::from_utf8(reply.data.unwrap_or_default()).expect("text");
                view.belief().insert(name(&path), data);
            }
            TreeEvent::Removed(path, _) => {
                let known = view.belief().remove(&name(&path));
                assert!(known.is_some(), "{path} was never told of");
            }
            TreeEvent::Synced => view.gap(),
            TreeEvent::Failed(error) => {
                assert!(is_over(&error), "no fault excuses: {error}");
            }
        }
    }
}

async fn add_watch(client: &Client, at: &ZPath, mode: AddWatchMode) -> Option<PersistentWatch> {
    loop {
        match client.add_watch(at, mode).await {
            Ok(watch) => return Some(watch),
            Err(error) if is_over(&error) => return None,
            Err(_) => {}
        }
    }
}

/// Reads at every event. No version may pass untold, unless there is word of a gap: before
/// the read that shows it, or soon after.
async fn persistent(client: Client, at: ZPath, view: Arc<View>) {
    let Some(mut watch) = add_watch(&client, &at, AddWatchMode::Persistent).await else {
        return;
    };
    // The version at the first read since the last gap; events since that gap.
    let (mut first, mut told) = (None, 0);
    loop {
        let read = client.get(&at).await;
        let mut owed = match &read {
            Ok(reply) => reply.stat.version - first.unwrap_or(reply.stat.version) - told,
            Err(error) if is_over(error) => return,
            Err(_) => continue,
        };
        let mut gap = false;
        loop {
            let event = match watch.try_next() {
                None if owed <= 0 || gap => break,
                None => soon("word of what was missed", watch.next()).await,
                event => event,
            };
            let Some(event) = event else { return };
            fired(&event, &view);
            (told, owed) = (told + 1, owed - 1);
            if event == WatchEvent::Gap {
                (first, told, gap) = (None, 0, true);
            }
        }
        let Ok(reply) = read else { continue };
        if gap {
            // The read may be older.
            continue;
        }
        first.get_or_insert(reply.stat.version);
        *view.belief() = one("value", text(&reply));
        match watch.next().await {
            None => return,
            Some(event) => {
                fired(&event, &view);
                told += 1;
                if event == WatchEvent::Gap {
                    (first, told) = (None, 0);
                }
            }
        }
    }
}

/// Lists the children at every gap and otherwise believes in events alone.
async fn recursive(client: Client, at: ZPath, view: Arc<View>) {
    let Some(mut watch) = add_watch(&client, &at, AddWatchMode::PersistentRecursive).await else {
        return;
    };
    let mut event = WatchEvent::Gap;
    loop {
        if !fired(&event, &view) {
            return;
        }
        match &event {
            WatchEvent::Node(event) if event.path.parent().as_ref() == Some(&at) => {
                let name = event.path.name().to_owned();
                match event.kind {
                    EventType::NodeCreated => drop(view.belief().insert(name, String::new())),
                    EventType::NodeDeleted => drop(view.belief().remove(&name)),
                    _ => {}
                }
            }
            WatchEvent::Node(_) | WatchEvent::Closed => {}
            WatchEvent::Gap => match client.get_children(&at).await {
                Ok(names) => {
                    let names = names.iter().map(|name| (name.to_owned(), String::new()));
                    *view.belief() = names.collect();
                }
                Err(error) if error.is(ErrorCode::NoNode) => view.belief().clear(),
                Err(error) if is_over(&error) => return,
                Err(_) => continue,
            },
        }
        let Some(next) = watch.next().await else {
            return;
        };
        event = next;
    }
}

//! The actors on the demo's own tree: the same seed, the same play; every kind of change; and
//! nothing that a user does takes them out of step.

use std::collections::BTreeMap;

use super::*;
use crate::proto::Stat;
use crate::server::{DEMO, Handle, Options, Seed, Server};

type Picture = BTreeMap<String, (Option<Vec<u8>>, i32, String)>;

async fn stage(seed: u64) -> (Handle, Stage) {
    let server = Server::start(Options::default()).await;
    let server = server.expect("loopback has a free port");
    let demo = Seed::parse(DEMO).expect("the demo's seed is right");
    let residents = server.local().plant(&demo).expect("nothing is refused");
    let stage = Stage::new(server.local(), residents, seed);
    (server, stage)
}

/// All that changes in the tree, with owners by name. Times are left to another test.
fn picture(server: &Handle, stage: &Stage) -> Picture {
    let names: BTreeMap<i64, &String> = stage
        .world
        .residents()
        .iter()
        .map(|(name, &session)| (session, name))
        .collect();
    let mut picture = Picture::new();
    let mut todo = vec![String::new()];
    while let Some(path) = todo.pop() {
        let at = if path.is_empty() { "/" } else { &path };
        let (data, stat): (_, Stat) = server.local().get_data(at).expect("it is listed");
        for name in server.local().get_children(at).expect("it is listed") {
            if !path.starts_with("/samples") {
                todo.push(format!("{path}/{name}"));
            }
        }
        let owner = names.get(&stat.ephemeral_owner);
        let owner = owner.map_or_else(String::new, |name| (*name).clone());
        picture.insert(path, (data, stat.version, owner));
    }
    picture
}

async fn run(seed: u64, steps: usize) -> Vec<Picture> {
    let (server, mut stage) = stage(seed).await;
    // Timestamps in values are taken from here: the time is the test's.
    stage.world.now_ms = 1_800_000_000_000;
    let mut pictures = Vec::new();
    for _ in 0..steps {
        stage.world.now_ms += 2_000;
        stage.step();
        pictures.push(picture(&server, &stage));
    }
    pictures
}

#[tokio::test]
async fn the_same_seed_gives_the_same_play() {
    let (first, second, other) = (run(7, 60).await, run(7, 60).await, run(8, 60).await);
    for (step, (first, second)) in first.iter().zip(&second).enumerate() {
        assert_eq!(first, second, "step {step}");
    }
    assert_ne!(first, other);
}

#[tokio::test]
async fn everything_moves_within_a_few_minutes() {
    let pictures = run(1, 400).await;
    let gone = |path: &str| pictures.iter().any(|picture| !picture.contains_key(path));
    let versions = |path: &str| pictures.iter().map(|p| p[path].1).max();
    assert!((1..=3).all(|id| gone(&format!("/kafka/brokers/ids/{id}"))));
    let controllers = pictures
        .iter()
        .map(|picture| &picture["/kafka/controller"].2);
    assert!(controllers.collect::<std::collections::BTreeSet<_>>().len() > 1);
    assert!(versions("/app/checkout/feature-flags") > Some(317));
    assert!(versions("/app/catalog/application.yaml") > Some(23));
    assert!(versions("/counters/visits") > Some(48_213));
    assert!(versions("/kafka/brokers/topics/orders/partitions/0/state") > Some(31));
    let under = |picture: &Picture, parent: &str| {
        let prefix = format!("{parent}/");
        picture
            .keys()
            .filter(|path| path.starts_with(&prefix))
            .count()
    };
    let lengths: Vec<usize> = pictures
        .iter()
        .map(|p| under(p, "/queues/thumbnails"))
        .collect();
    assert!(lengths.iter().any(|&length| length >= 14) && lengths.iter().any(|&l| l <= 3));
    for parent in [
        "/locks/orders",
        "/locks/reindex",
        "/election/scheduler",
        "/services/catalog",
    ] {
        let first = |picture: &Picture| {
            let prefix = format!("{parent}/");
            let found = picture.keys().find(|path| path.starts_with(&prefix));
            found.cloned()
        };
        let names: std::collections::BTreeSet<_> = pictures.iter().map(first).collect();
        assert!(names.len() > 2, "{parent}");
    }
    for (name, length) in [("/locks/orders", 3), ("/services/payments", 2)] {
        assert!(
            pictures
                .iter()
                .all(|p| (1..=length).contains(&under(p, name))),
            "{name}"
        );
    }
}

#[tokio::test]
async fn partitions_stay_sound() {
    for picture in run(3, 300).await {
        for (path, (data, _, _)) in &picture {
            if !path.starts_with("/kafka/brokers/topics/") || !path.ends_with("/state") {
                continue;
            }
            let data = data.as_deref().unwrap_or_default();
            let state: serde_json::Value = serde_json::from_slice(data).expect("JSON");
            let isr = state["isr"].as_array().expect("an array");
            assert!(isr.contains(&state["leader"]), "{path}: {state}");
        }
    }
}

#[tokio::test]
async fn a_user_may_delete_what_they_work_on() {
    let (server, mut stage) = stage(5).await;
    let local = server.local();
    for root in [
        "/kafka",
        "/locks",
        "/queues",
        "/services",
        "/app",
        "/election",
    ] {
        let mut todo = vec![root.to_owned()];
        while let Some(path) = todo.pop() {
            let children = local.get_children(&path).expect("it is there");
            if children.is_empty() {
                local.delete(&path).expect("it is childless");
                continue;
            }
            todo.push(path.clone());
            todo.extend(children.iter().map(|name| format!("{path}/{name}")));
        }
    }
    for _ in 0..200 {
        stage.step();
    }
    let mut left = local.get_children("/").expect("the root");
    left.retain(|name| name != "zookeeper");
    let expected = [
        "counters", "dubbo", "hbase", "party", "samples", "secure", "solr",
    ];
    assert_eq!(left, expected);
}

#[tokio::test]
async fn a_user_may_write_any_number() {
    let (server, mut stage) = stage(6).await;
    let most = u64::MAX.to_string();
    let partition = format!(r#"{{"leader":1,"isr":[1,2,3],"leader_epoch":{most}}}"#);
    let local = server.local();
    for (path, text) in [
        ("/kafka/controller_epoch", &most),
        ("/counters/visits", &most),
        (
            "/kafka/brokers/topics/orders/partitions/0/state",
            &partition,
        ),
    ] {
        local
            .set_data(path, Some(text.as_bytes()), -1)
            .expect("it is there");
    }
    let before = local.exists("/kafka/controller_epoch");
    for _ in 0..300 {
        stage.step();
    }
    let (epoch, stat) = local.get_data("/kafka/controller_epoch").expect("still");
    assert_eq!(epoch.as_deref(), Some(most.as_bytes()));
    assert!(
        before.is_some_and(|before| before.version < stat.version),
        "no election"
    );
}

#[tokio::test]
async fn the_play_ends_with_the_server() {
    let (server, stage) = stage(5).await;
    let residents = stage.world.residents().clone();
    let zxid = server.last_zxid();
    let play = tokio::spawn(play_at(0..=1, server.local(), residents, 5));
    let something = async {
        while server.last_zxid() < zxid + 20 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let happened = tokio::time::timeout(Duration::from_secs(10), something).await;
    happened.expect("twenty changes");
    drop(server);
    let ended = tokio::time::timeout(Duration::from_secs(5), play).await;
    ended.expect("it has ended").expect("without a panic");
}

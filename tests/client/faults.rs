//! Faults, on real ensembles and through a proxy that misbehaves. Whatever happens: what
//! was acknowledged is there, what failed for sure is not, no watch is silently dead, no
//! task is left behind. (Faults drawn from a seed, for as long as one likes: `soak.rs`.)

use std::net::Ipv4Addr;
use std::time::Duration;

use futures_util::future::join_all;
use zooscope::client::{Options, SessionState, TlsOptions};
use zooscope::proto::CreateMode;

use crate::common::{connected, path, until};
use crate::soak::{say, seed};
use crate::storm::{Figures, Storm, no_task_is_left, tasks};
use crate::support::{
    self, Install, Proxy, RealServer, blocking, certificates, free_port, tls_server,
};
use crate::weather::{Climate, Fault, Roads};

pub fn options(hosts: &str) -> Options {
    Options::new(hosts)
        .expect("hosts")
        .session_timeout(Duration::from_secs(3))
        .max_backoff(Duration::from_millis(300))
}

/// So many ensembles of a version may lose data by themselves before none is to be had.
const ENSEMBLES: usize = 4;

/// One fault after another on an ensemble of a version.
async fn ensemble_suffers(install: &Install, faults: &[Fault]) {
    let before = tasks();
    let what = format!("{faults:?} on {install}, seed {}", seed(1));
    for _ in 0..ENSEMBLES {
        let mut climate = Climate::of(install);
        let storm = climate.judge(async |climate| one_after_another(climate, faults, &what).await);
        if let Some(figures) = storm.await {
            assert!(figures.acknowledged() > 0, "nothing was written at all");
            no_task_is_left(before).await;
            return;
        }
    }
    panic!("{what}: {ENSEMBLES} ensembles have lost data by themselves");
}

async fn one_after_another(climate: &mut Climate, faults: &[Fault], what: &str) -> Figures {
    let seed = seed(1);
    let mut random = fastrand::Rng::with_seed(seed);
    let storm = Storm::start(&options(&climate.roads.hosts()), seed).await;
    for fault in faults {
        let what = format!("{fault:?} of {what}");
        climate.suffer(*fault, &storm, &mut random, &what).await;
    }
    storm.finish(&options(&climate.hosts()), what).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ensemble_loses_members_and_nobody_loses_anything() {
    if let Some(install) = support::newest() {
        ensemble_suffers(install, &Fault::OF_MEMBERS).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ensembles_of_older_versions_do_so_too() {
    let few = [
        Fault::LeaderKilled,
        Fault::OwnStopped,
        Fault::MajorityLost,
        Fault::FollowerKilled,
        Fault::OwnFrozen,
        Fault::RollingRestart,
    ];
    let Some((_, older)) = support::all().split_last() else {
        return;
    };
    if older.is_empty() {
        say("skipped: there is no ZooKeeper here but the newest [older versions' ensembles]\n");
    }
    for install in older {
        ensemble_suffers(install, &few).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_to_an_ensemble_lose_nothing_either() {
    if let Some(install) = support::newest() {
        ensemble_suffers(install, &Fault::OF_CONNECTIONS).await;
    }
}

/// Its session is known to the others, so that it lives on there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_member_is_left_in_time_to_keep_the_session() {
    let Some(install) = support::newest() else {
        return;
    };
    let before = tasks();
    let mut climate = Climate::of(install);
    let patient = options(&climate.roads.hosts()).session_timeout(Duration::from_secs(6));
    let storm = Storm::start(&patient, 1).await;
    let kept = climate.freeze_own(&storm, "frozen").await;
    assert!(kept, "it took longer than the session lasts");
    storm.finish(&options(&climate.hosts()), "frozen").await;
    no_task_is_left(before).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_freezes_for_longer_than_the_session_costs_the_session_only() {
    let Some(install) = support::newest() else {
        return;
    };
    let before = tasks();
    let mut server = blocking(|| RealServer::start(install));
    let storm = Storm::start(&options(&server.hosts()), 1).await;
    let mut states = storm.clients[0].states();
    server.process().freeze();
    until(&mut states, SessionState::Suspended).await;
    until(&mut states, SessionState::Lost).await;
    server.process().thaw();
    until(&mut states, SessionState::Connected).await;
    storm.pace.go_on(5, "frozen").await;
    storm.finish(&options(&server.hosts()), "frozen").await;
    no_task_is_left(before).await;
}

/// The seed is in every message; the faults are the same for the same seed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_break_in_every_way_lose_nothing() {
    let before = tasks();
    let seed = seed(1);
    let servers = support::shared_all();
    let all = servers.iter().zip(seed..);
    join_all(all.map(|(server, seed)| connection_suffers(server, seed))).await;
    no_task_is_left(before).await;
}

async fn connection_suffers(server: &RealServer, seed: u64) {
    let roads = Roads::to([server.addr()]);
    let chroot = server.chroot("storm");
    let calm = options(&format!("{}{chroot}", server.addr()));
    let troubled = options(&format!("{}{chroot}", roads.hosts()));
    let faults = Fault::OF_CONNECTIONS.to_vec();
    roads_suffer(&roads, faults, [&troubled, &calm], server.install(), seed).await;
}

/// These faults of a connection, in an order drawn from the seed.
async fn roads_suffer(
    roads: &Roads,
    mut faults: Vec<Fault>,
    [troubled, calm]: [&Options; 2],
    install: &Install,
    seed: u64,
) {
    let mut random = fastrand::Rng::with_seed(seed);
    let storm = Storm::start(troubled, seed).await;
    random.shuffle(&mut faults);
    for &fault in &faults {
        let what = format!("{fault:?} on {install}, seed {seed}");
        roads.suffer(fault, &storm, &mut random, &what).await;
    }
    let what = format!("{faults:?} on {install}, seed {seed}");
    storm.finish(calm, &what).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_under_tls_lose_nothing_either() {
    let Some(install) = support::newest() else {
        return;
    };
    let before = tasks();
    let folder = tempfile::tempdir().expect("a temporary folder");
    certificates(folder.path());
    let port = free_port();
    let setup = tls_server(folder.path(), port);
    let _server = blocking(|| RealServer::start_with(install, &setup));
    let at = |name| Some(folder.path().join(name));
    let tls = TlsOptions {
        ca: at("ca.pem"),
        cert: at("client.crt"),
        key: at("client.key"),
        server_name: Some("localhost".to_owned()),
    };
    let roads = Roads::to([(Ipv4Addr::LOCALHOST, port).into()]);
    let troubled = options(&roads.hosts()).tls(tls.clone());
    let calm = options(&format!("127.0.0.1:{port}")).tls(tls);
    // A proxy that can't read requests can't cut at one.
    let mut faults = Fault::OF_CONNECTIONS.to_vec();
    faults.retain(|&fault| fault != Fault::CutAt);
    roads_suffer(&roads, faults, [&troubled, &calm], install, seed(1)).await;
    no_task_is_left(before).await;
}

#[tokio::test]
async fn a_stream_split_at_every_byte_is_read_all_the_same() {
    for server in support::shared_all() {
        let proxy = Proxy::start(server.addr());
        proxy.split(Some(1));
        let hosts = format!("{}{}", proxy.addr(), server.chroot("split"));
        let client = connected(options(&hosts)).await;
        let at = path("/a");
        client
            .create(&at, &[7; 2000], &[], CreateMode::Persistent)
            .await
            .expect("made");
        let replies: Vec<_> = (0..20).map(|_| client.get(&at)).collect();
        for reply in replies {
            let data = reply.await.expect("there").data.expect("not null");
            assert_eq!(data, [7; 2000]);
        }
        client.close().await;
    }
}

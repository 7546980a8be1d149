//! `Walk`: all of a subtree, whatever its shape and the server's version.

use std::collections::BTreeMap;

use zooscope::client::{Client, Error, ErrorKind};
use zooscope::proto::{
    Acl, CreateMode, DataReply, ErrorCode, MultiResult, Names, OpCode, Perms, Request, Stat, ZPath,
    encode_multi_reply,
};
use zooscope::recipe::Walk;
use zooscope::server::{self, Server, Version};

use crate::common::{connected, open, options, options_at, path, soon};
use crate::fake::Fake;
use crate::support::{self, Cut, Proxy};

/// Trees of the kinds that break naive walks: wide, deep, both.
async fn plant(client: &Client) -> BTreeMap<String, Vec<u8>> {
    let mut nodes = BTreeMap::new();
    nodes.insert("/".to_owned(), Vec::new());
    let mut add = |at: String| {
        nodes.insert(at.clone(), at.into_bytes());
    };
    for name in ["/wide", "/deep", "/both", "/empty"] {
        add(name.to_owned());
    }
    for i in 0..700 {
        add(format!("/wide/{i}"));
    }
    let mut at = "/deep".to_owned();
    for i in 0..60 {
        at = format!("{at}/{i}");
        add(at.clone());
    }
    for i in 0..30 {
        add(format!("/both/{i}"));
        for j in 0..20 {
            add(format!("/both/{i}/{j}"));
        }
    }
    let replies: Vec<_> = nodes
        .iter()
        .skip(1)
        .map(|(at, data)| client.create(&path(at), data, &[], CreateMode::Persistent))
        .collect();
    for reply in replies {
        reply.await.expect("parents come before children");
    }
    nodes
}

async fn walk(client: &Client, from: &ZPath) -> (BTreeMap<String, Vec<u8>>, Vec<Error>) {
    let mut walk = Walk::new(client, from);
    let (mut nodes, mut errors) = (BTreeMap::new(), Vec::new());
    while let Some(visited) = soon("the next znode", walk.next()).await {
        match visited {
            Ok(visited) => {
                let data = visited.reply.data.unwrap_or_default();
                let before = nodes.insert(visited.path.to_string(), data);
                assert_eq!(before, None, "{} came twice", visited.path);
            }
            Err(error) => errors.push(error),
        }
    }
    (nodes, errors)
}

#[tokio::test]
async fn every_znode_is_visited_once_on_every_version() {
    for server in support::shared_all() {
        let client = open(server, "walk").await;
        let planted = plant(&client).await;
        let (nodes, errors) = walk(&client, &ZPath::root()).await;
        assert!(errors.is_empty(), "{errors:?}");
        assert_eq!(nodes, planted, "{}", server.install());
        let (part, _) = walk(&client, &path("/deep")).await;
        assert_eq!(part.len(), 61);
        let deleted = client.delete_recursive(&path("/both"), |_| {}).await;
        assert_eq!(deleted.expect("deleted"), 631);
        client.close().await;
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_told_and_the_rest_is_visited() {
    for server in support::shared_all() {
        let client = connected(options(server, "errors").frame_limit(20_000)).await;
        for i in 0..50 {
            let at = path(&format!("/{i}"));
            client
                .create(&at, &[b'x'; 1000], &[], CreateMode::Persistent)
                .await
                .expect("made");
        }
        let big = path("/big");
        client
            .create(&big, &vec![b'x'; 30_000], &[], CreateMode::Persistent)
            .await
            .expect("made");
        let secret = [Acl::digest(Perms::ALL, "ann", "x")];
        client
            .create(&path("/secret"), b"", &secret, CreateMode::Persistent)
            .await
            .expect("made");
        let (nodes, errors) = walk(&client, &ZPath::root()).await;
        assert_eq!(nodes.len(), 51, "{}", server.install());
        assert_eq!(errors.len(), 2, "{errors:?}");
        for error in errors {
            if error.path() == Some(&big) {
                let ErrorKind::ReplyTooLarge { size, limit } = *error.kind() else {
                    panic!("{error}");
                };
                assert!(size > 30_000 && limit == 20_000, "{error}");
            } else {
                assert!(error.is(ErrorCode::NoAuth), "{error}");
                assert_eq!(error.path(), Some(&path("/secret")));
            }
        }
        assert_eq!(client.session().epoch, 1, "the session went on");
        client.close().await;
    }
}

#[tokio::test]
async fn very_long_names_are_walked_too() {
    for server in support::shared_all() {
        let client = open(server, "long-names").await;
        // A hundred of these are more than one request may hold.
        for i in 0..60 {
            let at = path(&format!("/{i}{}", "x".repeat(20_000)));
            client
                .create(&at, b"", &[], CreateMode::Persistent)
                .await
                .expect("made");
        }
        let (nodes, errors) = walk(&client, &ZPath::root()).await;
        assert!(errors.is_empty(), "{errors:?}");
        assert_eq!(nodes.len(), 61, "{}", server.install());
        let deleted = client.delete_recursive(&path("/"), |_| {}).await;
        assert_eq!(deleted.expect("below a chroot all may go"), 61);
        client.close().await;
    }
}

#[tokio::test]
async fn big_znodes_after_small_ones_are_not_asked_for_all_at_once() {
    for server in support::shared_all() {
        let chroot = server.chroot("big");
        let mut raw = server.raw();
        raw.create(&format!("{chroot}/small"), b"");
        raw.create_children(
            &format!("{chroot}/small"),
            (0..900).map(|i| format!("{i}")),
            b"",
        );
        raw.create(&format!("{chroot}/vast"), b"");
        let big = vec![b'x'; 200_000];
        for i in 0..60 {
            raw.create(&format!("{chroot}/vast/{i}"), &big);
        }
        raw.close();
        let proxy = Proxy::start(server.addr());
        // All at once would be 12 MB.
        let client = connected(options_at(proxy.addr(), &chroot).frame_limit(4 << 20)).await;
        let (nodes, errors) = walk(&client, &ZPath::root()).await;
        assert!(errors.is_empty(), "{errors:?}");
        assert_eq!(nodes.len(), 963, "{}", server.install());
        let (all, answered) = (60 * big.len(), proxy.answered());
        assert!(answered < all * 11 / 10, "{answered} bytes for {all}");
        client.close().await;
    }
}

#[tokio::test]
async fn a_folder_of_which_nothing_may_be_read_is_gone_through_to_its_end() {
    for server in support::shared_all() {
        let client = open(server, "secrets").await;
        let secret = [Acl::digest(Perms::ALL, "ann", "x")];
        for i in 0..40 {
            let at = path(&format!("/{i}"));
            let made = client.create(&at, b"", &secret, CreateMode::Persistent);
            made.await.expect("made");
        }
        let (nodes, errors) = walk(&client, &ZPath::root()).await;
        assert_eq!((nodes.len(), errors.len()), (1, 40), "{}", server.install());
        client.close().await;
    }
}

#[tokio::test]
async fn a_walk_of_nothing_says_so() {
    let Some(server) = support::shared_newest() else {
        return;
    };
    let client = open(server, "nothing").await;
    let (nodes, errors) = walk(&client, &path("/none")).await;
    assert!(nodes.is_empty());
    assert!(errors[0].is(ErrorCode::NoNode) && errors.len() == 1);
    client.close().await;
}

/// Not with one for every znode that is still to be read.
#[tokio::test]
async fn a_walk_whose_client_is_closed_ends_with_one_error() {
    for version in Version::ALL {
        let options = server::Options {
            version,
            ..server::Options::default()
        };
        let server = Server::start(options).await.expect("a port");
        let client = connected(options_at(server.addr(), "")).await;
        plant(&client).await;
        let mut walk = Walk::new(&client, &ZPath::root());
        let first = soon("the first", walk.next()).await.expect("one");
        assert!(first.expect("there").path.is_root());
        client.close().await;
        let mut errors = Vec::new();
        while let Some(visited) = soon("the end", walk.next()).await {
            errors.extend(visited.err());
        }
        assert_eq!(errors.len(), 1, "{version}: {errors:?}");
        assert!(errors[0].is_final(), "{version}: {errors:?}");
    }
}

#[tokio::test]
async fn a_walk_goes_on_after_lost_connections() {
    for server in support::shared_all() {
        let chroot = server.chroot("cuts");
        let direct = connected(options_at(server.addr(), &chroot)).await;
        let planted = plant(&direct).await;
        let proxy = Proxy::start(server.addr());
        let client = connected(options_at(proxy.addr(), &chroot)).await;
        let mut walk = Walk::new(&client, &ZPath::root());
        let mut nodes = BTreeMap::new();
        while let Some(visited) = soon("the next znode", walk.next()).await {
            let visited = visited.expect("lost connections are waited for");
            nodes.insert(
                visited.path.to_string(),
                visited.reply.data.unwrap_or_default(),
            );
            if nodes.len() % 400 == 0 {
                proxy.cut();
            }
        }
        assert_eq!(nodes, planted, "{}", server.install());
        client.close().await;
        direct.close().await;
    }
}

#[tokio::test]
async fn whole_trees_are_deleted_through_cuts_and_beside_others() {
    for server in support::shared_all() {
        let chroot = server.chroot("deleted");
        let proxy = Proxy::start(server.addr());
        let client = connected(options_at(proxy.addr(), &chroot)).await;
        let other = connected(options_at(server.addr(), &chroot)).await;
        for cut in [Cut::BeforeRequest, Cut::BeforeReply] {
            plant(&other).await;
            proxy.cut_at(OpCode::Multi, cut);
            let (both, mut last) = (path("/both"), 0);
            let deleted = client.delete_recursive(&both, |count| last = count);
            let deleted = soon("the deletion", deleted).await.expect("it goes on");
            assert_eq!(
                (deleted, last),
                (631, 631),
                "{cut:?} on {}",
                server.install()
            );
            assert!(!proxy.is_armed());
            // Someone else goes on creating for a while.
            let create = async {
                for i in 0..100 {
                    let at = path(&format!("/wide/{}/late", i * 7));
                    // Its parent may be gone already.
                    drop(other.create(&at, b"", &[], CreateMode::Persistent).await);
                }
            };
            let wide = path("/wide");
            let delete = client.delete_recursive(&wide, |_| {});
            let (deleted, ()) = tokio::join!(delete, create);
            assert!(deleted.expect("others are put up with") >= 701);
            assert_eq!(client.exists(&wide).await.expect("an answer"), None);
            for at in ["/deep", "/empty"] {
                client
                    .delete_recursive(&path(at), |_| {})
                    .await
                    .expect("deleted");
            }
        }
        client.close().await;
        other.close().await;
    }
}

/// What a server answers to a multi-read of one znode's data.
async fn believes(answer: Vec<u8>) -> Vec<Error> {
    let fake = Fake::start("3.9.4", move |conn, _| {
        conn.welcome(1, 10_000);
        conn.serve(|request| match request {
            Request::MultiRead(_) => (1, 0, answer.clone()),
            _ => (1, ErrorCode::NoNode.code(), Vec::new()),
        });
    });
    let client = connected(options_at(fake.addr(), "")).await;
    client.ask_version().await;
    let (nodes, mut errors) = walk(&client, &ZPath::root()).await;
    assert!(nodes.is_empty(), "{nodes:?}");
    // Whoever asks by hand hears the same.
    let asked = client.multi_read().data(&ZPath::root());
    match soon("an answer", asked.send()).await {
        Ok(answers) => errors.extend(answers.into_iter().filter_map(Result::err)),
        Err(error) => errors.push(error),
    }
    client.close().await;
    errors
}

#[tokio::test]
async fn answers_that_fit_no_question_are_errors() {
    let encoded = |results: &[MultiResult]| {
        let mut bytes = Vec::new();
        encode_multi_reply(results, &mut bytes);
        bytes
    };
    let (data, stat) = (Some(b"x".to_vec()), Stat::default());
    let one = MultiResult::Data(DataReply { data, stat });
    let mut cut = encoded(std::slice::from_ref(&one));
    cut.truncate(40);
    for nonsense in [encoded(&[]), encoded(&[one.clone(), one]), cut, Vec::new()] {
        let errors = believes(nonsense.clone()).await;
        let bad = |error: &Error| matches!(error.kind(), ErrorKind::BadReply(_));
        assert!(
            errors.len() == 2 && errors.iter().all(bad),
            "{nonsense:?}: {errors:?}"
        );
    }
    // Of another kind than was asked for.
    let errors = believes(encoded(&[MultiResult::Children(Names::default())])).await;
    let about_the_root = |error: &Error| {
        error.is(ErrorCode::MarshallingError) && error.path() == Some(&ZPath::root())
    };
    assert!(
        errors.len() == 2 && errors.iter().all(about_the_root),
        "{errors:?}"
    );
}

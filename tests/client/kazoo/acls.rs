//! ACLs, as kazoo's suite has them. (Identities are in `security/`.)

use zooscope::proto::{Acl, CreateMode, ErrorCode, Perms};

use super::{on_all, refused};
use crate::common::{make, path};

/// kazoo: `test_client::TestClient::test_create_acl_duplicate`
/// kazoo: `test_client::TestClient::test_create_acl_empty_list`
/// kazoo: `test_client::TestClient::test_set_acls_empty`
/// kazoo: `test_client::TestClient::test_set_acls_no_node`
#[tokio::test]
async fn duplicate_acls_are_merged_and_none_means_open() {
    on_all(
        "duplicate_acls_are_merged_and_none_means_open",
        async |client, server| {
            let read = Acl::world(Perms::READ);
            let twice = [read.clone(), read.clone(), Acl::world(Perms::ALL)];
            let at = path("/a");
            client
                .create(&at, b"", &twice, CreateMode::Persistent)
                .await
                .expect("made");
            let back = client.get_acl(&at).await.expect("there").acl;
            assert_eq!(back.len(), 2, "{}", server.install());
            make(&client, "/b", b"").await;
            let back = client.get_acl(&path("/b")).await.expect("there").acl;
            assert_eq!(back, Acl::open_unsafe());
            refused(client.set_acl(&at, &[], None).await, ErrorCode::InvalidAcl);
            refused(client.get_acl(&path("/none")).await, ErrorCode::NoNode);
            refused(
                client.set_acl(&at, &twice, Some(7)).await,
                ErrorCode::BadVersion,
            );
        },
    )
    .await;
}

/// kazoo: `test_client::TestClient::test_get_acls`
/// kazoo: `test_client::TestClient::test_set_acls`
#[tokio::test]
async fn an_acl_is_replaced_as_a_whole_and_has_a_version_of_its_own() {
    on_all("acl", async |client, _| {
        let at = path("/a");
        let first = [
            Acl::digest(Perms::ALL, "user", "pass"),
            Acl::world(Perms::ADMIN),
        ];
        let made = client.create(&at, b"", &first, CreateMode::Persistent);
        made.await.expect("made");
        let back = client.get_acl(&at).await.expect("everyone is an admin");
        assert_eq!((back.acl.as_slice(), back.stat.aversion), (&first[..], 0));
        let second = [Acl::world(Perms::READ), Acl::world(Perms::ADMIN)];
        let stat = client.set_acl(&at, &second, Some(0)).await;
        let stat = stat.expect("everyone is an admin");
        assert_eq!((stat.aversion, stat.version), (1, 0));
        let back = client.get_acl(&at).await.expect("everyone is an admin");
        let world = |acl: &Acl| acl.id.scheme == "world";
        assert!(
            back.acl.len() <= 2 && back.acl.iter().all(world),
            "{back:?}"
        );
        refused(client.set(&at, b"", None).await, ErrorCode::NoAuth);
    })
    .await;
}

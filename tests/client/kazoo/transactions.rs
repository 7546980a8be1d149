//! Transactions, as kazoo's suite has them. A failed one is an error with index and code;
//! kazoo returns a list of errors.

use zooscope::client::{Done, ErrorKind};
use zooscope::proto::{Acl, CreateMode, ErrorCode, Perms};

use super::on_all;
use crate::common::{make, path};

/// kazoo: `test_client::TestClientTransactions::test_basic_create`
/// kazoo: `test_client::TestClientTransactions::test_bad_transaction`
/// kazoo: `test_client::TestClientTransactions::test_context`
#[tokio::test]
async fn transactions_are_all_or_nothing() {
    on_all("transactions_are_all_or_nothing", async |client, _| {
        let done = client
            .transaction()
            .create(&path("/a"), b"1", &[], CreateMode::Persistent)
            .create(&path("/b"), b"2", &[], CreateMode::Ephemeral)
            .create(&path("/s"), b"3", &[], CreateMode::PersistentSequential)
            .commit()
            .await
            .expect("all can be made");
        let paths: Vec<String> = done
            .iter()
            .map(|done| match done {
                Done::Created(created) => created.path.to_string(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(paths[..2], ["/a", "/b"]);
        assert!(paths[2].starts_with("/s00000000"), "{paths:?}");
        let failed = client
            .transaction()
            .set(&path("/a"), b"changed", None)
            .delete(&path("/b"), None)
            .delete(&path("/none"), None)
            .check(&path("/a"), 99)
            .commit()
            .await
            .expect_err("the third fails");
        let (index, code) = (2, ErrorCode::NoNode);
        assert_eq!(failed.kind(), &ErrorKind::Transaction { index, code });
        assert_eq!(failed.path(), Some(&path("/none")));
        let unchanged = client.get(&path("/a")).await.expect("there");
        assert_eq!(unchanged.data.as_deref(), Some(&b"1"[..]));
        assert_eq!(
            client.transaction().commit().await.expect("empty is legal"),
            []
        );
    })
    .await;
}

/// kazoo: `test_client::TestClientTransactions::test_basic_delete`
/// kazoo: `test_client::TestClientTransactions::test_set`
/// kazoo: `test_client::TestClientTransactions::test_check`
#[tokio::test]
async fn each_operation_tells_what_it_did() {
    on_all("each", async |client, _| {
        make(&client, "/fred", b"01").await;
        make(&client, "/gone", b"").await;
        let done = client
            .transaction()
            .check(&path("/fred"), 0)
            .set(&path("/fred"), b"oops", Some(0))
            .delete(&path("/gone"), Some(0))
            .check(&path("/fred"), 1)
            .commit()
            .await
            .expect("all can be done");
        let Done::Set(stat) = &done[1] else {
            panic!("{done:?}");
        };
        assert_eq!((stat.version, stat.data_length), (1, 4));
        assert_eq!(
            [&done[0], &done[2], &done[3]],
            [&Done::Checked, &Done::Deleted, &Done::Checked]
        );
        let read = client.get(&path("/fred")).await.expect("there");
        assert_eq!(read.data.as_deref(), Some(&b"oops"[..]));
        let stale = client.transaction().delete(&path("/fred"), Some(1));
        let stale = stale.check(&path("/"), 77).commit().await;
        let error = stale.expect_err("the check fails");
        let (index, code) = (1, ErrorCode::BadVersion);
        assert_eq!(error.kind(), &ErrorKind::Transaction { index, code });
        assert!(!error.may_have_been_applied());
        assert!(
            client
                .exists(&path("/fred"))
                .await
                .expect("an answer")
                .is_some()
        );
    })
    .await;
}

/// There is no default but "open to all": whoever wants another names it.
///
/// kazoo: `test_client::TestClientTransactions::test_default_acl`
#[tokio::test]
async fn a_transaction_creates_with_the_acl_it_was_given() {
    on_all("acls", async |client, _| {
        let acl = [Acl::world(Perms::READ)];
        client
            .transaction()
            .create(&path("/given"), b"", &acl, CreateMode::Persistent)
            .create(&path("/open"), b"", &[], CreateMode::Persistent)
            .commit()
            .await
            .expect("both can be made");
        let given = client.get_acl(&path("/given")).await.expect("readable");
        assert_eq!(given.acl, acl);
        let open = client.get_acl(&path("/open")).await.expect("readable");
        assert_eq!(open.acl, Acl::open_unsafe());
    })
    .await;
}

/// kazoo's own is committed at the end of its block; an error in the block leaves it be.
///
/// kazoo: `test_client::TestClientTransactions::test_bad_context`
#[tokio::test]
async fn a_transaction_that_is_dropped_does_nothing() {
    on_all("dropped", async |client, _| {
        let transaction = client.transaction();
        drop(transaction.create(&path("/a"), b"", &[], CreateMode::Persistent));
        assert_eq!(client.exists(&path("/a")).await.expect("an answer"), None);
    })
    .await;
}

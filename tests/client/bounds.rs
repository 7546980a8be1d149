//! Requests and replies of exactly the length that may be, and replies that are too long or
//! not what was asked for: what is known of the request then, and of the server.

use zooscope::client::{Client, Error, ErrorKind};
use zooscope::proto::{
    CreateMode, Encode as _, ErrorCode, MultiResult, Request, SERVER_FRAME_LIMIT, Stat,
    encode_multi_reply,
};

use crate::common::{connected, make, options_at, path};
use crate::fake::Fake;
use crate::support;

#[tokio::test]
async fn the_longest_request_that_servers_take_is_sent_and_no_longer_one() {
    for server in support::shared_all() {
        let chroot = server.chroot("longest");
        let client = connected(options_at(server.addr(), &chroot)).await;
        make(&client, "/n", b"").await;
        // A header, the path and its length, the data's length, the version.
        let room = SERVER_FRAME_LIMIT - (8 + 4 + chroot.len() + "/n".len() + 4 + 4);
        let mut data = vec![b'x'; room];
        let stat = client.set(&path("/n"), &data, None).await.expect("it fits");
        assert_eq!(usize::try_from(stat.data_length), Ok(room));
        let back = client.get(&path("/n")).await.expect("there").data;
        assert_eq!(back.map(|data| data.len()), Some(room));
        data.push(b'x');
        let error = client.set(&path("/n"), &data, None).await;
        let (size, limit) = (SERVER_FRAME_LIMIT + 1, SERVER_FRAME_LIMIT);
        let kind = ErrorKind::RequestTooLarge { size, limit };
        assert_eq!(error.expect_err("too long").kind(), &kind);
        assert_eq!((limit, client.session().epoch), (1_048_575, 1));
        client.close().await;
    }
}

async fn both(client: &Client) -> Result<(), Error> {
    let both = client.transaction();
    let both = both.create(&path("/a"), b"", &[], CreateMode::Persistent);
    both.delete(&path("/a"), None).commit().await.map(drop)
}

#[tokio::test]
async fn a_write_whose_reply_is_too_long_may_have_been_applied_and_the_server_is_as_far() {
    let fake = Fake::start("3.9.4", |conn, _| {
        conn.welcome(1, 10_000);
        let mut zxid = 40;
        conn.serve(|_| {
            zxid += 1;
            (zxid, 0, vec![0; 5000])
        });
    });
    let client = connected(options_at(fake.addr(), "").frame_limit(1024)).await;
    let at = path("/a");
    let read = client.get(&at).await.map(drop);
    let set = client.set(&at, b"", None).await.map(drop);
    let transaction = both(&client).await;
    for (result, write) in [(read, false), (set, true), (transaction, true)] {
        let error = result.expect_err("too long");
        let too_large = matches!(error.kind(), ErrorKind::ReplyTooLarge { .. });
        assert!(too_large, "{error}");
        assert_eq!(error.may_have_been_applied(), write, "{error}");
    }
    let credentials = client.credentials().expect("a session");
    assert_eq!(
        credentials.last_zxid, 43,
        "no later server may be behind it"
    );
    assert_eq!(client.session().epoch, 1);
    client.close().await;
}

#[tokio::test]
async fn a_transactions_results_are_those_of_its_operations() {
    let (path, stat) = ("/a".to_owned(), Some(Stat::default()));
    let created = MultiResult::Created { path, stat };
    let wrong = [
        vec![],
        vec![created.clone()],
        vec![created.clone(), MultiResult::Deleted, MultiResult::Deleted],
        vec![created.clone(), MultiResult::Checked],
        vec![MultiResult::Deleted, created.clone()],
        vec![MultiResult::Failed(ErrorCode::NoNode.code())],
    ];
    let right = vec![created, MultiResult::Deleted];
    let answers = [&wrong[..], &[right]].concat();
    let times = wrong.len();
    let fake = Fake::start("3.9.4", move |conn, _| {
        conn.welcome(1, 10_000);
        let mut answers = answers.iter();
        conn.serve(|request| match request {
            Request::Multi(_) => {
                let mut record = Vec::new();
                let answer = answers.next().expect("no more are asked for");
                encode_multi_reply(answer, &mut record);
                (1, 0, record)
            }
            _ => (1, 0, Stat::default().to_bytes()),
        });
    });
    let client = connected(options_at(fake.addr(), "")).await;
    for index in 0..times {
        let error = both(&client).await.expect_err("not what was asked for");
        assert!(
            matches!(error.kind(), ErrorKind::BadReply(_)),
            "{index}: {error}"
        );
        assert!(error.may_have_been_applied(), "{index}: {error}");
    }
    both(&client).await.expect("as it should be");
    assert_eq!(client.session().epoch, 1);
    client.close().await;
}

//! What no server can be brought to: replies handled in another order than they came in.

use super::*;

#[tokio::test]
async fn a_znode_that_went_while_it_was_listed_is_looked_for() {
    let nobody = crate::client::Options::new("127.0.0.1:1").expect("hosts");
    let client = Client::connect(nobody);
    let at = ZPath::new("/a").expect("a path");
    let mut all = Oneshots::new(client, at.clone(), Known::default());
    all.todo.clear();
    let kind = ErrorKind::Server(ErrorCode::NoNode);
    let gone = Error::on(kind, OpCode::GetChildren2, &at);
    // Its parent's list was handled before this, and had it: nothing was to be done then.
    all.add(at.clone());
    assert!(all.on_children(at.clone(), Err(gone), &mut VecDeque::new()));
    assert_eq!(all.todo.pop_front(), Some((at.clone(), Read::Exists)));
    all.add(at.clone());
    assert_eq!(all.todo.pop_front(), Some((at, Read::Children)));
}

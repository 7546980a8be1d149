//! What a `Walk` holds at a time: a few batches and the lists on the way down, never the tree.

use zooscope::proto::ZPath;
use zooscope::recipe::Walk;

use crate::common::{connected, options_at};
use crate::support::{self, RealServer};

/// Children of each folder.
const CHILDREN: usize = 400;

/// The most bytes that a walk of so many folders took, the client under it included.
fn most_held(server: &RealServer, folders: usize) -> u64 {
    let chroot = server.chroot("footprint");
    let mut raw = server.raw();
    raw.create_children(&chroot, (0..folders).map(|i| format!("{i}")), b"");
    for i in 0..folders {
        let names = (0..CHILDREN).map(|i| format!("child-{i}"));
        raw.create_children(&format!("{chroot}/{i}"), names, b"value");
    }
    raw.close();
    // The runtime has one thread, this one, whose memory is counted.
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_all().build().expect("a runtime");
    let client = runtime.block_on(connected(options_at(server.addr(), &chroot)));
    let mut visited = 0;
    let taken = allocation_counter::measure(|| {
        runtime.block_on(async {
            let mut walk = Walk::new(&client, &ZPath::root());
            while let Some(one) = walk.next().await {
                one.expect("it can be read");
                visited += 1;
            }
        });
    });
    assert_eq!(visited, 1 + folders * (1 + CHILDREN));
    runtime.block_on(client.close());
    taken.bytes_max
}

#[test]
fn a_walk_takes_no_more_memory_for_a_larger_tree() {
    let servers = support::shared_all();
    let embedded = servers.last().expect("it is always there");
    let (small, large) = (most_held(embedded, 20), most_held(embedded, 100));
    assert!(large < small * 3 / 2, "{small} bytes, then {large}");
}

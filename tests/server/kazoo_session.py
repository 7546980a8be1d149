"""What a kazoo user does in a day, against the server named on the command line.

Every step asserts what it got; the last line printed is "done".
"""

import sys
import threading

from kazoo.client import KazooClient
from kazoo.exceptions import BadVersionError, NodeExistsError, NoNodeError, RolledBackError
from kazoo.protocol.states import EventType
from kazoo.security import make_digest_acl

LIMIT = 20


def connected(hosts, **more):
    client = KazooClient(hosts=hosts, timeout=10, **more)
    client.start(timeout=LIMIT)
    return client


def plain_operations(zk):
    assert zk.create("/app", b"one", makepath=True) == "/app"
    data, stat = zk.get("/app")
    assert (data, stat.version, stat.ephemeralOwner) == (b"one", 0, 0)
    assert zk.set("/app", b"two", version=0).version == 1
    try:
        zk.set("/app", b"three", version=0)
        raise AssertionError("an old version was taken")
    except BadVersionError:
        pass
    try:
        zk.create("/app")
        raise AssertionError("a znode was made twice")
    except NodeExistsError:
        pass
    zk.ensure_path("/app/deep/deeper")
    zk.create("/app/n-", sequence=True)
    assert sorted(zk.get_children("/app")) == ["deep", "n-0000000001"]
    assert zk.exists("/nowhere") is None
    try:
        zk.get("/nowhere")
        raise AssertionError("a znode that is not there was read")
    except NoNodeError:
        pass
    zk.sync("/app")
    zk.delete("/app/deep", recursive=True)
    assert zk.get_children("/app") == ["n-0000000001"]


def watches(zk, other):
    seen, changed, listed = threading.Event(), threading.Event(), threading.Event()

    def on_event(event):
        assert (event.type, event.path) == (EventType.CHANGED, "/app"), event
        seen.set()

    zk.get("/app", watch=on_event)
    zk.DataWatch("/app", lambda data, stat: changed.set() if data == b"new" else None)
    zk.ChildrenWatch("/app", lambda names: listed.set() if "new" in names else None)
    other.set("/app", b"new")
    other.create("/app/new", ephemeral=True)
    for event in (seen, changed, listed):
        assert event.wait(LIMIT), "a watch did not fire"


def locks(zk, other):
    lock, rival = zk.Lock("/locks/one", "first"), other.Lock("/locks/one", "second")
    assert lock.acquire(timeout=LIMIT)
    assert not rival.acquire(blocking=False)
    assert lock.contenders() == ["first"]
    taken = threading.Event()

    def wait():
        with rival:
            taken.set()

    waiter = threading.Thread(target=wait, daemon=True)
    waiter.start()
    lock.release()
    assert taken.wait(LIMIT), "the lock was not handed on"
    waiter.join(LIMIT)


def transactions(zk):
    good = zk.transaction()
    good.check("/app", version=2)
    good.create("/app/in", b"x")
    good.set_data("/app/in", b"y")
    good.delete("/app/n-0000000001")
    results = good.commit()
    assert results[0] is True and results[1] == "/app/in", results
    assert results[2].version == 1 and results[3] is True, results
    bad = zk.transaction()
    bad.create("/app/out", b"x")
    bad.check("/app", version=77)
    results = bad.commit()
    assert isinstance(results[0], RolledBackError), results
    assert isinstance(results[1], BadVersionError), results
    assert zk.exists("/app/out") is None


def rights(zk, hosts):
    zk.create("/secret", b"s", acl=[make_digest_acl("user", "word", all=True)])
    friend = connected(hosts, auth_data=[("digest", "user:word")])
    assert friend.get("/secret")[0] == b"s"
    acls, _ = friend.get_acls("/secret")
    assert acls[0].id.scheme == "digest"
    friend.stop()
    friend.close()


def main(hosts):
    zk, other = connected(hosts), connected(hosts)
    plain_operations(zk)
    watches(zk, other)
    locks(zk, other)
    transactions(zk)
    rights(zk, hosts)
    other.stop()
    other.close()
    assert "new" not in zk.get_children("/app"), "an ephemeral outlived its session"
    zk.stop()
    zk.close()
    print("done")


main(sys.argv[1])

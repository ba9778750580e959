# SPDX-License-Identifier: ISC
"""When the portal is asked, and how long what it said may serve."""

import os
import time

from story import story


def asked(world):
    """The sources asked since the log was last forgotten."""
    return sorted(r["source"] for r in world.portal.requests())


@story("a fresh snapshot answers without the portal, an older one asks",
       config={"fresh": "8s"})
def fresh(world):
    key, new = world.new_key(), world.new_key()
    world.add(key, "alice")
    world.start_sshd()
    assert len(world.lines("root")) == 1
    made = time.monotonic()
    world.portal.forget_requests()
    world.add(new, "alice")
    for _ in range(20):
        assert len(world.lines("root")) == 1
    took = time.monotonic() - made
    assert took < 8, "too slow for the count to mean anything"
    assert asked(world) == []
    time.sleep(8.05 - took)
    world.must_open(new)
    assert asked(world) == ["device", "personal", "project"], asked(world)


@story("an unchanged list is a 304, and still counts as confirmed")
def not_modified(world):
    key = world.new_key()
    world.add(key, "project")
    world.must_open(key)
    world.portal.forget_requests()
    assert len(world.lines("root", key.fingerprint)) == 1
    rows = world.portal.requests()
    assert len(rows) == 3, rows
    assert all(row["status"] == 304 for row in rows), rows
    assert all(row["headers"].get("if-none-match") for row in rows)
    ident = world.add(world.new_key(), "project")
    assert len(world.lines("root")) == 2
    world.portal.remove_key(ident)
    assert len(world.lines("root")) == 1
    world.portal.do("set", etag="none")
    world.must_open(key)
    assert world.tool("status").returncode == 0


@story("within `retry` a dead portal isn't asked again: the second login is "
       "quick", config={"retry": "60s", "timeout": "3s"})
def retry_window(world):
    key, unknown = world.new_key(), world.new_key()
    world.add(key, "alice")
    world.must_open(key)
    world.portal.break_("all", "hang")
    world.portal.forget_requests()
    assert world.must_open(key).seconds >= 3
    assert asked(world) == ["device", "personal", "project"], asked(world)
    world.portal.forget_requests()
    for _ in range(3):
        start = time.monotonic()
        assert world.lines("root", key.fingerprint)
        assert time.monotonic() - start < 1, "waited again"
        world.must_open(key)
        world.must_refuse(unknown)
    assert asked(world) == [], asked(world)


@story("the portal is asked again when `retry` is over, and is believed",
       config={"retry": "6s", "timeout": "1s"})
def retry_ends(world):
    key, new = world.new_key(), world.new_key()
    world.add(key, "alice")
    world.must_open(key)
    world.portal.stop()
    world.must_open(key)
    world.portal.start()
    world.add(new, "alice")
    world.must_refuse(new)
    time.sleep(6.1)
    world.must_open(new)


@story("waits grow with each failure", config={
    "retry": "500ms", "sources": "personal"})
def backoff(world):
    world.add(world.new_key(), "alice")
    assert len(world.lines("root")) == 1
    world.portal.break_("personal", "status:500")
    limit = time.monotonic() + 30
    times = []
    while len(times) < 4 and time.monotonic() < limit:
        assert len(world.lines("root")) == 1
        times = [r["time"] for r in world.portal.requests(status=500)]
        time.sleep(0.02)
    # 0.5, 1, 2 s, each up to a fifth shorter, and a slow lookup's time longer
    waits = [b - a for a, b in zip(times, times[1:])]
    assert 0.4 <= waits[0] < 1.6, waits
    assert 0.8 <= waits[1] < 2.1, waits
    assert 1.6 <= waits[2] < 3.1, waits


@story("Retry-After, in seconds and as a date, is respected")
def retry_after(world):
    key, new = world.new_key(), world.new_key()
    world.add(key, "alice")
    for wait in ("9", "date:10"):
        world.must_open(key)
        world.portal.break_("all", "status:429", retry_after=wait)
        world.must_open(key)
        refused = time.monotonic()
        world.portal.clear()
        world.portal.forget_requests()
        ident = world.add(new, "alice")
        world.must_refuse(new)
        assert asked(world) == [], asked(world)
        assert time.monotonic() - refused < 8
        time.sleep(10.1 - (time.monotonic() - refused))
        world.must_open(new)
        world.portal.remove_key(ident)
        world.must_refuse(new)


@story("after `stale` without the portal the keys stop, and come back with "
       "it", config={"stale": "8s", "timeout": "1s"})
def stale(world):
    key = world.new_key()
    world.add(key, "alice")
    world.must_open(key)
    confirmed = time.monotonic()
    world.portal.stop()
    world.must_open(key)
    assert time.monotonic() - confirmed < 8
    time.sleep(8.1 - (time.monotonic() - confirmed))
    world.must_refuse(key)
    assert world.lines("root") == []
    world.portal.start()
    world.must_open(key)


@story("`stale` holds for a sick source alone, not for its neighbours",
       config={"stale": "8s", "retry": "1h"})
def stale_source(world):
    mine, projects = world.new_key(), world.new_key()
    world.configure(retry="0s")
    world.add(mine, "alice")
    world.add(projects, "project")
    world.must_open(mine)
    world.portal.break_("personal", "status:500")
    world.must_open(mine)
    time.sleep(8.1)
    world.must_open(projects)
    world.must_refuse(mine)


@story("a changed configuration counts at the next login, portal dead",
       config={"fresh": "1h", "retry": "60s"})
def changed_config(world):
    mine, projects = world.new_key(), world.new_key()
    world.add(mine, "alice")
    world.add(projects, "project")
    world.must_open(mine)
    world.must_open(projects)
    world.portal.stop()
    world.configure(sources="project")
    world.must_refuse(mine)
    world.must_open(projects)
    world.configure(sources="personal project")
    world.must_open(projects)
    world.portal.start()
    # Another digest: what waits after a failure is asked at once.
    world.configure(sources="device personal project")
    world.must_open(mine)


@story("a revocation counts while another source is broken, and after it "
       "has gone stale", config={"retry": "60s", "timeout": "1s"})
def revoked_beside_broken(world):
    gone, stays = world.new_key(), world.new_key()
    ident = world.add(gone, "project")
    world.add(stays, "alice")
    world.must_open(gone)
    world.portal.break_("personal device", "status:503")
    world.must_open(gone)
    world.portal.remove_key(ident)
    world.must_refuse(gone)
    world.must_open(stays)
    world.portal.break_("all", "hang")
    world.must_refuse(gone)
    world.must_open(stays)


@story("mass-removal: half of the keys and more go only when said twice",
       config={"mass-removal": "2", "sources": "project"})
def mass_removal(world):
    keys = [world.new_key() for _ in range(5)]
    idents = [world.add(key, "project") for key in keys]
    world.must_open(keys[0])
    world.portal.remove_key(idents[4])  # one of five: at once
    world.must_refuse(keys[4])
    for ident in idents[:3]:
        world.portal.remove_key(ident)
    assert len(world.lines("root")) == 4
    assert [line.split()[1] for line in world.lines("root")] == \
        [keys[3].public.split()[1]]
    world.must_refuse(keys[0])
    world.must_open(keys[3])


@story("a snapshot that is damaged, empty or a stranger's counts as none")
def damaged(world):
    key = world.new_key()
    world.add(key, "alice")
    path = os.path.join(world.cache, "keys.cdb")
    uid, gid = world.service.pw_uid, world.service.pw_gid
    for text, owner in ((b"", uid), (b"x" * 5000, uid), (b"\0" * 2048, uid),
                        (b"\xff" * 100000, uid), (None, 12345)):
        world.must_open(key)
        if text is not None:
            with open(path, "wb") as out:
                out.write(text)
        os.chown(path, owner, gid)
        world.portal.stop()
        world.must_refuse(key)
        assert world.lookup("root").returncode == 1
        world.portal.start()
        world.must_open(key)

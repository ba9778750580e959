# SPDX-License-Identifier: ISC
"""What reaches the log of answers that were not plain: each reason at once,
none without end, and nothing from the network as it came."""

import os
import re

from story import story

BURST = 5
LOOKUP, FETCHER = "packet-authorized-keys", "packet-keysd"


def ask(world, times, user, key):
    for _ in range(times):
        world.lookup(user, key.fingerprint)


@story("refused keys: each account's and each key's is told with its code, "
       "and one that is offered again and again hides none",
       needs=("log", "account"), config={"fresh": "1h"})
def log_refused(world):
    mine, other = world.new_key(), world.new_key()
    world.add(mine, "alice")
    world.add(other, "project")
    world.policy(users={"root": {"sources": ["personal", "project"]},
                        world.account: {"sources": ["project"]},
                        "daemon": {"sources": ["project"]}})
    world.must_open(mine)
    mark = world.mark()
    ask(world, 40, world.account, mine)
    line = "[refused] user %s: key %s refused: account"
    lines = world.told(mark, LOOKUP)
    assert lines == [line % (world.account, mine.fingerprint)] * BURST, lines
    # Another account, and another key.
    world.must_refuse(mine, user="daemon", code="account")
    world.policy(users={world.account: {"sources": ["metadata"]}})
    world.must_refuse(mine, user=world.account, code="no-account")
    world.must_refuse(other, user=world.account, code="no-account")


@story("denied keys are told as that", needs=("log",), config={"fresh": "1h"})
def log_denied(world):
    key = world.new_key()
    world.add(key, "alice")
    world.must_open(key)
    world.deny(key.fingerprint)
    mark = world.mark()
    world.must_refuse(key, code="denied")
    ask(world, 20, "root", key)
    lines = world.told(mark, LOOKUP)
    assert set(lines) == {"[denied] user root: key %s refused: denied"
                          % key.fingerprint}, lines
    assert len(lines) == BURST, lines


@story("a refusal while a source fails: one line, with the age of what served",
       needs=("log", "account"), config={"fresh": "0s", "retry": "5m"})
def log_one_line(world):
    key = world.new_key()
    world.add(key, "alice")
    world.must_open(key)
    world.portal.stop()
    ask(world, 1, "root", key)
    for user, start in (("root", "[failed-source] user root: old keys; "),
                        (world.account, "[refused] user %s: key %s refused: "
                         "account; old keys; " % (world.account,
                                                  key.fingerprint))):
        mark = world.mark()
        ask(world, 1, user, key)
        lines = world.told(mark, LOOKUP)
        assert len(lines) == 1 and lines[0].startswith(start), lines
        assert re.search(r"personal: its keys of \d+ s ago serve: ",
                         lines[0]), lines


@story("a source that begins to fail and one that answers again: told each "
       "time, however often; in between it is told a few times",
       needs=("log",), config={"fresh": "0s", "retry": "1s"})
def log_changes(world):
    key = world.new_key()
    world.add(key, "alice")
    world.must_open(key)
    begins = "[failed-source] source personal failed: "
    again = "[answers-again] source personal answers again, "
    for _ in range(BURST + 3):
        mark = world.mark()
        world.portal.break_("personal", "status:500")
        world.tool("fetch")
        assert len(world.told(mark, FETCHER, begins)) == 1
        world.portal.clear()
        world.tool("fetch")
        assert len(world.told(mark, FETCHER, again)) == 1
    world.portal.break_("personal", "status:500")
    mark = world.mark()
    for _ in range(20):
        world.tool("fetch")
    assert len(world.told(mark, FETCHER, begins)) == 1
    # Another reason is no repetition.
    world.portal.clear()
    world.portal.break_("personal", "status:502")
    world.tool("fetch")
    lines = world.told(mark, FETCHER, begins)
    assert "answered 502" in lines[-1], lines
    # Nor is the trail of keys limited.
    world.portal.clear()
    for _ in range(BURST + 2):
        mark = world.mark()
        ident = world.add(key, "project")
        world.policy(users={"root": {"sources": ["project"]}})
        world.tool("fetch")
        world.portal.remove_key(ident)
        world.tool("fetch")
        assert len(world.told(mark, FETCHER, "- " + key.fingerprint)) == 1


@story("words from the network reach the log in one line, without control "
       "characters, and without the token", needs=("log",),
       config={"fresh": "0s", "retry": "1s"})
def log_clean(world):
    key, more = world.new_key(), world.new_key()
    world.add(key, "alice")
    world.must_open(key)
    evil = "a\nb\r\x1b[31mc\x07\u202ed\u2028e %s%n%100000d\x00f"
    shown = "%s%n%100000d"
    mark = world.mark()
    world.add(more, "project", evil)
    world.portal.add_key("ssh-dss AAAA", evil, user=world.portal.ids["alice"])
    world.tool("fetch")
    world.portal.break_("all", "says:503:%s %s" % (
        evil, world.portal.tokens["user"]))
    world.tool("fetch")
    ask(world, 1, "root", key)
    ask(world, 1, "root\n[denied] user root: x", key)
    world.log.catch_up()
    lines = [m.text for m in world.log.since(mark)
             if m.tag.startswith("packet-")]
    for start in ("+ " + more.fingerprint, "[left-out] ",
                  "[failed-source] source ", "[failed-source] user "):
        found = [t for t in lines if t.startswith(start)]
        assert any(shown in t for t in found), (start, found)
    for line in lines:
        assert not re.search("[\x00-\x1f\x7f-\x9f\u2028\u202e]", line), line
    # Each is ours: nothing else has begun a line.
    assert all(m.tag.startswith(("packet-", "sshd", "catch-up"))
               for m in world.log.since(mark)), world.log.since(mark)
    # World.find_token looks for the token in all of it.


@story("whatever lies in the place of the log's state: logins work, and all "
       "is told", needs=("log",), config={"fresh": "0s", "retry": "5m"})
def log_state_odd(world):
    key = world.new_key()
    world.add(key, "alice")
    world.must_open(key)
    world.portal.stop()
    ask(world, 2 * BURST, "root", key)
    path = os.path.join(world.cache, "log.state")
    state = os.stat(path)
    assert state.st_mode & 0o777 == 0o600, oct(state.st_mode)
    assert state.st_uid == world.service.pw_uid
    mark = world.mark()
    os.remove(path)
    os.mkdir(path)
    ask(world, 2 * BURST, "root", key)
    assert len(world.told(mark, LOOKUP)) == 2 * BURST
    world.must_open(key)
    os.rmdir(path)
    # As another account, which could leave nothing that the owner can open.
    mark = world.mark()
    for _ in range(2 * BURST):
        assert world.lookup("root", as_service=False).returncode == 0
    assert len(world.told(mark, LOOKUP)) == 2 * BURST
    assert not os.path.exists(path)
    mark = world.mark()
    os.symlink("/etc/shadow", path)
    ask(world, 2 * BURST, "root", key)
    assert len(world.told(mark, LOOKUP)) == BURST
    assert not os.path.islink(path)
    with open(path, "r+b") as out:
        out.truncate(0)
        out.write(b"\xff" * 24576)
    mark = world.mark()
    ask(world, 2 * BURST, "root", key)
    assert len(world.told(mark, LOOKUP)) == BURST
    world.must_open(key)

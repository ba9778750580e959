# SPDX-License-Identifier: ISC
"""packet-authorized-keys out of luck: the right lines or no answer."""

import os

from luck import Unlucky
from story import story

GROUPS_UNKNOWN = "no rule for groups counts"
HITS, DENIALS, PAIRS = 1000, 250, 150


def put_snapshot(world, data):
    path = os.path.join(world.cache, "keys.cdb")
    if data is None:
        if os.path.exists(path):
            os.unlink(path)
        return
    with open(path + ".test", "wb") as out:
        out.write(data)
        os.fchmod(out.fileno(), 0o640)
        os.fchown(out.fileno(), world.service.pw_uid, world.service.pw_gid)
    os.rename(path + ".test", path)


def snapshot(world):
    with open(os.path.join(world.cache, "keys.cdb"), "rb") as data:
        return data.read()


def judge(luck, run, answers, without=""):
    """Exit 0 and one of these answers, or exit 1 and nothing.  without: the
    lines that hang on no group: they count while nobody can be asked for the
    groups, if there are any."""
    if run.code == 0 and run.out == without != "" and \
            (GROUPS_UNKNOWN in run.err or run.lost("writev")):
        return True
    if run.code == 0:
        return luck.must(run, run.out in answers,
                         "an answer that is not right")
    if not luck.must(run, run.code == 1, "an exit code that it has not"):
        return False
    # What was written before a write failed can't be taken back.
    fine = run.out == "" or run.lost("stdout") and any(
        answer.startswith(run.out) for answer in answers)
    return luck.must(run, fine, "a failure that prints") and \
        luck.must(run, bool(run.failed), "failed for nothing") and \
        luck.must(run, run.err != "" or run.lost(
            "writev", "open"), "silent")


class Keys:
    """A portal and a policy of some of everything; asks is what a login may
    ask for."""

    def __init__(self, world):
        self.key, self.other, self.denied, self.listed, expired = (
            world.new_key() for _ in range(5))
        self.member = world.new_key()
        if world.accounts:
            world.accounts.set_group("wheel", world.account)
        world.policy(
            keys={"deny": [self.denied.fingerprint]},
            users={"root": {"sources": ["personal", "project"]},
                   "daemon": {"tags": ["spare"], "options": "restrict"},
                   "*": {"owners": ["%u@example.com"]}},
            groups={"wheel": {"tags": ["wheel"]},
                    "daemon": {"tags": ["spare"],
                               "options": "no-pty"}})
        world.add(self.key, "alice", tags=["wheel", "spare"])
        world.add(self.other, "project")
        world.add(self.denied, "alice", tags=["wheel"])
        world.add(self.listed, "alice", tags=["wheel"])
        world.add(self.member, "bob", tags=["spare"])
        world.add(expired, "project", tags=["wheel", "expires:2020-01-01"])
        world.deny(self.listed.fingerprint)
        users = ["root", "daemon", "alice", "nobody"]
        if world.accounts:
            users.append(world.account)
        # What the rule for daemon has, without that of the group.
        self.marks = {"daemon": "restrict "}
        self.asks = [(user,) for user in users] + [
            (user, key.fingerprint) for user in users
            for key in (self.key, self.other, self.listed, self.denied,
                        self.member)]


    def own(self, ask, right):
        """The lines of the answer that hang on no group."""
        mark = self.marks.get(ask[0])
        return "" if mark is None else "".join(
            line for line in right.splitlines(True) if line.startswith(mark))


@story("lookups on a fresh snapshot whose calls fail one time in N: the right "
       "lines, or no answer and nothing printed", needs=("cc", "preload"),
       config={"fresh": "1h", "retry": "0s"})
def unlucky_hits(world):
    keys = Keys(world)
    right = {}
    for ask in keys.asks:
        right[ask] = world.lookup(*ask).stdout
        assert keys.listed.public not in right[ask]
    assert sum(map(bool, right.values())) >= 8, right
    good = snapshot(world)
    luck = Unlucky(world, "unlucky_hits")
    for number in range(HITS):
        ask = keys.asks[number % len(keys.asks)]
        run = luck.run("lookup", "-c", world.config_file, *ask)
        judge(luck, run, (right[ask],), keys.own(ask, right[ask]))
        if run.gentle:
            luck.must(run, run.code == 0, "failed for nothing")
        if snapshot(world) != good:
            put_snapshot(world, good)  # a fetch has been unlucky too
    luck.end()


@story("a key that has just been denied stays shut out, whatever of the "
       "list's reading fails", needs=("cc", "preload"),
       config={"fresh": "1h", "retry": "0s"})
def unlucky_denied(world):
    keys = Keys(world)
    asks = [("root",), ("root", keys.key.fingerprint)]
    old = [world.lookup(*ask).stdout for ask in asks]
    assert all(keys.key.public in out for out in old)
    good = snapshot(world)
    world.deny(keys.key.fingerprint)
    right = [world.lookup(*ask).stdout for ask in asks]
    assert all(keys.key.public not in out for out in right)
    luck = Unlucky(world, "unlucky_denied")
    for number in range(DENIALS):
        put_snapshot(world, good)
        run = luck.run("lookup", "-c", world.config_file,
                       *asks[number % 2])
        luck.must(run, keys.key.public not in run.out, "a denied key")
        luck.must(run, run.code != 0 or run.out == right[number % 2] or
                  "has never answered" in run.err,
                  "an answer that is not right")
    luck.end()


@story("lookup and fetcher both out of luck: what a source last said, or no "
       "answer", needs=("cc", "preload"),
       config={"fresh": "0s", "retry": "0s"})
def unlucky_pairs(world):
    old, new, alices = (world.new_key() for _ in range(3))
    ident = world.add(old, "project")
    world.add(alices, "alice")
    before = world.lookup("root").stdout
    good = snapshot(world)
    world.portal.remove_key(ident)
    world.add(new, "project")
    after = world.lookup("root").stdout
    assert before != after and alices.public in after
    luck = Unlucky(world, "unlucky_pairs")
    for number in range(PAIRS):
        missing = number % 3 == 0
        put_snapshot(world, None if missing else good)
        run = luck.run("lookup", "-c", world.config_file, "root")
        if missing and "has never answered" in run.err:
            # As when the portal has no answer for a source.
            luck.must(run, set(run.out.splitlines()) <=
                      set(after.splitlines()), "lines of nowhere")
        else:
            judge(luck, run, (after,) if missing else (before, after))
        left = world.left_running()
        luck.must(run, not left, "left running")
        names = set(os.listdir(world.cache))
        luck.must(run, names <= {"fetch.lock", "keys.cdb", "log.state"},
                  "left behind: %s" % names)
    assert world.lookup("root").stdout == after
    luck.end()

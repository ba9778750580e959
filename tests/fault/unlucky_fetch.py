# SPDX-License-Identifier: ISC
"""packet-keysd out of luck: its snapshot is the old one or a right new one."""

import itertools
import json
import os
import re

import damage
from damage import fetcher_command, records
from documents import document
from luck import Unlucky
from story import story
from unlucky_lookup import put_snapshot, snapshot

RUNS, FIRSTS, FILTERS = 160, 60, 25
OVERTIME = 10  # limits.h
SOURCES = ("project", "personal")
BLOB = re.compile(rb"ssh-ed25519 (AAAA[0-9A-Za-z+/=]+)")
# Two policies; neither lets the stranger in, whom the built-in one would.
POLICIES = ({"sources": ["project", "personal"], "tags": ["in"]},
            {"sources": ["project", "personal"], "tags": ["in"],
             "options": "no-pty"})


def blob(key):
    return key.public.split()[1].encode()


class Portal:
    """Which keys each source has, with a stranger who opens nothing."""

    def __init__(self, world):
        self.world = world
        self.spare = [world.new_key() for _ in range(4)]
        self.listed = world.new_key()
        self.stranger = world.new_key()
        world.add(self.stranger, "project", tags=["out"])
        world.add(self.listed, "alice", tags=["in"])
        self.idents = {}
        self.keys = {}
        self.denied = False
        self.options = 0
        for name in SOURCES:
            self.change(name)
        self.list(False)
        self.put_policy(0)

    def change(self, name):
        key = self.spare.pop(0)
        if name in self.idents:
            self.world.portal.remove_key(self.idents[name])
            self.spare.append(self.keys[name])
        self.idents[name] = self.world.add(
            key, "project" if name == "project" else "alice", tags=["in"])
        self.keys[name] = key

    def list(self, denied):
        self.denied = denied
        self.world.write(self.world.deny_file, "# none\n%s\n" % (
            self.listed.fingerprint if denied else ""))

    def put_policy(self, number):
        self.options = number
        self.world.write(self.world.policy_file, document(
            users={"root": POLICIES[number]}))

    def vary(self, random):
        """Something changes before each fetch."""
        for name in SOURCES:
            if random.random() < 0.4:
                self.change(name)
        if random.random() < 0.3:
            self.list(not self.denied)
        if random.random() < 0.3:
            self.put_policy(1 - self.options)


def lines_in(data):
    """What opens root by this snapshot: {(blob, has options)}."""
    value = next((data[at + 8:at + size] for _, key, at, size in records(data)
                  if key == b"uroot"), b"")
    return frozenset(
        (m.group(1), value[:m.start()].endswith(b"no-pty "))
        for m in BLOB.finditer(value))


class Oracle:
    """What may stand in a snapshot, from what was in force and what is."""

    def __init__(self, portal):
        self.portal = portal
        self.settle()

    def settle(self):
        """All that is now is in force."""
        self.held = dict(self.portal.keys)
        self.denied = self.portal.denied
        self.options = self.portal.options

    def lines(self, keys, denied, options):
        found = {blob(key) for key in keys.values()}
        if not denied:
            found.add(blob(self.portal.listed))
        return frozenset((b, options == 1) for b in found)

    def now(self):
        return self.lines(self.portal.keys, self.portal.denied,
                          self.portal.options)

    def allowed(self, outcomes):
        """The lines that a snapshot with such outcomes may have."""
        keys = {name: (self.portal.keys if outcomes[name] in (
            "new", "unchanged") else self.held)[name] for name in SOURCES}
        return {self.lines(keys, denied, options)
                for denied, options in itertools.product(
                    {self.denied, self.portal.denied},
                    {self.options, self.portal.options})}


def outcomes(world):
    status = json.loads(world.tool("status", "--json").stdout)
    return {s["name"]: s["outcome"] for s in status["sources"]}


def judge(world, luck, oracle, run, before, sick):
    """The snapshot after a run; whether all that is now is in force."""
    luck.must(run, run.code in (0, 1), "an exit code that it has not")
    luck.must(run, run.code == 0 or run.failed, "failed for nothing")
    luck.must(run, run.code == 0 or run.err or run.lost("writev"), "silent")
    names = set(os.listdir(world.cache))
    luck.must(run, names <= {"fetch.lock", "keys.cdb", "log.state"},
              "left behind: %s" % names)
    after = snapshot(world)
    if after == before:
        luck.must(run, run.code == 1, "nothing new, and exit 0")
        return False
    found = outcomes(world)
    lines = lines_in(after)
    luck.must(run, lines in oracle.allowed(found),
              "lines that are not right (%s, sick %s):\n  %s\n  may be %s\n" % (
                  found, sick, sorted(lines),
                  [sorted(may) for may in oracle.allowed(found)]))
    answered = any(found[name] in ("new", "unchanged") for name in SOURCES)
    luck.must(run, run.code == 1 or answered, "nobody answered, and exit 0")
    return lines == oracle.now() and run.code == 0 and not sick


@story("fetches whose calls fail one time in N: the old snapshot or a right "
       "new one, nothing left behind, and the next fetch heals all",
       needs=("cc", "preload"),
       config={"fresh": "1h", "retry": "0s", "timeout": "2s",
               "sources": "project personal"})
def unlucky_fetches(world):
    portal = Portal(world)
    oracle = Oracle(portal)
    assert damage.fetch(world).returncode == 0
    assert lines_in(snapshot(world)) == oracle.now()
    luck = Unlucky(world, "unlucky_fetches", calls=3)
    healed = 0
    for number in range(RUNS):
        portal.vary(luck.random)
        before = snapshot(world)
        sick = luck.random.choice(SOURCES) if number % 4 == 0 else None
        if sick:
            world.portal.break_(sick, "status:503")
        run = luck.run("fetcher", *fetcher_command(world)[1:])
        good = judge(world, luck, oracle, run, before, sick)
        if run.gentle and not sick:
            luck.must(run, run.code == 0, "failed for nothing")
        if sick:
            world.portal.clear()
        if not good:
            healed += 1
            fixed = damage.fetch(world)
            if fixed.returncode != 0 or \
                    lines_in(snapshot(world)) != oracle.now():
                luck.must(run, False, "not healed by the next fetch: %s" %
                          fixed)
        oracle.settle()
    damage.say("%d times a fetch without faults had to heal" % healed)
    luck.end()


@story("the first fetch of all, out of luck: no snapshot, or a right one",
       needs=("cc", "preload"),
       config={"fresh": "1h", "retry": "0s", "timeout": "2s",
               "sources": "project personal"})
def unlucky_first(world):
    portal = Portal(world)
    portal.list(True)
    oracle = Oracle(portal)
    luck = Unlucky(world, "unlucky_first", calls=3)
    for _ in range(FIRSTS):
        put_snapshot(world, None)
        run = luck.run("fetcher", *fetcher_command(world)[1:])
        luck.must(run, run.code in (0, 1), "an exit code that it has not")
        if not os.path.exists(os.path.join(world.cache, "keys.cdb")):
            luck.must(run, run.code == 1, "no snapshot, and exit 0")
            continue
        found = outcomes(world)
        lines = lines_in(snapshot(world))
        keys = {name: portal.keys[name] for name in SOURCES
                if found[name] == "new"}
        # Without policy or list nobody gets in.
        right = oracle.lines(keys, portal.denied, portal.options)
        luck.must(run, lines == right or not lines and run.lost(
            "open", "read", "lstat", "stat", "fstat", "malloc", "realloc"),
            "lines that are not right: %s" % sorted(lines))
    luck.end()


@story("a fetch that hangs, whatever in it does: it ends itself, and logins "
       "are answered meanwhile and after it", needs=("cc", "preload"),
       config={"fresh": "0s", "retry": "0s", "timeout": "1s",
               "connect-timeout": "1s"})
def unlucky_hang(world):
    portal = Portal(world)
    lines = world.lines("root")
    assert len(lines) == 3
    luck = Unlucky(world, "unlucky_hang")
    run = luck.run("lookup", "-c", world.config_file, "root", how="1 1 h",
                   seconds=1 + OVERTIME)
    # Its fetcher has our standard error, and so we have waited for it.
    luck.must(run, run.out.splitlines() == lines, "not the old lines")
    luck.must(run, "did not end in time" in run.err and
              "it hangs, and ends itself" in run.err, "not ended")
    luck.must(run, OVERTIME < run.took, "ended too soon")
    assert not world.left_running(0.2)
    portal.change("project")
    after = world.lines("root")
    assert len(after) == 3 and after != lines
    luck.end()


@story("libseccomp out of memory, which it does not bear: it costs no more "
       "than that fetch", needs=("cc", "preload"),
       config={"fresh": "1h", "retry": "0s", "timeout": "1s",
               "connect-timeout": "1s", "sources": "project personal"})
def unlucky_filter(world):
    portal = Portal(world)
    oracle = Oracle(portal)
    assert damage.fetch(world).returncode == 0
    luck = Unlucky(world, "unlucky_filter")
    ends = {}
    for _ in range(FILTERS):
        portal.change("project")
        before = snapshot(world)
        run = luck.run("fetcher", *fetcher_command(world)[1:],
                       how="%d 1000 ml" % luck.random.randrange(1 << 32),
                       seconds=1 + OVERTIME, may_die=True)
        ends[run.code] = ends.get(run.code, 0) + 1
        after = snapshot(world)
        luck.must(run, after == before or
                  lines_in(after) in oracle.allowed(outcomes(world)),
                  "lines that are not right")
        assert damage.fetch(world).returncode == 0
        assert lines_in(snapshot(world)) == oracle.now()
        assert set(os.listdir(world.cache)) - {"log.state"} == {
            "fetch.lock", "keys.cdb"}
        oracle.settle()
        if "it hangs" in run.err:
            break
    damage.say("how it ended, by exit code or signal: %s" % ends)
    luck.end()

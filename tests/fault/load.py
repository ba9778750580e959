# SPDX-License-Identifier: ISC
"""Many logins at once."""

import os
import re
import signal
import threading
import time

import damage
from clock import HOUR, library
from damage import start_lookup, timeout_of
from story import story

MANY = 200  # lookups
LOGINS = 40  # through sshd, two lookups each
SOURCES = ["device", "personal", "project"]


def asked(world):
    return sorted(row["source"] for row in world.portal.requests()
                  if row["source"] in SOURCES)


def make_old(world):
    """A snapshot of an hour ago, by a fetcher whose clock is late."""
    how = damage.as_service(world)["env"]
    how = {**how, "LD_PRELOAD": library(),
           "FAKETIME": "-%ds" % HOUR}
    result = damage.fetch(world, env=how)
    assert result.returncode == 0, result
    world.portal.forget_requests()


class Lookups:
    """Started one after the other without a pause, or with one; each must
    end in time whatever the others do."""

    def __init__(self, world, count, pause=0.0, words=("root",)):
        self.took, self.results = [], []
        self.lock = threading.Lock()
        self.world, self.words = world, words
        threads = []
        for _ in range(count):
            thread = threading.Thread(target=self.look)
            thread.start()
            threads.append(thread)
            if pause:
                time.sleep(pause)
        for thread in threads:
            thread.join()
        assert len(self.results) == count

    def look(self):
        start = time.monotonic()
        process = start_lookup(self.world, *self.words)
        out, err = process.communicate(timeout=60)
        with self.lock:
            self.took.append(time.monotonic() - start)
            self.results.append((process.returncode, out, err))

    def must_be(self, code, *keys):
        for result in self.results:
            assert result[0] == code, result
            lines = result[1].splitlines()
            assert len(lines) == len(keys), result
            assert all(key.public in result[1] for key in keys), result


def logins_at_once(world, keys, count):
    """Seconds that they took; keys: what is offered in turn, and whether it
    opens."""
    start = time.monotonic()
    started = [(world.clients.start([key], "root"), opens)
               for key, opens in (keys * count)[:count]]
    for process, opens in started:
        out, err = process.communicate(timeout=60)
        login = world.clients.judge(process.returncode, out, err, 0)
        assert login.open == opens, (login, opens)
    return time.monotonic() - start


@story("200 lookups at once on a stale snapshot: one fetch in all, and 200 "
       "right answers", needs=("faketime",),
       config={"fresh": "30s", "timeout": "8s"})
def load_lookups(world):
    old, new = world.new_key(), world.new_key()
    ident = world.add(old, "alice")
    make_old(world)
    world.portal.remove_key(ident)
    world.add(new, "project")
    world.portal.break_("project", "delay:0.5")
    Lookups(world, MANY).must_be(0, new)
    assert asked(world) == SOURCES, asked(world)
    damage.must_be_tidy(world)


@story("the same with no snapshot at all: a machine that has just booted",
       config={"fresh": "30s", "timeout": "8s"})
def load_no_snapshot(world):
    key = world.new_key()
    world.add(key, "alice")
    world.portal.break_("project", "delay:0.5")
    Lookups(world, 60).must_be(0, key)
    assert asked(world) == SOURCES, asked(world)
    damage.must_be_tidy(world)


@story("logins through sshd at once on a stale snapshot: one fetch, and each "
       "is let in or refused as it should", needs=("faketime",),
       config={"fresh": "60s", "timeout": "8s"})
def load_logins(world):
    old, new, unknown = (world.new_key() for _ in range(3))
    ident = world.add(old, "alice")
    world.start_sshd()
    make_old(world)
    world.portal.remove_key(ident)
    world.add(new, "project")
    took = logins_at_once(world, [(new, True), (old, False),
                                  (unknown, False)], LOGINS)
    damage.say("%d logins in %.1f s" % (LOGINS, took))
    assert asked(world) == SOURCES, asked(world)
    damage.must_be_tidy(world)


@story("a storm under a portal that hangs: one wait in all, not one for each",
       needs=("faketime",), config={"fresh": "5s", "timeout": "3s",
                                    "retry": "5m"})
def load_storm(world):
    key = world.new_key()
    world.add(key, "alice")
    assert world.lines("root")
    # What this machine takes for as many that don't wait for anything.
    plain = max(Lookups(world, 60).took)
    make_old(world)
    world.portal.break_("all", "hang")
    start = time.monotonic()
    first = Lookups(world, 60, pause=0.04)
    took = time.monotonic() - start
    first.must_be(0, key)
    assert asked(world) == SOURCES, asked(world)
    # Whoever comes later waits for what is left of the first one's wait.
    assert took <= timeout_of(world) + 1 + plain, (took, plain)
    second = Lookups(world, 60)
    second.must_be(0, key)
    assert asked(world) == SOURCES, asked(world)
    damage.say("60 within 2.4 s: all answered after %.1f s; 60 more: after "
               "%.2f s at most (with a portal: %.2f s)" % (
                   took, max(second.took), plain))
    assert max(second.took) < timeout_of(world) / 2 + plain, (
        max(second.took), plain)
    damage.must_be_tidy(world)


@story("the same through sshd, and with a portal that refuses connections",
       needs=("faketime",), config={"fresh": "5s", "timeout": "3s",
                                    "retry": "5m"})
def load_storm_logins(world):
    key, unknown = world.new_key(), world.new_key()
    world.add(key, "alice")
    world.start_sshd()
    offers = [(key, True), (unknown, False)]
    # Of sixteen logins at once most of the time is sshd's own.
    plain = logins_at_once(world, offers, 16)
    make_old(world)
    world.portal.break_("all", "hang")
    took = logins_at_once(world, offers, 16)
    assert asked(world) == SOURCES, asked(world)
    again = logins_at_once(world, offers, 16)
    damage.say("16 logins in %.1f s, 16 more in %.1f s (with a portal: "
               "%.1f s)" % (took, again, plain))
    assert took < timeout_of(world) + 1 + 2 * plain, (took, plain)
    assert again < 1 + 2 * plain, (again, plain)
    assert asked(world) == SOURCES, asked(world)
    world.portal.clear()
    make_old(world)
    world.portal.stop()
    took = logins_at_once(world, offers, 16)
    assert took < 1 + 2 * plain, (took, plain)
    damage.must_be_tidy(world)


@story("a storm with no snapshot and a portal that hangs: one wait, no "
       "answer, and why", config={"timeout": "2s", "retry": "5m"})
def load_storm_empty(world):
    world.add(world.new_key(), "alice")
    world.portal.break_("all", "hang")
    first = Lookups(world, 40)
    first.must_be(1)
    assert all("no answer" in err for _, _, err in first.results)
    second = Lookups(world, 40)
    second.must_be(1)
    assert max(second.took) < timeout_of(world), \
        "each waits anew: %s" % max(second.took)
    assert max(first.took) <= timeout_of(world) + 1 + max(second.took), \
        (max(first.took), max(second.took))


def count_held(texts):
    """The lines that these say were held back."""
    found = (re.search(r"and (\d+) more like it in|(\d+) more in", text)
             for text in texts)
    return sum(int(m.group(1) or m.group(2)) for m in found if m)


@story("200 lookups under a dead portal: a handful of lines, which say later "
       "how many more there were; another reason is told at once",
       needs=("faketime", "log"), config={"fresh": "1s", "timeout": "3s",
                                          "retry": "5m"})
def load_log(world):
    key = world.new_key()
    world.add(key, "alice")
    make_old(world)
    world.portal.stop()
    mark = world.mark()
    Lookups(world, MANY).must_be(0, key)
    texts = world.told(mark, "packet-authorized-keys")
    assert all(t.startswith("[failed-source] user root: old keys; ")
               and "refused" in t for t in texts), texts
    # Burst and a few that looked at the same moment.
    assert 5 <= len(texts) <= 15, texts
    time.sleep(1.1)
    mark = world.mark()
    world.portal.start()
    world.portal.break_("all", "status:503")
    damage.fetch(world)
    assert world.lines("root", key.fingerprint)
    assert world.said("user root", "answered 503", mark=mark)
    assert any(t.startswith("[failed-source] source ")
               for t in world.told(mark, "packet-keysd"))
    # By then there may be more of the first kind; a fetch says what is due.
    mark = world.mark()
    how = damage.as_service(world)["env"]
    damage.fetch(world, env={**how, "LD_PRELOAD": library(),
                             "FAKETIME": "+%ds" % 180})
    rest = world.told(mark, "packet-keysd")
    held = count_held(t for t in rest if "user root" in t)
    damage.say("200 lookups: %d lines, %d more said to be held back" % (
        len(texts), held))
    # What two write at the same moment without the lock counts once.
    assert (MANY - len(texts)) * 3 // 4 <= held <= MANY, rest
    assert any(re.search(r"more in [1-9]\d* (s|min)", t) for t in rest), rest


@story("a fetcher that was stopped and holds the lock: cached keys open in "
       "time, no others, and with its end all is well",
       config={"timeout": "2s"})
def load_stopped(world):
    key, new, unknown = (world.new_key() for _ in range(3))
    world.add(key, "alice")
    world.must_open(key)
    world.portal.break_("all", "hang")
    first = start_lookup(world, "root")
    fetcher = damage.wait_for_fetcher(world)
    os.kill(fetcher, signal.SIGSTOP)
    try:
        # (Its standard error is the fetcher's too; sshd reads neither.)
        assert key.public in first.stdout.read()
        assert first.wait(5) == 0
        world.portal.clear()
        world.add(new, "alice")
        for _ in range(2):
            result = damage.timed_lookup(world, "root", key.fingerprint)
            assert key.public in result.stdout, result
            assert "did not end in time" in result.stderr, result
        world.must_open(key)
        world.must_refuse(unknown)
    finally:
        os.kill(fetcher, signal.SIGKILL)
    world.must_open(new)
    damage.must_be_tidy(world)

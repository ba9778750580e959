# SPDX-License-Identifier: ISC
"""A clock that is wrong, and one that comes right.

sshd and the lookup start what they start with an empty environment, so
LD_PRELOAD would not reach them all.  An /etc of our own, with libfaketime in
ld.so.preload and the shift in faketimerc, reaches every program from sshd to
the fetcher.  (libfaketime shifts the monotonic clock as well, which only
deadlines within a process use; it is the same for all.)
"""

import contextlib
import glob
import os
import shutil
import subprocess
import time

import private
from damage import timed_lookup
from story import story

MINUTE, HOUR, DAY = 60, 3600, 86400


def library():
    return glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")[0]


class Clock:
    def __init__(self, etc):
        self.etc = etc
        self.now = 0

    def put(self, name, text):
        with open(os.path.join(self.etc, name), "w") as out:
            out.write(text)

    def set(self, seconds):
        """So much later than it is, from the next process on."""
        self.now = seconds
        self.put("faketimerc", "%+d\n" % seconds)


@contextlib.contextmanager
def own_clock(world):
    etc, shm = world.path("etc"), world.path("shm")
    subprocess.run(["cp", "-a", "/etc", etc], check=True)
    os.mkdir(shm)
    clock = Clock(etc)
    clock.set(0)
    clock.put("ld.so.preload", library() + "\n")
    # What libfaketime leaves behind of processes that end by _exit.
    private.mount("tmpfs", shm, "tmpfs", data="mode=1777")
    private.mount(shm, "/dev/shm", flags=private.MS_BIND)
    private.mount(etc, "/etc", flags=private.MS_BIND)
    try:
        seen = subprocess.run(["date", "+%s"], stdout=subprocess.PIPE, env={},
                              check=True).stdout
        assert abs(int(seen) - time.time()) < 5, seen
        clock.set(DAY)
        seen = subprocess.run(["date", "+%s"], stdout=subprocess.PIPE, env={},
                              check=True).stdout
        assert abs(int(seen) - time.time() - DAY) < 5, "libfaketime is idle"
        clock.set(0)
        yield clock
    finally:
        for place in ("/etc", "/dev/shm", shm):
            private.unmount(place)
        shutil.rmtree(etc)


def to_1970():
    """The third of January 1970."""
    return int(2 * DAY - time.time())


def must_hold(world, *keys, user="root"):
    """These keys open the account, and no others: all lines, and one by
    one.  (sshd's own word is asked for where the story is about it.)"""
    result = timed_lookup(world, user)
    blobs = {line.split("ssh-ed25519 ")[1].split()[0]
             for line in result.stdout.splitlines()}
    assert blobs == {key.public.split()[1] for key in keys}, result


@story("the clock back in 1970, portal dead or up: nobody is locked out, and "
       "what is removed stops", needs=("log", "faketime"),
       config={"timeout": "2s"})
def clock_1970(world):
    key, new, unknown = (world.new_key() for _ in range(3))
    ident = world.add(key, "alice")
    with own_clock(world) as clock:
        world.must_open(key)
        world.portal.stop()
        clock.set(to_1970())
        world.must_open(key)
        world.must_open(key)
        world.must_refuse(unknown)
        world.portal.start()
        world.add(new, "project")
        world.must_open(new)
        world.portal.remove_key(ident)
        world.must_refuse(key)
        # All that is known was confirmed in 1970, and counts as that old.
        world.portal.stop()
        world.must_open(new)
        clock.set(0)
        must_hold(world)
        world.must_refuse(new)
        world.portal.start()
        world.must_open(new)
        world.must_refuse(key)


@story("a first boot in 1970, and then the clock is set: both work at once",
       needs=("log", "faketime"), config={"fresh": "1h"})
def clock_first_boot(world):
    key, new = world.new_key(), world.new_key()
    world.add(key, "alice")
    with own_clock(world) as clock:
        clock.set(to_1970())
        world.must_open(key)
        world.must_open(key)
        clock.set(0)
        world.add(new, "alice")
        world.must_open(new)
        world.must_open(key)


@story("a year ahead and back again: old keys are stale there, and open here "
       "again", needs=("log", "faketime"), config={"timeout": "2s"})
def clock_year_ahead(world):
    key, new, unknown = (world.new_key() for _ in range(3))
    ident = world.add(key, "alice")
    with own_clock(world) as clock:
        world.must_open(key)
        world.portal.stop()
        clock.set(366 * DAY)
        must_hold(world)
        world.must_refuse(key)
        clock.set(0)
        world.must_open(key)
        world.must_refuse(unknown)
        # The same with a snapshot of the future.
        world.portal.start()
        clock.set(366 * DAY)
        world.must_open(key)
        world.portal.stop()
        world.must_open(key)
        clock.set(0)
        world.must_open(key)
        world.must_refuse(unknown)
        world.portal.start()
        world.add(new, "project")
        world.must_open(new)
        world.portal.remove_key(ident)
        world.must_refuse(key)


@story("a failure in the future, and the clock comes back: the portal is "
       "asked at once, not in a year", needs=("log", "faketime"),
       config={"timeout": "2s", "retry": "5m"})
def clock_backoff(world):
    key, new = world.new_key(), world.new_key()
    world.add(key, "alice")
    with own_clock(world) as clock:
        world.must_open(key)
        clock.set(366 * DAY)
        world.portal.break_("all", "status:429", retry_after="3600")
        must_hold(world)
        world.portal.clear()
        clock.set(0)
        world.add(new, "alice")
        world.must_open(new)


def stale_holds(world, clock):
    key = world.new_key()
    ident = world.add(key, "alice")
    clock.set(0)
    must_hold(world, key)
    world.portal.stop()
    for at, holds in ((0, True), (59 * MINUTE, True), (61 * MINUTE, False),
                      (DAY, False),
                      # Back: an hour from the first time that it is seen.
                      (-DAY, True), (-DAY + 58 * MINUTE, True),
                      (-DAY + 62 * MINUTE, False), (-HOUR, False),
                      # Right again, within the hour.
                      (10 * MINUTE, True), (61 * MINUTE, False)):
        clock.set(at)
        try:
            must_hold(world, *[key] * holds)
        except AssertionError as error:
            raise AssertionError("at %+d s: %s" % (at, error)) from error
    world.must_refuse(key)
    clock.set(30 * MINUTE)
    world.must_open(key)
    world.portal.start()
    world.portal.remove_key(ident)
    clock.set(0)
    world.configure(retry="0s")
    must_hold(world)


@story("however the clock jumps, keys older than `stale` are not printed",
       needs=("log", "faketime"), config={"stale": "1h", "timeout": "2s"})
def clock_stale(world):
    with own_clock(world) as clock:
        stale_holds(world, clock)


@story("the same while the portal isn't asked: nothing is written, and it "
       "still holds", needs=("log", "faketime"),
       config={"stale": "1h", "timeout": "2s", "fresh": "1d"})
def clock_stale_unwritten(world):
    key = world.new_key()
    world.add(key, "alice")
    with own_clock(world) as clock:
        must_hold(world, key)
        world.portal.forget_requests()
        clock.set(59 * MINUTE)
        must_hold(world, key)
        clock.set(61 * MINUTE)
        must_hold(world)
        world.must_refuse(key)
        assert world.portal.requests() == []
        clock.set(59 * MINUTE)
        world.must_open(key)


def stamp(seconds, form):
    return time.strftime(form, time.gmtime(time.time() + seconds))


class Expiring:
    """Keys that stop in about a month, each for a reason of its own, one
    that doesn't, and two that have stopped long ago."""

    def __init__(self, world):
        self.world = world
        self.plain, self.tagged, self.aged, self.gone, self.old = (
            world.new_key() for _ in range(5))
        world.policy(
            keys={"max_age": "365d"},
            users={"root": {"sources": ["personal"]},
                   "deploy": {"owners": ["alice@example.com"],
                              "options": "expiry-time=\"%s\"" % stamp(
                                  30 * DAY, "%Y%m%d")}})
        iso = "%Y-%m-%dT%H:%M:%SZ"
        world.add(self.plain, "alice")
        world.add(self.tagged, "alice",
                  tags=["expires:" + stamp(30 * DAY, "%Y-%m-%d")])
        world.add(self.aged, "alice", created_at=stamp(-335 * DAY, iso))
        world.add(self.gone, "alice", tags=["expires:2020-01-01"])
        world.add(self.old, "alice", created_at=stamp(-400 * DAY, iso))

    def must_be(self, alive):
        """alive: it is a day on which the first three open."""
        month = (self.tagged, self.aged) if alive else ()
        must_hold(self.world, self.plain, *month)
        must_hold(self.world, *(self.plain, *month) if alive else (),
                  user="deploy")


@story("tag, expiry-time and max_age: over when the clock says so, portal up, "
       "sick or not asked; and not over when it comes back",
       needs=("log", "faketime"), config={"timeout": "2s", "stale": "3650d"})
def clock_expired(world):
    keys = Expiring(world)
    with own_clock(world) as clock:
        for fresh in ("0s", "1d"):
            world.configure(fresh=fresh)
            clock.set(0)
            keys.must_be(True)
            for kind in (None, "status:503"):
                if kind is not None:
                    world.portal.break_("all", kind)
                for days, alive in ((29, True), (32, False), (366 + 32, None),
                                    (32, False), (0, True)):
                    clock.set(days * DAY)
                    if alive is None:
                        must_hold(world)  # max_age of the first one, too
                        continue
                    keys.must_be(alive)
                world.portal.clear()
        clock.set(32 * DAY)
        for key in (keys.tagged, keys.aged, keys.gone, keys.old):
            world.must_refuse(key)
        world.must_open(keys.plain)


@story("keys that have expired stay out when the clock goes back to where "
       "they hadn't", needs=("log", "faketime"),
       config={"timeout": "2s", "stale": "3650d"})
def clock_expired_1970(world):
    keys = Expiring(world)
    with own_clock(world) as clock:
        keys.must_be(True)
        for kind in (None, "status:503"):
            if kind is not None:
                world.portal.break_("all", kind)
            clock.set(to_1970())
            world.must_open(keys.plain)
            keys.must_be(True)
            world.must_refuse(keys.gone)
            world.must_refuse(keys.old)
            world.portal.clear()
            clock.set(0)
            keys.must_be(True)

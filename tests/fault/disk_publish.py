# SPDX-License-Identifier: ISC
"""The fetcher killed, the power lost, readers in the way: there is always a
whole snapshot, the old one or the new one."""

import os
import re
import subprocess
import threading
import time

import damage
from machine import find
from story import story

KILLS = 200
KEYS = 400  # so that a good part of a fetch is spent on writing
READERS, READS = 3, 340


def rounds_of(world, count):
    """Portals: each has one key that those before had not, and lacks one."""
    keys = [world.new_key() for _ in range(4)]
    ident = None
    for number in range(count):
        if ident is not None:
            world.portal.remove_key(ident)
        key = keys[number % len(keys)]
        ident = world.add(key, "project")
        yield key


def kill_after(world, seconds):
    """A fetch that is killed then; whether it still ran."""
    process = subprocess.Popen(damage.fetcher_command(world),
                               stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL,
                               **damage.as_service(world))
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
    return process.wait() == -9


def size_of(folder):
    return sum(os.stat(os.path.join(folder, name)).st_size
               for name in os.listdir(folder))


def time_of_fetch(world):
    took = []
    for _ in range(5):
        start = time.monotonic()
        assert damage.fetch(world).returncode == 0
        took.append(time.monotonic() - start)
    return sorted(took)[2]


@story("kill -9 of the fetcher at 200 moments: always a whole snapshot, old "
       "or new, and nothing that grows", config={"fresh": "1h"})
def disk_kill(world):
    world.portal.do("add_many_keys", count=KEYS,
                    user=world.portal.ids["alice"])
    span = time_of_fetch(world)
    numbers = damage.chance("kills")
    last = sorted(world.lines("root"))
    size = size_of(world.cache)
    killed = fresh = half = fetches = 0
    for key in rounds_of(world, 3 * KILLS):
        fetches += 1
        killed += kill_after(world, numbers.uniform(0, 1.15 * span))
        half += os.path.exists(os.path.join(world.cache, "keys.cdb.new"))
        # A hit: nothing is fetched meanwhile.
        lines = world.lines("root")
        assert len(lines) in (KEYS, KEYS + 1), len(lines)
        if sorted(lines) != last:
            assert sum(key.public in line for line in lines) == 1, \
                "neither the old snapshot nor the new one"
            last = sorted(lines)
            fresh += 1
        names = set(os.listdir(world.cache))
        assert names <= {"fetch.lock", "keys.cdb", "keys.cdb.new",
                         "log.state"}, names
        assert size_of(world.cache) < 3 * size, "the folder grows"
        if killed % 25 == 0:
            assert world.tool("status").returncode in (0, 1)
            assert len(world.json("list", "root")) > 0
        if killed == KILLS:
            break
    damage.say("%d of %d killed, %d snapshots new, %d half written" % (
        killed, fetches, fresh, half))
    assert killed == KILLS and fresh > 5 and half > KILLS / 10
    assert damage.fetch(world).returncode == 0
    damage.must_be_tidy(world)
    world.must_open(key)


CHANGES = ("write", "pwrite64", "writev", "ftruncate", "fallocate")
CALL = re.compile(r"^(?:\d+ +)?(\w+)\((.*)\) += (-?\d+)")


def calls_of(world):
    """[(name, arguments, result)] of a fetch, in order."""
    trace = world.path("trace")
    subprocess.run(
        [find("strace"), "-f", "-o", trace, "-e", "trace=openat,write,"
         "pwrite64,writev,ftruncate,fallocate,fsync,rename,renameat,"
         "renameat2", *damage.fetcher_command(world)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True,
        timeout=60)
    with open(trace, errors="replace") as text:
        found = [CALL.match(row) for row in text]
    return [m.groups() for m in found if m]


@story("the power may go at any moment: the snapshot is synced before its "
       "name is there, the folder after", needs=("strace",))
def disk_order(world):
    key = world.new_key()
    world.add(key, "alice")
    for _ in range(2):  # the first one, and one in place of another
        calls = calls_of(world)
        made = next(i for i, (name, words, fd) in enumerate(calls)
                    if name == "openat" and '"keys.cdb.new"' in words
                    and int(fd) >= 0 and "O_CREAT" in words)
        fd = calls[made][2]
        renames = [i for i, (name, words, result) in enumerate(calls)
                   if name.startswith("rename") and result == "0"]
        assert len(renames) == 1, calls
        words = re.match(r'(\d+), "keys.cdb.new", (\d+), "keys.cdb"',
                         calls[renames[0]][1])
        assert words and words.group(1) == words.group(2), calls[renames[0]]
        # After the rename the number may be another file's.
        changes = [i for i in range(made, renames[0])
                   if calls[i][0] in CHANGES
                   and calls[i][1].split(",")[0] == fd]
        syncs = [i for i in range(made, renames[0])
                 if calls[i] == ("fsync", fd, "0")]
        assert changes and syncs, calls
        assert max(changes) < max(syncs), calls
        assert ("fsync", words.group(1), "0") in calls[renames[0]:], calls
    world.must_open(key)


class Swapper(threading.Thread):
    """Puts one of two snapshots in place of the other, without end."""

    def __init__(self, snap, texts):
        super().__init__()
        self.snap, self.texts = snap, texts
        self.over = threading.Event()
        self.count = 0
        self.error = None

    def run(self):
        try:
            while not self.over.is_set():
                self.snap.put(self.texts[self.count % 2])
                self.count += 1
                time.sleep(0.0005)  # the lookups' parent is this process
        except OSError as error:
            self.error = error


@story("a snapshot that is replaced without end while a thousand lookups read "
       "it: none fails", config={"fresh": "1h"})
def disk_replaced(world):
    snap = damage.Damaged(world)
    new = world.new_key()
    world.add(new, "project")
    assert damage.fetch(world).returncode == 0
    good = [snap.lines["root"], world.lines("root")]
    with open(snap.path, "rb") as data:
        swapper = Swapper(snap, [snap.bytes, data.read()])
    over = threading.Event()
    seen, wrong, fetches = [0, 0], [], [0]

    def read():
        for _ in range(READS):
            result = damage.timed_lookup(world, "root")
            lines = result.stdout.splitlines()
            if result.returncode == 0 and lines in good:
                seen[good.index(lines)] += 1
            else:
                wrong.append(result)

    def write():
        while not over.is_set():
            assert damage.fetch(world).returncode == 0
            fetches[0] += 1

    readers = [threading.Thread(target=read) for _ in range(READERS)]
    writer = threading.Thread(target=write)
    for thread in (swapper, writer, *readers):
        thread.start()
    for thread in readers:
        thread.join()
    over.set()
    swapper.over.set()
    writer.join()
    swapper.join()
    damage.say("%d lookups (%d old, %d new) while replaced %d times, and by "
               "%d fetches" % (sum(seen), *seen, swapper.count, fetches[0]))
    assert not wrong, wrong[:3]
    assert swapper.error is None, swapper.error
    assert sum(seen) == READERS * READS and min(seen) > 0, seen
    assert swapper.count > 200 and fetches[0] > 10
    assert damage.fetch(world).returncode == 0
    damage.must_be_tidy(world)

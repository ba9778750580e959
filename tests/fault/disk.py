# SPDX-License-Identifier: ISC
"""Snapshots that are not what the fetcher wrote."""

import collections
import os
import socket
import stat

import damage
from damage import Damaged
from story import story

BITS = 1000  # variants
TOOL_EACH = 40  # how often the administrator's tool looks as well


def must_not_crash(world):
    for words in (("list", "root"), ("status",)):
        result = world.tool(*words)
        assert result.returncode in (0, 1, 2), result


def cuts(data):
    """A few hundred places: all over the tables, and at, before and after
    each border."""
    places = {0, 1, len(data) - 1, *range(0, damage.TABLES, 64)}
    places.update(range(0, len(data), max(1, len(data) // 150)))
    for at, key, value, size in damage.records(data):
        places.update((at - 1, at, at + 4, at + 8, value, value + 8,
                       value + size - 1, value + len(key)))
    return sorted(p for p in places if 0 <= p < len(data))


@story("a snapshot cut anywhere, portal dead: never a wrong line, never a "
       "crash, and said why", config={"fresh": "1h", "timeout": "2s"})
def disk_cut(world):
    snap = Damaged(world)
    places = cuts(snap.bytes)
    assert len(places) >= 250, len(places)
    world.portal.stop()
    seen = collections.Counter()
    for number, place in enumerate(places):
        snap.put(snap.bytes[:place])
        if number % TOOL_EACH == 0:
            must_not_crash(world)
        user = Damaged.ACCOUNTS[number % 2]
        which = snap.key.fingerprint if number // 2 % 2 else None
        seen[snap.ask(user, which, part=True)] += 1
    damage.say("%d places: %s" % (len(places), dict(seen)))
    snap.put(snap.bytes)
    snap.ask("root", whole=True)


@story("a snapshot cut anywhere, portal up: the next login works again",
       config={"timeout": "2s"})
def disk_cut_heals(world):
    snap = Damaged(world)
    for place in cuts(snap.bytes)[::6]:
        snap.put(snap.bytes[:place])
        snap.ask("root", whole=True)
    snap.put(b"")
    world.must_open(snap.key)
    damage.must_be_tidy(world)


def flipped(data, numbers, count=1):
    copy = bytearray(data)
    for _ in range(count):
        copy[numbers.randrange(len(copy))] ^= 1 << numbers.randrange(8)
    return bytes(copy)


def ask_of(snap, number, **more):
    """Both accounts in turn, and one key or all of them."""
    user = Damaged.ACCOUNTS[number % 2]
    which = snap.key.fingerprint if number // 2 % 2 else None
    return snap.ask(user, which, **more)


def flip_all(world, name, variants):
    """One bit shuts nobody out; a handful may, but lets nobody in."""
    snap = Damaged(world)
    world.portal.stop()
    numbers = damage.chance(name)
    seen = collections.Counter()
    for number in range(variants):
        count = numbers.choice((1, 1, 1, 2, 8))
        snap.put(flipped(snap.bytes, numbers, count))
        if number % TOOL_EACH == 0:
            must_not_crash(world)
        outcome = ask_of(snap, number, whole=count == 1, part=count != 1)
        seen[count, outcome] += 1
        if count == 1:
            # by what has been written in its place, if anything has
            ask_of(snap, number + 1, whole=True)
    damage.say("%d variants: %s" % (variants, ", ".join(
        "%d bits: %s %d" % (*what, n) for what, n in sorted(seen.items()))))


@story("a thousand snapshots with flipped bits, portal dead: one bit shuts "
       "nobody out; never a wrong line, never a crash",
       config={"fresh": "1h", "timeout": "2s"})
def disk_bits(world):
    flip_all(world, "bits", BITS)


@story("the same where each login asks the dead portal, and a new snapshot "
       "is made of what the old one holds", config={"timeout": "2s"})
def disk_bits_old(world):
    flip_all(world, "bits of old ones", BITS // 4)


@story("flipped bits, portal up or sick: the next fetch makes all good again, "
       "or keeps what it can", config={"timeout": "2s"})
def disk_bits_heal(world):
    snap = Damaged(world)
    numbers = damage.chance("bits that heal")
    for number in range(120):
        count = numbers.choice((1, 1, 1, 2, 8))
        snap.put(flipped(snap.bytes, numbers, count))
        if number % 2:
            world.portal.break_("all", "status:503")
            snap.ask("root", whole=count == 1, part=count != 1)
            world.portal.clear()
        snap.ask("root", whole=True)
        snap.ask("deploy", snap.key.fingerprint, whole=True)
    damage.must_be_tidy(world)


@story("a damaged record counts as a missing snapshot: the portal is asked at "
       "once, however fresh the rest", config={"fresh": "1h"})
def disk_record(world):
    snap = Damaged(world)
    for _, key, at, size in damage.records(snap.bytes):
        data = bytearray(snap.bytes)
        data[at + size - 1] ^= 1
        snap.put(data)
        try:
            snap.ask("root", whole=True)
            snap.ask("root", snap.key.fingerprint, whole=True)
            snap.ask("deploy", snap.key.fingerprint, whole=True)
        except AssertionError as error:
            raise AssertionError("record %r: %s" % (key, error)) from error


@story("a snapshot of a newer or older version counts as none",
       config={"fresh": "1h"})
def disk_version(world):
    snap = Damaged(world)
    for change in (1, 1000, -1):
        data = damage.with_version(snap.bytes, change)
        world.portal.stop()
        snap.put(data)
        must_not_crash(world)
        result = damage.timed_lookup(world, "root")
        assert result.returncode == 1 and result.stdout == "", result
        assert "another version" in result.stderr, result
        world.portal.start()
        snap.put(data)
        snap.ask("root", whole=True)
    snap.put(damage.with_version(snap.bytes, 1))
    world.must_open(snap.key)


# Each makes something else of path, which has the snapshot's bytes.

def anothers(world, path):
    os.chown(path, 12345, 12345)
    os.chmod(path, 0o644)  # there to be read


def for_group(world, path):
    os.chmod(path, 0o660)


def for_all(world, path):
    os.chmod(path, 0o666)


def link_to_copy(world, path):
    os.rename(path, path + ".copy")
    os.symlink(path + ".copy", path)


def link_to_nothing(world, path):
    os.unlink(path)
    os.symlink("/nonexistent", path)


def fifo(world, path):
    os.unlink(path)
    os.mkfifo(path, 0o640)
    os.chown(path, world.service.pw_uid, world.service.pw_gid)


def unix_socket(world, path):
    os.unlink(path)
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(path)


def device(world, path):
    """zero(4): a file without an end."""
    os.unlink(path)
    os.mknod(path, 0o640 | stat.S_IFCHR, os.makedev(1, 5))
    os.chown(path, world.service.pw_uid, world.service.pw_gid)


def folder(world, path):
    os.unlink(path)
    os.mkdir(path)


KINDS = (anothers, for_group, for_all, link_to_copy, link_to_nothing, fifo,
         unix_socket, device, folder)


def clean(cache):
    """Only what the fetcher makes, or nothing, is left for the next kind."""
    for name in os.listdir(cache):
        path = os.path.join(cache, name)
        if name.endswith(".copy"):
            os.unlink(path)
        elif os.path.isdir(path) and not os.path.islink(path):
            os.rmdir(path)


@story("another's snapshot, one that others may write to, a link, FIFO, "
       "socket, device or folder: counts as none, and never hangs",
       config={"timeout": "2s"})
def disk_kinds(world):
    snap = Damaged(world)
    for kind in KINDS:
        for up in (False, True):
            snap.put(snap.bytes)
            kind(world, snap.path)
            before = os.path.exists(snap.path + ".copy")
            if up:
                world.portal.start()
                result = world.login(snap.key)
                assert result.open == (kind is not folder), kind.__name__
            else:
                world.portal.stop()
                must_not_crash(world)
                result = damage.timed_lookup(world, "root")
                assert result.returncode == 1, (kind.__name__, result)
                assert result.stdout == "" and "keys.cdb" in result.stderr, \
                    (kind.__name__, result)
            if kind is folder and up:
                assert world.said("keys.cdb", "Is a directory",
                                  seconds=2) is not False
            # What the link led to is nobody's business.
            assert before == os.path.exists(snap.path + ".copy")
            clean(world.cache)
    world.must_open(snap.key)
    damage.must_be_tidy(world)


@story("the same in place of the lock or of the file that is being written: "
       "the cached key opens, and why nothing is fetched is said",
       config={"timeout": "2s"})
def disk_kinds_beside(world):
    snap = Damaged(world)
    for name in ("fetch.lock", "keys.cdb.new"):
        path = os.path.join(world.cache, name)
        for kind in KINDS:
            damage.fetch(world)
            if not os.path.exists(path):
                with open(path, "wb"):
                    pass
                os.chmod(path, 0o600)
                os.chown(path, world.service.pw_uid, world.service.pw_gid)
            kind(world, path)
            result = damage.timed_lookup(world, "root")
            assert result.stdout.splitlines() == snap.lines["root"], \
                (name, kind.__name__, result)
            clean(world.cache)
            if os.path.lexists(path):
                os.unlink(path)
    world.must_open(snap.key)
    damage.must_be_tidy(world)

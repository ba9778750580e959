# SPDX-License-Identifier: ISC
"""A cache folder that can't be written to, or is not there."""

import contextlib
import os
import time

import damage
import private
from story import story

MS_RDONLY, MS_REMOUNT = 1, 32


@contextlib.contextmanager
def own_disk(world, options):
    """A file system of its own for the cache folder."""
    private.mount("tmpfs", world.cache, "tmpfs", data="mode=750,uid=%d,gid=%d,"
                  "%s" % (world.service.pw_uid, world.service.pw_gid, options))
    try:
        yield
    finally:
        private.unmount(world.cache)


def must_serve(world, key, unknown, *words):
    """The cached key opens in good time, through sshd too; no other does;
    the words are in the log."""
    result = damage.timed_lookup(world, "root", key.fingerprint)
    assert result.returncode == 0 and key.public in result.stdout, result
    assert all(word in result.stderr for word in words), result
    mark = world.mark()
    world.must_open(key)
    if world.log is not None:
        said = [m.text for m in world.log.since(mark)]
        assert any(all(w in text for w in words) for text in said), said
    world.must_refuse(unknown)
    assert damage.timed_lookup(world, "root", unknown.fingerprint
                               ).stdout == ""


def must_say(world, *words):
    """No answer, nothing printed, and why."""
    result = damage.timed_lookup(world, "root")
    assert result.returncode == 1 and result.stdout == "", result
    assert all(word in result.stderr for word in words), result


@story("a cache folder on a read-only file system: cached keys open until "
       "they are stale, no others", needs=("log",),
       config={"timeout": "2s", "stale": "5s"})
def disk_readonly(world):
    key, new = world.new_key(), world.new_key()
    world.add(key, "alice")
    world.start_sshd()
    with own_disk(world, "size=1m"):
        world.must_open(key)
        world.configure(stale="1h")
        world.must_open(key)
        private.mount(None, world.cache, None, MS_REMOUNT | MS_RDONLY)
        world.add(new, "alice")
        must_serve(world, key, new, "Read-only file system")
        private.mount(None, world.cache, None, MS_REMOUNT)
        world.must_open(new)
        world.configure(stale="2s")
        world.must_open(key)
        private.mount(None, world.cache, None, MS_REMOUNT | MS_RDONLY)
        time.sleep(2.1)
        assert damage.timed_lookup(world, "root").stdout == ""
        world.must_refuse(key)
        private.mount(None, world.cache, None, MS_REMOUNT)
        world.must_open(key)
        damage.must_be_tidy(world)


@story("a read-only cache folder that is empty: no answer, and said why",
       needs=("log",), config={"timeout": "2s"})
def disk_readonly_empty(world):
    key = world.new_key()
    world.add(key, "alice")
    with own_disk(world, "size=1m"):
        private.mount(None, world.cache, None, MS_REMOUNT | MS_RDONLY)
        must_say(world, "Read-only file system")
        world.must_refuse(key)
        private.mount(None, world.cache, None, MS_REMOUNT)
        world.must_open(key)


def full_disk(world, options, take, give):
    """Whatever take() takes: with a snapshot, without one, and again."""
    key, new = world.new_key(), world.new_key()
    ident = world.add(key, "alice")
    world.start_sshd()
    with own_disk(world, options):
        world.must_open(key)
        take()
        world.add(new, "alice")
        must_serve(world, key, new, "No space left on device")
        give()
        world.must_open(new)
        take()
        world.portal.remove_key(ident)
        damage.timed_lookup(world, "root")
        give()
        world.must_refuse(key)
        for name in os.listdir(world.cache):
            os.unlink(os.path.join(world.cache, name))
        take()
        must_say(world, "No space left on device")
        world.must_refuse(new)
        give()
        world.must_open(new)
        damage.must_be_tidy(world)


@story("a full disk: cached keys open, others don't, and with room again all "
       "is well by itself", needs=("log",), config={"timeout": "2s"})
def disk_full(world):
    filler = os.path.join(world.cache, "filler")
    full_disk(world, "size=256k", lambda: damage.fill(filler),
              lambda: os.unlink(filler))


@story("no inode left: the same", needs=("log",), config={"timeout": "2s"})
def disk_inodes(world):
    made = []

    def take():
        while True:
            path = os.path.join(world.cache, "filler%d" % len(made))
            try:
                os.mkdir(path)
            except OSError:
                return
            made.append(path)

    def give():
        while made:
            os.rmdir(made.pop())

    full_disk(world, "size=1m,nr_inodes=8", take, give)


@story("no cache folder: no answer, said why; a new one is filled at the next "
       "login", config={"timeout": "2s"})
def disk_missing(world):
    key = world.new_key()
    world.add(key, "alice")
    world.must_open(key)
    os.rename(world.cache, world.cache + ".away")
    must_say(world, world.cache, "No such file")
    world.must_refuse(key)
    os.mkdir(world.cache, 0o750)
    os.chown(world.cache, world.service.pw_uid, world.service.pw_gid)
    world.must_open(key)
    damage.must_be_tidy(world)


@story("a cache folder that others may write to, or that is a file: no "
       "answer, and said why", config={"timeout": "2s"})
def disk_folder_modes(world):
    key = world.new_key()
    world.add(key, "alice")
    world.must_open(key)
    for mode in (0o770, 0o757, 0o1777):
        os.chmod(world.cache, mode)
        must_say(world, world.cache)
        world.must_refuse(key)
    os.chmod(world.cache, 0o750)
    os.rename(world.cache, world.cache + ".away")
    with open(world.cache, "w"):
        pass
    must_say(world, world.cache)
    os.unlink(world.cache)
    os.rename(world.cache + ".away", world.cache)
    world.must_open(key)

# SPDX-License-Identifier: ISC
"""What the stories about disk, clock and load share: snapshots taken apart,
answers held against what may be printed, many lookups at once."""

import errno
import os
import random
import struct
import subprocess
import time

SEED = 0  # set by the runner, which prints it
TABLES = 2048  # bytes in front of a CDB's first record
CAP = 4096  # of what a message may be
WORD = (1 << 64) - 1


def chance(name):
    """Numbers of a story's own, the same again for the same seed."""
    return random.Random("%d %s" % (SEED, name))


def say(text):
    print("# " + text, flush=True)


class Damaged:
    """A world with lines for two accounts, and its snapshot's bytes, which
    can be put back or replaced.

    In the portal is more than may be printed: a key that is denied and one
    that has expired.
    """

    ACCOUNTS = ("root", "deploy")

    def __init__(self, world):
        self.world = world
        self.path = os.path.join(world.cache, "keys.cdb")
        self.key, self.other, denied, expired = (world.new_key()
                                                 for _ in range(4))
        world.policy(
            keys={"deny": [denied.fingerprint]},
            users={"root": {"sources": ["personal", "project"]},
                   "deploy": {"tags": ["deploy"], "options": "restrict"}})
        world.add(self.key, "alice", tags=["deploy"])
        world.add(self.other, "project")
        world.add(denied, "alice", tags=["deploy"])
        world.add(expired, "project", tags=["deploy", "expires:2020-01-01"])
        self.lines = {name: world.lines(name) for name in self.ACCOUNTS}
        assert list(map(len, self.lines.values())) == [2, 1], self.lines
        with open(self.path, "rb") as data:
            self.bytes = data.read()

    def fingerprint_of(self, line):
        return next(key.fingerprint for key in (self.key, self.other)
                    if key.public in line)

    def put(self, data):
        """In place of whatever lies there, with the owner and mode that the
        fetcher gives it."""
        with open(self.path + ".test", "wb") as out:
            out.write(data)
            os.fchmod(out.fileno(), 0o640)
            os.fchown(out.fileno(), self.world.service.pw_uid,
                      self.world.service.pw_gid)
        os.rename(self.path + ".test", self.path)

    def ask(self, user, fingerprint=None, whole=False, part=False):
        """A lookup's outcome, held against what may be printed: "whole",
        "nothing", or "said why".  whole: nothing less will do.  part: some
        of the lines will, for the records of a source may be lost."""
        words = (user,) if fingerprint is None else (user, fingerprint)
        result = timed_lookup(self.world, *words)
        lines = result.stdout.splitlines()
        if result.returncode == 1:
            assert result.stdout == "", "a failure that prints: %s" % result
            assert 0 < len(result.stderr) < CAP, "silent: %s" % result
            outcome = "said why"
        elif lines:
            good = [line for line in self.lines[user]
                    if fingerprint in (None, self.fingerprint_of(line))]
            if part:
                good = [line for line in good if line in lines]
            assert lines == good, "wrong lines: %s" % result
            outcome = "whole"
        else:
            outcome = "nothing"
        assert not whole or outcome == "whole", (outcome, result)
        return outcome


def timeout_of(world):
    return float(world.config["timeout"].rstrip("s"))


def timed_lookup(world, *words, **more):
    """A lookup that must end by itself, in time, with 0 or 1; its fetcher
    likewise."""
    start = time.monotonic()
    result = world.lookup(*words, **more)
    took = time.monotonic() - start
    assert result.returncode in (0, 1), "exit %s: %s" % (
        result.returncode, result.stderr)
    assert "ended with status" not in result.stderr, result.stderr
    assert took <= timeout_of(world) + 1, "took %.1f s" % took
    return result


# CDB

def mix(h, word):
    h = (h ^ word) * 0x9e3779b97f4a7c15 & WORD
    return h ^ (h >> 29)


def digest_add(h, data):
    """base/digest.h, on a machine with its order of bytes."""
    whole = len(data) - len(data) % 8
    for (word,) in struct.iter_unpack("=Q", data[:whole]):
        h = mix(h, word)
    h = mix(h, struct.unpack("=Q", data[whole:].ljust(8, b"\0"))[0])
    return mix(h, len(data))


def records(data):
    """[(offset, key, offset of the value, length of the value)], in the
    order in which they stand."""
    found, at = [], TABLES
    end = min(struct.unpack_from("<II", data, 8 * i)[0] for i in range(256))
    while at < end:
        klen, dlen = struct.unpack_from("<II", data, at)
        found.append((at, data[at + 8:at + 8 + klen], at + 8 + klen, dlen))
        at += 8 + klen + dlen
    return found


def with_version(data, change):
    """The same snapshot, but for its version, which is change more; its
    digest is right."""
    copy = bytearray(data)
    _, key, at, size = next(r for r in records(data) if r[1] == b"h")
    body = bytes(copy[at + 8:at + size])
    (old,) = struct.unpack_from("=Q", copy, at)
    start = digest_add(0xcbf29ce484222325, key)
    assert digest_add(start, body) == old, "the digest has changed"
    for form in ("<I", ">I"):
        (version,) = struct.unpack_from(form, body)
        if version < 1 << 16:
            body = struct.pack(form, version + change) + body[4:]
            break
    struct.pack_into("=Q", copy, at, digest_add(start, body))
    copy[at + 8:at + size] = body
    return bytes(copy)


# processes

def as_service(world):
    return {"user": world.service.pw_uid, "group": world.service.pw_gid,
            "extra_groups": [], "env": {}, "cwd": "/",
            "stdin": subprocess.DEVNULL}


def start_lookup(world, *words):
    return subprocess.Popen(
        [world.programs["lookup"], "-c", world.config_file, *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        universal_newlines=True, **as_service(world))


def wait_for_fetcher(world, seconds=5):
    """The pid of the one that a lookup has started."""
    limit = time.monotonic() + seconds
    found = []
    while not found and time.monotonic() < limit:
        found = [pid for pid in world.running() if os.readlink(
            "/proc/%d/exe" % pid) == os.path.realpath(
                world.programs["fetcher"])]
        time.sleep(0.02)
    assert len(found) == 1, found
    return found[0]


def fetcher_command(world):
    return [world.programs["fetcher"], "--once", "-c", world.config_file]


def fetch(world, **more):
    """A fetch by hand, whether anything is due or not."""
    how = as_service(world)
    how.update(more)
    return subprocess.run(fetcher_command(world), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, universal_newlines=True,
                          timeout=60, **how)


def must_be_tidy(world):
    """Nothing but the snapshot, the lock and the log's state, of its fixed
    size, in the cache folder."""
    left = world.left_running()
    assert not left, "left running: %s" % left
    names = set(os.listdir(world.cache))
    assert names - {"log.state"} == {"fetch.lock", "keys.cdb"}, names
    if "log.state" in names:
        size = os.path.getsize(os.path.join(world.cache, "log.state"))
        assert size <= 32768, size


def fill(path, chunk=65536):
    """Takes all the room that there is, to the last byte."""
    with open(path, "wb", buffering=0) as out:
        while chunk:
            try:
                out.write(b"x" * chunk)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                chunk //= 2

# SPDX-License-Identifier: ISC
"""What is left over after many logins: nothing."""

import ctypes
import glob
import os
import re
import subprocess
import threading
import time

import damage
from damage import as_service, fetcher_command, timed_lookup
from machine import find
from story import story

LOOKUPS, WORKERS = 3000, 4
PROBES = 8  # fetches whose memory is measured, before, and as many after
MIB = 1024  # KiB, as the kernel counts


def adopt_orphans(yes):
    PR_SET_CHILD_SUBREAPER = 36
    assert ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, int(yes)) == 0


def memory_of_fetch(world):
    """The most that a fetch has taken, in KiB.  The kernel counts what a
    process was before its exec as well, so a small one must start it."""
    adopt_orphans(True)
    try:
        shell = subprocess.run(
            ["/bin/sh", "-c", '"$@" >/dev/null 2>&1 & echo $!', "sh",
             *fetcher_command(world)], stdout=subprocess.PIPE, check=True,
            **as_service(world))
        _, status, usage = os.wait4(int(shell.stdout), 0)
    finally:
        adopt_orphans(False)
    assert status == 0, status
    return usage.ru_maxrss


def zombies(server):
    """Dead children of the server, or of ourselves, that nobody waits for.
    (What outlives its parent is the first process's, and its affair.)"""
    found = []
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            with open(path) as text:
                name, state, parent = re.match(r"\d+ \((.*)\) (\S) (\d+)",
                                               text.read(), re.S).groups()
        except OSError:
            continue
        if state == "Z" and int(parent) in (server, os.getpid()):
            found.append((path, name))
    return found


def open_files(pid):
    return [os.readlink(path) for path in glob.glob("/proc/%d/fd/*" % pid)]


@story("an hour's worth of logins: nothing grows, nothing stays behind",
       config={"fresh": "300ms", "timeout": "8s"})
def load_hour(world):
    key, other = world.new_key(), world.new_key()
    world.add(key, "alice")
    world.start_sshd()
    world.must_open(key)
    before = [memory_of_fetch(world) for _ in range(PROBES)]
    size = os.stat(os.path.join(world.cache, "keys.cdb")).st_size
    files = len(open_files(world.sshd.pid))
    world.portal.forget_requests()
    wrong = []

    def work(number):
        for i in range(LOOKUPS // WORKERS):
            mine = key if (i + number) % 3 else other
            result = timed_lookup(world, "root", mine.fingerprint)
            if result.returncode != 0 or \
                    (key.public in result.stdout) != (mine is key):
                wrong.append(result)

    start = time.monotonic()
    workers = [threading.Thread(target=work, args=(n,))
               for n in range(WORKERS)]
    for thread in workers:
        thread.start()
    logins = 0
    while any(thread.is_alive() for thread in workers):
        world.must_open(key)
        world.must_refuse(other)
        logins += 2
    took = time.monotonic() - start
    fetches = len(world.portal.requests(source="personal"))
    after = [memory_of_fetch(world) for _ in range(PROBES)]
    damage.say("%d lookups and %d logins in %.0f s, %d fetches, each at most "
               "%.1f MiB before and %.1f MiB after" % (
                   LOOKUPS, logins, took, fetches, max(before) / MIB,
                   max(after) / MIB))
    assert not wrong, wrong[:3]
    # Single flight: no more than the time has room for.
    assert 10 < fetches <= took / 0.3 + 2, fetches
    assert max(after) <= max(before) + MIB, (before, after)
    assert os.stat(os.path.join(world.cache, "keys.cdb")).st_size == size
    damage.must_be_tidy(world)
    limit = time.monotonic() + 5
    while (len(open_files(world.sshd.pid)) > files or
           zombies(world.sshd.pid)) and time.monotonic() < limit:
        time.sleep(0.05)
    assert len(open_files(world.sshd.pid)) <= files
    assert zombies(world.sshd.pid) == []


@story("a fetcher that a login has started holds open what it needs and "
       "nothing else: not the caller's pipes, not its files",
       config={"timeout": "8s"})
def load_descriptors(world):
    key = world.new_key()
    world.add(key, "alice")
    world.must_open(key)
    world.portal.break_("project", "hang")
    process = damage.start_lookup(world, "root")
    fetcher = damage.wait_for_fetcher(world)
    time.sleep(0.3)
    held = open_files(fetcher)
    world.portal.clear()
    process.communicate(timeout=20)
    damage.say("the fetcher's files: %s" % " ".join(sorted(held)))
    known = (os.path.join(world.cache, ""), world.cache, "/dev/null",
             "socket:", "anon_inode:")
    # Standard error is the caller's; sshd's is /dev/null.
    odd = [name for name in held if not name.startswith(known)
           and not name.startswith("pipe:")]
    assert odd == [], odd
    assert sum(name.startswith("pipe:") for name in held) <= 3, held
    assert len(held) <= 20, held


VALGRIND = ("--vgdb=no", "--leak-check=full", "--trace-children=yes",
            "--trace-children-skip=*/sshd",
            "--errors-for-leak-kinds=definite", "--show-leak-kinds=definite",
            "--child-silent-after-fork=no",
            "--error-exitcode=99")
BAD = re.compile(r"ERROR SUMMARY: [1-9]|Process terminating|"
                 r"Invalid |uninitialised|definitely lost: [1-9]")


class Valgrind:
    """Runs programs of ours under valgrind, their children too."""

    def __init__(self, world):
        self.world = world
        self.folder = world.path("valgrind")
        os.mkdir(self.folder)
        os.chmod(self.folder, 0o1777)

    def run(self, program, *words, service=True):
        """The finished program, and how many programs valgrind saw."""
        for path in glob.glob(os.path.join(self.folder, "*")):
            os.unlink(path)
        more = as_service(self.world) if service else {
            "env": {}, "stdin": subprocess.DEVNULL, "cwd": "/"}
        result = subprocess.run(
            [find("valgrind"), *VALGRIND,
             "--log-file=" + os.path.join(self.folder, "%p"),
             self.world.programs[program], *words], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, universal_newlines=True, timeout=120,
            **more)
        seen = 0
        for path in glob.glob(os.path.join(self.folder, "*")):
            with open(path, errors="replace") as text:
                log = text.read()
            if not any("Command: " + path in log
                       for path in self.world.programs.values()):
                continue
            # A child that became another program has no summary.
            wrong = BAD.search(log)
            assert not wrong, "%s %s:\n%s" % (program, " ".join(words), log)
            seen += "ERROR SUMMARY: 0 errors" in log
        assert result.returncode != 99, result
        return result, seen


@story("valgrind over all three programs: no error, no definite leak",
       needs=("valgrind",), config={"fresh": "1h", "timeout": "60s",
                                    "connect-timeout": "10s"})
def load_valgrind(world):
    key, denied = world.new_key(), world.new_key()
    world.policy(keys={"deny": [denied.fingerprint], "max_age": "365d",
                       "require_member": True},
                 users={"root": {"sources": ["personal", "project"],
                                 "options": "no-agent-forwarding"},
                        "*": {"owners": ["%u@example.com"]}},
                 groups={"users": {"roles": ["admin", "owner"]}})
    world.add(key, "alice", tags=["from:127.0.0.0/8"])
    world.add(denied, "project")
    config = ("-c", world.config_file)
    valgrind = Valgrind(world)

    def must(program, *words, codes=(0,), programs=1, service=False):
        result, seen = valgrind.run(program, *config, *words, service=service)
        assert result.returncode in codes, result
        assert seen >= programs, "%s %s: valgrind saw %d" % (program, words,
                                                             seen)
        return result.stdout

    # No snapshot: the fetcher is started, under valgrind too.
    assert key.public in must("lookup", "root", programs=2, service=True)
    assert key.public in must("lookup", "root", key.fingerprint,
                              service=True)
    assert must("lookup", "root", denied.fingerprint, service=True) == ""
    assert key.public in must("lookup", "alice", service=True)
    must("fetcher", "--once", service=True)
    must("tool", "list")
    must("tool", "list", "root", "--json")
    must("tool", "explain", "root", key.fingerprint)
    must("tool", "explain", "--json", "root", denied.fingerprint, codes=(1,))
    must("tool", "status")
    must("tool", "check", codes=(0, 1))
    world.portal.break_("all", "status:503")
    must("fetcher", "--once", codes=(1,), service=True)
    must("tool", "status", "--json", codes=(0, 1))

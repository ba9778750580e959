# SPDX-License-Identifier: ISC
"""Who starts what: single flight, killed fetchers, owners, the token."""

import glob
import os
import re
import signal
import subprocess
import threading
import time

from harness import CACHE_FILES
from machine import find, processes
from story import story


def start_lookups(world, count):
    return [subprocess.Popen(
        [world.programs["lookup"], "-c", world.config_file, "root"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, universal_newlines=True,
        user=world.service.pw_uid, group=world.service.pw_gid,
        extra_groups=[], env={}) for _ in range(count)]


@story("fifty lookups at once on an old snapshot cost one fetch, and all "
       "see the new key", config={"fresh": "5s"})
def single_flight(world):
    key = world.new_key()
    world.add(world.new_key(), "alice")
    assert len(world.lines("root")) == 1
    time.sleep(5.05)
    world.add(key, "alice")
    world.portal.forget_requests()
    world.portal.break_("project", "delay:0.7")
    lookups = start_lookups(world, 50)
    for process in lookups:
        out, err = process.communicate(timeout=20)
        # The one that fetched tells what came: the audit trail.
        odd = [line for line in err.splitlines()
               if not line.startswith("packet-keysd: + SHA256:")]
        assert process.returncode == 0 and not odd, err
        assert key.public in out, out
    asked = sorted(r["source"] for r in world.portal.requests())
    assert asked == ["device", "personal", "project"], asked


@story("many logins at once: each gets the right answer", config={
    "fresh": "1s"})
def many_logins(world):
    key, other = world.new_key(), world.new_key()
    world.add(key, "alice")
    world.start_sshd()
    started = [(world.clients.start([k], "root"), k is key)
               for k in (key, other) * 10]
    for process, opens in started:
        out, err = process.communicate(timeout=60)
        login = world.clients.judge(process.returncode, out, err, 0)
        assert login.open == opens, login


def wait_for_fetcher(world):
    """The pid of the one whose question hangs at the portal; a predecessor
    that is only tidying up must be gone."""
    limit = time.monotonic() + 10
    while time.monotonic() < limit:
        pids = [p for p, words in processes().items()
                if words.startswith(world.programs["fetcher"].encode())
                and world.config_file.encode() in words]
        if len(pids) == 1 and world.portal.requests(source="project"):
            return pids[0]
        time.sleep(0.005)
    raise AssertionError("no fetcher was started")


@story("a fetcher that is killed in flight blocks nobody", config={
    "timeout": "10s"})
def killed_fetcher(world):
    key, new = world.new_key(), world.new_key()
    world.add(key, "alice")
    world.must_open(key)
    world.add(new, "alice")
    for _ in range(3):
        fault = world.portal.break_("project", "hang", times=1)
        world.portal.forget_requests()
        lookup = start_lookups(world, 1)[0]
        os.kill(wait_for_fetcher(world), signal.SIGKILL)
        start = time.monotonic()
        lookup.communicate(timeout=30)
        assert time.monotonic() - start < 5, "waited for the dead"
        world.portal.clear(fault)
        assert world.must_open(new).seconds < 5
        assert world.must_open(key).seconds < 5
    assert set(os.listdir(world.cache)) <= CACHE_FILES, os.listdir(world.cache)


@story("a lookup that is killed leaves the fetch to the others",
       config={"timeout": "4s"})
def killed_lookup(world):
    key = world.new_key()
    world.add(key, "alice")
    world.portal.break_("project", "delay:1")
    leader = start_lookups(world, 1)[0]
    wait_for_fetcher(world)
    follower = start_lookups(world, 1)[0]
    time.sleep(0.2)
    leader.kill()
    leader.communicate()
    out, _ = follower.communicate(timeout=10)
    assert follower.returncode == 0 and key.public in out, out


@story("fetched as root, the cache is still the service's: no file of root's "
       "in the way of the next login")
def root_owned_files(world):
    key, new = world.new_key(), world.new_key()
    world.add(key, "alice")
    for command in (lambda: world.tool("fetch"),
                    lambda: world.run("fetcher", "--once", "-c",
                                      world.config_file),
                    lambda: world.lookup("root", as_service=False)):
        result = command()
        assert result.returncode == 0, result
        paths = [world.cache, *glob.glob(os.path.join(world.cache, "*"))]
        assert len(paths) > 1
        for path in paths:
            owner = os.stat(path).st_uid
            assert owner == world.service.pw_uid, (path, owner)
        world.must_open(key)
    world.add(new, "alice")
    world.must_open(new)


@story("the token is in no command line, environment, log or output, also "
       "while the fetch runs and when it fails")
def token_is_hidden(world):
    key = world.new_key()
    world.add(key, "alice")
    token = world.portal.tokens["user"].encode()
    found, done, looks = [], threading.Event(), []

    def watch():
        while not done.is_set():
            looks.append(1)
            for name in glob.glob("/proc/[0-9]*/cmdline") + \
                    glob.glob("/proc/[0-9]*/environ"):
                try:
                    with open(name, "rb") as text:
                        if token in text.read():
                            found.append(name)
                except OSError:
                    continue

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        for kind in ("delay:0.5", "status:401", "html", "cut", "noise",
                     "redirect:http://127.0.0.1:9/", "status:500"):
            world.portal.break_("all", kind)
            world.lookup("root")
            world.tool("fetch")
            world.tool("status")
            world.tool("check")
            world.portal.clear()
        world.must_open(key)
    finally:
        done.set()
        watcher.join()
    assert len(looks) > 5 and found == [], found
    for path in glob.glob(os.path.join(world.cache, "*")):
        with open(path, "rb") as data:
            assert token not in data.read(), path
    # World.find_token looks through log and output of every story.
    assert world.find_token() is None


@story("on a fresh snapshot a lookup opens no socket and starts no process",
       needs=("strace",), config={"fresh": "1h"})
def a_quiet_hit(world):
    key = world.new_key()
    world.add(key, "alice")
    world.must_open(key)
    trace = world.path("trace")
    subprocess.run(
        [find("strace"), "-f", "-o", trace, world.programs["lookup"], "-c",
         world.config_file, "root", key.fingerprint],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
    with open(trace) as text:
        traced = text.read()
    calls = re.findall(r"^\d+ +(\w+)\(", traced, re.M)
    assert calls.count("execve") == 1
    # Nothing to tell: the log's state is none of its business.
    assert "log.state" not in traced and "flock" not in calls
    odd = {"socket", "connect", "fork", "vfork", "clone", "clone3", "sendto"}
    assert not odd & set(calls), odd & set(calls)
    assert calls.count("write") == 1, "more than one write"

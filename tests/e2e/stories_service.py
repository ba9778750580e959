# SPDX-License-Identifier: ISC
"""packet-keysd as a service: logins ask it for new keys over its socket."""

import contextlib
import os
import pwd
import re
import signal
import socket
import subprocess
import time

from harness import CACHE_FILES
from machine import end, find
from stories_processes import start_lookups
from stories_rights import limits_of, status_of
from story import story

OTHER = 1  # not the account that owns the cache


def start_service(world, **more):
    """packet-keysd, once it listens."""
    service = world.start_service(**more)
    wait_for(lambda: os.path.exists(world.config["socket"]),
             "packet-keysd does not listen")
    return service


def wait_for(condition, what, seconds=10):
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, what
        time.sleep(0.01)


def settle():
    """A worker that read files of less than 4 s ago answers once and is
    replaced; from now on one stays."""
    time.sleep(4.1)


def worker_of(service):
    """The pid of its worker, or None."""
    path = "/proc/%d/task/%d/children" % (service.pid, service.pid)
    with open(path) as text:
        pids = text.read().split()
    return int(pids[0]) if pids else None


def knock(world):
    """A client that has connected."""
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(10)
    client.connect(world.config["socket"])
    return client


def ask(world):
    with knock(world) as client:
        return client.makefile("rb").read().decode()


def share(world):
    """The cache as installed: its group is not the one that may read the
    token."""
    for path in (world.cache, world.path("run")):
        os.chown(path, world.service.pw_uid, OTHER)
        os.chmod(path, 0o2750)


def as_other(world, *arguments, config=None):
    """A lookup by an account of the cache's group."""
    return world.run("lookup", "-c", config or world.config_file, *arguments,
                     user=OTHER, group=OTHER, extra_groups=[])


def can_read(path):
    return subprocess.run(
        ["head", "-c", "1", path], user=OTHER, group=OTHER, extra_groups=[],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


@story("with the service: a key that is added works, one that is removed "
       "stops, over a connection that stays warm, and no login starts a "
       "process", needs=("strace",))
def service_main_job(world):
    key, gone = world.new_key(), world.new_key()
    world.add(key, "alice")
    start_service(world)
    world.must_open(key)
    number = world.add(gone, "alice")
    world.must_open(gone)
    world.portal.remove_key(number)
    world.must_refuse(gone)
    world.must_open(key)
    settle()
    world.lines("root")
    world.lines("root")
    world.portal.forget_requests()
    world.lines("root")
    used = {r["connection"] for r in world.portal.requests()}
    world.portal.forget_requests()
    trace = world.path("trace")
    subprocess.run(
        [find("strace"), "-f", "-o", trace, world.programs["lookup"], "-c",
         world.config_file, "root"], stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, check=True)
    asked = world.portal.requests()
    assert len(asked) == 3 and {r["connection"] for r in asked} <= used, asked
    with open(trace) as text:
        calls = re.findall(r"^\d+ +(\w+)\(", text.read(), re.M)
    assert calls.count("execve") == 1
    assert not {"fork", "vfork", "clone", "clone3"} & set(calls), set(calls)


@story("fifty lookups at once on an old snapshot cost the service one fetch",
       config={"fresh": "5s"})
def service_single_flight(world):
    key = world.new_key()
    world.add(world.new_key(), "alice")
    start_service(world)
    assert len(world.lines("root")) == 1
    time.sleep(5.05)
    world.add(key, "alice")
    world.portal.forget_requests()
    world.portal.break_("project", "delay:0.7")
    for process in start_lookups(world, 50):
        out, err = process.communicate(timeout=20)
        assert process.returncode == 0 and err == "", err
        assert key.public in out, out
    asked = sorted(r["source"] for r in world.portal.requests())
    assert asked == ["device", "personal", "project"], asked


@story("with the service the account that sshd runs the lookup as needs "
       "neither the token nor the right to write the cache")
def service_other_account(world):
    key, new = world.new_key(), world.new_key()
    world.add(key, "alice")
    share(world)
    service = start_service(world)
    assert not can_read(world.token_file)
    result = as_other(world, "root")
    assert can_read(os.path.join(world.cache, "keys.cdb"))
    assert result.returncode == 0 and key.public in result.stdout, result
    world.add(new, "alice")
    result = as_other(world, "root", new.fingerprint)
    assert new.public in result.stdout and result.stderr == "", result
    end(service)
    # Without it the old keys serve, and the reason is said.
    result = as_other(world, "root")
    assert result.returncode == 0 and key.public in result.stdout, result
    assert "cannot" in result.stderr or "ermission" in result.stderr, result
    # Who may not use the socket is none the wiser by it.
    start_service(world)
    world.portal.forget_requests()
    result = world.run("lookup", "-c", world.config_file, "root",
                       user=OTHER, group=OTHER + 1, extra_groups=[])
    assert result.returncode == 1 and result.stdout == "", result
    assert world.portal.requests() == []


@story("a worker that is killed in flight, a service that is killed, a socket "
       "that nobody listens on: each login fetches by itself",
       config={"timeout": "10s"})
def service_killed(world):
    key, new = world.new_key(), world.new_key()
    world.add(key, "alice")
    service = start_service(world)
    world.must_open(key)
    number = world.add(new, "alice")
    fault = world.portal.break_("project", "hang", times=1)
    world.portal.forget_requests()
    lookup = start_lookups(world, 1)[0]
    wait_for(lambda: world.portal.requests(source="project"), "no fetch")
    os.kill(worker_of(service), signal.SIGKILL)
    start = time.monotonic()
    out, _ = lookup.communicate(timeout=30)
    assert lookup.returncode == 0 and new.public in out, out
    assert time.monotonic() - start < 5, "waited for the dead"
    world.portal.clear(fault)
    assert world.said("worker was ended by signal 9") in (True, None)
    world.portal.remove_key(number)
    world.must_refuse(new)
    assert service.poll() is None
    os.kill(service.pid, signal.SIGKILL)
    service.wait()
    wait_for(lambda: not world.running(), "the worker has stayed")
    assert os.path.exists(world.config["socket"])
    world.add(new, "alice")
    world.must_open(new)
    # Its successor takes the place, a second one does not.
    service = start_service(world)
    wait_for(lambda: "done" in (ask_quietly(world) or ""), "no successor")
    second = world.run("fetcher", "-c", world.config_file)
    assert second.returncode == 1, second
    assert "another process listens" in second.stderr, second
    service.terminate()
    assert service.wait(10) == 0
    assert not os.path.exists(world.config["socket"])
    assert set(os.listdir(world.cache)) <= CACHE_FILES, os.listdir(world.cache)


def ask_quietly(world):
    try:
        return ask(world)
    except OSError:
        return None


@story("what changes under the service counts at the next login: settings, "
       "token, policy, denied keys, the cache folder")
def service_changes(world):
    key, other = world.new_key(), world.new_key()
    world.add(key, "alice")
    world.add(other, "project")
    service = start_service(world)
    assert len(world.lines("root")) == 2
    world.configure(sources="device personal")
    assert len(world.lines("root")) == 1
    world.configure(sources=None)
    world.write(world.config["file"], '{"version": 1, "users": {"root": '
                '{"sources": ["project"]}}}')
    assert other.public in "".join(world.lines("root"))
    assert len(world.lines("root")) == 1
    os.unlink(world.config["file"])
    assert len(world.lines("root")) == 2
    denied = world.tool("deny", other.fingerprint)
    assert denied.returncode == 0, denied
    world.must_refuse(other)
    world.write_token("wrong")
    result = world.lookup("root")
    assert key.public in result.stdout and "401" in result.stderr, result
    world.write_token(world.portal.tokens["user"])
    assert world.lookup("root").stderr == ""
    os.rename(world.cache, world.path("old"))
    os.mkdir(world.cache, 0o750)
    os.chown(world.cache, world.service.pw_uid, world.service.pw_gid)
    assert len(world.lines("root")) == 1
    assert service.poll() is None
    # All of that asked the service: nobody else has made a lock file.
    assert world.said("worker was ended") in (False, None)


@story("a service that hangs holds no login up for longer than the timeout, "
       "and keeps no key out", config={"timeout": "1s"})
def service_hangs(world):
    key, new = world.new_key(), world.new_key()
    world.add(key, "alice")
    service = start_service(world)
    world.must_open(key)
    worker = worker_of(service)
    for pid in (service.pid, worker):
        os.kill(pid, signal.SIGSTOP)
    try:
        world.add(new, "alice")
        took = []
        for _ in range(3):  # the machine may be slow, too
            start = time.monotonic()
            result = world.lookup("root", key.fingerprint)
            took.append(time.monotonic() - start)
        assert min(took) < 2, "more than timeout + 1 s: %s" % took
        assert result.returncode == 0 and key.public in result.stdout, result
        assert "did not answer in time" in result.stderr, result
        world.must_open(key)
    finally:
        for pid in (service.pid, worker):
            os.kill(pid, signal.SIGCONT)
    wait_for(lambda: new.public in world.lookup("root").stdout,
             "it has not come back")


@story("a dead portal with the service: one wait in all, not one for each "
       "login", config={"timeout": "2s", "retry": "60s"})
def service_dead_portal(world):
    key = world.new_key()
    world.add(key, "alice")
    start_service(world)
    def storm():
        start = time.monotonic()
        for process in start_lookups(world, 40):
            out, _ = process.communicate(timeout=20)
            assert process.returncode == 0 and key.public in out, out
        return time.monotonic() - start
    plain = storm()
    world.portal.break_("all", "hang")
    took = storm()
    assert took < 2 + 1 + plain, (took, plain)
    start = time.monotonic()
    for _ in range(5):
        assert key.public in world.lookup("root").stdout
    assert time.monotonic() - start < 2 * 5 / 2, "they wait again"
    world.must_refuse(world.new_key())


@story("clients that say nothing, talk nonsense, flood or leave at once hold "
       "nobody up", config={"timeout": "4s"})
def service_hostile_clients(world):
    key = world.new_key()
    world.add(key, "alice")
    service = start_service(world)
    silent = [knock(world) for _ in range(100)]
    for number in range(100):
        with knock(world) as client:
            if number % 2:
                with contextlib.suppress(OSError):  # answered and gone
                    client.sendall(b"GET / HTTP/1.1\r\n\r\n" * 50)
    start = time.monotonic()
    result = world.lookup("root", key.fingerprint)
    assert key.public in result.stdout and result.stderr == "", result
    assert time.monotonic() - start < 4 + 1
    answers = [client.makefile("rb").read() for client in silent]
    assert all(re.fullmatch(rb"packet-keys 1 (done|followed) [0-9a-f]{16} \n",
                            answer) for answer in answers), answers
    assert {a.split()[2] for a in answers} == {b"done", b"followed"}, answers
    for client in silent:
        client.close()
    world.must_open(key)
    assert service.poll() is None
    assert world.said("worker was ended") in (False, None)


@story("one who works with another configuration is told so, and fetches by "
       "himself")
def service_other_config(world):
    key = world.new_key()
    world.add(key, "alice")
    share(world)
    start_service(world)
    world.must_open(key)
    other = world.path("other.conf")
    with open(world.config_file) as text:
        world.write(other, text.read().replace(
            "sources", ";sources") + "; another one\n")
    result = world.run("lookup", "-c", other, "root", as_service=True)
    assert result.returncode == 0 and key.public in result.stdout, result
    assert "answer" not in result.stderr, result
    # It can't fetch: then both reasons are said.
    result = as_other(world, "root", config=other)
    assert "another configuration" in result.stderr, result


@story("supervisor and worker have given up what they need not have")
def service_rights(world):
    key = world.new_key()
    world.add(key, "alice")
    service = start_service(world)
    settle()
    for _ in range(3):
        assert len(world.lines("root")) == 1
    uid = [str(world.service.pw_uid)] * 4
    mine, theirs = status_of(service.pid), status_of(worker_of(service))
    assert mine["Uid"].split() == theirs["Uid"].split() == uid, mine
    assert mine["NoNewPrivs"] == theirs["NoNewPrivs"] == "1", mine
    assert theirs.get("Seccomp") in (None, "2"), theirs
    limits = limits_of(worker_of(service))
    assert limits["Max core file size"] == "0", limits
    assert int(limits["Max open files"]) <= 256, limits
    mode = os.stat(world.config["socket"])
    assert mode.st_mode & 0o777 == 0o660, oct(mode.st_mode)
    assert (mode.st_uid, mode.st_gid) == (
        world.service.pw_uid, world.service.pw_gid)


@story("a worker that fetches hundreds of times grows by nothing",
       needs=("memory",))
def service_leaks(world):
    world.add(world.new_key(), "alice")
    service = start_service(world)
    settle()

    def fetch(count):
        for _ in range(count):
            assert re.match("packet-keys 1 (done|followed) ", ask(world))
        worker = worker_of(service)
        return worker, len(os.listdir("/proc/%d/fd" % worker)), int(
            status_of(worker)["VmData"].split()[0])
    fetch(2)
    worker, files, memory = fetch(200)
    after = fetch(500)
    assert after[0] == worker, "it was started anew"
    assert after[1] <= files + 2, (files, after)
    assert after[2] <= memory + 192, (memory, after)


@story("a socket of systemd's: the service listens on what it is handed, "
       "leaves it there at its end, and takes nothing else")
def service_handed_socket(world):
    key = world.new_key()
    world.add(key, "alice")
    path = world.config["socket"]
    with socket.socket(socket.AF_UNIX) as handed, \
            socket.socket() as wrong:
        handed.bind(path)
        os.chown(path, world.service.pw_uid, world.service.pw_gid)
        handed.listen()
        service = world.start_service(handed=handed)
        world.must_open(key)
        assert worker_of(service) is not None
        service.terminate()
        assert service.wait(10) == 0 and os.path.exists(path)
        service = world.start_service(handed=handed)
        world.must_open(key)
        end(service)
        service = world.start_service(handed=wrong)
        assert service.wait(10) == 1


@story("folders that others can write to, files in the way: the service says "
       "what to mend")
def service_bad_places(world):
    bad = world.path("bad")
    os.mkdir(bad)
    os.chmod(bad, 0o777)
    world.configure(socket=bad + "/fetch.sock")
    result = world.run("fetcher", "-c", world.config_file)
    assert result.returncode == 1, result
    assert "chmod go-w %s" % bad in result.stderr, result
    os.chmod(bad, 0o755)
    world.write(bad + "/fetch.sock", "not a socket")
    result = world.run("fetcher", "-c", world.config_file)
    assert result.returncode == 1, result
    assert "no socket: remove it" in result.stderr, result
    assert os.path.exists(bad + "/fetch.sock")
    result = world.run("fetcher", "-c", world.config_file, "--due")
    assert result.returncode == 2 and "usage" in result.stderr, result


@story("check asks the service, and says who may")
def service_check(world):
    world.add(world.new_key(), "alice")
    world.start_sshd()

    def rows(word):
        result = world.tool("check", "-f", world.path("sshd_config"))
        return [r for r in result.stdout.splitlines() if word in r]
    assert rows("service:")[0].startswith("ok    service: none")
    service = start_service(world)
    assert rows("service:")[0].startswith("ok    service: answers at")
    # An account that is not the cache's owner: by its groups.
    other = pwd.getpwuid(OTHER).pw_name
    world.restart_sshd(user=other)
    told = rows("CommandUser")[0]
    assert told.startswith("FAIL") and "as a service that" in told, told
    end(service)
    share(world)
    service = start_service(world)
    assert "who asks the service" in rows("CommandUser")[0]
    for pid in (worker_of(service), service.pid):
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
    service.wait()
    told = rows("service:")[0]
    assert told.startswith("WARN") and "remove the socket" in told, told
    assert rows("CommandUser")[0].startswith("FAIL")

# SPDX-License-Identifier: ISC
"""What fetcher and lookup still may do while they work."""

import os
import re
import shutil
import subprocess

from machine import find
from stories_processes import start_lookups, wait_for_fetcher
from story import story


def status_of(pid):
    with open("/proc/%d/status" % pid) as text:
        rows = [row.split(":", 1) for row in text]
    return {name: value.strip() for name, value in rows}


def limits_of(pid):
    """Name -> the hard limit."""
    with open("/proc/%d/limits" % pid) as text:
        return {row[:26].strip(): row[47:68].strip() for row in text}


@story("while a fetch is under way: fetcher and lookup have given up their "
       "rights", config={"timeout": "10s"})
def rights_in_flight(world):
    key = world.new_key()
    world.add(key, "alice")
    fault = world.portal.break_("project", "hang", times=1)
    lookup = start_lookups(world, 1)[0]
    fetcher = wait_for_fetcher(world)
    state, limits = status_of(fetcher), limits_of(fetcher)
    waiting = status_of(int(state["PPid"]))
    world.portal.clear(fault)
    lookup.communicate(timeout=30)
    assert state["NoNewPrivs"] == waiting["NoNewPrivs"] == "1", state
    assert state["Uid"].split() == [str(world.service.pw_uid)] * 4, state
    # The kernel's own words for "can't filter" and "filters".
    assert state.get("Seccomp") in (None, "2"), state
    assert limits["Max core file size"] == "0", limits
    assert int(limits["Max file size"]) == 1 << 30, limits
    assert int(limits["Max open files"]) <= 256, limits
    assert limits["Max processes"] != "unlimited", limits


@story("also on a hit: before a lookup opens any file of ours, it may execute "
       "nothing but the fetcher", needs=("strace",), config={"fresh": "1h"})
def rights_on_a_hit(world):
    key = world.new_key()
    world.add(key, "alice")
    assert len(world.lines("root")) == 1
    trace = world.path("trace")
    subprocess.run(
        [find("strace"), "-o", trace, world.programs["lookup"], "-c",
         world.config_file, "root", key.fingerprint],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
    with open(trace) as text:
        calls = text.read()
    before, opened, after = calls.partition(
        'openat(AT_FDCWD, "%s"' % world.config_file)
    assert opened and world.cache in after, calls
    assert world.cache not in before, before
    assert re.search(
        r"^prctl\(PR_SET_NO_NEW_PRIVS, 1.* = 0$", before, re.M), before
    if "VERSION) = -1" not in before:
        assert re.search(r"^landlock_restrict_self\(.* = 0$", before,
                         re.M), before
        allowed = re.findall(r'^openat\(AT_FDCWD, "(.*?)".*O_PATH', before,
                             re.M)
        assert allowed[0] == world.programs["fetcher"], allowed
        assert len(allowed) == 2 and "/ld" in allowed[1], allowed
    assert "landlock" not in after and "PR_SET" not in after, after


@story("check says which protections the kernel lacks, or that there are all")
def rights_check(world):
    world.start_sshd()
    rows = [row for row in world.tool(
        "check", "-f", world.path("sshd_config")).stdout.splitlines()
            if "rights:" in row]
    assert rows, "not a word"
    assert all(row.startswith("WARN") for row in rows) or (
        len(rows) == 1 and rows[0].startswith("ok")), rows


@story("a name that can't be resolved, and one of /etc/hosts: the confined "
       "fetcher asks the system's resolver")
def rights_names(world):
    key = world.new_key()
    world.add(key, "alice")
    plain = world.config["url"]
    world.configure(url=plain.replace("127.0.0.1", "localhost"))
    world.must_open(key)
    assert world.json("status")["sources"][0]["outcome"] != "failed"
    world.configure(url="https://nobody.invalid")
    world.must_open(key)
    reason = world.json("status")["sources"][0]["reason"]
    assert "resolve" in reason, reason
    world.configure(url=plain)
    world.must_open(key)


@story("none of the programs starts set-user-ID or set-group-ID")
def rights_set_id(world):
    key = world.new_key()
    world.add(key, "alice")
    assert world.lines("root")
    words = {"lookup": ("-c", world.config_file, "root"),
             "fetcher": ("-c", world.config_file, "--once"),
             "tool": ("-c", world.config_file, "deny", key.fingerprint)}
    for name, more in words.items():
        # Beside the programs, where the mount allows them to be it.
        path = world.programs[name] + ".set-id"
        shutil.copy(world.programs[name], path)
        try:
            for mode in (0o4755, 0o2755):
                os.chmod(path, mode)
                result = subprocess.run(
                    [path, *more], user=12345, group=12345, extra_groups=[],
                    env={}, cwd="/", stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                assert result.returncode in (1, 2), (name, result)
                assert result.stdout == "", (name, result)
                assert "must not be set-user-ID" in result.stderr, \
                    (name, oct(mode), result)
        finally:
            os.unlink(path)
    assert not os.path.exists(world.path("denied-keys"))


@story("standard descriptors that are closed: no message goes into a file of "
       "ours", config={"timeout": "2s"})
def rights_closed(world):
    key, other = world.new_key(), world.new_key()
    world.add(key, "alice")
    assert world.lines("root")
    listed = world.path("denied-keys")
    closings = ("0<&-", "1>&-", "2>&-", "0<&- 1>&-", "0<&- 1>&- 2>&-")

    def run(program, closed, *words):
        return subprocess.run(
            ["/bin/sh", "-c", 'exec "$0" "$@" ' + closed,
             world.programs[program], "-c", world.config_file, *words],
            env={}, cwd="/", stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL).returncode

    world.portal.stop()
    for closed in closings:
        assert run("fetcher", closed, "--once") == 1
        with open(os.path.join(world.cache, "keys.cdb"), "rb") as data:
            assert b"packet-keys" + b"d: " not in data.read(), closed
        assert key.public in world.lookup("root").stdout, closed
        assert run("lookup", closed, "root") == 0
        run("tool", closed, "deny", other.fingerprint)
        run("tool", closed, "deny", other.fingerprint)
        run("tool", closed, "deny", "SHA256:none")
        with open(listed) as text:
            rows = [row for row in text if not row.startswith("#")]
        assert len(rows) == 1 and other.fingerprint in rows[0], rows
        os.unlink(listed)

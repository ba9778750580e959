# SPDX-License-Identifier: ISC
"""packet-authorized-keys by hand: what it prints, and to what it is deaf."""

import os
import subprocess

from story import story


@story("a user's lines, one line of a fingerprint, nothing for other users")
def lines_by_hand(world):
    keys = [world.new_key() for _ in range(3)]
    for number, key in enumerate(keys):
        world.add(key, "alice", "laptop %d" % number)
    lines = world.lines("root")
    assert sorted(" ".join(line.split(" ")[:2]) for line in lines) == \
        sorted(key.public for key in keys), lines
    for number, key in enumerate(keys):
        found = world.lines("root", key.fingerprint)
        assert len(found) == 1 and found[0].startswith(key.public + " ")
        assert "laptop %d" % number in found[0], found
        # no SHA-256: sshd itself looks among all lines
        assert world.lines("root", key.md5) == lines
    assert world.lines("root", "") == lines
    stranger = world.new_key()
    assert world.lines("root", stranger.fingerprint) == []
    for user in ("nobody", "daemon", "no-such-user", "root2", "Root"):
        assert world.lines(user) == []
        assert world.lines(user, keys[0].fingerprint) == []


@story("user names and fingerprints from hell: no answer, no error, no harm",
       config={"fresh": "1h"})
def hostile_names(world):
    key = world.new_key()
    world.add(key, "alice")
    before = world.lines("root")
    assert len(before) == 1
    names = ["", " ", "root ", " root", "root\n", "root\nroot", "root\t",
             "../root", "/root", "root/../root", "/etc/passwd", "..", "%u",
             "root\x01", "*", "-c", "--help", "-", "--", "u" * 255, "u" * 256,
             "u" * 257, "u" * 100000, "root" + "\n" * 50000, "\xff\xfe",
             "ro\u00f6t", "$(id)", "`id`", "root;id", "a:b", "user:root"]
    for name in names:
        for arguments in ((name,), (name, key.fingerprint)):
            result = world.lookup(*arguments)
            assert result.returncode == 0, (name[:50], result)
            assert result.stdout == "", (name[:50], result)
    prints = ["SHA256:", "SHA256:" + "A" * 43, "SHA256:" + "A" * 100000,
              "SHA256:../../etc/passwd", key.fingerprint + "x",
              key.fingerprint[:-1], key.fingerprint + "\n",
              "SHA256:" + "\n" * 43, "SHA256:%s%s%s"]
    for text in prints:
        result = world.lookup("root", text)
        assert (result.returncode, result.stdout) == (0, ""), (text[:60],
                                                               result)
    assert world.lines("root") == before


@story("wrong use is told from no answer")
def exit_codes(world):
    usage = world.run("lookup", as_service=True)
    assert usage.returncode == 2 and "usage" in usage.stderr, usage
    usage = world.run("lookup", "-c", world.config_file, "root", "SHA256:x",
                      "more", as_service=True)
    assert usage.returncode == 2 and usage.stdout == "", usage
    none = world.run("lookup", "-c", world.path("missing.conf"), "root",
                     as_service=True)
    assert none.returncode == 1 and none.stdout == "", none
    assert world.path("missing.conf") in none.stderr, none


@story("a broken configuration is no answer; the message names file and line")
def broken_config(world):
    key = world.new_key()
    world.add(key, "alice")
    world.must_open(key)
    with open(world.config_file) as text:
        good = text.read()
    place = "%s:%d" % (world.config_file, good.count("\n") + 1)
    for bad in ("sorces = device", "[prtal]", "nonsense", "file = x\n"):
        world.write(world.config_file, good + bad + "\n")
        result = world.lookup("root")
        assert result.returncode == 1 and result.stdout == "", result
        assert place in result.stderr, (place, result.stderr)
    world.must_refuse(key)
    world.write(world.config_file, good)
    world.must_open(key)


@story("a reader that closes early is no failure", config={"fresh": "1h"})
def early_reader(world):
    world.portal.do("add_many_keys", count=3000,
                    project=world.portal.ids["project"])
    assert len(world.lines("root")) == 3000
    reader, writer = os.pipe()
    process = subprocess.Popen(
        [world.programs["lookup"], "-c", world.config_file, "root"],
        stdin=subprocess.DEVNULL, stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    assert os.read(reader, 10) != b""
    os.close(reader)
    _, error = process.communicate(timeout=10)
    assert process.returncode == 0 and error == b"", (process, error)


@story("all lines of 5,000 keys arrive whole, in one pipe", config={
    "fresh": "1h"})
def whole_answer(world):
    world.portal.do("add_many_keys", count=5000,
                    project=world.portal.ids["project"], label="n")
    lines = world.lines("root")
    assert len(set(lines)) == 5000
    assert all(line.startswith("ssh-ed25519 AAAA") for line in lines)

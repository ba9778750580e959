# SPDX-License-Identifier: ISC
"""packet-keys out of luck: all that it has to say, or a failure told."""

import json
import os
import re
import subprocess

from documents import document
from luck import Unlucky
from machine import find
from story import story
from unlucky_lookup import Keys, snapshot

SHOWS, EDITS, KRLS, FETCHES = 600, 400, 30, 24
TEMPORARY = re.compile(r"\.new$")
AGE = re.compile(r"\d+ (s|min)( old| ago|$)", re.M)


def whole(text):
    """The same for the same state, whenever it was printed."""
    return AGE.sub("AGE", text)


class Shows:
    """Commands that show, what they print and how they end; failed: the code
    that says so."""

    def __init__(self, world, keys):
        self.world = world
        other = world.path("other.json")
        world.write(other, document(
            users={"root": {"sources": ["project"]},
                   "alice": {"tags": ["spare"]}}))
        fp = keys.key.fingerprint
        key_file = world.path("key.pub")
        world.write(key_file, keys.other.public + " a comment\n")
        self.failed = {
            ("list",): 1, ("list", "--json"): 1, ("list", "root"): 1,
            ("list", "--json", "daemon"): 1, ("status",): 2,
            ("status", "--json"): 2, ("explain", "root", fp): 2,
            ("explain", "--json", "root", fp): 2,
            ("explain", "daemon", key_file): 2,
            ("explain", "--json", "daemon", key_file): 2,
            ("explain", "--json", "root", keys.listed.fingerprint): 2,
            ("deny", "--json"): 1,
            ("policy", "check", world.policy_file): 1,
            ("policy", "check", other): 1, ("policy", "diff", other): 2,
            ("policy", "diff", "--json", other): 2}
        self.words = list(self.failed)
        self.right = {words: self.tell(world.tool(*words))
                      for words in self.words}

    @staticmethod
    def tell(result):
        return result.returncode, whole(result.stdout), result.stderr

    @staticmethod
    def problem_told(value):
        return value["denied_problem"] or any(
            document["problem"] for document in value["documents"])

    def judge(self, luck, run, words):
        code, out, err = self.right[words]
        good = run.code == code and whole(run.out) == out
        if good:
            return
        # What can't be read is said, and the last good one is shown.
        kept = "stays in force" in run.err and run.code == code or \
            words[0] == "status" and run.code == 1 and "problem" in run.out \
            or words[0] == "explain" and "--json" in words and \
            run.code in (0, 1) and self.problem_told(json.loads(run.out))
        if luck.must(run, run.code == self.failed[words] or kept,
                     "neither right nor failed (exit %d, or %d)" % (
                         code, self.failed[words])):
            luck.must(run, run.err != "" or "problem" in run.out, "silent")
            luck.must(run, bool(run.failed), "failed for nothing")
        if run.code == code and "--json" in words:
            try:
                json.loads(run.out)
            except ValueError:
                luck.must(run, False, "JSON cut short")


@story("packet-keys list, explain, status, policy and deny, whose calls fail "
       "one time in N: the whole truth or a failure told",
       needs=("cc", "preload"), config={"fresh": "1h", "retry": "0s"})
def unlucky_shows(world):
    shows = Shows(world, prepare(world))
    assert all(out for _, out, _ in shows.right.values()), shows.right
    good = snapshot(world)
    luck = Unlucky(world, "unlucky_shows")
    for number in range(SHOWS):
        words = shows.words[number % len(shows.words)]
        run = luck.run("tool", "-c", world.config_file, *words, service=False)
        shows.judge(luck, run, words)
        if run.gentle:
            luck.must(run, run.code == shows.right[words][0],
                      "failed for nothing")
        luck.must(run, snapshot(world) == good, "wrote the snapshot")
    luck.end()


def prepare(world):
    keys = Keys(world)
    assert world.lookup("root").returncode == 0
    return keys


def leftovers(world):
    return [name for name in os.listdir(world.dir) if TEMPORARY.search(name)]


@story("packet-keys deny and undeny, whose calls fail one time in N: no entry "
       "lost, no half list, done if it says so", needs=("cc", "preload"),
       config={"fresh": "1h"})
def unlucky_edits(world):
    keys = [world.new_key() for _ in range(6)]
    world.write(world.deny_file, "# by hand\n%s a note\n\n" %
                keys[0].fingerprint)
    luck = Unlucky(world, "unlucky_edits")

    def text():
        with open(world.deny_file) as text:
            return text.read()

    for _ in range(EDITS):
        key = luck.random.choice(keys[1:])
        before = text()
        there = key.fingerprint in before
        add = luck.random.random() < 0.5
        words = ("deny", key.fingerprint, "--reason", "why") if add else \
            ("undeny", key.fingerprint)
        run = luck.run("tool", "-c", world.config_file, *words, service=False)
        after = text()
        if add:
            may = [before if there else before + after[len(before):]]
            fine = there or re.fullmatch(
                r"%s \d{4}-\d\d-\d\d why\n" % re.escape(key.fingerprint),
                after[len(before):])
            done = add and (there or after != before)
        else:
            may = [re.sub(r"(?m)^%s .*\n" % re.escape(key.fingerprint), "",
                          before)]
            fine, done = True, there and after != before
        luck.must(run, after == before or (after in may and fine),
                  "a list that is not right: %r, was %r" % (after, before))
        luck.must(run, run.code in (0, 1), "an exit code that it has not")
        luck.must(run, run.code == 1 or done, "not done, and exit 0")
        luck.must(run, run.code == 0 or run.failed or not (there or add),
                  "failed for nothing")
        luck.must(run, run.code == 0 or run.err or not (there or add),
                  "silent")
        luck.must(run, not leftovers(world), "left behind: %s" %
                  leftovers(world))
    luck.end()


@story("packet-keys deny --krl, whose calls fail one time in N: the old KRL or "
       "the new one, and never one that lets a denied key in",
       needs=("cc", "preload", "ssh-keygen"), config={"fresh": "1h"})
def unlucky_krls(world):
    keys = [world.new_key() for _ in range(2)]
    public = []
    for i, key in enumerate(keys):
        public.append(world.path("key%d.pub" % i))
        world.write(public[i], key.public + "\n")
    krl = world.path("krl")
    luck = Unlucky(world, "unlucky_krls")

    def revoked():
        return [subprocess.run([find("ssh-keygen"), "-Q", "-f", krl, path],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                .returncode == 1 for path in public]

    world.deny(keys[0].fingerprint)
    world.deny("--krl", krl)
    assert revoked() == [True, False]
    for number in range(KRLS):
        if number % 2 == 0:
            world.deny(keys[1].fingerprint)
        else:
            world.undeny(keys[1])
        before = revoked()
        right = [True, number % 2 == 0]
        run = luck.run("tool", "-c", world.config_file, "deny", "--krl", krl,
                       service=False, seconds=10)
        after = revoked()
        luck.must(run, after == right or run.code == 1 and after == before,
                  "a KRL that is not right")
        luck.must(run, run.code in (0, 1), "an exit code that it has not")
        luck.must(run, run.code == 0 or run.err, "silent")
        luck.must(run, not leftovers(world), "left behind: %s" %
                  leftovers(world))
        world.deny("--krl", krl)
    luck.end()


@story("packet-keys fetch and check, whose calls fail one time in N: an exit "
       "code that is true", needs=("cc", "preload"),
       config={"fresh": "1h", "retry": "0s"})
def unlucky_fetch_command(world):
    prepare(world)
    luck = Unlucky(world, "unlucky_fetch_command", calls=3)
    checked = world.tool("check")
    for number in range(FETCHES):
        words = ("fetch", "check")[number % 2]
        run = luck.run("tool", "-c", world.config_file, words, service=False,
                       seconds=20)
        if words == "check":
            luck.must(run, run.code == 1 or run.code == checked.returncode
                      and whole(run.out) == whole(checked.stdout),
                      "neither right nor failed")
            continue
        luck.must(run, run.code in (0, 1), "an exit code that it has not")
        luck.must(run, run.code == 0 or run.err or run.out, "silent")
        if run.code == 0:
            luck.must(run, all(name in run.out for name in (
                "device", "project", "personal")), "half an answer")
        assert damage_free(world)
    luck.end()


def damage_free(world):
    return world.lookup("root").returncode == 0

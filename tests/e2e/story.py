# SPDX-License-Identifier: ISC
"""How a story is written down and told.

    @story("a key that is removed in the portal stops", needs=("log",),
           portal=("--prefix", "/metal/v1"), config={"fresh": "1s"})
    def removed_key(world): …

needs: "log", "account" and "zone" (a private namespace; /etc/localtime too),
"nginx", the clients of clients.py, or any program. A need that is not met is
a skip, said aloud; anything that the function raises is a failure.
"""

import contextlib
import os
import shutil
import signal
import time
import traceback
from dataclasses import dataclass, field
from typing import Callable, Dict, Tuple

import clients
from accounts import ACCOUNT
from front import find_nginx
from harness import World
from machine import PROGRAMS, Unfit, find, remove_tree

SECONDS = 180  # for one story
STORIES = []
# What one needs that a build with sanitizers has not.
UNSANITIZED = {"preload": "can't be preloaded",
               "memory": "keeps what was freed"}


@dataclass
class Story:
    text: str
    tell: Callable
    needs: Tuple[str, ...]
    portal: Tuple[str, ...]
    config: Dict[str, str] = field(default_factory=dict)

    @property
    def name(self):
        return self.tell.__name__


def story(text, needs=(), portal=(), config=None):
    def keep(function):
        assert all(s.name != function.__name__ for s in STORIES), \
            function.__name__
        STORIES.append(Story(text, function, tuple(needs), tuple(portal),
                             dict(config or {})))
        return function
    return keep


class TooLong(Exception):
    pass


@contextlib.contextmanager
def time_limit(seconds):
    def over(*_):
        raise TooLong("the story took more than %d s" % seconds)
    before = signal.signal(signal.SIGALRM, over)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


class Teller:
    """Tells stories one after the other and prints TAP."""

    def __init__(self, prefix, folder, namespace, verbose=False, keep=False):
        self.prefix = prefix
        self.folder = folder
        self.log = namespace.log if namespace else None
        self.accounts = namespace.accounts if namespace else None
        self.verbose = verbose
        self.keep = keep
        self.number = self.failed = self.skipped = 0

    def unmet(self, need):
        if need == "log":
            return "no /dev/log of our own here" if self.log is None else None
        if need == "account":
            return None if self.accounts else "no accounts of our own here"
        if need == "zone":
            lacking = self.log is None or not os.path.exists("/etc/localtime")
            return "no /etc/localtime to change here" if lacking else None
        if need == "nginx":
            if not find_nginx() or not shutil.which("openssl"):
                return "needs nginx and openssl"
            return None
        if need in UNSANITIZED:
            with open(os.path.join(self.prefix, PROGRAMS["lookup"]),
                      "rb") as text:
                return "a build with sanitizers " + UNSANITIZED[need] \
                    if b"__asan_init" in text.read() else None
        lacking = next((p for p in clients.NEEDS.get(need, (need,))
                        if find(p) is None), None)
        return "needs %s" % lacking if lacking else None

    def say(self, text):
        print(text, flush=True)

    def explain(self, text):
        for row in text.rstrip("\n").split("\n"):
            self.say("#   " + row)

    def tell(self, one):
        self.number += 1
        title = "%d - %s: %s" % (self.number, one.name, one.text)
        why_not = [w for w in map(self.unmet, one.needs) if w]
        if why_not:
            self.skipped += 1
            self.say("ok %s # SKIP %s" % (title, why_not[0]))
            return
        start = time.monotonic()
        why, world = self.live(one)
        took = " (%.1f s)" % (time.monotonic() - start) if self.verbose else ""
        if why is None:
            self.say("ok %s%s" % (title, took))
        else:
            self.failed += 1
            self.say("not ok %s%s" % (title, took))
            self.explain(why)
        if world is not None:
            if why is not None:
                self.show(world)
            if self.keep and why is not None:
                self.say("# kept: %s" % world.dir)
            else:
                world.remove()

    def live(self, one):
        """-> what went wrong or None, and the closed world or None."""
        world = None
        folder = make_folder_in(self.folder, one.name)
        try:
            with time_limit(SECONDS):
                world = World(folder, self.prefix, self.log, one.portal)
                if self.accounts is not None:
                    self.accounts.reset()
                world.accounts, world.account = self.accounts, ACCOUNT
                world.configure(**one.config)
                one.tell(world)
                leak = world.find_token()
                assert leak is None, leak
                world.end_services()
                left = world.left_running()
                assert not left, "left running: %s" % left
            return None, world
        except Exception:
            return traceback.format_exc(), world
        finally:
            if world is None:
                remove_tree(folder)
            else:
                world.requests = requests_of(world)
                world.close()

    def show(self, world):
        """What a person wants to see of a world where a story failed."""
        self.say("# the portal's requests")
        self.explain("\n".join(world.requests[-20:]) or "none")
        if self.log is not None:
            self.say("# the programs' messages")
            self.explain("\n".join(map(str, world.messages()[-20:]))
                         or "none")
        self.say("# sshd's log")
        self.explain("\n".join(world.sshd_log().splitlines()[-20:])
                     or "none")

    def summary(self):
        self.say("1..%d" % self.number)
        self.say("# %d passed, %d failed, %d skipped" % (
            self.number - self.failed - self.skipped, self.failed,
            self.skipped))


def part(stories, which):
    try:
        first, step = (int(word) for word in which.split("/"))
    except ValueError:
        first = step = 0
    if not 1 <= first <= step:
        raise Unfit("--part %s: wants K/N, as in 1/3" % which)
    return stories[first - 1::step]


def make_folder_in(folder, name):
    path = os.path.join(folder, name)
    os.mkdir(path, 0o755)
    return path


def requests_of(world):
    try:
        return ["%s %s -> %s %s" % (r["method"], r["path"], r["status"],
                                    r["fault"])
                for r in world.portal.requests()]
    except Exception as error:
        return ["no request log: %s" % error]

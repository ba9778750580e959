# SPDX-License-Identifier: ISC
"""Programs of ours that are out of luck: unlucky.c, and what is shared by
the stories that run them many times."""

import os
import random
import subprocess
import time

import damage
from damage import as_service, timeout_of
from machine import find

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.join(HERE, "unlucky.c")
SHOWN = 12  # runs that went wrong
SEED = 4  # the same each time, unless another is asked for

# What fails together, and one call of how many.  Memory is asked for so
# often that it would leave nothing for the rest, so it has runs of its own.
MOODS = (
    ("m", (4, 10, 30, 100, 300, 1000, 3000)),
    ("g", (2, 3, 5)),
    ("orwsnpfctak", (5, 10, 20, 40, 80)),
    ("owsnpfctag", (3, 6, 12, 25)),
    ("morwsnpfctakg", (20, 60, 200)))


class Run:
    """A program that has ended, and which of its calls failed."""

    def __init__(self, how, words, result, took, failed):
        self.how, self.words, self.took = how, words, took
        self.code, self.out, self.err = result
        self.failed = failed

    def __str__(self):
        return "UNLUCKY=\"%s\" %s: exit %s after %.2f s\n  failed: %s\n" \
            "  said: %s\n  printed: %s" % (
                self.how, " ".join(self.words), self.code, self.took,
                ", ".join(self.failed[:20]) or "nothing",
                self.err.strip()[:600], self.out[:2000])

    @property
    def gentle(self):
        """Nothing failed for good."""
        return all(line.split()[2] in ("0", "4") and
                   line.split()[1] in ("read", "write", "pread", "pwrite",
                                       "stdout") for line in self.failed)

    def lost(self, *names):
        """Whether such a call failed."""
        return any(line.split()[1] in names for line in self.failed)


class Unlucky:
    """Runs programs of the world's under seeded bad luck and keeps what they
    did wrong; end() says so."""

    def __init__(self, world, name, calls=1):
        """calls: so many times as many as a lookup makes."""
        self.world = world
        self.calls = calls
        self.random = random.Random("%d %s" % (SEED, name))
        self.library = world.path("unlucky.so")
        subprocess.run([find("cc"), "-O1", "-shared", "-fPIC", "-o",
                        self.library, SOURCE, "-ldl"], check=True,
                       stdin=subprocess.DEVNULL)
        self.log = world.path("unlucky.log")
        self.runs = self.hit = 0
        self.wrong = []
        self.start = time.monotonic()
        self.codes = {}

    def draw(self):
        """Seed, one in how many, and kinds for the next run."""
        kinds, choices = self.random.choice(MOODS)
        return "%d %d %s" % (self.random.randrange(1 << 32),
                             self.random.choice(choices) * self.calls, kinds)

    def run(self, program, *words, how=None, service=True, seconds=None,
            may_die=False):
        """how: for UNLUCKY, but for the log; seconds: that it may take;
        may_die: by a signal, which is a library's fault."""
        how = how or self.draw()
        with open(self.log, "w"):
            os.chmod(self.log, 0o666)
        command = [self.world.programs[program], *words]
        more = as_service(self.world) if service else {
            "cwd": "/", "stdin": subprocess.DEVNULL}
        more["env"] = {"LD_PRELOAD": self.library,
                       "UNLUCKY": "%s %s" % (how, self.log)}
        limit = (timeout_of(self.world) if seconds is None else seconds) + 1
        start = time.monotonic()
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            universal_newlines=True, errors="surrogateescape", **more)
        hangs = ""
        try:
            out, err = process.communicate(timeout=limit + 3)
        except subprocess.TimeoutExpired:
            hangs = self.end_hung()
            out, err = process.communicate()
        took = time.monotonic() - start
        with open(self.log) as text:
            failed = text.read().splitlines()
        self.world.seen += [out, err]
        run = Run(how, command, (process.returncode, out, err), took, failed)
        self.must(run, not hangs, "hung: " + hangs)
        self.runs += 1
        self.hit += bool(failed)
        key = (program, run.code)
        self.codes[key] = self.codes.get(key, 0) + 1
        self.must(run, may_die or run.code >= 0, "ended by a signal")
        self.must(run, "ended with status" not in run.err,
                  "its fetcher crashed")
        self.must(run, took <= limit, "took too long")
        return run

    def end_hung(self):
        """Ends what does not end by itself; what it was."""
        said = []
        for pid in self.world.running():
            with open("/proc/%d/comm" % pid) as text:
                said.append(text.read().strip())
            os.kill(pid, 9)
        return ", ".join(said) or "nobody knows what"

    def must(self, run, good, what):
        """Notes that the run did wrong; whether it did right."""
        if not good:
            self.wrong.append("%s: %s" % (what, run))
        return good

    def end(self):
        damage.say("%d runs, %d of them unlucky, in %.0f s: %s" % (
            self.runs, self.hit, time.monotonic() - self.start, ", ".join(
                "%s exit %d: %d" % (*key, n)
                for key, n in sorted(self.codes.items()))))
        assert self.hit > self.runs / 4, "hardly anything failed"
        assert not self.wrong, "%d of %d runs went wrong\n%s" % (
            len(self.wrong), self.runs, "\n".join(self.wrong[:SHOWN]))

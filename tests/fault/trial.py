# SPDX-License-Identifier: ISC
"""One row of the table: a world, a fault in it, and what logins see of it."""

import calendar
import glob
import os
import time
from dataclasses import asdict, dataclass
from statistics import median

TIMEOUT = 2.0  # seconds, in the configuration of every row
CONNECT = 1.0
RETRY = 1.5
SLACK = 1.0  # of the answer, beyond the timeout
NEAR = 0.05  # of a second answer, beyond a hit
TRIES = 8  # at a time as short as that, on a machine that is busy
SOURCES = ("device", "project", "personal")


@dataclass
class Result:
    """Times in seconds, None where it did not come to that."""

    name: str
    text: str
    why: str = ""  # what went wrong, or why it was skipped
    outcome: str = "failed"  # or ok, skipped
    happened: str = "-"  # the reason that is logged
    hit: float = None
    first: float = None
    second: float = None
    login_hit: float = None
    login_first: float = None
    login_second: float = None
    recovered: float = None

    def plain(self):
        return asdict(self)


def when(stamp):
    """A time of `packet-keys status --json`, in seconds."""
    return calendar.timegm(time.strptime(stamp, "%Y-%m-%dT%H:%M:%SZ"))


class Trial:
    """known and removed are in the portal from the start; with the fault
    removed leaves it and new is added, unseen; a stranger never is in it."""

    def __init__(self, row, world):
        self.row = row
        self.world = world
        self.known, self.removed, self.new, self.stranger = (
            world.new_key() for _ in range(4))
        self.result = Result(row.name, row.text)
        self.twin = world.path("twin")
        self.fresh = "%dms" % (row.fresh * 1000)
        # After it all waits are over: a list's, ours, the portal's.
        self.pause = max(row.fresh, RETRY, row.hold + 2 if row.hold else 0)
        # What is removed and added is in a source that the fault spares.
        mine = "personal" in row.sick
        self.sick_owner = "alice" if mine else "project"
        self.well_owner = "project" if mine else "alice"

    def run(self):
        try:
            self.row.sickness.prepare(self)
            self.all_is_well()
            self.fall_sick()
            self.first_answer()
            self.second_answer()
            self.leave_alone()
            self.logins()
            self.reasons()
            self.recover()
            self.row.sickness.prove()
            self.nothing_left()
        finally:
            self.row.sickness.close()

    # times

    def timed_lookup(self):
        """Seconds; it must hold the known key, whatever else is wrong."""
        start = time.monotonic()
        lines = self.world.lines("root", self.known.fingerprint)
        took = time.monotonic() - start
        assert len(lines) == 1 and self.known.public in lines[0], \
            "the known key is not in the answer: %r" % lines
        return took

    def timed_login(self):
        return self.world.must_open(self.known).seconds

    def slow(self, what, act, limit):
        """One that may have to wait for the fault; tried once more, when all
        is as it was, if the machine was too slow for it."""
        took = act()
        if took > limit:
            print("# %s: %s took %.0f ms, again" % (
                self.row.name, what, took * 1000), flush=True)
            time.sleep(self.pause)
            took = act()
        assert took <= limit, "%s took %.0f ms, at most %.0f are allowed" % (
            what, took * 1000, limit * 1000)
        return took

    def hit(self, act):
        """The same on a snapshot that is fresh, fault or no fault: the
        configuration's twin, with a cache of its own, is put in its place."""
        self.world.configure(fresh="1h", directory=self.twin)
        try:
            return act()
        finally:
            self.world.configure(fresh=self.fresh, directory=self.world.cache)

    def quick(self, what, act, bound=median):
        """-> a hit, and one that takes hardly longer than the hits' bound.  In
        turns, and again if that was not so: another's work on this machine is
        no reason."""
        seconds, hits = [], []
        for _ in range(TRIES):
            seconds.append(act())
            hits.append(self.hit(act))
            if min(seconds) <= bound(hits) + NEAR:
                return median(hits), min(seconds)
        raise AssertionError("%s took %s ms, hits %s" % (what, *(
            ", ".join("%.0f" % (t * 1000) for t in times)
            for times in (seconds, hits))))

    def asked(self):
        """How often the sick sources were asked."""
        return len([r for r in self.world.portal.requests()
                    if r["source"] in self.row.sick])

    # the row, step by step

    def all_is_well(self):
        world = self.world
        world.configure(timeout="%dms" % (TIMEOUT * 1000),
                        connect_timeout="%dms" % (CONNECT * 1000),
                        retry="%dms" % (RETRY * 1000), fresh=self.fresh)
        world.add(self.known, self.sick_owner)
        self.removed_id = world.add(self.removed, self.well_owner)
        os.mkdir(self.twin, 0o750)
        os.chown(self.twin, world.service.pw_uid, world.service.pw_gid)
        self.hit(self.timed_login)  # this one fetches
        before = self.asked()
        assert before > 0, "the portal was not asked"
        self.result.login_hit = self.hit(self.timed_login)
        assert self.asked() == before, "a hit asked the portal"
        self.timed_login()
        assert self.asked() > before, "the portal was not asked again"
        assert world.lines("root", self.removed.fingerprint)
        time.sleep(self.row.fresh)

    def fall_sick(self):
        self.row.sickness.begin()
        self.world.add(self.new, self.well_owner)
        self.world.portal.remove_key(self.removed_id)

    def first_answer(self):
        self.result.first = self.slow(
            "the first answer", self.timed_lookup, TIMEOUT + SLACK)
        self.answered = time.monotonic()

    def second_answer(self):
        """Nobody waits for, or asks, what has just failed."""
        before = self.asked()
        self.result.hit, self.result.second = self.quick(
            "the second answer", self.timed_lookup)
        in_time = time.monotonic() - self.answered < 0.75 * RETRY
        assert self.asked() == before or not in_time, \
            "a source that has just failed was asked again"

    def leave_alone(self):
        """Retry-After holds although `retry` is over."""
        if not self.row.hold:
            return
        left = self.answered + self.row.hold - time.monotonic()
        time.sleep(max(left, 0))
        before = self.asked()
        self.timed_lookup()
        late = time.monotonic() - self.answered > self.row.hold + 0.9
        assert self.asked() == before or late, "Retry-After was not respected"

    def logins(self):
        """The same by way of sshd, from the start."""
        time.sleep(self.pause)
        world, result = self.world, self.result
        # See quick(): what takes sshd 2.1 s may so take 4.1 s.
        result.login_first = self.slow(
            "the first login", self.timed_login,
            result.login_hit + 2 * (TIMEOUT + SLACK))
        # sshd waits until an attempt has taken a few ms or 2, 4, 8… times as
        # long, so that a login's time jumps; of the lookups' none may.
        result.login_hit, result.login_second = self.quick(
            "the second login", self.timed_login, max)
        world.must_refuse(self.stranger)
        if self.row.all_sick:
            world.must_refuse(self.new)
            assert world.lines("root", self.removed.fingerprint), \
                "a key is gone that nobody has removed, as far as we know"
        else:
            world.must_open(self.new)
            world.must_refuse(self.removed)

    def reasons(self):
        """Each source's outcome, and that the log says why."""
        failed = []
        for source in self.world.json("status")["sources"]:
            sick = source["name"] in self.row.sick
            if source["outcome"] == "failed":
                assert sick, "%(name)s failed too: %(reason)s" % source
                failed.append(source["reason"])
            else:
                assert self.row.may_succeed or not sick, \
                    "%(name)s is %(outcome)s" % source
        if not failed:
            self.result.happened = "answered in time"
            return
        self.result.happened = failed[0]
        for reason in failed:
            assert reason and any(w in reason for w in self.row.words), \
                "an odd reason: %s" % reason
        assert self.world.said("failed", failed[0]) is not False, \
            "not in the log: %s" % failed[0]
        assert self.world.said("root", "old keys", failed[0]) is not False, \
            "no login told: %s" % failed[0]

    def patience(self):
        """Seconds until all is to be well again: the sources' own waits,
        which must not be longer than they may be, and some more."""
        waits = [0]
        for source in self.world.json("status")["sources"]:
            if source["outcome"] != "failed":
                continue
            wait = when(source["next_try"]) - when(source["asked"])
            longest = max(RETRY * 2 ** (source["failures"] - 1),
                          self.row.hold + 2)
            # from the start of the fetch, and in whole seconds
            assert wait <= longest + TIMEOUT + 1, \
                "%d s until the next try" % wait
            waits.append(when(source["next_try"]) - time.time())
        return max(waits) + self.row.fresh + 10

    def is_well(self):
        world = self.world
        return world.lines("root", self.new.fingerprint) and \
            not world.lines("root", self.removed.fingerprint) and \
            all(s["outcome"] != "failed"
                for s in world.json("status")["sources"])

    def recover(self):
        """By itself, in the time that the waits take."""
        world = self.world
        self.row.sickness.end()
        start = time.monotonic()
        limit = start + self.patience()
        while not self.is_well():
            assert time.monotonic() < limit, "no recovery: %s" % (
                world.tool("status").stdout)
            time.sleep(0.2)
        self.result.recovered = time.monotonic() - start
        world.must_open(self.new)
        world.must_open(self.known)
        world.must_refuse(self.removed)
        world.must_refuse(self.stranger)
        state = world.tool("status")
        assert state.returncode == 0, state.stdout + state.stderr

    def nothing_left(self):
        """No token where it must not be, no process, no files heaped up."""
        leak = self.world.find_token()
        assert leak is None, leak
        tokens = [t.encode() for t in self.world.portal.tokens.values()]
        files = glob.glob(os.path.join(self.world.cache, "*"))
        assert len(files) <= 3, files
        for path in files:
            with open(path, "rb") as data:
                text = data.read()
            assert not any(t in text for t in tokens), \
                "a token is in %s" % path
        left = self.world.left_running()
        assert not left, "left running: %s" % left

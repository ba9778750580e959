# SPDX-License-Identifier: ISC
"""Files that decide who gets in, where somebody else may write to them or
read the token: each fault of each file, and of the folder it is in."""

import os

from story import story

OTHER = 12345


def anothers(path):
    os.chown(path, OTHER, -1)
    return "chown root " + path


def for_group(path):
    os.chmod(path, os.stat(path).st_mode | 0o020)
    return "chmod go-w " + path


def for_all(path):
    os.chmod(path, os.stat(path).st_mode | 0o002)
    return "chmod go-w " + path


def for_reading(path):
    os.chmod(path, 0o644)
    return "chmod 0640 " + path


def folder_for_all(path):
    os.chmod(os.path.dirname(path), 0o757)
    return "chmod go-w " + os.path.dirname(path)


def folder_for_group(path):
    os.chmod(os.path.dirname(path), 0o775)
    return "chmod go-w " + os.path.dirname(path)


def folder_of_another(path):
    os.chown(os.path.dirname(path), OTHER, -1)
    return "chown root " + os.path.dirname(path)


def upper_folder(path):
    """Two above: likewise."""
    os.chmod(os.path.dirname(os.path.dirname(path)), 0o757)
    return "chmod go-w " + os.path.dirname(os.path.dirname(path))


def by_link(path):
    """The file is as it should be, where anybody can put another one."""
    folder = os.path.dirname(path) + ".open"
    os.makedirs(folder, exist_ok=True)
    os.chmod(folder, 0o757)
    os.rename(path, os.path.join(folder, "file"))
    os.symlink(os.path.join(folder, "file"), path)
    return "chmod go-w " + folder


FAULTS = (anothers, for_group, for_all, folder_for_all, folder_for_group,
          folder_of_another, upper_folder, by_link)


class Judged:
    """A key that opens, one that the policy refuses, one that is denied, one
    that nobody has; each file two folders down, in one of its own."""

    def __init__(self, world):
        self.world = world
        self.key, self.shut, self.denied, self.unknown = (
            world.new_key() for _ in range(4))
        names = {}
        for name in ("conf", "token", "policy"):
            os.makedirs(world.path("in-" + name, "in"))
            names[name] = world.path("in-" + name, "in", "file")
        world.config_file = names["conf"]
        world.token_file = names["token"]
        world.write_token(world.portal.tokens["user"])
        world.configure(token_file=names["token"], file=names["policy"])
        names["deny"] = world.deny_file
        self.paths = names
        world.policy(users={"root": {"sources": ["personal"]}})
        world.add(self.key, "alice")
        world.add(self.denied, "alice")
        world.add(self.shut, "project")
        world.deny(self.denied.fingerprint)
        self.must_hold()

    def must_hold(self):
        lines = self.world.lines("root")
        assert len(lines) == 1 and self.key.public in lines[0], lines

    def put_right(self, name):
        """As it was; what was there before is kept."""
        path = self.paths[name]
        if os.path.islink(path):
            real = os.readlink(path)
            os.unlink(path)
            os.rename(real, path)
        os.chown(path, 0, self.world.service.pw_gid if name == "token" else 0)
        os.chmod(path, 0o640 if name == "token" else 0o644)
        for folder in (os.path.dirname(path),
                       os.path.dirname(os.path.dirname(path))):
            os.chown(folder, 0, 0)
            os.chmod(folder, 0o755)

    def try_all(self, name, check, more=()):
        for fault in (*FAULTS, *more):
            mend = fault(self.paths[name])
            self.world.portal.forget_requests()
            result = self.world.lookup("root")
            assert mend in result.stderr, (name, fault.__name__, mend, result)
            try:
                check(result)
            except AssertionError as error:
                raise AssertionError("%s, %s: %s" % (
                    name, fault.__name__, error)) from error
            self.put_right(name)
            result = self.world.lookup("root")
            assert "chmod" not in result.stderr and \
                "chown" not in result.stderr, result
            self.must_hold()

    def same_answer(self, result):
        """What was in force stays so: for all keys, and through sshd."""
        lines = result.stdout.splitlines()
        assert result.returncode == 0 and len(lines) == 1 and \
            self.key.public in lines[0], result
        for key in (self.shut, self.denied, self.unknown):
            assert self.world.lines("root", key.fingerprint) == [], result


@story("a configuration that others may write to: no answer, and the mend")
def judged_config(world):
    judged = Judged(world)

    def no_answer(result):
        assert result.returncode == 1 and result.stdout == "", result

    judged.try_all("conf", no_answer)
    for_all(judged.paths["conf"])
    world.must_refuse(judged.key)
    judged.put_right("conf")
    world.must_open(judged.key)


@story("a token that others may write to or read: it is not used, cached "
       "keys open, and the mend")
def judged_token(world):
    judged = Judged(world)

    def not_used(result):
        judged.same_answer(result)
        assert world.portal.requests(source="personal") == [], \
            "the token was used"

    judged.try_all("token", not_used, more=(for_reading,))
    for_reading(judged.paths["token"])
    world.must_open(judged.key)
    world.must_refuse(judged.denied)


@story("a policy that others may write to: the last good one stays in force, "
       "and the mend")
def judged_policy(world):
    judged = Judged(world)
    judged.try_all("policy", judged.same_answer)
    for_all(judged.paths["policy"])
    world.must_open(judged.key)
    world.must_refuse(judged.shut)
    world.must_refuse(judged.denied)


@story("a list of denied keys that others may write to: the last good one "
       "stays in force, and the mend")
def judged_deny(world):
    judged = Judged(world)
    judged.try_all("deny", judged.same_answer)
    for_all(judged.paths["deny"])
    world.must_open(judged.key)
    world.must_refuse(judged.denied)

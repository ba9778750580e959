# SPDX-License-Identifier: ISC
"""A policy file that says nothing valid: what it last said stays in force."""

import os

from documents import document
from story import story

PERSONAL = document(users={"root": {"sources": ["personal"]}})
PROJECT = document(users={"root": {"sources": ["project"]}})

# What is wrong -> the text, and words of the message: the place comes first.
TEXTS = {
    "cut_short": (PROJECT[:-20], ("line 7, column 1: not JSON",)),
    "empty": ("", ("not JSON",)),
    "more_behind": (PROJECT + "{}\n", ("line 11, column 1: ", "not JSON")),
    "unknown_field": (
        '{"version": 1,\n "users": {"root":\n  {"onwers": ["x@y.z"]}}}\n',
        ("line 3, column 4: users.root.onwers: unknown field; did you mean "
         "owners?",)),
    "unknown_option": (
        '{"version": 1, "users": {"root": {\n\t"options": "restrict,'
        'permit-all"}}}\n',
        ("line 2, column 13: users.root.options: character 10: permit-all",)),
    "misquoted_option": (
        '{"version": 1, "users": {"root": {\n"options": "command=\\"id"}}}',
        ("line 2, column 12: users.root.options: character 1",)),
    "duplicate": (
        '{"version": 1, "users": {"root": {"sources": ["personal"]},\n'
        '    "root": {}}}\n',
        ("line 2, column 5: users.root: stands there twice",)),
    "wrong_type": (
        '{"version": 1,\n"users": {"root": {"sources": "project"}}}\n',
        ("line 2, column 31: users.root.sources: needs a list, not a "
         "string",)),
    "wrong_version": ('{\n"version": 2, "users": {"root": {}}}\n',
                      ("line 2, column 12: version: unknown version",)),
    "no_version": ('{"users": {"root": {}}}\n', ("needs \"version\": 1",)),
    "empty_list": (
        '{"version": 1, "users": {"root": {\n "sources": []}}}\n',
        ("line 2, column 13: users.root.sources: is empty",)),
    "bad_fingerprint": (
        '{"version": 1, "keys": {\n "deny": ["SHA256:x"]},\n'
        ' "users": {"root": {}}}\n',
        ("line 2, column 11: keys.deny[0]: needs a fingerprint",)),
    "unknown_key_type": (
        '{"version": 1, "keys": {"types":\n\n["ssh-ed25519", "ssh-rsaa"]},'
        ' "users": {"root": {}}}\n',
        ("line 3, column 17: keys.types[1]: ssh-rsaa is no key type; did you "
         "mean ssh-rsa?",)),
    "not_utf8": (
        b'{"version": 1, "users": {"root": {},\n "d\xe9ploy": {}}}\n',
        ("line 2, column 3: not JSON", "0xe9")),
    "a_NUL": ('{"version": 1, "users": {"root": {}}}\n\0',
              ("line 2, column 1: not JSON: a NUL byte",)),
    "too_long": ('{"version": 1, "users": {"root": {}}}' + " " * 4200000,
                 ("large",)),
}


def world_writable(world):
    world.write(world.policy_file, PROJECT, 0o666)


def anothers(world):
    world.write(world.policy_file, PROJECT)
    os.chown(world.policy_file, 12345, 0)


def unreadable(world):
    world.write(world.policy_file, PROJECT, 0o600)


def a_folder(world):
    if os.path.exists(world.policy_file):
        os.unlink(world.policy_file)
    os.mkdir(world.policy_file)


def a_link_to_nothing_safe(world):
    """To a root's file, in a folder where anybody can put another one."""
    folder = world.path("open")
    os.makedirs(folder, exist_ok=True)
    os.chmod(folder, 0o777)
    world.write(os.path.join(folder, "policy"), PROJECT)
    if os.path.lexists(world.policy_file):
        os.unlink(world.policy_file)
    os.symlink(os.path.join(folder, "policy"), world.policy_file)


FILES = {"world_writable": world_writable, "anothers": anothers,
         "unreadable": unreadable, "folder": a_folder,
         "link": a_link_to_nothing_safe}


def putter(text):
    return lambda world: world.write(world.policy_file, text)


def put_right(world, text):
    """Whatever stands in its place."""
    if os.path.isdir(world.policy_file):
        os.rmdir(world.policy_file)
    world.write(world.policy_file, text)


def complained(world, mark, *words):
    """One line of our programs names the file, or its folder, and holds all
    the words."""
    return world.said(world.dir, *words, mark=mark) is not False


def checked(world):
    """packet-keys check: its exit code and what it says."""
    result = world.tool("check", "-f", world.path("sshd_config"))
    return result.returncode, result.stdout


def policy_failures(text):
    """Of what `check` says."""
    return "\n".join(row for row in text.splitlines()
                     if row.startswith("FAIL") and "policy" in row)


def broken(name, put, words):
    def tell(world):
        personal, projects = world.new_key(), world.new_key()
        world.add(personal, "alice")
        world.add(projects, "project")
        put(world)
        mark = world.mark()
        world.must_refuse(personal, code="no-document")
        assert world.lines("root") == []
        assert complained(world, mark, "never been a valid", *words)
        put_right(world, PERSONAL)
        world.must_open(personal)
        before = world.lines("root")
        put(world)
        mark = world.mark()
        world.must_open(personal)
        world.must_refuse(projects, code="no-account")
        assert complained(world, mark, "last valid document stays in force",
                          *words)
        code, text = checked(world)
        assert code == 1 and policy_failures(text), text
        assert all(word in policy_failures(text) for word in words), text
        world.portal.stop()
        assert world.lines("root") == before
        put_right(world, PROJECT)
        world.must_open(projects)
        world.must_refuse(personal, code="no-account")
    tell.__name__ = "broken_" + name
    story("a policy file that is broken (%s): the last valid one stays in "
          "force, until it is mended" % name.replace("_", " "))(tell)


for what, (broken_text, said) in TEXTS.items():
    broken(what, putter(broken_text), said)
for what, put_file in FILES.items():
    broken(what, put_file, ())


@story("a valid policy is no failure to packet-keys check, nor is none")
def broken_no_more(world):
    world.add(world.new_key(), "alice")
    world.must_refuse(world.new_key())
    for put in (lambda: None, lambda: world.policy(users={"root": {}})):
        put()
        code, text = checked(world)
        assert code == 0 and "policy" in text, text


@story("a broken policy file that is taken away: the built-in policy")
def broken_then_none(world):
    personal, projects = world.new_key(), world.new_key()
    world.add(personal, "alice")
    world.add(projects, "project")
    world.write(world.policy_file, PERSONAL)
    world.must_open(personal)
    world.write(world.policy_file, PERSONAL[:-5])
    world.must_refuse(projects)
    world.no_policy()
    world.must_open(projects)
    # What was valid once is forgotten with the file.
    world.write(world.policy_file, PERSONAL[:-5])
    world.must_refuse(projects, code="no-document")
    world.must_refuse(personal, code="no-document")


@story("policy check says the same of the file, with no machine at all")
def broken_policy_check(world):
    world.portal.stop()
    path = world.path("candidate.json")
    for name, (text, words) in TEXTS.items():
        world.write(path, text)
        result = world.run("tool", "-c", world.path("none.conf"), "policy",
                           "check", path)
        assert result.returncode == 1, (name, result)
        assert path in result.stderr, (name, result)
        assert all(word in result.stderr for word in words), (name, result)
    for text in (PERSONAL, PROJECT, document()):
        world.write(path, text, 0o666)
        result = world.run("tool", "-c", world.path("none.conf"), "policy",
                           "check", path)
        assert result.returncode == 0 and "valid" in result.stdout, result

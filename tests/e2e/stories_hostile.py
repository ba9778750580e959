# SPDX-License-Identifier: ISC
"""Keys and labels in the portal that want to be more than a key.

In each story an honest key stands beside the hostile one: it must go on
working, and the printed lines are looked at to the last character.
"""

import base64
import re

from clients import run
from story import story

LINE = re.compile(r"(ssh-ed25519) ([A-Za-z0-9+/]+=*)( [^\x00-\x1f\x7f]*)?")


def printed(world, *honest):
    """All lines for root: each one key, no option, and these keys alone."""
    lines = world.lines("root")
    found = []
    for line in lines:
        match = LINE.fullmatch(line)
        assert match, line
        found.append(match.group(1) + " " + match.group(2))
    assert sorted(found) == sorted(k.public for k in honest), lines
    return lines


@story("a label that tries to add a line or an option")
def hostile_label(world):
    honest, evil = world.new_key(), world.new_key()
    world.add(honest, "project", "honest")
    ends = ["\n", "\r", "\r\n", "\x00", "\x0b", "\x0c", "\x85", "\u2028",
            "\u2029", "\n\n# ", "\\n", "\x1b[2K\r"]
    for end in ends:
        ident = world.add(honest, "alice", "x" + end + evil.public)
        lines = printed(world, honest)
        assert len(lines) == 1, (end, lines)
        world.portal.remove_key(ident)
    for label in ('command="id" ' + evil.public, "#", '"', "'", " " * 5000,
                  "x" * 100000, "\u202e" + evil.public, "%s%n", "\ud83d\ude00",
                  evil.public + "\n" + evil.public):
        ident = world.add(honest, "alice", label)
        assert len(printed(world, honest)) == 1
        world.portal.remove_key(ident)
    world.add(honest, "alice", "x\n" + evil.public)
    world.must_open(honest)
    world.must_refuse(evil)


@story("a key text that carries a second key, or options, opens nothing",
       needs=("log",))
def hostile_text(world):
    honest, evil, bait = (world.new_key() for _ in range(3))
    world.add(honest, "alice", "honest")
    texts = [bait.public + "\n" + evil.public,
             bait.public + " comment\r\n" + evil.public + "\r\n",
             bait.public + "\r" + evil.public,
             bait.public + " x\x00\n" + evil.public,
             "# a comment\n" + evil.public,
             "command=\"id\" " + evil.public,
             "restrict " + evil.public,
             "environment=\"LD_PRELOAD=/tmp/x\" " + evil.public,
             "cert-authority " + evil.public,
             "@cert-authority * " + evil.public,
             "from=\"127.0.0.1\",command=\"id\" " + evil.public]
    for text in texts:
        ident = world.portal.add_key(text, "smuggler",
                                     project=world.portal.ids["project"])
        printed(world, honest)
        world.must_refuse(evil)
        world.must_refuse(bait)
        world.portal.remove_key(ident)
    assert world.said("smuggler", "left out")
    world.must_open(honest)


@story("white space around a key is the customer's; inside it is one line")
def harmless_text(world):
    for form in ("  %s\n", "\t%s  \r\n", "\n\n%s", "%s a comment with words",
                 "%s \u00e4\u00f6\u00fc", "%s"):
        key = world.new_key()
        ident = world.portal.add_key(form % key.public, "spaced",
                                     user=world.portal.ids["alice"])
        assert len(printed(world, key)) == 1
        world.must_open(key)
        world.portal.remove_key(ident)


@story("keys that are none are left out, with the reason, and spoil nothing",
       needs=("log",))
def bad_keys(world):
    honest = world.new_key()
    with open(world.new_key().path) as text:
        private_half = text.read()
    blob = base64.b64decode(honest.public.split()[1])
    wrong = {
        "empty": "", "blank": " \n ", "word": "hello",
        "short": "ssh-ed25519 AAAA", "no-base64": "ssh-ed25519 ????",
        "cut": honest.public[:-8], "private": private_half,
        "unknown": "ssh-foo " + honest.public.split()[1],
        "liar": "ssh-rsa " + honest.public.split()[1],
        "more": "ssh-ed25519 " + base64.b64encode(blob + b"x").decode(),
        "dsa": "ssh-dss AAAAB3NzaC1kc3MAAAABAQ==", "huge": "x" * 1000000,
        "number": 17, "list": [honest.public], "none": None, "object": {}}
    for label, text in wrong.items():
        world.portal.add_key(text, label, user=world.portal.ids["alice"])
    world.portal.add_key("x", "without", drop=["key"],
                         project=world.portal.ids["project"])
    world.add(honest, "alice", "honest")
    printed(world, honest)
    world.must_open(honest)
    for label in wrong:
        assert world.said('"%s"' % label, "left out"), label


@story("a bad key is said once, not at every login", needs=("log",))
def said_once(world):
    honest = world.new_key()
    world.add(honest, "alice", "honest")
    world.portal.add_key("ssh-dss AAAA", "old", user=world.portal.ids["alice"])
    for _ in range(3):
        world.add(world.new_key(), "alice")  # a new list each time
        world.must_open(honest)
    said = [m.text for m in world.messages() if '"old"' in m.text]
    assert len(said) == 1, said


@story("a certificate in the portal is not taken for a key", needs=("log",))
def certificate(world):
    ca, key = world.new_key(), world.new_key()
    run(["ssh-keygen", "-q", "-s", ca.path, "-I", "id", "-n", "root",
         key.path + ".pub"])
    with open(key.path + "-cert.pub") as text:
        world.portal.add_key(text.read(), "cert",
                             user=world.portal.ids["alice"])
    assert world.lines("root") == []
    world.must_refuse(key)
    assert world.said('"cert"', "left out")


@story("fields of other types, missing ones and new ones", portal=(
    "--sparse", "--owner-field", "mixed"))
def odd_fields(world):
    keys = []
    for raw in ({"label": 7}, {"label": ["x"]}, {"label": None}, {"id": 12},
                {"created_at": "yesterday"}, {"created_at": 0},
                {"entity": "x"}, {"owner": []}, {"user": {"href": 5}},
                {"tags": None}, {"tags": []}, {"tags": ["x"]},
                {"fingerprint": {}}, {"href": None}, {"more": {"x": [1]}}):
        key = world.new_key()
        world.add(key, "alice", "odd", raw=raw)
        keys.append(key)
    printed(world, *keys)
    world.must_open(keys[0])
    world.must_open(keys[-1])


@story("tags that can't be read could have narrowed the key: it is left out, "
       "with that reason", needs=("log",))
def odd_tags(world):
    honest = world.new_key()
    world.add(honest, "project", tags=["fine"])
    for number, tags in enumerate((3, "x", {"a": 1}, [1], [None, "x"],
                                   ["x" * 5000], ["t"] * 1000)):
        world.add(world.new_key(), "alice", "odd %d" % number,
                  raw={"tags": tags})
        printed(world, honest)
        assert world.said('"odd %d"' % number, "left out", "tags"), tags
    world.must_open(honest)

# SPDX-License-Identifier: ISC
"""A portal that is gone, sick, large or of another shape."""

import os
import time

from client import Portal
from story import story

# kind -> a word that the reason in the log must hold
SICK = {"gone": "refused", "status:401": "401", "status:403": "403",
        "status:404": "404", "status:500": "500", "html": "", "html:502":
        "502", "cut": "", "garbage": "", "empty": "", "wrong-type": "",
        "noise": "", "hang": "", "redirect:http://127.0.0.1:9/": "302",
        "body:{}": "", "body:null": "", 'body:{"ssh_keys":null}': "",
        "deep": ""}


def sick_portal(kind, word):
    def tell(world):
        known, unknown = world.new_key(), world.new_key()
        world.configure(timeout="1s", connect_timeout="500ms")
        world.add(known, "alice")
        world.must_open(known)
        world.must_refuse(unknown)
        if kind == "gone":
            world.portal.stop()
        else:
            world.portal.break_("all", kind)
        # What it would answer, could it be asked:
        world.add(unknown, "alice")
        start = time.monotonic()
        assert world.lines("root", known.fingerprint)
        assert time.monotonic() - start < 2, "longer than timeout + 1 s"
        world.must_open(known)
        world.must_refuse(unknown)
        if world.log is not None:
            assert world.said("failed", word), "no reason in the log"
        world.portal.clear()
        world.portal.start()
        world.must_open(unknown)
    name = kind.split(":http")[0]
    for char in ":-{}\"":
        name = name.replace(char, "_")
    tell.__name__ = "portal_" + name.rstrip("_")
    story("portal: %s; the known key works, an unknown one doesn't, until it "
          "is well again" % kind)(tell)


for sickness, reason in SICK.items():
    sick_portal(sickness, reason)


@story("a token that the portal doesn't take: the reason names the file",
       needs=("log",))
def wrong_token(world):
    known, unknown = world.new_key(), world.new_key()
    world.add(known, "alice")
    world.must_open(known)
    world.write_token("T-wrong")
    world.add(unknown, "alice")
    world.must_open(known)
    world.must_refuse(unknown)
    assert world.said("401", world.token_file)
    assert not world.said("T-wrong", seconds=0)
    world.write_token(world.portal.tokens["user"])
    world.must_open(unknown)


@story("a project's token: the personal list may be forbidden or empty, the "
       "other sources go on")
def project_token(world):
    mine, projects, later = (world.new_key() for _ in range(3))
    world.add(mine, "alice")
    world.add(projects, "project")
    world.write_token(world.portal.tokens["project"])
    for status in (401, 403, 200):
        world.portal.do("set", project_token_personal=status)
        world.must_open(projects)
        world.must_refuse(mine)
        ident = world.add(later, "project")
        world.must_open(later)
        world.portal.remove_key(ident)
        world.must_refuse(later)
        assert world.tool("status").returncode == (0 if status == 200 else 1)


@story("a token file that is missing, empty or open to all: a reason, and "
       "the old keys", needs=("log",))
def token_file(world):
    key = world.new_key()
    world.add(key, "alice")
    world.must_open(key)
    token = world.portal.tokens["user"] + "\n"
    for text, mode in ((None, 0), ("", 0o640), ("\n", 0o640), (token, 0o644),
                       (token + token, 0o640), (token, 0o660)):
        if text is None:
            os.unlink(world.token_file)
        else:
            world.write(world.token_file, text, mode, world.service.pw_gid)
        world.log_mark = len(world.log.messages)
        world.must_open(key)
        assert world.said("failed", world.token_file), (text, oct(mode))


@story("the first login ever with the portal gone: refused in time, with a "
       "reason", needs=("log",), config={"timeout": "2s"})
def first_login_ever(world):
    key = world.new_key()
    world.add(key, "alice")
    world.portal.stop()
    world.must_refuse(key)
    assert world.said("root", "no answer")
    assert world.said("failed", "refused")
    world.portal.start()
    world.portal.break_("all", "hang")
    start = time.monotonic()
    assert world.lookup("root").returncode == 1
    assert 2 <= time.monotonic() - start < 3, "timeout is 2 s"
    world.must_refuse(key)
    world.portal.clear()
    world.must_open(key)


@story("a portal with 5,000 keys: the first and the last log in, at once")
def many_keys(world):
    first, last = world.new_key(), world.new_key()
    world.add(first, "project", "first")
    world.portal.do("add_many_keys", count=4998,
                    project=world.portal.ids["project"])
    world.add(last, "project", "last")
    world.configure(fresh="1h")
    world.must_open(last)
    assert len(world.lines("root")) == 5000
    for key in (first, last):
        assert world.must_open(key).seconds < 6
    world.must_refuse(world.new_key())


def shape(prefix, owner):
    options = ("--prefix", prefix, "--owner-field", owner, "--sparse")

    def tell(world):
        keys = [world.new_key() for _ in range(6)]
        for number, key in enumerate(keys):
            world.add(key, ("alice", "bob", "project")[number % 3],
                      "number %d" % number, instances_ids=[])
        # no label: sparse has taken the label of every fourth away
        assert len(world.lines("root")) == 6
        for key in (keys[0], keys[4], keys[5]):
            world.must_open(key)
        asked = {r["path"].split("?")[0] for r in world.portal.requests(
            server="api")}
        assert all(path.startswith(prefix + "/") for path in asked), asked
    tell.__name__ = "shape_%s_%s" % (
        "later" if prefix else "original", owner)
    story("the API's %s shape, owner under %s, fields missing" % (
        "later" if prefix else "original", owner), portal=options)(tell)


for form in ("", "/metal/v1"):
    for name_of_owner in ("entity", "owner", "user", "mixed"):
        shape(form, name_of_owner)


@story("key lists in pages: every page is asked, and one sick page fails the "
       "whole source")
def pages(world):
    keys = [world.new_key(), world.new_key()]
    world.add(keys[0], "project")
    world.portal.do("add_many_keys", count=250,
                    project=world.portal.ids["project"])
    ident = world.add(keys[1], "project")
    world.portal.do("set", page_keys=True)
    world.configure(sources="project")
    assert len(world.lines("root")) == 252
    world.must_open(keys[0])
    world.must_open(keys[1])
    world.portal.break_("/ssh-keys.*[?&]page=3", "status:500")
    world.portal.remove_key(ident)
    world.must_open(keys[1])
    world.portal.clear()
    world.must_refuse(keys[1])


@story("a next page on another host or without end fails the source, and the "
       "token goes nowhere else")
def wrong_next_page(world):
    key = world.new_key()
    world.add(key, "project")
    world.configure(sources="project", timeout="2s")
    world.must_open(key)
    other = Portal()
    try:
        here = "/projects/%s/ssh-keys" % world.portal.ids["project"]
        for href in (other.url + here, "//" + other.url.split("//")[1] + here,
                     here, "http://[", "https://127.0.0.1" + here):
            world.portal.clear()
            world.portal.break_("project", "next:" + href)
            world.must_open(key)
            assert world.tool("status").returncode == 1, href
        world.portal.clear()
        world.portal.break_("project", "redirect:" + other.url + here)
        world.must_open(key)
        assert world.tool("status").returncode == 1
        assert other.requests() == [], "the other host was asked"
    finally:
        other.close()


@story("one source sick: another's new key works, another's removal counts, "
       "its own keys stay")
def one_source_sick(world):
    mine, projects, later = (world.new_key() for _ in range(3))
    world.add(mine, "alice")
    ident = world.add(projects, "project")
    for key in (mine, projects):
        world.must_open(key)
    for sick in ("status:500", "html", "cut"):
        world.portal.break_("personal", sick)
        world.portal.remove_key(ident)
        world.must_refuse(projects)
        world.must_open(mine)
        ident = world.add(later, "project")
        world.must_open(later)
        world.portal.remove_key(ident)
        world.must_refuse(later)
        ident = world.add(projects, "project")
        world.must_open(projects)
        world.portal.clear()

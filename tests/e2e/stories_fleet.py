# SPDX-License-Identifier: ISC
"""The fleet's policy, in the portal's customdata: beside this machine's, or
alone."""

import json
import time

from documents import NOTHING
from story import story

FLEET = {"fleet": "project"}
PERSONAL = {"root": {"sources": ["personal"]}}
PROJECT = {"root": {"sources": ["project"]}}


def two_sources(world):
    personal, projects = world.new_key(), world.new_key()
    world.add(personal, "alice")
    world.add(projects, "project")
    return personal, projects


def only(world, opens, refuses, code="no-account"):
    world.must_open(opens)
    world.must_refuse(refuses, code=code)


def fleet_of(kind):
    def tell(world):
        ident = world.portal.ids[kind]
        world.configure(fleet="organization:" + ident
                        if kind == "organization" else kind)
        personal, projects = two_sources(world)
        world.fleet(kind, users=PROJECT)
        only(world, projects, personal)
        # With this machine's both must allow.
        both = world.new_key()
        world.add(both, "alice")
        world.add(both, "project")
        world.policy(users=PERSONAL)
        only(world, both, projects)
        world.must_refuse(personal, code="no-account")
        world.no_policy()
        world.fleet(kind, users=PERSONAL)
        only(world, personal, projects)
        asked = [r["path"] for r in world.portal.requests(source="fleet")]
        assert set(asked) == {"/%ss/%s/customdata" % (kind, ident)}, asked
        world.portal.stop()
        only(world, personal, projects)
        world.configure(fleet="none")
        world.must_open(projects)
    tell.__name__ = "fleet_" + kind
    story("the fleet's policy in the customdata of the %s: alone, changed, "
          "with this machine's, from the cache, and no longer" % kind)(tell)


for place in ("project", "device", "organization"):
    fleet_of(place)


@story("fleet and file: what one allows and the other doesn't is refused, "
       "account by account", config=FLEET, needs=("account",))
def fleet_both(world):
    personal, projects = two_sources(world)
    account = world.account
    world.fleet(users={"root": {}, account: {"sources": ["project"]}})
    world.policy(users={account: {}})
    world.must_open(projects, user=account)
    world.must_refuse(personal, user=account)
    world.must_refuse(projects)
    world.policy(users={"*": {"sources": ["personal"]}, "root": {}})
    world.must_refuse(projects, user=account)
    world.must_refuse(personal, user=account)
    world.must_open(projects)
    world.must_open(personal)
    # A group of the one and a rule of the other.
    world.accounts.set_group("wheel", account)
    world.policy(groups={"wheel": {"sources": ["project"]}})
    world.must_open(projects, user=account)
    world.must_refuse(personal, user=account)
    world.must_refuse(projects)
    world.accounts.set_group("wheel")
    world.must_refuse(projects, user=account)


def merged(name, file, fleet, check):
    def tell(world):
        key = world.new_key()
        world.add(key, "alice")
        for one, other in ((file, fleet), (fleet, file)):
            world.policy(users={"root": {"options": one}})
            world.fleet(users={"root": {"options": other}})
            check(world, key)
    tell.__name__ = "fleet_merged_" + name
    story("options of file and fleet, either way round: %s" %
          name.replace("_", " "), config=FLEET)(tell)


def refused_as(code):
    return lambda world, key: world.must_refuse(key, code=code)


def forced(world, key):
    assert world.session(key, "id") == "forced\n"
    line, = world.lines("root")
    assert line.startswith('command="echo forced",from="127.0.0.0/8" ') or \
        line.startswith('from="127.0.0.0/8",command="echo forced" '), line


def elsewhere(world, key):
    world.must_refuse(key)
    assert "not from a permitted host" in world.sshd_log()


def narrowed(world, key):
    world.must_open(key)
    assert 'from="127.0.0.1"' in world.lines("root")[0]


merged("command_and_from", 'from="127.0.0.0/8"', 'command="echo forced"',
       forced)
merged("from_elsewhere", 'from="127.0.0.0/8"', 'from="127.9.0.0/16"',
       elsewhere)
merged("from_overlapping", 'from="127.0.0.1,10.0.0.0/8"',
       'from="127.0.0.0/8,192.0.2.1"', narrowed)
merged("from_disjoint", 'from="127.0.0.0/8"', 'from="192.0.2.0/24"',
       refused_as("from-disjoint"))
merged("from_unclear", 'from="127.0.0.0/8"', 'from="*.example.com"',
       refused_as("from-unclear"))
merged("two_commands", 'command="echo forced"', 'command="id"',
       refused_as("command-conflict"))
merged("expiry_of_one", 'expiry-time="20200101"', "restrict",
       refused_as("options-expired"))


def fleet_invalid(name, value, word):
    def tell(world):
        personal, projects = two_sources(world)
        world.fleet_value(value)
        world.must_refuse(personal, code="no-document")
        assert world.lines("root") == []
        assert world.said("source fleet", "never been a valid",
                          word) is not False
        world.fleet(users=PERSONAL)
        only(world, personal, projects)
        world.fleet_value(value)
        only(world, personal, projects)
        assert world.said("source fleet", "last valid document stays in "
                          "force", word) is not False
        assert world.tool("status").returncode == 1
        # A file of this machine's doesn't make up for it.
        world.policy(users=PROJECT)
        world.must_refuse(projects, code="no-account")
        world.no_policy()
        world.fleet(users=PROJECT)
        only(world, projects, personal)
        assert world.tool("status").returncode == 0
    tell.__name__ = "fleet_invalid_" + name
    story("a fleet's policy that is none (%s): the last valid one stays in "
          "force, and without one nobody gets in" % name.replace("_", " "),
          config=FLEET)(tell)


ROOT = {"version": 1, "users": {"root": {}}}
for what, text, said in (
        ("removed", NOTHING, "the customdata has no ssh_policy"),
        ("null", None, "ssh_policy"),
        ("a_string", json.dumps(ROOT), "ssh_policy"),
        ("a_list", [ROOT], "needs an object, not a list"),
        ("unknown_field", dict(ROOT, user={}), "unknown field"),
        ("unknown_version", dict(ROOT, version=2), "version"),
        ("unknown_option", {"version": 1, "users": {
            "root": {"options": "allow-all"}}}, "users.root.options"),
        ("empty", {}, "version")):
    fleet_invalid(what, text, said)


def fleet_sick(kind):
    def tell(world):
        personal, projects = two_sources(world)
        world.portal.break_("fleet", kind)
        world.must_refuse(personal, code="no-document")
        world.portal.clear()
        world.fleet(users=PERSONAL)
        only(world, personal, projects)
        world.portal.break_("fleet", kind)
        world.fleet(users=PROJECT)
        only(world, personal, projects)
        assert world.said("source fleet") is not False
        assert world.tool("status").returncode == 1
        world.portal.clear()
        only(world, projects, personal)
    tell.__name__ = "fleet_sick_" + kind.split(":http")[0].translate(
        {ord(c): "_" for c in ":-{}[]"}).rstrip("_")
    story("the fleet's customdata can't be had (%s): the last valid policy "
          "stays in force, until it is well again" % kind.split(":http")[0],
          config=dict(FLEET, timeout="1s"))(tell)


for sickness in ("status:500", "status:404", "html", "cut", "empty", "hang",
                 "body:[]", "redirect:http://127.0.0.1:9/"):
    fleet_sick(sickness)


@story("a deny in the fleet's policy counts at the next login, and stays with "
       "the portal dead", config=FLEET)
def fleet_deny(world):
    bad, good = two_sources(world)
    world.fleet(users={"root": {}})
    world.must_open(bad)
    world.fleet(keys={"deny": [bad.fingerprint]}, users={"root": {}})
    world.must_refuse(bad, code="denied")
    world.must_open(good)
    world.portal.stop()
    world.policy(users={"root": {}})
    world.must_refuse(bad, code="denied")
    world.must_open(good)


@story("a fleet's policy that asks who the members are: they are asked in the "
       "same login", config=FLEET)
def fleet_members(world):
    alices, bobs = world.new_key(), world.new_key()
    world.add(alices, "alice")
    world.add(bobs, "bob", instances_ids=[])
    world.fleet(users={"root": {"sources": ["device"]}})
    only(world, bobs, alices)
    assert world.members_asked() == 0
    world.fleet(users={"root": {"owners": ["alice@example.com"]}})
    only(world, alices, bobs)
    assert world.members_asked() > 0
    world.fleet(users={"root": {}})
    world.must_open(bobs)
    world.portal.forget_requests()
    world.must_open(bobs)
    assert world.members_asked() == 0


@story("the first login ever, with a fleet's policy that asks who the members "
       "are", config=FLEET)
def fleet_first_login(world):
    key, other = world.new_key(), world.new_key()
    world.add(key, "alice")
    world.add(other, "project")
    world.fleet(users={"root": {"owners": ["alice@example.com"]}})
    only(world, key, other)


@story("a fleet's policy that is stale has perhaps shut a door: nobody gets "
       "in by it", config=dict(FLEET, stale="8s"))
def fleet_stale(world):
    personal, projects = two_sources(world)
    world.fleet(users={"root": {}})
    world.must_open(personal)
    world.portal.break_("fleet", "status:500")
    world.must_open(personal)
    time.sleep(8.1)
    world.must_refuse(personal)
    world.portal.clear()
    world.must_open(projects)

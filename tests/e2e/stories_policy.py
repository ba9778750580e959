# SPDX-License-Identifier: ISC
"""The policy file: when it counts, and what it asks of every key."""

import time

from clients import make_key
from story import story

DAY = 86400


def stamp(seconds):
    """So many seconds from now, as the portal writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(
        time.time() + seconds))


def two_sources(world):
    """A personal key and one of the project."""
    personal, projects = world.new_key(), world.new_key()
    world.add(personal, "alice")
    world.add(projects, "project")
    return personal, projects


@story("a policy put in place, changed and taken away with the portal dead: "
       "each counts at the next login")
def policy_portal_dead(world):
    personal, projects = two_sources(world)
    world.must_open(personal)
    world.must_open(projects)
    world.portal.stop()
    world.policy(users={"root": {"sources": ["project"]}})
    world.must_refuse(personal, code="no-account")
    world.must_open(projects)
    world.policy(users={"root": {"sources": ["personal"]}})
    world.must_refuse(projects, code="no-account")
    world.must_open(personal)
    world.policy()
    world.must_refuse(personal, code="no-account")
    world.must_refuse(projects, code="no-account")
    world.no_policy()
    world.must_open(personal)
    world.must_open(projects)


@story("a policy changed while the snapshot is fresh: it counts at the next "
       "login, and the portal isn't asked", config={"fresh": "1h"})
def policy_fresh(world):
    personal, projects = two_sources(world)
    world.must_open(personal)
    world.portal.forget_requests()
    world.policy(users={"root": {"sources": ["project"]}})
    world.must_refuse(personal, code="no-account")
    world.must_open(projects)
    world.policy(users={"root": {"sources": ["personal"]}})
    world.must_open(personal)
    world.no_policy()
    world.must_open(projects)
    assert world.portal.requests() == []


@story("a policy that was edited in place, within one second and to the same "
       "length, counts too", config={"fresh": "1h"})
def policy_edited_in_place(world):
    personal, projects = two_sources(world)
    world.policy(users={"root": {"sources": ["personal"]}})
    world.must_open(personal)
    with open(world.policy_file, "r+") as file:
        text = file.read().replace('"personal"', '"project" ')
        file.seek(0)
        file.write(text)
    world.must_refuse(personal)
    world.must_open(projects)


@story("without a policy root gets every key and nobody else any; with one, "
       "each account what its rule says", needs=("account",))
def policy_accounts(world):
    personal, projects = two_sources(world)
    world.must_refuse(personal, user=world.account, code="account")
    world.policy(users={"root": {"sources": ["personal"]},
                        world.account: {"sources": ["project"]}})
    world.must_open(personal)
    world.must_open(projects, user=world.account)
    world.must_refuse(projects, code="account")
    world.must_refuse(personal, user=world.account, code="account")
    world.must_refuse(personal, user="daemon", code="account")
    world.policy(users={world.account: {}})
    world.must_open(personal, user=world.account)
    world.must_open(projects, user=world.account)
    world.must_refuse(personal, code="account")


@story("`*`: every account without a rule of its own, and never root",
       needs=("account",))
def policy_star(world):
    personal, projects = two_sources(world)
    other = world.accounts.add_user("build")
    world.policy(users={"*": {"sources": ["personal"]},
                        world.account: {"sources": ["project"]}})
    world.must_open(personal, user=other)
    world.must_refuse(projects, user=other, code="account")
    world.must_open(projects, user=world.account)
    world.must_refuse(personal, user=world.account, code="account")
    world.must_refuse(personal, code="account")
    world.must_refuse(projects, code="account")


@story("keys.types: others are refused")
def key_types(world):
    keys = {kind: world.new_key(kind=kind)
            for kind in ("rsa", "ecdsa", "ed25519")}
    for key in keys.values():
        world.add(key, "alice")
    world.policy(keys={"types": ["ssh-ed25519", "ssh-rsa"]},
                 users={"root": {}})
    world.must_open(keys["ed25519"])
    world.must_open(keys["rsa"])
    world.must_refuse(keys["ecdsa"], code="key-type")
    world.policy(keys={"types": ["ecdsa-sha2-nistp256"]}, users={"root": {}})
    world.must_open(keys["ecdsa"])
    world.must_refuse(keys["rsa"], code="key-type")
    world.must_refuse(keys["ed25519"], code="key-type")


@story("keys.rsa_min_bits: shorter RSA keys are refused, others don't care")
def rsa_bits(world):
    strong, other = world.new_key(kind="rsa"), world.new_key()
    weak = make_key(world.path("client", "weak"), kind="rsa", bits=2048)
    for key in (weak, strong, other):
        world.add(key, "alice")
    world.must_open(weak)
    world.policy(keys={"rsa_min_bits": 3072}, users={"root": {}})
    world.must_refuse(weak, code="rsa-bits")
    world.must_open(strong)
    world.must_open(other)
    world.policy(keys={"rsa_min_bits": 3073}, users={"root": {}})
    world.must_refuse(strong, code="rsa-bits")
    world.policy(keys={"rsa_min_bits": 2048}, users={"root": {}})
    world.must_open(weak)


@story("keys.max_age: older keys are refused, and those without a date")
def max_age(world):
    new, old, undated, double = (world.new_key() for _ in range(4))
    world.add(new, "alice", created_at=stamp(-29 * DAY))
    world.add(old, "alice", created_at=stamp(-31 * DAY))
    world.add(undated, "alice", raw={"created_at": None})
    # The same key put in anew is as old as its oldest record.
    world.add(double, "alice", created_at=stamp(-31 * DAY))
    world.add(double, "project")
    world.policy(keys={"max_age": "30d"}, users={"root": {}})
    world.must_open(new)
    world.must_refuse(old, code="max-age")
    world.must_refuse(double, code="max-age")
    world.must_refuse(undated, code="no-date")
    world.policy(keys={"max_age": "32d"}, users={"root": {}})
    world.must_open(old)
    world.must_open(double)
    world.must_refuse(undated, code="no-date")
    world.no_policy()
    world.must_open(undated)


@story("keys.max_age passes while the portal is dead, or isn't asked",
       config={"fresh": "1h"})
def max_age_passes(world):
    key = world.new_key()
    world.add(key, "alice", created_at=stamp(-3600))
    world.policy(keys={"max_age": "3610s"}, users={"root": {}})
    start = time.monotonic()
    world.must_open(key)
    assert time.monotonic() - start < 10, "too slow to mean anything"
    world.portal.stop()
    time.sleep(max(0, start + 11 - time.monotonic()))
    world.must_refuse(key)
    assert world.lines("root") == []


@story("tags user: let a key open these accounts alone, and give it none "
       "that the rules don't", needs=("account",))
def tag_user(world):
    free, tagged, both, odd = (world.new_key() for _ in range(4))
    world.add(free, "alice")
    world.add(tagged, "alice", tags=["user:" + world.account])
    world.add(both, "alice", tags=["user:%s" % world.account, "User: root",
                                   "web"])
    world.add(odd, "alice", tags=["user:"])
    # The built-in policy knows them too.
    world.must_open(free)
    world.must_open(both)
    world.must_refuse(tagged, code="no-account")
    world.must_refuse(odd, code="tag-user")
    world.policy(users={"root": {}, world.account: {}})
    world.must_open(tagged, user=world.account)
    world.must_refuse(tagged, code="account")
    world.must_open(both, user=world.account)
    world.must_open(both)
    world.must_refuse(odd, user=world.account, code="tag-user")
    world.must_refuse(tagged, user="daemon", code="account")


@story("a rule's tags: a key needs one of them", needs=("account",))
def rule_tags(world):
    web, both, none = (world.new_key() for _ in range(3))
    world.add(web, "alice", tags=["web"])
    ident = world.add(both, "alice", tags=["db", "web"])
    world.add(none, "alice", tags=["Web", "web "])
    world.policy(users={"root": {"tags": ["db", "cache"]},
                        world.account: {"tags": ["web"]}})
    world.must_open(web, user=world.account)
    world.must_refuse(web, code="account")
    world.must_open(both)
    world.must_open(both, user=world.account)
    world.must_refuse(none, user=world.account, code="no-account")
    world.portal.do("change_key", key=ident, tags=["web"])
    world.must_refuse(both, code="account")


@story("conditions of one rule must all hold")
def rule_conditions(world):
    right, personal, untagged = (world.new_key() for _ in range(3))
    world.add(right, "project", tags=["web"])
    world.add(personal, "alice", tags=["web"])
    world.add(untagged, "project")
    world.policy(users={"root": {"sources": ["project", "device"],
                                 "tags": ["web"]}})
    world.must_open(right)
    world.must_refuse(personal, code="no-account")
    world.must_refuse(untagged, code="no-account")

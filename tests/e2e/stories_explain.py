# SPDX-License-Identifier: ISC
"""explain, list and policy diff against what sshd then does: whoever asks
beforehand must be told the truth."""

import json
import os
import time

from documents import document
from story import story

# What a login is told of a key that some source holds: where the log has one
# of these, explain says which condition it was.
BY_RULES = ("account", "no-account")
OF_RULES = ("no-rule", "source", "owner", "tag", "role", "group",
            "members-unknown", "tag-user-other", "account", "no-account",
            "options-expired", "from-disjoint", "authority")
OWN = {"root": {"sources": ["project"]},
       "deploy": {"tags": ["web"], "options": "restrict"},
       "*": {"owners": ["%u@example.com"]}}
ALICE = "alice"


def people_and_keys(world):
    """Keys by name, accounts, and where they are."""
    world.accounts.add_user(ALICE)
    keys = {name: world.new_key() for name in (
        "project", "alices", "bobs", "web", "expired", "for_root",
        "unknown")}
    keys["ecdsa"] = world.new_key(kind="ecdsa")
    world.add(keys["project"], "project")
    world.add(keys["alices"], "alice")
    world.add(keys["bobs"], "bob", instances_ids=[])
    world.add(keys["web"], "bob", tags=["web"], instances_ids=[])
    world.add(keys["expired"], "alice", tags=["expires:2020-01-01"])
    world.add(keys["for_root"], "project", tags=["user:root", "web"])
    world.add(keys["ecdsa"], "project", tags=["web"])
    return keys, ("root", world.account, ALICE)


def agrees(value, login, said, where):
    """explain's answer with what sshd did and what the log says."""
    reason = value["reason"]
    assert value["allowed"] == login.open, (where, value)
    if login.open:
        assert reason == "allowed" and value["lines"], (where, value)
    elif said is None:
        pass
    elif said == "":
        assert reason == "not-found", (where, reason)
    elif said in BY_RULES:
        assert reason in OF_RULES, (where, said, reason)
    else:
        # The log's are of the key alone, whatever the account.
        assert reason in (said, "tag-user-other"), (where, said, reason)


def compare_all(world, keys, users):
    """Each key with each account: explain, list, and a real login."""
    opened = set()
    for user in users:
        for name, key in keys.items():
            mark = world.mark()
            login = world.login(key, user=user)
            said = "" if login.open else world.refusal_since(mark, key, user)
            value = world.explain(key, user)
            agrees(value, login, said, (user, name))
            assert world.lines(user, key.fingerprint) == value["lines"]
            if login.open:
                opened.add((user, name))
        listed = {g["fingerprint"] for g in world.json("list", user)["grants"]}
        assert listed == {keys[name].fingerprint for who, name in opened
                          if who == user}, (user, listed)
    return opened


def told(name, opens, prepare, **config):
    """opens: how many of the pairs, so that no world is all shut."""
    def tell(world):
        keys, users = people_and_keys(world)
        prepare(world, keys)
        opened = compare_all(world, keys, users)
        assert len(opened) == opens, sorted(opened)
    tell.__name__ = "explain_" + name
    story("explain and list say what sshd then does: %s" %
          name.replace("_", " "), needs=("account",),
          config=dict({"fresh": "1h"}, **config))(tell)


def own_policy(world, keys):
    world.policy(users=OWN)


def keys_and_groups(world, keys):
    world.accounts.set_group("wheel", world.account)
    world.policy(keys={"types": ["ssh-ed25519"], "require_member": True,
                       "deny": [keys["web"].fingerprint]},
                 users={"root": {"roles": ["collaborator"]}},
                 groups={"wheel": {"roles": ["admin"]}, ALICE: {}})


def fleet_and_file(world, keys):
    world.fleet(users=OWN)
    world.policy(users={"*": {}, "root": {"tags": ["web"]}},
                 keys={"deny": [keys["bobs"].fingerprint]})


def denied(world, keys):
    world.deny(keys["project"].fingerprint)
    world.deny(keys["unknown"].fingerprint)
    world.policy(users={"root": {}, "*": {"sources": ["project"]}})


def never_valid(world, keys):
    world.write(world.policy_file, document(users=OWN)[:-9])


told("built_in", 6, lambda world, keys: None)
told("own_policy", 6, own_policy)
told("keys_and_groups", 5, keys_and_groups)
told("fleet_and_file", 5, fleet_and_file, fleet="project")
told("denied_keys", 7, denied)
told("never_valid_policy", 0, never_valid)


@story("explain of a key in no source, a user of no rule, and with no "
       "snapshot at all; by file, by fingerprint, by MD5")
def explain_unknown(world):
    key, projects = world.new_key(), world.new_key()
    value = world.explain(key)
    assert value["reason"] == "no-snapshot", value
    world.add(projects, "project")
    world.policy(users={"root": {"sources": ["personal"]}})
    world.must_refuse(key)
    assert world.explain(key)["reason"] == "not-found"
    assert world.explain(projects)["reason"] == "source"
    assert world.explain(projects, "daemon")["reason"] == "no-rule"
    value = world.explain(projects, "no-such-user")
    assert value["reason"] == "no-rule" and not value["local_account"]
    result = world.tool("explain", "root", projects.path + ".pub")
    assert result.returncode == 1, result
    for word in ("source", "personal", "root", projects.fingerprint):
        assert word in result.stdout, (word, result.stdout)
    # Half a key says nothing, and is never shown.
    result = world.tool("explain", "root", projects.path)
    assert result.returncode == 2 and "private" in result.stderr, result
    assert "PRIVATE KEY" not in result.stdout + result.stderr
    world.policy(users={"root": {}})
    world.must_open(projects)
    result = world.tool("explain", "root", projects.path + ".pub")
    assert result.returncode == 0, result
    assert world.lines("root")[0] in result.stdout, result.stdout


@story("explain and list ask nobody, and say how old what they know is",
       config={"fresh": "2s", "stale": "3s"})
def explain_old(world):
    key = world.new_key()
    world.add(key, "alice")
    world.must_open(key)
    world.portal.stop()
    made = time.monotonic()
    assert world.explain(key)["allowed"]
    assert world.explain(key)["snapshot"]["fresh"]
    time.sleep(max(0, made + 3.2 - time.monotonic()))
    value = world.explain(key)
    assert value["reason"] == "stale", value
    assert not value["snapshot"]["fresh"]
    assert world.json("list", "root")["grants"] == []
    world.must_refuse(key)


@story("explain where the policy file is broken: by the last valid one, and "
       "it says so")
def explain_broken(world):
    personal, projects = world.new_key(), world.new_key()
    world.add(personal, "alice")
    world.add(projects, "project")
    world.policy(users={"root": {"sources": ["project"]}})
    world.must_open(projects)
    world.write(world.policy_file, '{"version": 1, "userz": {}}\n')
    for key, reason in ((projects, "allowed"), (personal, "source")):
        value = world.explain(key)
        assert value["reason"] == reason, value
        problem = value["documents"][0]["problem"]
        assert "line 1, column 16: userz: unknown field" in problem, problem
    world.must_open(projects)
    world.must_refuse(personal)


@story("explain of a CA: not the key itself, but what it has signed")
def explain_authority(world):
    ca, signed = world.new_key(), world.new_key()
    world.add(ca, "project", tags=["ca"])
    world.policy(users={"root": {"options": "cert-authority"}})
    world.must_refuse(ca)
    value = world.explain(ca)
    assert value["reason"] == "authority" and not value["allowed"], value
    value = world.explain(signed)
    assert value["reason"] == "not-found" and value["authorities"], value


def predicted(changes, key, user, groups, named):
    """What a diff says of this key and account: gained, lost or None."""
    found = {c["change"] for c in changes
             if c["fingerprint"] == key.fingerprint and
             set(c["groups"]) <= set(groups) and
             (c["user"] == user or (c["user"] == "*" and
                                    user not in named))}
    assert not {"gained", "lost"} <= found, changes
    return next(iter(found & {"gained", "lost"}), None)


def diff_of(name, before, after):
    def tell(world):
        keys, users = people_and_keys(world)
        users += (world.accounts.add_user("build"),)
        world.accounts.set_group("wheel", "build")
        candidate = world.path("candidate.json")
        world.write(candidate, document(**after), 0o666)
        if before:
            world.policy(**before)
        assert world.tool("fetch", "--members").returncode == 0
        was = {user: set(world.lines(user)) for user in users}
        result = world.tool("policy", "diff", "--json", candidate)
        assert result.returncode == 1, result
        changes = json.loads(result.stdout)["changes"]
        text = world.tool("policy", "diff", candidate)
        assert text.returncode == 1 and \
            len(text.stdout.splitlines()) >= len(changes), text
        assert {user: set(world.lines(user)) for user in users} == was
        os.rename(candidate, world.policy_file)
        os.chmod(world.policy_file, 0o644)
        named = {"root", *(before or {}).get("users", {}),
                 *after.get("users", {})}
        for user in users:
            for key in keys.values():
                blob = key.public.split(" ")[1]
                opened = any(blob in row for row in was[user])
                change = predicted(changes, key, user,
                                   ["wheel"] if user == "build" else [],
                                   named)
                assert change != ("gained" if opened else "lost"), change
                if change:
                    assert world.login(key, user=user).open == (
                        change == "gained"), (user, key, changes)
                else:
                    assert bool(world.lines(user, key.fingerprint)) == \
                        opened, (user, key, changes)
        same = world.tool("policy", "diff", world.policy_file)
        assert same.returncode == 0, same
    tell.__name__ = "policy_diff_" + name
    story("policy diff foretells who gains and loses which key: %s" %
          name.replace("_", " "), needs=("account",),
          config={"fresh": "1h"})(tell)


diff_of("from_the_built_in", None, {"users": OWN})
diff_of("rules_and_groups", {"users": OWN}, {
    "users": {"root": {"tags": ["web"]}, "*": {"sources": ["device"]}},
    "groups": {"wheel": {"roles": ["admin"]}}})
diff_of("stricter_keys", {"users": {"root": {}, "*": {}}}, {
    "keys": {"types": ["ssh-ed25519"], "require_member": True},
    "users": {"root": {}, "*": {}, "deploy": {"roles": ["collaborator"]}}})


@story("policy diff without the members that it needs says how to get them")
def policy_diff_members(world):
    key = world.new_key()
    world.add(key, "bob", instances_ids=[])
    candidate = world.path("candidate.json")
    world.write(candidate, document(users={"root": {
        "owners": ["alice@example.com"]}}))
    assert world.tool("policy", "diff", candidate).returncode == 2
    world.must_open(key)
    result = world.tool("policy", "diff", candidate)
    assert result.returncode == 2 and "fetch --members" in result.stderr
    assert world.tool("fetch", "--members").returncode == 0
    result = world.tool("policy", "diff", candidate)
    assert result.returncode == 1, result
    assert any(row.startswith("- root ") and key.fingerprint in row
               for row in result.stdout.splitlines()), result.stdout
    world.write(candidate, document(users={"root": {"owner": ["x"]}}))
    result = world.tool("policy", "diff", candidate)
    assert result.returncode == 2 and "users.root.owner" in result.stderr

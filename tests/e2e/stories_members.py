# SPDX-License-Identifier: ISC
"""Whose key it is: owners, roles, local groups, and who has left."""

import time

from story import story


def device_key(world, owner, **more):
    """A key of somebody's that is on this server, and its id."""
    key = world.new_key()
    return key, world.add(key, owner, instances_ids=[], **more)


def member(world, name, *roles):
    world.portal.do("add_member", user=world.portal.ids[name],
                    project=world.portal.ids["project"], roles=roles)


def leave(world, name):
    """Out of the project; the keys stay on the server."""
    world.portal.do("remove_member", user=world.portal.ids[name],
                    project=world.portal.ids["project"])


def on_device(world, ident):
    device = world.portal.ids["device"]
    return ident in world.portal.do("state")["devices"][device]


@story("owners: by e-mail in any case, by id and by short id")
def owners(world):
    alices, bobs = device_key(world, "alice")[0], device_key(world, "bob")[0]
    ident = world.portal.ids["bob"]
    for owner in ("Bob@EXAMPLE.com", "bob@example.com", ident,
                  ident.upper(), ident.split("-")[0]):
        world.policy(users={"root": {"owners": [owner]}})
        world.must_open(bobs)
        assert len(world.lines("root")) == 1, owner
    world.must_refuse(alices, code="no-account")
    world.policy(users={"root": {"owners": ["x@example.com",
                                            "alice@example.com"]}})
    world.must_open(alices)
    world.must_refuse(bobs, code="no-account")
    for owner in ("b@example.com", "bob@example.co", "bob", "Bob Example"):
        world.policy(users={"root": {"owners": [owner]}})
        assert world.lines("root") == [], owner


@story("%u under `*`: each person's key opens the account of that name, and "
       "no other; a user with a rule of his own isn't covered",
       needs=("account",))
def owner_of_account(world):
    alice, bob = map(world.accounts.add_user, ("alice", "bob"))
    alices, bobs = device_key(world, "alice")[0], device_key(world, "bob")[0]
    projects = world.new_key()
    world.add(projects, "project")
    world.policy(users={"*": {"owners": ["%u@example.com"]}})
    world.must_open(alices, user=alice)
    world.must_open(bobs, user=bob)
    for key, user in ((alices, bob), (alices, "root"), (bobs, alice),
                      (bobs, "root"), (alices, world.account)):
        world.must_refuse(key, user=user, code="account")
    world.must_refuse(projects, user=alice, code="no-account")
    world.policy(users={"*": {"owners": ["%u@example.com"]},
                        bob: {"sources": ["project"]}})
    world.must_refuse(bobs, user=bob, code="account")
    world.must_open(projects, user=bob)
    world.must_open(alices, user=alice)


@story("%u: a person who has no account here, and one called root, open "
       "nothing", needs=("account",))
def owner_root(world):
    person = world.portal.do("add_user", email="root@example.com")
    world.portal.do("add_member", user=person,
                    project=world.portal.ids["project"])
    key = world.new_key()
    world.portal.add_key(key.public, user=person, instances_ids=[])
    world.policy(users={"*": {"owners": ["%u@example.com"]}})
    world.must_refuse(key)
    # Where root's own rule says so it is another thing.
    world.policy(users={"root": {"owners": ["%u@example.com"]}})
    world.must_open(key)
    world.must_refuse(key, user=world.account, code="account")


@story("roles: one of them is enough, and a change counts at the next login")
def roles(world):
    alices, bobs = device_key(world, "alice")[0], device_key(world, "bob")[0]
    world.policy(users={"root": {"roles": ["admin", "owner"]}})
    world.must_open(alices)
    world.must_refuse(bobs, code="no-account")
    member(world, "bob", "collaborator", "owner")
    world.must_open(bobs)
    member(world, "bob", "collaborator")
    world.must_refuse(bobs, code="no-account")
    member(world, "alice", "billing")
    world.must_refuse(alices, code="no-account")


@story("groups: an account in the group is opened by its rule, and no more "
       "when it has left; beside its own rule", needs=("account",),
       config={"fresh": "1h"})
def groups(world):
    accounts, account = world.accounts, world.account
    alices, bobs = device_key(world, "alice")[0], device_key(world, "bob")[0]
    world.policy(groups={"wheel": {"roles": ["admin"]},
                         "no-such-group": {}})
    accounts.set_group("wheel")
    world.must_refuse(alices, user=account)
    accounts.set_group("wheel", "daemon", account)
    world.must_open(alices, user=account)
    world.must_refuse(bobs, user=account)
    world.must_refuse(alices)
    accounts.set_group("wheel", "daemon")
    world.must_refuse(alices, user=account)
    # Both rules: the union.
    world.policy(users={account: {"owners": ["bob@example.com"]}},
                 groups={"wheel": {"roles": ["admin"]}})
    world.must_open(bobs, user=account)
    world.must_refuse(alices, user=account)
    accounts.set_group("wheel", account)
    world.must_open(bobs, user=account)
    world.must_open(alices, user=account)
    # A group's rule is for root too, if root is in the group.
    accounts.set_group("wheel", "root")
    world.must_open(alices)
    world.must_refuse(alices, user=account)


@story("groups: the primary group counts; options are the group rule's",
       needs=("account",))
def group_primary(world):
    key = device_key(world, "alice")[0]
    world.policy(groups={world.account: {"options": 'command="echo forced"'}})
    assert world.session(key, "id", user=world.account) == "forced\n"
    world.must_refuse(key)
    other = world.accounts.add_user("build")
    world.must_refuse(key, user=other)


@story("require_member: a collaborator who leaves the project is refused at "
       "the next login, though the key is still on the server")
def member_leaves(world):
    bobs, ident = device_key(world, "bob")
    projects, nobodys = world.new_key(), world.new_key()
    world.add(projects, "project")
    world.add(nobodys, "alice", raw={"entity": None})
    world.policy(keys={"require_member": True}, users={"root": {}})
    world.must_open(bobs)
    world.must_open(projects)
    world.must_refuse(nobodys, code="no-owner")
    leave(world, "bob")
    assert on_device(world, ident)
    world.must_refuse(bobs, code="not-member")
    world.must_open(projects)
    member(world, "bob", "collaborator")
    world.must_open(bobs)
    world.policy(users={"root": {}})
    leave(world, "bob")
    world.must_open(bobs)


@story("owners: a collaborator who leaves the project is refused at the next "
       "login, by name or by id with require_member")
def owner_leaves(world):
    bobs, ident = device_key(world, "bob")
    world.policy(users={"root": {"owners": ["bob@example.com"]}})
    world.must_open(bobs)
    leave(world, "bob")
    assert on_device(world, ident)
    world.must_refuse(bobs, code="no-account")
    member(world, "bob", "collaborator")
    world.policy(keys={"require_member": True},
                 users={"root": {"owners": [world.portal.ids["bob"]]}})
    world.must_open(bobs)
    leave(world, "bob")
    world.must_refuse(bobs, code="not-member")


def members_sick(kind):
    def tell(world):
        bobs = device_key(world, "bob")[0]
        world.policy(users={"root": {"owners": ["bob@example.com"]}})
        world.must_open(bobs)
        world.portal.break_("members", kind)
        leave(world, "bob")
        world.must_open(bobs)
        if world.log is not None:
            assert world.said("members", "serve"), "not in the log"
        assert world.tool("status").returncode == 1
        world.portal.clear()
        world.must_refuse(bobs, code="no-account")
        assert world.tool("status").returncode == 0
    tell.__name__ = "members_sick_" + kind.replace(":", "_").replace(
        "-", "_").rstrip("_{}")
    story("the member list fails (%s): who was a member last counts, until "
          "it is well again" % kind, config={
              "timeout": "1s", "connect-timeout": "500ms"})(tell)


for sickness in ("status:500", "status:403", "html", "cut", "hang",
                 "wrong-type", "body:{}"):
    members_sick(sickness)


@story("a member list that has never come: rules with owners grant nothing, "
       "those without still do", needs=("account",))
def members_never(world):
    alices, projects = device_key(world, "alice")[0], world.new_key()
    world.add(projects, "project")
    world.portal.break_("members", "status:500")
    world.policy(users={"root": {"owners": ["alice@example.com"]},
                        world.account: {"sources": ["project"]}})
    world.must_refuse(alices)
    assert world.lines("root") == []
    world.must_open(projects, user=world.account)
    assert world.said("members", "never answered") is not False
    assert world.explain(alices)["allowed"] is False
    world.portal.clear()
    world.must_open(alices)


@story("members that were last known too long ago are none",
       config={"stale": "8s", "fresh": "0s"})
def members_stale(world):
    bobs, ident = device_key(world, "bob")
    world.policy(users={"root": {"owners": ["bob@example.com"]}})
    world.must_open(bobs)
    world.portal.break_("members", "status:500")
    world.must_open(bobs)
    time.sleep(8.1)
    world.must_refuse(bobs)
    assert on_device(world, ident)
    world.policy(users={"root": {}})
    world.must_open(bobs)


@story("2,500 members are three requests, made only where the policy asks "
       "who they are; the first and the last get in", config={"fresh": "1h"})
def members_pages(world):
    first, last, own = world.new_key(), world.new_key(), world.new_key()
    project = world.portal.ids["project"]
    for number in range(2498):
        person = world.portal.do("add_user",
                                 email="p%d@example.com" % number)
        world.portal.do("add_member", user=person, project=project)
    world.portal.add_key(last.public, user=person, instances_ids=[])
    world.add(first, "alice")
    world.add(own, "project")
    world.policy(users={"root": {"sources": ["device", "project"]}})
    world.must_open(last)
    assert world.members_asked() == 0
    world.policy(users={"root": {"owners": ["P2497@example.com",
                                            "alice@example.com"]}})
    world.must_open(last)
    world.must_open(first)
    world.must_refuse(own)
    rows = world.portal.requests(source="members")
    assert len(rows) == 3, rows
    assert all("per_page=1000" in r["path"] and "include=user" in r["path"]
               for r in rows), rows
    # A sick page is a sick list.
    world.configure(fresh="0s")
    world.portal.break_("/memberships.*[?&]page=2", "status:500")
    world.portal.do("remove_member", user=person, project=project)
    world.must_open(last)
    world.portal.clear()
    world.must_refuse(last)
    world.must_open(first)
    world.portal.forget_requests()
    for change in ({"users": {"root": {"sources": ["project"]}}},
                   {"keys": {"max_age": "1d"}, "users": {"root": {}}}):
        world.policy(**change)
        world.must_open(own)
    world.no_policy()
    world.must_open(own)
    assert world.members_asked() == 0

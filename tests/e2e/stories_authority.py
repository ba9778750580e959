# SPDX-License-Identifier: ISC
"""A key in the portal that is a CA: what it has signed logs in."""

from clients import run, sign
from story import story

RULE = {"tags": ["ca"], "options": 'cert-authority,principals="web,ops"'}


def plain(key):
    """Takes the key's certificate away."""
    run(["rm", "-f", key.path + "-cert.pub"])


@story("cert-authority: a certificate for one of the principals logs in; "
       "another's, another CA's, none, and the CA's own key don't")
def authority(world):
    ca, stranger, key = (world.new_key() for _ in range(3))
    world.add(ca, "project", "the CA", tags=["ca"])
    world.add(stranger, "project", "an ordinary key")
    world.policy(users={"root": RULE})
    world.must_refuse(key)
    sign(ca, key, "web")
    world.must_open(key)
    sign(ca, key, "mail", "ops")
    world.must_open(key)
    # An account's name is no principal of the list.
    for names in (["root"], ["mail"], ["Web"], []):
        sign(ca, key, *names)
        world.must_refuse(key)
    sign(stranger, key, "web")
    world.must_refuse(key)
    sign(ca, key, "web", more=("-V", "20200101:20200102"))
    world.must_refuse(key)
    plain(key)
    world.must_refuse(key)
    world.must_refuse(ca)
    world.must_refuse(stranger)


@story("cert-authority without principals: a certificate must name the "
       "account", needs=("account",))
def authority_account(world):
    ca, key = world.new_key(), world.new_key()
    world.add(ca, "project", tags=["ca"])
    world.policy(users={"*": {"tags": ["ca"], "options": "cert-authority"}})
    sign(ca, key, world.account)
    world.must_open(key, user=world.account)
    world.must_refuse(key)
    sign(ca, key, "root")
    # `*` is never root, whatever the certificate says.
    world.must_refuse(key)
    world.must_refuse(key, user=world.account)


@story("a CA beside ordinary keys: each by its own rule, and each stops with "
       "its record, portal dead or alive", needs=("account",))
def authority_and_keys(world):
    ca, key, ordinary = (world.new_key() for _ in range(3))
    ident = world.add(ca, "project", tags=["ca"])
    world.add(ordinary, "alice")
    world.policy(users={"root": {"sources": ["personal"]},
                        world.account: RULE})
    sign(ca, key, "web")
    world.must_open(ordinary)
    world.must_open(key, user=world.account)
    world.must_refuse(key)
    world.must_refuse(ordinary, user=world.account)
    world.portal.stop()
    world.must_open(key, user=world.account)
    world.portal.start()
    world.portal.remove_key(ident)
    world.must_refuse(key, user=world.account)
    world.must_open(ordinary)


@story("a denied key stays out though a CA has signed it; a denied CA lets "
       "none of its keys in")
def authority_denied(world):
    ca, key, other = (world.new_key() for _ in range(3))
    world.add(ca, "project", tags=["ca"])
    for one in (key, other):
        sign(ca, one, "ops")
    world.policy(users={"root": RULE})
    world.must_open(key)
    world.deny(key.fingerprint)
    world.must_refuse(key, code="denied")
    world.must_open(other)
    world.portal.stop()
    world.must_refuse(key, code="denied")
    world.undeny(key)
    world.must_open(key)
    world.policy(users={"root": RULE}, keys={"deny": [key.fingerprint]})
    world.must_refuse(key, code="denied")
    world.must_open(other)
    world.policy(users={"root": RULE})
    world.must_open(key)
    world.deny(ca.fingerprint)
    world.must_refuse(key)
    world.must_refuse(other)
    assert world.lines("root", other.fingerprint) == []


@story("a CA's tags and rule narrow what it has signed")
def authority_narrowed(world):
    keys, cas = [], []
    for tags in (["from:127.0.0.1"], ["from:192.0.2.1"],
                 ["expires:2020-01-01"], ["user:nobody"]):
        keys.append(world.new_key())
        cas.append(world.new_key())
        world.add(cas[-1], "project", tags=["ca", *tags])
        sign(cas[-1], keys[-1], "web")
    world.policy(users={"root": RULE})
    world.must_open(keys[0])
    for key in keys[1:]:
        world.must_refuse(key)
    forced = dict(RULE, options=RULE["options"] + ',command="echo forced"')
    world.policy(users={"root": forced})
    assert world.session(keys[0], "id") == "forced\n"

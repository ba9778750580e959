# SPDX-License-Identifier: ISC
"""Three clients, three kinds of key, and a client that has many."""

import time

from story import story


def client_and_kind(client, kind):
    def tell(world):
        key, other = (world.new_key(client, kind) for _ in range(2))
        world.add(key, "project")
        world.must_open(key)
        world.must_refuse(other)
    tell.__name__ = "%s_%s" % (client, kind)
    story("%s with its own kind of %s key" % (client, kind),
          needs=(client,))(tell)


for name in ("ssh", "plink", "dbclient"):
    for kind_of_key in ("rsa", "ecdsa", "ed25519"):
        client_and_kind(name, kind_of_key)


def pasted(kind):
    def tell(world):
        key = world.new_key("plink", kind)
        assert key.block.startswith("---- BEGIN SSH2 PUBLIC KEY ----\n")
        assert "Comment:" in key.block
        # As it comes out of the box, and as a browser on Windows sends it.
        for text in (key.block, "\r\n".join(key.block.split("\n"))):
            ident = world.portal.add_key(
                text, "pasted", user=world.portal.ids["alice"])
            world.must_open(key)
            world.portal.remove_key(ident)
            world.must_refuse(key)
    tell.__name__ = "pasted_%s" % kind
    story("PuTTYgen's own text of an %s key, pasted in the portal" % kind,
          needs=("plink",))(tell)


for kind_of_key in ("rsa", "ed25519"):
    pasted(kind_of_key)


@story("a client with six keys, of which the last fits, costs one request a "
       "source", config={"fresh": "15s"})
def six_keys(world):
    keys = [world.new_key() for _ in range(6)]
    world.start_sshd()
    assert world.lines("root") == []  # now the ids are learned
    world.add(keys[5], "project")
    time.sleep(15.1)
    world.portal.forget_requests()
    login = world.must_open(*keys)
    assert login.seconds < 15, "too slow for the count to mean anything"
    asked = sorted(r["source"] for r in world.portal.requests())
    assert asked == ["device", "personal", "project"], asked
    assert world.sshd_log().count("Failed publickey") == 5


@story("sshd that speaks of fingerprints in MD5")
def md5_sshd(world):
    key, other = world.new_key(), world.new_key()
    world.add(key, "alice")
    world.add(world.new_key(), "project")
    world.start_sshd(more="FingerprintHash md5")
    world.must_open(key)
    world.must_refuse(other)
    assert key.md5 in world.sshd_log()

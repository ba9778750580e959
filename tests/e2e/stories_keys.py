# SPDX-License-Identifier: ISC
"""Which keys open this machine: whose, of which source, since when."""

from clients import make_key
from private import mount, unmount
from story import story

BOOT = "/proc/sys/kernel/random/boot_id"
MS_BIND = 0x1000

DEVICE = {"sources": "device"}


@story("a personal key works from the moment it is in the portal",
       config={"sources": "personal"})
def personal_key(world):
    key = world.new_key()
    world.must_refuse(key)
    world.add(key, "alice")
    world.must_open(key)


@story("a project key works, also with a project's token",
       config={"sources": "project device"})
def project_key(world):
    key = world.new_key()
    world.write_token(world.portal.tokens["project"])
    world.must_refuse(key)
    world.add(key, "project")
    world.must_open(key)


@story("a collaborator's and an organization member's key, put on the server "
       "at provisioning, work; a stranger's doesn't", config=DEVICE)
def collaborators_key(world):
    keys = {name: world.new_key() for name in ("bob", "carol")}
    for name, key in keys.items():
        world.add(key, name)
    stranger = world.new_key()
    person = world.portal.do("add_user", email="x@example.net")
    world.portal.add_key(stranger.public, "stranger", user=person)
    world.must_refuse(keys["bob"])  # the device is older than the keys
    world.portal.provision()
    # What auto stands for is kept for a day: the old device still answers.
    world.portal.do("remove_device", device=world.portal.ids["device"])
    world.must_open(keys["bob"])
    world.must_open(keys["carol"])
    world.must_refuse(stranger)


@story("a server provisioned without keys, or with one person's alone",
       config=DEVICE)
def chosen_at_provisioning(world):
    bob, carol = world.new_key(), world.new_key()
    world.add(bob, "bob")
    world.add(carol, "carol")
    world.portal.provision(no_ssh_keys=True)
    world.must_refuse(bob)
    device = world.portal.provision(user_ssh_keys=[world.portal.ids["bob"]])
    world.configure(device=device)
    world.must_open(bob)
    world.must_refuse(carol)


@story("a key associated with this server works, with another one only "
       "doesn't", config=DEVICE)
def key_for_one_server(world):
    here, there, everywhere = (world.new_key() for _ in range(3))
    world.add(here, "bob", instances_ids=[world.portal.ids["device"]])
    world.add(there, "bob", instances_ids=[world.portal.ids["other"]])
    world.add(everywhere, "bob", instances_ids=[])
    world.must_open(here)
    world.must_refuse(there)
    world.must_open(everywhere)


@story("a key added after provisioning: not by the device's list, but by the "
       "person's")
def key_after_provisioning(world):
    key = world.new_key()
    world.configure(sources="device")
    world.add(key, "alice")
    world.must_refuse(key)
    world.configure(sources="device project personal")
    world.must_open(key)


@story("a key associated later works, and stops when that ends",
       config=DEVICE)
def key_associated_later(world):
    key = world.new_key()
    place = {"key": world.add(key, "bob"),
             "device": world.portal.ids["device"]}
    world.must_refuse(key)
    world.portal.do("associate", **place)
    world.must_open(key)
    world.portal.do("dissociate", **place)
    world.must_refuse(key)


@story("a removed key stops at the next login, the others go on")
def key_removed(world):
    gone, stays = world.new_key(), world.new_key()
    ident = world.add(gone, "alice")
    world.add(stays, "project")
    world.must_open(gone)
    world.must_open(stays)
    world.portal.remove_key(ident)
    world.must_refuse(gone)
    world.must_open(stays)


@story("a person who is removed from the portal, with all keys")
def person_removed(world):
    key = world.new_key()
    world.add(key, "bob", instances_ids=[])
    world.must_open(key)
    world.portal.do("remove_user", user=world.portal.ids["bob"])
    world.must_refuse(key)


@story("an exchanged key text: the new key works, the old one stops")
def key_exchanged(world):
    old, new = world.new_key(), world.new_key()
    ident = world.add(old, "project")
    world.must_open(old)
    world.portal.do("change_key", key=ident, text=new.public)
    world.must_refuse(old)
    world.must_open(new)


@story("the last key is removed: an empty list is the truth")
def last_key_removed(world):
    key = world.new_key()
    ident = world.add(key, "alice")
    world.must_open(key)
    world.portal.remove_key(ident)
    world.must_refuse(key)
    assert world.lines("root") == []


@story("a key that three sources list is one line, and stays until the last "
       "of them lets go")
def one_key_in_three_sources(world):
    key = world.new_key()
    personal = world.add(key, "alice", "personal", instances_ids=[])
    project = world.add(key, "project", "of the project")
    assert len(world.lines("root")) == 1, world.lines("root")
    world.portal.remove_key(personal)
    world.must_open(key)
    world.portal.remove_key(project)
    world.must_refuse(key)


@story("root's key doesn't open another local account, though that account "
       "can be opened", needs=("account",))
def another_account(world):
    key, own = world.new_key(), world.new_key()
    world.add(key, "alice")
    world.write(world.path("keys_deploy"), own.public + "\n")
    world.start_sshd(keys_file=world.path("keys_%u"))
    world.must_open(own, user=world.account)
    world.must_open(key)
    world.must_refuse(key, user=world.account)
    world.must_refuse(own)


@story("an account that is on every machine isn't opened either")
def daemon_account(world):
    key = world.new_key()
    world.add(key, "alice")
    world.must_open(key)
    world.must_refuse(key, user="daemon")
    assert world.lines("daemon") == []


@story("a break-glass file beside the portal: its key works with the portal "
       "gone and nothing cached, the portal's when it is back")
def break_glass_file(world):
    portals = world.new_key()
    world.add(portals, "alice")
    key = make_key(world.path("client", "glass"))
    world.write(world.path("break_glass"), key.public + "\n")
    world.start_sshd(keys_file=world.path("break_glass"))
    world.portal.stop()
    world.must_open(key)
    world.must_refuse(portals)
    world.portal.start()
    world.must_open(portals)
    world.must_open(key)


@story("the metadata service alone, with no token at all",
       config={"sources": "metadata", "token-file": None})
def metadata_source(world):
    key, later = world.new_key(), world.new_key()
    place = {"device": world.portal.ids["device"]}
    world.portal.do("associate", key=world.add(key, "bob"), **place)
    world.must_open(key)
    world.must_refuse(later)
    ident = world.add(later, "bob")
    world.portal.do("associate", key=ident, **place)
    world.must_open(later)
    world.portal.remove_key(ident)
    world.must_refuse(later)
    asked = {r["server"] for r in world.portal.requests()}
    assert asked == {"metadata"}, asked


@story("device and project given by uuid: the metadata service isn't asked")
def ids_from_the_config(world):
    key = world.new_key()
    world.configure(device=world.portal.ids["device"],
                    project=world.portal.ids["project"])
    world.portal.stop("metadata")
    world.add(key, "bob", instances_ids=[world.portal.ids["device"]])
    world.must_open(key)
    asked = {r["source"] for r in world.portal.requests()}
    assert asked == {"device", "project", "personal"}, asked


@story("what auto stands for is asked once, and again when the device is "
       "another one", config=DEVICE)
def learned_ids(world):
    old, new = world.new_key(), world.new_key()
    device = world.portal.ids["device"]
    world.add(old, "bob", instances_ids=[device])
    world.must_open(old)
    world.portal.forget_requests()
    world.must_open(old)
    asked = [r["source"] for r in world.portal.requests()]
    assert asked and set(asked) == {"device"}, asked
    # The machine is reinstalled as another device, the old one removed.
    again = world.portal.provision(no_ssh_keys=True)
    world.portal.do("remove_device", device=device)
    world.add(new, "bob", instances_ids=[again])
    world.must_open(new)
    world.must_refuse(old)


@story("a disk copied to another server: from its first fetch after the boot "
       "the keys are that server's", needs=("log",), config=DEVICE)
def copied_disk(world):
    first, second = world.new_key(), world.new_key()
    old = world.portal.ids["device"]
    new = world.portal.do("add_device", project=world.portal.ids["project"],
                          no_ssh_keys=True)
    world.add(first, "bob", instances_ids=[old])
    world.add(second, "bob", instances_ids=[new])
    world.must_open(first)
    world.must_refuse(second)
    world.portal.do("set", metadata_device=new)
    world.must_open(first)
    boot = world.write(world.path("boot_id"),
                       "01234567-89ab-4def-8123-456789abcdef\n")
    mount(boot or world.path("boot_id"), BOOT, flags=MS_BIND)
    try:
        world.must_refuse(first)
        world.must_open(second)
    finally:
        unmount(BOOT)

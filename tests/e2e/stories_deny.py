# SPDX-License-Identifier: ISC
"""packet-keys deny: a key that must stop now, whatever the portal says."""

import os
import subprocess

from clients import run
from story import story


def two_keys(world):
    bad, good = world.new_key(), world.new_key()
    world.add(bad, "alice")
    world.add(good, "project")
    world.must_open(bad)
    world.must_open(good)
    return bad, good


def still(world, opens, *refuses):
    world.must_open(opens)
    for key in refuses:
        world.must_refuse(key, code="denied")


@story("deny: a key that was let in a moment ago is refused at the next "
       "login, and after undeny let in again")
def deny_undeny(world):
    bad, good = two_keys(world)
    said = world.deny(bad.fingerprint, "--reason", "laptop stolen").stdout
    assert bad.fingerprint in said, said
    still(world, good, bad)
    assert [line.split(" ")[1] for line in world.lines("root")] == \
        [good.public.split(" ")[1]]
    listed = world.json("deny")["denied"]
    assert [e["fingerprint"] for e in listed] == [bad.fingerprint], listed
    assert listed[0]["note"].endswith("laptop stolen"), listed
    world.undeny(bad)
    world.must_open(bad)
    assert world.json("deny")["denied"] == []
    world.undeny(bad, code=1)
    # By its file.
    world.deny(bad.path + ".pub")
    still(world, good, bad)


@story("deny: fresh or stale, portal dead or asked, the next login knows",
       config={"fresh": "1h"})
def deny_portal_dead(world):
    bad, good = two_keys(world)
    world.portal.stop()
    world.deny(bad.fingerprint)
    still(world, good, bad)
    world.undeny(bad)
    world.must_open(bad)
    world.configure(fresh="0s", retry="5m")
    world.must_open(bad)
    world.deny(bad.fingerprint)
    still(world, good, bad)
    world.portal.start()
    still(world, good, bad)


@story("deny: where no new snapshot can be published, it counts all the same")
def deny_read_only(world):
    bad, good = two_keys(world)
    os.chmod(world.cache, 0o550)
    try:
        world.deny(bad.fingerprint)
        still(world, good, bad)
        world.undeny(bad)
        world.must_open(bad)
        world.deny(bad.fingerprint)
        world.portal.stop()
        still(world, good, bad)
    finally:
        os.chmod(world.cache, 0o750)


@story("deny: a snapshot that is on its way when a key is denied doesn't let "
       "it in", config={"timeout": "4s"})
def deny_during_fetch(world):
    bad, good = two_keys(world)
    world.portal.break_("all", "delay:1.5")
    login = world.clients.start([bad], "root")
    while not world.running():
        assert login.poll() is None
    world.deny(bad.fingerprint)
    out, err = login.communicate(timeout=60)
    result = world.clients.judge(login.returncode, out, err, 0)
    assert not result.open, "the denied key got in"
    world.portal.clear()
    still(world, good, bad)


@story("deny: a key that is in no source yet, and one that a rule names "
       "alone", needs=("account",))
def deny_early(world):
    key = world.new_key()
    world.deny(key.fingerprint)
    world.deny(key.fingerprint)  # twice is once
    assert len(world.json("deny")["denied"]) == 1
    world.add(key, "alice", tags=["web"])
    world.must_refuse(key, code="denied")
    world.policy(users={"root": {"tags": ["web"]}, "*": {}})
    world.must_refuse(key, code="denied")
    world.must_refuse(key, user=world.account, code="denied")


@story("keys.deny of the policy, and the list beside it: either is enough")
def deny_in_policy(world):
    bad, good = two_keys(world)
    world.policy(keys={"deny": [bad.fingerprint]}, users={"root": {}})
    still(world, good, bad)
    world.deny(good.fingerprint)
    world.must_refuse(good, code="denied")
    world.policy(users={"root": {}})
    still(world, bad, good)
    world.no_policy()
    still(world, bad, good)


@story("an sshd that speaks of fingerprints in MD5 gets no denied key either",
       config={"fresh": "1h"})
def deny_md5(world):
    world.start_sshd(more="FingerprintHash md5")
    bad, good = two_keys(world)
    world.deny(bad.fingerprint)
    world.must_refuse(bad)
    world.must_open(good)
    world.portal.stop()
    world.configure(fresh="0s")
    world.must_refuse(bad)
    world.must_open(good)


@story("deny --krl: sshd's RevokedKeys stops a key that is left in an "
       "authorized_keys file")
def deny_krl(world):
    left, other = world.new_key(), world.new_key()
    krl = world.path("revoked")
    world.write(world.path("keys"), left.public + "\n" + other.public + "\n")
    assert world.tool("deny", "--krl", krl).returncode == 0
    world.start_sshd(keys_file=world.path("keys"),
                     more="RevokedKeys " + krl)
    world.must_open(left)
    world.deny(left.fingerprint)
    world.must_open(left)  # sshd asks the file first, and not us
    assert world.tool("deny", "--krl", krl).returncode == 0
    world.must_refuse(left)
    world.must_open(other)
    found = subprocess.run(["ssh-keygen", "-Q", "-f", krl,
                            left.path + ".pub"], stdout=subprocess.DEVNULL)
    assert found.returncode == 1, "not in the KRL"
    world.undeny(left)
    assert world.tool("deny", "--krl", krl).returncode == 0
    world.must_open(left)


@story("deny --krl that can't be written leaves the old one")
def deny_krl_fails(world):
    key = world.new_key()
    krl = world.path("revoked")
    world.deny(key.fingerprint)
    assert world.tool("deny", "--krl", krl).returncode == 0
    with open(krl, "rb") as file:
        before = file.read()
    os.chmod(world.deny_file, 0o666)
    world.undeny(key, code=1)
    assert world.tool("deny", "--krl", krl).returncode == 1
    with open(krl, "rb") as file:
        assert file.read() == before
    os.chmod(world.deny_file, 0o644)
    assert world.tool("deny", "--krl", world.path("none", "x")
                      ).returncode == 1


@story("a line of the list that denies nothing is said, with its number, and "
       "takes nothing from the others")
def deny_broken_line(world):
    bad, good = two_keys(world)
    world.write(world.deny_file, "# denied\nSHA256:short x\n\n" +
                bad.fingerprint + " stolen\n")
    mark = world.mark()
    still(world, good, bad)
    assert world.said(world.deny_file + ":2: ", mark=mark) is not False
    result = world.tool("check", "-f", world.path("sshd_config"))
    assert result.returncode == 1 and world.deny_file + ":2:" in \
        result.stdout, result
    # Nor does the editor lose it.
    other = world.new_key()
    assert ":2:" in world.deny(other.fingerprint).stderr
    still(world, good, bad)
    with open(world.deny_file) as file:
        assert "SHA256:short x\n" in file.read()


def open_to_all(world):
    os.chmod(world.deny_file, 0o666)


def anothers(world):
    os.chown(world.deny_file, 12345, 0)


def unreadable(world):
    os.chmod(world.deny_file, 0o600)


def a_folder(world):
    os.unlink(world.deny_file)
    os.mkdir(world.deny_file)


def bad_list(spoil):
    def tell(world):
        bad, good = two_keys(world)
        world.deny(bad.fingerprint)
        still(world, good, bad)
        # What somebody else might want to have there.
        world.write(world.deny_file, good.fingerprint + "\n")
        spoil(world)
        mark = world.mark()
        still(world, good, bad)
        assert world.said(world.deny_file, "last good list",
                          mark=mark) is not False
        result = world.tool("check", "-f", world.path("sshd_config"))
        assert result.returncode == 1 and "denied keys" in result.stdout
        world.portal.stop()
        still(world, good, bad)
        run(["rm", "-rf", world.deny_file])
        world.must_open(bad)
        world.must_open(good)
    tell.__name__ = "deny_list_" + spoil.__name__
    story("a list of denied keys that can't be trusted or read (%s): the last "
          "good one stays in force" % spoil.__name__.replace("_", " "))(tell)


for how in (open_to_all, anothers, unreadable, a_folder):
    bad_list(how)


@story("a list of denied keys that can't be read, and a snapshot of before "
       "that can't be made anew: no answer, rather than one with a denied key",
       config={"fresh": "1h"})
def deny_list_unseen(world):
    bad, good = two_keys(world)
    lock = os.path.join(world.cache, "fetch.lock")
    os.chown(lock, 0, 0)  # no fetch can begin
    world.deny(bad.fingerprint)
    still(world, good, bad)
    unreadable(world)
    for words in ((), (bad.fingerprint,), (good.fingerprint,)):
        result = world.lookup("root", *words)
        assert result.returncode == 1 and result.stdout == "", result
        assert world.deny_file in result.stderr, result
    world.must_refuse(bad)
    os.chmod(world.deny_file, 0o644)
    still(world, good, bad)
    os.unlink(lock)
    still(world, good, bad)

# SPDX-License-Identifier: ISC
"""The options of a rule and the tags of a key, as sshd and three clients see
them: from where, until when, and for what."""

import time

from clients import Trouble
from private import mount, unmount
from story import story

HERE, ELSEWHERE = "127.0.0.0/8", "192.0.2.0/24"
NOT_FROM_HERE = "not from a permitted host"
ZONE = "/etc/localtime"
MS_BIND = 0x1000
HOUR = 3600


def root_with(world, options):
    world.policy(users={"root": {"options": options}})


def tag_time(seconds, form="%Y-%m-%dT%H:%M:%SZ"):
    """So many seconds from now, UTC."""
    return time.strftime(form, time.gmtime(time.time() + seconds))


def from_client(client):
    def tell(world):
        key = world.new_key(client)
        world.add(key, "alice")
        root_with(world, 'from="%s"' % HERE)
        world.must_open(key)
        root_with(world, 'from="%s"' % ELSEWHERE)
        world.must_refuse(key)
        assert NOT_FROM_HERE in world.sshd_log()
        root_with(world, 'from="!127.0.0.1,*"')
        world.must_refuse(key)
        root_with(world, 'from="%s,127.0.0.1"' % ELSEWHERE)
        world.must_open(key)
    tell.__name__ = "from_rule_" + client
    story("from= of a rule, with %s: in from there, refused from elsewhere"
          % client, needs=(client,))(tell)


def command_client(client):
    def tell(world):
        key = world.new_key(client)
        world.add(key, "alice")
        root_with(world, r'command="echo forced \"$SSH_ORIGINAL_COMMAND\""')
        assert world.session(key, "id -u") == "forced id -u\n"
        world.no_policy()
        assert world.session(key, "id -u") == "0\n"
    tell.__name__ = "command_" + client
    story("command= of a rule, with %s: it runs in place of what the client "
          "asks for" % client, needs=(client,))(tell)


for name in ("ssh", "plink", "dbclient"):
    from_client(name)
    command_client(name)


@story("a tag from: does the same, without a policy too; several are a list")
def from_tag(world):
    here, elsewhere, several, bad = (world.new_key() for _ in range(4))
    world.add(here, "alice", tags=["from:" + HERE])
    world.add(elsewhere, "alice", tags=["From: " + ELSEWHERE])
    world.add(several, "alice", tags=["from:" + ELSEWHERE, "from:" + HERE])
    world.add(bad, "alice", tags=["from:127.0.0.1/33"])
    world.must_open(here)
    world.must_refuse(elsewhere)
    assert NOT_FROM_HERE in world.sshd_log()
    world.must_open(several)
    world.must_refuse(bad, code="tag-from")
    assert world.lines("root", bad.fingerprint) == []
    world.policy(users={"root": {}})
    world.must_open(here)
    world.must_refuse(elsewhere)


@story("from= and a tag from: both must allow; where that can't be written "
       "the key is refused")
def from_both(world):
    here, narrow, elsewhere, pattern, double = (world.new_key()
                                                for _ in range(5))
    world.add(here, "alice", tags=["from:127.0.0.1"])
    world.add(narrow, "alice", tags=["from:127.0.0.2"])
    world.add(elsewhere, "alice", tags=["from:" + ELSEWHERE])
    world.add(pattern, "alice", tags=["from:*.example.com"])
    # Two records of one key: both their lists hold.
    world.add(double, "alice", tags=["from:127.0.0.0/16"])
    world.add(double, "project", tags=["from:127.0.0.1,10.0.0.0/8"])
    root_with(world, 'from="%s"' % HERE)
    world.must_open(here)
    world.must_refuse(narrow)
    assert NOT_FROM_HERE in world.sshd_log()
    world.must_refuse(elsewhere, code="from-disjoint")
    world.must_refuse(pattern, code="from-unclear")
    world.must_open(double)
    assert world.lines("root", double.fingerprint)[0].startswith(
        'from="127.0.0.1"')
    root_with(world, 'from="10.0.0.0/8"')
    world.must_refuse(double)
    world.must_refuse(here, code="from-disjoint")


@story("expiry-time= of a rule: past refuses, future lets in")
def expiry_rule(world):
    key = world.new_key()
    world.add(key, "alice")
    for until, opens in (("20200101", False), ("20990101", True),
                         (tag_time(-2 * HOUR, "%Y%m%d%H%MZ"), False),
                         (tag_time(2 * HOUR, "%Y%m%d%H%M%SZ"), True)):
        root_with(world, 'expiry-time="%s"' % until)
        if opens:
            world.must_open(key)
        else:
            world.must_refuse(key, code="options-expired")
            assert world.lines("root") == []


@story("a tag expires: past refuses, future lets in, and what is no date "
       "refuses")
def expiry_tag(world):
    tags = {"expires:2099-12-31": None, "expires:" + tag_time(HOUR): None,
            "Expires: 2099-12-31": None, "expires:2020-01-01": "tag-expired",
            "expires:" + tag_time(-60): "tag-expired",
            "expires:2099-02-30": "tag-expires", "expires:": "tag-expires",
            "expires:soon": "tag-expires"}
    keys = {tag: world.new_key() for tag in tags}
    for tag, key in keys.items():
        world.add(key, "alice", tags=[tag])
    for tag, code in tags.items():
        if code is None:
            world.must_open(keys[tag])
        else:
            world.must_refuse(keys[tag], code=code)
    assert len(world.lines("root")) == 3
    # The earlier date counts, of a rule too.
    both = world.new_key()
    world.add(both, "alice", tags=["expires:2020-01-01",
                                   "expires:2099-01-01"])
    world.must_refuse(both, code="tag-expired")
    root_with(world, 'expiry-time="20200101"')
    world.must_refuse(keys["expires:2099-12-31"], code="options-expired")


@story("a tag's date that passes: refused at the next login, portal dead or "
       "snapshot fresh", config={"fresh": "1h"})
def expiry_passes(world):
    key, other = world.new_key(), world.new_key()
    world.add(other, "alice")
    start = time.time()
    world.add(key, "alice", tags=["expires:" + tag_time(4)])
    world.must_open(key)
    assert time.time() - start < 4, "too slow to mean anything"
    world.portal.stop()
    time.sleep(max(0, start + 5.1 - time.time()))
    assert world.lines("root", key.fingerprint) == []
    world.must_refuse(key)
    world.must_open(other)
    world.configure(fresh="0s")
    world.must_refuse(key, code="tag-expired")
    world.must_open(other)


def zone_file(world, hours):
    """A time zone so many hours east of UTC (RFC 8536): one type in each
    block, and the rule that counts at its end."""
    block = b"TZif2" + bytes(15) + b"".join(
        n.to_bytes(4, "big") for n in (0, 0, 0, 0, 1, 4))
    block += (hours * HOUR).to_bytes(4, "big", signed=True) + b"\0\0XXX\0"
    path = world.path("zone%d" % hours)
    rule = b"\n<%+03d>%d\n" % (hours, -hours)
    return world.write(path, block + block + rule) or path


def expiry_zone(hours):
    def tell(world):
        keys = {wait: world.new_key() for wait in (-HOUR, HOUR)}
        for wait, key in keys.items():
            world.add(key, "alice", tags=["expires:" + tag_time(wait)])
        mount(zone_file(world, hours), ZONE, flags=MS_BIND)
        try:
            world.must_open(keys[HOUR])
            world.must_refuse(keys[-HOUR], code="tag-expired")
            line, = world.lines("root")
        finally:
            unmount(ZONE)
        # sshd before 9.1 refuses a line with a Z.
        until = line.split('"')[1]
        assert len(until) == 14 and until.isdigit(), line
        wanted = tag_time((hours + 1) * HOUR, "%Y%m%d%H%M")
        assert abs(int(until[:12]) - int(wanted)) <= 1 or \
            until[10:12] in ("59", "00"), (line, wanted)
    tell.__name__ = "expiry_zone_%s%d" % ("east" if hours > 0 else "west",
                                          abs(hours))
    story("a tag's date is written in the machine's own time, %+d h"
          % hours, needs=("zone",))(tell)


expiry_zone(9)
expiry_zone(-11)


@story("restrict takes a terminal and forwarding away; restrict,pty gives "
       "the terminal back")
def restrict(world):
    key = world.new_key()
    world.add(key, "alice")

    def allowed(command, *more):
        try:
            world.session(key, command, more=more)
        except Trouble as error:
            assert "stdio forwarding failed" in str(error) or \
                "PTY allocation request failed" in str(error), error
            return False
        return True

    def forwarded():
        """Whether a connection through the login reaches the portal."""
        return allowed(None, "-W", world.portal.url.split("/")[2])

    def terminal():
        return allowed("tty", "-tt")

    world.must_open(key)
    assert terminal() and forwarded()
    root_with(world, "restrict")
    world.must_open(key)
    assert not terminal() and not forwarded()
    root_with(world, "restrict,pty")
    assert terminal() and not forwarded()
    root_with(world, 'permitopen="127.0.0.1:1"')
    assert terminal() and not forwarded()
    root_with(world, "restrict,port-forwarding")
    assert not terminal() and forwarded()


@story("environment= counts only where sshd permits it, and no tag or label "
       "can set any")
def environment(world):
    key = world.new_key()
    world.add(key, "alice", 'environment="GREETING=label"',
              tags=['environment="GREETING=tag"', "environment:GREETING=tag"])
    ask = "echo \"[$GREETING]\""
    world.start_sshd(more="PermitUserEnvironment yes")
    assert world.session(key, ask) == "[]\n"
    root_with(world, 'environment="GREETING=a rule, \\"quoted\\""')
    assert world.session(key, ask) == '[a rule, "quoted"]\n'
    world.restart_sshd(more="PermitUserEnvironment no")
    assert world.session(key, ask) == "[]\n"

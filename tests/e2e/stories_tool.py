# SPDX-License-Identifier: ISC
"""packet-keys: fetch, status, list, check."""

import json

from story import story


@story("fetch says what each source brought, and fails where one failed")
def fetch(world):
    world.add(world.new_key(), "project")
    result = world.tool("fetch")
    assert result.returncode == 0, result
    for source in ("device", "project", "personal"):
        assert source in result.stdout, result.stdout
    world.portal.break_("project", "status:503")
    result = world.tool("fetch")
    assert "503" in result.stdout, result
    world.portal.stop()
    result = world.tool("fetch")
    assert result.returncode == 1 and "refused" in result.stdout, result


@story("fetch asks at once, fresh or waiting after a failure",
       config={"fresh": "1h", "retry": "300s"})
def fetch_now(world):
    key = world.new_key()
    world.lines("root")
    world.add(key, "alice")
    world.must_refuse(key)
    assert world.tool("fetch").returncode == 0
    world.must_open(key)
    world.portal.stop()
    assert world.tool("fetch").returncode == 1
    world.portal.start()
    assert world.tool("fetch").returncode == 0
    assert world.tool("status").returncode == 0


@story("status: 0 fresh, 1 serving old keys, 2 nothing usable; --json")
def status(world):
    assert world.tool("status").returncode == 2
    assert world.json("status", code=2)["state"] == "nothing"
    world.add(world.new_key(), "project")
    world.add(world.new_key(), "project")
    world.lines("root")
    assert world.tool("status").returncode == 0
    state = world.json("status")
    assert state["device"] == world.portal.ids["device"]
    assert state["project"] == world.portal.ids["project"]
    sources = {s["name"]: s for s in state["sources"]}
    assert set(sources) == {"device", "project", "personal"}
    assert sources["project"]["keys"] == 2
    world.portal.break_("project", "status:503")
    world.lines("root")
    result = world.tool("status")
    assert result.returncode == 1 and "503" in result.stdout, result
    sources = {s["name"]: s for s in world.json("status")["sources"]}
    assert sources["project"]["outcome"] == "failed"
    assert "503" in sources["project"]["reason"]
    assert sources["project"]["keys"] == 2


@story("list: which key opens what, whose it is and from where; --json")
def list_keys(world):
    assert world.tool("list").returncode == 1  # no snapshot yet
    key = world.new_key()
    ident = world.add(key, "alice", "alice's laptop", instances_ids=[])
    world.portal.add_key("ssh-dss AAAA", "old one",
                         user=world.portal.ids["alice"])
    world.lines("root")
    result = world.tool("list")
    assert result.returncode == 0, result
    row = next(r for r in result.stdout.splitlines() if "root" in r)
    assert key.fingerprint in row and "alice's laptop" in row, row
    assert "old one" in result.stdout
    value = world.json("list")
    assert len(value["grants"]) == 1, value
    grant = value["grants"][0]
    assert grant["user"] == "root"
    assert grant["fingerprint"] == key.fingerprint
    assert {r["source"] for r in grant["records"]} == {"device", "personal"}
    for record in grant["records"]:
        assert record["id"] == ident
        assert record["label"] == "alice's laptop"
        assert record["owner"] == "user:" + world.portal.ids["alice"]
    assert any(r["label"] == "old one" for r in value["left_out"])
    assert world.json("list", "root") == value
    assert world.json("list", "daemon")["grants"] == []


@story("list shows a label with terminal codes as harmless text")
def list_hostile(world):
    world.add(world.new_key(), "alice", "\x1b]0;owned\x07\x1b[2J\nroot  fake")
    world.lines("root")
    for text in (world.tool("list").stdout,
                 world.tool("list", "--json").stdout,
                 world.tool("status").stdout):
        assert "\x1b" not in text and "\x07" not in text, text
    rows = [r for r in world.tool("list").stdout.splitlines()
            if r.startswith("root")]
    assert len(rows) == 1, rows


@story("check: all well, and each thing that would stop a login")
def check(world):
    key = world.new_key()
    world.add(key, "alice")
    world.must_open(key)

    def checked():
        result = world.tool("check", "-f", world.path("sshd_config"))
        return result.returncode, result.stdout + result.stderr

    code, text = checked()
    assert code == 0, text
    world.portal.break_("all", "status:401")
    code, text = checked()
    assert code == 1 and "401" in text, text
    world.portal.clear()
    world.write(world.token_file, world.portal.tokens["user"] + "\n", 0o644)
    code, text = checked()
    assert code == 1 and world.token_file in text, text
    world.write_token(world.portal.tokens["user"])
    assert checked()[0] == 0
    with open(world.path("sshd_config")) as old:
        config = old.read()
    world.write(world.path("sshd_config"), config.replace(
        "AuthorizedKeysCommandUser nobody", "AuthorizedKeysCommandUser sshd"))
    code, text = checked()
    assert code == 1 and "AuthorizedKeysCommandUser" in text, text
    world.write(world.path("sshd_config"), config.replace(
        "%u %f", "%u %f %h"))
    code, text = checked()
    assert code == 1 and "AuthorizedKeysCommand" in text, text


@story("wrong use, --help and --version")
def tool_usage(world):
    for arguments in ((), ("nonsense",), ("status", "--nonsense"),
                      ("fetch", "more"), ("list", "a", "b")):
        assert world.tool(*arguments).returncode == 2, arguments
    for program, name in (("tool", "packet-keys"),
                          ("fetcher", "packet-keysd")):
        assert name in world.run(program, "--help").stdout
        version = world.run(program, "--version")
        assert version.returncode == 0 and name in version.stdout
    assert json.loads(world.tool("status", "--json").stdout)

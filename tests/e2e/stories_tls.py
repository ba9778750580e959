# SPDX-License-Identifier: ISC
"""TLS and HTTP/2: nginx in front of the portal."""

from story import story

TLS = {"needs": ("nginx",)}


@story("over TLS with ca-file: all sources over one HTTP/2 connection", **TLS)
def one_connection(world):
    key = world.new_key()
    world.add(key, "alice")
    front = world.start_front()
    assert len(world.lines("root")) == 1  # the first: ids are learned too
    before = len(front.log())
    assert len(world.lines("root", key.fingerprint)) == 1
    rows = front.log()[before:]
    assert len(rows) == 3, rows
    assert {row["protocol"] for row in rows} == {"HTTP/2.0"}, rows
    assert len({row["connection"] for row in rows}) == 1, rows
    world.must_open(key)


@story("over TLS with HTTP/1.1 alone", **TLS)
def tls_http1(world):
    key, other = world.new_key(), world.new_key()
    world.add(key, "alice")
    front = world.start_front(http2=False)
    world.must_open(key)
    world.must_refuse(other)
    assert {row["protocol"] for row in front.log()} == {"HTTP/1.1"}


def bad_certificate(name, text, words, change=None, **certificate):
    def tell(world):
        key, unknown = world.new_key(), world.new_key()
        world.add(key, "alice")
        world.must_open(key)  # without TLS: there is something to serve
        front = world.start_front(**certificate)
        if change is not None:
            world.configure(**change)
        world.add(unknown, "alice")
        world.must_open(key)
        world.must_refuse(unknown)
        assert front.log() == [], "the portal was asked all the same"
        state = world.json("status")
        for source in state["sources"]:
            assert source["outcome"] == "failed", source
            assert any(w in source["reason"] for w in words), source
    tell.__name__ = name
    story(text, **TLS)(tell)


bad_certificate("tls_untrusted", "a CA that the machine doesn't trust: the "
                "token isn't sent, the reason is told", ("certificate", "CA"),
                change={"ca_file": None})
bad_certificate("tls_wrong_name", "a certificate of another host",
                ("certificate", "name"), names="DNS:elsewhere.example")
bad_certificate("tls_expired", "a certificate that has expired",
                ("certificate", "expired"), days=0)


@story("plain HTTP on the TLS port, and TLS on the plain one", **TLS)
def tls_mixed_up(world):
    key, unknown = world.new_key(), world.new_key()
    world.add(key, "alice")
    world.must_open(key)
    plain = world.config["url"]
    front = world.start_front()
    world.add(unknown, "alice")
    for url in (plain.replace("http:", "https:"),
                "http://127.0.0.1:%d" % front.port):
        world.configure(url=url)
        world.must_open(key)
        world.must_refuse(unknown)
        assert world.tool("status").returncode == 1


@story("nginx with no portal behind it: 502 with HTML", **TLS)
def bad_gateway(world):
    key, unknown = world.new_key(), world.new_key()
    world.add(key, "alice")
    world.start_front()
    world.must_open(key)
    world.portal.stop("api")
    world.add(unknown, "alice")
    world.must_open(key)
    world.must_refuse(unknown)
    assert "502" in world.tool("status").stdout

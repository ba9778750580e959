# SPDX-License-Identifier: ISC
"""Each fault on the wire, the log, and a portal that is gone.

Run by selftest.py."""

import email.utils
import http.client
import json
import os
import shutil
import socket
import ssl
import sys
import tempfile
import threading
import time
import unittest
import zlib

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from client import PortalError
from front import Front, find_nginx
from selftest import Case


class Wire(Case):
    def setUp(self):
        super().setUp()
        self.add("one", user=self.ids["alice"])

    def broken(self, kind, where="personal", **more):
        self.portal.clear()
        self.portal.break_(where, kind, **more)
        return self.ask("/ssh-keys")

    def raw(self, seconds, most=1 << 30):
        """The bytes that come within seconds, and whether it was closed."""
        host, port = self.portal.url.split("/")[2].split(":")
        got, end = b"", time.monotonic() + seconds
        with socket.create_connection((host, int(port)), 5) as sock:
            sock.sendall(b"GET /ssh-keys HTTP/1.1\r\nX-Auth-Token: "
                         + self.portal.tokens["user"].encode() + b"\r\n\r\n")
            while time.monotonic() < end and len(got) < most:
                sock.settimeout(max(end - time.monotonic(), 0.001))
                try:
                    more = sock.recv(1 << 20)
                except socket.timeout:
                    break
                if not more:
                    return got, True
                got += more
        return got, False

    def test_status_and_retry_after(self):
        for status in (401, 403, 404, 422, 429, 500, 503):
            got, headers, body = self.broken("status:%d" % status)
            self.assertEqual(got, status)
            self.assertTrue(body.get("error") or body.get("errors"))
            self.assertNotIn("Retry-After", headers)
        self.assertEqual(self.broken("status:429", retry_after=30)[1]
                         ["Retry-After"], "30")
        date = self.broken("status:429", retry_after="date:60")[1]
        when = email.utils.parsedate_to_datetime(date["Retry-After"])
        self.assertAlmostEqual(when.timestamp(), time.time() + 60, delta=5)

    def test_bodies(self):
        self.assertIn(b"<html>", self.broken("html")[2])
        self.assertEqual(self.broken("html:502")[0], 502)
        self.assertEqual(len(self.broken("garbage")[2]), 4096)
        self.assertEqual(self.broken("empty")[2], b"")
        self.assertEqual(self.broken("wrong-type")[2], {"ssh_keys": "none"})
        self.assertEqual(self.broken("body:[1]")[2], [1])
        self.assertEqual(self.broken("says:503:a:b")[2], {"errors": ["a:b"]})
        got, headers, _ = self.broken("redirect:http://127.0.0.1:1/x")
        self.assertEqual((got, headers["Location"]),
                         (302, "http://127.0.0.1:1/x"))
        self.assertEqual(self.broken("deep")[2].count(b"["), 200000)
        body = self.broken("next:/ssh-keys?page=2")[2]
        self.assertEqual(body["meta"]["next"], {"href": "/ssh-keys?page=2"})
        self.assertEqual(len(body["ssh_keys"]), 1)

    def test_lists_with_more_in_them(self):
        own = self.ask("/ssh-keys")[2]["ssh_keys"][0]["id"]
        keys = self.broken("many:1000")[2]["ssh_keys"]
        self.assertEqual((len(keys), keys[0]["id"]), (1001, own))
        self.assertEqual(len({k["key"] for k in keys}), 1001)
        self.assertEqual(self.broken("twice")[2], {"ssh_keys": []})
        keys = self.broken("twice-key:second text")[2]["ssh_keys"]
        self.assertEqual([k["key"] for k in keys[1:]], ["second text"])
        with self.assertRaises(UnicodeDecodeError):
            self.broken("bad-utf8")[2].decode()
        with self.assertRaises(ValueError):
            json.loads(self.broken("short")[2])

    def test_chain_never_ends(self):
        self.portal.break_("personal", "chain")
        seen, href = set(), "/ssh-keys"
        for _ in range(5):
            seen.add(href)
            body = self.ask(href)[2]
            self.assertEqual(len(body["ssh_keys"]), 1)
            href = body["meta"]["next"]["href"]
        self.assertEqual(len(seen), 5)

    def test_cut_and_noise(self):
        with self.assertRaises(http.client.IncompleteRead):
            self.broken("cut")
        with self.assertRaises(http.client.HTTPException):
            self.broken("noise")

    def test_hang_ends_when_cleared(self):
        self.portal.break_("personal", "hang")
        self.assertEqual(self.raw(0.3), (b"", False))
        timer = threading.Timer(0.2, self.portal.clear)
        timer.start()
        start = time.monotonic()
        self.assertEqual(self.raw(5), (b"", True))
        self.assertLess(time.monotonic() - start, 2)
        timer.join()

    def test_drip_and_delay(self):
        self.portal.break_("personal", "drip")
        self.assertEqual(self.raw(1.5), (b"HT", False))
        start = time.monotonic()
        self.assertEqual(self.broken("delay:0.5")[0], 200)
        self.assertGreater(time.monotonic() - start, 0.5)

    def test_bomb_is_small_outside_and_large_inside(self):
        self.portal.break_("personal", "gzip-bomb")
        got, closed = self.raw(30)
        self.assertTrue(closed)
        head, _, body = got.partition(b"\r\n\r\n")
        self.assertIn(b"Content-Length: %d" % len(body), head)
        self.assertLess(len(body), 4 << 20)
        grown = zlib.decompressobj(31).decompress(body, 128 << 20)
        self.assertEqual(len(grown), 128 << 20)
        self.assertTrue(grown.startswith(b'{"ssh_keys":[   '))

    def test_endless(self):
        self.portal.break_("personal", "endless")
        got, closed = self.raw(10, most=8 << 20)
        self.assertGreaterEqual(len(got), 8 << 20)
        self.assertFalse(closed)

    def test_where_and_times(self):
        self.portal.break_("device, project", "status:500")
        self.assertEqual(self.ask("/ssh-keys")[0], 200)
        path = "/devices/%s/ssh-keys" % self.ids["device"]
        self.assertEqual(self.ask(path)[0], 500)
        self.portal.clear()
        self.assertEqual(self.ask(path)[0], 200)
        self.portal.break_("/ssh-keys\\?x=", "status:500")
        self.assertEqual(self.ask("/ssh-keys")[0], 200)
        self.assertEqual(self.ask("/ssh-keys?x=1")[0], 500)
        self.portal.break_("all", "status:503", times=2)
        self.assertEqual([self.ask("/ssh-keys")[0] for _ in range(3)],
                         [503, 503, 200])
        with self.assertRaises(PortalError):
            self.portal.break_("all", "nonsense")

    def test_members_and_fleet(self):
        paths = {"members": "/projects/%s/memberships" % self.ids["project"],
                 "fleet": "/devices/%s/customdata" % self.ids["device"]}
        for hit in paths:
            self.portal.clear()
            self.portal.break_(hit, "status:500")
            for name, path in paths.items():
                self.assertEqual(self.ask(path)[0],
                                 500 if name == hit else 200)


class Gone(Case):
    def test_stop_refuses_and_start_serves_on_the_same_port(self):
        host = self.portal.url.split("/")[2]
        kept = http.client.HTTPConnection(host, timeout=5)
        self.addCleanup(kept.close)
        kept.request("GET", "/user")
        kept.getresponse().read()
        for _ in range(2):
            self.portal.stop()
            with self.assertRaises(ConnectionRefusedError):
                self.ask("/ssh-keys")
            if kept.sock is not None:
                self.assertEqual(kept.sock.recv(1), b"")
                kept.close()
            self.portal.start()
            self.assertEqual(self.ask("/ssh-keys")[0], 200)
        self.portal.stop("api")
        meta = self.portal.metadata_url.split("/")[2]
        self.assertEqual(self.ask_at(meta, "/metadata")[0], 200)

    def test_log(self):
        self.portal.forget_requests()
        self.portal.break_("personal", "status:503", times=1)
        host = self.portal.url.split("/")[2]
        connection = http.client.HTTPConnection(host, timeout=5)
        self.addCleanup(connection.close)
        for path in ("/ssh-keys", "/projects/%s/ssh-keys?a=b"
                     % self.ids["project"]):
            connection.request("GET", path, headers={
                "X-Auth-Token": self.portal.tokens["user"], "X-Own": "v"})
            connection.getresponse().read()
        self.ask("/user")
        rows = self.portal.requests(reset=True)
        self.assertEqual([(r["source"], r["status"]) for r in rows],
                         [("personal", 503), ("project", 200),
                          ("other", 200)])
        self.assertEqual(rows[0]["connection"], rows[1]["connection"])
        self.assertNotEqual(rows[0]["connection"], rows[2]["connection"])
        self.assertEqual(rows[0]["headers"]["x-own"], "v")
        self.assertTrue(rows[1]["path"].endswith("?a=b"))
        self.assertEqual(self.portal.requests(), [])

    def test_ends_with_its_input(self):
        self.portal.process.stdin.close()
        self.assertEqual(self.portal.process.wait(5), 0)


@unittest.skipUnless(find_nginx() and shutil.which("openssl"),
                     "needs nginx and openssl")
class BehindNginx(Case):
    def setUp(self):
        super().setUp()
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        # its workers are another user
        os.chmod(self.folder, 0o755)
        self.front = Front(self.folder, self.portal.url.split("/")[2])
        self.addCleanup(self.front.close)

    def get(self, context):
        connection = http.client.HTTPSConnection(
            "127.0.0.1", self.front.port, timeout=5, context=context)
        self.addCleanup(connection.close)
        connection.request("GET", "/ssh-keys", headers={
            "X-Auth-Token": self.portal.tokens["user"]})
        return json.loads(connection.getresponse().read())

    def test_own_ca_alone_and_http2_is_spoken(self):
        self.portal.do("add_many_keys", count=3000, user=self.ids["alice"])
        own = ssl.create_default_context(cafile=self.front.ca_file)
        self.assertEqual(len(self.get(own)["ssh_keys"]), 3000)
        self.assertEqual(self.front.log()[-1]["protocol"], "HTTP/1.1")
        with self.assertRaises(ssl.SSLCertVerificationError):
            self.get(ssl.create_default_context())
        own.set_alpn_protocols(["h2"])
        with socket.create_connection(("127.0.0.1", self.front.port)) as sock:
            with own.wrap_socket(sock, server_hostname="localhost") as tls:
                self.assertEqual(tls.selected_alpn_protocol(), "h2")

    def test_another_certificate_on_the_same_port(self):
        own = ssl.create_default_context(cafile=self.front.ca_file)
        self.get(own)
        for changed in ({"ca": "other"}, {"names": "DNS:elsewhere.example"},
                        {"days": 0}):
            self.front.stop()
            with self.assertRaises(ConnectionRefusedError):
                self.get(own)
            self.front.certify(**changed)
            self.front.start()
            with self.assertRaises(ssl.SSLCertVerificationError):
                self.get(own)
        self.front.stop()
        self.front.certify()
        self.front.start()
        self.get(own)


if __name__ == "__main__":
    unittest.main()

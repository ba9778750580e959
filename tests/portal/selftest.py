#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The emulator against its facts: rules of association, bodies, paging,
ETag, both shapes; and selftest_faults.py, that each fault does what it says.
"""

import gzip
import http.client
import json
import os
import sys
import time
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from client import Portal, PortalError
from model import made_up_key


class Case(unittest.TestCase):
    options = ()

    def setUp(self):
        self.portal = Portal(*self.options)
        self.addCleanup(self.portal.close)
        self.ids = self.portal.ids
        self.prefix = "/" + self.portal.url.split("/", 3)[3] \
            if self.portal.url.count("/") > 2 else ""

    def ask(self, path, token="user", method="GET", body=None, **headers):
        """-> status, headers, body (JSON where it is)."""
        host = self.portal.url.split("/")[2]
        return self.ask_at(host, self.prefix + path, method, body, {
            "X-Auth-Token": self.portal.tokens.get(token, token), **headers})

    def ask_at(self, host, path, method="GET", body=None, headers=None):
        connection = http.client.HTTPConnection(host, timeout=5)
        self.addCleanup(connection.close)
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        text = answer.read()
        try:
            text = json.loads(text)
        except (ValueError, RecursionError):
            pass
        return answer.status, answer.headers, text

    def labels(self, path, token="user"):
        status, _, body = self.ask(path, token)
        self.assertEqual(status, 200, body)
        return [key["label"] for key in body["ssh_keys"]]

    def add(self, label, **where):
        return self.portal.add_key(made_up_key(label), label, **where)


class Association(Case):
    def device(self, ident):
        return self.labels("/devices/%s/ssh-keys" % ident)

    def people_and_project(self):
        for name in ("alice", "bob", "carol"):
            self.add(name, user=self.ids[name])
        self.stranger = self.portal.do("add_user", email="x@example.net")
        self.add("stranger", user=self.stranger)
        return self.add("project", project=self.ids["project"])

    def test_no_keys_chosen_gives_project_members_and_organization(self):
        self.people_and_project()
        self.assertEqual(self.device(self.portal.provision()),
                         ["alice", "bob", "carol", "project"])

    def test_chosen_keys_alone(self):
        project = self.people_and_project()
        bob = self.portal.provision(user_ssh_keys=[self.ids["bob"]])
        self.assertEqual(self.device(bob), ["bob"])
        one = self.portal.provision(project_ssh_keys=[project])
        self.assertEqual(self.device(one), ["project"])

    def test_no_ssh_keys(self):
        self.people_and_project()
        self.assertEqual(self.device(self.portal.provision(no_ssh_keys=True)),
                         [])

    def test_later_key_is_not_on_the_device_until_associated(self):
        key = self.add("late", user=self.ids["alice"])
        self.assertEqual(self.device(self.ids["device"]), [])
        self.portal.do("associate", key=key, device=self.ids["device"])
        self.assertEqual(self.device(self.ids["device"]), ["late"])
        self.assertEqual(self.device(self.ids["other"]), [])
        self.portal.do("dissociate", key=key, device=self.ids["device"])
        self.assertEqual(self.device(self.ids["device"]), [])

    def test_instances_ids(self):
        self.add("here", user=self.ids["bob"],
                 instances_ids=[self.ids["device"]])
        self.add("all", user=self.ids["bob"], instances_ids=[])
        self.add("of the project", project=self.ids["project"],
                 instances_ids=[])
        # carol's servers are all of the organization; a stranger has none
        self.add("carol's", user=self.ids["carol"], instances_ids=[])
        stranger = self.portal.do("add_user", email="x@example.net")
        self.add("stranger's", user=stranger, instances_ids=[])
        self.assertEqual(self.device(self.ids["device"]),
                         ["here", "all", "of the project", "carol's"])
        self.assertEqual(self.device(self.ids["other"]),
                         ["all", "of the project", "carol's"])
        with self.assertRaises(PortalError):
            self.add("nowhere", user=stranger, instances_ids=["nothing"])

    def test_removed_key_is_nowhere_and_a_users_go_with_the_user(self):
        key = self.people_and_project()
        device = self.portal.provision()
        self.portal.remove_key(key)
        self.portal.do("remove_user", user=self.ids["bob"])
        self.assertEqual(self.device(device), ["alice", "carol"])
        self.assertEqual(
            self.labels("/projects/%s/ssh-keys" % self.ids["project"]), [])

    def test_member_who_leaves_keeps_the_key_on_the_device(self):
        self.people_and_project()
        device = self.portal.provision()
        self.portal.do("remove_member", user=self.ids["bob"],
                       project=self.ids["project"])
        self.assertIn("bob", self.device(device))

    def test_through_the_api(self):
        body = json.dumps({"label": "mine", "key": made_up_key("mine"),
                           "instances_ids": [self.ids["device"]]})
        status, _, key = self.ask("/ssh-keys", method="POST", body=body)
        self.assertEqual(status, 201)
        self.assertEqual(self.device(self.ids["device"]), ["mine"])
        self.assertEqual(self.labels("/ssh-keys"), ["mine"])
        path = "/ssh-keys/" + key["id"]
        self.assertEqual(self.ask(path, "read_only", "DELETE")[0], 403)
        self.assertEqual(self.ask(path, method="DELETE")[0], 204)
        self.assertEqual(self.ask(path)[0], 404)
        self.assertEqual(self.ask("/ssh-keys", method="POST", body="{}")[0],
                         422)


class Answers(Case):
    def test_errors(self):
        nobody = "00000000-0000-4000-8000-000000000000"
        stranger = self.portal.do("add_user", email="x@example.net")
        self.portal.do("add_token", token="theirs", user=stranger)
        device = "/devices/" + self.ids["device"]
        for path, token, method, status, field in (
                ("/ssh-keys", "wrong", "GET", 401, "error"),
                ("/devices/" + nobody, "user", "GET", 404, "errors"),
                ("/nothing", "user", "GET", 404, "errors"),
                (device, "theirs", "GET", 403, "errors"),
                (device, "user", "PUT", 405, "errors"),
                ("/ssh-keys", "project", "GET", 403, "errors")):
            with self.subTest(path=path, token=token):
                got, _, body = self.ask(path, token, method)
                self.assertEqual(got, status)
                self.assertTrue(body[field])

    def test_tokens(self):
        self.add("alice", user=self.ids["alice"])
        self.add("web", project=self.ids["project"])
        project = "/projects/%s/ssh-keys" % self.ids["project"]
        for token in ("user", "read_only"):
            self.assertEqual(self.labels("/ssh-keys", token), ["alice"])
        self.assertEqual(self.labels(project, "project"), ["web"])
        for status in (401, 403, 200):
            self.portal.do("set", project_token_personal=status)
            self.assertEqual(self.ask("/ssh-keys", "project")[0], status)
        self.assertEqual(self.labels("/ssh-keys", "project"), [])

    def test_customdata(self):
        policy = {"ssh_policy": {"version": 1}, "own": [1, "x"]}
        stranger = self.portal.do("add_user", email="x@example.net")
        self.portal.do("add_token", token="theirs", user=stranger)
        for kind, name in (("project", "project"), ("device", "device"),
                           ("organization", "organization")):
            path = "/%ss/%s/customdata" % (kind, self.ids[name])
            self.assertEqual(self.ask(path)[2], {})
            self.portal.do("set_customdata", kind=kind, ident=self.ids[name],
                           data=policy)
            self.assertEqual(self.ask(path)[2], policy)
            self.assertEqual(self.ask(path, "theirs")[0], 403)

    def test_etag_and_304(self):
        for kind in ("weak", "strong"):
            self.portal.do("set", etag=kind)
            _, headers, _ = self.ask("/ssh-keys")
            tag = {"If-None-Match": headers["ETag"]}
            self.assertEqual(headers["ETag"].startswith("W/"), kind == "weak")
            status, _, body = self.ask("/ssh-keys", **tag)
            self.assertEqual((status, body), (304, b""))
            self.add("new " + kind, user=self.ids["alice"])
            self.assertEqual(self.ask("/ssh-keys", **tag)[0], 200)
        self.portal.do("set", etag="none")
        self.assertNotIn("ETag", self.ask("/ssh-keys")[1])

    def test_gzip_is_the_same_text(self):
        self.add("a", user=self.ids["alice"])
        wanted = {"Accept-Encoding": "deflate, gzip"}
        _, headers, packed = self.ask("/ssh-keys", **wanted)
        self.assertEqual(headers["Content-Encoding"], "gzip")
        self.assertEqual(json.loads(gzip.decompress(packed)),
                         self.ask("/ssh-keys")[2])

    def test_many_keys_are_served_quickly(self):
        self.portal.do("add_many_keys", count=10000, user=self.ids["alice"])
        self.ask("/ssh-keys")
        start = time.monotonic()
        connection = http.client.HTTPConnection(self.portal.url.split("/")[2])
        connection.request("GET", "/ssh-keys", headers={
            "X-Auth-Token": self.portal.tokens["user"]})
        size = len(connection.getresponse().read())
        connection.close()
        self.assertGreater(size, 3000000)
        self.assertLess(time.monotonic() - start, 0.5)

    def test_metadata(self):
        key = made_up_key("m")
        ident = self.portal.add_key(key, "m", user=self.ids["alice"])
        self.portal.do("associate", key=ident, device=self.ids["device"])
        host = self.portal.metadata_url.split("/")[2]
        status, _, body = self.ask_at(host, "/metadata")
        self.assertEqual((status, body["id"], body["ssh_keys"]),
                         (200, self.ids["device"], [key]))
        odd = {"Accept": "text/html"}
        self.assertEqual(self.ask_at(host, "/metadata", headers=odd)[0], 406)
        self.portal.do("set", metadata_device="")
        self.assertEqual(self.ask_at(host, "/metadata")[0], 404)
        here = self.portal.do("add_device", project=self.ids["project"],
                              addresses=["127.0.0.1"])
        self.assertEqual(self.ask_at(host, "/metadata")[2]["id"], here)


class Paging(Case):
    def pages(self, path, name):
        rows, seen = [], []
        while path:
            status, _, body = self.ask(path)
            self.assertEqual(status, 200)
            rows += body[name]
            seen.append(len(body[name]))
            self.assertEqual(body["meta"]["current_page"], len(seen))
            path = body["meta"].get("next", {}).get("href", "")
            self.assertTrue(not path or path.startswith(self.prefix + "/"))
            path = path[len(self.prefix):]
        self.assertEqual(body["meta"]["total"], len(rows))
        self.assertEqual(body["meta"]["last_page"], len(seen))
        return rows, seen

    def test_memberships(self):
        for i in range(23):
            user = self.portal.do("add_user", email="u%d@example.com" % i)
            self.portal.do("add_member", user=user,
                           project=self.ids["project"], roles=["admin"])
        path = "/projects/%s/memberships" % self.ids["project"]
        rows, sizes = self.pages(path, "memberships")
        self.assertEqual(sizes, [10, 10, 5])
        self.assertEqual(list(rows[0]["user"]), ["href"])
        rows, sizes = self.pages(path + "?per_page=20&include=user",
                                 "memberships")
        self.assertEqual(sizes, [20, 5])
        self.assertEqual(rows[0]["user"]["email"], "alice@example.com")
        self.assertEqual(self.pages(path + "?per_page=9999",
                                    "memberships")[1], [25])

    def test_keys_where_asked_for(self):
        self.portal.do("add_many_keys", count=12, user=self.ids["alice"])
        self.portal.do("set", page_keys=True)
        self.assertEqual(self.pages("/ssh-keys", "ssh_keys")[1], [10, 2])


class LaterPaging(Paging):
    options = ("--prefix", "/metal/v1")


class Shapes(Case):
    def test_owner_field_and_prefix(self):
        for prefix in ("", "/metal/v1"):
            for name in ("entity", "owner", "user"):
                with self.subTest(prefix=prefix, name=name):
                    portal = Portal("--prefix", prefix, "--owner-field", name)
                    self.addCleanup(portal.close)
                    self.portal, self.ids, self.prefix = \
                        portal, portal.ids, prefix
                    self.add("k", user=self.ids["alice"])
                    key = self.ask("/ssh-keys")[2]["ssh_keys"][0]
                    self.assertEqual(key[name]["href"], "%s/users/%s" % (
                        prefix, self.ids["alice"]))
                    self.assertEqual(key["href"], "%s/ssh-keys/%s" % (
                        prefix, key["id"]))

    def test_mixed_and_sparse(self):
        self.portal.do("set", owner_field="mixed", sparse=True)
        self.portal.do("add_many_keys", count=12, user=self.ids["alice"])
        keys = self.ask("/ssh-keys")[2]["ssh_keys"]
        for name in ("entity", "owner", "user"):
            self.assertEqual(sum(name in key for key in keys), 4)
        self.assertEqual(sum("tags" not in key for key in keys), 3)
        self.assertEqual(sum(key["label"] is None for key in keys), 3)
        self.assertTrue(all("state" in key for key in keys))

    def test_include(self):
        path = "/devices/%s" % self.ids["device"]
        self.assertEqual(list(self.ask(path)[2]["project"]), ["href"])
        body = self.ask(path + "?include=project.members,ssh_keys")[2]
        self.assertEqual(body["project"]["members"][1]["email"],
                         "bob@example.com")


if __name__ == "__main__":
    unittest.main(module=None, argv=[
        sys.argv[0], *(sys.argv[1:] or ["selftest", "selftest_faults"])])

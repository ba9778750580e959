# SPDX-License-Identifier: ISC
"""The Packet API over the model: routes, rights, bodies, paging, ETag, gzip.

An answer's bytes are kept until the model or a setting changes, so a list of
10,000 keys costs its making once.
"""

import gzip
import hashlib
import re
from dataclasses import dataclass, field
from typing import Dict, Tuple

from model import ModelError
from render import Renderer
from server import Response, json_response

UUID = r"([0-9a-f-]{36})"


@dataclass
class Settings:
    """What differs between portals of this API's shape."""

    prefix: str = ""  # or "/metal/v1", in paths and hrefs
    owner_field: str = "entity"  # or owner, user, mixed
    sparse: bool = False  # fields missing, null and unknown
    page_keys: bool = False  # key lists in pages too
    etag: str = "weak"  # or strong, none
    compress: bool = True
    # GET /ssh-keys with a project's token: 401, 403, or 200 (empty list)
    project_token_personal: int = 403
    metadata_device: str = ""  # "": by source address
    strict_accept: bool = False  # metadata: nothing but */* will do


@dataclass
class Cached:
    version: Tuple
    plain: bytes
    etag: str
    packed: bytes = b""


@dataclass
class Api:
    model: object
    settings: Settings
    cache: Dict[Tuple, Cached] = field(default_factory=dict)

    def __post_init__(self):
        self.routes = [
            ("GET", r"/user", self.user),
            ("GET", r"/ssh-keys", self.personal),
            ("POST", r"/ssh-keys", self.create_personal),
            ("GET", r"/ssh-keys/" + UUID, self.key),
            ("DELETE", r"/ssh-keys/" + UUID, self.delete_key),
            ("GET", r"/projects", self.projects),
            ("GET", r"/projects/" + UUID, self.project),
            ("GET", r"/projects/%s/ssh-keys" % UUID, self.project_keys),
            ("POST", r"/projects/%s/ssh-keys" % UUID, self.create_project),
            ("GET", r"/projects/%s/devices" % UUID, self.project_devices),
            ("GET", r"/projects/%s/memberships" % UUID, self.memberships),
            ("GET", r"/devices/" + UUID, self.device),
            ("GET", r"/devices/%s/ssh-keys" % UUID, self.device_keys),
            ("GET", r"/(project|device|organization)s/%s/customdata" % UUID,
             self.customdata),
        ]

    # from a request to an answer

    def source(self, request):
        """The name by which faults and the log call what is asked for."""
        path = request.path[len(self.settings.prefix):]
        for pattern, name in ((r"/devices/[^/]+/ssh-keys", "device"),
                              (r"/projects/[^/]+/ssh-keys", "project"),
                              (r"/ssh-keys", "personal"),
                              (r"/devices/[^/]+", "device-record"),
                              (r"/projects/[^/]+/memberships", "members"),
                              (r"/[a-z]+/[^/]+/customdata", "fleet")):
            if re.fullmatch(pattern, path):
                return name
        return "other"

    def answer(self, request, plain=False) -> Response:
        try:
            return self.try_answer(request, plain)
        except ModelError as error:
            return json_response({"errors": [str(error)]}, error.status)

    def try_answer(self, request, plain):
        token_text = request.headers.get("x-auth-token", "")
        if self.model.tokens.get(token_text) is None:
            return json_response({"error": "Invalid authentication token"},
                                 401)
        prefix = self.settings.prefix
        if not request.path.startswith(prefix + "/"):
            raise ModelError(404, "Not found")
        if request.method != "GET":
            with self.model.lock:
                return self.route(request, token_text)
        place = (token_text, request.target)
        with self.model.lock:
            version = (self.model.version, *vars(self.settings).values())
            cached = self.cache.get(place)
            if cached is None or cached.version != version:
                answer = self.route(request, token_text)
                if answer.status != 200:
                    return answer
                digest = hashlib.sha256(answer.body).hexdigest()[:32]
                cached = Cached(version, answer.body, '"%s"' % digest)
                self.cache[place] = cached
        return self.from_cache(request, cached, plain)

    def from_cache(self, request, cached, plain):
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if self.settings.etag != "none":
            weak = "W/" if self.settings.etag == "weak" else ""
            headers["ETag"] = weak + cached.etag
        known = request.headers.get("if-none-match", "")
        if not plain and "ETag" in headers and cached.etag in known:
            return Response(304, b"", headers)
        wanted = "gzip" in request.headers.get("accept-encoding", "")
        if plain or not wanted or not self.settings.compress:
            return Response(200, cached.plain, headers)
        if not cached.packed:
            cached.packed = gzip.compress(cached.plain, 5)
        headers["Content-Encoding"] = "gzip"
        headers["Vary"] = "Accept-Encoding"
        return Response(200, cached.packed, headers)

    def route(self, request, token_text):
        path = request.path[len(self.settings.prefix):]
        allowed = False
        for method, pattern, handler in self.routes:
            match = re.fullmatch(pattern, path)
            if match is None:
                continue
            allowed = True
            if method == request.method:
                call = Call(self, request, self.model.tokens[token_text])
                if method != "GET" and call.token.read_only:
                    raise ModelError(403, "This token is read-only")
                return handler(call, *match.groups())
        raise ModelError(405 if allowed else 404,
                         "Method not allowed" if allowed else "Not found")

    # the routes

    def user(self, call):
        if call.token.kind != "user":
            raise ModelError(403, "This token belongs to a project")
        return call.one(call.render.user(call.token.owner))

    def personal(self, call):
        if call.token.kind == "user":
            return call.keys(self.model.keys_of(call.token.owner))
        status = self.settings.project_token_personal
        if status == 200:
            return call.keys([])
        raise ModelError(status, "This token belongs to a project")

    def project_keys(self, call, ident):
        call.may_see_project(ident)
        return call.keys(self.model.keys_of(ident))

    def device_keys(self, call, ident):
        return call.keys(self.model.keys_on(call.may_see_device(ident)))

    def key(self, call, ident):
        return call.one(call.render.key(call.may_see_key(ident)))

    def create_personal(self, call):
        if call.token.kind != "user":
            raise ModelError(403, "This token belongs to a project")
        return call.create_key(user=call.token.owner)

    def create_project(self, call, ident):
        call.may_see_project(ident)
        return call.create_key(project=ident)

    def delete_key(self, call, ident):
        call.may_see_key(ident)
        self.model.remove_key(ident)
        return Response(204)

    def projects(self, call):
        seen = [p for p in self.model.projects.values() if call.sees(p)]
        return call.page("projects", seen, call.render.project)

    def project(self, call, ident):
        return call.one(call.render.project(call.may_see_project(ident)))

    def project_devices(self, call, ident):
        call.may_see_project(ident)
        return call.page("devices", self.model.devices_of("project", ident),
                         call.render.device)

    def memberships(self, call, ident):
        project = call.may_see_project(ident)
        rows = list(project.members.items())
        return call.page("memberships", rows,
                         lambda row: call.render.membership(project, *row))

    def device(self, call, ident):
        return call.one(call.render.device(call.may_see_device(ident)))

    def customdata(self, call, kind, ident):
        if kind == "project":
            owner = call.may_see_project(ident)
        elif kind == "device":
            owner = call.may_see_device(ident)
        else:
            owner = call.may_see_organization(ident)
        return json_response(owner.customdata)


@dataclass
class Call:
    """One request with the token's rights."""

    api: Api
    request: object
    token: object

    def __post_init__(self):
        self.model = self.api.model
        self.render = Renderer(self.model, self.api.settings)

    def sees(self, project):
        if self.token.kind == "project":
            return project.id == self.token.owner
        return self.model.sees_project(self.token.owner, project)

    def may_see_project(self, ident):
        project = self.model.find(self.model.projects, ident, "Project")
        if not self.sees(project):
            raise ModelError(403, "You are not authorized to view this "
                                  "project")
        return project

    def may_see_device(self, ident):
        device = self.model.find(self.model.devices, ident, "Device")
        self.may_see_project(device.project)
        return device

    def may_see_organization(self, ident):
        org = self.model.find(self.model.organizations, ident, "Organization")
        if not any(p.organization == ident and self.sees(p)
                   for p in self.model.projects.values()):
            raise ModelError(403, "You are not authorized to view this "
                                  "organization")
        return org

    def may_see_key(self, ident):
        key = self.model.find(self.model.keys, ident, "SSH key")
        if key.owner_kind == "project":
            self.may_see_project(key.owner)
        elif self.token.owner != key.owner:
            raise ModelError(404, "SSH key not found")
        return key

    def create_key(self, **owner):
        try:
            fields = self.request.json()
            ident = self.model.add_key(**fields, **owner)
        except (TypeError, ValueError):
            raise ModelError(422, "key can't be blank") from None
        return json_response(self.render.key(self.model.keys[ident]), 201)

    # bodies

    def one(self, value):
        return json_response(self.render.expand(value, self.includes()))

    def includes(self):
        return [i for i in self.request.query.get("include", "").split(",")
                if i]

    def keys(self, keys):
        if self.api.settings.page_keys:
            return self.page("ssh_keys", keys, self.render.key)
        return json_response({"ssh_keys": [
            self.render.expand(self.render.key(k), self.includes())
            for k in keys]})

    def number(self, name, default, most):
        try:
            value = int(self.request.query.get(name, default))
        except ValueError:
            value = default
        return min(max(value, 1), most)

    def page(self, name, rows, render):
        size = self.number("per_page", 10, 1000)
        last = max((len(rows) + size - 1) // size, 1)
        page = self.number("page", 1, 10 ** 9)
        shown = [self.render.expand(render(row), self.includes())
                 for row in rows[(page - 1) * size:page * size]]

        def link(number):
            query = dict(self.request.query, page=number, per_page=size)
            return {"href": self.request.path + "?" + "&".join(
                "%s=%s" % item for item in query.items())}

        meta = {"self": link(page), "first": link(1), "last": link(last),
                "total": len(rows), "current_page": page, "last_page": last}
        if page > 1:
            meta["previous"] = link(page - 1)
        if page < last:
            meta["next"] = link(page + 1)
        return json_response({name: shown, "meta": meta})

# SPDX-License-Identifier: ISC
"""The model's records as the API's JSON, in the shape that is asked for."""

from model import md5_fingerprint

# sparse: what happens to every fourth key, beginning with the first
MISSING = [(), ("tags",), ("updated_at",), ("fingerprint", "id", "href")]
NULL = [(), ("label",), ("created_at",), ()]
OWNER_FIELDS = ("entity", "owner", "user")


class Renderer:
    def __init__(self, model, settings):
        self.model = model
        self.settings = settings

    def href(self, *parts):
        return "/".join((self.settings.prefix, *parts))

    def link(self, *parts):
        return {"href": self.href(*parts)}

    def owner_field(self, number):
        if self.settings.owner_field == "mixed":
            return OWNER_FIELDS[number % 3]
        return self.settings.owner_field

    def key(self, key):
        # A key's number is its place in the portal, the same on every list.
        number = key.number
        value = {"id": key.id, "label": key.label, "key": key.key,
                 "fingerprint": md5_fingerprint(str(key.key)),
                 "created_at": key.created_at, "updated_at": key.updated_at,
                 "tags": key.tags, "href": self.href("ssh-keys", key.id),
                 self.owner_field(number):
                     self.link(key.owner_kind + "s", key.owner)}
        if self.settings.sparse:
            for name in MISSING[number % 4]:
                value.pop(name)
            for name in NULL[number % 4]:
                value[name] = None
            value["last_used"] = {"at": None, "by": [1, 2.5, True]}
            value["state"] = "active"
        value.update(key.raw)
        for name in key.drop:
            value.pop(name, None)
        return value

    def user(self, ident):
        user = self.model.users[ident]
        first, _, last = user.full_name.partition(" ")
        return {"id": user.id, "short_id": user.short_id,
                "email": user.email, "full_name": user.full_name,
                "first_name": first, "last_name": last,
                "href": self.href("users", user.id)}

    def organization(self, org):
        return {"id": org.id, "name": org.name, "customdata": org.customdata,
                "href": self.href("organizations", org.id)}

    def project(self, project):
        return {"id": project.id, "name": project.name,
                "customdata": project.customdata,
                "organization": self.link("organizations",
                                          project.organization),
                "members": [self.link("users", u) for u in project.members],
                "ssh_keys": [self.link("ssh-keys", k.id)
                             for k in self.model.keys_of(project.id)],
                "devices": [self.link("devices", d.id) for d
                            in self.model.devices_of("project", project.id)],
                "href": self.href("projects", project.id)}

    def membership(self, project, user, roles):
        ident = project.membership_ids[user]
        return {"id": ident, "roles": roles,
                "user": self.link("users", user),
                "project": self.link("projects", project.id),
                "href": self.href("memberships", ident)}

    def device(self, device):
        return {"id": device.id, "short_id": device.id.split("-")[0],
                "hostname": device.hostname, "user": device.user,
                "state": "active", "tags": device.tags,
                "customdata": device.customdata,
                "project": self.link("projects", device.project),
                "ssh_keys": [self.link("ssh-keys", k) for k in device.keys],
                "ip_addresses": [{"address": a, "public": False}
                                 for a in device.addresses],
                "href": self.href("devices", device.id)}

    def metadata(self, device):
        return {"id": device.id, "hostname": device.hostname,
                "tags": device.tags, "customdata": device.customdata,
                "ssh_keys": [k.key for k in self.model.keys_on(device)],
                "class": "c3.small.x86", "facility": "lab1",
                "operating_system": {"distro": "debian", "version": "12"}}

    # ?include=

    def target(self, href):
        """The record that an href names, or None."""
        parts = href[len(self.settings.prefix):].strip("/").split("/")
        if len(parts) != 2:
            return None
        kind, ident = parts
        model = self.model
        if kind == "users" and ident in model.users:
            return self.user(ident)
        for name, table, render in (
                ("organizations", model.organizations, self.organization),
                ("projects", model.projects, self.project),
                ("devices", model.devices, self.device),
                ("ssh-keys", model.keys, self.key)):
            if kind == name and ident in table:
                return render(table[ident])
        return None

    def expand(self, value, includes):
        """Puts records in place of hrefs: "ssh_keys", "project.members" …"""
        for include in includes:
            name, _, rest = include.partition(".")
            deeper = [rest] if rest and include.count(".") <= 2 else []
            found = value.get(name)
            if isinstance(found, list):
                value[name] = [self.expand_link(v, deeper) for v in found]
            elif isinstance(found, dict):
                value[name] = self.expand_link(found, deeper)
        return value

    def expand_link(self, value, deeper):
        if "href" in value:
            value = self.target(value["href"]) or value
        return self.expand(value, deeper)

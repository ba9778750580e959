# SPDX-License-Identifier: ISC
"""What the portal knows: organizations, projects, users, devices and keys.

Which key is on which device is decided here and nowhere else, by the rules of
the Packet API:

- a device created with no keys chosen gets all project keys, all project
  members' keys and all organization members' keys; with keys chosen, those
  alone; with no_ssh_keys none;
- a key created with instances_ids is put on these devices, with an empty list
  on all devices of its owner, without the field on none;
- a key can be associated with a device later; a removed key is nowhere.
"""

import base64
import hashlib
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional


class ModelError(Exception):
    """A request that the portal refuses; status is that of the API."""

    def __init__(self, status: int, text: str):
        super().__init__(text)
        self.status = status


def now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def new_id() -> str:
    return str(uuid.uuid4())


def md5_fingerprint(text: str) -> str:
    """The portal's fingerprint of a pasted one-line key; "" for others."""
    words = text.split()
    try:
        blob = base64.b64decode(words[1], validate=True)
    except (IndexError, ValueError):
        return ""
    digest = hashlib.md5(blob, usedforsecurity=False).hexdigest()
    return ":".join(digest[i:i + 2] for i in range(0, 32, 2))


def made_up_key(seed: str) -> str:
    """An Ed25519 public key that nobody has the private half of."""
    name = b"ssh-ed25519"
    blob = (len(name).to_bytes(4, "big") + name + (32).to_bytes(4, "big")
            + hashlib.sha256(seed.encode()).digest())
    return "ssh-ed25519 " + base64.b64encode(blob).decode()


@dataclass
class User:
    email: str
    full_name: str = ""
    id: str = field(default_factory=new_id)

    @property
    def short_id(self) -> str:
        return self.id.split("-")[0]


@dataclass
class Organization:
    name: str
    id: str = field(default_factory=new_id)
    members: Dict[str, List[str]] = field(default_factory=dict)
    customdata: Any = field(default_factory=dict)


@dataclass
class Project:
    name: str
    organization: str
    id: str = field(default_factory=new_id)
    members: Dict[str, List[str]] = field(default_factory=dict)
    customdata: Any = field(default_factory=dict)
    # user id -> membership id, so that a membership keeps its own
    membership_ids: Dict[str, str] = field(default_factory=dict)


@dataclass
class Device:
    project: str
    hostname: str
    id: str = field(default_factory=new_id)
    user: str = "root"
    tags: List[str] = field(default_factory=list)
    customdata: Any = field(default_factory=dict)
    addresses: List[str] = field(default_factory=list)
    keys: Dict[str, None] = field(default_factory=dict)  # an ordered set


@dataclass
class Key:
    label: Optional[str]
    key: Any
    owner_kind: str  # "user" or "project"
    owner: str
    number: int = 0  # its place in the portal
    id: str = field(default_factory=new_id)
    tags: List[str] = field(default_factory=list)
    created_at: Optional[str] = field(default_factory=now)
    updated_at: Optional[str] = field(default_factory=now)
    # JSON fields that stand in place of the real ones, and fields left out
    raw: Dict[str, Any] = field(default_factory=dict)
    drop: List[str] = field(default_factory=list)


@dataclass
class Token:
    kind: str  # "user" or "project"
    owner: str
    read_only: bool = False


def changes(method):
    """For a method that changes the model: locked, and a new version."""
    def locked(self, *args, **kwargs):
        with self.lock:
            self.version += 1
            return method(self, *args, **kwargs)
    locked.__name__ = method.__name__
    locked.__doc__ = method.__doc__
    return locked


class Model:
    def __init__(self):
        self.lock = threading.RLock()
        self.version = 0
        self.keys_made = 0
        self.users: Dict[str, User] = {}
        self.organizations: Dict[str, Organization] = {}
        self.projects: Dict[str, Project] = {}
        self.devices: Dict[str, Device] = {}
        self.keys: Dict[str, Key] = {}
        self.tokens: Dict[str, Token] = {}

    @staticmethod
    def find(table, ident, what):
        if ident not in table:
            raise ModelError(404, "%s not found" % what)
        return table[ident]

    # people and places

    @changes
    def add_user(self, email, full_name=""):
        user = User(email, full_name)
        self.users[user.id] = user
        return user.id

    @changes
    def remove_user(self, user):
        """Takes the user out of everything, keys and tokens too."""
        self.find(self.users, user, "user")
        del self.users[user]
        for group in (*self.projects.values(), *self.organizations.values()):
            group.members.pop(user, None)
        for key in [k.id for k in self.keys.values() if k.owner == user]:
            self.remove_key(key)
        for token in [t for t, v in self.tokens.items() if v.owner == user]:
            del self.tokens[token]

    @changes
    def add_organization(self, name):
        org = Organization(name)
        self.organizations[org.id] = org
        return org.id

    @changes
    def add_project(self, name, organization):
        self.find(self.organizations, organization, "organization")
        project = Project(name, organization)
        self.projects[project.id] = project
        return project.id

    @changes
    def add_member(self, user, project=None, organization=None,
                   roles=("collaborator",)):
        self.find(self.users, user, "user")
        if project is not None:
            group = self.find(self.projects, project, "project")
            group.membership_ids.setdefault(user, new_id())
        else:
            group = self.find(self.organizations, organization, "organization")
        group.members[user] = list(roles)

    @changes
    def remove_member(self, user, project=None, organization=None):
        """Their keys stay on the devices, as in the portal."""
        if project is not None:
            group = self.find(self.projects, project, "project")
        else:
            group = self.find(self.organizations, organization, "organization")
        if group.members.pop(user, None) is None:
            raise ModelError(404, "membership not found")

    @changes
    def set_customdata(self, kind, ident, data):
        table = {"project": self.projects, "device": self.devices,
                 "organization": self.organizations}[kind]
        self.find(table, ident, kind).customdata = data

    @changes
    def add_token(self, token, user=None, project=None, read_only=False):
        if user is not None:
            self.find(self.users, user, "user")
            self.tokens[token] = Token("user", user, read_only)
        else:
            self.find(self.projects, project, "project")
            self.tokens[token] = Token("project", project, read_only)

    @changes
    def remove_token(self, token):
        self.find(self.tokens, token, "token")
        del self.tokens[token]

    # devices

    @changes
    def add_device(self, project, hostname="server", user="root", tags=(),
                   user_ssh_keys=(), project_ssh_keys=(), no_ssh_keys=False,
                   addresses=()):
        """user_ssh_keys: user ids; project_ssh_keys: key ids."""
        place = self.find(self.projects, project, "project")
        device = Device(project, hostname, user=user, tags=list(tags),
                        addresses=list(addresses))
        if no_ssh_keys:
            chosen = []
        elif user_ssh_keys or project_ssh_keys:
            chosen = [k for k in self.keys.values()
                      if k.owner in user_ssh_keys or k.id in project_ssh_keys]
        else:
            org = self.organizations[place.organization]
            owners = {project, *place.members, *org.members}
            chosen = [k for k in self.keys.values() if k.owner in owners]
        device.keys = {k.id: None for k in chosen}
        self.devices[device.id] = device
        return device.id

    @changes
    def remove_device(self, device):
        self.find(self.devices, device, "device")
        del self.devices[device]

    def devices_of(self, kind, owner):
        """All devices of a project, or of every project of a user."""
        if kind == "project":
            projects = {owner}
        else:
            projects = {p.id for p in self.projects.values()
                        if self.sees_project(owner, p)}
        return [d for d in self.devices.values() if d.project in projects]

    def sees_project(self, user, project):
        org = self.organizations[project.organization]
        return user in project.members or user in org.members

    # keys

    @changes
    def add_key(self, key, label="", user=None, project=None,
                instances_ids=None, tags=(), raw=None, drop=(),
                created_at=None, **others):
        """key may be any text, and raw any JSON: what a test needs."""
        if others:
            raise ModelError(422, "unknown field %s" % ", ".join(others))
        if user is not None:
            self.find(self.users, user, "user")
            entry = Key(label, key, "user", user, tags=list(tags))
        else:
            self.find(self.projects, project, "project")
            entry = Key(label, key, "project", project, tags=list(tags))
        entry.number = self.keys_made
        self.keys_made += 1
        entry.raw, entry.drop = dict(raw or {}), list(drop)
        if created_at is not None:
            entry.created_at = created_at
        devices = []
        if instances_ids is not None:
            if instances_ids:
                devices = [self.find(self.devices, d, "instance")
                           for d in instances_ids]
            else:
                devices = self.devices_of(entry.owner_kind, entry.owner)
        self.keys[entry.id] = entry
        for device in devices:
            device.keys[entry.id] = None
        return entry.id

    @changes
    def add_many_keys(self, count, user=None, project=None, devices=(),
                      label="made up"):
        """count keys that nobody can log in with; returns nothing."""
        for i in range(count):
            name = "%s %d" % (label, i)
            ident = self.add_key(made_up_key(name), name, user, project)
            for device in devices:
                self.devices[device].keys[ident] = None

    @changes
    def remove_key(self, key):
        self.find(self.keys, key, "key")
        del self.keys[key]
        for device in self.devices.values():
            device.keys.pop(key, None)

    @changes
    def change_key(self, key, text=None, label=None, tags=None):
        """Another text, label or tags under the same id."""
        entry = self.find(self.keys, key, "key")
        if text is not None:
            entry.key = text
        if label is not None:
            entry.label = label
        if tags is not None:
            entry.tags = tags
        entry.updated_at = now()

    @changes
    def associate(self, key, device):
        self.find(self.keys, key, "key")
        self.find(self.devices, device, "device").keys[key] = None

    @changes
    def dissociate(self, key, device):
        self.find(self.devices, device, "device").keys.pop(key, None)

    def keys_of(self, owner):
        return [k for k in self.keys.values() if k.owner == owner]

    def keys_on(self, device):
        return [self.keys[k] for k in device.keys]

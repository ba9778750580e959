# SPDX-License-Identifier: ISC
"""The local account database of a private namespace: copies of the machine's
files, with accounts and groups of ours, that stories may change."""

import os
import re

ACCOUNT = "deploy"
FILES = {"passwd": 0o644, "group": 0o644, "shadow": 0o640}


class Accounts:
    """Files in folder, to be mounted over those in /etc; homes in homes.

    root's password is never locked: sshd without PAM would take that for a
    locked account.
    """

    def __init__(self, folder, homes):
        self.folder = folder
        self.homes = homes
        self.rows = {}
        for name in FILES:
            with open("/etc/" + name) as text:
                self.rows[name] = text.read().splitlines()
        self.rows["shadow"] = [re.sub(r"^root:[^:]*:", "root:*:", row)
                               for row in self.rows["shadow"]]
        self.numbers = {}  # of names, for as long as the namespace lasts
        self.reset()

    def reset(self):
        """Back to one account more than the machine has."""
        self.users, self.groups = [], {}
        self.add_user(ACCOUNT)

    def add_user(self, name):
        """An account with a group of its own, as adduser makes it."""
        self.users.append(name)
        home = self.home(name)
        os.makedirs(home, mode=0o755, exist_ok=True)
        number = self.number(name)
        os.chown(home, number, number)
        self.write()
        return name

    def set_group(self, name, *members):
        """A group of exactly these members."""
        self.groups[name] = members
        self.write()

    def home(self, name):
        return os.path.join(self.homes, name)

    def number(self, name):
        """For a user and his group, or a group."""
        if name not in self.numbers:
            used = set(self.numbers.values())
            for file in ("passwd", "group"):
                used |= {int(row.split(":")[2]) for row in self.rows[file]
                         if re.match(r"[^:]+:[^:]*:\d+:", row)}
            self.numbers[name] = next(i for i in range(12000, 60000)
                                      if i not in used)
        return self.numbers[name]

    def write(self):
        """In place: what is mounted is the file, not its name."""
        groups = {name: () for name in self.users}
        groups.update(self.groups)
        added = {
            "passwd": ["%s:x:%d:%d::%s:/bin/sh" % (
                name, self.number(name), self.number(name), self.home(name))
                for name in self.users],
            "group": ["%s:x:%d:%s" % (name, self.number(name), ",".join(who))
                      for name, who in groups.items()],
            "shadow": ["%s:*:19000::::::" % name for name in self.users]}
        for file, mode in FILES.items():
            names = groups if file == "group" else self.users
            rows = [row for row in self.rows[file]
                    if row.split(":")[0] not in names]
            path = os.path.join(self.folder, file)
            with open(path, "w") as out:
                out.write("\n".join([*rows, *added[file]]) + "\n")
            os.chmod(path, mode)

# SPDX-License-Identifier: ISC
"""A small world to log in to: portal, configuration, sshd and clients.

Every world is in a folder of its own and has its own processes and ports, so
that one story can't disturb the next, nor one test run another.
"""

import json
import os
import pwd
import subprocess
import time

from client import Portal
from clients import Clients, make_key
from documents import Documents
from front import Front
from machine import (PROGRAMS, Port, die_with_parent, end, find,
                     programs_naming, remove_tree)
from sayings import Sayings

SERVICE_USER = "nobody"
# All that is ever in the cache folder.
CACHE_FILES = {"keys.cdb", "keys.cdb.new", "fetch.lock", "log.state"}
SECTIONS = {
    "portal": ("url", "token-file", "project", "device", "metadata-url",
               "sources", "ca-file", "proxy", "connect-timeout", "timeout"),
    "cache": ("directory", "socket", "fresh", "stale", "retry",
              "mass-removal"),
    "policy": ("file", "fleet")}
SSHD = """\
Port %(port)d
ListenAddress 127.0.0.1
HostKey %(dir)s/host_key
PidFile none
LogLevel VERBOSE
PermitRootLogin prohibit-password
PasswordAuthentication no
ChallengeResponseAuthentication no
StrictModes yes
UseDNS no
UsePAM %(pam)s
MaxStartups 300
AuthorizedKeysFile %(keys_file)s
AuthorizedKeysCommand %(lookup)s -c %(config)s %%u %%f
AuthorizedKeysCommandUser %(user)s
%(more)s
"""


def root_is_locked():
    """Without PAM sshd takes "!" in front of the password for a lock."""
    with open("/etc/shadow") as text:
        return any(row.startswith("root:!") for row in text)


class World(Documents, Sayings):
    """log: a private.Log, or None where /dev/log isn't ours.

    portal_options: of portal.py. keep: the processes outlive the test run.
    """

    def __init__(self, folder, prefix, log=None, portal_options=(),
                 keep=False, pass_fds=()):
        self.dir = folder
        self.programs = {name: os.path.join(prefix, path)
                         for name, path in PROGRAMS.items()}
        self.log = log
        self.log_mark = len(log.messages) if log else 0
        self.keep = keep
        self.service = pwd.getpwnam(SERVICE_USER)
        self.sshd = self.front = self.clients = None
        self.services = []
        self.sshd_more = {"keys_file": "none", "more": ""}
        self.seen = []  # what programs have printed, for the token's sake
        self.port = Port()
        self.keys_made = 0
        self.portal = Portal(*portal_options, pass_fds=pass_fds,
                             new_session=keep)
        try:
            self.lay_out()
        except BaseException:
            self.close()
            raise

    # files

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def lay_out(self):
        self.config_file = self.path("packet-keys.conf")
        self.token_file = self.path("token")
        self.cache = self.path("cache")
        os.mkdir(self.cache, 0o750)
        os.chown(self.cache, self.service.pw_uid, self.service.pw_gid)
        os.mkdir(self.path("run"), 0o750)
        os.chown(self.path("run"), self.service.pw_uid, self.service.pw_gid)
        os.mkdir(self.path("client"), 0o700)
        self.write_token(self.portal.tokens["user"])
        self.config = {
            "url": self.portal.url, "token-file": self.token_file,
            "metadata-url": self.portal.metadata_url, "timeout": "4s",
            "connect-timeout": "2s", "directory": self.cache,
            "socket": self.path("run", "fetch.sock"), "fresh": "0s",
            "retry": "0s", "file": self.path("policy.json")}
        self.configure()

    def write(self, path, text, mode=0o644, group=0):
        """Whole or not at all, as an administrator's editor would."""
        data = text if isinstance(text, bytes) else text.encode()
        with open(path + ".new", "wb") as out:
            os.fchmod(out.fileno(), mode)
            os.fchown(out.fileno(), 0, group)
            out.write(data)
        os.rename(path + ".new", path)

    def write_token(self, token):
        self.write(self.token_file, token + "\n", 0o640, self.service.pw_gid)

    def configure(self, **changes):
        """Writes the config file; fresh="1s", ca_file=…; None removes."""
        for name, value in changes.items():
            self.config[name.replace("_", "-")] = value
        lines = []
        for section, names in SECTIONS.items():
            lines.append("[%s]" % section)
            lines += ["%s = %s" % (name, self.config[name]) for name in names
                      if self.config.get(name) is not None]
        self.write(self.config_file, "\n".join(lines) + "\n")

    # servers

    def start_front(self, http2=True, **certificate):
        """nginx with TLS before the portal, and the config to match."""
        folder = self.path("nginx")
        os.mkdir(folder, 0o755)
        scheme, _, rest = self.portal.url.partition("://")
        host, slash, path = rest.partition("/")
        self.front = Front(folder, host, http2, **certificate)
        self.configure(url="https://127.0.0.1:%d%s%s" % (
            self.front.port, slash, path), ca_file=self.front.ca_file)
        return self.front

    def start_sshd(self, **more):
        """keys_file: AuthorizedKeysFile; more: further lines."""
        self.sshd_more.update(more)
        self.host_key = make_key(self.path("host_key"))
        config = self.path("sshd_config")
        self.write(config, SSHD % {
            "port": self.port.number, "dir": self.dir,
            "pam": "yes" if root_is_locked() else "no",
            "lookup": self.programs["lookup"], "config": self.config_file,
            "user": SERVICE_USER, **self.sshd_more}, 0o600)
        self.forgive_failures(config)
        with open(self.path("sshd.log"), "ab") as log:
            self.sshd = subprocess.Popen(
                [find("sshd"), "-D", "-e", "-f", config], stderr=log,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                start_new_session=self.keep,
                preexec_fn=None if self.keep else die_with_parent)
        self.wait_for_sshd()
        self.clients = Clients(self.path("client"), self.port.number,
                               self.host_key)

    def start_service(self, handed=None):
        """packet-keysd as a service, started by root; handed: a socket that
        it gets as systemd would hand it over."""
        command = [self.programs["fetcher"], "-c", self.config_file]
        env = {}
        if handed is not None:
            # Only a process that knows its own pid can say it.
            command = ["/bin/sh", "-c", "LISTEN_PID=$$ exec \"$@\"", "sh",
                       *command]
            env = {"LISTEN_FDS": "1"}
        here = None if handed is None else handed.fileno()

        def prepare():
            die_with_parent()
            if here is not None:
                os.dup2(here, 3, inheritable=True)
        with open(self.path("service.log"), "ab") as log:
            service = subprocess.Popen(
                command, env=env, cwd="/", stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=log, preexec_fn=prepare,
                close_fds=handed is None)
        self.services.append(service)
        return service

    def restart_sshd(self, **more):
        end(self.sshd)
        for name in ("host_key", "host_key.pub", "sshd.log"):
            os.unlink(self.path(name))
        self.start_sshd(**more)

    @staticmethod
    def forgive_failures(config):
        """From 9.8 on sshd locks addresses out that fail often."""
        with open(config, "a") as out:
            before = out.tell()
            out.write("PerSourcePenalties no\n")
        check = subprocess.run([find("sshd"), "-t", "-f", config],
                               stderr=subprocess.DEVNULL)
        if check.returncode != 0:
            os.truncate(config, before)

    def wait_for_sshd(self):
        limit = time.monotonic() + 10
        while "Server listening" not in self.sshd_log():
            if self.sshd.poll() is not None or time.monotonic() > limit:
                raise RuntimeError("sshd: " + self.sshd_log())
            time.sleep(0.01)

    def sshd_log(self):
        try:
            with open(self.path("sshd.log"), errors="replace") as text:
                return text.read()
        except FileNotFoundError:
            return ""

    # what a story does

    def new_key(self, client="ssh", kind="ed25519"):
        self.keys_made += 1
        return make_key(self.path("client", "key%d" % self.keys_made),
                        client, kind)

    def add(self, key, owner="alice", label="a key", **where):
        """Puts the public half in the portal, as alice's, bob's, carol's or
        the "project"'s; returns the portal's id of it."""
        kind = "project" if owner == "project" else "user"
        where[kind] = self.portal.ids[owner]
        return self.portal.add_key(key.public, label, **where)

    def login(self, *keys, user="root"):
        if self.sshd is None:
            self.start_sshd()
        result = self.clients.login(*keys, user=user)
        self.seen.append(result.output)
        return result

    def must_open(self, *keys, user="root"):
        result = self.login(*keys, user=user)
        assert result.open, "%s's login was refused" % user
        assert result.user == user, "%s got in as %s" % (user, result.user)
        return result

    def must_refuse(self, *keys, user="root", code=None):
        """code: the reason that must be in the log, if there is one."""
        mark = self.mark()
        result = self.login(*keys, user=user)
        assert not result.open, "%s's login worked" % user
        if code is not None:
            said = self.refusal_since(mark, keys[0], user)
            assert said in (None, code), "the log says: " + said
        return result

    def session(self, key, command, user="root", more=()):
        """A session's output, whatever it is; more: words for ssh."""
        if self.sshd is None:
            self.start_sshd()
        return self.clients.session(key, command, user, more)

    def run(self, program, *arguments, as_service=False, **more):
        """A finished program of ours; texts in stdout and stderr."""
        if as_service:
            more.update(user=self.service.pw_uid, group=self.service.pw_gid,
                        extra_groups=[])
        result = subprocess.run(
            [self.programs[program], *arguments], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            errors="surrogateescape", timeout=60, env={}, cwd="/", **more)
        self.seen += [result.stdout, result.stderr]
        return result

    def lookup(self, *arguments, as_service=True, **more):
        """packet-authorized-keys by hand; user first, then fingerprint."""
        return self.run("lookup", "-c", self.config_file, *arguments,
                        as_service=as_service, **more)

    def tool(self, *arguments):
        """packet-keys, as root."""
        return self.run("tool", "-c", self.config_file, *arguments)

    def json(self, *arguments, code=None):
        """What a packet-keys command prints with --json."""
        result = self.tool(*arguments, "--json")
        assert code in (None, result.returncode), result
        return json.loads(result.stdout)

    def lines(self, *arguments):
        """A lookup's lines; the lookup itself must succeed."""
        result = self.lookup(*arguments)
        assert result.returncode == 0, result
        return result.stdout.splitlines()

    # the end

    def find_token(self):
        """Where a token stands that must not: a text, or None."""
        places = {"output": "".join(self.seen), "sshd.log": self.sshd_log()}
        if self.log is not None:
            places["syslog"] = "\n".join(map(str, self.messages()))
        if os.path.exists(self.path("service.log")):
            with open(self.path("service.log"), errors="replace") as text:
                places["service.log"] = text.read()
        for token in self.portal.tokens.values():
            for name, text in places.items():
                if token in text:
                    return "the token is in %s" % name
        return None

    def running(self):
        """pids of our programs that work for this world."""
        return programs_naming(self.programs.values(), self.config_file)

    def left_running(self, seconds=6):
        """Processes of this world that don't end by themselves."""
        limit = time.monotonic() + seconds
        while True:
            pids = self.running()
            if not pids or time.monotonic() > limit:
                return pids
            time.sleep(0.02)

    def end_services(self):
        while self.services:
            end(self.services.pop())

    def close(self):
        self.end_services()
        for server in (self.sshd, self.front, self.portal):
            if isinstance(server, subprocess.Popen):
                end(server)
            elif server is not None:
                server.close()
        self.port.close()
        for pid in self.running():
            try:
                os.kill(pid, 9)
            except ProcessLookupError:
                pass

    def remove(self):
        remove_tree(self.dir)

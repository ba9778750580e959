# SPDX-License-Identifier: ISC
"""Three real SSH clients, and key pairs made by the tools that go with each.

A login ends in one of two ways, open or refused; anything else (no server,
a dead client, a wrong host key) is an error of the test and raises.
"""

import base64
import hashlib
import os
import re
import subprocess
import time
from dataclasses import dataclass

from machine import find

# kind -> words for each tool
SSH_KEYGEN = {"rsa": ("-t", "rsa", "-b", "3072"),
              "ecdsa": ("-t", "ecdsa", "-b", "256"),
              "ed25519": ("-t", "ed25519")}
PUTTYGEN = {"rsa": ("-t", "rsa", "-b", "3072"),
            "ecdsa": ("-t", "ecdsa", "-b", "256"),
            "ed25519": ("-t", "ed25519")}
DROPBEARKEY = {"rsa": ("-t", "rsa", "-s", "3072"),
               "ecdsa": ("-t", "ecdsa", "-s", "256"),
               "ed25519": ("-t", "ed25519")}
NEEDS = {"ssh": ("ssh", "ssh-keygen"), "plink": ("plink", "puttygen"),
         "dbclient": ("dbclient", "dropbearkey")}
SIGN = "in as "


class Trouble(Exception):
    """The login neither worked nor was refused."""


def run(command, **more):
    """Output as text; raises with the output where the command fails."""
    result = subprocess.run(command, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            universal_newlines=True, **more)
    if result.returncode != 0:
        raise Trouble("%s: %s" % (" ".join(command), result.stdout))
    return result.stdout


@dataclass
class LocalKey:
    """A key pair on the client's side."""

    client: str
    path: str  # of the private half, in the client's own format
    public: str  # "type base64", the one-line form
    block: str = ""  # PuTTYgen's RFC 4716 text, for client plink

    @property
    def blob(self):
        return base64.b64decode(self.public.split()[1])

    @property
    def fingerprint(self):
        digest = base64.b64encode(hashlib.sha256(self.blob).digest())
        return "SHA256:" + digest.decode().rstrip("=")

    @property
    def md5(self):
        digest = hashlib.md5(self.blob, usedforsecurity=False).hexdigest()
        return "MD5:" + ":".join(re.findall("..", digest))


def make_key(path, client="ssh", kind="ed25519", bits=None):
    """bits: other than usual, for ssh alone."""
    if client == "ssh":
        length = ("-b", str(bits)) if bits else ()
        run(["ssh-keygen", "-q", "-N", "", "-C", "", "-f", path,
             *SSH_KEYGEN[kind], *length])
        with open(path + ".pub") as text:
            return LocalKey(client, path, text.read().strip())
    if client == "plink":
        path += ".ppk"
        run(["puttygen", "-q", *PUTTYGEN[kind], "-C", "rsa-key-2026",
             "--new-passphrase", "/dev/null", "-o", path])
        line = run(["puttygen", path, "-O", "public-openssh"])
        block = run(["puttygen", path, "-O", "public"])
        return LocalKey(client, path, " ".join(line.split()[:2]), block)
    output = run(["dropbearkey", *DROPBEARKEY[kind], "-f", path])
    line = next(row for row in output.splitlines()
                if re.match(r"(ssh|ecdsa)-\S+ AAAA", row))
    return LocalKey(client, path, " ".join(line.split()[:2]))


def sign(ca, key, *principals, ident="a certificate", more=()):
    """Signs the key (both of ssh's) for these names, in place of what was
    signed before; ssh then offers the certificate first."""
    names = ("-n", ",".join(principals)) if principals else ()
    run(["ssh-keygen", "-q", "-s", ca.path, "-I", ident, *names, *more,
         key.path + ".pub"])


@dataclass
class Login:
    open: bool
    user: str  # who the session was, "" where refused
    output: str
    seconds: float


class Clients:
    """The clients' side: a home of their own, the server's address."""

    def __init__(self, folder, port, host_key):
        self.folder = folder
        self.port = port
        self.known_hosts = os.path.join(folder, "known_hosts")
        with open(self.known_hosts, "w") as out:
            out.write("[127.0.0.1]:%d %s\n" % (port, host_key.public))
        # the whole blob: every plink takes that, SHA256:… only newer ones
        self.host_key = host_key.public.split()[1]
        self.environment = {"HOME": folder, "LC_ALL": "C",
                            "PATH": os.environ.get("PATH", "/usr/bin:/bin")}

    def ssh_command(self, keys, user):
        command = [find("ssh"), "-F", "/dev/null", "-T", "-p", str(self.port)]
        for option in ("BatchMode=yes", "IdentitiesOnly=yes",
                       "IdentityAgent=none", "StrictHostKeyChecking=yes",
                       "UserKnownHostsFile=" + self.known_hosts,
                       "GlobalKnownHostsFile=/dev/null",
                       "PreferredAuthentications=publickey",
                       "UpdateHostKeys=no", "LogLevel=ERROR"):
            command += ["-o", option]
        for key in keys:
            command += ["-i", key.path]
        return [*command, "-l", user, "127.0.0.1"]

    def command(self, keys, user):
        if keys[0].client == "ssh":
            return self.ssh_command(keys, user)
        if keys[0].client == "plink":
            return [find("plink"), "-batch", "-ssh", "-noagent", "-P",
                    str(self.port), "-hostkey", self.host_key, "-i",
                    keys[0].path, "-l", user, "127.0.0.1"]
        # -y -y: takes any host key, there is no way to give it one
        return [find("dbclient"), "-y", "-y", "-T", "-i", keys[0].path, "-p",
                str(self.port), "-l", user, "127.0.0.1"]

    def start(self, keys, user, command="echo '%s'; id -un" % SIGN,
              more=()):
        words = self.command(keys, user)
        words[-3:-3] = more
        return subprocess.Popen(
            words if command is None else [*words, command],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=self.environment,
            universal_newlines=True, errors="replace")

    def session(self, key, command, user="root", more=(), seconds=60):
        """Standard output of a command, or of none; more: words for the
        client.  Raises where there was no session."""
        process = self.start([key], user, command, more)
        out, err = process.communicate(timeout=seconds)
        if process.returncode == 255 or "FATAL ERROR" in err:
            raise Trouble("exit %s\n%s%s" % (process.returncode, out, err))
        return out

    def login(self, *keys, user="root", seconds=60):
        """Offers the keys in this order (several: ssh alone)."""
        start = time.monotonic()
        process = self.start(keys, user)
        try:
            out, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            raise Trouble("%s hung: %s" % (keys[0].client, err)) from None
        return self.judge(process.returncode, out, err,
                          time.monotonic() - start)

    @staticmethod
    def judge(code, out, err, took):
        lines = out.splitlines()
        if code == 0 and lines[:1] == [SIGN] and len(lines) == 2:
            return Login(True, lines[1], out + err, took)
        # what ssh, plink and dbclient say when no key was taken
        if code != 0 and not out and re.search(
                r"Permission denied \(publickey|"
                r"No supported authentication methods available|"
                r"No auth methods could be used", err):
            return Login(False, "", out + err, took)
        raise Trouble("exit %s\n%s%s" % (code, out, err))

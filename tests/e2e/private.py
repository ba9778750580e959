# SPDX-License-Identifier: ISC
"""A mount namespace of our own: own /dev/log, own accounts, own /run.

The programs write to syslog, and sshd starts them with an empty environment,
so a test can read what they say only where /dev/log is its own. Where the
machine doesn't allow namespaces the tests run without, and what needs the log
or an extra account is skipped.
"""

import ctypes
import os
import re
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

from accounts import FILES, Accounts
from machine import mounts_below

MS_BIND, MS_REC = 0x1000, 0x4000
INSIDE = "PACKET_KEYS_TEST_NAMESPACE"
NODES = ("null", "zero", "full", "random", "urandom", "tty")
LINKS = {"fd": "/proc/self/fd", "stdin": "/proc/self/fd/0",
         "stdout": "/proc/self/fd/1", "stderr": "/proc/self/fd/2",
         "ptmx": "pts/ptmx"}


def enter():
    """Starts this program again inside a new namespace; returns where that
    is not allowed, and inside."""
    if os.environ.get(INSIDE) == "1":
        return
    command = ["unshare", "-m", "--propagation", "private"]
    try:
        allowed = subprocess.run([*command, "true"], stderr=subprocess.DEVNULL
                                 ).returncode == 0
    except OSError:
        allowed = False
    if allowed:
        os.environ[INSIDE] = "1"
        os.execvp("unshare", [*command, sys.executable, "-B", *sys.argv])


def mount(source, target, kind=None, flags=0, data=None):
    words = [None if w is None else os.fsencode(w)
             for w in (source, target, kind)]
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(*words, ctypes.c_ulong(flags),
                  None if data is None else data.encode()) != 0:
        error = ctypes.get_errno()
        raise OSError(error, "mount %s: %s" % (target, os.strerror(error)))


def unmount(target):
    MNT_DETACH = 2
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.umount2(os.fsencode(target), MNT_DETACH) != 0:
        raise OSError(ctypes.get_errno(), "umount %s" % target)


def unmount_below(folder):
    """What a namespace that could not be furnished has left there."""
    for point in sorted(mounts_below(folder)):
        try:
            unmount(point)
        except OSError:
            pass  # went with the one above it


@dataclass
class Message:
    time: float  # monotonic
    facility: int
    level: int
    tag: str
    text: str

    def __str__(self):
        return "%s: %s" % (self.tag, self.text)


class Log(threading.Thread):
    """Reads a /dev/log socket and keeps what comes."""

    FORM = re.compile(r"<(\d+)>(?:\w{3} [ \d]\d [\d:]{8} )?"
                      r"([^\s:\[]+)(?:\[\d+\])?: ?(.*)", re.S)

    def __init__(self, path):
        super().__init__(daemon=True)
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(path)
        os.chmod(path, 0o666)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.messages = []
        self.start()

    def run(self):
        while True:
            raw = self.sock.recv(65536).decode("utf-8", "backslashreplace")
            match = self.FORM.match(raw)
            number, tag, text = match.groups() if match else (0, "?", raw)
            self.messages.append(Message(
                time.monotonic(), int(number) >> 3, int(number) & 7, tag,
                text.rstrip("\0\n")))

    def since(self, mark):
        return self.messages[mark:]

    def catch_up(self, seconds=10):
        """Returns when all is read that has been said until now."""
        word, start = "%d" % time.monotonic_ns(), len(self.messages)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.sendto(b"<87>catch-up: " + word.encode(), "/dev/log")
        limit = time.monotonic() + seconds
        while not any(m.text == word for m in self.since(start)):
            assert time.monotonic() < limit, "the log is not read"
            time.sleep(0.005)


class Namespace:
    """The mounts, made in folder; inside only. log; accounts."""

    def __init__(self, folder):
        self.folder = folder
        self.log = None
        self.build_dev(self.sub("dev"))
        self.build_run(self.sub("run"))
        self.accounts = Accounts(self.sub("etc"), self.sub("home"))
        # All is ready: now it counts.
        mount(self.sub("dev"), "/dev", flags=MS_BIND | MS_REC)
        mount(self.sub("run"), "/run", flags=MS_BIND)
        for name in FILES:
            mount(os.path.join(self.sub("etc"), name), "/etc/" + name,
                  flags=MS_BIND)

    def sub(self, name):
        path = os.path.join(self.folder, name)
        os.makedirs(path, mode=0o755, exist_ok=True)
        return path

    def leave(self):
        """Takes the mounts off the folder, so that it can be removed; those
        on /dev, /run and /etc last as long as the process."""
        for name in ("dev", "run"):
            unmount(os.path.join(self.folder, name))

    def build_dev(self, dev):
        mount("tmpfs", dev, "tmpfs", data="mode=755,size=64k")
        for name in NODES:
            if not os.path.exists("/dev/" + name):
                continue
            target = os.path.join(dev, name)
            with open(target, "w"):
                pass
            mount("/dev/" + name, target, flags=MS_BIND)
        for name in ("pts", "shm"):
            os.mkdir(os.path.join(dev, name))
        # An instance of its own: the kernel finds no terminals behind a
        # ptmx that is bound from elsewhere.
        mount("devpts", os.path.join(dev, "pts"), "devpts",
              data="newinstance,ptmxmode=0666,mode=0620")
        if os.path.isdir("/dev/shm"):
            mount("/dev/shm", os.path.join(dev, "shm"),
                  flags=MS_BIND | MS_REC)
        for name, target in LINKS.items():
            os.symlink(target, os.path.join(dev, name))
        self.log = Log(os.path.join(dev, "log"))

    def build_run(self, run):
        mount("tmpfs", run, "tmpfs", data="mode=755,size=1m")
        os.mkdir(os.path.join(run, "sshd"), 0o755)

# SPDX-License-Identifier: ISC
"""What the tests need of the machine, and leave as they found it.

sshd runs a program only if root owns it and every folder above it, so what
the tests write lies in a folder of root's, outside of the checkout.
"""

import ctypes
import fcntl
import os
import shutil
import signal
import socket
import stat
import subprocess
import tempfile

ROOMS = ("/opt", "/var/lib", "/usr/local")
RUN_SSHD = "/run/sshd"
MARK = ".made-by-packet-keys-tests"
PROGRAMS = {"lookup": "libexec/packet-authorized-keys",
            "fetcher": "sbin/packet-keysd", "tool": "bin/packet-keys"}


class Unfit(Exception):
    """The machine or the installation can't do; the text says what to do."""


def end_on_signals():
    """The first signal ends us by way of every `finally`, and the next ones
    must not disturb that."""
    numbers = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)

    def leave(*_):
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
        raise SystemExit(1)

    for number in numbers:
        signal.signal(number, leave)


def find(name):
    """A program by name, sbin folders too, or None."""
    path = os.environ.get("PATH", "/usr/bin:/bin")
    return shutil.which(name, path=path + ":/usr/sbin:/sbin:/usr/local/sbin")


def why_not_roots(path):
    """Why sshd would not run what lies at path, or None."""
    path = os.path.realpath(path)
    while True:
        info = os.stat(path)
        if info.st_uid != 0:
            return "%s belongs to uid %d, not to root" % (path, info.st_uid)
        if info.st_mode & 0o022:
            return "%s may be written to by others" % path
        if path == "/":
            return None
        path = os.path.dirname(path)


def make_folder(label):
    """A new folder, root's all the way up; others may pass through."""
    for room in ROOMS:
        if os.path.isdir(room) and why_not_roots(room) is None:
            path = tempfile.mkdtemp(prefix="packet-keys-%s." % label,
                                    dir=room)
            os.chmod(path, 0o755)
            return path
    raise Unfit("none of %s is root's all the way up" % ", ".join(ROOMS))


def check_prefix(prefix):
    for path in PROGRAMS.values():
        path = os.path.join(prefix, path)
        if not os.access(path, os.X_OK):
            raise Unfit("%s is not there: run make install first" % path)
        why = why_not_roots(path)
        if why is not None:
            raise Unfit("sshd would not run %s: %s; install in a folder of "
                        "root's, such as one in /opt" % (path, why))


class PrivsepFolder:
    """/run/sshd, which sshd insists on, made if it is missing.

    Every run that needs it holds a shared lock on it; the last one to leave
    removes it if it was one of us who made it.
    """

    def __init__(self):
        while True:
            try:
                os.mkdir(RUN_SSHD, 0o755)
                with open(os.path.join(RUN_SSHD, MARK), "w"):
                    pass
            except FileExistsError:
                pass
            self.fd = os.open(RUN_SSHD, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(self.fd, fcntl.LOCK_SH)
            if self.same():
                return
            os.close(self.fd)  # removed between our two steps

    def same(self):
        try:
            there = os.stat(RUN_SSHD)
        except FileNotFoundError:
            return False
        return there.st_ino == os.fstat(self.fd).st_ino

    def leave(self):
        remove_privsep_folder(self.fd)
        os.close(self.fd)


def remove_privsep_folder(fd):
    mark = os.path.join(RUN_SSHD, MARK)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.exists(mark):
            os.unlink(mark)
            os.rmdir(RUN_SSHD)
    except (BlockingIOError, OSError):
        pass  # somebody else still needs it


class Port:
    """A loopback port of ours: bound, never listening, so that nobody else
    gets it, while the server that we start may listen on it."""

    def __init__(self):
        self.sock = socket.socket()
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sock.bind(("127.0.0.1", 0))
        self.number = self.sock.getsockname()[1]

    def close(self):
        self.sock.close()


def die_with_parent():
    """For preexec_fn: a killed test run leaves no server behind."""
    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def processes():
    """pid -> command line (bytes, NUL between words) of all that run."""
    found = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open("/proc/%s/cmdline" % name, "rb") as text:
                found[int(name)] = text.read()
        except OSError:
            continue
    return found


def programs_naming(programs, path):
    """pids that run one of the programs, with path in their command."""
    found = []
    for pid, words in processes().items():
        argv = words.split(b"\0")
        if argv[0].decode(errors="replace") in programs and \
                path.encode() in words:
            found.append(pid)
    return found


def end(process):
    """Ends a child of ours, by force if it doesn't listen."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def mounts_below(path):
    """Mount points in path; a mount is never ours to empty."""
    with open("/proc/self/mountinfo") as text:
        points = [row.split()[4] for row in text]
    return [p for p in points if p == path or p.startswith(path + "/")]


def remove_tree(path):
    """All of it, whatever modes the tests have set."""
    def again(function, name, _):
        os.chmod(os.path.dirname(name), stat.S_IRWXU)
        function(name)
    mounts = mounts_below(os.path.realpath(path))
    if mounts:
        raise RuntimeError("%s is a mount, %s stays" % (mounts[0], path))
    shutil.rmtree(path, onerror=again)

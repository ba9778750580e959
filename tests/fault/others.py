# SPDX-License-Identifier: ISC
"""What the emulator can't be: other hosts, a name server, a lossy network.

Each row of the table runs in namespaces of its own, so all of this is its
alone.
"""

import fcntl
import os
import socket
import struct
import subprocess
import threading
import time

import private
from machine import Unfit, find

LOOPBACK_UP = 0x1 | 0x40  # IFF_UP | IFF_RUNNING
SIOCSIFFLAGS = 0x8914
OUR_OWN = "PACKET_KEYS_TEST_NETWORK"


def raise_loopback():
    """A new network namespace has a loopback that is down."""
    with socket.socket() as sock:
        fcntl.ioctl(sock, SIOCSIFFLAGS,
                    struct.pack("16sh22x", b"lo", LOOPBACK_UP))


class Listener:
    """A host that isn't the portal: keeps what it hears.

    answer: what it says after a request's head, or after anything that is no
    HTTP; None: nothing, ever.
    """

    def __init__(self, address="127.0.0.2", port=0, answer=None):
        self.answer = answer
        self.heard = []  # an entry a connection
        self.sock = socket.socket()
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sock.bind((address, port))
        self.sock.listen(64)
        self.host = "%s:%d" % self.sock.getsockname()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.sock.accept()
            except OSError:
                return
            heard = bytearray()
            self.heard.append(heard)
            threading.Thread(target=self.serve, args=(client, heard),
                             daemon=True).start()

    def serve(self, client, heard):
        try:
            with client:
                while True:
                    more = client.recv(65536)
                    heard += more
                    if not more:
                        return
                    whole = b"\r\n\r\n" in heard or not heard[:1].isalpha()
                    if whole and self.answer is not None:
                        client.sendall(self.answer)
                        return
        except OSError:
            pass

    def close(self):
        try:
            self.sock.shutdown(socket.SHUT_RDWR)  # wakes the accept
        except OSError:
            pass
        self.sock.close()


def list_of(key):
    """An answer as the portal would give it, with this one key."""
    body = b'{"ssh_keys":[{"label":"evil","key":"%s"}]}' % key.public.encode()
    return (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\nConnection: close\r\n\r\n%s"
            % (len(body), body))


class NameServer:
    """Says that every name is at 127.0.0.1, until it is to be silent; the
    machine asks nobody else.  Needs a mount namespace."""

    def __init__(self, folder):
        self.silent = False
        self.asked = 0  # while silent
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self.sock.bind(("127.0.0.1", 53))
        except OSError as error:
            raise Unfit("no port 53 here: %s" % error) from None
        put_over("/etc/resolv.conf", folder, "nameserver 127.0.0.1\n")
        put_over("/etc/nsswitch.conf", folder,
                 "passwd: files\ngroup: files\nshadow: files\n"
                 "hosts: files dns\n")
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                question, peer = self.sock.recvfrom(4096)
                if self.silent:
                    self.asked += 1
                    continue
                self.sock.sendto(self.reply(question), peer)
            except OSError:
                return

    @staticmethod
    def reply(question):
        """The question again, and an address if it is for IPv4."""
        end = 12
        while question[end]:
            end += question[end] + 1
        end += 5  # the root label, type and class
        a_record = question[end - 4:end] == b"\0\1\0\1"
        head = struct.pack(">2sHHHHH", question[:2], 0x8580, 1, a_record, 0, 0)
        answer = b"\xc0\x0c\0\1\0\1" + struct.pack(">IH", 0, 4) + b"\x7f\0\0\1"
        return head + question[12:end] + (answer if a_record else b"")

    def close(self):
        self.sock.close()


def put_over(path, folder, text):
    """Mounts a file of this text over path, in this namespace alone."""
    target = os.path.realpath(path)
    if not os.path.exists(target):
        if not target.startswith("/run/"):
            raise Unfit("%s is missing" % path)
        # a link into the /run that private.py has hidden
        os.makedirs(os.path.dirname(target), mode=0o755, exist_ok=True)
        with open(target, "w"):
            pass
    source = os.path.join(folder, os.path.basename(path))
    with open(source, "w") as out:
        out.write(text)
    os.chmod(source, 0o644)
    private.mount(source, target, flags=private.MS_BIND)


class Drop:
    """Packets that vanish: what these loopback ports send has no route, so
    that a connection is neither made nor refused.  Needs a network namespace
    and ip(8).

    (The rule is for what the servers send: for what is sent to them the
    client would be told.)
    """

    def __init__(self, *ports):
        if os.environ.get(OUR_OWN) != "1":
            raise Unfit("no network namespace of our own here")
        if find("ip") is None:
            raise Unfit("needs ip (iproute2)")
        self.ports = ports
        # After the rules for the ports, and not in front of all.
        self.rule("add", "pref", "100", "table", "local")
        self.rule("del", "pref", "0")

    @staticmethod
    def rule(*words):
        result = subprocess.run([find("ip"), "rule", *words],
                                stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT)
        if result.returncode != 0:
            raise Unfit("ip rule: %s" % result.stdout.decode().strip())

    def begin(self):
        for port in self.ports:
            self.rule("add", "pref", "10", "ipproto", "tcp", "sport",
                      str(port), "blackhole")
        for port in self.ports:
            self.prove(port)

    @staticmethod
    def prove(port):
        """Neither refused nor let in."""
        start = time.monotonic()
        with socket.socket() as sock:
            sock.settimeout(0.2)
            try:
                sock.connect(("127.0.0.1", port))
            except socket.timeout:
                return
            except OSError:
                pass
        raise AssertionError("port %d answers after %.0f ms" % (
            port, 1000 * (time.monotonic() - start)))

    def end(self):
        for _ in self.ports:
            self.rule("del", "pref", "10")

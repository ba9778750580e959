# SPDX-License-Identifier: ISC
"""A small HTTP/1.1 server: keep-alive, a thread per connection, quick.

Not http.server, because here a fault may write any bytes at any pace, the
port must stay ours while nobody listens on it (a portal that is gone), and
each connection has a serial number for the request log.
"""

import json
import socket
import threading
import time
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Dict, List, Optional
from urllib.parse import parse_qs, urlsplit

REASONS = {200: "OK", 201: "Created", 204: "No Content", 302: "Found",
           304: "Not Modified", 400: "Bad Request", 401: "Unauthorized",
           403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
           406: "Not Acceptable", 422: "Unprocessable Entity",
           429: "Too Many Requests", 500: "Internal Server Error",
           502: "Bad Gateway", 503: "Service Unavailable",
           504: "Gateway Timeout"}
MAX_HEAD = 65536
MAX_BODY = 64 * 1024 * 1024


@dataclass
class Request:
    method: str
    target: str  # path and query, as sent
    headers: Dict[str, str]
    body: bytes
    address: str  # of the client
    connection: int

    def __post_init__(self):
        parts = urlsplit(self.target)
        self.path = parts.path
        self.query = {name: values[-1] for name, values
                      in parse_qs(parts.query).items()}

    def json(self):
        return json.loads(self.body or b"{}")


@dataclass
class Response:
    status: int
    body: bytes = b""
    headers: Dict[str, str] = field(default_factory=dict)

    def head(self, length: Optional[int] = None) -> bytes:
        lines = ["HTTP/1.1 %d %s" % (self.status,
                                     REASONS.get(self.status, "Odd"))]
        if "Date" not in self.headers:
            lines.append("Date: " + formatdate(usegmt=True))
        lines += ["%s: %s" % item for item in self.headers.items()]
        if self.status not in (204, 304):
            size = len(self.body) if length is None else length
            lines.append("Content-Length: %d" % size)
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def bytes(self) -> bytes:
        return self.head() + self.body


def json_response(value, status=200) -> Response:
    return Response(status, json.dumps(value).encode(),
                    {"Content-Type": "application/json; charset=utf-8"})


class Connection:
    def __init__(self, sock, address, serial):
        self.sock = sock
        self.address = address
        self.serial = serial
        self.reader = sock.makefile("rb", 65536)

    def read_request(self) -> Optional[Request]:
        """None at the end of the connection; ValueError for nonsense."""
        first = self.reader.peek(1)[:1]
        if not first:
            return None
        if not first.isalpha():  # TLS, most likely: don't wait for a line end
            raise ValueError("no HTTP")
        line = self.reader.readline(MAX_HEAD)
        words = line.decode("latin-1").split()
        if len(words) != 3:
            raise ValueError("bad request line")
        headers, room = {}, MAX_HEAD
        while True:
            line = self.reader.readline(MAX_HEAD)
            room -= len(line)
            if line in (b"\r\n", b"\n"):
                break
            if not line or room < 0:
                raise ValueError("bad header")
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        length = int(headers.get("content-length", "0"))
        if not 0 <= length <= MAX_BODY:
            raise ValueError("bad length")
        body = self.reader.read(length) if length else b""
        return Request(words[0], words[1], headers, body, self.address,
                       self.serial)

    def client_gone(self) -> bool:
        """Whether the other side has closed; never waits."""
        try:
            flags = socket.MSG_PEEK | socket.MSG_DONTWAIT
            return self.sock.recv(1, flags) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True

    def close(self):
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.reader.close()
        self.sock.close()


class Listener:
    """Serves answer(connection, request) -> whether to keep the connection."""

    serial_lock = threading.Lock()
    serial = 0

    def __init__(self, answer, address="127.0.0.1"):
        self.answer = answer
        self.address = address
        self.lock = threading.Lock()
        self.open: Dict[int, Connection] = {}
        self.sock = None
        # Bound, never listening: keeps the port ours while stopped, and
        # then the kernel refuses connections to it.
        self.holder = self.bound(0)
        self.port = self.holder.getsockname()[1]

    def bound(self, port):
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((self.address, port))
        return sock

    @property
    def listening(self):
        return self.sock is not None

    def start(self):
        with self.lock:
            if self.sock is not None:
                return
            self.sock = self.bound(self.port)
            self.sock.listen(1024)
            threading.Thread(target=self.accept, args=(self.sock,),
                             daemon=True).start()

    def stop(self):
        """Refuses connections from now on, and cuts the open ones."""
        with self.lock:
            sock, self.sock = self.sock, None
            connections = list(self.open.values())
        if sock is None:
            return
        sock.shutdown(socket.SHUT_RDWR)  # wakes the accept
        sock.close()
        for connection in connections:
            try:
                connection.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def accept(self, sock):
        while True:
            try:
                client, peer = sock.accept()
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with Listener.serial_lock:
                Listener.serial += 1
                connection = Connection(client, peer[0], Listener.serial)
            with self.lock:
                if self.sock is not sock:  # stopped meanwhile
                    connection.close()
                    return
                self.open[connection.serial] = connection
            threading.Thread(target=self.serve, args=(connection,),
                             daemon=True).start()

    def serve(self, connection):
        try:
            keep = True
            while keep:
                request = connection.read_request()
                if request is None:
                    break
                keep = self.answer(connection, request)
                if request.headers.get("connection", "").lower() == "close":
                    keep = False
        except (OSError, ValueError):
            pass
        finally:
            with self.lock:
                self.open.pop(connection.serial, None)
            connection.close()


@dataclass
class LogEntry:
    time: float
    server: str
    source: str
    method: str
    path: str
    headers: Dict[str, str]
    connection: int
    status: int = 0  # 0: no answer (yet)
    fault: str = ""


class RequestLog:
    def __init__(self):
        self.lock = threading.Lock()
        self.entries: List[LogEntry] = []

    def add(self, server, source, request) -> LogEntry:
        entry = LogEntry(time.time(), server, source, request.method,
                         request.target, request.headers, request.connection)
        with self.lock:
            self.entries.append(entry)
        return entry

    def read(self, reset=False):
        with self.lock:
            rows = [vars(entry).copy() for entry in self.entries]
            if reset:
                self.entries.clear()
        return rows

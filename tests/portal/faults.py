# SPDX-License-Identifier: ISC
"""What can go wrong with an answer, done for real on the wire.

A fault is `where` (what it hits) and `kind` (what happens):

    status:NNN     that status with the API's error body; retry_after as
                   seconds, or "date:SECONDS" for an HTTP date
    says:NNN:TEXT  the same with TEXT for its words
    html, html:NNN a proxy's page, 200 unless told otherwise
    cut            the head and half of the body, then the connection closes
    hang           no answer until the client goes or the fault is cleared
    drip           the right answer, one byte a second
    garbage        200 with bytes that are no JSON
    noise          bytes that are no HTTP
    empty          200 with no body
    wrong-type     {"ssh_keys": "none"}
    body:TEXT      200 with TEXT for a body
    redirect:URL   302 to URL
    next:HREF      the right list, with meta.next.href set to HREF
    chain          the right list, and always one more page of the personal
                   list behind it
    short          half of the body, as if that were all
    bad-utf8       the right list and a text that is no UTF-8
    twice          the right list, and an empty one of the same name behind it
    twice-key:KEY  the right list and a key with two texts, the second KEY
    many:COUNT     the right list and COUNT keys of nobody's more
    gzip-bomb      200, a compressed body that grows to 2 GiB of white space
    deep           200, 200,000 levels of [
    endless        200, keys without end
    delay:SECONDS  the right answer, later
"""

import base64
import json
import random
import re
import struct
import threading
import time
import zlib
from dataclasses import dataclass
from email.utils import formatdate

from server import Response, json_response

JSON = {"Content-Type": "application/json; charset=utf-8"}
PAGE = (b"<!DOCTYPE html><html><head><title>Service</title></head><body>"
        b"<h1>Please sign in</h1></body></html>\n")
MIB = 1024 * 1024
BOMB_MIB = 2048


@dataclass
class Fault:
    serial: int
    where: str
    kind: str
    retry_after: str = ""
    times: int = 0  # how often; 0: until cleared
    taken: int = 0
    cleared: bool = False
    made: bytes = b""  # what would take too long to make for each request

    def hits(self, source, request) -> bool:
        """where: "all", sources by name, or a pattern with / at its start."""
        if self.times and self.taken >= self.times:
            return False
        if self.where.startswith("/"):
            return re.search(self.where, request.target) is not None
        names = self.where.replace(",", " ").split()
        return "all" in names or source in names


def wait(connection, fault, seconds=None):
    """Until the time is over; False if the client went or it was cleared."""
    end = None if seconds is None else time.monotonic() + seconds
    while end is None or time.monotonic() < end:
        if fault.cleared or connection.client_gone():
            return False
        left = 0.02 if end is None else min(0.02, end - time.monotonic())
        time.sleep(max(left, 0))
    return True


# Each kind: (connection, fault, argument, right) -> the status for the log,
# or a Response for the caller to send. right() makes the right answer, with
# plain=True never compressed and never a 304. Those that send for themselves
# end the connection.

def status(connection, fault, arg, right):
    answer = json_response({"errors": ["the emulator was told to"]}, int(arg))
    if arg == "401":
        answer = json_response({"error": "Invalid authentication token"}, 401)
    if fault.retry_after.startswith("date:"):
        later = time.time() + float(fault.retry_after[5:])
        answer.headers["Retry-After"] = formatdate(later, usegmt=True)
    elif fault.retry_after:
        answer.headers["Retry-After"] = fault.retry_after
    return answer


def says(connection, fault, arg, right):
    number, _, text = arg.partition(":")
    return json_response({"errors": [text]}, int(number))


def html(connection, fault, arg, right):
    return Response(int(arg or 200), PAGE, {"Content-Type": "text/html"})


def cut(connection, fault, arg, right):
    answer = right(plain=True)
    half = answer.body[:len(answer.body) // 2]
    connection.sock.sendall(answer.head() + half)
    return answer.status


def hang(connection, fault, arg, right):
    wait(connection, fault)
    return 0


def drip(connection, fault, arg, right):
    for byte in right(plain=True).bytes():
        connection.sock.sendall(bytes([byte]))
        if not wait(connection, fault, 1.0):
            break
    return 0


def garbage(connection, fault, arg, right):
    return Response(200, random.Random(1).randbytes(4096), dict(JSON))


def noise(connection, fault, arg, right):
    connection.sock.sendall(random.Random(2).randbytes(4096))
    return 0


def empty(connection, fault, arg, right):
    return Response(200, b"", dict(JSON))


def wrong_type(connection, fault, arg, right):
    return json_response({"ssh_keys": "none"})


def body(connection, fault, arg, right):
    return Response(200, arg.encode(), dict(JSON))


def redirect(connection, fault, arg, right):
    return Response(302, b"", {"Location": arg})


def next_page(connection, fault, arg, right):
    answer = json.loads(right(plain=True).body)
    answer.setdefault("meta", {})["next"] = {"href": arg}
    return json_response(answer)


def chain(connection, fault, arg, right):
    """Every request finds a page that nobody has asked for yet."""
    answer = json.loads(right(plain=True).body)
    page = "/ssh-keys?page=%d" % (fault.taken + 1)
    answer.setdefault("meta", {})["next"] = {"href": page}
    return json_response(answer)


def short(connection, fault, arg, right):
    answer = right(plain=True)
    return Response(200, answer.body[:len(answer.body) // 2], dict(JSON))


def with_more(right, elements=b"", members=b""):
    """The right list with JSON behind its last key, and behind the list."""
    keys = json.dumps(json.loads(right(plain=True).body).get("ssh_keys", []))
    inner = b",".join(part for part in (keys[1:-1].encode(), elements) if part)
    return Response(200, b'{"ssh_keys":[%s]%s}' % (inner, members),
                    dict(JSON))


def bad_utf8(connection, fault, arg, right):
    return with_more(right, members=b',"note":"\xc3\x28\xff"')


def twice(connection, fault, arg, right):
    return with_more(right, members=b',"ssh_keys":[]')


def twice_key(connection, fault, arg, right):
    return with_more(right, b'{"key":"ssh-ed25519 AAAA","key":%s}'
                     % json.dumps(arg).encode())


def many(connection, fault, arg, right):
    return with_more(right, fault.made)


def make_many(count):
    """Keys that are well-formed and nobody's."""
    head = b"\0\0\0\x0bssh-ed25519\0\0\0 "
    source = random.Random(3)
    return b",".join(
        b'{"label":"number %d","key":"ssh-ed25519 %s"}' % (
            number, base64.b64encode(head + source.randbytes(32)))
        for number in range(count))


def gzip_bomb(connection, fault, arg, right):
    """`{"ssh_keys":[` and white space: the same packed block again and
    again, which deflate allows after a full flush."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    first = packer.compress(b'{"ssh_keys":[') + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b" " * MIB) + packer.flush(zlib.Z_FULL_FLUSH)
    # 10 = header: magic, deflate, no flags, no time, best, unknown system
    head = b"\x1f\x8b\x08\x00" + b"\x00" * 4 + b"\x02\xff"
    tail = b"\x03\x00" + struct.pack("<II", 0, BOMB_MIB * MIB & 0xffffffff)
    answer = Response(200, b"", dict(JSON))
    answer.headers["Content-Encoding"] = "gzip"
    size = len(head) + len(first) + BOMB_MIB * len(block) + len(tail)
    connection.sock.sendall(answer.head(size) + head + first)
    for _ in range(BOMB_MIB):
        connection.sock.sendall(block)
    connection.sock.sendall(tail)
    return 200


def deep(connection, fault, arg, right):
    return Response(200, b'{"ssh_keys":' + b"[" * 200000, dict(JSON))


def endless(connection, fault, arg, right):
    answer = Response(200, b"", dict(JSON))
    answer.headers["Transfer-Encoding"] = "chunked"
    head = answer.head().replace(b"Content-Length: 0\r\n", b"")
    key = b'{"label":"again","key":"ssh-ed25519 AAAA"},' * 1000
    chunk = b"%x\r\n%s\r\n" % (len(key), key)
    connection.sock.sendall(head + b'd\r\n{"ssh_keys":[\r\n')
    while not fault.cleared:
        connection.sock.sendall(chunk)
    return 200


def delay(connection, fault, arg, right):
    wait(connection, fault, float(arg))
    return right()


KINDS = {"status": status, "says": says, "html": html, "cut": cut, "hang": hang,
         "drip": drip, "garbage": garbage, "noise": noise, "empty": empty,
         "wrong-type": wrong_type, "body": body, "redirect": redirect,
         "next": next_page, "chain": chain, "short": short,
         "bad-utf8": bad_utf8, "twice": twice, "twice-key": twice_key,
         "many": many, "gzip-bomb": gzip_bomb, "deep": deep,
         "endless": endless, "delay": delay}


class Faults:
    def __init__(self):
        self.lock = threading.Lock()
        self.active = []
        self.serial = 0

    def add(self, where, kind, retry_after="", times=0):
        name, _, arg = kind.partition(":")
        if name not in KINDS:
            raise ValueError("unknown kind %s" % kind)
        if name == "status":
            int(arg)
        if name == "delay":
            float(arg)
        made = make_many(int(arg)) if name == "many" else b""
        with self.lock:
            self.serial += 1
            fault = Fault(self.serial, where, kind, str(retry_after), times,
                          made=made)
            self.active.append(fault)
        return fault.serial

    def clear(self, serial=None):
        with self.lock:
            for fault in self.active:
                if serial in (None, fault.serial):
                    fault.cleared = True
            self.active = [f for f in self.active if not f.cleared]

    def take(self, source, request):
        """The fault that hits this request, the newest one first."""
        with self.lock:
            for fault in reversed(self.active):
                if fault.hits(source, request):
                    fault.taken += 1
                    return fault
        return None

    @staticmethod
    def apply(fault, connection, right):
        name, _, arg = fault.kind.partition(":")
        return KINDS[name](connection, fault, arg, right)

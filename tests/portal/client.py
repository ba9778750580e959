#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Drives the emulator, from tests (class Portal) and by hand:

    client.py CONTROL-URL VERB [NAME=VALUE]…      (VALUE: JSON, else a text)
    client.py http://127.0.0.1:4711 break where=device kind=status:503
"""

import http.client
import json
import os
import subprocess
import sys
import threading
from urllib.parse import urlsplit

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))


class PortalError(Exception):
    pass


class Control:
    """The control interface at an address; safe for several threads."""

    def __init__(self, url):
        self.address = urlsplit(url).netloc
        self.lock = threading.Lock()
        self.connection = None

    def do(self, verb, **arguments):
        body = json.dumps(arguments)
        with self.lock:
            if self.connection is None:
                self.connection = http.client.HTTPConnection(self.address,
                                                             timeout=60)
            try:
                self.connection.request("POST", "/" + verb, body)
                answer = self.connection.getresponse()
                value = json.loads(answer.read())
            except (OSError, http.client.HTTPException, ValueError):
                self.connection.close()
                self.connection = None
                raise
        if "error" in value:
            raise PortalError("%s: %s" % (verb, value["error"]))
        return value["result"]

    def close(self):
        with self.lock:
            if self.connection is not None:
                self.connection.close()
                self.connection = None


class Portal(Control):
    """An emulator of one's own, started here and ended by close().

    url, metadata_url, ids, tokens: as portal.py prints them.
    """

    def __init__(self, *options, pass_fds=(), new_session=False):
        command = [sys.executable, os.path.join(HERE, "portal.py"), *options]
        stdin = subprocess.DEVNULL
        if not new_session:  # then it must not outlive us
            command.append("--with-stdin")
            stdin = subprocess.PIPE
        self.process = subprocess.Popen(
            command, stdin=stdin, stdout=subprocess.PIPE, pass_fds=pass_fds,
            start_new_session=new_session)
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            raise PortalError("the emulator did not start")
        ready = json.loads(line)
        super().__init__(ready["control"])
        self.control = ready["control"]
        self.url = ready["url"]
        self.metadata_url = ready["metadata_url"]
        self.ids = ready["ids"]
        self.tokens = ready["tokens"]
        self.pid = ready["pid"]

    def close(self):
        super().close()
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()

    # what tests ask for most

    def add_key(self, key, label="", **where):
        """where: user=, project= (ids), instances_ids=, tags=, raw= …"""
        return self.do("add_key", key=key, label=label, **where)

    def remove_key(self, key):
        self.do("remove_key", key=key)

    def provision(self, **how):
        """A new device in the project, which this machine then is."""
        device = self.do("add_device", project=self.ids["project"], **how)
        self.do("set", metadata_device=device)
        return device

    def break_(self, where="all", kind="status:500", **more):
        return self.do("break", where=where, kind=kind, **more)

    def clear(self, fault=None):
        self.do("clear", fault=fault)

    def stop(self, server="all"):
        self.do("stop", server=server)

    def start(self, server="all"):
        self.do("start", server=server)

    def requests(self, reset=False, **match):
        """The log's entries whose fields equal match (source="device" …)."""
        rows = self.do("log", reset=reset)
        return [row for row in rows
                if all(row[name] == value for name, value in match.items())]

    def forget_requests(self):
        self.do("log", reset=True)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    arguments = {}
    for word in sys.argv[3:]:
        name, _, value = word.partition("=")
        try:
            arguments[name] = json.loads(value)
        except ValueError:
            arguments[name] = value
    try:
        result = Control(sys.argv[1]).do(sys.argv[2], **arguments)
    except (PortalError, OSError) as error:
        sys.exit("client.py: %s" % error)
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()

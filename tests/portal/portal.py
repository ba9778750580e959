#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""An emulator of the Packet portal for tests: API, metadata, control.

Three servers on loopback, each on a port that the system chooses. When they
are up, one line of JSON on standard output says where, and which records
there are to begin with:

    an organization with one project; alice, whose tokens these are, and bob,
    a collaborator, are members of the project; carol of the organization
    alone; one device, created while there were no keys yet; a device named
    "other" in the same project.

Ends on SIGTERM, SIGINT, or when its standard input closes (--with-stdin).
"""

import argparse
import json
import os
import signal
import sys
import threading

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from api import Api, Settings
from control import Control
from faults import Faults
from metadata import Metadata
from model import Model
from server import Listener, RequestLog, Response


class Front:
    """What a listener calls: log, fault or the right answer."""

    def __init__(self, name, app, faults, log):
        self.name = name
        self.app = app
        self.faults = faults
        self.log = log

    def __call__(self, connection, request):
        source = self.app.source(request)
        entry = self.log.add(self.name, source, request)
        fault = self.faults.take(source, request)
        if fault is None:
            result = self.app.answer(request)
        else:
            entry.fault = fault.kind
            result = self.faults.apply(
                fault, connection,
                lambda plain=False: self.app.answer(request, plain))
        if isinstance(result, Response):
            entry.status = result.status
            connection.sock.sendall(result.bytes())
            return True
        entry.status = result
        return False


def first_records(model):
    """The small world of the head comment; returns its ids and tokens."""
    org = model.add_organization("Example")
    project = model.add_project("web", org)
    people = {name: model.add_user("%s@example.com" % name,
                                   name.capitalize() + " Example")
              for name in ("alice", "bob", "carol")}
    model.add_member(people["alice"], project=project, roles=["admin"])
    model.add_member(people["bob"], project=project)
    model.add_member(people["alice"], organization=org, roles=["owner"])
    model.add_member(people["carol"], organization=org)
    ids = dict(people, organization=org, project=project)
    ids["device"] = model.add_device(project, "server")
    ids["other"] = model.add_device(project, "other")
    tokens = {"user": "T-user-" + os.urandom(12).hex(),
              "read_only": "T-read-" + os.urandom(12).hex(),
              "project": "T-project-" + os.urandom(12).hex()}
    model.add_token(tokens["user"], user=people["alice"])
    model.add_token(tokens["read_only"], user=people["alice"], read_only=True)
    model.add_token(tokens["project"], project=project, read_only=True)
    return ids, tokens


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--prefix", default="",
                        help='"" (the default) or /metal/v1')
    parser.add_argument("--owner-field", default="entity",
                        choices=["entity", "owner", "user", "mixed"])
    parser.add_argument("--sparse", action="store_true",
                        help="leave fields out, null some, add unknown ones")
    parser.add_argument("--with-stdin", action="store_true",
                        help="end when standard input closes")
    args = parser.parse_args()

    done = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: done.set())

    model = Model()
    ids, tokens = first_records(model)
    settings = Settings(prefix=args.prefix, owner_field=args.owner_field,
                        sparse=args.sparse, metadata_device=ids["device"])
    faults, log = Faults(), RequestLog()
    apps = {"api": Api(model, settings), "metadata": Metadata(model, settings)}
    listeners = {name: Listener(Front(name, app, faults, log))
                 for name, app in apps.items()}
    control = Listener(Control(model, settings, faults, log, listeners))
    for listener in (*listeners.values(), control):
        listener.start()

    def where(name, path):
        return "http://127.0.0.1:%d%s" % (listeners[name].port, path)

    print(json.dumps({
        "pid": os.getpid(), "url": where("api", args.prefix),
        "metadata_url": where("metadata", "/metadata"),
        "control": "http://127.0.0.1:%d" % control.port,
        "ids": ids, "tokens": tokens}), flush=True)
    if args.with_stdin:
        threading.Thread(target=lambda: (sys.stdin.read(), done.set()),
                         daemon=True).start()
    done.wait()
    # Threads that serve a fault may wait for long; they end with us.
    os._exit(0)


if __name__ == "__main__":
    main()

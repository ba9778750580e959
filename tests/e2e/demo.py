# SPDX-License-Identifier: ISC
"""The main job as a person sees it: each step's command and its outcome.

Started by tests/demo, which has built and installed the programs.
"""

import argparse
import json
import os
import shlex
import signal
import subprocess
import sys
import textwrap
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
PORTAL = os.path.join(os.path.dirname(HERE), "portal")
CLIENT = os.path.join(PORTAL, "client.py")
sys.path[:0] = [HERE, PORTAL]

from harness import World
from machine import (RUN_SSHD, PrivsepFolder, end_on_signals, find, processes,
                     remove_privsep_folder, remove_tree)

SSH_CONFIG = """\
Host server
    HostName 127.0.0.1
    Port %(port)d
    User root
    IdentitiesOnly yes
    IdentityAgent none
    BatchMode yes
    UserKnownHostsFile %(known_hosts)s
    GlobalKnownHostsFile /dev/null
    UpdateHostKeys no
    LogLevel ERROR
"""


class Surprise(Exception):
    pass


class Demo:
    def __init__(self, world):
        self.world = world
        self.step = 0
        self.key = None  # the portal's id of mine
        self.dir = world.path("client")
        self.mine = world.new_key()
        self.strangers = world.new_key()
        for key, name in ((self.mine, "mine"), (self.strangers, "other")):
            os.rename(key.path, os.path.join(self.dir, name))
            os.rename(key.path + ".pub", os.path.join(self.dir,
                                                      name + ".pub"))
        with open(os.path.join(self.dir, "ssh_config"), "w") as out:
            out.write(SSH_CONFIG % {
                "port": world.port.number,
                "known_hosts": world.clients.known_hosts})

    def title(self, text):
        self.step += 1
        print("\n%d. %s" % (self.step, text))

    def show(self, command):
        """Runs a shell command line and prints it and what it says."""
        print("   $ %s" % command, flush=True)
        result = subprocess.run(
            ["/bin/sh", "-c", command], cwd=self.dir, universal_newlines=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, env=self.environment())
        if result.stdout.strip():
            print(textwrap.indent(result.stdout.rstrip(), "   "), flush=True)
        return result

    def environment(self):
        path = os.path.dirname(self.world.programs["tool"])
        return {"PATH": path + ":" + os.environ.get("PATH", "/usr/bin:/bin"),
                "HOME": self.dir, "LC_ALL": "C",
                "TOKEN": self.world.portal.tokens["user"]}

    def login(self, name, works):
        result = self.show("ssh -F ssh_config -i %s server id -un" % name)
        text = result.stdout.strip()
        if works and (result.returncode, text) == (0, "root"):
            print("   => logged in")
        elif not works and "Permission denied (publickey" in text:
            print("   => refused")
        else:
            raise Surprise("the login should have %s" % (
                "worked" if works else "been refused"))

    def api(self, what, path, *more):
        """A request of the portal's own API; returns the JSON answer."""
        result = self.show(" ".join((
            "curl -sS -H \"X-Auth-Token: $TOKEN\"", *more,
            self.world.portal.url + path)))
        if result.returncode != 0:
            raise Surprise("the portal did not %s" % what)
        return json.loads(result.stdout or "{}")

    def add(self):
        body = json.dumps({"label": "my laptop", "key": self.mine.public})
        return self.api("take the key", "/ssh-keys", "-d",
                        shlex.quote(body))["id"]

    def control(self, verb):
        self.show("python3 -B %s %s %s >/dev/null" % (
            os.path.join(os.path.dirname(HERE), "portal", "client.py"),
            self.world.portal.control, verb))

    def tool(self, command, code=0):
        result = self.show("packet-keys -c %s %s" % (self.world.config_file,
                                                     command))
        if result.returncode != code:
            raise Surprise("exit %d" % result.returncode)

    def run(self):
        world = self.world
        print("\nA portal with the Packet API runs at %s, an sshd at "
              "127.0.0.1 port %d.\nsshd asks packet-keys which keys open "
              "root; there is no authorized_keys file:\n" % (
                  world.portal.url, world.port.number))
        with open(world.path("sshd_config")) as text:
            for row in text:
                if row.startswith("AuthorizedKeys"):
                    print("   " + row.rstrip())
        self.title("My key is not in the portal.")
        self.login("mine", works=False)
        self.title("I add it in the portal; the next login works.")
        ident = self.add()
        self.login("mine", works=True)
        self.title("I remove it there; the next login is refused.")
        self.api("remove the key", "/ssh-keys/" + ident, "-X", "DELETE")
        self.login("mine", works=False)
        self.title("I add it again, and log in once.")
        self.key = self.add()
        self.login("mine", works=True)
        self.title("The portal goes away: my key still works, another "
                   "doesn't.")
        self.control("stop")
        self.login("mine", works=True)
        self.login("other", works=False)
        self.title("What the administrator sees of that: old keys are in "
                   "force, and why.")
        self.tool("status", code=1)
        self.tool("list")
        self.title("The portal is back.")
        self.control("start")
        self.tool("fetch")
        self.login("mine", works=True)
        print("\nAll steps went as they should.")


KEPT = """
Left running. To try it:

   cd %(dir)s
   ssh -F ssh_config -i mine server

The portal's own interface takes the key away, goes, comes back, is slow:

   portal='python3 -B %(client)s %(control)s'
   $portal remove_key key=%(key)s
   $portal stop
   $portal start
   $portal break where=all kind=delay:2

To end it and to remove everything:

   %(again)s --stop %(folder)s"""


def keep(demo, folder, again):
    """Notes what is left running, and says how to use and how to end it."""
    world = demo.world
    with open(os.path.join(folder, "kept"), "w") as out:
        json.dump({"pids": [world.sshd.pid, world.portal.pid]}, out)
    print(KEPT % {"dir": demo.dir, "client": CLIENT, "key": demo.key,
                  "control": world.portal.control, "again": again,
                  "folder": folder})


def stop(folder):
    """Ends what keep has noted, if it is still that, and removes all."""
    folder = os.path.realpath(folder)
    try:
        with open(os.path.join(folder, "kept")) as text:
            pids = json.load(text)["pids"]
    except OSError as error:
        sys.exit("nothing is kept there: %s" % error)
    running = processes()
    for pid in pids:
        if folder.encode() in running.get(pid, b""):
            os.kill(pid, signal.SIGTERM)
    if os.path.isdir(RUN_SSHD):
        wait_for_end(folder, pids)
        fd = os.open(RUN_SSHD, os.O_RDONLY)
        remove_privsep_folder(fd)
        os.close(fd)
    remove_tree(folder)
    print("stopped, and removed %s" % folder)


def wait_for_end(folder, pids):
    for _ in range(100):
        running = processes()
        if not any(folder.encode() in running.get(pid, b"") for pid in pids):
            return
        time.sleep(0.05)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--prefix")
    parser.add_argument("--folder")
    parser.add_argument("--again", help="the command that started this")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--stop", metavar="DIR")
    args = parser.parse_args()
    if args.stop:
        stop(args.stop)
        return 0
    end_on_signals()
    for program in ("sshd", "ssh", "ssh-keygen", "curl"):
        if find(program) is None:
            sys.exit("%s is missing; see tests/packages" % program)
    privsep = PrivsepFolder()
    world = None
    kept = False
    try:
        place = os.path.join(args.folder, "world")
        os.mkdir(place, 0o755)
        world = World(place, args.prefix, keep=args.keep,
                      pass_fds=(privsep.fd,) if args.keep else ())
        world.configure(retry="1s")
        world.start_sshd()
        demo = Demo(world)
        demo.run()
        if args.keep:
            keep(demo, args.folder, args.again)
            kept = True
        return 0
    except Surprise as error:
        print("   => UNEXPECTED: %s\n\nsshd's log:\n%s" % (
            error, textwrap.indent(world.sshd_log(), "   ")))
        return 1
    finally:
        if not kept:
            if world is not None:
                world.close()
            privsep.leave()


if __name__ == "__main__":
    sys.exit(main())

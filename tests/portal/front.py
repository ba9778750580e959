# SPDX-License-Identifier: ISC
"""nginx in front of the emulator: TLS and HTTP/2, with a throw-away CA.

Everything stands in one folder that the caller gives and removes; the port is
the system's choice; the process is ended by its pid.
"""

import grp
import json
import os
import pwd
import shutil
import socket
import subprocess
import time

CONFIG = """\
daemon off;
%(user)s
worker_processes 1;
pid %(dir)s/nginx.pid;
error_log %(dir)s/error.log;
events { worker_connections 512; }
http {
    log_format lines escape=json
        '{"connection":$connection,"protocol":"$server_protocol",'
        '"status":$status,"request":"$request","tls":"$ssl_protocol"}';
    access_log %(dir)s/access.log lines;
    client_body_temp_path %(dir)s/body;
    proxy_temp_path %(dir)s/proxy;
    fastcgi_temp_path %(dir)s/fastcgi;
    uwsgi_temp_path %(dir)s/uwsgi;
    scgi_temp_path %(dir)s/scgi;
    proxy_buffers 64 64k;
    proxy_buffer_size 64k;
    proxy_busy_buffers_size 128k;
    upstream portal { server %(upstream)s; keepalive 16; }
    server {
        listen 127.0.0.1:%(port)d ssl%(http2)s;
        ssl_certificate %(dir)s/server.crt;
        ssl_certificate_key %(dir)s/server.key;
        location / {
            proxy_pass http://portal;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }
    }
}
"""


def find_nginx():
    path = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin:/sbin"
    return shutil.which("nginx", path=path)


def nginx_command(error_log):
    """Without -e, which came in 1.19.5, it opens its built-in log first."""
    help_text = subprocess.run([find_nginx(), "-h"], stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT).stdout
    if b"-e filename" in help_text:
        return [find_nginx(), "-e", error_log]
    return [find_nginx()]


def openssl(*arguments, cwd):
    result = subprocess.run(["openssl", *arguments], cwd=cwd,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT)
    if result.returncode != 0:
        raise RuntimeError("openssl %s: %s" % (arguments[0],
                                               result.stdout.decode()))


def make_ca(folder, name="ca"):
    """NAME.crt and NAME.key in folder."""
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
            "/CN=throw-away %s" % name, "-keyout", name + ".key", "-out",
            name + ".crt", cwd=folder)


def make_certificate(folder, names="IP:127.0.0.1,DNS:localhost", days=2,
                     ca="ca"):
    """server.crt and server.key in folder; days=0: over at once."""
    with open(os.path.join(folder, "server.ext"), "w") as out:
        out.write("subjectAltName=%s\n" % names)
    openssl("req", "-new", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=portal",
            "-keyout", "server.key", "-out", "server.csr", cwd=folder)
    openssl("x509", "-req", "-in", "server.csr", "-CA", ca + ".crt", "-CAkey",
            ca + ".key", "-CAcreateserial", "-days", str(days), "-extfile",
            "server.ext", "-out", "server.crt", cwd=folder)


class Front:
    """A running nginx before upstream ("127.0.0.1:PORT").

    port; ca_file; log() -> the access log's entries as dicts. Between stop()
    and start() the port stays ours, and connections to it are refused.
    """

    def __init__(self, folder, upstream, http2=True, **certificate):
        self.folder = folder
        make_ca(folder)
        self.certify(**certificate)
        self.ca_file = os.path.join(folder, "ca.crt")
        # Bound, never listening: the port stays ours while nginx starts.
        self.holder = socket.socket()
        self.holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.holder.bind(("127.0.0.1", 0))
        self.port = self.holder.getsockname()[1]
        user = ""
        if os.getuid() == 0:
            nobody = pwd.getpwnam("nobody")
            user = "user nobody %s;" % grp.getgrgid(nobody.pw_gid).gr_name
        self.config = os.path.join(folder, "nginx.conf")
        with open(self.config, "w") as out:
            out.write(CONFIG % {
                "dir": folder, "user": user, "upstream": upstream,
                "port": self.port, "http2": " http2" if http2 else ""})
        self.error_log = os.path.join(folder, "error.log")
        self.process = None
        self.start()

    def certify(self, ca="ca", **certificate):
        """Another server certificate, which start() then shows; of an
        authority that ca_file isn't, if ca is not "ca"."""
        if not os.path.exists(os.path.join(self.folder, ca + ".crt")):
            make_ca(self.folder, ca)
        make_certificate(self.folder, ca=ca, **certificate)

    def start(self):
        self.process = subprocess.Popen(
            [*nginx_command(self.error_log), "-p", self.folder, "-c",
             self.config],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        try:
            self.wait_until_up()
        except BaseException:
            self.close()
            raise

    def wait_until_up(self):
        end = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if (self.process.poll() is not None
                        or time.monotonic() > end):
                    raise RuntimeError(self.complaint()) from None
                time.sleep(0.02)

    def complaint(self):
        try:
            with open(self.error_log) as text:
                return "nginx: " + text.read()
        except FileNotFoundError:
            return "nginx ended without a word"

    def log(self):
        """nginx writes an entry when the answer has been sent."""
        try:
            with open(os.path.join(self.folder, "access.log")) as lines:
                return [json.loads(line) for line in lines]
        except FileNotFoundError:
            return []

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait()

    def close(self):
        self.stop()
        self.holder.close()

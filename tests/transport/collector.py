# SPDX-License-Identifier: GPL-2.0-or-later
"""A collector of the tests' own: it keeps to the interface unless it is told to misbehave."""
import json
import ssl
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Collector:
    """Takes reports on loopback.  `script`: (status, headers, body) of the next answers."""

    def __init__(self, context=None, log=None):
        self.reports = {}  # id -> bytes, as they were committed
        self.requests = []  # (path, headers, body)
        self.script = []
        self.delay = 0
        self.answering = threading.Event()  # cleared: requests come in, and wait for their answers
        self.answering.set()
        self.log = log
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # head and body are two writes

            def do_POST(self):
                outer.post(self)

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass  # a sender that was killed, a handshake that was refused

        self.server = Server(("127.0.0.1", 0), Handler)
        if context:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True,
                                                     do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def commit(self, body):
        """What the interface promises: (status, answer)."""
        identity = json.loads(body)["id"]
        if self.reports.setdefault(identity, body) != body:
            return 409, {"title": "other bytes"}
        if self.log:
            with open(self.log, "a") as file:
                print(identity, file=file)
        return 201, {"id": identity}

    def post(self, request):
        body = request.rfile.read(int(request.headers["Content-Length"]))
        self.requests.append((request.path, request.headers, body))
        headers = {}
        if self.script:
            status, headers, answer = self.script.pop(0)
        else:
            status, answer = self.commit(body)
            if status >= 400:
                headers = {"Content-Type": "application/problem+json"}
        time.sleep(self.delay)
        self.answering.wait(60)
        answer = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        request.send_response(status)
        for name, value in ({"Content-Type": "application/json",
                             "Content-Length": str(len(answer))} | headers).items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(answer)


def certificates(directory):
    """A CA, a server's certificate for localhost, a client's; as paths by name."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=directory, check=True, capture_output=True)

    def signed(name, extension):
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        (directory / "ext").write_text(extension)
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                "-CAcreateserial", "-days", "2", "-extfile", "ext", "-out", f"{name}.pem")

    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-subj", "/CN=ca", "-days", "2", "-keyout", "ca.key", "-out", "ca.pem")
    signed("server", "subjectAltName=DNS:localhost")
    signed("client", "extendedKeyUsage=clientAuth")
    return directory


def tls(directory, client=False):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / "server.pem", directory / "server.key")
    if client:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(directory / "ca.pem")
    return context

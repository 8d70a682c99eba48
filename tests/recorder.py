"""What reaches the local AWS, as whom and for which region: its request log has neither.

Also over TLS, and as a proxy: a request that a proxy gets names the host that was meant.
"""

from __future__ import annotations

import json
import re
import ssl
import threading
import urllib.error
import urllib.request
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

# What this server says itself.
_OWN_HEADERS = ("Connection", "Content-Length", "Date", "Server", "Transfer-Encoding")
_SCOPE = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/")


class Seen(NamedTuple):
    """One request."""

    service: str
    key: str
    region: str
    headers: dict
    target: str
    """Address as the request line has it: with a host, where it went to a proxy."""
    body: str
    sent: dict
    """Members, if they were sent as a form or as JSON."""


class Recorder:
    """A server before the local AWS that notes what passes."""

    def __init__(self, server):
        self._server = server
        self.seen = []

    @property
    def url(self):
        """Return the address."""
        scheme = "https" if isinstance(self._server.socket, ssl.SSLSocket) else "http"
        return f"{scheme}://localhost:{self._server.server_port}"

    def of(self, service):
        """Return the requests to a service."""
        return [each for each in self.seen if each.service == service]


@contextmanager
def recording(address, certificate=None, answered=bytes):
    """Pass requests on to an address, and yield what notes them.

    `answered` makes of each answer what is answered: for what the local AWS never says.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            recorder.seen.append(_seen(self, body))
            parts = urlsplit(self.path)
            path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
            headers = {key: value for key, value in self.headers.items() if key != "Host"}
            request = urllib.request.Request(
                f"{address}{path}", body or None, headers, method=self.command
            )
            try:
                answer = opener.open(request)
            except urllib.error.HTTPError as error:
                answer = error
            except urllib.error.URLError:
                self.send_response(503)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            with answer:
                content = answered(answer.read())
                self.send_response(answer.status)
                for key, value in answer.headers.items():
                    if key not in _OWN_HEADERS:
                        self.send_header(key, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        do_GET = do_POST  # noqa: N815
        do_PUT = do_POST  # noqa: N815
        do_DELETE = do_POST  # noqa: N815

        def do_CONNECT(self):
            recorder.seen.append(Seen("CONNECT", "", "", {}, self.path, "", {}))
            self.send_error(502)  # what a proxy says that cannot reach AWS
            self.close_connection = True

        def log_message(self, *_):
            """Print nothing."""

    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    recorder = Recorder(server)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield recorder
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _seen(handler, body):
    key, region, service = (
        found.groups()
        if (found := _SCOPE.search(handler.headers.get("Authorization") or ""))
        else ("", "", "sts")
    )
    headers = dict(handler.headers.items())
    text = body.decode()
    sent = json.loads(text) if text.startswith("{") else dict(parse_qsl(text))
    return Seen(service, key, region, headers, handler.path, text, sent)


def certificate(folder):
    """Write a certificate for localhost that signs itself, and return its file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file = folder / "localhost.pem"
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file

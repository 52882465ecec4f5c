"""OTLP over HTTP: a protobuf message is posted over a connection that is kept."""

import gzip
import http.client
import logging
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from enum import Enum
from urllib.parse import urlsplit

from shared.errors import SettingError
from shared.settings import Otlp

RETRYABLE = {429, 502, 503, 504}

log = logging.getLogger(__name__)


class ExportResult(Enum):
    """What became of a request: the results of the SDK's exporters, and one that may change."""

    SUCCESS = "success"
    FAILURE = "failure"
    RETRYABLE = "retryable"


class OtlpHttp:
    """One OTLP endpoint over HTTP, and a connection to it that is kept between requests."""

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        timeout: float,
        *,
        compression: str = "none",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url} is not an http:// or https:// address")
        self.url, self._timeout = url, timeout
        self._host, self._port = parts.hostname, parts.port
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._tls = tls
        if parts.scheme == "https" and tls is None:
            self._tls = ssl.create_default_context()
        self._headers = {"Content-Type": "application/x-protobuf", **headers}
        self._gzip = compression == "gzip"
        if self._gzip:
            self._headers["Content-Encoding"] = "gzip"
        self._connection: http.client.HTTPConnection | None = None
        self._lock = threading.Lock()
        self._closed = self._refused = False

    @classmethod
    def of(cls, otlp: Otlp) -> "OtlpHttp":
        """The endpoint of the settings; raises SettingError for files that TLS cannot use."""
        tls = tls_of(otlp) if otlp.endpoint.startswith("https:") else None
        return cls(otlp.endpoint, otlp.headers, otlp.timeout, compression=otlp.compression, tls=tls)

    def post(self, body: bytes) -> ExportResult:
        """Posts a protobuf message, once."""
        try:
            status, reason = self._exchange(gzip.compress(body, 1) if self._gzip else body)
        except (OSError, http.client.HTTPException):
            return ExportResult.RETRYABLE
        if status < 300:
            self._refused = False
            return ExportResult.SUCCESS
        if status in RETRYABLE:
            return ExportResult.RETRYABLE
        if not self._refused:  # it would refuse every batch alike
            log.error("%s refuses telemetry: %d %s", self.url, status, reason)
        self._refused = True
        return ExportResult.FAILURE

    def close(self) -> None:
        """Ends the connection; a request that is under way ends it afterwards."""
        self._closed = True
        if self._lock.acquire(timeout=0.05):
            self._disconnect()
            self._lock.release()

    def _exchange(self, body: bytes) -> tuple[int, str]:
        with self._lock:
            try:
                if self._connection is not None:
                    # The backend may have closed an idle connection: that alone is no failure.
                    with suppress(ConnectionError, http.client.HTTPException):
                        return self._request(self._connection, body)
                    self._disconnect()
                self._connection = self._connect()
                return self._request(self._connection, body)
            finally:
                if self._closed:
                    self._disconnect()

    def _request(self, connection: http.client.HTTPConnection, body: bytes) -> tuple[int, str]:
        try:
            connection.request("POST", self._path, body, self._headers)
            with connection.getresponse() as response:
                return response.status, response.read().decode(errors="replace")[:300]
        except (OSError, http.client.HTTPException):
            self._disconnect()
            raise

    def _connect(self) -> http.client.HTTPConnection:
        if self._tls is None:
            connection = http.client.HTTPConnection(self._host, self._port, timeout=self._timeout)
        else:
            connection = http.client.HTTPSConnection(
                self._host, self._port, timeout=self._timeout, context=self._tls
            )
        connection.connect()
        # A POST is two small writes, header and body; without this the second waits for an ACK.
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def tls_of(otlp: Otlp) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=otlp.certificate)
        if otlp.client_certificate:
            context.load_cert_chain(otlp.client_certificate, otlp.client_key)
    except ssl.SSLError as error:
        files = filter(None, (otlp.certificate, otlp.client_certificate, otlp.client_key))
        raise SettingError(f"{', '.join(files)} cannot be used for TLS: {error}") from None
    return context

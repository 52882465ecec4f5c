"""OTLP over HTTP: a protobuf message is posted over a connection that is kept."""

import base64
import gzip
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from urllib.parse import unquote, urlsplit

from google.protobuf.message import DecodeError

from shared.errors import SettingError
from shared.settings import Otlp
from shared.telemetry.endpoint import ExportResult, Outcome, partial_success
from shared.telemetry.http_exchange import Answer, Connection, Deadline, Resolver

RETRYABLE = {429, 502, 503, 504}
PROTOBUF = "application/x-protobuf"


class OtlpHttp:
    """One OTLP endpoint over HTTP, and a connection to it that is kept between requests.

    `timeout`, in seconds, is for all of one request: from the lookup of the host's name to the last
    byte of the answer. `user:password@` in the address is sent as Basic authentication, and is no
    part of `url`.
    """

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
        self._timeout, self._host = timeout, parts.hostname
        place, self.url, user = without_user(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._tls = tls
        if parts.scheme == "https" and tls is None:
            self._tls = ssl.create_default_context()
        sent = {"host": place, "content-type": PROTOBUF, "accept-encoding": "identity", **user}
        sent |= {name.lower(): value for name, value in headers.items()}
        self._gzip = compression == "gzip"
        if self._gzip:
            sent["content-encoding"] = "gzip"
        lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items())]
        self._head = "\r\n".join(lines).encode("latin-1")
        port = parts.port or (443 if parts.scheme == "https" else 80)
        self._resolver = Resolver(self._host, port)
        self._connection: Connection | None = None
        self._lock = threading.Lock()
        self._closed = False

    @classmethod
    def of(cls, otlp: Otlp) -> "OtlpHttp":
        """The endpoint of the settings; raises SettingError for files that TLS cannot use."""
        tls = tls_of(otlp) if otlp.endpoint.startswith("https:") else None
        return cls(otlp.endpoint, otlp.headers, otlp.timeout, compression=otlp.compression, tls=tls)

    def post(self, body: bytes) -> Outcome:
        """Posts a protobuf message, once."""
        try:
            answer = self._exchange(gzip.compress(body, 1) if self._gzip else body)
        except TimeoutError:
            return Outcome(ExportResult.RETRYABLE, f"no answer within {self._timeout:g} s")
        except (OSError, HTTPException) as error:
            return Outcome(ExportResult.RETRYABLE, reason_of(error))
        return outcome_of(answer)

    def close(self) -> None:
        """Ends the connection; a request that is under way ends it afterwards."""
        self._closed = True
        if self._lock.acquire(timeout=0.05):
            self._disconnect()
            self._lock.release()

    def _exchange(self, body: bytes) -> Answer:
        request = b"%b\r\ncontent-length: %d\r\n\r\n%b" % (self._head, len(body), body)
        with self._lock:
            end = Deadline(self._timeout)
            try:
                if self._connection is not None and self._connection.is_quiet():
                    # The backend may have closed an idle connection: that alone is no failure.
                    with suppress(ConnectionError, HTTPException):
                        return self._connection.exchange(request, end)
                self._disconnect()
                found = self._resolver.addresses(end)
                self._connection = Connection(self._host, found, self._tls, end)
                return self._connection.exchange(request, end)
            finally:
                if self._closed or (self._connection is not None and not self._connection.kept):
                    self._disconnect()

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def outcome_of(answer: Answer) -> Outcome:
    """What an answer says of the message that was posted."""
    status = answer.status
    if 200 <= status < 300:
        rejected, why = partial_success(answer.body) if is_protobuf(answer) else (0, "")
        return Outcome(ExportResult.SUCCESS, why, rejected=rejected)
    reason = f"{status} {message_of(answer) or answer.reason}".strip()
    # A 1xx is no answer: whatever it is that gives one, it does not speak OTLP.
    if status in RETRYABLE or status < 200:
        return Outcome(ExportResult.RETRYABLE, reason, retry_after(answer.headers))
    return Outcome(ExportResult.FAILURE, reason)


def message_of(answer: Answer) -> str:
    """What the body of an error says: the message of a google.rpc.Status, or a text."""
    if is_protobuf(answer):
        from google.rpc.status_pb2 import Status  # noqa: PLC0415 - seldom needed

        with suppress(DecodeError):
            return str(Status.FromString(answer.body).message)
        return ""
    return " ".join(answer.body.decode(errors="replace").split())


def is_protobuf(answer: Answer) -> bool:
    """Whether the body is a protobuf message as it is: none was asked for in any encoding."""
    headers = answer.headers
    encoded = headers.get("content-encoding", "identity").lower() != "identity"
    return headers.get("content-type", "").lower().startswith(PROTOBUF) and not encoded


def retry_after(headers: Mapping[str, str]) -> float:
    """The seconds that `Retry-After` asks for, which may be written as a date."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    with suppress(ValueError, OverflowError):
        date = parsedate_to_datetime(text)
        # A zone of -0000 is UTC, too.
        date = date if date.tzinfo else date.replace(tzinfo=UTC)
        return max(0.0, (date - datetime.now(UTC)).total_seconds())
    return 0.0


def reason_of(error: OSError | HTTPException) -> str:
    """Why there is no answer, in one line."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return " ".join(str(error).split()) or type(error).__name__


def without_user(url: str) -> tuple[str, str, dict[str, str]]:
    """The host and port of an address, the address without `user:password@`, and the header that
    says who that is, if it was there.
    """
    parts = urlsplit(url)
    place, headers = parts.netloc.rpartition("@")[2], {}
    if parts.username:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
        headers["authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    return place, parts._replace(netloc=place).geturl(), headers


def tls_of(otlp: Otlp) -> ssl.SSLContext:
    """What TLS needs; raises SettingError for files that it cannot use."""
    if otlp.client_key and not otlp.client_certificate:
        raise SettingError(f"{otlp.client_key} cannot be used for TLS without a client certificate")
    try:
        context = ssl.create_default_context(cafile=otlp.certificate)
        if otlp.client_certificate:
            # Without a password, a key that needs one would ask for it on the terminal.
            context.load_cert_chain(otlp.client_certificate, otlp.client_key, password="")
    except OSError as error:
        files = filter(None, (otlp.certificate, otlp.client_certificate, otlp.client_key))
        raise SettingError(f"{', '.join(files)} cannot be used for TLS: {error}") from None
    return context

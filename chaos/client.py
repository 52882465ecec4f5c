"""The client of the control plane's HTTP API, for commands, measures and experiments."""

import http.client
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

API = "/chaos/v1"
TIMEOUT = 15.0  # seconds; longer than an event stream is ever silent
UNAUTHORIZED = 401
NOT_SIGNED_IN = (
    "the control plane wants to know who you are: set CHAOS_TOKEN to the presenter's or the "
    "students' token"
)
UNKNOWN_CALLER = (
    "CHAOS_TOKEN is not a token that the control plane knows: use the presenter's or the students'"
)
NO_SESSION = (
    "the control plane does not know which session you mean: give --session, the first part of "
    "the shop's cookie shop_session"
)


class Unreachable(Exception):
    """Nothing answers there; the message says what may help."""


class Rejected(Exception):
    """The control plane refused; the message is its own, `status` that of HTTP."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class ControlPlane:
    """The control plane at `url`. `token` gives the role of a presenter or a student; `session` is
    the shop session in whose name a student acts.
    """

    url: str
    token: str = field(default="", repr=False)
    session: str = ""

    def get(self, path: str, **query: object) -> Any:
        """`hidden="show"` is for programs, and for whoever asks: also what is hidden."""
        given = {name: value for name, value in query.items() if value is not None}
        return self.request("GET", f"{path}?{urlencode(given)}" if given else path)

    def request(self, method: str, path: str, body: object = None) -> Any:
        """The JSON of the answer, None if it has none. Raises Unreachable and Rejected."""
        with self._send(method, path, body) as answer:
            status, text = answer.status, answer.read().decode(errors="replace")
        content = parse_json(text)
        if status >= 400:
            raise self._rejected(status, content)
        return content

    def lines(self, path: str) -> Iterator[str]:
        """The lines of a streamed answer, as they arrive. Raises Unreachable and Rejected."""
        with self._send("GET", path, None) as answer:
            if answer.status >= 400:
                text = answer.read().decode(errors="replace")
                raise self._rejected(answer.status, parse_json(text))
            while line := answer.readline():
                yield line.decode(errors="replace").rstrip("\n")

    def _rejected(self, status: int, problem: Any) -> Rejected:
        if status == UNAUTHORIZED:
            return Rejected(status, UNKNOWN_CALLER if self.token else NOT_SIGNED_IN)
        return Rejected(status, message_of(status, problem))

    @contextmanager
    def _send(self, method: str, path: str, body: object) -> Iterator[http.client.HTTPResponse]:
        where = urlsplit(self.url)
        https = where.scheme == "https"
        kind = http.client.HTTPSConnection if https else http.client.HTTPConnection
        connection = kind(where.hostname or "", where.port, timeout=TIMEOUT)
        content = None if body is None else json.dumps(body)
        try:
            target = f"{where.path}{API}{self._with_session(path)}"
            connection.request(method, target, content, self._headers())
            yield connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(
                f"no control plane answers at {self.url} ({type(error).__name__}); "
                "`acme up` starts the shop, and one with it"
            ) from None
        finally:
            connection.close()

    def _with_session(self, path: str) -> str:
        if not self.session:
            return path
        return f"{path}{'&' if '?' in path else '?'}{urlencode({'session': self.session})}"

    def _headers(self) -> dict[str, str]:
        headers = {"accept": "application/json", "content-type": "application/json"}
        return headers | ({"authorization": f"Bearer {self.token}"} if self.token else {})


def parse_json(text: str) -> Any:
    """The JSON of a text; None where it is none, as the page of a proxy."""
    try:
        return json.loads(text) if text.strip() else None
    except ValueError:
        return None


def message_of(status: int, problem: Any) -> str:
    """A problem of RFC 9457 for a terminal, with a line for each of its errors."""
    content: Mapping[str, Any] = problem if isinstance(problem, dict) else {}
    if str(content.get("type")).endswith("/no-session"):
        return NO_SESSION
    title, detail = content.get("title"), content.get("detail")
    if errors := content.get("errors"):
        return "\n".join([f"{title or detail}:", *map(line_of, errors)])
    return str(detail or title or f"the control plane answered {status}")


def line_of(error: Mapping[str, Any]) -> str:
    path = f"{error['path']}: " if error.get("path") else ""
    hint = f"; {error['hint'].removeprefix('; ')}" if error.get("hint") else ""
    return f"  {path}{error.get('message', '')}{hint}"

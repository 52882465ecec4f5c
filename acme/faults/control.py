"""The control plane, as a command sees it."""

import http.client
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from acme.launcher import environment
from acme.launcher.state import RunFolder
from shared.errors import SettingError
from shared.settings import Reader

API = "/chaos/v1"
PATIENCE = 15.0  # longer than an event stream is ever silent
NOBODY = 401
WHO = (
    "the control plane asks who you are: CHAOS_TOKEN says so, with a presenter's or students' token"
)
UNKNOWN = (
    "nobody has the token that CHAOS_TOKEN says: it is that of the presenter or of the students"
)
NO_SESSION = (
    "nobody knows which session is meant: give --session, what the shop's cookie shop_session "
    "begins with"
)


class Unreachable(Exception):
    """Nothing answers there; the message says what may help."""


class Rejected(Exception):
    """It answered that it will not do this; the message is its own, `status` that of HTTP."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True)
class ControlPlane:
    """One that listens at `url`; `token` says who is asking, where that matters, and `session` as
    whom in the shop: a student may do what strikes that one.
    """

    url: str
    token: str = field(default="", repr=False)
    session: str = ""

    @classmethod
    def find(cls, run: Path, url: str | None = None, session: str | None = None) -> "ControlPlane":
        """The one at `url`, or that of the shop that runs from the folder, or the default one."""
        read = Reader(environment.own(), "chaos")
        try:
            default, token = read("CHAOS_URL"), read("CHAOS_TOKEN")
        except SettingError as error:
            raise Unreachable(str(error)) from None
        state = RunFolder(run).running()
        running = state.services.get("chaos") if state else None
        return cls(url or (running.url if running else default), token, session or "")

    def get(self, path: str, **query: object) -> Any:
        asked = {name: value for name, value in query.items() if value is not None}
        return self.ask("GET", f"{path}?{urlencode(asked)}" if asked else path)

    def ask(self, method: str, path: str, body: object = None, patience: float = PATIENCE) -> Any:
        """The JSON of its answer, None where there is none. Raises Unreachable and Rejected."""
        status, text = self._exchange(method, path, body, patience)
        found = json_of(text)
        if status >= 400:
            raise self._rejected(status, found)
        return found

    def lines(self, path: str) -> Iterator[str]:
        """The lines of an answer that has no end, as they come. Raises Unreachable and Rejected."""
        with self._answer("GET", path, None, PATIENCE) as answer:
            if answer.status >= 400:
                text = answer.read().decode(errors="replace")
                raise self._rejected(answer.status, json_of(text))
            while line := answer.readline():
                yield line.decode(errors="replace").rstrip("\n")

    def _rejected(self, status: int, problem: Any) -> Rejected:
        if status == NOBODY:
            return Rejected(status, UNKNOWN if self.token else WHO)
        return Rejected(status, sentence(status, problem))

    def _exchange(self, method: str, path: str, body: object, patience: float) -> tuple[int, str]:
        with self._answer(method, path, body, patience) as answer:
            return answer.status, answer.read().decode(errors="replace")

    @contextmanager
    def _answer(
        self, method: str, path: str, body: object, patience: float
    ) -> Iterator[http.client.HTTPResponse]:
        where = urlsplit(self.url)
        kind = (
            http.client.HTTPSConnection if where.scheme == "https" else http.client.HTTPConnection
        )
        connection = kind(where.hostname or "", where.port, timeout=patience)
        content = None if body is None else json.dumps(body)
        try:
            connection.request(
                method, f"{where.path}{API}{self._own(path)}", content, self._headers()
            )
            yield connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(
                f"no control plane answers at {self.url} ({type(error).__name__}); "
                "`acme up` starts the shop, and one with it"
            ) from None
        finally:
            connection.close()

    def _own(self, path: str) -> str:
        """The path as that session asks for it."""
        if not self.session:
            return path
        return f"{path}{'&' if '?' in path else '?'}{urlencode({'session': self.session})}"

    def _headers(self) -> dict[str, str]:
        headers = {"accept": "application/json", "content-type": "application/json"}
        return headers | ({"authorization": f"Bearer {self.token}"} if self.token else {})


def json_of(text: str) -> Any:
    try:
        return json.loads(text) if text.strip() else None
    except ValueError:
        return None


def sentence(status: int, problem: Any) -> str:
    """A problem of RFC 9457 as a person reads it, with a line for each thing that is wrong."""
    told: Mapping[str, Any] = problem if isinstance(problem, dict) else {}
    if str(told.get("type")).endswith("/no-session"):
        return NO_SESSION
    if errors := told.get("errors"):
        return "\n".join([f"{told.get('title') or told.get('detail')}:", *map(line, errors)])
    return str(told.get("detail") or told.get("title") or f"the control plane answered {status}")


def line(error: Mapping[str, Any]) -> str:
    path = f"{error['path']}: " if error.get("path") else ""
    hint = f"; {error['hint'].removeprefix('; ')}" if error.get("hint") else ""
    return f"  {path}{error.get('message', '')}{hint}"

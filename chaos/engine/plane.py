"""The control plane as a service sees it: it says what is to fail, and gets reports."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlencode, urlsplit

from pydantic import ValidationError

from chaos.engine.model import Snapshot
from shared.transport import ConnectError, Request, Response, Transport, TransportError

WAIT, GRACE, REPORTED_WITHIN, LAST_WITHIN = 25, 5, 2.0, 0.3


class Away(Exception):
    """Why the control plane gave no answer that is of use; the message names no secrets."""


class Absent(Away):
    """Nobody listens there: perhaps there is none."""


class ControlPlane:
    """Its wire is its own: no faults are injected there, and no spans are made."""

    def __init__(self, url: str, wire: Transport, *, service: str, instance: str, token: str = ""):
        self._url, self._wire = f"{url}/chaos/v1", wire
        self._who = {"service": service, "instance": instance}
        self._headers = {"authorization": f"Bearer {token}"} if token else {}
        self.etag = ""

    async def snapshot(self) -> Snapshot | None:
        """The next snapshot; None when for a while there was none other than the last."""
        query = urlencode({"wait": WAIT, **self._who})
        known = {"if-none-match": self.etag} if self.etag else {}
        request = Request("GET", f"{self._url}/snapshot?{query}", headers=self._headers | known)
        answer = await self._ask(request, WAIT + GRACE)
        if answer.status_code == HTTPStatus.NOT_MODIFIED:
            return None
        expect(answer, HTTPStatus.OK)
        try:
            snapshot = Snapshot.model_validate_json(await answer.aread())
        except ValidationError:
            raise Away("what it says cannot be read") from None
        self.etag = answer.headers.get("etag", "")
        return snapshot

    async def report(self, report: Mapping[str, object]) -> None:
        url = f"{self._url}/reports"
        request = Request("POST", url, headers=self._headers, json={**self._who, **report})
        expect(await self._ask(request, REPORTED_WITHIN), HTTPStatus.NO_CONTENT)

    def last_report(self, report: Mapping[str, object]) -> None:
        """The same for a process that ends with its next line, and cannot wait for its loop."""
        parts = urlsplit(self._url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(parts.netloc, timeout=LAST_WITHIN)
        body = json.dumps({**self._who, **report})
        headers = {**self._headers, "content-type": "application/json"}
        with suppress(OSError, HTTPException):
            connection.request("POST", f"{parts.path}/reports", body, headers)
            connection.getresponse()
        connection.close()

    async def _ask(self, request: Request, seconds: float) -> Response:
        try:
            async with asyncio.timeout(seconds):
                return await self._wire.handle_async_request(request)
        except TimeoutError:
            raise Away("it does not answer") from None
        except ConnectError as error:
            raise Absent(type(error).__name__) from None
        except TransportError as error:
            raise Away(type(error).__name__) from None


def expect(answer: Response, status: int) -> None:
    if answer.status_code != status:
        raise Away(f"it answers {answer.status_code}")

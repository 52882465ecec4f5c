"""Calling another service: one CLIENT span, context injected, a deadline for the whole, failures
named.

httpx's types and its transport interface are used, its client is not: building and sending a
request through `httpx.AsyncClient` costs more CPU than all the rest of a hop. The wire is
aiohttp's.
"""

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport
from opentelemetry.trace import Span, SpanKind, use_span
from opentelemetry.util.types import AttributeValue

from shared.errors import (
    BadRequest,
    Conflict,
    DeadlineExceeded,
    Forbidden,
    NotFound,
    ShopError,
    Unauthorized,
    Unreachable,
    UpstreamError,
)
from shared.telemetry.provider import Telemetry
from shared.telemetry.server import failed

Query = Mapping[str, str] | None

MEANINGS: dict[int, type[ShopError]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
}


def wire() -> httpx.AsyncBaseTransport:
    """The real transport: kept connections, no limit of its own, since every call has a deadline."""
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=30)
    session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
    return AiohttpTransport(client=session)


class Pretended(httpx.AsyncBaseTransport):
    """An outside system that is only pretended: `answer(method, path)` gives its status and JSON
    body.
    """

    def __init__(self, answer: Callable[[str, str], tuple[int, Any]], seconds: float = 0.0) -> None:
        self._answer, self._seconds = answer, seconds

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(self._seconds)
        status, body = self._answer(request.method, request.url.path)
        return httpx.Response(status, json=body, request=request)


class Peer:
    """Another service, as seen from this one.

    A call names a path template and its values, `get("/order/{order_id}", order_id="12345")`; the
    span is named after the template. It returns the JSON of a success and raises a ShopError for
    all else.
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        transport: httpx.AsyncBaseTransport,
        telemetry: Telemetry,
        *,
        timeout: float,
    ) -> None:
        self.name = name
        self._base = base_url.rstrip("/")
        self._transport, self._timeout = transport, timeout
        self._tracer, self._propagation = telemetry.tracer, telemetry.propagation
        url = httpx.URL(base_url)
        self._host = url.netloc.decode()
        self._fixed: dict[str, AttributeValue] = {
            "server.address": url.host,
            "server.port": url.port or {"http": 80, "https": 443}[url.scheme],
            "service.peer.name": name,
        }

    async def get(self, template: str, *, query: Query = None, **values: str) -> Any:
        return await self.call("GET", template, values, query=query)

    async def post(self, template: str, body: Any, **values: str) -> Any:
        return await self.call("POST", template, values, body=body)

    async def call(
        self,
        method: str,
        template: str,
        values: Mapping[str, str],
        *,
        body: Any = None,
        query: Query = None,
    ) -> Any:
        """Calls and waits for the whole answer.

        Raises NotFound, BadRequest, ... for a 4xx with that meaning, UpstreamError for any other
        answer that is no success, Unreachable when there is no answer, DeadlineExceeded when it
        takes too long.
        """
        url = self._base + path_of(template, values) + (f"?{urlencode(query)}" if query else "")
        span = self._tracer.start_span(
            f"{method} {template}",
            kind=SpanKind.CLIENT,
            attributes={
                "http.request.method": method,
                "url.full": url,
                "url.template": template,
                **self._fixed,
            },
        )
        with use_span(
            span, end_on_exit=True, record_exception=False, set_status_on_exception=False
        ):
            response = await self._exchange(span, method, url, body)
            if response.is_success:
                return json.loads(response.content)
            raise self._meaning_of(response)

    async def _exchange(self, span: Span, method: str, url: str, body: Any) -> httpx.Response:
        headers: dict[str, str] = {"host": self._host, "accept": "application/json"}
        self._propagation.inject(headers)
        content = None
        if body is not None:
            headers["content-type"] = "application/json"
            content = json.dumps(body).encode()
        request = httpx.Request(method, url, headers=headers, content=content)
        try:
            async with asyncio.timeout(self._timeout):
                response = await self._transport.handle_async_request(request)
                await response.aread()
                await response.aclose()
        except TimeoutError:
            failed(span, "timeout")
            raise DeadlineExceeded(
                f"{self.name} did not answer within {self._timeout:g} s"
            ) from None
        except (httpx.TransportError, aiohttp.ClientError) as error:
            failed(span, reason(error))
            span.record_exception(error)
            raise Unreachable(f"{self.name} could not be reached: {reason(error)}") from error
        span.set_attribute("http.response.status_code", response.status_code)
        if response.status_code >= 400:
            failed(span, str(response.status_code))
        return response

    def _meaning_of(self, response: httpx.Response) -> ShopError:
        meaning = MEANINGS.get(response.status_code)
        if meaning is not None:
            return meaning(detail_of(response) or f"{self.name} answered {response.status_code}")
        return UpstreamError(f"{self.name} answered {response.status_code}")


PLACE = re.compile(r"{(\w+)}")


def path_of(template: str, values: Mapping[str, str]) -> str:
    """The template with its places filled; a value can never reach into another segment of the
    path.
    """
    return PLACE.sub(lambda place: quote(values[place[1]], safe=""), template)


def reason(error: Exception) -> str:
    """The class that names a failure best: httpx's, unless its aiohttp transport only guessed."""
    cause = error.__cause__
    return type(cause if isinstance(cause, aiohttp.ServerDisconnectedError) else error).__name__


def detail_of(response: httpx.Response) -> str:
    """The `detail` of a JSON error body; empty when the body is something else."""
    try:
        body = json.loads(response.content)
    except ValueError:
        return ""
    return str(body.get("detail", "")) if isinstance(body, dict) else ""

"""Another service, as seen from this one."""

import json
import re
from collections.abc import Callable, Hashable, Mapping
from functools import cache, lru_cache, partial
from time import perf_counter
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar, cast
from urllib.parse import quote, urlencode

import httpx
from opentelemetry.trace import SpanKind
from opentelemetry.util.types import AttributeValue
from pydantic import TypeAdapter, ValidationError

from shared.errors import REFUSALS, BadRequest, ShopError, UpstreamError
from shared.http.attempt import Attempt, current, guarded, named
from shared.http.policy import RETRY_WITHIN, CallPolicy
from shared.telemetry.provider import Telemetry
from shared.telemetry.redaction import redacted, redacted_url
from shared.telemetry.server import failed
from shared.telemetry.suppression import unless_suppressed
from shared.transport import Call, Request, Response, Transport

T = TypeVar("T")
Parser = Callable[[bytes], T]
NONE: Mapping[str, str] = MappingProxyType({})
PLACEHOLDER = re.compile(r"{(\w+)}")
ADDRESSES = 1024


class Question(NamedTuple):
    """What is sent; all attempts share the `call`."""

    method: str
    template: str
    url: str
    query: str
    body: bytes
    headers: Mapping[str, str]
    call: Call


class HttpAttempt(Attempt):
    """An attempt at an HTTP request."""

    __slots__ = ()

    def answered(self, response: Response) -> None:
        super().answered(response)
        self.span.set_attribute("http.response.status_code", response.status_code)
        if not response.is_success:
            failed(self.span, str(response.status_code))


class Peer:
    """Calls one service: `await orders.get("/order/{order_id}", Order, order_id="12345")`.

    A call names a path template, the type of the answer (a pydantic model, `list[str]`)
    and the values of the path; its span is named after the template. It returns the JSON of a
    success as an instance of that type and raises a ShopError for all else: a success of another
    shape is an UpstreamError. `attempts` is for what may be done twice: it is tried so often while
    there is no proper answer. `policy` gives how a call is made, by its method.
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        transport: Transport,
        telemetry: Telemetry,
        policy: Callable[[str], CallPolicy],
    ) -> None:
        self.name = name
        self._policy, self._transport = policy, transport
        self._tracer, self._propagator = telemetry.tracer, telemetry.propagator
        url = httpx.URL(base_url)
        port = url.port or {"http": 80, "https": 443}[url.scheme]
        self._place = (url.scheme, url.host, port)
        self._base, self._host = base_url.rstrip("/"), url.netloc.decode()
        self._shown = redacted_url(self._base)
        # Parsing an address costs more than the rest of a request.
        self._parsed = lru_cache(ADDRESSES)(httpx.URL)
        self._fixed: dict[str, AttributeValue] = {
            "server.address": url.host,
            "server.port": port,
            "service.peer.name": name,
        }
        red = telemetry.metrics.red
        self._durations = red.http_client if red is not None else None

    async def get(
        self,
        template: str,
        answer: type[T],
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] = NONE,
        attempts: int = 1,
        **values: str,
    ) -> T:
        encoded = urlencode(query or {})
        _, content = await self.call(
            "GET", template, answer, values, query=encoded, headers=headers, attempts=attempts
        )
        return content

    async def post(
        self,
        template: str,
        answer: type[T],
        body: Any,
        *,
        headers: Mapping[str, str] = NONE,
        attempts: int = 1,
        **values: str,
    ) -> T:
        """Posts `body` as JSON."""
        encoded = json.dumps(body).encode()
        _, content = await self.call(
            "POST", template, answer, values, body=encoded, headers=headers, attempts=attempts
        )
        return content

    async def call(
        self,
        method: str,
        template: str,
        answer: type[T],
        values: Mapping[str, str],
        *,
        body: bytes = b"",
        query: str = "",
        headers: Mapping[str, str] = NONE,
        attempts: int = 1,
    ) -> tuple[int, T]:
        """Calls and waits for the whole answer: its status, and its JSON parsed as an `answer`.
        `headers` are sent, but never recorded.

        Raises NotFound, BadRequest, ... for a 4xx with that meaning, UpstreamError for any other
        answer that is no success and for a success of another shape, Unreachable when there is no
        answer, DeadlineExceeded when it takes too long, BreakerOpen when the call was not made.
        """
        url, policy = self._base + path_of(template, values), self._policy(method)
        question = Question(method, template, url, query, body, headers, Call(template))
        attempt = partial(self._attempt, question, parser_of(answer), policy)
        seconds = policy.timeout * RETRY_WITHIN
        return await policy.retry(attempt, max(attempts, policy.attempts), seconds)

    async def _attempt(
        self, question: Question, parse: Parser[T], policy: CallPolicy, resent: int
    ) -> tuple[int, T]:
        question.call.resent = resent
        name = f"{question.method} {question.template}"
        async with policy.pool(name):
            begun = perf_counter()
            span = unless_suppressed(self._tracer).start_span(
                name, kind=SpanKind.CLIENT, attributes=self._attributes(question)
            )
            attempt = HttpAttempt(span)
            try:
                with current(span), guarded(policy.breaker, policy.breaker_key, span, self.name):
                    request = self._request(question)
                    with named(attempt, policy.timeout, self.name):
                        response, body = await policy.exchange(
                            attempt, self._transport, request, policy.timeout
                        )
                    status = response.status_code
                    return status, self._content(attempt, status, body, parse)
            finally:
                if span.is_recording():  # an exchange may have ended it before the body came
                    span.end()
                self._measure(question, attempt, perf_counter() - begun)

    def _measure(self, question: Question, attempt: Attempt, seconds: float) -> None:
        """Counts the attempt, unless the breaker or a bad address kept it from being made."""
        response, error_type = attempt.response, attempt.error_type
        status = None if response is None else response.status_code
        if self._durations is None or (status is None and error_type is None):
            return
        if error_type is None and status is not None and not 200 <= status < 300:
            error_type = str(status)
        scheme, host, port = self._place
        values = (question.method, scheme, host, port, question.template, status, error_type)
        self._durations.record(values, seconds, attempt.span)

    def _attributes(self, question: Question) -> dict[str, AttributeValue]:
        url, query = self._shown + question.url.removeprefix(self._base), question.query
        attributes: dict[str, AttributeValue] = {
            "http.request.method": question.method,
            "url.full": f"{url}?{redacted(query)}" if query else url,
            "url.template": question.template,
            **self._fixed,
        }
        if question.call.resent:
            attributes["http.request.resend_count"] = question.call.resent
        return attributes

    def _request(self, question: Question) -> Request:
        """The request, in the context of the current span."""
        method, _, url, query, body, given, call = question
        headers = {"host": self._host, "accept": "application/json", **given}
        if body:
            length = str(len(body))
            headers |= {"content-type": "application/json", "content-length": length}
        self._propagator.inject(headers)
        try:
            address = self._parsed(f"{url}?{query}" if query else url)
        except httpx.InvalidURL as error:  # which only what the caller was given can make it
            raise BadRequest(f"no address for a call of {self.name}: {error}") from None
        # With a stream given, httpx takes the headers as they are.
        stream, extensions = httpx.ByteStream(body), {"call": call}
        return Request(method, address, headers=headers, stream=stream, extensions=extensions)

    def _content(self, attempt: Attempt, status: int, body: bytes, parse: Parser[T]) -> T:
        if not 200 <= status < 300:
            raise meaning_of(self.name, status, body)
        try:
            return parse(body)
        except ValidationError as error:
            attempt.fail("invalid_response")
            problem = first_problem(error)
            message = f"{self.name} answered {status} in an unknown shape: {problem}"
            raise UpstreamError(message) from None  # its cause repeats the body, with any token


def path_of(template: str, values: Mapping[str, str]) -> str:
    """The template with its placeholders filled; a value stays in its own segment."""
    return PLACEHOLDER.sub(lambda found: segment(values[found[1]]), template)


def segment(value: str) -> str:
    # No dot needs quoting, but dots alone would be a way up.
    return "%2E" * len(value) if value in {".", ".."} else quote(value, safe="")


def parser_of(answer: type[T]) -> Parser[T]:
    """Parses the JSON of an `answer`: a pydantic model, a dataclass, `list[str]`, ..."""
    parser: Parser[T] = cached_parser(cast("Hashable", answer))
    return parser


@cache
def cached_parser(answer: Any) -> Parser[Any]:
    return TypeAdapter(answer).validate_json


def first_problem(error: ValidationError) -> str:
    """What is wrong, and where; never the value."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(map(str, first["loc"]))
    return f"{where}: {first['msg']}" if where else first["msg"]


def meaning_of(peer: str, status: int, body: bytes, said: object = None) -> ShopError:
    """The error to raise for an answer that is no success; a client error keeps its `detail`. What
    was `said` is the status, unless the protocol has another word for it.
    """
    meaning, detail = REFUSALS.get(status), detail_of(body)
    plainly = f"{peer} answered {said or status}"
    if meaning is not None:
        return meaning(detail or plainly)
    return UpstreamError(plainly, status, detail)


def detail_of(body: bytes) -> str:
    """The `detail` of a JSON error body; empty when the body is something else."""
    try:
        content = json.loads(body)
    except ValueError:
        return ""
    return str(content.get("detail", "")) if isinstance(content, dict) else ""

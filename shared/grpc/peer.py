"""Another service, as seen from this one, over gRPC."""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from time import perf_counter
from typing import NamedTuple, TypeVar, cast

import httpx
from google.protobuf.message import DecodeError, Message
from grpc import StatusCode
from opentelemetry.trace import SpanKind
from opentelemetry.util.types import AttributeValue

from shared.errors import UpstreamError
from shared.grpc.methods import Method
from shared.grpc.status import BY_NUMBER, code_for
from shared.grpc.wire import DEADLINE, STATUS
from shared.http.attempt import Attempt, current, guarded, named
from shared.http.peer import NONE, meaning_of
from shared.http.policy import RETRY_WITHIN, CallPolicy
from shared.telemetry.provider import Telemetry
from shared.telemetry.suppression import unless_suppressed
from shared.transport import Call, Request, Response, Transport

M = TypeVar("M", bound=Message)


class Question(NamedTuple):
    """What is sent; all attempts share the `call`."""

    method: Method
    body: bytes
    headers: Mapping[str, str]
    call: Call


class RpcAttempt(Attempt):
    """An attempt at a call: its span says how it ended by the name of a gRPC status."""

    __slots__ = ("code",)

    def __init__(self, *given: object) -> None:
        super().__init__(*given)  # type: ignore[arg-type]
        self.code: StatusCode | None = None

    def answered(self, response: Response) -> None:
        super().answered(response)
        number = response.headers.get(STATUS)
        # An answer that a fault gives in the service's stead is one of HTTP.
        self.ended(BY_NUMBER[int(number)] if number else code_for(response.status_code))

    def timed_out(self) -> None:
        self.ended(StatusCode.DEADLINE_EXCEEDED)

    def unreachable(self, error: httpx.TransportError) -> None:  # noqa: ARG002 - one code for all
        self.ended(StatusCode.UNAVAILABLE)

    def cancelled(self) -> None:
        super().cancelled()
        self.code = StatusCode.CANCELLED
        self.span.set_attribute("rpc.response.status_code", self.code.name)

    def ended(self, code: StatusCode) -> None:
        self.code = code
        self.span.set_attribute("rpc.response.status_code", code.name)
        if code is not StatusCode.OK:
            self.fail(code.name)


class RpcPeer:
    """Calls one service over gRPC: `await payment.call(method, request, Charge)`.

    It is to gRPC what `Peer` is to HTTP: the same policy, breaker and faults are around each call,
    and it raises the same errors. `policy` gives how a call is made, by the verb of the HTTP route
    that the method stands for.
    """

    def __init__(
        self,
        name: str,
        url: str,
        transport: Transport,
        telemetry: Telemetry,
        policy: Callable[[str], CallPolicy],
    ) -> None:
        self.name = name
        self._policy, self._transport = policy, transport
        self._tracer, self._propagator = telemetry.tracer, telemetry.propagator
        self._url = httpx.URL(url)
        self._fixed: dict[str, AttributeValue] = {
            "rpc.system.name": "grpc",
            "server.address": self._url.host,
            "server.port": self._url.port or 0,
            "service.peer.name": name,
        }
        red = telemetry.metrics.red
        self._durations = red.rpc_client if red is not None else None

    async def call(
        self,
        method: Method,
        request: Message,
        _answer: type[M],
        *,
        headers: Mapping[str, str] = NONE,
        attempts: int = 1,
    ) -> M:
        """Calls and waits for the answer. `headers` are sent as metadata, but never recorded.

        Raises what a `Peer` would: NotFound, BadRequest, ... for a status with that meaning,
        UpstreamError for any other and for an answer that cannot be read, Unreachable when there is
        none, DeadlineExceeded when it takes too long, BreakerOpen when the call was not made.
        """
        policy = self._policy(method.verb)
        question = Question(method, request.SerializeToString(), headers, Call(method.route))
        attempt = partial(self._attempt, question, policy)
        seconds = policy.timeout * RETRY_WITHIN
        answer = await policy.retry(attempt, max(attempts, policy.attempts), seconds)
        return cast("M", answer)

    async def _attempt(self, question: Question, policy: CallPolicy, resent: int) -> Message:
        question.call.resent = resent
        async with policy.pool(question.method.place):
            begun = perf_counter()
            span = unless_suppressed(self._tracer).start_span(
                question.method.name, kind=SpanKind.CLIENT, attributes=self._attributes(question)
            )
            attempt = RpcAttempt(span)
            try:
                with current(span), guarded(policy.breaker, policy.breaker_key, span, self.name):
                    request = self._request(question, policy)
                    with named(attempt, policy.timeout, self.name):
                        response, body = await policy.exchange(
                            attempt, self._transport, request, policy.timeout
                        )
                    return self._content(attempt, response, body, question.method)
            finally:
                if span.is_recording():
                    span.end()
                self._measure(question.method, attempt, perf_counter() - begun)

    def _attributes(self, question: Question) -> dict[str, AttributeValue]:
        attributes: dict[str, AttributeValue] = {"rpc.method": question.method.name, **self._fixed}
        if question.call.resent:
            # The conventions for RPC have no word for it, and a call is a request of HTTP/2.
            attributes["http.request.resend_count"] = question.call.resent
        return attributes

    def _request(self, question: Question, policy: CallPolicy) -> Request:
        """The request, in the context of the current span."""
        method, body, given, call = question
        headers = dict(given)
        self._propagator.inject(headers)
        address = self._url.copy_with(path=method.path)
        deadline = asyncio.get_running_loop().time() + policy.timeout
        extensions = {"call": call, DEADLINE: deadline}
        stream = httpx.ByteStream(body)
        return Request(method.verb, address, headers=headers, stream=stream, extensions=extensions)

    def _content(
        self, attempt: RpcAttempt, response: Response, body: bytes, method: Method
    ) -> Message:
        if not response.is_success:
            assert attempt.code is not None
            raise meaning_of(self.name, response.status_code, body, attempt.code.name)
        try:
            return method.answer.FromString(body)
        except DecodeError:
            attempt.fail("invalid_response")
            raise UpstreamError(f"{self.name} answered OK in an unknown shape") from None

    def _measure(self, method: Method, attempt: RpcAttempt, seconds: float) -> None:
        """Counts the attempt, unless the breaker kept it from being made."""
        if self._durations is None or attempt.code is None:
            return
        place = self._fixed["server.address"], self._fixed["server.port"]
        values = ("grpc", method.name, *place, attempt.code.name, attempt.error_type)
        self._durations.record(cast("tuple[str | int | None, ...]", values), seconds, attempt.span)

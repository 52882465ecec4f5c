"""One attempt at a call, over HTTP or gRPC: its span, and what came of it, by name."""

import asyncio
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import httpx
from opentelemetry.trace import Span, use_span

from shared.errors import BreakerOpen, DeadlineExceeded, Unreachable
from shared.http.breaker import Breaker
from shared.telemetry.server import failed
from shared.tracebacks import without_hidden_frames
from shared.transport import Response

NO_BREAKER: AbstractContextManager[None] = nullcontext()


class Attempt:
    """One request that is under way: its span, and what came of it. What is derived from it says
    that in the words of its protocol.
    """

    __slots__ = ("error_type", "response", "span")

    def __init__(self, span: Span) -> None:
        self.span = span
        self.response: Response | None = None
        self.error_type: str | None = None

    def answered(self, response: Response) -> None:
        """Notes what was answered; the body may be yet to come."""
        self.response = response

    def timed_out(self) -> None:
        self.fail("timeout")

    def unreachable(self, error: httpx.TransportError) -> None:
        self.fail(type(error).__name__)

    def cancelled(self) -> None:
        """The caller gave up, which is no error of this call."""
        self.error_type = asyncio.CancelledError.__name__

    def fail(self, error_type: str) -> None:
        self.error_type = error_type
        if self.span.is_recording():
            failed(self.span, error_type)


def current(span: Span) -> AbstractContextManager[Span]:
    """Makes the span the current one; what is raised is recorded where it gets its name."""
    return use_span(span, record_exception=False, set_status_on_exception=False)


def guarded(
    breaker: Breaker | None, key: str, span: Span, peer: str
) -> AbstractContextManager[None]:
    """Around an attempt: says on its span when the breaker does not let it through."""
    return NO_BREAKER if breaker is None else through(breaker, key, span, peer)


@contextmanager
def through(breaker: Breaker, key: str, span: Span, peer: str) -> Iterator[None]:
    try:
        with breaker.guarding(key):
            yield
    except BreakerOpen as error:
        failed(span, error.kind)
        span.set_attribute("acmeshop.resilience.outcome", error.kind)
        raise BreakerOpen(f"{peer} was not called: {error}") from None


@contextmanager
def named(attempt: Attempt, seconds: float, peer: str) -> Iterator[None]:
    """Raises DeadlineExceeded and Unreachable for what the wire raises."""
    try:
        yield
    except asyncio.CancelledError:
        attempt.cancelled()
        raise
    except TimeoutError:
        attempt.timed_out()
        raise DeadlineExceeded(f"{peer} did not answer within {seconds:g} s") from None
    except httpx.TransportError as error:
        attempt.unreachable(error)
        if attempt.span.is_recording():
            attempt.span.record_exception(without_hidden_frames(error))
        message = f"{peer} could not be reached: {type(error).__name__}"
        raise Unreachable(message) from error

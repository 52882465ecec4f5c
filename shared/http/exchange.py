"""One request over the wire and its answer, in time or not; failures are named on its span."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, contextmanager

import httpx
from opentelemetry.trace import INVALID_SPAN, Span

from shared.errors import DeadlineExceeded, Unreachable
from shared.telemetry.server import failed
from shared.tracebacks import without_hidden_frames
from shared.transport import Request, Response, Transport

PIECEMEAL = "piecemeal"


class Exchange:
    """Requests to the service `name`, each of which may take `seconds`."""

    def __init__(self, name: str, transport: Transport, seconds: float) -> None:
        self._name, self._transport, self._seconds = name, transport, seconds

    async def whole(self, span: Span, request: Request) -> tuple[int, bytes]:
        """Status and body of the answer, all of it within the deadline."""
        with self._naming(span):
            async with asyncio.timeout(self._seconds):
                response = await self._transport.handle_async_request(request)
                async with aclosing(response):
                    body = b"".join([part async for part in parts_of(response)])
        answered(span, response)
        return response.status_code, body

    async def begun(self, span: Span, request: Request) -> Response:
        """The head of the answer, as a careless client waits for it: there is a deadline for each
        single read, and the span is over before the body comes.
        """
        request.extensions[PIECEMEAL] = True
        with self._naming(span):
            async with asyncio.timeout(self._seconds):
                response = await self._transport.handle_async_request(request)
        answered(span, response)
        return response

    async def rest(self, response: Response) -> bytes:
        """The body of an answer that was begun, however long it takes."""
        with self._naming(INVALID_SPAN):
            async with aclosing(response):
                return b"".join([part async for part in self._each_in_time(response)])

    async def _each_in_time(self, response: Response) -> AsyncIterator[bytes]:
        parts = aiter(parts_of(response))
        while True:
            try:
                async with asyncio.timeout(self._seconds):
                    part = await anext(parts)
            except StopAsyncIteration:
                return
            yield part

    @contextmanager
    def _naming(self, span: Span) -> Iterator[None]:
        """Raises DeadlineExceeded and Unreachable for what the wire raises."""
        try:
            yield
        except TimeoutError:
            failed(span, "timeout")
            told = f"{self._name} did not answer within {self._seconds:g} s"
            raise DeadlineExceeded(told) from None
        except httpx.TransportError as error:
            failed(span, type(error).__name__)
            span.record_exception(without_hidden_frames(error))
            told = f"{self._name} could not be reached: {type(error).__name__}"
            raise Unreachable(told) from error


def answered(span: Span, response: Response) -> None:
    span.set_attribute("http.response.status_code", response.status_code)
    if not response.is_success:
        failed(span, str(response.status_code))


def parts_of(response: Response) -> httpx.AsyncByteStream:
    """The body as it comes: nothing that the shop's services answer needs httpx's decoders."""
    assert isinstance(response.stream, httpx.AsyncByteStream)
    return response.stream

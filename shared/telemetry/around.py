"""A span around each of the four things that can be called: function, coroutine, generator, async
generator.
"""

import inspect
from collections.abc import AsyncGenerator, Callable, Generator
from contextvars import Token
from functools import partial
from typing import Any

from opentelemetry import context as otel
from opentelemetry.context import Context
from opentelemetry.trace import Span, Status, StatusCode, set_span_in_context

from shared.tracebacks import without_hidden_frames

Function = Callable[..., Any]
Start = Callable[[], Span]


def around(function: Function, start: Start) -> Function:
    """A function of the same kind that opens a span with `start` for each of its calls."""
    if inspect.isasyncgenfunction(function):
        return around_async_steps(function, start)
    if inspect.isgeneratorfunction(function):
        return around_steps(function, start)
    if inspect.iscoroutinefunction(function):
        return around_await(function, start)
    return around_call(function, start)


class Ending:
    """Ends the span on leaving. An exception makes it an error; a cancellation and the closing of
    a generator are no `Exception`, and no error.
    """

    __slots__ = ("_span",)

    def __init__(self, span: Span) -> None:
        self._span = span

    def __enter__(self) -> Span:
        return self._span

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Exception):
            name = type(error).__name__
            self._span.record_exception(without_hidden_frames(error))
            self._span.set_attribute("error.type", name)
            self._span.set_status(Status(StatusCode.ERROR, f"{name}: {error}"))
        self._span.end()


class Current:
    """Makes the span the current one while inside."""

    __slots__ = ("_span", "_token")

    def __init__(self, span: Span) -> None:
        self._span = span
        self._token: Token[Context] | None = None

    def __enter__(self) -> None:
        self._token = otel.attach(set_span_in_context(self._span))

    def __exit__(self, *_: object) -> None:
        assert self._token is not None
        otel.detach(self._token)


def around_call(function: Function, start: Start) -> Function:
    def traced(*args: Any, **kwargs: Any) -> Any:
        with Ending(start()) as span, Current(span):
            return function(*args, **kwargs)

    return traced


def around_await(function: Function, start: Start) -> Function:
    async def traced(*args: Any, **kwargs: Any) -> Any:
        with Ending(start()) as span, Current(span):
            return await function(*args, **kwargs)

    return traced


# A generator shares its caller's context: a span left current across a `yield` would become the
# parent of whatever the caller does in between. So it is current for one step at a time.


def around_steps(function: Function, start: Start) -> Function:
    def traced(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        steps = function(*args, **kwargs)
        with Ending(start()) as span:
            step = partial(next, steps)
            while True:
                try:
                    with Current(span):
                        item = step()
                except StopIteration as end:
                    return end.value
                try:
                    step = partial(steps.send, (yield item))
                except GeneratorExit:
                    with Current(span):
                        steps.close()
                    raise
                except BaseException as error:  # noqa: BLE001 - not ours: thrown in, and passed on
                    step = partial(steps.throw, error)

    return traced


def around_async_steps(function: Function, start: Start) -> Function:
    async def traced(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        steps = function(*args, **kwargs)
        with Ending(start()) as span:
            step = partial(anext, steps)
            while True:
                try:
                    with Current(span):
                        item = await step()
                except StopAsyncIteration:
                    return
                try:
                    step = partial(steps.asend, (yield item))
                except GeneratorExit:
                    with Current(span):
                        await steps.aclose()
                    raise
                except BaseException as error:  # noqa: BLE001 - not ours: thrown in, and passed on
                    step = partial(steps.athrow, error)

    return traced

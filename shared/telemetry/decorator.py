"""`@Trace`: a span around a function, a method, or every public method of a class.

Without `tracer=` the span comes from OpenTelemetry's global tracer, as any that is made by hand: in
the shop that is the tracer of the service at work (see current.py).

The decorated thing is inspected once, at decoration.
"""

import inspect
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextvars import Token
from dataclasses import dataclass, replace
from functools import partial, wraps
from typing import Any, TypeVar, overload

from opentelemetry import context as otel
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, Status, StatusCode, Tracer, set_span_in_context
from opentelemetry.util.types import AttributeValue

from shared.tracebacks import without_hidden_frames

Function = Callable[..., Any]
Start = Callable[[], Span]
T = TypeVar("T", bound="Function | staticmethod[..., Any] | classmethod[Any, ..., Any]")
Attributes = Mapping[str, AttributeValue] | None

DECORATED, SILENT = "__acmeshop_trace__", "__acmeshop_silent__"


def is_silent(function: object) -> bool:
    """Whether `function` carries `@Trace(disable_tracing=True)`."""
    return bool(getattr(function, SILENT, False))


@overload
def Trace(target: T, /) -> T: ...
@overload
def Trace(
    *,
    name: str | None = None,
    attributes: Attributes = None,
    tracer: Tracer | None = None,
    disable_tracing: bool = False,
) -> Callable[[T], T]: ...
def Trace(  # noqa: N802 - a decorator known by this name
    target: Any = None,
    /,
    *,
    name: str | None = None,
    attributes: Attributes = None,
    tracer: Tracer | None = None,
    disable_tracing: bool = False,
) -> Any:
    """Gives every call a span, named `function` or `Class.method` unless `name` says otherwise.

    An exception is recorded, makes the span an error and passes on unchanged. A generator's span
    lasts from its first step until it is exhausted or closed.

    On a class it is the same as on each public method the class itself defines, with `name`
    in the place of the class's; a method that is decorated itself keeps its own. `disable_tracing`
    leaves the span out; on the handler of a route it leaves out every span of the request.
    """
    decoration = Decoration(name, attributes, tracer, disable_tracing)
    return decoration if target is None else decoration(target)


@dataclass(frozen=True)
class Decoration:
    """The arguments of one `@Trace`."""

    name: str | None
    attributes: Attributes
    tracer: Tracer | None
    disabled: bool

    def __call__(self, target: Any) -> Any:
        if inspect.isclass(target):
            return self._of_class(target)
        if isinstance(target, staticmethod | classmethod):
            return type(target)(self(target.__func__))
        if not callable(target) or not hasattr(target, "__qualname__"):
            raise TypeError(f"Trace goes on functions, methods and classes, not on {target!r}")
        if self.disabled:
            decorated = target
            setattr(decorated, SILENT, True)
        else:
            decorated = wraps(target)(wrap(target, self._start(target)))
        setattr(decorated, DECORATED, True)
        return decorated

    def _of_class(self, cls: type) -> type:
        for key, member in list(vars(cls).items()):
            function = getattr(member, "__func__", member)
            if inspect.isfunction(function) and not (
                key.startswith("_") or hasattr(function, DECORATED)
            ):
                own = replace(self, name=f"{self.name or short_name(cls)}.{key}")
                setattr(cls, key, own(member))
        return cls

    def _start(self, function: Function) -> Start:
        name = self.name or short_name(function)
        attributes = dict(self.attributes or {})
        tracer = self.tracer or trace.get_tracer("acmeshop")
        return partial(tracer.start_span, name, attributes=attributes)


def short_name(thing: Any) -> str:
    """Its qualified name, without the function it happens to be defined in."""
    return str(thing.__qualname__).rpartition("<locals>.")[2]


def wrap(function: Function, start: Start) -> Function:
    """A function of the same kind that opens a span with `start` for each of its calls."""
    if inspect.isasyncgenfunction(function):
        return wrap_async_generator(function, start)
    if inspect.isgeneratorfunction(function):
        return wrap_generator(function, start)
    if inspect.iscoroutinefunction(function):
        return wrap_coroutine(function, start)
    return wrap_function(function, start)


class EndOnExit:
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


def wrap_function(function: Function, start: Start) -> Function:
    def traced(*args: Any, **kwargs: Any) -> Any:
        with EndOnExit(start()) as span, Current(span):
            return function(*args, **kwargs)

    return traced


def wrap_coroutine(function: Function, start: Start) -> Function:
    async def traced(*args: Any, **kwargs: Any) -> Any:
        with EndOnExit(start()) as span, Current(span):
            return await function(*args, **kwargs)

    return traced


# A generator shares its caller's context: a span left current across a `yield` would become the
# parent of whatever the caller does in between. So it is current for one step at a time.


def wrap_generator(function: Function, start: Start) -> Function:
    def traced(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        steps = function(*args, **kwargs)
        with EndOnExit(start()) as span:
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


def wrap_async_generator(function: Function, start: Start) -> Function:
    async def traced(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        steps = function(*args, **kwargs)
        with EndOnExit(start()) as span:
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

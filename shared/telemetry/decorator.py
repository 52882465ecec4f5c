"""`@Trace`: a span around a function, a method, or every public method of a class.

Without `tracer=` the span comes from OpenTelemetry's global tracer, as any that is made by hand: in
the shop that is the tracer of the service at work (see current.py).

What there is to know about the decorated thing is found out once, at decoration.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial, wraps
from typing import Any, TypeVar, overload

from opentelemetry import trace
from opentelemetry.trace import Tracer
from opentelemetry.util.types import AttributeValue

from shared.telemetry.around import Function, Start, around

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

    On a class it stands for the same on each public method the class itself defines, with `name`
    in the place of the class's; a method that is decorated keeps its own say. `disable_tracing`
    leaves the span out; on the handler of a route it silences the whole request.
    """
    decoration = Decoration(name, attributes, tracer, disable_tracing)
    return decoration if target is None else decoration(target)


@dataclass(frozen=True)
class Decoration:
    """What one `@Trace` was told."""

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
            decorated = wraps(target)(around(target, self._start(target)))
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

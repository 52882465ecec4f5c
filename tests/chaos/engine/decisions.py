"""Decisions of an engine, without anything that happens."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from opentelemetry import baggage
from opentelemetry import context as otel

from chaos.engine import injection_point
from chaos.engine.effect import Error
from chaos.engine.engine import FaultEngine
from chaos.engine.injection import Injection
from chaos.engine.injection_point import CallPath, InjectionPoint
from chaos.engine.model import Fault
from chaos.engine.registry import OwnFault

DOWN = Error(status=503)
GET = InjectionPoint("server", "GET /order/{order_id}")


def fault(id_: str = "some-fault", **changes: Any) -> Fault:
    return Fault.model_validate({"id": id_, "effect": DOWN} | changes)


def engine(*own: Fault, **options: Any) -> FaultEngine:
    """An engine that has these by itself."""
    return FaultEngine(map(OwnFault, own), **options)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def ask(faults: FaultEngine, occasion: InjectionPoint = GET) -> Injection | None:
    return faults.decide(occasion)


def fired_at(faults: FaultEngine, occasion: InjectionPoint = GET) -> list[str]:
    """The ids of those that fire."""
    injection = ask(faults, occasion)
    return [one.active.fault.id for one in injection.faults] if injection else []


@contextmanager
def in_session(whose: CallPath) -> Iterator[None]:
    token = injection_point.entered(whose)
    try:
        yield
    finally:
        otel.detach(token)


@contextmanager
def with_baggage(members: Mapping[str, str]) -> Iterator[None]:
    context = otel.get_current()
    for name, value in members.items():
        context = baggage.set_baggage(name, value, context)
    token = otel.attach(context)
    try:
        yield
    finally:
        otel.detach(token)

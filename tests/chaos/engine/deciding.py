"""Decisions of an engine, without anything that happens."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from opentelemetry import baggage
from opentelemetry import context as otel

from chaos.engine import journey
from chaos.engine.effect import Error
from chaos.engine.engine import Faults
from chaos.engine.journey import Journey
from chaos.engine.model import Fault
from chaos.engine.occasion import Occasion
from chaos.engine.standing import Own
from chaos.engine.strike import Strike

DOWN = Error(status=503)
GET = Occasion("server", "GET /order/{order_id}")


def fault(id_: str = "some-fault", **changes: Any) -> Fault:
    return Fault.model_validate({"id": id_, "effect": DOWN} | changes)


def engine(*own: Fault, **options: Any) -> Faults:
    """An engine that has these by itself."""
    return Faults(map(Own, own), **options)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def ask(faults: Faults, occasion: Occasion = GET) -> Strike | None:
    return faults.decide(getattr(faults, occasion.side), occasion)


def struck_by(faults: Faults, occasion: Occasion = GET) -> list[str]:
    """The ids of those that strike."""
    strike = ask(faults, occasion)
    return [blow.active.fault.id for blow in strike.blows] if strike else []


@contextmanager
def in_session(whose: Journey) -> Iterator[None]:
    token = journey.entered(whose)
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

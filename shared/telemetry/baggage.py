"""Baggage, beside its header: which members spans show, what is done in its name later, and to
whom it is not sent.

Baggage goes with a request to every service behind this one. So it is for the few facts that many
of them need, and nothing in it is secret: what must stay inside of the shop is left out where a
call leaves it.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from opentelemetry import baggage
from opentelemetry import context as otel
from opentelemetry.context import Context
from opentelemetry.propagators.jaeger import JaegerPropagator
from opentelemetry.sdk.trace import Span, SpanProcessor

from shared.transport import Request, Response, Transport


class BaggageSpanProcessor(SpanProcessor):
    """Gives each span that starts the members of the baggage that are on its list, as attributes of
    the same names. No others: a member may come from anybody, and have any name.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = tuple(names)

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        if members := baggage.get_all(parent_context):
            for name in self._names:
                if (value := members.get(name)) is not None:
                    span.set_attribute(name, str(value))


class WithoutBaggage(Transport):
    """The wire to a third party: the baggage stays here, whoever wrote it into the headers."""

    def __init__(self, wire: Transport) -> None:
        self._wire = wire

    async def handle_async_request(self, request: Request) -> Response:
        for name in [*filter(is_baggage, request.headers)]:
            del request.headers[name]
        return await self._wire.handle_async_request(request)


def is_baggage(header: str) -> bool:
    return header == "baggage" or header.startswith(JaegerPropagator.BAGGAGE_PREFIX)


def with_members(members: Mapping[str, str], context: Context | None = None) -> Context:
    """The context (or else the current one) with these members first: when there is too much
    baggage, the last members are dropped.
    """
    others = baggage.get_all(context)
    changed = baggage.clear(context)
    for name, value in {**members, **others, **members}.items():
        changed = baggage.set_baggage(name, value, changed)
    return changed


@contextmanager
def carrying(members: Mapping[str, str]) -> Iterator[None]:
    """Has what is done inside go with these members of baggage, too."""
    token = otel.attach(with_members(members))
    try:
        yield
    finally:
        otel.detach(token)

"""The two spans of a message: PRODUCER where it is sent, CONSUMER where it is handled.

The handling may come much later, and more than once. So it is no child of the sending, but the root
of a trace of its own that links to it: what OpenTracing called FollowsFrom.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry.context import Context, attach, detach
from opentelemetry.propagators.textmap import default_getter
from opentelemetry.trace import (
    INVALID_SPAN,
    Link,
    Span,
    SpanKind,
    get_current_span,
    set_span_in_context,
)
from opentelemetry.util.types import AttributeValue

from shared.telemetry.current import with_telemetry
from shared.telemetry.provider import Telemetry
from shared.telemetry.recorded_headers import received, sent
from shared.telemetry.suppression import unless_suppressed

Attributes = Mapping[str, AttributeValue]


class MessageSpans:
    """The spans of the messages that travel through one destination."""

    def __init__(self, telemetry: Telemetry, destination: str, attributes: Attributes) -> None:
        self._tracer, self._propagator = telemetry.tracer, telemetry.propagator
        self._records_headers = telemetry.records_headers
        self._home = with_telemetry(telemetry, Context())
        self._destination = destination
        self._fixed = {"messaging.destination.name": destination, **attributes}

    @contextmanager
    def sending(self) -> Iterator[tuple[Span, dict[str, str]]]:
        """The span of a message that is sent, current inside, and the headers to send along."""
        with unless_suppressed(self._tracer).start_as_current_span(
            f"send {self._destination}", kind=SpanKind.PRODUCER, attributes=self._of("send")
        ) as span:
            headers: dict[str, str] = {}
            self._propagator.inject(headers)
            if self._records_headers:
                span.set_attributes(sent(headers))
            yield span, headers

    @contextmanager
    def processing(self, headers: Mapping[str, str], attributes: Attributes) -> Iterator[Span]:
        """The span of a message that is handled: current inside, with its baggage."""
        carrier = {name.lower(): value for name, value in headers.items()}
        senders = self._propagator.extract(carrier, self._home)
        sender = get_current_span(senders).get_span_context()
        root = set_span_in_context(INVALID_SPAN, senders)
        span = self._tracer.start_span(
            f"process {self._destination}",
            root,
            SpanKind.CONSUMER,
            {**self._of("process"), **attributes},
            links=[Link(sender)] if sender.is_valid else [],
        )
        if self._records_headers:
            span.set_attributes(received(self._propagator, carrier, default_getter))
        token = attach(set_span_in_context(span, root))
        try:
            yield span
        finally:
            detach(token)
            span.end()

    def _of(self, operation: str) -> dict[str, AttributeValue]:
        return {
            "messaging.operation.name": operation,
            "messaging.operation.type": operation,
            **self._fixed,
        }

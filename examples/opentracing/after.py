"""The same parcels, instrumented with OpenTelemetry. Read it beside before.py, line by line."""

import sqlite3
from collections.abc import Mapping

from opentelemetry import baggage, propagate
from opentelemetry.context import attach, detach
from opentelemetry.trace import (
    INVALID_SPAN,
    Link,
    SpanKind,
    StatusCode,
    Tracer,
    get_current_span,
    set_span_in_context,
)

from examples.opentracing.before import TABLE


class Parcels:
    """What is to be sent: booked in a request, handed over when its message comes."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._database = sqlite3.connect(":memory:")
        self._database.execute(TABLE)

    def book(self, headers: Mapping[str, str], id_: str, grams: int) -> dict[str, str]:
        """Books a parcel for the caller with these headers; answers those of the message to the
        carrier. Raises sqlite3.IntegrityError for one that is booked already.
        """
        caller = propagate.extract(headers)
        token = attach(caller)  # so that the baggage is current as well
        try:
            with self._tracer.start_as_current_span(
                "book parcel", kind=SpanKind.SERVER, attributes={"parcel.id": id_}
            ) as span:
                tier = baggage.get_baggage("customer.tier")
                span.set_attribute("customer.tier", str(tier or "unknown"))
                if grams > 20_000:
                    span.set_status(StatusCode.ERROR)
                    span.add_event("too heavy", {"grams": grams})
                    return {}
                self._execute("INSERT", "INSERT INTO parcels VALUES (?, ?, 'booked')", id_, grams)
                span.add_event("parcel booked", {"grams": grams})
                message: dict[str, str] = {}
                propagate.inject(message)
                return message
        finally:
            detach(token)

    def hand_over(self, message: Mapping[str, str], id_: str) -> None:
        """Hands over a parcel; nobody waits for it, so it is the root of a trace of its own, with a
        link to the booking.
        """
        received = propagate.extract(message)
        sender = get_current_span(received).get_span_context()
        with self._tracer.start_as_current_span(
            "hand over parcel",
            context=set_span_in_context(INVALID_SPAN, received),
            kind=SpanKind.CONSUMER,
            attributes={"parcel.id": id_},
            links=[Link(sender)],
        ):
            self._execute("UPDATE", "UPDATE parcels SET state = 'sent' WHERE id = ?", id_)

    def _execute(self, operation: str, sql: str, *values: object) -> None:
        with self._tracer.start_as_current_span(
            f"{operation} parcels", kind=SpanKind.CLIENT, attributes={"db.query.text": sql}
        ):
            self._database.execute(sql, values)

    def close(self) -> None:
        self._database.close()

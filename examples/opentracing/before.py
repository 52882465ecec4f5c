"""Parcels in SQLite, instrumented with OpenTracing as it was done until 2022.

Only the tracer is new: it is the shim's, and makes spans of OpenTelemetry. No other line of such a
store has to change on the first day of a migration.
"""

import sqlite3
from collections.abc import Mapping

import opentracing
from opentracing import Format, follows_from
from opentracing.ext import tags

TABLE = "CREATE TABLE parcels (id TEXT PRIMARY KEY, grams INTEGER, state TEXT)"


class Parcels:
    """What is to be sent: booked in a request, handed over when its message comes."""

    def __init__(self, tracer: opentracing.Tracer) -> None:
        self._tracer = tracer
        self._database = sqlite3.connect(":memory:")
        self._database.execute(TABLE)

    def book(self, headers: Mapping[str, str], id_: str, grams: int) -> dict[str, str]:
        """Books a parcel for the caller with these headers; answers those of the message to the
        carrier. Raises sqlite3.IntegrityError for one that is booked already.
        """
        caller = self._tracer.extract(Format.HTTP_HEADERS, headers)
        with self._tracer.start_active_span(  # the scope manager makes it the active one
            "book parcel",
            child_of=caller,
            tags={tags.SPAN_KIND: tags.SPAN_KIND_RPC_SERVER, "parcel.id": id_},
        ) as scope:
            tier = scope.span.get_baggage_item("customer.tier")
            scope.span.set_tag("customer.tier", tier or "unknown")
            if grams > 20_000:
                scope.span.set_tag(tags.ERROR, True)
                scope.span.log_kv({"event": "too heavy", "grams": grams})
                return {}
            self._execute("INSERT", "INSERT INTO parcels VALUES (?, ?, 'booked')", id_, grams)
            scope.span.log_kv({"event": "parcel booked", "grams": grams})
            message: dict[str, str] = {}
            self._tracer.inject(scope.span.context, Format.TEXT_MAP, message)
            return message

    def hand_over(self, message: Mapping[str, str], id_: str) -> None:
        """Hands over a parcel; nobody waits for it, so it follows from the booking."""
        sender = self._tracer.extract(Format.TEXT_MAP, message)
        with self._tracer.start_active_span(
            "hand over parcel",
            references=[follows_from(sender)],
            tags={tags.SPAN_KIND: tags.SPAN_KIND_CONSUMER, "parcel.id": id_},
            ignore_active_span=True,
        ):
            self._execute("UPDATE", "UPDATE parcels SET state = 'sent' WHERE id = ?", id_)

    def _execute(self, operation: str, sql: str, *values: object) -> None:
        with self._tracer.start_active_span(  # ChildOf whatever is active
            f"{operation} parcels",
            tags={tags.SPAN_KIND: tags.SPAN_KIND_RPC_CLIENT, tags.DATABASE_STATEMENT: sql},
        ):
            self._database.execute(sql, values)

    def close(self) -> None:
        self._database.close()

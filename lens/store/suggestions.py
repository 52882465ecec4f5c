"""Keys and values of attributes to offer while tags are typed: those of the newest spans."""

import sqlite3
from collections import Counter
from collections.abc import Iterator

from lens.domain.conditions import CHOICES, DURATIONS, FIELDS, OF_TRACE, forms, values
from lens.store.rows import SPAN, Origins, span_of
from traces.model import Span

MOST_SPANS, MOST, LONGEST = 500, 20, 100
OF_FIELDS = {**CHOICES, **dict.fromkeys(DURATIONS, ("10ms", "100ms", "500ms", "1s", "5s"))}


def keys(connection: sqlite3.Connection, service: str, text: str) -> list[str]:
    """Keys that have this text in them, the most frequent first."""
    found: Counter[str] = Counter()
    for span in newest(connection, service):
        found.update(list(span.attributes))
        found.update({f"resource.{key}" for key in span.resource})
        found.update({f"event.{key}" for event in span.events for key in event.attributes})
    found.update(dict.fromkeys((*FIELDS, *OF_TRACE), 1))
    return best(found, text)


def values_of(connection: sqlite3.Connection, service: str, key: str, text: str) -> list[str]:
    """Values of a key that have this text in them, the most frequent first."""
    found = Counter(OF_FIELDS.get(key, ()))
    if key in DURATIONS:
        return best(found, text)
    field = FIELDS.get(key.removeprefix("trace."))
    for span in newest(connection, "" if key == "service" else service):
        if field:
            found[field(span)] += 1
        else:
            found.update(forms(value)[-1] for value in values(span, key))
    return best(found, text)


def newest(connection: sqlite3.Connection, service: str) -> Iterator[Span]:
    sql = (
        f"SELECT {SPAN} FROM span s CROSS JOIN operation o ON o.id = s.operation"  # noqa: S608
        " CROSS JOIN origin r ON r.id = s.origin WHERE :service IN ('', o.service)"
        " ORDER BY s.id DESC LIMIT :most"
    )
    origins = Origins()
    rows = connection.execute(sql, {"service": service, "most": MOST_SPANS})
    return (span_of("", row, origins) for row in rows)


def best(found: Counter[str], text: str) -> list[str]:
    """At most MOST; those that begin with the text go before those that have it inside."""
    wanted = text.casefold()
    fitting = [
        (not one.casefold().startswith(wanted), -count, one)
        for one, count in found.items()
        if one and wanted in one.casefold() and len(one) <= LONGEST
    ]
    return [one for *_, one in sorted(fitting)[:MOST]]

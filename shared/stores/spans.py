"""The span that every call of a database has, and its measurement."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter
from typing import Any

from opentelemetry.trace import NoOpTracer, Span, SpanKind, Tracer
from opentelemetry.util.types import AttributeValue

from shared.errors import Unavailable
from shared.telemetry.current import current
from shared.telemetry.server import failed
from shared.telemetry.suppression import unless_suppressed

Code = Callable[[BaseException | None], str | None]


@contextmanager
def database_call(
    tracer: Tracer,
    operation: str,
    target: str,
    attributes: Mapping[str, AttributeValue],
    code_of: Code,
) -> Iterator[Span]:
    """A CLIENT span named `operation target`, current inside. Unavailable makes it an error of the
    type of its cause; `code_of` knows the code that the database gave for it, if it gave one.

    A query's text is recorded with placeholders for its values, which may be anybody's secrets.
    """
    begun, code, error_type = perf_counter(), None, None
    with unless_suppressed(tracer).start_as_current_span(
        f"{operation} {target}",
        kind=SpanKind.CLIENT,
        attributes={**attributes, "db.operation.name": operation},
        record_exception=False,  # the caller's sentence says it all
        set_status_on_exception=False,
    ) as span:
        try:
            yield span
        except Unavailable as error:
            code = code_of(error.__cause__)
            if code is not None:
                span.set_attribute("db.response.status_code", code)
            error_type = code or type_of(error.__cause__)
            failed(span, error_type)
            raise
        finally:
            if not isinstance(tracer, NoOpTracer):  # the store of a simulated third party
                measure(operation, attributes, code, error_type, perf_counter() - begun, span)


def measure(  # noqa: PLR0917 - once a call
    operation: str,
    attributes: Mapping[str, Any],
    code: str | None,
    error_type: str | None,
    seconds: float,
    span: Span,
) -> None:
    """Counts one operation among those of the service at work."""
    if (red := current().metrics.red) is not None:
        get = attributes.get
        values = (
            get("db.system.name"),
            get("db.namespace"),
            operation,
            get("db.collection.name"),
            get("db.query.summary"),
            code,
            get("server.address"),
            get("server.port"),
            error_type,
        )
        red.database.record(values, seconds, span)


def type_of(cause: BaseException | None) -> str:
    """What `error.type` says of an error that the database gave no code for."""
    name = type(cause).__name__ if cause else "Unavailable"
    return "timeout" if name == "TimeoutError" else name  # drivers have a TimeoutError of their own

"""The span that every call of a database has."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from opentelemetry.trace import SpanKind, Tracer
from opentelemetry.util.types import AttributeValue

from shared.errors import Unavailable
from shared.telemetry.server import failed

Code = Callable[[BaseException | None], str | None]


@contextmanager
def database_call(
    tracer: Tracer,
    operation: str,
    target: str,
    attributes: Mapping[str, AttributeValue],
    code_of: Code,
) -> Iterator[None]:
    """A CLIENT span named `operation target`, current inside. Unavailable makes it an error of the
    type of its cause; `code_of` knows the code that the database gave for it, if it gave one.
    """
    with tracer.start_as_current_span(
        f"{operation} {target}",
        kind=SpanKind.CLIENT,
        attributes={**attributes, "db.operation.name": operation},
        record_exception=False,  # the caller's sentence says it all
        set_status_on_exception=False,
    ) as span:
        try:
            yield
        except Unavailable as error:
            code = code_of(error.__cause__)
            if code is not None:
                span.set_attribute("db.response.status_code", code)
            failed(span, code or type_of(error.__cause__))
            raise


def type_of(cause: BaseException | None) -> str:
    """What `error.type` says of an error that the database gave no code for."""
    name = type(cause).__name__ if cause else "Unavailable"
    return "timeout" if name == "TimeoutError" else name  # drivers have a TimeoutError of their own

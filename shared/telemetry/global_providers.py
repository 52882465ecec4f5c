"""The global providers of the OpenTelemetry API, which hand every call to the service at work.

`trace.get_tracer(__name__)` and `metrics.get_meter(__name__)` work in any module, at any time, as
in any tutorial: what they return finds out at each span and each measurement whose it is (see
current.py). So does `propagate.inject(headers)`, in the formats of that service.
"""

import logging
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from opentelemetry import metrics, propagate, trace
from opentelemetry.context import Context
from opentelemetry.propagators.textmap import Getter, TextMapPropagator, default_getter
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.trace import Link, Span, SpanKind, Tracer, TracerProvider, use_span
from opentelemetry.util._decorator import _agnosticcontextmanager  # the SDK's, for `@tracer.start…`
from opentelemetry.util.types import Attributes

from shared.telemetry.current import Default, Each, Providers, current, with_telemetry
from shared.telemetry.instruments import CurrentMeterProvider
from shared.tracebacks import without_hidden_frames

log = logging.getLogger(__name__)


def set_default(providers: Providers) -> None:
    """Makes `providers` those of work without a context: for the program that runs one service."""
    Default.providers = providers
    provider = metrics.get_meter_provider()
    if isinstance(provider, CurrentMeterProvider):
        provider.observe(providers)


@cache
def install() -> None:
    """Makes these the global providers of the API, once for the process.

    The API keeps the first provider it is given and refuses others with a warning. If somebody else
    was first, their tracers stay in use and their spans are recorded as the current service's too.
    """
    found = trace.get_tracer_provider()
    if isinstance(found, trace.ProxyTracerProvider):
        trace.set_tracer_provider(CurrentTracerProvider())
    elif add := getattr(found, "add_span_processor", None):
        add(Adopting())
    else:
        log.warning("%r was set as the tracer provider: its spans are not the shop's", found)
    metrics.set_meter_provider(CurrentMeterProvider())
    propagate.set_global_textmap(CurrentPropagator())


class CurrentTracerProvider(TracerProvider):
    """Gives tracers that record with the provider of the service at work.

    Whatever else a provider of the SDK has is that provider's, as in
    `trace.get_tracer_provider().add_span_processor(...)`.
    """

    def get_tracer(
        self,
        instrumenting_module_name: str,
        instrumenting_library_version: str | None = None,
        schema_url: str | None = None,
        attributes: Attributes = None,
    ) -> Tracer:
        scope = (
            instrumenting_module_name,
            instrumenting_library_version,
            schema_url,
            attributes,
        )
        return CurrentTracer(Each(lambda providers: providers.tracer_provider.get_tracer(*scope)))

    def __getattr__(self, name: str) -> Any:
        return getattr(current().tracer_provider, name)


class CurrentTracer(Tracer):
    """One tracer for each service, chosen at the start of each span."""

    def __init__(self, tracers: Each[Tracer]) -> None:
        self._tracers = tracers

    def start_span(self, name: str, *args: Any, **kwargs: Any) -> Span:
        return self._tracers.here().start_span(name, *args, **kwargs)

    @_agnosticcontextmanager
    def start_as_current_span(  # noqa: PLR0917 - the API's signature
        self,
        name: str,
        context: Context | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        start_time: int | None = None,
        record_exception: bool = True,
        set_status_on_exception: bool = True,
        end_on_exit: bool = True,
    ) -> Iterator[Span]:
        span = self.start_span(name, context, kind, attributes, links, start_time)
        with use_span(span, end_on_exit, record_exception, set_status_on_exception):
            try:
                yield span
            except Exception as error:
                without_hidden_frames(error)  # before it is recorded
                raise


class Adopting(SpanProcessor):
    """Records the spans of a provider that is not ours as the current service's."""

    def on_start(self, span: Any, parent_context: Context | None = None) -> None:
        current().span_processor.on_start(span, parent_context)

    def on_end(self, span: ReadableSpan) -> None:
        providers = current()
        adopted = ReadableSpan(
            span.name,
            span.context,
            span.parent,
            providers.resource,
            span.attributes,
            span.events,
            span.links,
            span.kind,
            status=span.status,
            start_time=span.start_time,
            end_time=span.end_time,
            instrumentation_scope=span.instrumentation_scope,
        )
        providers.span_processor.on_end(adopted)

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return current().span_processor.force_flush(timeout_millis)


class CurrentPropagator(TextMapPropagator):
    """Speaks the header formats of the service at work: `propagate.inject(headers)`."""

    def extract(
        self, carrier: Any, context: Context | None = None, getter: Getter[Any] = default_getter
    ) -> Context:
        """The caller's context; without a `context` to add it to, an empty one of this service."""
        providers = current()
        if context is None:
            context = with_telemetry(providers, Context())
        return providers.propagator.extract(carrier, context, getter)

    def inject(self, *args: Any, **kwargs: Any) -> None:
        current().propagator.inject(*args, **kwargs)

    @property
    def fields(self) -> set[str]:
        return current().propagator.fields

"""The variables of telemetry: OpenTelemetry's own, as it specifies them, and the shop's."""

from dataclasses import replace
from typing import Annotated, Literal

from shared.profiles import PROFILES
from shared.settings.environment import Group
from shared.settings.otlp import PREFIX, Otlp, OtlpVariables, Signal, resolve
from shared.settings.parsers import one_of, optional, several_of, tokens, whole
from shared.settings.values import (
    AnyText,
    Backend,
    Milliseconds,
    OtelFlag,
    Pairs,
    Port,
    Prefix,
    Text,
    listed,
    thousandths,
    variable,
)

SAMPLERS = (
    "always_on",
    "always_off",
    "traceidratio",
    "parentbased_always_on",
    "parentbased_always_off",
    "parentbased_traceidratio",
    "rate_limiting",
    "jaeger_remote",
    "adaptive",
    "error_biased",
    # As the Jaeger clients call theirs.
    "const",
    "probabilistic",
    "ratelimiting",
    "remote",
)
ALLOWED_SAMPLERS = (
    "always_on, always_off, traceidratio, these after parentbased_, rate_limiting, jaeger_remote, "
    "adaptive or error_biased is allowed"
)
PROPAGATORS = ("tracecontext", "baggage", "b3", "b3multi", "jaeger", "none")
TRACES, LOGS = ("otlp", "console", "none"), ("otlp", "console", "none")
INSTRUMENTATIONS = ("manual", "native", "auto", "off")
METRICS = ("otlp", "prometheus", "console", "none")
LEVELS = ("none", "error", "warn", "info", "debug")
BACKEND = "TRACING_BACKEND_URL"

Limit = Annotated[
    int | None,
    Text(optional(whole(0, 2**31 - 1)), "a whole number from 0 to 2147483647 is allowed"),
]
OptionalTimeout = Annotated[
    float | None,
    Text(optional(thousandths(1, 600_000)), "milliseconds from 1 to 600000 are allowed"),
]
Size = Annotated[int, Text(whole(1, 10_000_000), "a whole number from 1 to 10000000 is allowed")]


def exporters(*names: str) -> Text:
    remedy = "others need a collector"
    return Text(several_of(*names), f"a list of {', '.join(names)} is allowed; {remedy}")


class TelemetrySettings(Group):
    """How a service reports what it does. Durations are in seconds."""

    disabled: OtelFlag = variable(
        "false", "no telemetry at all: a no-op tracer everywhere", name="OTEL_SDK_DISABLED"
    )
    instrumentation: Annotated[
        Literal["manual", "native", "auto", "off"],
        Text(one_of(*INSTRUMENTATIONS), listed(INSTRUMENTATIONS)),
    ] = variable(
        "manual",
        "who makes the spans: the shop; FastAPI, those of requests; OpenTelemetry's packages; off: "
        "nobody",
        name="ACME_INSTRUMENTATION",
    )
    service_name: AnyText = variable(
        "",
        "service.name of a service that is started alone; `acme up` ignores it and says so",
        name="OTEL_SERVICE_NAME",
    )
    resource: Pairs = variable(
        "",
        "attributes added to every resource; `acme up` takes service.name out and says so",
        name="OTEL_RESOURCE_ATTRIBUTES",
    )
    log_level: Annotated[str | None, Text(optional(one_of(*LEVELS)), listed(LEVELS))] = variable(
        "",
        "from which level on telemetry logs about itself; without it ACME_LOG_LEVEL",
        name="OTEL_LOG_LEVEL",
    )
    sampler: Annotated[str, Text(one_of(*SAMPLERS), ALLOWED_SAMPLERS)] = variable(
        "parentbased_always_on", "which traces are recorded", name="OTEL_TRACES_SAMPLER"
    )
    sampler_arg: AnyText = variable(
        "", "the sampler's ratio, rate or key=value list", name="OTEL_TRACES_SAMPLER_ARG"
    )
    propagators: Annotated[
        tuple[str, ...] | None,
        Text(optional(several_of(*PROPAGATORS)), f"a list of {', '.join(PROPAGATORS)} is allowed"),
    ] = variable(
        "",
        "header formats sent and read; the last one that finds a trace counts; without it "
        "ACME_PROFILE says",
        name="OTEL_PROPAGATORS",
    )
    profile: Annotated[
        Literal["standard", "mixed", "broken"], Text(one_of(*PROFILES), listed(tuple(PROFILES)))
    ] = variable(
        "standard",
        "header formats of the services; standard: W3C sent, all read; mixed: several sent; "
        "broken: one hop has none in common",
        name="ACME_PROFILE",
    )
    baggage_attributes: Annotated[
        tuple[str, ...], Text(tokens, "a list of names of baggage, or none, is allowed")
    ] = variable(
        "customer.tier",
        "members of baggage that every span gets as attributes; none: no member",
        name="ACME_BAGGAGE_ATTRIBUTES",
    )
    traces_exporters: Annotated[tuple[str, ...], exporters(*TRACES)] = variable(
        "otlp",
        "where spans go; console: to standard output, one a line",
        name="OTEL_TRACES_EXPORTER",
    )
    logs_exporters: Annotated[tuple[str, ...], exporters(*LOGS)] = variable(
        "otlp",
        "whether log lines are exported, to be shown beside their span; they are printed anyway",
        name="OTEL_LOGS_EXPORTER",
    )
    metrics_mode: Annotated[
        Literal["auto", "off", "otlp", "prometheus"],
        Text(
            one_of("auto", "off", "otlp", "prometheus"),
            listed(("auto", "off", "otlp", "prometheus")),
        ),
    ] = variable(
        "auto",
        "how metrics leave: pushed as OTLP, served at /metrics, or not at all; auto: otlp where an "
        "endpoint is set for them, or else prometheus",
        name="ACME_METRICS",
    )
    metrics_exporter: Annotated[
        Literal["otlp", "prometheus", "console", "none"] | None,
        Text(optional(one_of(*METRICS)), listed(METRICS)),
    ] = variable(
        "",
        "the same, before ACME_METRICS; console: to standard output, one line an export",
        name="OTEL_METRICS_EXPORTER",
    )
    metric_interval: Milliseconds = variable(
        "60000", "how often metrics are exported", name="OTEL_METRIC_EXPORT_INTERVAL"
    )
    metric_timeout: Milliseconds = variable(
        "30000", "how long one export of metrics may take", name="OTEL_METRIC_EXPORT_TIMEOUT"
    )
    exemplar_filter: Annotated[
        Literal["trace_based", "always_off"],
        Text(one_of("trace_based", "always_off"), listed(("trace_based", "always_off"))),
    ] = variable(
        "trace_based",
        "which measurements may become exemplars: those in a sampled span, or none",
        name="OTEL_METRICS_EXEMPLAR_FILTER",
    )
    general: Annotated[OtlpVariables, Prefix(PREFIX, "all signals")] = variable(dict, "")
    of_traces: Annotated[OtlpVariables, Prefix(f"{PREFIX}TRACES_", "spans")] = variable(dict, "")
    of_metrics: Annotated[OtlpVariables, Prefix(f"{PREFIX}METRICS_", "metrics")] = variable(
        dict, ""
    )
    of_logs: Annotated[OtlpVariables, Prefix(f"{PREFIX}LOGS_", "log lines")] = variable(dict, "")
    schedule_delay: Milliseconds = variable(
        "400",
        "how long a finished span waits for others before it is exported",
        name="OTEL_BSP_SCHEDULE_DELAY",
    )
    max_queue_size: Size = variable(
        "16384",
        "how many finished spans wait at most; the oldest are dropped and counted",
        name="OTEL_BSP_MAX_QUEUE_SIZE",
    )
    max_batch_size: Size = variable(
        "2048",
        "how many spans one export carries at most",
        name="OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
    )
    logs_schedule_delay: Milliseconds = variable(
        "400",
        "how long a log line waits for others before it is exported",
        name="OTEL_BLRP_SCHEDULE_DELAY",
    )
    logs_max_queue_size: Size = variable(
        "4096",
        "how many log lines wait at most; the oldest are dropped and counted",
        name="OTEL_BLRP_MAX_QUEUE_SIZE",
    )
    logs_max_batch_size: Size = variable(
        "512",
        "how many log lines one export carries at most",
        name="OTEL_BLRP_MAX_EXPORT_BATCH_SIZE",
    )
    export_timeout: OptionalTimeout = variable(
        "",
        "how long a batch of spans is sent again and again before it is dropped; without it until "
        "the backend takes it",
        name="OTEL_BSP_EXPORT_TIMEOUT",
    )
    logs_export_timeout: OptionalTimeout = variable(
        "", "the same for log lines", name="OTEL_BLRP_EXPORT_TIMEOUT"
    )
    max_attributes: Limit = variable(
        "128",
        "how many attributes a span, an event or a link has at most",
        name="OTEL_ATTRIBUTE_COUNT_LIMIT",
    )
    max_attribute_length: Limit = variable(
        "",
        "how many characters of an attribute's value are kept; without it all",
        name="OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
    )
    max_span_attributes: Limit = variable(
        "",
        "how many attributes a span has at most; without it OTEL_ATTRIBUTE_COUNT_LIMIT",
        name="OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT",
    )
    max_span_attribute_length: Limit = variable(
        "",
        "the same for spans alone; without it OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
        name="OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT",
    )
    max_events: Limit = variable(
        "128", "how many events a span has at most", name="OTEL_SPAN_EVENT_COUNT_LIMIT"
    )
    max_links: Limit = variable(
        "128", "how many links a span has at most", name="OTEL_SPAN_LINK_COUNT_LIMIT"
    )
    max_event_attributes: Limit = variable(
        "",
        "how many attributes an event has at most; without it OTEL_ATTRIBUTE_COUNT_LIMIT",
        name="OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT",
    )
    max_link_attributes: Limit = variable(
        "",
        "how many attributes a link has at most; without it OTEL_ATTRIBUTE_COUNT_LIMIT",
        name="OTEL_LINK_ATTRIBUTE_COUNT_LIMIT",
    )
    exporter: Annotated[str, Text(one_of("acme", "sdk"), "acme or sdk is allowed")] = variable(
        "acme",
        "what exports spans: the shop's processor and exporter, or the SDK's",
        name="ACME_EXPORTER",
    )
    backend: Backend = variable(
        "", "host:port of an OTLP/gRPC backend for spans, as in jaeger:4317", name=BACKEND
    )
    lens_port: Port = variable("4318", "port lens takes OTLP over HTTP on", name="LENS_OTLP_PORT")
    sampling_port: Port = variable(
        "5778",
        "port lens serves sampling strategies on, or the next one if it is busy",
        name="LENS_SAMPLING_PORT",
    )

    @property
    def strategies(self) -> str:
        """Where the remote sampler finds lens's strategies, unless its argument says otherwise."""
        return f"http://127.0.0.1:{self.sampling_port}"

    @property
    def is_off(self) -> bool:
        """Whether there is no telemetry at all."""
        return self.disabled or self.instrumentation == "off"

    @property
    def traces(self) -> Otlp:
        """Where spans go. A variable for one service counts before one for all, and of two alike
        OpenTelemetry's own counts before TRACING_BACKEND_URL.
        """
        standard = self._otlp("traces", self.of_traces)
        backend = self._grpc_backend
        return replace(standard, protocol="grpc", endpoint=backend) if backend else standard

    @property
    def logs(self) -> Otlp | None:
        """Where log lines go; None where they are not exported."""
        return self._otlp("logs", self.of_logs) if "otlp" in self.logs_exporters else None

    @property
    def metrics(self) -> Literal["off", "otlp", "prometheus", "console"]:
        """How metrics leave. Lens keeps of metrics the exemplars alone: unless an endpoint is set,
        which is where somebody may want them, they are better served than sent.
        """
        if self.metrics_exporter is not None:
            return "off" if self.metrics_exporter == "none" else self.metrics_exporter
        if self.metrics_mode != "auto":
            return self.metrics_mode
        return "otlp" if self.general.endpoint or self.of_metrics.endpoint else "prometheus"

    @property
    def metrics_otlp(self) -> Otlp:
        """Where metrics go, when they are pushed as OTLP."""
        return self._otlp("metrics", self.of_metrics)

    @property
    def _grpc_backend(self) -> str:
        """The OTLP/gRPC backend for spans; empty when a standard variable counts before it."""
        own = BACKEND in self.own
        endpoints = (
            (self.general, f"{PREFIX}ENDPOINT"),
            (self.of_traces, f"{PREFIX}TRACES_ENDPOINT"),
        )
        standard = any(
            group.endpoint is not None and (not own or name in group.own)
            for group, name in endpoints
        )
        return "" if standard else self.backend

    def _otlp(self, signal: Signal, special: OtlpVariables) -> Otlp:
        return resolve(signal, self.general, special, f"http://127.0.0.1:{self.lens_port}")

"""The variables of telemetry: OpenTelemetry's own, and one of the shop."""

from shared.readers import backend, number, one_of, pairs, several_of, whole
from shared.variables.variable import ENDPOINT, SWITCH, TEXT, Variable

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
)
PROPAGATORS = ("tracecontext", "baggage", "b3", "b3multi", "jaeger", "none")
PROTOCOLS = ("http/protobuf", "grpc")

TELEMETRY_VARIABLES = (
    Variable("OTEL_SDK_DISABLED", "false", *SWITCH, "no tracing at all: a no-op tracer everywhere"),
    Variable(
        "OTEL_TRACES_SAMPLER",
        "parentbased_always_on",
        one_of(*SAMPLERS),
        f"one of {', '.join(SAMPLERS)} is allowed",
        "which traces are recorded",
    ),
    Variable("OTEL_TRACES_SAMPLER_ARG", "", *TEXT, "the sampler's ratio, rate or key=value list"),
    Variable(
        "OTEL_PROPAGATORS",
        "tracecontext,baggage",
        several_of(*PROPAGATORS),
        f"a list of {', '.join(PROPAGATORS)} is allowed",
        "header formats spoken; on reading, the last one that finds a trace wins",
    ),
    Variable(
        "OTEL_RESOURCE_ATTRIBUTES",
        "",
        pairs,
        "a list like key=value,key=value is allowed",
        "attributes added to every span's resource",
    ),
    Variable(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "",
        *ENDPOINT,
        "where telemetry goes; default is lens, http://127.0.0.1:4318",
    ),
    Variable(
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        "",
        *ENDPOINT,
        "where spans go when not to OTEL_EXPORTER_OTLP_ENDPOINT; used as it is, path included",
    ),
    Variable(
        "OTEL_EXPORTER_OTLP_PROTOCOL",
        "http/protobuf",
        one_of(*PROTOCOLS),
        f"{' or '.join(PROTOCOLS)} is allowed",
        "how telemetry travels",
    ),
    Variable(
        "OTEL_EXPORTER_OTLP_HEADERS",
        "",
        pairs,
        "a list like key=value,key=value is allowed",
        "headers sent with every export",
    ),
    Variable(
        "OTEL_EXPORTER_OTLP_TIMEOUT",
        "10000",
        number(1, 600_000),
        "milliseconds from 1 to 600000 are allowed",
        "how long one export may take, retries included",
    ),
    Variable(
        "OTEL_LOGS_EXPORTER",
        "otlp",
        one_of("otlp", "none"),
        "otlp or none is allowed",
        "whether log lines are also exported, to be shown beside their span",
    ),
    Variable(
        "OTEL_BSP_SCHEDULE_DELAY",
        "400",
        number(1, 600_000),
        "milliseconds from 1 to 600000 are allowed",
        "how long a finished span waits for company before it is exported",
    ),
    Variable(
        "OTEL_BSP_MAX_QUEUE_SIZE",
        "16384",
        whole(1, 10_000_000),
        "a whole number from 1 to 10000000 is allowed",
        "how many finished spans wait at most; the oldest are dropped and counted",
    ),
    Variable(
        "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
        "2048",
        whole(1, 100_000),
        "a whole number from 1 to 100000 is allowed",
        "how many spans one export carries at most",
    ),
    Variable(
        "TRACING_BACKEND_URL",
        "",
        backend,
        "host:port is allowed",
        "host:port of an OTLP/gRPC backend for spans, as in jaeger:4317",
    ),
)

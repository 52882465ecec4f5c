"""The variables of telemetry: OpenTelemetry's own, and one of the shop."""

from collections.abc import Mapping
from typing import Annotated, Literal

from shared.readers import one_of, pairs, several_of, whole
from shared.settings.environment import Group
from shared.settings.values import (
    AnyText,
    Backend,
    Endpoint,
    Flag,
    Port,
    Text,
    Timeout,
    listed,
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
)
PROPAGATORS = ("tracecontext", "baggage", "b3", "b3multi", "jaeger", "none")
PROTOCOLS = ("http/protobuf", "grpc")
METRICS = ("auto", "off", "otlp", "prometheus")
GRPC_DEFAULT = "http://127.0.0.1:4317"
BASE, TRACES = "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
BACKEND = "TRACING_BACKEND_URL"

Pairs = Annotated[Mapping[str, str], Text(pairs, "a list like key=value,key=value is allowed")]


class TelemetrySettings(Group):
    """How a service reports what it does; the standard variables of OpenTelemetry, read once.

    Durations are in seconds.
    """

    disabled: Flag = variable(
        "false", "no tracing at all: a no-op tracer everywhere", name="OTEL_SDK_DISABLED"
    )
    sampler: Annotated[str, Text(one_of(*SAMPLERS), f"one of {', '.join(SAMPLERS)} is allowed")] = (
        variable("parentbased_always_on", "which traces are recorded", name="OTEL_TRACES_SAMPLER")
    )
    sampler_arg: AnyText = variable(
        "", "the sampler's ratio, rate or key=value list", name="OTEL_TRACES_SAMPLER_ARG"
    )
    propagators: Annotated[
        tuple[str, ...],
        Text(several_of(*PROPAGATORS), f"a list of {', '.join(PROPAGATORS)} is allowed"),
    ] = variable(
        "tracecontext,baggage",
        "header formats spoken; on reading, the last one that finds a trace wins",
        name="OTEL_PROPAGATORS",
    )
    resource: Pairs = variable(
        "", "attributes added to every span's resource", name="OTEL_RESOURCE_ATTRIBUTES"
    )
    otlp_endpoint: Endpoint = variable(
        "", "where telemetry goes; default is lens, http://127.0.0.1:4318", name=BASE
    )
    otlp_traces_endpoint: Endpoint = variable(
        "",
        "where spans go when not to OTEL_EXPORTER_OTLP_ENDPOINT; used as it is, path included",
        name=TRACES,
    )
    otlp_protocol: Annotated[
        str, Text(one_of(*PROTOCOLS), f"{' or '.join(PROTOCOLS)} is allowed")
    ] = variable("http/protobuf", "how telemetry travels", name="OTEL_EXPORTER_OTLP_PROTOCOL")
    headers: Pairs = variable(
        "", "headers sent with every export", name="OTEL_EXPORTER_OTLP_HEADERS", secret=True
    )
    timeout: Timeout = variable(
        "10000", "how long one export may take, retries included", name="OTEL_EXPORTER_OTLP_TIMEOUT"
    )
    logs_exporter: Annotated[str, Text(one_of("otlp", "none"), "otlp or none is allowed")] = (
        variable(
            "otlp",
            "whether log lines are also exported, to be shown beside their span",
            name="OTEL_LOGS_EXPORTER",
        )
    )
    metrics_mode: Annotated[
        Literal["auto", "off", "otlp", "prometheus"],
        Text(one_of("auto", "off", "otlp", "prometheus"), listed(METRICS)),
    ] = variable(
        "auto",
        "how metrics leave: pushed as OTLP, served at /metrics, or not at all; auto: otlp where an"
        " OTLP endpoint for metrics is set, or else prometheus",
        name="ACME_METRICS",
    )
    metrics_exporter: Annotated[
        Literal["", "otlp", "prometheus", "none"],
        Text(one_of("", "otlp", "prometheus", "none"), listed(("otlp", "prometheus", "none"))),
    ] = variable("", "the same, before ACME_METRICS", name="OTEL_METRICS_EXPORTER")
    otlp_metrics_endpoint: Endpoint = variable(
        "",
        "where metrics go when not to OTEL_EXPORTER_OTLP_ENDPOINT; used as it is, path included",
        name="OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
    )
    metric_interval: Timeout = variable(
        "60000", "how often metrics are exported", name="OTEL_METRIC_EXPORT_INTERVAL"
    )
    metric_timeout: Timeout = variable(
        "30000", "how long collecting metrics may take", name="OTEL_METRIC_EXPORT_TIMEOUT"
    )
    schedule_delay: Timeout = variable(
        "400",
        "how long a finished span waits for others before it is exported",
        name="OTEL_BSP_SCHEDULE_DELAY",
    )
    max_queue_size: Annotated[
        int, Text(whole(1, 10_000_000), "a whole number from 1 to 10000000 is allowed")
    ] = variable(
        "16384",
        "how many finished spans wait at most; the oldest are dropped and counted",
        name="OTEL_BSP_MAX_QUEUE_SIZE",
    )
    max_batch_size: Annotated[
        int, Text(whole(1, 100_000), "a whole number from 1 to 100000 is allowed")
    ] = variable(
        "2048", "how many spans one export carries at most", name="OTEL_BSP_MAX_EXPORT_BATCH_SIZE"
    )
    exporter: Annotated[str, Text(one_of("acme", "sdk"), "acme or sdk is allowed")] = variable(
        "acme",
        "what exports spans: the shop's processor and exporter, or the SDK's",
        name="ACME_EXPORTER",
    )
    backend: Backend = variable(
        "", "host:port of an OTLP/gRPC backend for spans, as in jaeger:4317", name=BACKEND
    )
    lens_port: Port = variable("4318", "port lens takes OTLP on", name="LENS_OTLP_PORT")

    @property
    def protocol(self) -> str:
        """How spans travel: "http/protobuf" or "grpc"."""
        return "grpc" if self._grpc_backend else self.otlp_protocol

    @property
    def traces_endpoint(self) -> str:
        """The full address of the traces endpoint for http/protobuf, http://host:port for gRPC.

        What is set for one service counts before what is set for all, and of two that are set alike
        OpenTelemetry's own variable counts before the shop's.
        """
        if self._grpc_backend:
            return self._grpc_backend
        # An address of its own for everything counts before one for everybody's spans.
        own_base = BASE in self.own and TRACES not in self.own
        traces = "" if own_base else self.otlp_traces_endpoint
        if self.protocol == "grpc":
            return traces or self.otlp_endpoint or GRPC_DEFAULT
        return traces or f"{self._over_http}/v1/traces"

    @property
    def logs_endpoint(self) -> str:
        """The full address of the logs endpoint; empty where all goes over gRPC, as log lines go
        over HTTP alone.
        """
        grpc = self.otlp_protocol == "grpc" and (self.otlp_endpoint or not self._grpc_backend)
        return "" if grpc else f"{self._over_http}/v1/logs"

    @property
    def metrics(self) -> Literal["off", "otlp", "prometheus"]:
        """How metrics leave. Lens takes OTLP but keeps no metrics: unless an endpoint is set, which
        is where somebody may want them, they are better served than sent.
        """
        if self.metrics_exporter:
            return "off" if self.metrics_exporter == "none" else self.metrics_exporter
        if self.metrics_mode != "auto":
            return self.metrics_mode
        return "otlp" if self.otlp_endpoint or self.otlp_metrics_endpoint else "prometheus"

    @property
    def metrics_endpoint(self) -> str:
        """The full address of the metrics endpoint for http/protobuf, http://host:port for gRPC."""
        if self.otlp_protocol == "grpc":
            return self.otlp_metrics_endpoint or self.otlp_endpoint or GRPC_DEFAULT
        return self.otlp_metrics_endpoint or f"{self._over_http}/v1/metrics"

    @property
    def export_logs(self) -> bool:
        return bool(self.logs_endpoint) and self.logs_exporter == "otlp"

    @property
    def _over_http(self) -> str:
        return self.otlp_endpoint or f"http://127.0.0.1:{self.lens_port}"

    @property
    def _grpc_backend(self) -> str:
        """The OTLP/gRPC backend for spans; empty when a standard variable counts before it."""
        standard = {BASE: self.otlp_endpoint, TRACES: self.otlp_traces_endpoint}
        if BACKEND in self.own:
            standard = {name: value for name, value in standard.items() if name in self.own}
        return "" if any(standard.values()) else self.backend

"""Every variable of the environment the shop knows; README and docs are checked against this
table.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from shared.readers import (
    backend,
    http_url,
    mongo_url,
    no_or_http_url,
    number,
    one_of,
    pairs,
    redis_url,
    several_of,
    switch,
    trace_links,
    whole,
)
from shared.topology import SERVICES, Service


@dataclass(frozen=True)
class Variable:
    """A variable of the environment: its default as text, how it is read, what is allowed, what it
    is for. What is `secret` is never repeated.
    """

    name: str
    default: str
    read: Callable[[str], Any]
    allowed: str
    meaning: str
    secret: bool = False


RATE = number(0, 1), "a number from 0 to 1 is allowed"
PORT = whole(1, 65535), "a port from 1 to 65535 is allowed"
MILLISECONDS = number(0, 60_000), "milliseconds from 0 to 60000 are allowed"
SWITCH = switch, "true or false is allowed"
URL = http_url, "an http:// or https:// address is allowed"
ENDPOINT = no_or_http_url, "an http:// or https:// address is allowed"
TEXT = str, "any text is allowed"

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

SHOP_VARIABLES = (
    Variable("ACME_HOST", "127.0.0.1", *TEXT, "address every service listens on"),
    Variable("ACME_DATA", ".acme/data", *TEXT, "folder of the embedded stores"),
    Variable("ACME_MOCKS", "mocks", *TEXT, "folder of the generated data"),
    Variable(
        "MONGO_URL",
        "",
        mongo_url,
        "a mongodb:// or mongodb+srv:// address is allowed",
        "keeps documents in this MongoDB; without it each service has an SQLite file in ACME_DATA",
        secret=True,
    ),
    Variable(
        "REDIS_URL",
        "redis://127.0.0.1:16379",
        redis_url,
        "a redis:// or rediss:// address is allowed",
        "keeps carts, sessions and events in this Redis; without it `acme up` starts one",
        secret=True,
    ),
    Variable("REDIS_PORT", "16379", *PORT, "port of the Redis that `acme up` starts"),
    Variable(
        "DEMO_PASSWORD",
        "vmware1!",
        *TEXT,
        "password of the demo users eric, phoebe, dwight, han, elaine and walter",
        secret=True,
    ),
    Variable(
        "FRONTEND_DEMO_LOGIN",
        "true",
        *SWITCH,
        "the login page offers the demo users at one click",
    ),
    Variable(
        "FRONTEND_TRACE_LINKS",
        "",
        trace_links,
        "a list like Jaeger=http://host:16686/trace/{trace_id} is allowed",
        "where the shop's pages link to for a trace; without it to lens, which also draws it there",
    ),
    Variable(
        "PAYMENT_ACCEPT_EXPIRED",
        "false",
        *SWITCH,
        "payment takes cards that have expired, for recorded clients",
    ),
    Variable(
        "ORDERS_RECOVERY_SECONDS",
        "5",
        number(0.1, 3600),
        "seconds from 0.1 to 3600 are allowed",
        "how often orders and payment look for what a crash left half done, and how old it must be",
    ),
    Variable(
        "ACME_SEED",
        "267",
        whole(0, 2**63 - 1),
        "a whole number from 0 to 9223372036854775807 is allowed",
        "seed of every fault's draws: same seed and same requests, same outcomes",
    ),
    Variable(
        "ACME_TIMEOUT_MS",
        "5000",
        number(1, 600_000),
        "milliseconds from 1 to 600000 are allowed",
        "total deadline of one call from a service to another, its body included",
    ),
    Variable(
        "ACME_LOG_LEVEL",
        "info",
        one_of("debug", "info", "warning", "error"),
        "debug, info, warning or error is allowed",
        "from which level on log lines are written",
    ),
    Variable("ACME_ACCESS_LOG", "false", *SWITCH, "one log line for every request"),
    Variable(
        "ACME_LOOP",
        "auto",
        one_of("auto", "uvloop", "asyncio"),
        "auto, uvloop or asyncio is allowed",
        "event loop; auto takes uvloop where it is installed",
    ),
    Variable(
        "SUGGESTIONS_BATCH",
        "false",
        *SWITCH,
        "articles asks for all suggestions in one call, which ends the N+1",
    ),
    Variable(
        "LENS_MAX_TRACES",
        "20000",
        whole(1, 10_000_000),
        "a whole number from 1 to 10000000 is allowed",
        "how many traces lens keeps before it forgets the oldest",
    ),
    Variable(
        "LENS_MAX_MB",
        "256",
        whole(1, 1_000_000),
        "megabytes from 1 to 1000000 are allowed",
        "how large lens's file may grow before it forgets the oldest traces",
    ),
)
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


def service_variables(service: Service) -> tuple[Variable, ...]:
    """The variables that carry the service's name: `AUTH_PORT`, `AUTH_URL`, `AUTH_FAILURE_RATE`,
    ...
    """
    name = service.name.upper()
    rate = service.faults[0].rate if service.faults else 0.0
    url = f"http://127.0.0.1:{service.port}"
    own = (
        Variable(f"{name}_PORT", str(service.port), *PORT, f"port of {service.name}"),
        Variable(f"{name}_URL", url, *URL, f"where the others find {service.name}"),
    )
    if not service.traced:
        ports = (
            Variable(f"{name}_OTLP_PORT", str(port), *PORT, f"port {service.name} takes OTLP on")
            for port in service.also
        )
        return (*own, *ports)
    return (
        *own,
        Variable(f"{name}_FAILURE_RATE", str(rate), *RATE, f"share of failures of {service.name}"),
        Variable(
            f"{name}_LATENCY_MS", "0", *MILLISECONDS, f"delay before {service.name} does its work"
        ),
    )


VARIABLES: dict[str, Variable] = {
    variable.name: variable
    for variable in (
        *SHOP_VARIABLES,
        *TELEMETRY_VARIABLES,
        *(variable for service in SERVICES for variable in service_variables(service)),
    )
}

"""What the environment says that is not done: misspelt variables, and those of OpenTelemetry that
the shop does not support. A line for each, for whoever starts a service or the shop.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher, get_close_matches
from fnmatch import fnmatchcase

from shared.settings.services import settings_for
from shared.settings.variables import VARIABLES
from shared.topology import SERVICES

SERVICE_NAME, RESOURCE = "OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES"
SEMCONV = "OTEL_SEMCONV_STABILITY_OPT_IN"
WRITTEN = {"http", "database"}  # the stable conventions, which the shop writes anyway

# Patterns of standard variables that nothing here reads, and why.
UNSUPPORTED = {
    "OTEL_CONFIG_FILE": "settings come from variables alone",
    "OTEL_EXPERIMENTAL_CONFIG_FILE": "settings come from variables alone",
    "OTEL_ENTITIES": "resources have attributes alone",
    "OTEL_EXPERIMENTAL_RESOURCE_DETECTORS": "set OTEL_RESOURCE_ATTRIBUTES",
    "OTEL_RESOURCE_DETECTORS": "set OTEL_RESOURCE_ATTRIBUTES",
    "OTEL_EXPORTER_JAEGER_*": "spans go out as OTLP, which Jaeger takes",
    "OTEL_EXPORTER_ZIPKIN_*": "spans go out as OTLP; a collector passes them on to Zipkin",
    "OTEL_EXPORTER_PROMETHEUS_*": "/metrics is on each service's own port",
    "OTEL_EXPORTER_OTLP_*INSECURE": "the scheme of the endpoint decides, http:// or https://",
    "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION": "buckets are explicit",
    "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE": "metrics are cumulative",
    "OTEL_LOGRECORD_*": "a log line has few attributes, and they are not cut",
    "OTEL_PYTHON_*": "the shop sets up its providers itself",
    "OTEL_DOTNET_*": "it is for another language",
    "OTEL_GO_*": "it is for another language",
    "OTEL_INSTRUMENTATION_*": "it is for another language",
    "OTEL_JAVA*": "it is for another language",
    "OTEL_NODE_*": "it is for another language",
    "OTEL_PHP_*": "it is for another language",
}
# Set on the machine for docker compose alone; no service reads them.
OF_COMPOSE = (
    "ACME_BIND",
    "ACME_DOCKERHUB",
    "ACME_EXTRA_CA",
    "ACME_GHCR",
    "ACME_JAEGER_MAX_TRACES",
    "ACME_LOAD_RATE",
    "ACME_LOGS",
    "ACME_PUBLIC_HOST",
    "ACME_QUAY",
    "ACME_SAMPLE_PERCENT",
    "ACME_SAMPLING",
    "ACME_SHOP",
    "ACME_STORES",
    "ACME_TRACES",
)
OF_TESTS = "ACME_STACK_*"
NAMES = frozenset(service.name.upper() for service in SERVICES)
TELEMETRY = [name for name, one in VARIABLES.items() if one.in_group]
# What Kubernetes sets in a pod for each Service beside it: ORDERS_PORT_5002_TCP_ADDR and the like.
KUBERNETES = re.compile(r"SERVICE_(HOST|PORT)(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_\w+)?")
OURS = ("ACME_", "OTEL_")  # where every name that is not known is worth a line
NEAR = 0.8


def notices(environ: Mapping[str, str], services: Sequence[str]) -> Iterator[str]:
    """A line for each variable of `environ` that does not do for `services` what it seems to.

    Raises SettingError, after the lines about names, for a value that is not allowed.
    """
    for name in sorted(environ):
        if environ[name].strip() and name not in VARIABLES and (line := of_unknown(name)):
            yield line
    yield from of_values(environ)
    yield from of_settings(environ, services)


def of_unknown(name: str) -> str:
    """What is to be said of a variable that is no setting; empty when it is somebody else's."""
    service, rest = service_of(name)
    standard = rest if rest.startswith("OTEL_") else name
    elsewhere = name in OF_COMPOSE or fnmatchcase(name, OF_TESTS)
    if elsewhere or standard == SEMCONV or (service and rest in TELEMETRY):
        return ""
    for pattern, why in UNSUPPORTED.items():
        if fnmatchcase(standard, pattern):
            return f"{name} is not supported: {why}"
    known = candidates(name, service, rest)
    near = get_close_matches(name, known, n=1, cutoff=0.8)
    meant = f"; did you mean {near[0]}?" if near else ""
    return f"{name} is no setting{meant}" if known else ""


def candidates(name: str, service: str, rest: str) -> list[str]:
    """The settings that a variable may be a misspelling of; none when it is somebody else's."""
    if service and rest.startswith("OTEL_"):
        return [f"{service}_{known}" for known in TELEMETRY]
    if name.startswith(OURS):
        return list(VARIABLES)
    # AUTH_ and the like begin the variables of many programs: only near misses are ours.
    own = [known for known in VARIABLES if service and known.startswith(f"{service}_")]
    return [known for known in own if is_near(rest, known.removeprefix(f"{service}_"))]


def service_of(name: str) -> tuple[str, str]:
    """The service that a variable begins with, and the rest of its name; or two empty words."""
    first, _, rest = name.partition("_")
    return (first, rest) if first in NAMES and not KUBERNETES.fullmatch(rest) else ("", "")


def is_near(given: str, known: str) -> bool:
    return known.startswith(f"{given}_") or SequenceMatcher(None, given, known).ratio() > NEAR


def of_values(environ: Mapping[str, str]) -> Iterator[str]:
    """Values that are legal, but ask for what the shop does not do."""
    wanted = {word.strip() for word in environ.get(SEMCONV, "").split(",") if word.strip()}
    if other := sorted(wanted - WRITTEN):
        yield (
            f"{SEMCONV}={','.join(other)} is not supported: the stable conventions of http and "
            "database are written, and no others"
        )


def of_settings(environ: Mapping[str, str], services: Sequence[str]) -> Iterator[str]:
    if len(services) > 1:
        if environ.get(SERVICE_NAME, "").strip():
            yield (
                f"{SERVICE_NAME} is ignored: it would give {len(services)} services one name; "
                f"{services[0].upper()}_{SERVICE_NAME} names one of them"
            )
        if without_service_name(environ.get(RESOURCE, "")) != environ.get(RESOURCE, ""):
            yield (
                f"service.name in {RESOURCE} is ignored: it would give {len(services)} services "
                "one name"
            )
    for service in services:
        settings_for(service, environ)


def for_many(environ: Mapping[str, str]) -> dict[str, str]:
    """`environ` without what would give all services one name."""
    kept = {name: text for name, text in environ.items() if name != SERVICE_NAME}
    if RESOURCE in kept:
        kept[RESOURCE] = without_service_name(kept[RESOURCE])
    return kept


def without_service_name(attributes: str) -> str:
    parts = attributes.split(",")
    kept = [part for part in parts if part.partition("=")[0].strip() != "service.name"]
    return ",".join(kept)

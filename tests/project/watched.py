"""What Grafana, Prometheus and Jaeger say of each other and of the collector's metrics, and what is
wrong with it, in sentences.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from scripts.tables import ROOT
from shared.telemetry.metrics.prometheus import prometheus_name
from shared.telemetry.metrics.table import METRICS

FOLDER = ROOT / "observability"
SOURCES = "grafana/provisioning/datasources/acme.yaml"
METRIC = re.compile(r"\b((?:traces|otelcol)_\w+|\w+_(?:total|bucket|count|sum))\b")
HISTOGRAM = ("_bucket", "_count", "_sum")
UNITS = {"s": "_seconds", "ms": "_milliseconds"}


def read(name: str) -> dict[str, Any]:
    """A file of observability/: YAML, of which JSON is a part."""
    text = (FOLDER / name).read_text()
    content: dict[str, Any] = json.loads(text) if name.endswith(".json") else yaml.safe_load(text)
    return content


def dashboards() -> dict[str, dict[str, Any]]:
    paths = (FOLDER / "grafana/dashboards").glob("*.json")
    return {path.stem: read(f"grafana/dashboards/{path.name}") for path in paths}


def values(content: Any, *keys: str) -> Iterator[Any]:
    """Everything that stands under one of these keys, however deep."""
    if isinstance(content, Mapping):
        yield from (value for key, value in content.items() if key in keys)
    inner = list(content.values()) if isinstance(content, Mapping) else content
    if isinstance(inner, list):
        for one in inner:
            yield from values(one, *keys)


def of_sources(sources: Mapping[str, Any], content: Mapping[str, Any]) -> Iterator[str]:
    """Data sources that are named and not there."""
    there = {source["uid"] for source in sources["datasources"]}
    named = [*values(content, "datasourceUid")]
    named += [one["uid"] for one in values(content, "datasource") if isinstance(one, Mapping)]
    for uid in sorted(set(named) - there):
        yield f"there is no data source {uid}"


def made(collector: Mapping[str, Any]) -> set[str]:
    """The names under which Prometheus finds what the collector's connectors count."""
    spans = collector["connectors"]["span_metrics"]
    namespace = spans["namespace"].replace(".", "_")
    unit = UNITS[spans["histogram"]["unit"]]
    graph = "traces_service_graph_request"
    return {
        f"{namespace}_calls_total",
        f"{graph}_total",
        f"{graph}_failed_total",
        *(f"{namespace}_duration{unit}{part}" for part in HISTOGRAM),
        *(f"{copy}{part}" for copy in copies(collector) for part in HISTOGRAM),
        *(f"{graph}_{side}_seconds{part}" for side in ("client", "server") for part in HISTOGRAM),
    }


def own() -> set[str]:
    """The names under which Prometheus finds what the services measure themselves."""
    return {
        prometheus_name(row.name, row.unit) + part
        for row in METRICS
        for part in {"histogram": HISTOGRAM, "counter": ("_total",)}.get(row.type, ("",))
    }


def copies(collector: Mapping[str, Any]) -> list[str]:
    """Metrics that are there a second time, under another name and without a unit."""
    processors = yaml.safe_dump(collector["processors"], width=1000)
    return [
        name.replace(".", "_") for name in re.findall(r'copy_metric\(name="([\w.]+)"', processors)
    ]


def of_metrics(collector: Mapping[str, Any], content: Mapping[str, Any]) -> Iterator[str]:
    """Metrics that a query reads and that nobody makes."""
    queries = " ".join(text for text in values(content, "expr", "query") if isinstance(text, str))
    for name in sorted(set(METRIC.findall(queries)) - made(collector) - own()):
        yield f"neither the collector nor a service makes {name}"


def listening(collector: Mapping[str, Any]) -> dict[str, set[str]]:
    """The ports on which each container serves its metrics."""
    jaeger, tempo = read("jaeger/config.yaml"), read("tempo/tempo.yaml")
    return {
        "otel-collector": {
            collector["exporters"]["prometheus"]["endpoint"].rpartition(":")[2],
            *own_port(collector),
        },
        "jaeger": set(own_port(jaeger)),
        "tempo": {str(tempo["server"]["http_listen_port"])},
    }


def own_port(config: Mapping[str, Any]) -> Iterator[str]:
    """Where a program that is made of the collector's parts serves its own metrics."""
    for reader in config["service"]["telemetry"]["metrics"]["readers"]:
        yield str(reader["pull"]["exporter"]["prometheus"]["port"])


def of_targets(
    scraping: Mapping[str, Any], ports: Mapping[str, set[str]], containers: Mapping[str, Any]
) -> Iterator[str]:
    """Targets of Prometheus that nobody listens on."""
    for target in [one for found in values(scraping, "targets") for one in found]:
        host, _, port = target.partition(":")
        if host not in containers:
            yield f"{target}: there is no container {host}"
        elif port not in ports[host]:
            yield f"{target}: {host} serves its metrics on {', '.join(sorted(ports[host]))}"

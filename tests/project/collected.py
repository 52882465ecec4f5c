"""What is wrong with the layers of the collector's configuration, in sentences."""

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from scripts.tables import ROOT

FOLDER = ROOT / "observability/collector"
KINDS = ("receivers", "processors", "exporters")


def layered(*names: str) -> dict[str, Any]:
    """The layers as the collector joins them: maps are merged, lists are replaced."""
    joined: dict[str, Any] = {}
    for name in names:
        merge(joined, yaml.safe_load((FOLDER / f"{name}.yaml").read_text()))
    return joined


def merge(into: dict[str, Any], layer: Mapping[str, Any]) -> None:
    for key, value in layer.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            merge(into[key], value)
        else:
            into[key] = value


def problems(config: Mapping[str, Any]) -> Iterator[str]:
    pipelines: dict[str, dict[str, list[str]]] = config["service"]["pipelines"]
    connectors = set(config.get("connectors", {}))
    for name, pipeline in pipelines.items():
        for kind in KINDS:
            there = set(config.get(kind) or {}) | (connectors if kind != "processors" else set())
            for part in set(pipeline.get(kind, ())) - there:
                yield f"{name}: there is no {part} among the {kind}"
        took = [part for part in pipeline["receivers"] if part in config["receivers"]]
        if took and pipeline["processors"][:1] != ["memory_limiter"]:
            yield f"{name}: takes from outside before memory_limiter"
    for connector in connectors:
        for kind in ("receivers", "exporters"):
            if not any(connector in pipeline[kind] for pipeline in pipelines.values()):
                yield f"{connector}: no pipeline has it among its {kind}"

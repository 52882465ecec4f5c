"""What is wrong with docker-compose.yml, in sentences."""

import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

import yaml

from scripts.tables import ROOT
from shared.settings import notices
from shared.settings.variables import VARIABLES
from shared.topology import BY_NAME, SERVICES

FILE, DEFAULTS = ROOT / "docker-compose.yml", ROOT / ".env"
NAMED = re.compile(r"\$\{(\w+)(?::?-([^}]*))?\}")
MIB = {"m": 1, "g": 1024}
OF_COMPOSE = {
    *notices.OF_COMPOSE,
    "COMPOSE_PROFILES",
    "GRAFANA_PORT",
    "JAEGER_PORT",
    "JAEGER_SAMPLING_PORT",
    "OTLP_GRPC_PORT",
    "OTLP_HTTP_PORT",
}
Entry = dict[str, Any]


def read_compose(path: Path = FILE) -> dict[str, Any]:
    """The file as compose sees it before it fills in variables."""
    composed: dict[str, Any] = yaml.safe_load(path.read_text())
    return composed


def read_defaults(path: Path = DEFAULTS) -> dict[str, str]:
    lines = (line.partition("=") for line in path.read_text().splitlines())
    return {name: value for name, equals, value in lines if equals and not name.startswith("#")}


def filled(text: str, chosen: Mapping[str, str]) -> str:
    """The text with its variables: as chosen, or else as the text says."""
    return NAMED.sub(lambda found: chosen.get(found[1]) or found[2] or "", text)


def started(composed: Mapping[str, Any], chosen: Mapping[str, str]) -> dict[str, Entry]:
    """The containers that `docker compose up` starts with these choices."""
    profiles = set(filled(chosen["COMPOSE_PROFILES"], chosen).split(","))
    return {
        name: entry
        for name, entry in composed["services"].items()
        if not entry.get("profiles") or profiles & set(entry["profiles"])
    }


def memory(entries: Mapping[str, Entry]) -> int:
    """The sum of their limits, in MiB."""
    return sum(
        int(entry["mem_limit"][:-1]) * MIB[entry["mem_limit"][-1]] for entry in entries.values()
    )


def problems(
    composed: Mapping[str, Any], settings: AbstractSet[str] = VARIABLES.keys()
) -> Iterator[str]:
    entries: dict[str, Entry] = composed["services"]
    for service in SERVICES:
        if service.name not in entries:
            yield f"{service.name} has no entry in docker-compose.yml"
        else:
            yield from of_service(service.name, service.port, entries[service.name])
    compact = set(entries["shop"]["command"]) | {"lens"}
    for name in (one.name for one in SERVICES if one.name not in compact):
        yield f"{name} is not in the command of shop, the compact way to run it"
    for name, entry in entries.items():
        yield from of_container(name, entry)
        yield from of_variables(name, entry, settings)


def of_service(name: str, port: int, entry: Entry) -> Iterator[str]:
    if entry["command"] != ["acme.serve", name]:
        yield f"{name}: its command is {entry['command']}"
    probed = entry["healthcheck"]["test"][-1]
    if probed != f"http://127.0.0.1:{port}/readyz":
        yield f"{name}: its health check asks {probed}, not port {port}"
    ports = (port, *BY_NAME[name].also)
    for published in entry.get("ports", ()):
        if int(published.rpartition(":")[2]) not in ports:
            yield f"{name}: publishes {published}, but listens on {', '.join(map(str, ports))}"
    if name == "lens":
        return
    for other in SERVICES:
        url = entry["environment"].get(f"{other.name.upper()}_URL")
        if url != f"http://{other.name}:{other.port}":
            yield f"{name}: finds {other.name} at {url}"


def of_container(name: str, entry: Entry) -> Iterator[str]:
    if entry.get("cap_drop") != ["ALL"] or "no-new-privileges:true" not in entry["security_opt"]:
        yield f"{name}: keeps privileges that it does not need"
    if not entry.get("read_only") and name != "grafana":
        yield f"{name}: may write to its root"
    if "mem_limit" not in entry:
        yield f"{name}: has no limit of memory"
    if "build" not in entry and not re.search(r":v?\d+\.\d+", entry["image"]):
        yield f"{name}: the tag of {entry['image']} is not pinned"
    if "healthcheck" not in entry and name != "otel-collector":
        yield f"{name}: has no health check"
    yield from of_neighbours(name, entry)


def of_neighbours(name: str, entry: Entry) -> Iterator[str]:
    """What it opens to others, and what it waits for."""
    for published in entry.get("ports", ()):
        if not published.startswith("${ACME_BIND:-127.0.0.1}:"):
            yield f"{name}: publishes {published} to more than ACME_BIND"
    for waited in entry.get("depends_on") or ():
        if waited not in {"mongo", "valkey"}:
            yield f"{name}: waits for {waited}; the shop waits for its stores only"


def of_variables(name: str, entry: Entry, settings: AbstractSet[str]) -> Iterator[str]:
    """Variables that nobody would read."""
    own = entry.get("environment", {})
    if "build" in entry:
        for variable in own:
            if variable not in settings and not of_one_service(variable, settings):
                yield f"{name}: no service reads {variable}"
    for variable in {found[0] for found in NAMED.findall(yaml.safe_dump(entry))}:
        known = variable in settings or variable in OF_COMPOSE
        if not known and not of_one_service(variable, settings):
            yield f"{name}: ${{{variable}}} is no setting"


def of_one_service(variable: str, settings: AbstractSet[str]) -> bool:
    """Whether it is a variable of telemetry that is meant for one service alone."""
    service, _, rest = variable.partition("_")
    return rest in settings and service.lower() in {row.name for row in SERVICES}

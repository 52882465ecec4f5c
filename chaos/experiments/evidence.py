"""What is known of an experiment beside its journal: hits of its faults, and traces."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from chaos.client import Rejected, Unreachable
from chaos.experiments.journal import Journal, faults_of, unix_seconds
from chaos.measures import Shop
from traces.causes import root_causes
from traces.formats.story import trace_of
from traces.model import Trace
from traces.verdict import http_status

TIMEOUT = 5.0
MOST, SHOWN = 12, 3


@dataclass(frozen=True)
class Evidence:
    """Traces by id: those with a fired fault or an error, worst first and one of each kind, with
    how many are `like` it; and of the others the slowest of each click. `link` leads to a trace.
    """

    failed: Mapping[str, Trace] = field(default_factory=dict)
    like: Mapping[str, int] = field(default_factory=dict)
    slowest: Mapping[str, Trace] = field(default_factory=dict)
    link: str = ""


def gather(shop: Shop, journal: Journal) -> Evidence:
    """As much of it as can still be read."""
    window = unix_seconds(journal["start"]), unix_seconds(journal["end"])
    hits = [one for id_ in faults_of(journal) for one in hits_of(shop, id_, window)]
    summaries = summaries_of(shop, *window)
    red = [row["traceId"] for row in summaries if row["errorSpanCount"]]
    hit = [one["trace_id"] for one in hits if one["trace_id"]]
    failed = traces_of(shop, dict.fromkeys([*hit[:MOST], *red[:MOST]]))
    rest = [row for row in summaries if row["traceId"] not in {*hit, *red}]
    kinds = by_kind(failed)
    return Evidence(
        {alike[0]: failed[alike[0]] for alike in kinds},
        {alike[0]: len(alike) for alike in kinds},
        traces_of(shop, slowest(rest)),
        f"{shop.lens}/trace/{{trace_id}}",
    )


def slowest(rows: list[dict[str, Any]]) -> list[str]:
    """The ids of the slowest traces, one for each click."""
    ordered = sorted(rows, key=took)
    by_click = {row["rootOperationName"]: row for row in ordered}
    worst = sorted(by_click.values(), key=took, reverse=True)
    return [row["traceId"] for row in worst[:SHOWN]]


def by_kind(found: Mapping[str, Trace]) -> list[list[str]]:
    """The ids of traces that failed alike, the worst kinds first."""
    kinds: dict[tuple[object, ...], list[str]] = {}
    for id_, trace in found.items():
        kinds.setdefault(kind(trace), []).append(id_)
    ordered = sorted(kinds.values(), key=lambda alike: weight(found[alike[0]]))
    return ordered[:SHOWN]


def kind(trace: Trace) -> tuple[object, ...]:
    """What is alike in traces of one kind: the click, and where which errors began."""
    causes = (
        (span.service, span.name, http_status(span), str(span.attributes.get("error.type")))
        for span in root_causes(trace)
    )
    return trace.roots and trace.roots[0].name, *sorted(set(causes))


def hits_of(shop: Shop, fault: str, window: tuple[float, float]) -> list[Mapping[str, Any]]:
    with suppress(Rejected, Unreachable):
        found = shop.control_plane.get("/hits", fault=fault, hidden="show")["hits"]
        return [hit for hit in found if hit["fired"] and window[0] <= hit["at"] <= window[1]]
    return []


def summaries_of(shop: Shop, start: float, end: float) -> list[dict[str, Any]]:
    """The clicks in that time, as lens lists them."""
    query = {
        "query.serviceName": "gateway",
        "query.startTimeMin": datetime.fromtimestamp(start).astimezone().isoformat(),
        "query.startTimeMax": datetime.fromtimestamp(end).astimezone().isoformat(),
        "query.searchDepth": 1000,
    }
    found = read(f"{shop.lens}/api/v3/trace-summaries?{urlencode(query)}")
    return list(found["summaries"]) if found else []


def traces_of(shop: Shop, trace_ids: Iterable[str]) -> dict[str, Trace]:
    found = {id_: read(f"{shop.lens}/lens/api/traces/{id_}") for id_ in trace_ids}
    traces = {id_: trace_of(story) for id_, story in found.items() if story}
    return {id_: trace for id_, trace in traces.items() if trace.spans}


def read(url: str) -> dict[str, Any] | None:
    """The JSON there; None when there is none."""
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT) as answer:  # noqa: S310  # lens
            found: dict[str, Any] = json.load(answer)
            return found
    except urllib.error.HTTPError as error:
        error.close()
    except (OSError, ValueError):
        pass
    return None


def weight(trace: Trace) -> tuple[bool, bool]:
    """The worst first: those whose root failed, then those in which anything did."""
    return not any(root.failed for root in trace.roots), not root_causes(trace)


def took(row: Mapping[str, Any]) -> int:
    return int(row["maxEndTimeUnixNano"]) - int(row["minStartTimeUnixNano"])

"""Makes the clicks of the measurement on a running shop, and reads what lens explains of them."""

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.request import urlopen

from chaos.client import ControlPlane
from chaos.measures import Shop, drive, is_applied_everywhere
from chaos.measures.evidence import settled
from chaos.measures.journeys import JOURNEYS
from chaos.scenarios.check import Check, scenario_of
from scripts.explained.faults import Trial
from traces.backend import Backend
from traces.findings import Finding
from traces.formats.story import trace_of
from traces.model import Trace

CALM = {"AUTH_FAILURE_RATE": "0", "SHIPPING_FAILURE_RATE": "0", "ACME_REQUEST_FAULTS": "on"}
PATIENCE, PAUSE, REPORTED = 30.0, 0.1, 0.6
OLD = 5.5  # seconds: of younger traces lens does not say that spans are missing
CLICKS = 2


@dataclass(frozen=True)
class Explained:
    """A trace, and what lens says of it."""

    trace: Trace
    findings: Sequence[Finding]


@dataclass(frozen=True)
class Result:
    """What came of one trial: the last trace in which its fault fired, if it did."""

    trial: Trial
    found: Explained | None


def healthy(shop: Shop, count: int, seed: int) -> dict[str, list[Trace]]:
    """At least `count` traces, of all journeys in turn."""
    found: dict[str, list[Trace]] = {}
    clicks = max(1, -(-count // len(JOURNEYS)))
    for number, journey in enumerate(sorted(JOURNEYS)):
        evidence = drive(shop, journey, clicks, seed=seed, session=f"explained-healthy-{number}")
        found[journey] = evidence.traces
    return found


def faulty(shop: Shop, trials: Sequence[Trial]) -> Iterator[Result]:
    """The trials one after the other, each in a session of its own."""
    plane = shop.control_plane
    for trial in trials:
        plane.request("PUT", f"/faults/{trial.fault['id']}", trial.fault)
    wait_until_applied(plane)
    for trial in trials:
        drive(shop, trial.journey, CLICKS, seed=7, session=trial.id)
    time.sleep(REPORTED)
    fired = {trial.id: last_hit(plane, trial) for trial in trials}
    found = explained(shop, filter(None, fired.values()))
    for trial in trials:
        plane.request("DELETE", f"/faults/{trial.fault['id']}")
        yield Result(trial, found.get(fired[trial.id]))


def last_hit(plane: ControlPlane, trial: Trial) -> str:
    """The id of the last trace in which the fault fired; empty if there is none."""
    rows = plane.get("/hits", hidden="show", session=trial.id, fired="true")["hits"]
    return str(rows[-1]["trace_id"]) if rows else ""


def wait_until_applied(plane: ControlPlane) -> None:
    end = time.monotonic() + PATIENCE
    while not is_applied_everywhere(str(plane.get("/faults")["applied"])):
        if time.monotonic() > end:
            raise TimeoutError(f"the faults were not applied within {PATIENCE:g} s")
        time.sleep(PAUSE)


def lesson(shop: Shop, id_: str) -> Explained:
    """What is said of one trace of a scenario's clicks before any fix: the one that somebody who
    looks for it would open, with most errors, and among those the slowest.
    """
    scenario = scenario_of(shop.control_plane, id_)
    check = Check(shop, scenario, scenario.seed)
    for _ in check.run(fixes=()):
        pass
    assert check.before is not None
    worst = max(check.before.traces, key=badness)
    return explained(shop, [worst.trace_id])[worst.trace_id]


def badness(trace: Trace) -> tuple[int, int]:
    took = max((span.duration_ns for span in trace.roots), default=0)
    return sum(span.failed for span in trace.spans), took


def explained(shop: Shop, ids: Iterable[str]) -> Mapping[str, Explained]:
    """The traces with what lens says of them, once they are whole and old enough."""
    whole = settled(Backend(shop.lens), ids)
    time.sleep(OLD)
    return {trace.trace_id: of_lens(shop, trace.trace_id) for trace in whole if trace.spans}


def of_lens(shop: Shop, trace_id: str) -> Explained:
    with urlopen(f"{shop.lens}/lens/api/traces/{trace_id}", timeout=15) as answer:  # noqa: S310
        story = json.load(answer)
    trace = trace_of(story)
    return Explained(trace, [finding(trace, one) for one in story["verdict"]["findings"]])


def finding(trace: Trace, said: Mapping[str, Any]) -> Finding:
    spans = [trace.by_id[span_id] for span_id in said["spanIds"]]
    return Finding(said["kind"], said["sentence"], spans[0], tuple(spans[1:]))

"""Makes the clicks of the measurement on a running shop, and keeps their traces."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from chaos.client import ControlPlane
from chaos.measures import Evidence, Shop, drive, is_applied_everywhere
from chaos.measures.evidence import settled
from chaos.measures.journeys import JOURNEYS
from chaos.scenarios.check import Check, scenario_of
from scripts.explained.faults import Trial
from traces.backend import Backend
from traces.model import Trace

CALM = {"AUTH_FAILURE_RATE": "0", "SHIPPING_FAILURE_RATE": "0", "ACME_REQUEST_FAULTS": "on"}
PATIENCE, PAUSE, REPORTED = 30.0, 0.1, 0.6
CLICKS = 2


@dataclass(frozen=True)
class Recorded:
    """What came of one trial: the trace of the last click that its fault fired in, if it did."""

    trial: Trial
    trace: Trace | None


def healthy(shop: Shop, count: int, seed: int) -> dict[str, list[Trace]]:
    """At least `count` traces, of all journeys in turn."""
    found: dict[str, list[Trace]] = {}
    for number, journey in enumerate(sorted(JOURNEYS)):
        clicks = max(1, count // len(JOURNEYS) + 1)
        evidence = drive(shop, journey, clicks, seed=seed, session=f"explained-healthy-{number}")
        found[journey] = evidence.traces
    return found


def faulty(shop: Shop, trials: Sequence[Trial]) -> Iterator[Recorded]:
    """The trials one after the other, each in a session of its own."""
    plane = shop.control_plane
    for trial in trials:
        plane.request("PUT", f"/faults/{trial.fault['id']}", trial.fault)
    wait_until_applied(plane)
    clicked = [
        (trial, drive(shop, trial.journey, CLICKS, seed=7, session=trial.id)) for trial in trials
    ]
    time.sleep(REPORTED)
    wanted = {trial.id: fired_in(plane, trial, evidence) for trial, evidence in clicked}
    traces = of(shop, filter(None, wanted.values()))
    for trial in trials:
        plane.request("DELETE", f"/faults/{trial.fault['id']}")
        yield Recorded(trial, traces.get(wanted[trial.id] or ""))


def fired_in(plane: ControlPlane, trial: Trial, evidence: Evidence) -> str | None:
    """The last of the clicks' traces that the fault fired in."""
    rows = plane.get("/hits", hidden="show", session=trial.id, fired="true")["hits"]
    fired = {row["trace_id"] for row in rows}
    return next((a.trace_id for a in reversed(evidence.answers) if a.trace_id in fired), None)


def of(shop: Shop, ids: Iterable[str]) -> Mapping[str, Trace]:
    return {trace.trace_id: trace for trace in settled(Backend(shop.lens), ids)}


def wait_until_applied(plane: ControlPlane) -> None:
    end = time.monotonic() + PATIENCE
    while not is_applied_everywhere(str(plane.get("/faults")["applied"])):
        if time.monotonic() > end:
            raise TimeoutError(f"the faults were not applied within {PATIENCE:g} s")
        time.sleep(PAUSE)


def lesson(shop: Shop, id_: str) -> Sequence[Trace]:
    """The traces of a scenario's clicks before any fix, as someone would open them: those that
    failed first, then the slowest.
    """
    scenario = scenario_of(shop.control_plane, id_)
    check = Check(shop, scenario, scenario.seed)
    for _ in check.run(fixes=()):
        pass
    assert check.before is not None
    answers = sorted(check.before.answers, key=lambda one: (one.failed, one.seconds), reverse=True)
    traces = {trace.trace_id: trace for trace in check.before.traces}
    return [traces[answer.trace_id] for answer in answers if answer.trace_id in traces]

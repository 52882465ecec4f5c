"""Checks that a scenario shows what it promises: makes its clicks, before each fix and after it."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from chaos.client import ControlPlane, Rejected
from chaos.control_plane.domain.scenario.model import Expect, Fix, Scenario
from chaos.measures import Evidence, Shop, drive, evaluate, is_applied_everywhere

TIMEOUT, PAUSE = 10.0, 0.02
REPORT_PAUSE = 0.4  # a process reports after a quarter of a second
Injections = frozenset[tuple[str, str, str]]


@dataclass(frozen=True)
class Line:
    """One line of the `expect` block, and what was measured."""

    expect: Expect
    measured: float

    @property
    def holds(self) -> bool:
        return self.expect.holds(self.measured)

    def __str__(self) -> str:
        expect = self.expect
        given = ", ".join(f"{key}={value}" for key, value in expect.arguments.items())
        when = f"after {expect.after}" if expect.after else "before any fix"
        value = f"{self.measured:.3f}".rstrip("0").rstrip(".")
        return (
            f"{'ok  ' if self.holds else 'FAIL'} {when}: {expect.measure}({given}) is {value},"
            f" wanted {expect.op} {expect.value:g}"
        )


@dataclass
class Check:
    """The check of one scenario; `before` is what its clicks showed before any fix."""

    shop: Shop
    scenario: Scenario
    seed: int
    lines: list[Line] = field(default_factory=list)
    before: Evidence | None = None

    @property
    def holds(self) -> bool:
        return all(line.holds for line in self.lines)

    @property
    def session(self) -> str:
        return f"check-{self.scenario.id}"[:30].rstrip("-") + f"-{self.seed % 10**8}"

    @property
    def injections(self) -> Injections:
        """Where faults fired before any fix: session, step and place of each."""
        return injections_of(self.before) if self.before else frozenset()

    def run(self, fixes: Sequence[Fix] | None = None) -> Iterator[Line]:
        """Makes the check, line by line, with all fixes or only these. Its faults are removed
        afterwards, whatever happens.
        """
        run = self._begin()
        try:
            yield from self._phase(run, None)
            for fix in self.scenario.fixes if fixes is None else fixes:
                run = self._control_plane.request("POST", f"/runs/{run['id']}/fix", {"fix": fix.id})
                yield from self._phase(run, fix.id)
        finally:
            self._control_plane.request("POST", f"/runs/{run['id']}/stop")

    @property
    def _control_plane(self) -> ControlPlane:
        return self.shop.control_plane

    def _begin(self) -> dict[str, Any]:
        """Starts a run for its own session, or for the class; an earlier check's run is stopped."""
        mine = "" if self.scenario.scope == "class" else self.session
        for left in self._control_plane.get("/runs")["runs"]:
            if mine and left["session"] == mine and left["state"] == "running":
                self._control_plane.request("POST", f"/runs/{left['id']}/stop")
        wanted = {"seed": self.seed} | ({"session": mine} if mine else {})
        path = f"/scenarios/{self.scenario.id}/runs"
        return dict(self._control_plane.request("POST", path, wanted))

    def _phase(self, run: dict[str, Any], after: str | None) -> Iterator[Line]:
        """Makes the clicks, if anything is expected after this fix."""
        wanted = [expect for expect in self.scenario.expect if expect.after == after]
        if not wanted:
            return
        self._wait_until_applied(run["id"])
        evidence = self._click()
        self.before = self.before or evidence
        for expect in wanted:
            line = Line(expect, evaluate(evidence, expect.measure, expect.arguments))
            self.lines.append(line)
            yield line

    def _click(self) -> Evidence:
        load = self.scenario.load
        return drive(
            self.shop,
            load.journey,
            load.clicks,
            seed=self.seed,
            session=self.session,
            tenants=load.tenants,
            concurrency=load.concurrency,
        )

    def _wait_until_applied(self, run_id: str) -> None:
        """Waits until every process has the faults as they are now."""
        end = time.monotonic() + TIMEOUT
        while True:
            applied = str(self._control_plane.get(f"/runs/{run_id}")["applied"])
            if is_applied_everywhere(applied):
                return
            if time.monotonic() > end:
                have = applied.replace("/", " of ")
                raise Rejected(503, f"only {have} processes have the faults after {TIMEOUT:g} s")
            time.sleep(PAUSE)


def injections_of(evidence: Evidence) -> Injections:
    """Where faults fired, by the ledger, once all processes have reported."""
    ids = {answer.trace_id for answer in evidence.answers}
    before, found = None, hits_of(evidence)
    while found != before:
        time.sleep(REPORT_PAUSE)
        before, found = found, hits_of(evidence)
    return frozenset((session, step, place) for session, step, place, id_ in found if id_ in ids)


def hits_of(evidence: Evidence) -> set[tuple[str, str, str, str]]:
    plane, sessions = evidence.shop.control_plane, {click.session for click in evidence.clicks}
    return {
        (hit["session"], hit["step"], hit["place"], hit["trace_id"])
        for session in sessions
        for hit in plane.get("/hits", hidden="show", session=session, fired="true", limit=5000)[
            "hits"
        ]
    }


def scenario_of(plane: ControlPlane, id_: str) -> Scenario:
    """The scenario as the control plane has it. Raises Rejected for a student."""
    found = plane.get(f"/scenarios/{id_}", hidden="show")
    if "scenario" not in found:
        raise Rejected(403, "only a presenter may check a scenario: set CHAOS_TOKEN to their token")
    return Scenario.model_validate(found["scenario"])

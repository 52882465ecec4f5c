"""Finds the shop, lets simulated people in, and reports what came of it."""

import asyncio
import ipaddress
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from acme.launcher import environment
from acme.launcher.state import RunFolder
from acme.terminal import columns
from acme.traffic.crowd import Crowd, Pace
from acme.traffic.journeys import JOURNEYS
from acme.traffic.outcomes import Outcome, Row
from shared.errors import SettingError
from shared.settings import FrontendSettings

PATIENCE = 5.0
HEAD = ("click", "count", "ok", "failed", "p50", "p95", "max")
ENOUGH = 0.95
TICK = 0.25
LONGEST = 86_400.0


class NoTarget(Exception):
    """There is no shop to click through; the message says why."""


@dataclass(frozen=True)
class Target:
    """The address of a storefront, and that of a trace, with `{trace_id}` in it."""

    url: str
    traces: str

    @classmethod
    def find(cls, run: Path, url: str | None) -> "Target":
        """The shop at `url`, or else the one that runs from the folder, or else the default one."""
        try:
            settings = FrontendSettings.read(environment.own())
        except SettingError as error:
            raise NoTarget(str(error)) from None
        state = RunFolder(run).running()
        running = {name: process.url for name, process in state.services.items()} if state else {}
        lens = f"{running.get('lens') or settings.public_urls['lens']}/trace/{{trace_id}}"
        traces = next(iter(settings.trace_links.values()), lens)
        return cls(url or running.get("frontend") or settings.urls["frontend"], traces)

    @property
    def is_near(self) -> bool:
        """Whether it is on this machine."""
        host = urlsplit(self.url).hostname or ""
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"

    def check(self) -> None:
        """Raises NoTarget when nothing answers there."""
        try:
            httpx.get(f"{self.url}/readyz", timeout=PATIENCE, trust_env=False)
        except httpx.RequestError:
            raise NoTarget(
                f"nothing answers at {self.url}; `acme up` starts the shop, --url names another"
            ) from None

    def trace(self, trace_id: str) -> str:
        return self.traces.replace("{trace_id}", trace_id) if trace_id else "no trace"


@dataclass(frozen=True)
class Options:
    """What `acme traffic` is to do; with `clicks` it ends after so many, however long they take."""

    users: int
    rate: float
    journey: str
    seed: int
    seconds: float
    clicks: int | None


def traffic(target: Target, options: Options, progress: Console) -> Crowd:
    """Lets people click through the shop until their time is over, or Ctrl-C: that is how a person
    ends it earlier.
    """
    crowd = Crowd(target.url, Pace(options.rate), JOURNEYS[options.journey])
    with suppress(KeyboardInterrupt):
        asyncio.run(run(crowd, options, progress))
    return crowd


async def run(crowd: Crowd, options: Options, console: Console) -> None:
    crowd.pace.start(LONGEST if options.clicks else options.seconds, options.clicks)
    shopping = asyncio.create_task(crowd.shop(options.users, options.seed))
    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("clicking", total=1.0)
        while not shopping.done():
            await asyncio.wait({shopping}, timeout=TICK)
            outcomes = crowd.outcomes
            so_far = f"{outcomes.count} pages, {outcomes.failed} failed"
            progress.update(bar, description=so_far, completed=crowd.pace.done)
    await shopping


def show(crowd: Crowd, target: Target) -> None:
    print(columns(HEAD, list(cells(crowd)), right=HEAD[1:]))
    for sentence in sentences(crowd, target):
        print(sentence)


def cells(crowd: Crowd) -> Iterator[tuple[str, ...]]:
    """One row for each kind of click."""
    for name, row in sorted(crowd.outcomes.rows.items()):
        times = (ms(row.percentile(50)), ms(row.percentile(95)), ms(max(row.seconds)))
        yield name, str(len(row.seconds)), str(row.ok), failed(row), *times


def failed(row: Row) -> str:
    """How often with which status: `503 ×2`."""
    counts = (f"{status or 'no answer'} ×{count}" for status, count in row.failed.items())
    return ", ".join(counts) or "-"


def ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


def sentences(crowd: Crowd, target: Target) -> Iterator[str]:
    """What the table does not say, and the last failures with their traces."""
    pace, visits = crowd.pace, crowd.visits
    yield f"{pace.taken} clicks, {pace.reached:.1f} a second; {crowd.outcomes.count} answers."
    if pace.reached < ENOUGH * pace.rate:
        yield f"Nobody was free for {pace.rate:g} clicks a second; with more --users there may be."
    yield f"{visits.made} visits were ended, {visits.given_up} of them given up half-way."
    if crowd.outcomes.failures:
        yield "The last failures:"
    for outcome in crowd.outcomes.failures:
        yield f"  {line(outcome, target)}"


def line(outcome: Outcome, target: Target) -> str:
    status = outcome.status or "no answer"
    return f"{outcome.name}: {status} after {ms(outcome.seconds)}, {target.trace(outcome.trace_id)}"


def document(crowd: Crowd, target: Target) -> dict[str, Any]:
    """The same for programs."""
    outcomes = crowd.outcomes
    return {
        "url": target.url,
        "clicks": crowd.pace.taken,
        "seconds": crowd.pace.elapsed,
        "visits": {"made": crowd.visits.made, "given_up": crowd.visits.given_up},
        "rows": {name: row.as_json() for name, row in sorted(outcomes.rows.items())},
        "last_failures": [
            {
                "click": outcome.name,
                "status": outcome.status,
                "seconds": outcome.seconds,
                "trace_id": outcome.trace_id,
                "link": target.trace(outcome.trace_id) if outcome.trace_id else None,
            }
            for outcome in outcomes.failures
        ],
    }

"""Runs a benchmark: rounds of load on a temporary shop, and a table of what they cost."""

import asyncio
import platform
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from acme import terminal
from acme.bench.measure import Measured, Variant, shop

MIB = 1 << 20
TICK = 0.2
UNTRACED = {"OTEL_SDK_DISABLED": "true"}


@dataclass(frozen=True)
class Options:
    """What `acme bench` is to do; times are in seconds."""

    seconds: float
    rounds: int
    connections: int
    warm_up: float
    untraced: bool


@dataclass(frozen=True)
class Result:
    """One column for each variant of the shop."""

    columns: Sequence[Measured]

    @property
    def passed(self) -> bool:
        """Whether every answer was right and no span was lost."""
        return not any(c.load.wrong or c.spans_due > c.spans_kept for c in self.columns)

    def as_json(self) -> dict[str, object]:
        return {
            "machine": {"python": platform.python_version(), "platform": platform.platform()},
            "variants": {column.name: column.as_json() for column in self.columns},
        }


async def run(options: Options, console: Console) -> Result:
    """Measures, and shows on `console` how far it is. Raises TimeoutError when a shop does not
    start.
    """
    with ExitStack() as stack:
        console.print(f"Starting {'two shops' if options.untraced else 'a shop'} ...")
        variants = [Variant("traced", stack.enter_context(shop({})), traced=True)]
        if options.untraced:
            variants.append(Variant("untraced", stack.enter_context(shop(UNTRACED)), traced=False))
        for variant in variants:
            await variant.warm_up(options.warm_up, options.connections)
        columns = TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn()
        with Progress(*columns, console=console) as progress:
            for number in range(options.rounds):
                for variant in variants:
                    label = f"{variant.measured.name}, round {number + 1} of {options.rounds}"
                    bar = progress.add_task(label, total=options.seconds)
                    ticking = asyncio.create_task(tick(progress, bar))
                    await variant.round(options.seconds, options.connections)
                    ticking.cancel()
                    progress.update(bar, completed=options.seconds)
    return Result([variant.measured for variant in variants])


async def tick(progress: Progress, bar: TaskID) -> None:
    """Moves the bar with the time; the load itself has better things to do."""
    while True:
        await asyncio.sleep(TICK)
        progress.advance(bar, TICK)


def show(result: Result) -> None:
    print(table(result.columns))
    if len(result.columns) > 1:
        print(conclusion(*result.columns))


def table(columns: Sequence[Measured]) -> str:
    """One column for each variant, and what tracing adds where the untraced one is there."""
    head = ("", *(column.name for column in columns))
    rows: list[tuple[str, ...]] = []

    def row(*cells: str) -> None:
        rows.append(cells)

    row("requests", *(f"{c.requests}" for c in columns))
    row("wrong answers", *(f"{c.load.wrong}" for c in columns))
    row("requests/s", *(f"{c.requests / c.load.seconds:.0f}" for c in columns))
    row("p50", *(f"{c.latency(50) * 1000:.1f} ms" for c in columns))
    row("p99", *(f"{c.latency(99) * 1000:.1f} ms" for c in columns))
    row("CPU s per 1,000 requests", *(f"{c.per_thousand():.2f}" for c in columns))
    for service in busy(columns[0]):
        row(f"  {service}", *(f"{c.per_thousand(service):.2f}" for c in columns))
    row("spans kept", *(f"{c.spans_kept}" for c in columns))
    row("spans dropped", *(f"{c.spans_due - c.spans_kept}" for c in columns))
    row("memory, all processes", *(f"{sum(c.memory.values()) / MIB:.0f} MiB" for c in columns))
    for service in columns[0].memory:
        row(f"  {service}", *(f"{c.memory[service] / MIB:.1f} MiB" for c in columns))
    row("start to all ready", *(f"{c.started:.2f} s" for c in columns))
    return terminal.columns(head, rows, right=head[1:])


def busy(column: Measured) -> list[str]:
    """The services that the chain keeps busy; lens's CPU is shown, but not in the sum."""
    return [name for name, used in column.cpu.items() if used > 0.01 * column.cpu.total()]


def conclusion(traced: Measured, untraced: Measured) -> str:
    more = traced.per_thousand() / untraced.per_thousand() - 1
    return f"Tracing adds {more:.0%} CPU to the services."

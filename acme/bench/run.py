"""Runs a benchmark: rounds of load on a temporary shop, and a table of what they cost."""

import asyncio
import platform
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from acme import terminal
from acme.bench.measure import Measured, Variant, shop

MIB = 1 << 20
TICK = 0.2
Variants = Mapping[str, Mapping[str, str]]  # what is in the environment of each, by its name

TRACED: Variants = {"traced": {}}
UNTRACED: Variants = {"untraced": {"OTEL_SDK_DISABLED": "true"}}
INSTRUMENTED: Variants = {
    who: {"ACME_INSTRUMENTATION": who} for who in ("manual", "native", "auto", "off")
}
SILENT = ("untraced", "off")


@dataclass(frozen=True)
class Options:
    """What `acme bench` is to do: a shop for each variant, with these variables on top; times are
    in seconds.
    """

    seconds: float
    rounds: int
    connections: int
    warm_up: float
    variants: Variants


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
        variants = []
        for name, environ in options.variants.items():
            console.print(f"Starting a shop, {name} ...")
            opened = stack.enter_context(shop(environ))
            variants.append(Variant(name, opened, traced=name not in SILENT))
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
    *traced, last = result.columns
    if last.name in SILENT:
        print(conclusion(traced, last))


def table(columns: Sequence[Measured]) -> str:
    """One column for each variant."""
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
    row("spans a request", *(f"{c.spans_due / c.requests:.0f}" for c in columns))
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


def conclusion(traced: Sequence[Measured], untraced: Measured) -> str:
    more = [
        f"{column.per_thousand() / untraced.per_thousand() - 1:.0%} ({column.name})"
        for column in traced
    ]
    return f"Tracing adds CPU to the services: {', '.join(more)}."

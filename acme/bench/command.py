"""The command `acme bench`."""

import argparse
import asyncio
import json
import platform
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from acme.bench.measure import Measured, Variant
from acme.bench.report import conclusion, table
from acme.bench.shop import shop
from shared.readers import number, whole

TICK = 0.2
UNTRACED = {"OTEL_SDK_DISABLED": "true"}


def main(arguments: Sequence[str]) -> int:
    """Runs the benchmark; answers 1 when an answer was wrong or a span was dropped."""
    parser = argparse.ArgumentParser(
        prog="acme bench",
        description="Measures the order-status chain, faults off, every request traced.",
    )
    parser.add_argument(
        "--seconds", type=number(0.5, 3600), default=10, help="load in each round (10)"
    )
    parser.add_argument(
        "--rounds", type=whole(1, 1000), default=3, help="rounds of each variant (3)"
    )
    parser.add_argument(
        "--connections", type=whole(1, 1000), default=16, help="requests at a time (16)"
    )
    parser.add_argument("--warm-up", type=float, default=2, help="load before it counts (2)")
    parser.add_argument(
        "--untraced", action="store_true", help="a second shop without tracing, turn by turn"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    given = parser.parse_args(arguments)

    try:
        columns = asyncio.run(run(given))
    except TimeoutError as error:
        print(error, file=sys.stderr)
        return 1
    Console().print(table(columns))
    if len(columns) > 1:
        print(conclusion(*columns))
    if given.json:
        given.json.write_text(json.dumps(document(columns), indent=1) + "\n")
    return int(any(c.load.wrong or c.spans_due > c.spans_kept for c in columns))


async def run(given: argparse.Namespace) -> list[Measured]:
    with ExitStack() as stack:
        print("Starting", "two shops" if given.untraced else "a shop", "...", flush=True)
        variants = [Variant("traced", stack.enter_context(shop({})), traced=True)]
        if given.untraced:
            variants.append(Variant("untraced", stack.enter_context(shop(UNTRACED)), traced=False))
        for variant in variants:
            await variant.warm_up(given.warm_up, given.connections)
        with Progress(
            TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn()
        ) as progress:
            for number in range(given.rounds):
                for variant in variants:
                    label = f"{variant.measured.name}, round {number + 1} of {given.rounds}"
                    bar = progress.add_task(label, total=given.seconds)
                    ticking = asyncio.create_task(tick(progress, bar))
                    await variant.round(given.seconds, given.connections)
                    ticking.cancel()
                    progress.update(bar, completed=given.seconds)
    return [variant.measured for variant in variants]


async def tick(progress: Progress, bar: TaskID) -> None:
    """Moves the bar with the time; the load itself has better things to do."""
    while True:
        await asyncio.sleep(TICK)
        progress.advance(bar, TICK)


def document(columns: Sequence[Measured]) -> dict[str, object]:
    return {
        "machine": {"python": platform.python_version(), "platform": platform.platform()},
        "variants": {column.name: column.as_json() for column in columns},
    }

"""The command `acme traffic`."""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from acme.launcher.environment import ROOT
from acme.traffic.crowd import Crowd
from acme.traffic.journeys import JOURNEYS
from acme.traffic.pace import Pace
from acme.traffic.report import document, sentences, table
from acme.traffic.target import NoTarget, Target
from shared.readers import http_url, number, whole

TICK = 0.25
SECONDS = 30.0
LONGEST = 86_400.0


def main(arguments: Sequence[str]) -> int:
    """Lets people in; answers 1 when the shop could not be reached. Its failures are no failure of
    this command.
    """
    asked = parser()
    given = asked.parse_args(arguments)
    try:
        target = Target.find(given.run_dir, given.url)
        if not (target.is_near or given.elsewhere):
            asked.error(f"{target.url} is not on this machine; --elsewhere says that it may be hit")
        target.check()
    except NoTarget as error:
        print(error, file=sys.stderr)
        return 1
    crowd = Crowd(target.url, Pace(given.rate), JOURNEYS[given.journey])
    # Ctrl-C is how a person ends it before its time.
    with suppress(KeyboardInterrupt):
        asyncio.run(run(given, crowd))
    tell(given, target, crowd)
    return int(not crowd.outcomes.answered)


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="acme traffic",
        description="Has made-up people click through the shop as a browser does, for 30 s unless "
        "told otherwise. Every click is a trace.",
    )
    add = parser.add_argument
    add("--users", type=whole(1, 1000), default=5, help="people at a time (5)")
    add("--rate", type=number(0.01, 1000), default=5.0, help="clicks a second, of all people (5)")
    add("--journey", choices=JOURNEYS, default="mixed", help="what they do (mixed)")
    add("--seed", type=whole(0, 2**31), default=1, help="of all that is left to chance (1)")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--seconds", type=number(0.1, LONGEST), help="for how long (30)")
    length.add_argument("--clicks", type=whole(1, 10_000_000), help="how many clicks instead")
    add("--url", type=http_url, help="the shop to click through; else the one that runs")
    add("--elsewhere", action="store_true", help="the shop may be on another machine")
    add("--json", type=Path, metavar="FILE", help="write the figures there, too")
    add("--run-dir", type=Path, default=ROOT / ".acme", help="folder of the shop that runs")
    return parser


async def run(given: argparse.Namespace, crowd: Crowd) -> None:
    """Lets people in, and shows how far it is."""
    crowd.pace.start(given.seconds or (LONGEST if given.clicks else SECONDS), given.clicks)
    shopping = asyncio.create_task(crowd.shop(given.users, given.seed))
    with Progress(TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()) as progress:
        bar = progress.add_task("clicking", total=1.0)
        while not shopping.done():
            await asyncio.wait({shopping}, timeout=TICK)
            outcomes = crowd.outcomes
            said = f"{outcomes.count} pages, {outcomes.failed} failed"
            progress.update(bar, description=said, completed=crowd.pace.done)
    await shopping


def tell(given: argparse.Namespace, target: Target, crowd: Crowd) -> None:
    Console().print(table(crowd))
    for sentence in sentences(crowd, target):
        print(sentence)
    if given.json:
        given.json.write_text(json.dumps(document(crowd, target), indent=1) + "\n")

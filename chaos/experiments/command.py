"""The command `acme experiment`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from acme.arguments import asked_for
from acme.faults.control import Rejected, Unreachable
from acme.launcher.environment import ROOT
from chaos.experiments import toolkit
from chaos.experiments.evidence import gather
from chaos.experiments.facts import command_of, facts
from chaos.experiments.files import content, found, is_aimed, shipped
from chaos.experiments.place import RUN, SEED, Place
from chaos.experiments.report import write
from chaos.experiments.rows import Cell, hypothesis
from chaos.experiments.verdict import Journal, verdict
from chaos.measures import NoShop, must_be_believed
from shared.readers import whole

CANNOT, UNREACHABLE = 1, 3
VISITORS = asked_for("a whole number from 0 to 2^31", whole(0, 2**31))


def main(arguments: Sequence[str]) -> int:
    """0: the hypothesis holds; 1: it could not be tried; 2: wrong use; 3: no shop; 4: deviated."""
    given = parser().parse_args(arguments)
    try:
        return int(given.order(given))
    except (NoShop, Unreachable) as error:
        print(error, file=sys.stderr)
        return UNREACHABLE
    except (toolkit.CannotRun, Rejected) as error:
        print(error, file=sys.stderr)
        return CANNOT


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="acme experiment",
        description="A hypothesis about the shop that runs, tried by doing something to it: asked "
        "before and after, with a report. Chaos Toolkit is the engine.",
    )
    orders = parser.add_subparsers(required=True, metavar="ORDER")
    listing = orders.add_parser("list", help="the experiments that come with the shop")
    listing.set_defaults(order=listed)
    running = orders.add_parser("run", help="runs one; answers 4 when the hypothesis does not hold")
    running.set_defaults(order=ran)
    add = running.add_argument
    add("experiment", metavar="FILE", help="a file, or the name of one in chaos/experiments/")
    add("--report", type=Path, metavar="FILE", help="write FILE.html and FILE.md")
    add("--seed", type=VISITORS, help="of the visitors: the same seed, the same victims")
    add("--run-dir", type=Path, default=ROOT / ".acme", help="folder of the shop that runs")
    return parser


def listed(_: argparse.Namespace) -> int:
    table = Table("experiment", "what it tries", box=None, pad_edge=False)
    for file in shipped():
        table.add_row(file.stem, content(file)["title"])
    Console().print(table)
    return 0


def ran(given: argparse.Namespace) -> int:
    """Runs it, and tells what came of it."""
    file = found(given.experiment)
    toolkit.check()
    experiment = content(file)
    own = (experiment.get("configuration") or {}).get(SEED)
    seed = own if given.seed is None else given.seed
    place = Place.of({RUN: str(given.run_dir), SEED: seed})
    place.shop.plane.get("/profile")  # raises where there is nothing to experiment with
    if is_aimed(experiment):
        must_be_believed(place.shop)
    journal = toolkit.run(file, {RUN: str(place.run.path), f"{SEED}:int": str(place.seed)})
    told = verdict(journal)
    Console().print(table(journal))
    print(f"{told.word}: {told.sentence}")
    if given.report:
        command = command_of(given.experiment, place, given.report)
        reported(given.report, journal, place, command)
    return told.code


def reported(target: Path, journal: Journal, place: Place, command: str) -> None:
    try:
        evidence = gather(place.shop, journal)
        written = write(target, journal, evidence, facts(journal, place, command))
    except OSError as error:
        raise toolkit.CannotRun(f"{target} cannot be written: {error.strerror}") from None
    print(f"The report is in {' and '.join(map(str, written))}.")


def table(journal: Journal) -> Table:
    out = Table("probe", "wanted", "before", "after", box=None, pad_edge=False)
    for column in out.columns[1:]:
        column.justify = "right"
    for probe in hypothesis(journal):
        out.add_row(probe.name, probe.wanted, shown(probe.before), shown(probe.after))
    return out


def shown(cell: Cell) -> str:
    return cell.text if cell.met is None else f"{cell.text} {'✓' if cell.met else '✗'}"

"""The command `acme experiment`."""

import argparse
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from acme.arguments import asked_for
from acme.experiment.actions import RUN
from acme.launcher import environment
from acme.launcher.state import RunFolder
from acme.running import running_shop
from chaos.client import Rejected, Unreachable
from chaos.experiments import toolkit
from chaos.experiments.evidence import gather
from chaos.experiments.journal import Journal, verdict
from chaos.experiments.probes import SEED, seed_of
from chaos.experiments.report import Cell, hypothesis, write
from chaos.measures import NoShop, Shop, check_sessions_trusted
from shared.readers import whole

CANNOT, UNREACHABLE = 1, 3
DEFAULT_RUN = environment.ROOT / ".acme"
VISITORS = asked_for("a whole number from 0 to 2^31", whole(0, 2**31))


def main(arguments: Sequence[str]) -> int:
    """0: the hypothesis holds; 1: it could not be tried; 2: wrong use; 3: no shop; 4: deviated."""
    given = parser().parse_args(arguments)
    try:
        return int(given.command(given))
    except (NoShop, Unreachable) as error:
        print(error, file=sys.stderr)
        return UNREACHABLE
    except (toolkit.CannotRun, Rejected) as error:
        print(error, file=sys.stderr)
        return CANNOT


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="acme experiment",
        description="A hypothesis about the steady state of the running shop, checked before and "
        "after something is done to it, with a report. Chaos Toolkit is the engine.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    listing = commands.add_parser("list", help="the experiments that come with the shop")
    listing.set_defaults(command=list_all)
    running = commands.add_parser("run", help="runs one; exits with 4 when the hypothesis fails")
    running.set_defaults(command=run)
    add = running.add_argument
    add("experiment", metavar="FILE", help="a file, or the name of one in chaos/experiments/")
    add("--report", type=Path, metavar="FILE", help="write FILE.html and FILE.md")
    add("--seed", type=VISITORS, help="of the visitors: the same seed, the same clicks fail")
    add("--run-dir", type=Path, default=DEFAULT_RUN, help="folder of the running shop")
    return parser


def list_all(_: argparse.Namespace) -> int:
    table = Table("experiment", "what it tries", box=None, pad_edge=False)
    for file in toolkit.shipped():
        table.add_row(file.stem, toolkit.read_file(file)["title"])
    Console().print(table)
    return 0


def run(given: argparse.Namespace) -> int:
    """Runs the experiment, and prints its result."""
    file = toolkit.find_file(given.experiment)
    toolkit.check()
    experiment = toolkit.read_file(file)
    own = experiment.get("configuration")
    seed = seed_of(own) if given.seed is None else given.seed
    shop, folder = running_shop(given.run_dir), RunFolder(given.run_dir)
    shop.control_plane.get("/profile")  # raises where there is no shop to experiment with
    if toolkit.has_session_fault(experiment):
        check_sessions_trusted(shop)
    variables = {RUN: str(folder.path), f"{SEED}:int": str(seed)}
    journal = toolkit.run(file, variables, with_addresses(shop, folder.path))
    result = verdict(journal)
    Console().print(table(journal))
    print(f"{result.word}: {result.sentence}")
    if given.report:
        command = command_of(given, seed, folder)
        report(given.report, journal, shop, facts(journal, shop, folder, seed, command))
    return result.code


def with_addresses(shop: Shop, run: Path) -> dict[str, str]:
    """The environment of the engine: its probes and actions find this shop by it."""
    addresses = {f"{name.upper()}_URL": url for name, url in shop.urls.items()}
    return {**environment.with_folders(environment.own(), run), **addresses}


def report(target: Path, journal: Journal, shop: Shop, facts: Mapping[str, str]) -> None:
    try:
        written = write(target, journal, gather(shop, journal), facts)
    except OSError as error:
        raise toolkit.CannotRun(f"{target} cannot be written: {error.strerror}") from None
    print(f"The report is in {' and '.join(map(str, written))}.")


def facts(
    journal: Journal, shop: Shop, folder: RunFolder, seed: int, command: str
) -> Mapping[str, str]:
    """What one needs to know to repeat the experiment, in the order of the report."""
    state = folder.running()
    return {
        "command": command,
        "seed of the visitors": str(seed),
        "seed of the shop's draws": str(state.seed) if state else "unknown",
        "revision of the faults": str(shop.control_plane.get("/faults")["revision"]),
        "when": str(journal["start"]),
        "how long": f"{journal['duration']:.1f} s",
        "Python": sys.version.split()[0],
        **toolkit.versions(),
        "platform": str(journal["platform"]),
    }


def command_of(given: argparse.Namespace, seed: int, folder: RunFolder) -> str:
    """The command that repeats it."""
    words = [".venv/bin/acme", "experiment", "run", given.experiment, "--seed", str(seed)]
    if folder.path != DEFAULT_RUN.resolve():
        words += ["--run-dir", str(folder.path)]
    return shlex.join([*words, "--report", str(given.report)])


def table(journal: Journal) -> Table:
    out = Table("probe", "wanted", "before", "after", box=None, pad_edge=False)
    for column in out.columns[1:]:
        column.justify = "right"
    for probe in hypothesis(journal):
        out.add_row(probe.name, probe.wanted, in_cell(probe.before), in_cell(probe.after))
    return out


def in_cell(cell: Cell) -> str:
    return cell.text if cell.met is None else f"{cell.text} {'✓' if cell.met else '✗'}"

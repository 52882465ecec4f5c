"""The command `acme scenario`."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from acme.arguments import asked_for
from acme.faults.control import ControlPlane, Rejected, Unreachable
from acme.launcher.environment import ROOT
from acme.scenario.checking import Check, scenario_of
from acme.scenario.words import card, revealed_text, run_line, run_text, table
from chaos.measures import NoShop, Shop, must_be_believed
from shared.readers import http_url, number, whole

REJECTED, UNREACHABLE, DEVIATED = 1, 3, 4
SEED = asked_for("a whole number from 0 to 2^63 - 1", whole(0, 2**63 - 1))
SPEED = asked_for("a number from 0.1 to 100", number(0.1, 100))
WHOSE = "whose clicks it strikes; the cookie shop_session begins with it"
Order = Callable[[ControlPlane, argparse.Namespace], int | None]


def main(arguments: Sequence[str]) -> int:
    """0: done; 1: the control plane will not; 2: a wrong use; 3: nothing answers; 4: a scenario
    that was checked does not show what it says.
    """
    given = parser().parse_args(arguments)
    try:
        session = getattr(given, "session", None)
        return given.order(ControlPlane.find(given.run_dir, given.url, session), given) or 0
    except Rejected as error:
        print(error, file=sys.stderr)
        return REJECTED
    except (Unreachable, NoShop) as error:
        print(error, file=sys.stderr)
        return UNREACHABLE


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="acme scenario",
        description="Lessons with faults: something is wrong in the shop, and you find out what.",
    )
    orders = parser.add_subparsers(required=True, metavar="ORDER")

    def order(name: str, does: Order, help_: str, what: str = "") -> argparse.ArgumentParser:
        added = orders.add_parser(name, help=help_, description=f"{help_.capitalize()}.")
        added.set_defaults(order=does)
        added.add_argument("--url", type=http_url, help="the control plane; else the shop's own")
        added.add_argument(
            "--run-dir", type=Path, default=ROOT / ".acme", help="folder of the shop that runs"
        )
        if what:
            told = "which one" if what == "ID" else "a run, or the scenario that runs"
            added.add_argument("what", metavar=what, help=told)
        if does is not checked:
            added.add_argument("--session", help=WHOSE)
        return added

    raw = order("list", listed, "every scenario, the easiest first")
    raw.add_argument("--json", action="store_true", help="JSON, for programs to read")
    order("show", shown, "what a scenario is about, as students read it", "ID")
    beginning(order("run", begun, "begins a scenario", "ID"))
    order("stop", stopped, "ends a run: its faults are gone", "RUN")
    order("hint", hinted, "gives one more hint", "RUN")
    fixing = order("fix", fixed, "makes a repair; without one, tells which there are", "RUN")
    fixing.add_argument("fix", nargs="?", help="which repair")
    order("reveal", revealed, "shows what struck, also before, and the answers", "RUN")
    telling = order("report", reported, "what happened, and what there was to learn", "RUN")
    telling.add_argument("--format", choices=("md", "html", "json"), default="md")
    checking = order("check", checked, "makes a scenario's clicks and tells whether it works", "ID")
    checking.add_argument("--seed", type=SEED, help="another one than its own")
    return parser


def beginning(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--class", action="store_true", dest="everybody", help="it strikes everybody")
    add("--seed", type=SEED, help="who is struck: the same seed, the same victims")
    add("--speed", type=SPEED, default=1.0, help="of its timeline (1)")
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--hidden", action="store_true", help="spans do not tell what struck them")
    shown.add_argument("--visible", action="store_true", help="they do")


def listed(plane: ControlPlane, given: argparse.Namespace) -> None:
    found = plane.get("/scenarios")["scenarios"]
    print(json.dumps(found, indent=1) if given.json else table(found))


def shown(plane: ControlPlane, given: argparse.Namespace) -> None:
    print(card(plane.get(f"/scenarios/{given.what}")))


def begun(plane: ControlPlane, given: argparse.Namespace) -> None:
    wanted: dict[str, object] = {"speed": given.speed}
    if given.everybody:
        wanted["scope"] = "class"
    for name in ("session", "seed"):
        if getattr(given, name) is not None:
            wanted[name] = getattr(given, name)
    if given.hidden or given.visible:
        wanted["reveal"] = "hidden" if given.hidden else "visible"
    run = plane.ask("POST", f"/scenarios/{given.what}/runs", wanted)
    print(run_text(run, plane.get(f"/scenarios/{given.what}")))


def stopped(plane: ControlPlane, given: argparse.Namespace) -> None:
    print(run_line(plane.ask("POST", f"/runs/{named(plane, given.what)}/stop")))


def hinted(plane: ControlPlane, given: argparse.Namespace) -> None:
    print(plane.ask("POST", f"/runs/{named(plane, given.what)}/hint")["hints"][-1])


def fixed(plane: ControlPlane, given: argparse.Namespace) -> None:
    id_ = named(plane, given.what)
    if given.fix is None:
        run = plane.get(f"/runs/{id_}")
    else:
        run = plane.ask("POST", f"/runs/{id_}/fix", {"fix": given.fix})
    if not run["fixes"]:
        done = f"{given.fix} is done. " if given.fix else ""
        print(f"{done}Its repairs would say what is broken: reveal tells which there are.")
    for fix in run["fixes"]:
        print(f"{'done' if fix['made'] else '    '}  {fix['id']}: {fix['title']}")


def revealed(plane: ControlPlane, given: argparse.Namespace) -> None:
    print(revealed_text(plane.ask("POST", f"/runs/{named(plane, given.what)}/reveal")))


def reported(plane: ControlPlane, given: argparse.Namespace) -> None:
    path = f"/runs/{named(plane, given.what)}/report?format={given.format}"
    print("\n".join(line.rstrip() for line in plane.lines(path)))


def checked(plane: ControlPlane, given: argparse.Namespace) -> int:
    shop = Shop.find(given.run_dir).at(plane)
    scenario = scenario_of(plane, given.what)
    must_be_believed(shop)
    check = Check(shop, scenario, scenario.seed if given.seed is None else given.seed)
    for line in check.run():
        print(line, flush=True)
    wrong = sum(not line.holds for line in check.lines)
    told = f"{wrong} of {len(check.lines)} lines do not hold" if wrong else "all holds"
    print(f"{scenario.id}, seed {check.seed}: {told}; {len(check.victims)} places were struck")
    return DEVIATED if wrong else 0


def named(plane: ControlPlane, what: str) -> str:
    """The id of a run: that itself, or that of the scenario's last run."""
    if what.startswith("r-"):
        return what
    runs = [run for run in plane.get("/runs")["runs"] if run["scenario"] == what]
    if not runs:
        told = f"{what} does not run, and did not; `.venv/bin/acme scenario run {what}` begins it"
        raise Rejected(404, told)
    return str(next((run for run in runs if run["state"] == "running"), runs[0])["id"])

"""The command `acme scenario`."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from acme.arguments import asked_for
from acme.launcher.environment import ROOT
from acme.running import control_plane, running_shop
from acme.scenario.printing import card, revealed_text, run_line, run_text, table
from chaos.client import ControlPlane, Rejected, Unreachable
from chaos.measures import NoShop, check_sessions_trusted
from chaos.scenarios.check import Check, scenario_of
from shared.readers import http_url, number, whole

REJECTED, UNREACHABLE, DEVIATED = 1, 3, 4
SEED = asked_for("a whole number from 0 to 2^63 - 1", whole(0, 2**63 - 1))
SPEED = asked_for("a number from 0.1 to 100", number(0.1, 100))
SESSION = "whose clicks fail: the first part of the cookie shop_session"
Order = Callable[[ControlPlane, argparse.Namespace], int | None]


def main(arguments: Sequence[str]) -> int:
    """0: done; 1: the control plane will not; 2: a wrong use; 3: nothing answers; 4: a scenario
    that was checked does not show what it says.
    """
    given = parser().parse_args(arguments)
    try:
        session = getattr(given, "session", None)
        return given.order(control_plane(given.run_dir, given.url, session), given) or 0
    except Rejected as error:
        print(error, file=sys.stderr)
        return REJECTED
    except (Unreachable, NoShop) as error:
        print(error, file=sys.stderr)
        return UNREACHABLE


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="acme scenario",
        description="Lessons: something is wrong in the shop, and you find out what.",
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
            which = "which one" if what == "ID" else "a run, or a scenario that runs"
            added.add_argument("what", metavar=what, help=which)
        if does is not checked:
            added.add_argument("--session", help=SESSION)
        return added

    raw = order("list", listed, "every scenario, the easiest first")
    raw.add_argument("--json", action="store_true", help="JSON, for programs to read")
    order("show", shown, "what a scenario is about, as students see it", "ID")
    beginning(order("run", begun, "starts a scenario", "ID"))
    order("stop", stopped, "ends a run and removes its faults", "RUN")
    order("hint", hinted, "gives one more hint", "RUN")
    fixing = order("fix", fixed, "makes a fix; without one, lists them", "RUN")
    fixing.add_argument("fix", nargs="?", help="which fix")
    order("reveal", revealed, "shows its faults, what they did before, and the answers", "RUN")
    telling = order("report", reported, "what happened, and what there was to learn", "RUN")
    telling.add_argument("--format", choices=("md", "html", "json"), default="md")
    checking = order(
        "check", checked, "makes a scenario's clicks and checks its expectations", "ID"
    )
    checking.add_argument("--seed", type=SEED, help="another one than its own")
    return parser


def beginning(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--class", action="store_true", dest="everybody", help="for everybody")
    add("--seed", type=SEED, help="the same seed, the same clicks fail")
    add("--speed", type=SPEED, default=1.0, help="of its timeline (1)")
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--hidden", action="store_true", help="spans have no mark of its faults")
    shown.add_argument("--visible", action="store_true", help="they have")


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
    run = plane.request("POST", f"/scenarios/{given.what}/runs", wanted)
    print(run_text(run, plane.get(f"/scenarios/{given.what}")))


def stopped(plane: ControlPlane, given: argparse.Namespace) -> None:
    print(run_line(plane.request("POST", f"/runs/{named(plane, given.what)}/stop")))


def hinted(plane: ControlPlane, given: argparse.Namespace) -> None:
    print(plane.request("POST", f"/runs/{named(plane, given.what)}/hint")["hints"][-1])


def fixed(plane: ControlPlane, given: argparse.Namespace) -> None:
    id_ = named(plane, given.what)
    if given.fix is None:
        run = plane.get(f"/runs/{id_}")
    else:
        run = plane.request("POST", f"/runs/{id_}/fix", {"fix": given.fix})
    if not run["fixes"]:
        done = f"{given.fix} is done. " if given.fix else ""
        print(f"{done}Its fixes would give the cause away: reveal lists them.")
    for fix in run["fixes"]:
        print(f"{'done' if fix['made'] else '    '}  {fix['id']}: {fix['title']}")


def revealed(plane: ControlPlane, given: argparse.Namespace) -> None:
    print(revealed_text(plane.request("POST", f"/runs/{named(plane, given.what)}/reveal")))


def reported(plane: ControlPlane, given: argparse.Namespace) -> None:
    path = f"/runs/{named(plane, given.what)}/report?format={given.format}"
    print("\n".join(line.rstrip() for line in plane.lines(path)))


def checked(plane: ControlPlane, given: argparse.Namespace) -> int:
    shop = running_shop(given.run_dir).with_control_plane(plane)
    scenario = scenario_of(plane, given.what)
    check_sessions_trusted(shop)
    check = Check(shop, scenario, scenario.seed if given.seed is None else given.seed)
    for line in check.run():
        print(line, flush=True)
    wrong = sum(not line.holds for line in check.lines)
    result = f"{wrong} of {len(check.lines)} lines do not hold" if wrong else "all lines hold"
    print(f"{scenario.id}, seed {check.seed}: {result}; faults fired {len(check.injections)} times")
    return DEVIATED if wrong else 0


def named(plane: ControlPlane, what: str) -> str:
    """The id of a run: that itself, or that of the scenario's last run."""
    if what.startswith("r-"):
        return what
    runs = [run for run in plane.get("/runs")["runs"] if run["scenario"] == what]
    if not runs:
        raise Rejected(404, f"{what} has no run: `.venv/bin/acme scenario run {what}` starts one")
    return str(next((run for run in runs if run["state"] == "running"), runs[0])["id"])

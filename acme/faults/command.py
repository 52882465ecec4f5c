"""The command `acme faults`."""

import argparse
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from acme.arguments import asked_for
from acme.faults.changing import Change, clear, put, reset
from acme.faults.explaining import explain
from acme.faults.listing import show, watch
from acme.launcher.environment import ROOT
from acme.running import control_plane, running_shop
from chaos.client import ControlPlane, Rejected, Unreachable
from chaos.engine.values import DURATION, UNITS
from chaos.measures import NoShop
from shared.readers import http_url, number

REJECTED, UNREACHABLE = 1, 3
PROFILES = ("calm", "default", "realistic")
RATE = asked_for("a share from 0 to 1", number(0, 1))
MILLISECONDS = asked_for("a number of milliseconds from 0 to 60000", number(0, 60_000))
Order = Callable[[ControlPlane, argparse.Namespace], None]


def main(arguments: Sequence[str]) -> int:
    """0: done; 1: the control plane will not; 2: a wrong use; 3: nothing answers."""
    asked = parser()
    given = asked.parse_args(arguments)
    if given.order is cleared and not (given.ids or given.all or given.session):
        asked.error("name the faults to clear, or give --all or --session")
    try:
        given.order(control_plane(given.run_dir, given.url, whose(given)), given)
    except Rejected as error:
        print(error, file=sys.stderr)
        return REJECTED
    except (NoShop, Unreachable) as error:
        print(error, file=sys.stderr)
        return UNREACHABLE
    return 0


def whose(given: argparse.Namespace) -> str | None:
    """The session of who asks, for the orders that a student may give with one."""
    session: str | None = getattr(given, "session", None)
    return session


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="acme faults",
        description="Fault injection in the running shop: lists, sets, clears and explains faults. "
        "Changes take effect with the next request.",
    )
    orders = parser.add_subparsers(required=True, metavar="ORDER")

    def order(name: str, does: Order, help_: str) -> argparse.ArgumentParser:
        added = orders.add_parser(name, help=help_, description=f"{help_.capitalize()}.")
        added.set_defaults(order=does)
        added.add_argument("--url", type=http_url, help="the control plane; else the shop's own")
        added.add_argument(
            "--run-dir", type=Path, default=ROOT / ".acme", help="folder of the shop that runs"
        )
        return added

    listing = order("list", listed, "all faults there are, and how often they fired")
    listing.add_argument("--why", action="store_true", help="where each value comes from")
    listing.add_argument("--json", action="store_true", help="JSON, for programs to read")
    setting(order("set", changed, "applies a fault, or all faults of a file"))
    clearing = order(
        "clear", cleared, "removes faults; --all is Stop all: no fault injection any more"
    )
    clearing.add_argument("ids", nargs="*", metavar="ID", help="which")
    clearing.add_argument("--all", action="store_true", help="every fault, run and profile")
    clearing.add_argument("--session", help="all faults for this session; with IDs, only those")
    explaining = order(
        "explain", explained, "what the faults did to one trace, and why others did not fire"
    )
    explaining.add_argument("trace_id", type=trace_id, help="of a click: its page links to it")
    explaining.add_argument("--session", help="whose click it was; required for students")
    profile = order("profile", profiled, "which default faults the shop has")
    profile.add_argument(
        "name", choices=PROFILES, nargs="?", help="without one, prints the current one"
    )
    order("watch", watched, "every change and every hit as it happens, until Ctrl-C")
    return parser


def setting(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("what", metavar="ID|FILE", help="a fault of the list, or SERVICE-failure, SERVICE-latency;")
    add("--rate", type=rate, help="the share of requests in which it fires, from 0 to 1")
    add("--ms", type=MILLISECONDS, help="the length of a delay")
    add("--status", type=int, help="the status of an error")
    add("--session", help="only for this one; the shop's cookie shop_session begins with it")
    add("--ttl", type=seconds, help="when it ends: 90s, 10m, 1h (15m)")
    add("--reason", default="", help="why; shown in the list")
    add("--hidden", action="store_true", help="its spans have no mark, so that one has to find it")


def rate(text: str) -> float:
    try:
        return RATE(text)
    except argparse.ArgumentTypeError as error:
        with suppress(ValueError):
            if 1 < (percent := float(text)) <= 100:
                told = f"{error}; did you mean {percent / 100:g} ({percent:g} %)?"
                raise argparse.ArgumentTypeError(told) from None
        raise


def trace_id(text: str) -> str:
    """32 digits, or the address of the page that shows the trace."""
    found = text.rstrip("/").rpartition("/")[2].lower()
    if len(found) != 32 or set(found) - set("0123456789abcdef"):
        raise argparse.ArgumentTypeError(f"{text} is no trace id: it has 32 digits of 0-9 and a-f")
    return found


def seconds(text: str) -> float:
    found = DURATION.fullmatch(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text} is no duration such as 90s, 10m or 1h")
    return float(found[1]) * UNITS[found[2]]


def listed(plane: ControlPlane, given: argparse.Namespace) -> None:
    show(plane, why=given.why, raw=given.json)


def changed(plane: ControlPlane, given: argparse.Namespace) -> None:
    change = Change(
        given.rate, given.ms, given.status, given.session, given.ttl, given.hidden or None
    )
    put(plane, given.what, change, given.reason)


def cleared(plane: ControlPlane, given: argparse.Namespace) -> None:
    clear(plane, given.ids)
    if given.session and not given.ids:
        reset(plane, "mine", given.session)
    if given.all:
        reset(plane, "all")


def explained(plane: ControlPlane, given: argparse.Namespace) -> None:
    explain(plane, running_shop(given.run_dir).lens, given.trace_id)


def profiled(plane: ControlPlane, given: argparse.Namespace) -> None:
    if given.name is not None:
        plane.request("PUT", "/profile", {"name": given.name})
    print(f"The profile is {plane.get('/profile')['name']}.")


def watched(plane: ControlPlane, _: argparse.Namespace) -> None:
    watch(plane)

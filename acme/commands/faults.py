"""`acme faults`: failures on purpose, in the shop that runs."""

from contextlib import suppress
from enum import StrEnum
from typing import Annotated

import typer

from acme.commands.control_plane import Session, Url, connected
from acme.commands.options import RUN, AsJson, RunDir, a_session, finite
from acme.terminal import as_json as json_text
from shared.topology import SERVICES

KINDS = ("failure", "latency")
LONGEST_MS = 60_000

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
Hidden = Annotated[
    bool,
    typer.Option("--hidden", help="Also what is hidden, as the cause of a scenario that runs."),
]


class Profile(StrEnum):
    """A set of default faults; `file` is the one that the shop was started with, if it was."""

    calm = "calm"
    default = "default"
    realistic = "realistic"
    file = "file"


def fault_ids(incomplete: str) -> list[str]:
    """The faults of the running shop, if one runs, and those that `set` can make."""
    from acme.running import control_plane
    from chaos.client import Rejected, Unreachable

    found = [f"{row.name}-{kind}" for row in SERVICES if row.traced for kind in KINDS]
    with suppress(Rejected, Unreachable):  # whoever completes a word does not want an error
        found += [row["id"] for row in control_plane(RUN).get("/faults")["faults"]]
    return sorted({id_ for id_ in found if id_.startswith(incomplete)})


def shown(hidden: bool) -> str | None:
    """What the control plane is asked for: a presenter may be looking for the cause, too."""
    return "show" if hidden else None


def rate(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = -1
    if 0 <= found <= 1:
        return found
    hint = f". Did you mean {found / 100:g} ({found:g} %)?" if 1 < found <= 100 else ""
    raise typer.BadParameter(f"{text} is not a share from 0 to 1{hint}")


def seconds(text: str) -> float:
    from chaos.engine.values import DURATION, UNITS

    found = DURATION.fullmatch(text)
    if found is None:
        raise typer.BadParameter(f"{text} is not a duration such as 90s, 10m or 1h")
    return float(found[1]) * UNITS[found[2]]


def trace_id(text: str) -> str:
    """32 digits, or the address of the page that shows the trace."""
    found = text.rstrip("/").rpartition("/")[2].lower()
    if len(found) != 32 or set(found) - set("0123456789abcdef"):
        raise typer.BadParameter(f"{text} is not a trace id: it has 32 digits of 0-9 and a-f")
    return found


@app.command("list")
def list_(
    why: Annotated[bool, typer.Option("--why", help="Where each value comes from.")] = False,
    hidden: Hidden = False,
    as_json: AsJson = False,
    url: Url = None,
    run_dir: RunDir = RUN,
) -> None:
    """List all faults, and how often they fired.

    The JSON is that of the control plane's API, and always says where each value comes from.
    """
    from acme.faults.listing import show

    with connected(run_dir, url) as plane:
        found = plane.get("/faults", hidden=shown(hidden))
        if as_json:
            print(json_text(found))
        else:
            show(found, why=why)


@app.command("set")
def set_(
    what: Annotated[
        str,
        typer.Argument(
            metavar="ID|FILE",
            autocompletion=fault_ids,
            help="A fault of the list, SERVICE-failure, SERVICE-latency, or a file with faults.",
        ),
    ],
    rate: Annotated[
        float | None,
        typer.Option(
            parser=rate, metavar="SHARE", help="The share of requests in which it fires, 0 to 1."
        ),
    ] = None,
    ms: Annotated[
        float | None,
        typer.Option(min=0, max=LONGEST_MS, callback=finite, help="The length of a delay."),
    ] = None,
    status: Annotated[
        int | None, typer.Option(min=400, max=599, help="The status of an error.")
    ] = None,
    session: Annotated[
        str | None,
        typer.Option(
            parser=a_session,
            metavar="ID",
            help="Only for this session: the first part of the cookie shop_session.",
        ),
    ] = None,
    ttl: Annotated[
        float | None,
        typer.Option(
            parser=seconds,
            metavar="DURATION",
            help="When it ends: 90s, 10m, 1h.",
            show_default="15m",
        ),
    ] = None,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; shown in the list.")] = "",
    hidden: Annotated[
        bool, typer.Option("--hidden", help="Its spans have no mark, so that one has to find it.")
    ] = False,
    url: Url = None,
    run_dir: RunDir = RUN,
) -> None:
    """Apply a fault, or all faults of a file.

    It takes effect with the next request.
    """
    from acme.faults.changing import Change, put

    with connected(run_dir, url, session) as plane:
        put(plane, what, Change(rate, ms, status, session, ttl, hidden or None), reason)


@app.command()
def clear(
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="ID", autocompletion=fault_ids, help="Which faults."),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every fault and run, and the profile: Stop all.")
    ] = False,
    session: Annotated[
        str | None,
        typer.Option(
            parser=a_session,
            metavar="ID",
            help="All faults for this session; with IDs, only those.",
        ),
    ] = None,
    url: Url = None,
    run_dir: RunDir = RUN,
) -> None:
    """Remove faults; with --all, no fault injection any more."""
    from acme.faults import changing

    if not (ids or everything or session):
        raise typer.BadParameter("name the faults to clear, or give --all or --session")
    with connected(run_dir, url, session) as plane:
        changing.clear(plane, ids or [])
        if session and not ids:
            changing.reset(plane, "mine", session)
        if everything:
            changing.reset(plane, "all")


@app.command()
def explain(
    trace: Annotated[
        str,
        typer.Argument(
            parser=trace_id,
            metavar="TRACE_ID",
            help="The trace of a click, or the address of its page.",
        ),
    ],
    hidden: Hidden = False,
    session: Session = None,
    as_json: AsJson = False,
    url: Url = None,
    run_dir: RunDir = RUN,
) -> None:
    """Say what the faults did to one trace.

    And why the others did not fire in it. Students have to give the session.
    """
    from acme.faults.explaining import explain as explanation
    from acme.running import running_shop

    with connected(run_dir, url, session) as plane:
        found = explanation(plane, running_shop(run_dir).lens, trace, hidden=shown(hidden))
        if as_json:
            print(json_text(found.as_json()))
        else:
            found.show()


@app.command()
def profile(
    name: Annotated[
        Profile | None, typer.Argument(help="Which profile; without one, print the current one.")
    ] = None,
    url: Url = None,
    run_dir: RunDir = RUN,
) -> None:
    """Choose which default faults the shop has."""
    with connected(run_dir, url) as plane:
        if name is not None:
            plane.request("PUT", "/profile", {"name": name.value})
        print(f"The profile is {plane.get('/profile')['name']}.")


@app.command()
def watch(
    hidden: Hidden = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON document a line, for programs to read.")
    ] = False,
    url: Url = None,
    run_dir: RunDir = RUN,
) -> None:
    """Show every change and every hit as it happens, until Ctrl-C."""
    from acme.faults.listing import events, happenings

    with connected(run_dir, url) as plane, suppress(KeyboardInterrupt):
        if as_json:
            for kind, news in events(plane, hidden=hidden):
                print(json_text({"event": kind, **news}, indent=None), flush=True)
        else:
            for line in happenings(plane, hidden=hidden):
                print(line, flush=True)

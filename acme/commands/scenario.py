"""`acme scenario`: lessons in finding faults, run from a terminal."""

from collections.abc import Sequence
from enum import StrEnum
from textwrap import fill
from typing import TYPE_CHECKING, Annotated, Any

import typer

from acme.commands.control_plane import Session, Url, connected
from acme.commands.options import DEVIATED, ROOT, RUN, AsJson, RunDir, completing, finite
from acme.terminal import as_json as json_text
from acme.terminal import columns, did_you_mean

if TYPE_CHECKING:
    from chaos.client import ControlPlane

Json = dict[str, Any]
WIDTH = 100
NOT_FOUND = 404
MOST_SEED = 2**63 - 1
SHIPPED = [file.stem for file in sorted((ROOT / "chaos" / "scenarios").glob("*.yaml"))]

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

Id = Annotated[str, typer.Argument(metavar="ID", autocompletion=completing(SHIPPED), help="Which.")]
Run = Annotated[
    str,
    typer.Argument(
        metavar="RUN", autocompletion=completing(SHIPPED), help="A run, or a scenario that runs."
    ),
]
Seed = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=MOST_SEED,
        help="The same seed, the same clicks fail.",
        show_default="the scenario's own",
    ),
]


class Format(StrEnum):
    """What a report is written in."""

    md = "md"
    html = "html"
    json = "json"


@app.command("list")
def list_(as_json: AsJson = False, url: Url = None, run_dir: RunDir = RUN) -> None:
    """List every scenario, the easiest first."""
    with connected(run_dir, url) as plane:
        found = plane.get("/scenarios")["scenarios"]
        print(json_text(found) if as_json else table(found))


@app.command()
def show(
    scenario: Id,
    session: Session = None,
    as_json: AsJson = False,
    url: Url = None,
    run_dir: RunDir = RUN,
) -> None:
    """Show what a scenario is about, as students see it."""
    with connected(run_dir, url, session) as plane:
        found = read(plane, scenario)
        print(json_text(found) if as_json else card(found))


@app.command()
def run(
    scenario: Id,
    everybody: Annotated[bool, typer.Option("--class", help="For everybody.")] = False,
    seed: Seed = None,
    speed: Annotated[
        float, typer.Option(min=0.1, max=100, callback=finite, help="Of its timeline.")
    ] = 1.0,
    hidden: Annotated[
        bool, typer.Option("--hidden", help="Spans have no mark of its faults.")
    ] = False,
    visible: Annotated[
        bool, typer.Option("--visible", help="Spans have a mark of its faults.")
    ] = False,
    session: Session = None,
    url: Url = None,
    run_dir: RunDir = RUN,
) -> None:
    """Start a scenario."""
    if hidden and visible:
        raise typer.BadParameter("give --hidden or --visible, not both", param_hint="'--hidden'")
    wanted = {
        "speed": speed,
        "scope": "class" if everybody else None,
        "session": session,
        "seed": seed,
        "reveal": "hidden" if hidden else "visible" if visible else None,
    }
    given = {name: value for name, value in wanted.items() if value is not None}
    with connected(run_dir, url, session) as plane:
        about = read(plane, scenario)
        begun = plane.request("POST", f"/scenarios/{scenario}/runs", given)
        print(run_text(begun, about))


@app.command()
def status(
    session: Session = None, as_json: AsJson = False, url: Url = None, run_dir: RunDir = RUN
) -> None:
    """List the runs, the latest first."""
    with connected(run_dir, url, session) as plane:
        runs = plane.get("/runs")["runs"]
        if as_json:
            print(json_text(runs))
        else:
            print(table_of_runs(runs) if runs else "No scenario runs, and none did.")


@app.command()
def stop(run: Run, session: Session = None, url: Url = None, run_dir: RunDir = RUN) -> None:
    """End a run, and remove its faults."""
    with connected(run_dir, url, session) as plane:
        print(run_line(plane.request("POST", f"/runs/{run_id(plane, run)}/stop")))


@app.command()
def hint(run: Run, session: Session = None, url: Url = None, run_dir: RunDir = RUN) -> None:
    """Give one more hint."""
    with connected(run_dir, url, session) as plane:
        print(plane.request("POST", f"/runs/{run_id(plane, run)}/hint")["hints"][-1])


@app.command()
def fix(
    run: Run,
    fix: Annotated[
        str | None, typer.Argument(metavar="FIX", help="Which; without one, list them.")
    ] = None,
    session: Session = None,
    as_json: AsJson = False,
    url: Url = None,
    run_dir: RunDir = RUN,
) -> None:
    """Make a fix."""
    with connected(run_dir, url, session) as plane:
        path = f"/runs/{run_id(plane, run)}"
        found = plane.request("POST", f"{path}/fix", {"fix": fix}) if fix else plane.get(path)
    if as_json:
        print(json_text(found["fixes"]))
    elif found["fixes"]:
        print(table_of_fixes(found))
    else:
        done = f"{fix} is done. " if fix else ""
        print(f"{done}Its fixes would give the cause away: reveal lists them.")


@app.command()
def reveal(
    run: Run,
    session: Session = None,
    as_json: AsJson = False,
    url: Url = None,
    run_dir: RunDir = RUN,
) -> None:
    """Show its faults, what they did before, and the answers."""
    with connected(run_dir, url, session) as plane:
        found = plane.request("POST", f"/runs/{run_id(plane, run)}/reveal")
        print(json_text(found) if as_json else revealed_text(found))


@app.command()
def report(
    run: Run,
    format: Annotated[Format, typer.Option(help="What to write it in.")] = Format.md,  # noqa: A002
    session: Session = None,
    url: Url = None,
    run_dir: RunDir = RUN,
) -> None:
    """Say what happened, and what there was to learn."""
    with connected(run_dir, url, session) as plane:
        path = f"/runs/{run_id(plane, run)}/report?format={format.value}"
        print("\n".join(line.rstrip() for line in plane.lines(path)))


@app.command()
def check(scenario: Id, seed: Seed = None, url: Url = None, run_dir: RunDir = RUN) -> None:
    """Make a scenario's clicks and check its expectations.

    Exits with 4 when one of them does not hold.
    """
    from acme.running import running_shop
    from chaos.measures import check_sessions_trusted
    from chaos.scenarios.check import Check, scenario_of

    with connected(run_dir, url) as plane:
        shop = running_shop(run_dir).with_control_plane(plane)
        described = scenario_of(plane, scenario)
        check_sessions_trusted(shop)
        checking = Check(shop, described, described.seed if seed is None else seed)
        for line in checking.run():
            print(line, flush=True)
    wrong = sum(not line.holds for line in checking.lines)
    count = len(checking.lines)
    result = f"{wrong} of {count} lines do not hold" if wrong else "all lines hold"
    fired = f"faults fired {len(checking.injections)} times"
    print(f"{described.id}, seed {checking.seed}: {result}; {fired}")
    raise typer.Exit(DEVIATED if wrong else 0)


def read(plane: "ControlPlane", scenario: str) -> Json:
    """The scenario as this caller may see it."""
    from chaos.client import Rejected

    try:
        found: Json = plane.get(f"/scenarios/{scenario}")
    except Rejected as error:
        if error.status == NOT_FOUND and (guess := did_you_mean(scenario, SHIPPED)):
            raise Rejected(NOT_FOUND, f"there is no scenario {scenario}.{guess}") from None
        raise
    return found


def run_id(plane: "ControlPlane", run: str) -> str:
    """The id of a run: that itself, or that of the scenario's last run."""
    from chaos.client import Rejected

    if run.startswith("r-"):
        return run
    runs = [one for one in plane.get("/runs")["runs"] if one["scenario"] == run]
    if not runs:
        guess = did_you_mean(run, SHIPPED) if run not in SHIPPED else ""
        hint = guess or f" `.venv/bin/acme scenario run {run}` starts one."
        raise Rejected(NOT_FOUND, f"{run} has no run.{hint}")
    return str(next((one for one in runs if one["state"] == "running"), runs[0])["id"])


def table(cards: Sequence[Json]) -> str:
    """One row for each scenario, and which of them run."""
    if not cards:
        return "There are no scenarios: ACME_SCENARIOS names the folder that they are in."
    head = ("scenario", "level", "minutes", "for", "what it is about", "runs")
    rows = [
        (
            one["id"],
            one["level"],
            str(one["minutes"]),
            one["scope"],
            one["title"],
            "yes" if one["runs"] else "no",
        )
        for one in cards
    ]
    return columns(head, rows, right=["minutes"])


def table_of_runs(runs: Sequence[Json]) -> str:
    head = ("run", "scenario", "for", "seed", "state", "min left")
    rows = [
        (run["id"], run["scenario"], whom(run), str(run["seed"]), run["state"], minutes_left(run))
        for run in runs
    ]
    return columns(head, rows, right=("seed", "min left"))


def table_of_fixes(found: Json) -> str:
    rows = [(one["id"], "yes" if one["made"] else "no", one["title"]) for one in found["fixes"]]
    return columns(("fix", "done", "what it does"), rows)


def whom(run: Json) -> str:
    return f"session {run['session']}" if run["session"] else "everybody"


def minutes_left(run: Json) -> str:
    return f"{run['ends_in'] / 60:.0f}" if run["state"] == "running" else "-"


def card(scenario: Json) -> str:
    """What a student may know."""
    about = f"{scenario['level']}, {scenario['minutes']} minutes, for the {scenario['scope']}"
    start = f"`.venv/bin/acme scenario run {scenario['id']}` starts it."
    lines = [f"{scenario['title']} ({about})", "", brief(scenario), ""]
    return "\n".join([*lines, f"{scenario['hints']} hints. {start}"])


def brief(scenario: Json) -> str:
    """What seems to be wrong, and the questions."""
    questions = (f"? {question}" for question in scenario["questions"])
    return "\n".join((fill(" ".join(scenario["brief"].split()), WIDTH), "", *questions))


def run_line(run: Json) -> str:
    left = f", {minutes_left(run)} min left" if run["state"] == "running" else ""
    about = f"{run['scenario']} for {whom(run)}, seed {run['seed']}"
    return f"{run['id']}: {about}, {run['state']}{left}"


def run_text(run: Json, scenario: Json) -> str:
    """A run that has just started, what its scenario is about, and the commands for it."""
    session = f" --session {run['session']}" if run["session"] else ""
    commands = f"`.venv/bin/acme scenario hint {run['id']}{session}`"
    commands += "; and so fix, reveal, report and stop."
    return f"{run_line(run)}\n\n{brief(scenario)}\n\n{commands}"


def revealed_text(run: Json) -> str:
    """What was broken, and the answers."""
    faults = (f"  {fault['id']}: {fault['title']}" for fault in run["causes"])
    answers = (f"\n? {one['ask']}\n{fill(one['answer'], WIDTH)}" for one in run["questions"])
    return "\n".join((run_line(run), *faults, *answers))

"""The engine of experiments: Chaos Toolkit, in a process of its own."""

import importlib.util
import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from acme.launcher import environment

Journal = dict[str, Any]
PACKAGES = ("chaostoolkit", "chaostoolkit-lib")
MISSING = (
    "Experiments need Chaos Toolkit, which comes with the extra `experiments`: "
    "{python} -m pip install --editable '{root}[experiments]'"
)
UNDONE = {"status": "aborted", "output": None, "duration": 0.0, "exception": ["interrupted"]}
COLOUR = re.compile(r"\x1b\[\d*m")


class CannotRun(Exception):
    """There is no journal; the message says why."""


def check() -> None:
    """Raises CannotRun where the engine is not installed."""
    if importlib.util.find_spec("chaostoolkit") is None:
        raise CannotRun(MISSING.format(python=sys.executable, root=environment.ROOT))


def versions() -> dict[str, str]:
    """Of the parts of the engine that are installed."""
    found: dict[str, str] = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def run(file: Path, variables: Mapping[str, str]) -> Journal:
    """Runs the experiment to its end, with its rollbacks whatever happens, and reads its journal.
    What the engine tells goes to the standard error. Raises CannotRun.
    """
    check()
    with TemporaryDirectory(prefix="acme-") as folder:
        journal = Path(folder) / "journal.json"
        process = subprocess.Popen(  # noqa: S603  # the engine, as a module of our own Python
            command(file, journal, variables),
            cwd=folder,
            env=environment.with_folders(environment.own(), environment.ROOT / ".acme"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
        )
        follow(process)
        return read(journal, file)


def command(file: Path, journal: Path, variables: Mapping[str, str]) -> Sequence[str]:
    settings = str(journal.with_name("settings.yaml"))  # which is not there: nobody's own ones
    engine = [sys.executable, "-m", "chaostoolkit", "--no-version-check", "--no-log-file"]
    given = [part for pair in variables.items() for part in ("--var", "=".join(pair))]
    run = ["run", "--rollback-strategy", "always", "--journal-path", str(journal), *given]
    return [*engine, "--settings", settings, *run, str(file.resolve())]


def follow(process: "subprocess.Popen[str]") -> None:
    """Tells what it tells, up to its end; Ctrl-C is meant for it, too: it then takes all back."""
    assert process.stderr is not None
    while process.poll() is None:
        with suppress(KeyboardInterrupt):
            for line in process.stderr:
                sys.stderr.write(COLOUR.sub("", line))
            process.wait()
    process.stderr.close()


def read(journal: Path, file: Path) -> Journal:
    try:
        found: Journal = json.loads(journal.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        told = f"{file} could not be run: the engine has left no journal, and tells why above"
        raise CannotRun(told) from None
    return completed(found)


def completed(journal: Journal) -> Journal:
    """The journal with all that the engine leaves out of an activity which was interrupted."""
    states = [journal["steady_states"][phase] or {} for phase in ("before", "after")]
    asked = [run for state in states for run in state.get("probes", ())]
    for key, value in {"end": journal["start"], "duration": 0.0}.items():
        journal.setdefault(key, value)
    for run in (*asked, *journal["run"], *journal["rollbacks"]):
        for key, value in UNDONE.items():
            run.setdefault(key, value)
        run.setdefault("start", journal["start"])
        run.setdefault("end", run["start"])
    return journal

"""Experiments' files, and the engine that runs them: Chaos Toolkit, in a process of its own."""

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

import yaml

from chaos.engine.reader import meant

Journal = dict[str, Any]
PACKAGES = ("chaostoolkit", "chaostoolkit-lib")
FOLDER = Path(__file__).parent
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
        raise CannotRun(MISSING.format(python=sys.executable, root=FOLDER.parents[1]))


def versions() -> dict[str, str]:
    """Of the parts of the engine that are installed."""
    found: dict[str, str] = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def run(file: Path, variables: Mapping[str, str], environ: Mapping[str, str]) -> Journal:
    """Runs the experiment to its end, with its rollbacks whatever happens, and reads its journal.
    `environ` has the addresses of the shop; the engine's output goes to the standard error. Raises
    CannotRun.
    """
    check()
    with TemporaryDirectory(prefix="acme-") as folder:
        journal = Path(folder) / "journal.json"
        process = subprocess.Popen(  # noqa: S603  # the engine, as a module of our own Python
            command_of(file, journal, variables),
            cwd=folder,
            env=dict(environ),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
        )
        follow(process)
        return read_journal(journal, file)


def command_of(file: Path, journal: Path, variables: Mapping[str, str]) -> Sequence[str]:
    settings = str(journal.with_name("settings.yaml"))  # no such file: nobody's personal settings
    engine = [sys.executable, "-m", "chaostoolkit", "--no-version-check", "--no-log-file"]
    given = [part for pair in variables.items() for part in ("--var", "=".join(pair))]
    run = ["run", "--rollback-strategy", "always", "--journal-path", str(journal), *given]
    return [*engine, "--settings", settings, *run, str(file.resolve())]


def follow(process: "subprocess.Popen[str]") -> None:
    """Prints its output until it ends; Ctrl-C reaches it, too, and it then rolls back."""
    assert process.stderr is not None
    while process.poll() is None:
        with suppress(KeyboardInterrupt):
            for line in process.stderr:
                sys.stderr.write(COLOUR.sub("", line))
            process.wait()
    process.stderr.close()


def read_journal(journal: Path, file: Path) -> Journal:
    try:
        found: Journal = json.loads(journal.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        message = f"{file} could not be run: the engine left no journal, and says why above"
        raise CannotRun(message) from None
    return completed(found)


def completed(journal: Journal) -> Journal:
    """The journal with all that the engine leaves out of an activity which was interrupted."""
    states = [journal["steady_states"][phase] or {} for phase in ("before", "after")]
    probes = [run for state in states for run in state.get("probes", ())]
    for key, value in {"end": journal["start"], "duration": 0.0}.items():
        journal.setdefault(key, value)
    for run in (*probes, *journal["run"], *journal["rollbacks"]):
        for key, value in UNDONE.items():
            run.setdefault(key, value)
        run.setdefault("start", journal["start"])
        run.setdefault("end", run["start"])
    return journal


def shipped() -> list[Path]:
    """The experiments that come with the shop."""
    return sorted(FOLDER.glob("*.yaml"))


def find_file(name: str) -> Path:
    """The file with that name, in the working directory or in chaos/experiments/. Raises
    CannotRun.
    """
    for file in (Path(name), FOLDER / name, FOLDER / f"{name}.yaml"):
        if file.is_file():
            return file
    known = [file.stem for file in shipped()]
    listed = f"those that come with the shop are {', '.join(known)}{meant(name, known)}"
    raise CannotRun(f"there is no experiment {name}; {listed}")


def has_session_fault(experiment: Mapping[str, Any]) -> bool:
    """Whether it applies a fault for one session only."""
    given = (done["provider"].get("arguments") or {} for done in experiment.get("method") or ())
    faults = (one["fault"] for one in given if isinstance(one.get("fault"), Mapping))
    matches = ((fault.get("where") or {}).get("match") or {} for fault in faults)
    return any("session" in match for match in matches)


def read_file(file: Path) -> Mapping[str, Any]:
    """The content of an experiment's file. Raises CannotRun."""
    try:
        read = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CannotRun(f"{file} cannot be read: {type(error).__name__}") from None
    if not isinstance(read, dict) or not isinstance(read.get("title"), str):
        raise CannotRun(f"{file} is no experiment: it has no title")
    return read

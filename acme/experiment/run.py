"""One experiment on the running shop, from its file to its report."""

import shlex
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from acme.experiment.actions import RUN
from acme.launcher import environment
from acme.launcher.state import RunFolder
from acme.running import running_shop
from acme.terminal import columns
from chaos.experiments import toolkit
from chaos.experiments.evidence import gather
from chaos.experiments.journal import Journal, Verdict, verdict
from chaos.experiments.probes import SEED, seed_of
from chaos.experiments.report import Cell, hypothesis, write
from chaos.measures import Shop, check_sessions_trusted

DEFAULT_RUN = environment.ROOT / ".acme"
HEAD = ("probe", "wanted", "before", "after")


@dataclass(frozen=True)
class Experiment:
    """The experiment `name`, found in `file`, for the shop that runs from `folder`."""

    name: str
    file: Path
    described: Mapping[str, Any]
    folder: RunFolder
    seed: int

    @classmethod
    def find(cls, name: str, run_dir: Path, seed: int | None) -> "Experiment":
        """A file, or an experiment that comes with the shop; with its own seed if none is given.
        Raises CannotRun.
        """
        file = toolkit.find_file(name)
        toolkit.check()
        described = toolkit.read_file(file)
        own = seed_of(described.get("configuration"))
        return cls(name, file, described, RunFolder(run_dir), own if seed is None else seed)

    def run(self) -> "Result":
        """Runs it to its end. Raises CannotRun, NoShop, Unreachable and Rejected."""
        shop = running_shop(self.folder.path)
        shop.control_plane.get("/profile")  # raises where there is no shop to experiment with
        if toolkit.has_session_fault(self.described):
            check_sessions_trusted(shop)
        variables = {RUN: str(self.folder.path), f"{SEED}:int": str(self.seed)}
        addresses = with_addresses(shop, self.folder.path)
        return Result(self, shop, toolkit.run(self.file, variables, addresses))

    def command(self, report: Path) -> str:
        """The command that repeats it."""
        words = [".venv/bin/acme", "experiment", "run", self.name, "--seed", str(self.seed)]
        if self.folder.path != DEFAULT_RUN.resolve():
            words += ["--run-dir", str(self.folder.path)]
        return shlex.join([*words, "--report", str(report)])


@dataclass(frozen=True)
class Result:
    """What the engine wrote down, and what that comes to."""

    experiment: Experiment
    shop: Shop
    journal: Journal

    @property
    def verdict(self) -> Verdict:
        return verdict(self.journal)

    def show(self) -> None:
        rows = [
            (probe.name, probe.wanted, in_cell(probe.before), in_cell(probe.after))
            for probe in hypothesis(self.journal)
        ]
        print(columns(HEAD, rows, right=HEAD[1:]))
        print(f"{self.verdict.word}: {self.verdict.sentence}")

    def as_json(self) -> dict[str, object]:
        return {
            "experiment": self.experiment.name,
            "seed": self.experiment.seed,
            "verdict": self.verdict.word,
            "sentence": self.verdict.sentence,
            "hypothesis": [asdict(probe) for probe in hypothesis(self.journal)],
        }

    def write_report(self, target: Path) -> list[Path]:
        """Returns the files that it has written. Raises CannotRun."""
        try:
            evidence = gather(self.shop, self.journal)
            return list(write(target, self.journal, evidence, self._facts(target)))
        except OSError as error:
            raise toolkit.CannotRun(f"{target} cannot be written: {error.strerror}") from None

    def _facts(self, target: Path) -> dict[str, str]:
        """What one needs to know to repeat the experiment, in the order of the report."""
        state = self.experiment.folder.running()
        return {
            "command": self.experiment.command(target),
            "seed of the visitors": str(self.experiment.seed),
            "seed of the shop's draws": str(state.seed) if state else "unknown",
            "revision of the faults": str(self.shop.control_plane.get("/faults")["revision"]),
            "when": str(self.journal["start"]),
            "how long": f"{self.journal['duration']:.1f} s",
            "Python": sys.version.split()[0],
            **toolkit.versions(),
            "platform": str(self.journal["platform"]),
        }


def with_addresses(shop: Shop, run: Path) -> dict[str, str]:
    """The environment of the engine: its probes and actions find this shop by it."""
    addresses = {f"{name.upper()}_URL": url for name, url in shop.urls.items()}
    return {**environment.with_folders(environment.own(), run), **addresses}


def in_cell(cell: Cell) -> str:
    return cell.text if cell.met is None else f"{cell.text} {'✓' if cell.met else '✗'}"

"""The run folder: what one `acme up` leaves there for the other commands to find.

The launcher locks the folder for as long as it lives, and `run.json` lists its processes. Without
the lock the file is what a launcher left that was killed: its pids mean nothing any more, and may
be those of other programs by now.
"""

import fcntl
import json
import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from shared.private import keep_private, make_private


class UnusableFolder(Exception):
    """A run folder that cannot be used; the message is a sentence with its path and a remedy."""

    def __init__(self, path: Path, error: OSError) -> None:
        super().__init__(
            f"{path} cannot be used ({error.strerror or error}): make it writable for this user,"
            " or name another folder with --run-dir"
        )


LOOKS = 20  # a look whether the lock is held holds it for a moment; try again rather than be misled

DEFAULT, OURS = ".acme", frozenset({"run.json", "run.new", "data"})


@dataclass
class Process:
    """A service; `pid` is 0 while it is down, and for one that is `outside`: a program that stands
    in for it and was not started from here. Times are seconds since 1970.
    """

    pid: int
    ports: list[int]
    url: str
    started_at: float
    restarts: int = 0
    outside: bool = False


@dataclass
class State:
    """One `acme up`: its own pid, and its services. `restarting` is whether it restarts them."""

    pid: int
    started_at: float
    seed: int
    restarting: bool = True
    services: dict[str, Process] = field(default_factory=dict)


class RunFolder:
    """A folder such as `.acme`: its lock, its state file, its data."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self._file = self.path / "run.json"

    def keep_private(self) -> None:
        """Has what is in it, and whatever this process makes from now on, be for its user alone.
        Of a folder that holds other things too, only what is the shop's is touched.
        """
        keep_private()
        with suppress(OSError):  # said later, when it is used
            self.path.mkdir(parents=True, exist_ok=True)
            others = {entry.name for entry in self.path.iterdir()} - OURS
            if self.path.name == DEFAULT or not others:
                make_private(self.path)
        make_private(*(self.path / name for name in OURS))

    def lock(self) -> int | None:
        """A file descriptor that holds the lock until it is closed; None when another launcher
        holds it. Raises UnusableFolder.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_RDONLY)
        except OSError as error:
            raise UnusableFolder(self.path, error) from None
        for _ in range(LOOKS):
            if locks(descriptor):
                return descriptor
            time.sleep(0.005)
        os.close(descriptor)
        return None

    def locked(self) -> bool:
        if not self.path.is_dir():
            return False
        descriptor = os.open(self.path, os.O_RDONLY)
        try:
            return not locks(descriptor)
        finally:
            os.close(descriptor)

    def write(self, state: State) -> None:
        """Raises UnusableFolder, and leaves what was there."""
        new = self._file.with_suffix(".new")
        try:
            self.path.mkdir(parents=True, exist_ok=True)  # somebody may have removed it meanwhile
            new.write_text(json.dumps(asdict(state), indent=2) + "\n")
            new.replace(self._file)
        except OSError as error:
            raise UnusableFolder(self.path, error) from None

    def read(self) -> State | None:
        """What the file says, whether true or not any more; None where it makes no sense."""
        try:
            found: dict[str, Any] = json.loads(self._file.read_text())
            services = {name: Process(**row) for name, row in found.pop("services").items()}
            return State(**found, services=services)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    def running(self) -> State | None:
        """The shop that runs now; None when there is none, or only what one has left."""
        return self.read() if self.locked() else None

    def clear(self) -> None:
        self._file.unlink(missing_ok=True)


def locks(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

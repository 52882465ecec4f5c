"""A program as the launcher sees it."""

import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field

from acme.launcher.backoff import Backoff
from acme.launcher.lines import Lines
from acme.launcher.probe import Probe
from acme.launcher.programs import Program
from acme.launcher.state import Process


@dataclass
class Child:
    """One program through all its processes; `pid` is 0 between them."""

    program: Program
    pid: int = 0
    pipe: int = -1
    lines: Lines = field(default_factory=Lines)
    probe: Probe | None = None
    ready: bool = False
    given_up: bool = False
    started_at: float = 0.0
    restarts: int = 0
    backoff: Backoff = field(default_factory=Backoff)

    @property
    def name(self) -> str:
        return self.program.name

    def turn(self) -> tuple[bool, bool]:
        """When it starts: first what listens by itself, while nobody else holds its door open."""
        return not self.program.listens, not self.program.serves

    def born(self, pid: int, pipe: int) -> None:
        self.pid, self.pipe, self.lines = pid, pipe, Lines()
        self.ready, self.started_at = False, time.time()

    def wait(self) -> float:
        """How many seconds to wait before the next start, now that it has crashed."""
        return self.backoff.wait(lived=time.time() - self.started_at)

    def signal(self, number: signal.Signals) -> None:
        if self.pid:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def as_process(self) -> Process:
        ports = list(self.program.place.ports)
        return Process(self.pid, ports, self.program.url, self.started_at, self.restarts)


def ending(status: int) -> str:
    """How a process ended, from what `waitpid` says."""
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"

"""The supervisor's signals, with a real process and without a clock."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from acme.launcher.child import Child
from acme.launcher.events import Action, Events
from acme.launcher.log import Log
from acme.launcher.readiness import HTTP, ReadinessCheck
from acme.launcher.sockets import Listeners, Place, listen
from acme.launcher.supervisor import Supervisor

ENOUGH = 30.0
NOWHERE = Place("127.0.0.1", (0,))
IGNORES_TERM = (
    "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print('ignores SIGTERM', flush=True); time.sleep(600)"
)


class NoTimers(Events):
    """An event loop in which no time passes."""

    def later(self, seconds: float, action: Action) -> None:
        pass

    def at_last(self, action: Action) -> None:
        super().later(ENOUGH, action)


@dataclass
class Stubborn:
    """A program that SIGTERM does not end."""

    name: str = "stubborn"
    place: Place = NOWHERE
    url: str = ""
    description: str = ""
    serves: bool = False
    opens_port: bool = False
    readiness: ReadinessCheck = HTTP
    advice: str = ""

    def start(self, listeners: Listeners) -> tuple[int, int]:  # noqa: ARG002 - of a Program
        reading, writing = os.pipe()
        pid = os.posix_spawn(
            sys.executable,
            [sys.executable, "-c", IGNORES_TERM],
            os.environ,
            file_actions=[(os.POSIX_SPAWN_DUP2, writing, 1)],
        )
        os.close(writing)
        os.set_blocking(reading, False)
        return pid, reading

    def log_line(self, line: str) -> str | None:
        return line


@dataclass
class Script(Log):
    """A log that answers certain lines with an action."""

    actions: dict[str, Callable[[], object]]
    lines: list[str] = field(default_factory=list)

    def printed(self, service: str, line: str) -> None:  # noqa: ARG002 - of a Log
        self.say(line)

    def say(self, sentence: str) -> None:
        self.lines.append(sentence)
        self.actions.get(sentence, lambda: None)()


@pytest.fixture
def events() -> Iterator[NoTimers]:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)
    before = {number: signal.getsignal(number) for number in numbers}
    loop = NoTimers()
    yield loop
    loop.close()
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_second_ctrl_c_kills_what_the_first_did_not_end(events: NoTimers) -> None:
    def ctrl_c() -> None:
        os.kill(os.getpid(), signal.SIGINT)

    stopping = "stopping the shop; once more kills it"
    log = Script({"ignores SIGTERM": ctrl_c, stopping: ctrl_c})
    child = Child(Stubborn())
    supervisor = Supervisor(
        [child], log, events, restarting=True, on_ready=lambda: None, on_change=lambda: None
    )
    events.at_last(lambda: log.say("too late"))
    events.at_last(lambda: child.signal(signal.SIGKILL))
    with listen("127.0.0.1", 0) as held:
        code = supervisor.run({child.name: Listeners(child.name, [held])})

    assert code == 0
    assert log.lines == ["ignores SIGTERM", stopping]
    assert child.pid == 0

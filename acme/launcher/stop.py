"""`acme kill` and `acme down`: signals to one service, and to the whole shop."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress

from acme.launcher.state import RunFolder, State
from acme.terminal import did_you_mean

POLITE, FIRM = 6.0, 3.0
PAUSE = 0.02
ENDING = {signal.Signals[f"SIG{name}"] for name in ("KILL", "TERM", "INT", "QUIT", "ABRT", "HUP")}


class CannotKill(Exception):
    """Why no signal was sent."""


def number_of(name: str) -> signal.Signals:
    """The signal called `KILL`, `SIGKILL`, `kill` or `9`."""
    try:
        if name.isdigit():
            return signal.Signals(int(name))
        return signal.Signals[f"SIG{name.upper().removeprefix('SIG')}"]
    except (KeyError, ValueError):
        raise CannotKill(f"{name} is not a signal of this system.") from None


def kill(state: State, service: str, number: signal.Signals) -> str:
    """Sends the signal; returns a sentence about what will happen. Raises CannotKill."""
    if not state.services:
        raise CannotKill(f"{service} does not run yet: the shop is just starting.")
    if service not in state.services:
        guess = did_you_mean(service, state.services)
        raise CannotKill(f"{service} does not run.{guess} These do: {', '.join(state.services)}.")
    pid = state.services[service].pid
    if state.services[service].outside:
        raise CannotKill(f"{service} is outside the shop: end it where it was started.")
    if not pid:
        raise CannotKill(f"{service} is down just now.")
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        raise CannotKill(f"{service} (pid {pid}) has just ended.") from None
    return f"{number.name} sent to {service} (pid {pid}); {outcome(state, service, number)}."


def outcome(state: State, service: str, number: signal.Signals) -> str:
    if number == signal.SIGSTOP:
        return f"it hangs until `acme kill {service} --signal CONT`"
    if number == signal.SIGCONT:
        return "it goes on if it hung"
    if number not in ENDING:
        return "what that does is up to the service"
    if state.restarting:
        return "the launcher restarts it"
    return "it stays down, and calls to it are refused"


def down(run: RunFolder) -> tuple[int, str]:
    """Stops what runs from this folder; returns the exit code and a sentence."""
    state = run.running()
    if state is None:
        run.clear()
        return 0, f"Nothing runs from {run.path}."
    begun = time.monotonic()
    send(state.pid, signal.SIGTERM)
    if not wait(lambda: not run.locked(), POLITE):
        send(state.pid, signal.SIGKILL)
        if not wait(lambda: not run.locked() and gone(state), FIRM):
            return 1, f"The shop (pid {state.pid}) could not be stopped."
        run.clear()
        return 0, f"The shop (pid {state.pid}) did not listen and was killed."
    return 0, f"The shop (pid {state.pid}) has stopped after {time.monotonic() - begun:.1f} s."


def send(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def gone(state: State) -> bool:
    return not any(exists(process.pid) for process in state.services.values() if process.pid)


def exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait(until: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not until():
        if time.monotonic() > end:
            return False
        time.sleep(PAUSE)
    return True

"""`acme kill`: sends a signal to one service, and says what comes of it."""

import os
import signal

from acme.launcher.state import State
from acme.terminal import did_you_mean

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
    """Sends the signal; answers a sentence about what will happen. Raises CannotKill."""
    if service not in state.services:
        guess = did_you_mean(service, state.services)
        raise CannotKill(f"{service} does not run.{guess} These do: {', '.join(state.services)}.")
    pid = state.services[service].pid
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

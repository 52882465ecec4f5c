"""`acme down`: stops the shop from another terminal, and waits until it is gone."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress

from acme.launcher.state import RunFolder, State

POLITE, FIRM = 6.0, 3.0
PAUSE = 0.02


def down(run: RunFolder) -> tuple[int, str]:
    """Stops what runs from this folder; answers the exit code and a sentence."""
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

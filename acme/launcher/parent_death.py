"""Ends the processes of the shop when their launcher ends, however that ends, SIGKILL included.

The launcher holds the writing end of a pipe and never writes. When it is gone, the system closes
that end, and whoever reads the other one sees the end of the file. A service watches it in a thread
of its own, not in the event loop, because a loop that hangs would not notice. A program that is not
ours cannot watch, so a guardian process does it beside the program:
`python -m acme.launcher.parent_death 5 redis-server ...`.
"""

import os
import select
import signal
import sys
import threading
import time
from typing import NoReturn

GRACE = 1.5  # seconds in which a service may still send its spans
POLITE = 0.5


def watch_parent(parent_pipe: int) -> None:
    """Ends this process once the other end of the pipe has closed: with SIGTERM, then for good."""
    threading.Thread(target=_wait, args=(parent_pipe,), name="parent-death", daemon=True).start()


def _wait(parent_pipe: int) -> None:
    while os.read(parent_pipe, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(1)


def run_until_parent_death(command: list[str], parent_pipe: int) -> NoReturn:
    """Turns this process into `command`, which ends soon after the parent does. Raises OSError when
    there is no such program.
    """
    pid = os.getpid()
    alive, write_end = os.pipe()
    if os.fork() == 0:
        os.close(write_end)
        guard(pid, parent_pipe, alive)
        os._exit(0)
    os.close(alive)
    os.set_inheritable(write_end, True)
    os.execv(command[0], command)  # noqa: S606 - the very point


def guard(pid: int, parent_pipe: int, alive: int) -> None:
    """Waits until the launcher or its program `pid` has ended, and ends the program if it has not.
    The program outlives the services by `GRACE`: they may still write to it.
    """
    os.setsid()  # or the hang-up of a group that is left with a stopped process would end it first
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):  # so that nobody waits for the end of this output
        os.dup2(nothing, number)
    ended, _, _ = select.select([parent_pipe, alive], [], [])
    if alive in ended or is_over(alive, GRACE):
        return
    for number in (signal.SIGTERM, signal.SIGKILL):
        if os.getppid() == pid:
            os.kill(pid, number)
        if is_over(alive, POLITE):
            return


def is_over(alive: int, seconds: float) -> bool:
    return bool(select.select([alive], [], [], seconds)[0])


if __name__ == "__main__":
    run_until_parent_death(sys.argv[2:], int(sys.argv[1]))

"""Ties a program that is not ours to the launcher's life: `python -m acme.launcher.tied 5 ...`.

It cannot watch the lifeline itself, so a guardian does, beside it: a process that waits for one of
two pipes to end, the launcher's or the program's.
"""

import os
import select
import signal
import sys
from typing import NoReturn

from acme.launcher.lifeline import GRACE

POLITE = 0.5


def become(command: list[str], lifeline: int) -> NoReturn:
    """Turns this process into `command`, which ends soon after the lifeline does. Raises OSError
    when there is no such program.
    """
    pid = os.getpid()
    alive, held = os.pipe()
    if os.fork() == 0:
        os.close(held)
        guard(pid, lifeline, alive)
        os._exit(0)
    os.close(alive)
    os.set_inheritable(held, True)
    os.execv(command[0], command)  # noqa: S606 - the very point


def guard(pid: int, lifeline: int, alive: int) -> None:
    """Waits until the launcher or its program `pid` has ended, and ends the program if it has not.
    It comes after the services, which may have a last word to write.
    """
    os.setsid()  # or the hang-up of a group that is left with a stopped process would end it first
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):  # so that nobody waits for the end of this output
        os.dup2(nothing, number)
    ended, _, _ = select.select([lifeline, alive], [], [])
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
    become(sys.argv[2:], int(sys.argv[1]))

"""How a process of a service is born: by fork, to serve at once or to start Python anew."""

import gc
import os
import signal
import sys
import traceback
from collections.abc import Callable, Collection
from pathlib import Path

QUIET = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)
CRASHED = 70  # EX_SOFTWARE of sysexits.h


def bear(name: str, live: Callable[[], int], keep: Collection[int]) -> tuple[int, int]:
    """Starts a process that calls `live` and ends with the exit code that it answers.

    Answers the process id and the reading end of a pipe with all that it prints. It has a process
    group of its own, so that a Ctrl-C in the terminal does not reach it, and of the open files only
    those in `keep`. The caller must have no other threads.
    """
    reading, writing = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    # A signal between fork and the first line of the child would be handled as the parent does.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, QUIET)
    try:
        pid = os.fork()
        if pid == 0:
            _live(name, live, keep, writing)
        os.setpgid(pid, pid)
    except (ProcessLookupError, PermissionError):
        pass  # it was faster: it has its group already, or has become another program
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        os.close(writing)
    os.set_blocking(reading, False)
    return pid, reading


def _live(name: str, live: Callable[[], int], keep: Collection[int], writing: int) -> None:
    code = CRASHED
    try:
        os.setpgid(0, 0)
        _forget_signals()
        _only_keep(keep, writing)
        _name(name)
        gc.enable()
        code = live()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else CRASHED
    except BaseException:  # noqa: BLE001 - nothing may return into the parent's code
        traceback.print_exc()
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(code)


def _forget_signals() -> None:
    signal.set_wakeup_fd(-1)
    for number in QUIET:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _only_keep(keep: Collection[int], writing: int) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(writing, 1)
    os.dup2(writing, 2)
    for opened in map(int, os.listdir("/dev/fd")):  # noqa: PTH208 - numbers, not paths
        if opened > 2 and opened not in keep:
            os.closerange(opened, opened + 1)  # like close, but the list's own is closed already
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]


def _name(name: str) -> None:
    """Names the process for `ps -o comm` and `top`, where the system has a way."""
    comm = Path("/proc/self/comm")
    if comm.exists():
        comm.write_text(f"acme-{name}"[:15])

"""Where the processes of services come from: forked from one preloaded parent, or started anew."""

import gc
import importlib
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from acme.launcher import environment
from acme.launcher.parent_death import run_until_parent_death, watch_parent
from acme.launcher.sockets import Listeners
from shared.settings import ServiceSettings
from shared.topology import BY_NAME

BLOCKED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)
CRASHED = 70  # EX_SOFTWARE of sysexits.h
NEEDED_LATER = (
    "certifi",
    "fastapi.telemetry._runtime",
    "pydantic.v1",
    "shared.stores.mongo",
    "shared.stores.streams",
    "uvicorn.lifespan.on",
    "uvicorn.logging",
    "uvicorn.protocols.http.auto",
    "uvloop",
)
# The exporter of log lines, and what it would import when it is made.
NEEDED_BY_PACKAGES = (
    "opentelemetry.exporter.otlp.proto.http._log_exporter",
    "requests",
    "shared.instrumentation.auto",
)


def can_fork() -> bool:
    """Whether a service may run in a fork of this process: not where system libraries start
    threads of their own (macOS), and not once this process has threads."""
    return sys.platform == "linux" and threading.active_count() == 1


def preload(names: Sequence[str], *, chaos: bool, auto: bool = False) -> None:
    """Imports all that these services need, once for all of them, and calls gc.freeze() so that
    forked children share its memory. `auto` is for services instrumented by packages."""
    gc.disable()
    sys.modules["httpx._main"] = None  # type: ignore[assignment]  # its command line loads rich
    # Before a service's module sets a provider of its own: the API keeps the first, for all forks.
    importlib.import_module("shared.telemetry.global_providers").install()
    engine = ("chaos.watching", "chaos.engine.connection") if chaos else ()
    apps = (f"{BY_NAME[name].module}.app" for name in names)
    packages = NEEDED_BY_PACKAGES if auto else ()
    for module in ("acme.serve", *NEEDED_LATER, *packages, *engine, *apps):
        importlib.import_module(module)
    gc.freeze()


class Spawner:
    """Starts services, each with its listening sockets; all of them end when this process does."""

    def __init__(self, environ: Mapping[str, str], forking: bool) -> None:
        self._environ = environ
        self._forking = forking
        self._parent_pipe, self._write_end = os.pipe()

    def start(self, settings: ServiceSettings, listeners: Listeners) -> tuple[int, int]:
        """Returns the new process's id and the pipe with all that it prints; closes the sockets on
        this side, so that nobody listens once the service is gone. Those that the service opens by
        itself were held for it, and are closed before.
        """
        listeners.close(settings.opened_alone)
        keep = {self._parent_pipe, *(opened.fileno() for opened in listeners.sockets)}

        def serve_here() -> int:
            from acme import serve  # noqa: PLC0415 - heavy, and already loaded when it is called

            environment.own().update(self._environ)
            watch_parent(self._parent_pipe)
            return serve.run(settings, listeners.sockets)

        def start_python() -> int:
            for number in keep:
                os.set_inheritable(number, True)
            command = self._command(settings.service, listeners)
            os.execve(sys.executable, command, self._environ)  # noqa: S606

        started = fork(settings.service, serve_here if self._forking else start_python, keep)
        listeners.close()
        return started

    def start_program(self, name: str, command: list[str], listeners: Listeners) -> tuple[int, int]:
        """The same for a program that is not ours, and opens its port by itself. The sockets that
        held the port until now are closed before: the program may be faster than we are.
        """
        listeners.close()

        def become() -> int:
            run_until_parent_death(command, self._parent_pipe)

        return fork(name, become, {self._parent_pipe})

    def _command(self, service: str, listeners: Listeners) -> list[str]:
        sockets = [str(opened.fileno()) for opened in listeners.sockets]
        pipe = ["--parent-pipe", str(self._parent_pipe)]
        return [sys.executable, "-m", "acme.serve", service, *pipe, "--sockets", *sockets]


def fork(name: str, run: Callable[[], int], keep: Collection[int]) -> tuple[int, int]:
    """Starts a process that calls `run` and ends with the exit code that it returns.

    Returns the process id and the reading end of a pipe with all that it prints. It has a process
    group of its own, so that a Ctrl-C in the terminal does not reach it, and of the open files only
    those in `keep`. The caller must have no other threads.
    """
    reading, writing = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    # A signal between fork and the first line of the child would be handled as the parent does.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, BLOCKED)
    try:
        pid = os.fork()
        if pid == 0:
            _run_child(name, run, keep, writing)
        os.setpgid(pid, pid)
    except (ProcessLookupError, PermissionError):
        pass  # it was faster: it has its group already, or has become another program
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        os.close(writing)
    os.set_blocking(reading, False)
    return pid, reading


def _run_child(name: str, run: Callable[[], int], keep: Collection[int], writing: int) -> None:
    code = CRASHED
    try:
        os.setpgid(0, 0)
        _reset_signals()
        _close_all_but(keep, writing)
        _set_process_name(name)
        gc.enable()
        code = run()
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


def _reset_signals() -> None:
    signal.set_wakeup_fd(-1)
    for number in BLOCKED:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _close_all_but(keep: Collection[int], writing: int) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(writing, 1)
    os.dup2(writing, 2)
    for opened in map(int, os.listdir("/dev/fd")):  # noqa: PTH208 - numbers, not paths
        if opened > 2 and opened not in keep:
            os.closerange(opened, opened + 1)  # like close, but the list's own is closed already
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]


def _set_process_name(name: str) -> None:
    """Names the process for `ps -o comm` and `top`, where the system has a way."""
    comm = Path("/proc/self/comm")
    if comm.exists():
        comm.write_text(f"acme-{name}"[:15])

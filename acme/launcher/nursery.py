"""Where the processes of services come from: forked from one preloaded parent, or started anew."""

import gc
import importlib
import os
import sys
import threading
from collections.abc import Mapping, Sequence

from acme.launcher import environment, lifeline, tied
from acme.launcher.birth import bear
from acme.launcher.sockets import Door
from shared.settings import Settings
from shared.topology import BY_NAME

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


def can_fork() -> bool:
    """Whether a service may run in a fork of this process: not where system libraries start
    threads of their own (macOS), and not once this process has threads."""
    return sys.platform == "linux" and threading.active_count() == 1


def preload(names: Sequence[str]) -> None:
    """Imports all that these services need, once for all of them, and takes it out of the garbage
    collector's sight so that the children go on sharing its memory."""
    gc.disable()
    sys.modules["httpx._main"] = None  # type: ignore[assignment]  # its command line loads rich
    importlib.import_module("shared.telemetry.current").install()  # before a service sets its own
    for module in ("acme.serve", *NEEDED_LATER, *(f"{BY_NAME[name].module}.app" for name in names)):
        importlib.import_module(module)
    gc.freeze()


class Nursery:
    """Starts services, each with the sockets of its door, and all tied to this process's life."""

    def __init__(self, environ: Mapping[str, str], forking: bool) -> None:
        self._environ = environ
        self._forking = forking
        self._lifeline, self._held = os.pipe()

    def start(self, settings: Settings, door: Door) -> tuple[int, int]:
        """Answers the new process's id and the pipe with all that it prints; closes the door on
        this side, so that nobody listens once the service is gone."""
        keep = {self._lifeline, *(opened.fileno() for opened in door.sockets)}

        def serve_here() -> int:
            from acme import serve  # noqa: PLC0415 - heavy, and already loaded when it is called

            environment.own().update(self._environ)
            lifeline.hold(self._lifeline)
            return serve.run(settings, door.sockets)

        def start_python() -> int:
            for number in keep:
                os.set_inheritable(number, True)
            os.execve(sys.executable, self._command(settings.service, door), self._environ)  # noqa: S606

        born = bear(settings.service, serve_here if self._forking else start_python, keep)
        door.close()
        return born

    def launch(self, name: str, command: list[str], door: Door) -> tuple[int, int]:
        """The same for a program that is not ours, and listens by itself where the door was. That
        is closed before: the program may be faster than we are, or a child that was born with it.
        """
        door.close()

        def become() -> int:
            tied.become(command, self._lifeline)

        return bear(name, become, {self._lifeline})

    def _command(self, service: str, door: Door) -> list[str]:
        sockets = [str(opened.fileno()) for opened in door.sockets]
        tie = ["--lifeline", str(self._lifeline), "--sockets", *sockets]
        return [sys.executable, "-m", "acme.serve", service, *tie]

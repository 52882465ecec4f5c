"""Runs one service in this process: `python -m acme.serve gateway`.

Settings come from the environment. SIGTERM and SIGINT end it politely: the requests in hand are
answered, the spans are sent. It ends with code 78, after one line on standard error, when a setting
cannot be used or a port is busy.
"""

import argparse
import asyncio
import gc
import importlib
import importlib.util
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import uvicorn

from acme.launcher import environment
from acme.launcher.exposure import exposure
from acme.launcher.parent_death import watch_parent
from acme.launcher.sockets import listen, why
from shared import serving
from shared.errors import SettingError, Unavailable
from shared.hooks import NO_HOOKS, Hooks
from shared.private import keep_private
from shared.service import Runtime
from shared.serving import HttpProtocol
from shared.settings import ServiceSettings, settings_for
from shared.settings.notices import notices
from shared.telemetry import global_providers, logs
from shared.topology import BY_NAME

CANNOT_START = 78  # EX_CONFIG of sysexits.h
GRACE = 1


class Server(serving.Server):
    """The server with our signals: it stops, and lets the runtime close after it."""

    def __init__(self, config: uvicorn.Config, on_stop: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_stop = on_stop

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        yield

    def stop(self) -> None:
        self.force_exit = self.should_exit
        self.should_exit = True
        self._on_stop()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        settle()


def settle() -> None:
    """Takes what start-up made out of the garbage collector's sight; it stays for good."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


async def serve(settings: ServiceSettings, sockets: list[socket.socket]) -> None:
    """Serves on `sockets` until a signal says stop."""
    # Before a module that sets a provider of its own is imported: the API keeps the first.
    global_providers.install()
    create_app = importlib.import_module(module_of(settings.service)).create_app
    hooks, protocol, join = with_chaos(settings)
    async with Runtime.open(settings, hooks=hooks) as runtime:
        global_providers.set_default(runtime.telemetry)
        logs.configure(settings, runtime.telemetry, runtime.instrumentation.log_handler)
        app = create_app(runtime)
        join(runtime)
        await runtime.start()
        config = uvicorn.Config(
            app,
            http=protocol,
            ws="none",
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=GRACE,
        )
        await Server(config, runtime.life.stop).serve(sockets)


def with_chaos(settings: ServiceSettings) -> tuple[Hooks, type, Callable[[Runtime], None]]:
    """The hooks of the service, its HTTP protocol, and what joins it to the control plane. Where
    nothing is to fail on purpose, nothing of the fault engine is imported.
    """
    if not settings.chaos or not BY_NAME[settings.service].traced:
        return NO_HOOKS, HttpProtocol, lambda _: None
    from chaos.engine.connection import with_connection  # noqa: PLC0415
    from chaos.watching import hooks_for, watching  # noqa: PLC0415

    hooks = hooks_for(settings)
    return hooks, with_connection(HttpProtocol), partial(watching, hooks=hooks)


def module_of(service: str) -> str:
    """Where the app of a service is made; lens, which knows no shop, gets its settings there."""
    return "acme.lens" if service == "lens" else f"{BY_NAME[service].module}.app"


def open_ports(settings: ServiceSettings) -> list[socket.socket]:
    opened = [listen_or_say(settings.address, settings.port)]
    for port in settings.also:
        try:
            opened.append(listen_or_say(settings.address, port))
        except SettingError as error:
            if port not in settings.optional:
                raise
            print(f"{settings.service} starts without one of its ports: {error}", file=sys.stderr)
    return opened


def listen_or_say(host: str, port: int) -> socket.socket:
    try:
        return listen(host, port)
    except OSError as error:
        raise SettingError(f"{host}:{port} cannot be listened on: {why(error)}") from None


def loop_factory(choice: str) -> Callable[[], asyncio.AbstractEventLoop]:
    """The event loop of a setting: "auto" takes uvloop where it is installed."""
    if choice == "asyncio" or (choice == "auto" and not importlib.util.find_spec("uvloop")):
        return asyncio.new_event_loop
    try:
        import uvloop  # noqa: PLC0415 - not installed everywhere
    except ImportError:
        raise SettingError(f"ACME_LOOP={choice} cannot be used: uvloop is not installed") from None
    return uvloop.new_event_loop


def run(settings: ServiceSettings, sockets: list[socket.socket] | None = None) -> int:
    """Serves on `sockets`, or else on the ports of the settings; answers the exit code."""
    try:
        if (taken := sockets) is None:  # or else the launcher says for all of them
            taken = open_ports(settings)
            print(f"{settings.service}: {exposure([settings])}", file=sys.stderr)
        with asyncio.Runner(loop_factory=loop_factory(settings.loop)) as runner:
            runner.run(serve(settings, taken))
    except (SettingError, Unavailable) as error:  # the second: a store that did not come
        print(f"{settings.service} cannot start: {error}", file=sys.stderr)
        return CANNOT_START
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m acme.serve", description=__doc__)
    parser.add_argument("service", choices=sorted(BY_NAME))
    parser.add_argument("--sockets", type=int, nargs="*", help="open listening sockets to take")
    parser.add_argument("--parent-pipe", type=int, help="pipe that ends when the launcher does")
    given = parser.parse_args(arguments)
    keep_private()
    if given.parent_pipe is not None:
        watch_parent(given.parent_pipe)
    try:
        if given.sockets is None:  # or else the launcher has said it
            for line in notices(environment.own(), [given.service]):
                print(line, file=sys.stderr)
        settings = settings_for(given.service)
    except SettingError as error:
        print(f"{given.service} cannot start: {error}", file=sys.stderr)
        return CANNOT_START
    if given.sockets is None:
        return run(settings)
    return run(settings, [socket.socket(fileno=number) for number in given.sockets])


if __name__ == "__main__":
    sys.exit(main())

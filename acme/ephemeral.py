"""A temporary shop, or a temporary Redis: on ports of its own, in a folder of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from acme.launcher import environment
from acme.launcher.sockets import listen, port_of
from acme.launcher.state import RunFolder, State
from acme.redis.server import HOST, Server, answers_ping
from shared.topology import BY_NAME

START_TIMEOUT = 60.0
REDIS_START, REDIS_END = 20.0, 5.0
PAUSE = 0.01


class EphemeralShop:
    """A shop in the folder `run`: its processes, and the seconds it took until all was ready."""

    def __init__(self, run: RunFolder, environ: Mapping[str, str], log: Path | None) -> None:
        self.run, self.started = run, 0.0
        self._environ, self._log = {**own_environment(), **environ}, log or Path(os.devnull)
        self._block = free_block()
        self._launcher: subprocess.Popen[bytes] | None = None

    @property
    def state(self) -> State:
        """What runs now; a service that was killed comes back as another process."""
        state = self.run.running()
        if state is None:
            raise TimeoutError("the shop has ended; `acme up` says why")
        return state

    @property
    def urls(self) -> dict[str, str]:
        return {name: process.url for name, process in self.state.services.items()}

    @property
    def data(self) -> Path:
        return self.run.path / "data"

    def start(self) -> None:
        """Starts it and waits until it is ready. Raises TimeoutError, and says why."""
        begun = time.monotonic()
        command = [sys.executable, "-m", "acme.cli", "up", "--port-base", str(self._block)]
        with self._log.open("ab") as output:
            self._launcher = subprocess.Popen(  # noqa: S603  # our own program
                [*command, "--run-dir", str(self.run.path)],
                cwd=environment.ROOT,
                env=self._environ,
                stdout=output,
            )
        wait_for_shop(self.run, self._launcher)
        self.started = time.monotonic() - begun

    def kill_launcher(self) -> None:
        """Sends SIGKILL to the launcher, and waits until the services have followed it."""
        assert self._launcher is not None
        ports = [port for process in self.state.services.values() for port in process.ports]
        self._launcher.kill()
        self._launcher.wait()
        end = time.monotonic() + START_TIMEOUT
        while not all(map(is_free, ports)):
            if time.monotonic() > end:
                raise TimeoutError("the services have outlived the launcher, which was killed")
            time.sleep(PAUSE)

    def stop(self) -> None:
        if self._launcher is not None:
            self._launcher.send_signal(signal.SIGTERM)
            self._launcher.wait(START_TIMEOUT)


@contextmanager
def ephemeral_shop(environ: Mapping[str, str], log: Path | None = None) -> Iterator[EphemeralShop]:
    """Starts a shop with `environ` on top of our own, and stops it at the end. What it prints goes
    to the file `log`.
    """
    if log is not None:
        log.write_bytes(b"")
    with TemporaryDirectory(prefix="acme-") as folder:
        shop = EphemeralShop(RunFolder(Path(folder) / "run"), environ, log)
        try:
            shop.start()
            yield shop
        finally:
            shop.stop()


def wait_for_shop(run: RunFolder, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + START_TIMEOUT
    while time.monotonic() < end and process.poll() is None:
        state = run.running()
        # What a launcher left that was killed names another one.
        if state and state.pid == process.pid and all(name in state.services for name in BY_NAME):
            urls = [state.services[name].url for name in BY_NAME]
            if all(map(is_ready, urls)):
                return
        time.sleep(PAUSE)
    if process.poll() is not None:
        raise TimeoutError("the shop ended before it was ready; `acme up` says why")
    raise TimeoutError(f"the shop was not ready within {START_TIMEOUT:.0f} s; `acme up` says why")


def free_block() -> int:
    """The first of as many free ports in a row as a shop takes, away from where one would be looked
    for, and from those that outgoing connections take. Blocks do not overlap, and another process
    begins with another one.
    """
    count = sum(map(len, environment.block(1).values()))
    blocks = 12_000 // count
    for number in range(blocks):
        first = 20_000 + (os.getpid() * 31 + number) % blocks * count
        if all(map(is_free, range(first, first + count))):
            return first
    raise TimeoutError(f"there are no {count} free ports in a row")


def is_free(port: int) -> bool:
    with suppress(OSError):
        socket.create_server(("127.0.0.1", port)).close()
        return True
    return False


def own_environment() -> dict[str, str]:
    """Ours, without what would have it share a store, or send its spans elsewhere."""
    elsewhere = ("OTEL_EXPORTER", "TRACING_BACKEND_URL", "MONGO_URL", "REDIS", "ACME_DATA")
    return {
        name: text
        for name, text in environment.own().items()
        if not any(part in name for part in elsewhere)
    }


def is_ready(url: str) -> bool:
    with suppress(OSError):
        return bool(read(f"{url}/readyz"))
    return False


def read(url: str) -> dict[str, Any]:
    """The JSON that a service of it answers."""
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  # loopback
        found: dict[str, Any] = json.load(answer)
        return found


@contextmanager
def ephemeral_redis(server: Server, folder: Path) -> Iterator[str]:
    """Yields its address. Raises TimeoutError, with what it printed, when it does not start."""
    with listen(HOST, 0) as free:
        port = port_of(free)
    parent_pipe, write_end = os.pipe()  # it ends with this process, however that ends
    command = [sys.executable, "-m", "acme.launcher.parent_death", str(parent_pipe)]
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  # our own choice
            [*command, *server.command(port, folder)],
            cwd=environment.ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=[parent_pipe],
        )
    os.close(parent_pipe)
    try:
        wait_for_redis(process, port, log)
        yield f"redis://{HOST}:{port}"
    finally:
        stop(process)
        os.close(write_end)


def wait_for_redis(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    end = time.monotonic() + REDIS_START
    while not answers_ping(HOST, port):
        if process.poll() is not None or time.monotonic() > end:
            raise TimeoutError(f"Redis does not start: {log.read_text()}")
        time.sleep(PAUSE)


def stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(REDIS_END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

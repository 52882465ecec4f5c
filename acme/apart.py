"""A shop apart from any other: an `acme up` in a folder of its own, on ports of its own."""

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
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from acme.launcher import environment
from acme.launcher.state import RunFolder, State
from shared.topology import BY_NAME

PATIENCE = 60.0


@dataclass(frozen=True)
class Apart:
    """A running shop: its folder, and the seconds it took until all of it was ready."""

    run: RunFolder
    started: float

    @property
    def state(self) -> State:
        """What runs now; a service that was killed comes back as another process."""
        state = self.run.running()
        if state is None:
            raise TimeoutError("the shop has ended; `acme up` tells why")
        return state

    @property
    def urls(self) -> dict[str, str]:
        return {name: process.url for name, process in self.state.services.items()}

    @property
    def data(self) -> Path:
        return self.run.path / "data"


@contextmanager
def shop_apart(environ: Mapping[str, str], log: Path | None = None) -> Iterator[Apart]:
    """Starts a shop with `environ` on top of our own, and stops it at the end. What it prints goes
    to the file `log`.
    """
    with TemporaryDirectory(prefix="acme-") as folder:
        run = RunFolder(Path(folder) / "run")
        ports = ["--port-base", str(free_block())]
        command = [sys.executable, "-m", "acme.cli", "up", *ports]
        begun = time.monotonic()
        with (log or Path("/dev/null")).open("wb") as output:
            process = subprocess.Popen(  # noqa: S603  # our own program
                [*command, "--run-dir", str(run.path)],
                cwd=environment.ROOT,
                env={**own_environment(), **environ},
                stdout=output,
            )
        try:
            wait_until_ready(run, process)
            yield Apart(run, time.monotonic() - begun)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)


def wait_until_ready(run: RunFolder, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        state = run.running()
        if state and all(name in state.services for name in BY_NAME):
            urls = [state.services[name].url for name in BY_NAME]
            if all(map(is_ready, urls)):
                return
        time.sleep(0.02)
    if process.poll() is not None:
        raise TimeoutError("the shop ended before it was ready; `acme up` tells why")
    raise TimeoutError(f"the shop was not ready within {PATIENCE:.0f} s; `acme up` tells why")


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
    """Ours, but for what would have it share a store, or send its spans elsewhere."""
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

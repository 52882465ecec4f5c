"""A shop of its own for measuring: an `acme up` in a folder of its own, on ports of its own."""

import json
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil

from scripts.launcher import environment
from scripts.launcher.state import RunFolder, State
from shared.topology import BY_NAME

CALM = {
    "AUTH_FAILURE_RATE": "0",
    "SHIPPING_FAILURE_RATE": "0",
    "LENS_MAX_TRACES": "10000000",
    "LENS_MAX_MB": "1000000",
}
PATIENCE = 60.0


class BenchShop:
    """Its processes by service, and what they cost."""

    def __init__(self, state: State, started: float) -> None:
        self.started = started
        self.urls = {name: process.url for name, process in state.services.items()}
        self._processes = {
            name: psutil.Process(process.pid) for name, process in state.services.items()
        }

    def cpu(self) -> dict[str, float]:
        """Seconds of CPU each process has used so far, in user and kernel mode."""
        times = {name: process.cpu_times() for name, process in self._processes.items()}
        return {name: used.user + used.system for name, used in times.items()}

    def memory(self) -> dict[str, int]:
        """Bytes of memory that are each process's share: PSS, or RSS where there is no PSS."""
        infos = {name: process.memory_full_info() for name, process in self._processes.items()}
        return {name: getattr(info, "pss", info.rss) for name, info in infos.items()}

    def spans_kept(self) -> int:
        """How many spans lens has, once it has stopped getting more."""
        before, now, end = -1, 0, time.monotonic() + PATIENCE
        while now != before and time.monotonic() < end:
            time.sleep(0.7)
            before, now = now, int(read(f"{self.urls['lens']}/lens/api/stats")["spans"])
        return now


@contextmanager
def shop(environ: Mapping[str, str]) -> Iterator[BenchShop]:
    """Starts a shop without faults, with `environ` on top, and stops it at the end."""
    with TemporaryDirectory(prefix="acme-bench-") as folder:
        run = RunFolder(Path(folder) / "run")
        command = [sys.executable, "-m", "scripts.cli", "up", "--auto-ports"]
        begun = time.monotonic()
        process = subprocess.Popen(  # noqa: S603  # our own program
            [*command, "--run-dir", str(run.path)],
            cwd=environment.ROOT,
            env={**own_environment(), **CALM, **environ},
            stdout=subprocess.DEVNULL,
        )
        try:
            yield BenchShop(ready(run, process), time.monotonic() - begun)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)


def ready(run: RunFolder, process: "subprocess.Popen[bytes]") -> State:
    """The state of the shop, as soon as each of its services is ready."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        state = run.running()
        if state and complete(state) and all(answers(p.url) for p in state.services.values()):
            return state
        time.sleep(0.02)
    if process.poll() is not None:
        raise TimeoutError("the shop ended before it was ready; `acme up` tells why")
    raise TimeoutError(f"the shop was not ready within {PATIENCE:.0f} s; `acme up` tells why")


def own_environment() -> dict[str, str]:
    """Ours, but for what would send the spans elsewhere than to the lens that counts them."""
    return {
        name: text
        for name, text in environment.own().items()
        if not ("OTEL_EXPORTER" in name or "TRACING_BACKEND_URL" in name)
    }


def complete(state: State) -> bool:
    return state.services.keys() == BY_NAME.keys()


def answers(url: str) -> bool:
    with suppress(OSError):
        return bool(read(f"{url}/readyz"))
    return False


def read(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  # loopback
        found: dict[str, Any] = json.load(answer)
        return found

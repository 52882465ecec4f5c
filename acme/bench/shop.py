"""A shop of its own for measuring."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psutil

from acme.apart import PATIENCE, Apart, read, shop_apart

CALM = {
    "AUTH_FAILURE_RATE": "0",
    "SHIPPING_FAILURE_RATE": "0",
    "LENS_MAX_TRACES": "10000000",
    "LENS_MAX_MB": "1000000",
}


class BenchShop:
    """Its processes by service, and what they cost."""

    def __init__(self, apart: Apart) -> None:
        self.started, self.urls = apart.started, apart.urls
        self._processes = {
            name: psutil.Process(process.pid) for name, process in apart.state.services.items()
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
    with shop_apart({**CALM, **environ}) as apart:
        yield BenchShop(apart)

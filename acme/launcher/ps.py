"""`acme ps`: every service of the running shop, with what it costs and whether it is healthy."""

import http.client
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

import psutil

from acme import terminal
from acme.connection import connection_to
from acme.launcher.state import Process, State
from acme.redis.server import answers_ping

PATIENCE = 1.0
MIB = 1 << 20


@dataclass(frozen=True)
class Row:
    """A service now. Memory is in MiB (PSS counts shared pages in parts; 0 where it is not known),
    times are in seconds."""

    service: str
    pid: int
    ports: list[int]
    url: str
    up_s: float
    restarts: int
    pss_mib: float
    rss_mib: float
    cpu_s: float
    healthy: bool
    outside: bool


def rows(state: State) -> list[Row]:
    with ThreadPoolExecutor(max_workers=len(state.services) or 1) as pool:
        return list(pool.map(look, state.services.items()))


def look(item: tuple[str, Process]) -> Row:
    name, process = item
    pss, rss, cpu = cost(process.pid)
    return Row(
        service=name,
        pid=process.pid,
        ports=process.ports,
        url=process.url,
        up_s=round(time.time() - process.started_at, 1) if process.pid else 0.0,
        restarts=process.restarts,
        pss_mib=round(pss / MIB, 1),
        rss_mib=round(rss / MIB, 1),
        cpu_s=round(cpu, 2),
        healthy=is_healthy(process.url),
        outside=process.outside,
    )


def cost(pid: int) -> tuple[int, int, float]:
    """PSS and RSS in bytes, CPU in seconds; zeros for a process that is gone or not ours."""
    if not pid:
        return 0, 0, 0.0
    try:
        process = psutil.Process(pid)
        cpu = process.cpu_times()
        memory = process.memory_full_info()
    except psutil.Error:
        return 0, 0, 0.0
    return getattr(memory, "pss", 0), memory.rss, cpu.user + cpu.system


def is_healthy(url: str) -> bool:
    """Whether it answers within a second: a service `GET /healthz` with 200, Redis a PING."""
    where = urlsplit(url)
    if where.scheme == "redis":
        return answers_ping(where.hostname or "", where.port or 0)
    connection = connection_to(where, PATIENCE)
    try:
        connection.request("GET", f"{where.path.rstrip('/')}/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def as_json(state: State, found: list[Row]) -> str:
    head = {"pid": state.pid, "started_at": state.started_at, "seed": state.seed}
    return terminal.as_json({**head, "services": [asdict(row) for row in found]})


def as_table(state: State, found: list[Row]) -> str:
    head = ("SERVICE", "PID", "PORT", "UP", "RESTARTS", "PSS MiB", "RSS MiB", "CPU s", "HEALTHY")
    lines = [[row.service, *process_cells(row), "yes" if row.healthy else "no"] for row in found]
    pss, _, cpu = cost(state.pid)
    total = sum(row.pss_mib for row in found)
    own = f"the launcher (pid {state.pid}) {pss / MIB:.0f} MiB, {cpu:.1f} s CPU"
    tail = f"together {total:.0f} MiB PSS; {own}"
    return f"{terminal.columns(head, lines, right=[*head[1:2], *head[3:8]])}\n{tail}"


def process_cells(row: Row) -> list[str]:
    """From the process's id to its CPU; of one that is outside only the ports are known."""
    ports = ", ".join(map(str, row.ports))
    if row.outside:
        return ["outside", ports, "-", "-", "-", "-", "-"]
    up = duration(row.up_s) if row.pid else "-"
    costs = [f"{row.pss_mib:.1f}", f"{row.rss_mib:.1f}", f"{row.cpu_s:.2f}"]
    return [str(row.pid or "-"), ports, up, str(row.restarts), *costs]


def duration(seconds: float) -> str:
    """`42s`, `3m05s` or `2h07m`."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole}s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes}m{rest:02}s" if minutes < 60 else f"{minutes // 60}h{minutes % 60:02}m"

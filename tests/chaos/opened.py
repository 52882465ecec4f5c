"""A control plane on a real socket, and what one says to it."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

import httpx
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from chaos.control_plane.app import create_app
from chaos.control_plane.domain.entry import Entry, Scope
from chaos.control_plane.domain.instances import Report
from chaos.control_plane.flows.control import Control
from chaos.control_plane.store import FaultFile, profiles
from chaos.engine.model import Fault
from shared.runtime import Runtime
from shared.settings import ChaosSettings
from tests.chaos.engine.pair import served

API = "/chaos/v1"
NOON = 1_800_000_000.0
DOWN: dict[str, Any] = {"where": {"service": "payment"}, "effect": {"type": "error"}}


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


class Opened(httpx.AsyncClient):
    """A client of a control plane that listens on `port`."""

    def __init__(self, control: Control, runtime: Runtime[ChaosSettings], port: int) -> None:
        super().__init__(base_url=f"http://127.0.0.1:{port}", timeout=10)
        self.control, self.runtime, self.port = control, runtime, port

    async def put_fault(self, id_: str, **fields: Any) -> httpx.Response:
        return await self.put(f"{API}/faults/{id_}", json=DOWN | fields)

    async def read_json(self, path: str) -> Any:
        answer = await self.get(f"{API}{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def ids(self) -> list[str]:
        return [row["id"] for row in (await self.read_json("/faults"))["faults"]]


class Opener(Protocol):
    async def __call__(self, **environ: str) -> Opened: ...


@asynccontextmanager
async def opened(environ: Mapping[str, str]) -> AsyncIterator[Opened]:
    async with Runtime.open(ChaosSettings.read(environ)) as runtime:
        app = create_app(runtime)
        await runtime.start()
        async with (
            served(app, AutoHTTPProtocol) as port,
            Opened(app.state.control, runtime, port) as client,
        ):
            yield client
            runtime.life.stop()


def control_in(folder: Path, clock: Callable[[], float], profile: str = "default") -> Control:
    file = FaultFile(folder / "chaos.json")
    return Control(file, profiles(profile), profile, started="this", seed=7, clock=clock)


def fault(id_: str, **fields: Any) -> Fault:
    return Fault.model_validate({"id": id_} | DOWN | fields)


def entry(id_: str, scope: Scope = "class", source: str = "live", **fields: Any) -> Entry:
    """A fault that was put at noon."""
    made = fault(id_, **fields)
    return Entry(made, source, scope, "presenter", since=NOON, ends=NOON + made.ttl)


def report(service: str = "auth", **fields: Any) -> Report:
    messages = {"service": service, "instance": f"{service}-1", "pid": 1, **fields}
    return Report.model_validate(messages)


def own(id_: str, source: str = "topology", **fields: Any) -> dict[str, Any]:
    return {"fault": fault(id_, **fields).model_dump(), "source": source}

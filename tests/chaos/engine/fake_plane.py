"""A small control plane on a real socket, that can go away and come back."""

import asyncio
import json
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response

from acme.launcher.sockets import listen, port_of
from tests.chaos.engine.pair import Server


class Plane:
    """Answers with the snapshot it is given; `polls` and `reports` are the requests it got."""

    def __init__(self) -> None:
        self.snapshot: dict[str, Any] = {"revision": 0}
        self.polls: list[Request] = []
        self.reports: list[dict[str, Any]] = []
        self.status = 200
        self.port = 0
        self._changed = asyncio.Condition()
        self._running: tuple[Server, asyncio.Task[None]] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def open(self) -> None:
        socket = listen("127.0.0.1", self.port)
        self.port = port_of(socket)
        config = uvicorn.Config(
            self._app(), log_config=None, log_level="critical", access_log=False, lifespan="off"
        )
        server = Server(config)
        self._running = server, asyncio.create_task(server.serve([socket]))

    async def go_away(self) -> None:
        if self._running is not None:
            server, task = self._running
            self._running, server.force_exit = None, True
            for connection in server.server_state.connections:
                connection.transport.abort()
            server.stopped.set()
            await task
            await self.say(**self.snapshot)  # nobody is left to read it

    async def say(self, **snapshot: Any) -> None:
        async with self._changed:
            self.snapshot = snapshot
            self._changed.notify_all()

    def _app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/chaos/v1/snapshot")
        async def read(request: Request, wait: float) -> Response:
            self.polls.append(request)
            if self.status != 200:
                return Response(status_code=self.status)
            if request.headers.get("if-none-match") == self._etag():
                async with self._changed:
                    await asyncio.wait_for(self._changed.wait(), wait)
            return Response(self._body(), headers={"etag": self._etag()})

        @app.post("/chaos/v1/reports", status_code=204)
        async def take(request: Request) -> None:
            self.reports.append(await request.json())

        return app

    def _etag(self) -> str:
        return f'"made-{self.snapshot["revision"]}"'

    def _body(self) -> bytes:
        return json.dumps(self.snapshot).encode()

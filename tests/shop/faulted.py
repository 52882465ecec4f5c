"""A shop with faults as the control plane hands them out, and a real socket where one matters."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from chaos.engine.model import Fault, Snapshot
from shared.http import Wire
from shared.topology import BY_NAME
from shared.transport import Request, Response, Transport
from tests.chaos.engine.pair import served
from tests.faulty import faults_in
from tests.inprocess import Shop
from tests.shop.rules import started


def set_faults(shop: Shop, *faults: Fault) -> None:
    """From now on the shop has these faults, and no others."""
    for runtime in shop.runtimes.values():
        faults_in(runtime).replace(Snapshot(faults=faults))


def behavior(service: str, name: str) -> Fault:
    return fault(
        f"{service}-{name}".replace("_", "-"), service, "point", type="behavior", name=name
    )


def fault(id_: str, service: str, side: str, **effect: Any) -> Fault:
    """It always fires; what of `effect` is no effect says where, or when."""

    def taken(*keys: str) -> dict[str, Any]:
        return {key: effect.pop(key) for key in keys if key in effect}

    where = {"service": service, "side": side, "match": taken("session")}
    where |= taken("peer", "route", "operation")
    fault: dict[str, Any] = {"id": id_, "where": where, **taken("hits"), "effect": effect}
    return Fault.model_validate(fault)


class Redirected(Transport):
    """The wire to where a service really listens."""

    def __init__(self, wire: Wire, port: int) -> None:
        self._wire, self._port = wire, port

    async def handle_async_request(self, request: Request) -> Response:
        url, stream = request.url.copy_with(port=self._port), request.stream
        assert isinstance(stream, httpx.AsyncByteStream)
        sent = Request(
            request.method,
            url,
            headers=request.headers,
            stream=stream,
            extensions=request.extensions,
        )
        return await self._wire.handle_async_request(sent)


@asynccontextmanager
async def over_a_socket(shop: Shop, service: str) -> AsyncIterator[None]:
    """The service is called over a real socket: it does not hear that a caller gave up, and its
    answers come piece by piece.
    """
    number, wire = BY_NAME[service].port, Wire()
    before = shop.board.lines[number]
    async with served(await started(shop, service), AutoHTTPProtocol) as port:
        shop.board.lines[number] = Redirected(wire, port)
        try:
            yield
        finally:
            shop.board.lines[number] = before
            await wire.aclose()

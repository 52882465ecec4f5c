"""OTLP over HTTP: traces, logs, of metrics the exemplars; as protobuf or JSON, gzip or not."""

import json
from functools import partial

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request, Response
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from google.rpc.status_pb2 import Status

from lens.routes.answers import Refused
from lens.routes.otlp.body import Bodies
from lens.routes.otlp.signals import JSON, PROTOBUF, Signal, signals
from lens.store import TraceStore
from lens.store.intake import Full

# Decoding is all Python: a second thread would only take memory.
DECODERS = 1
SOURCES = {PROTOBUF: "OTLP/HTTP protobuf", JSON: "OTLP/HTTP JSON"}
# HTTP status to the code of google.rpc.Status: invalid argument, resource exhausted, unavailable.
CODES = {400: 3, 415: 3, 413: 8, 503: 14}


def routes(store: TraceStore) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    bodies = Bodies()
    limiter = CapacityLimiter(DECODERS)
    intake = store.intake

    def add(signal: Signal) -> None:
        async def export(request: Request) -> Response:
            media = request.headers.get("content-type", "").split(";")[0].strip().lower()
            try:
                check(media)
                intake.check()
                body = await bodies.read(request)
                encoding = request.headers.get("content-encoding", "")
                work = partial(taken, signal, bodies, body, encoding, media)
                # Decoding takes milliseconds for a large batch, too long for the event loop.
                return await to_thread.run_sync(work, limiter=limiter)
            except Full as full:
                return refusal(503, str(full), media, full.retry_after)
            except Refused as refused:
                intake.refuse(SOURCES.get(media, "OTLP/HTTP"))
                return refusal(refused.status, str(refused), media)

        router.add_api_route(signal.path, export, methods=["POST"])

    for signal in signals(intake):
        add(signal)
    return router


def check(media: str) -> None:
    """Refuses what is in neither of the two forms before its body is read."""
    if media not in SOURCES:
        raise Refused(415, f"Content-Type {media!r} is neither {PROTOBUF} nor {JSON}")


def taken(signal: Signal, bodies: Bodies, body: bytes, encoding: str, media: str) -> Response:
    receipt = signal.take(bodies.unpack(body, encoding), media, SOURCES[media])
    return message_response(signal.answer(receipt), media)


def refusal(status: int, message: str, media: str, retry_after: float | None = None) -> Response:
    response = message_response(
        Status(code=CODES[status], message=message), media if media == PROTOBUF else JSON
    )
    response.status_code = status
    if status == 503:
        response.headers["Retry-After"] = f"{retry_after or 1:.0f}"
    return response


def message_response(message: Message, media: str) -> Response:
    if media == JSON:
        return Response(json.dumps(MessageToDict(message)), media_type=JSON)
    return Response(message.SerializeToString(), media_type=PROTOBUF)

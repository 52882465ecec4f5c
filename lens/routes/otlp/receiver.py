"""OTLP over HTTP: traces and logs are kept, metrics are counted; protobuf and JSON, gzip or not."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request, Response
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import DecodeError, Message
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2

from lens.routes.answers import Refused
from lens.routes.otlp.body import Bodies
from lens.store import TraceStore
from traces.formats import otlp

MAX_ENTRIES = 32_768
PROTOBUF, JSON = "application/x-protobuf", "application/json"
# Decoding is all Python: a second thread would only take memory.
DECODERS = 1
# HTTP status to the code of google.rpc.Status: invalid argument, resource exhausted, unavailable.
CODES = {400: 3, 415: 3, 413: 8, 503: 14}

M = TypeVar("M", bound=Message)


@dataclass(frozen=True)
class Signal(Generic[M]):
    """One of the three: its messages, and how a request of it is taken in.

    `take` gets the message and its size, and answers the fields of `partial_success`.
    """

    path: str
    request: type[M]
    response: type[Message]
    take: Callable[[M, int], dict[str, Any]]


def routes(store: TraceStore) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    bodies = Bodies()
    limiter = CapacityLimiter(DECODERS)

    def add(signal: Signal[Any]) -> None:
        async def export(request: Request) -> Response:
            media = request.headers.get("content-type", "").split(";")[0].strip().lower()
            try:
                check(store, media)
                body = await bodies.read(request)
                encoding = request.headers.get("content-encoding", "")
                work = partial(taken, signal, bodies, body, encoding, media)
                # Decoding takes milliseconds for a large batch, too long for the event loop.
                return await to_thread.run_sync(work, limiter=limiter)
            except Refused as refused:
                return refusal(refused, media)

        router.add_api_route(signal.path, export, methods=["POST"])

    for signal in signals(store):
        add(signal)
    return router


def signals(store: TraceStore) -> tuple[Signal[Any], ...]:
    def take_spans(request: trace_service_pb2.ExportTraceServiceRequest, size: int) -> Any:
        check_count(
            len(scoped.spans) for group in request.resource_spans for scoped in group.scope_spans
        )
        decoded = otlp.spans(request)
        if decoded.taken and not store.offer(decoded.taken, size):
            raise full()
        return partial_success("rejected_spans", decoded)

    def take_logs(request: logs_service_pb2.ExportLogsServiceRequest, size: int) -> Any:
        check_count(
            len(scoped.log_records)
            for group in request.resource_logs
            for scoped in group.scope_logs
        )
        decoded = otlp.log_lines(request)
        if decoded.taken and not store.offer_logs(decoded.taken, size):
            raise full()
        return partial_success("rejected_log_records", decoded)

    def count_metrics(request: metrics_service_pb2.ExportMetricsServiceRequest, _: int) -> Any:
        store.count_metrics(otlp.data_points(request))
        return {}

    traces, logs, metrics = trace_service_pb2, logs_service_pb2, metrics_service_pb2
    return (
        Signal(
            "/v1/traces",
            traces.ExportTraceServiceRequest,
            traces.ExportTraceServiceResponse,
            take_spans,
        ),
        Signal(
            "/v1/logs", logs.ExportLogsServiceRequest, logs.ExportLogsServiceResponse, take_logs
        ),
        Signal(
            "/v1/metrics",
            metrics.ExportMetricsServiceRequest,
            metrics.ExportMetricsServiceResponse,
            count_metrics,
        ),
    )


def check(store: TraceStore, media: str) -> None:
    """Refuses a request before its body is read, if that can be known from its head."""
    if media not in (PROTOBUF, JSON):
        raise Refused(415, f"Content-Type {media!r} is neither {PROTOBUF} nor {JSON}")
    if store.full:
        raise full()


def check_count(counts: Iterable[int]) -> None:
    """Refuses a request whose entries are small but so many that they would fill the memory."""
    total = sum(counts)
    if total > MAX_ENTRIES:
        raise Refused(413, f"at most {MAX_ENTRIES} spans or log records are taken, not {total}")


def taken(signal: Signal[Any], bodies: Bodies, body: bytes, encoding: str, media: str) -> Response:
    unpacked = bodies.unpack(body, encoding)
    rejected = signal.take(parse(signal.request, unpacked, media), len(unpacked))
    answer = signal.response(partial_success=rejected) if rejected else signal.response()
    return message_response(answer, media)


def parse(message: type[M], body: bytes, media: str) -> M:
    if media == JSON:
        try:
            return otlp.parse_json(body, message())
        except otlp.NotOtlp as error:
            raise Refused(400, str(error)) from None
    try:
        return message.FromString(body)
    except DecodeError as error:
        raise Refused(400, f"the body is not the protobuf of OTLP: {error}") from None


def partial_success(count: str, decoded: otlp.Decoded[Any]) -> dict[str, Any]:
    return {count: decoded.rejected, "error_message": decoded.reason} if decoded.rejected else {}


def full() -> Refused:
    return Refused(503, "lens has more to write than its queue holds; send it again later")


def refusal(refused: Refused, media: str) -> Response:
    status = Status(code=CODES[refused.status], message=str(refused))
    response = message_response(status, media if media == PROTOBUF else JSON)
    response.status_code = refused.status
    if refused.status == 503:
        response.headers["Retry-After"] = "1"
    return response


def message_response(message: Message, media: str) -> Response:
    if media == JSON:
        return Response(json.dumps(MessageToDict(message)), media_type=JSON)
    return Response(message.SerializeToString(), media_type=PROTOBUF)

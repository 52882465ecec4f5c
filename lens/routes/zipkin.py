"""Zipkin's way in: `POST /api/v2/spans`, as its client libraries and the Collector send it."""

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request, Response

from lens.routes.answers import Refused, answering, json_response
from lens.routes.otlp.body import Bodies
from lens.routes.otlp.signals import BELONGS, JSON, MAX_ENTRIES
from lens.store import TraceStore
from lens.store.intake import Receipt
from traces.formats import zipkin
from traces.formats.decoded import Decoded, TooMany
from traces.formats.fields import NotJson, document_of
from traces.formats.forms import Form, described, forms_of
from traces.model import Span

SOURCE = "Zipkin v2 JSON"


def failure(status: int, message: str) -> Response:
    return json_response({"error": message}, status)


def routes(store: TraceStore) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    bodies = Bodies()
    limiter = CapacityLimiter(1)
    intake = store.intake

    @router.post("/api/v2/spans")
    @answering(failure)
    async def take_spans(request: Request) -> Response:
        """202 as in Zipkin; a body says so if spans were rejected."""
        intake.check()
        try:
            check(request.headers.get("content-type", JSON))
            packed = await bodies.read(request)
            body = bodies.unpack(packed, request.headers.get("content-encoding", ""))
            receipt = await to_thread.run_sync(taken, body, limiter=limiter)
        except Refused:
            intake.refuse(SOURCE)
            raise
        if not receipt.rejected:
            return Response(status_code=202)
        answer = {"rejected": receipt.rejected, "error": receipt.message}
        return json_response(answer, 202 if receipt.accepted else 400)

    def taken(body: bytes) -> Receipt:
        return intake.spans(read(body), len(body), SOURCE)

    return router


def check(content_type: str) -> None:
    media = content_type.partition(";")[0].strip().lower()
    if media != JSON:
        raise Refused(415, f"Content-Type {media!r} is not taken here, {JSON} is")


def read(body: bytes) -> Decoded[Span]:
    try:
        document = document_of(body)
    except NotJson as error:
        raise Refused(400, f"the body is not JSON: {error}") from None
    (form, *_) = forms_of(document)
    if form not in (Form.ZIPKIN, Form.EMPTY):
        where = BELONGS.get(form, "")
        what = f"this is {described(document)}, not a list of Zipkin's spans"
        raise Refused(400, f"{what}{where and f': {where}'}")
    try:
        return zipkin.spans(document or [], MAX_ENTRIES)
    except TooMany as error:
        raise Refused(413, str(error)) from None

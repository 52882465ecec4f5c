"""Takes files of traces, whichever tool wrote them."""

from dataclasses import dataclass
from typing import Any

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request, Response

from lens.routes.answers import Refused, json_response
from lens.routes.otlp.body import Bodies
from lens.store import TraceStore
from shared.errors import BadRequest, Forbidden
from shared.openapi import errors
from shared.origin import is_foreign
from traces.formats.reading import NoTraces, Reading, read
from traces.same_id import traces_of
from traces.summary import TraceSummary, summary

MAX_BYTES = 32 * 1024 * 1024
IN_FLIGHT = 2 * MAX_BYTES
# Reading is all Python: a second thread would only take memory.
READERS = 1
# What the OpenAPI document says of the body.
FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@dataclass(frozen=True, slots=True)
class Imported:
    """What was read of one file; `message` says what was not, and why."""

    name: str
    form: str
    traces: tuple[TraceSummary, ...]
    spans: int
    logs: int
    rejected: int
    message: str

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "form": self.form,
            "traceIds": [trace.trace_id for trace in self.traces],
            "spans": self.spans,
            "logRecords": self.logs,
            "rejected": self.rejected,
            "message": self.message,
        }


class Importer:
    """Reads files and puts what is in them into the store."""

    def __init__(self, store: TraceStore) -> None:
        self._store = store
        self._limiter = CapacityLimiter(READERS)

    async def take(self, name: str, content: bytes) -> Imported:
        """Returns when all of it can be looked at. Raises NoTraces for a file without a span or
        log record, Full while the store takes nothing.
        """
        try:
            reading, traces = await to_thread.run_sync(read_all, content, limiter=self._limiter)
        except NoTraces:
            self._store.intake.refuse("import")
            raise
        source = f"import of {reading.form}"
        receipt = self._store.intake.everything(reading.spans, reading.logs, len(content), source)
        await self._store.flushed()
        return Imported(
            name=name,
            form=reading.form,
            traces=traces,
            spans=len(reading.spans.taken),
            logs=len(reading.logs.taken),
            rejected=receipt.rejected,
            message=receipt.message,
        )


def read_all(content: bytes) -> tuple[Reading, tuple[TraceSummary, ...]]:
    reading = read(content, MAX_BYTES)
    return reading, tuple(summary(trace.spans) for trace in traces_of(reading.spans.taken))


def routes(store: TraceStore) -> APIRouter:
    router = APIRouter(prefix="/lens/api", tags=["lens"])
    bodies = Bodies(MAX_BYTES, IN_FLIGHT)
    importer = Importer(store)

    @router.post("/import", responses=errors(400, 403), openapi_extra=FILE)
    async def import_file(request: Request, name: str = "the body") -> Response:
        """Takes one file: OTLP as JSON, JSON lines or protobuf, Jaeger or Zipkin JSON, or gzip."""
        refuse_other_sites(request)
        try:
            imported = await importer.take(name, await bodies.read(request))
        except (NoTraces, Refused) as error:
            raise BadRequest(f"{name} cannot be imported: {error}") from None
        return json_response(imported.as_json())

    return router


def refuse_other_sites(request: Request) -> None:
    """A page of another site must not change what is kept here."""
    headers = request.headers
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if is_foreign(site, origin, headers.get("host", "")):
        raise Forbidden("what lens keeps is changed from its own pages, or by a program")

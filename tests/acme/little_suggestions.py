"""A program that stands in for suggestions, with any flaw that a test wants. It keeps its spans and
sends them as OTLP, if a backend is named.
"""

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from pathlib import Path
from secrets import token_hex
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from urllib.request import Request, urlopen

from traces.formats.otlp_json import traces_json
from traces.model import Kind, Span, Status, Trace

MOCKS = json.loads(Path("mocks/suggestions.json").read_text())
LISTED = {**MOCKS["suggestions"], **MOCKS["products"]}
TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")


@dataclass(frozen=True)
class Flaws:
    """What is wrong with it; by default nothing."""

    drops_traceparent: bool = False
    drops_tracestate: bool = False
    no_spans: bool = False
    records_all: bool = False
    kind: Kind = Kind.SERVER
    service: str = "suggestions"
    errors_of_404: bool = False
    named_after_path: bool = False
    bare_spans: bool = False
    other_parent: bool = False
    chokes_on_baggage: bool = False
    one_at_a_time: bool = False
    seconds: float = 0.0
    healthy: bool = True
    one: str = ""  # instead of the answer for one thing
    unknown: tuple[int, str] = (404, '{"error": "not_found", "detail": "there is none"}')
    content_type: str = "application/json"
    knows: tuple[str, ...] = tuple(LISTED)


@dataclass
class LittleSuggestions:
    """`spans` are those that were recorded so far; they are sent to `otlp`."""

    flaws: Flaws
    otlp: str = ""
    spans: list[Span] = field(default_factory=list)

    def answer(self, path: str, query: str) -> tuple[int, str, str]:
        """Status, body and route."""
        nothing = (*self.flaws.unknown, "")
        if path in {"/healthz", "/readyz"}:
            return (200 if self.flaws.healthy else 503), "{}", path
        known = {id_: LISTED[id_] for id_ in self.flaws.knows}
        if path == "/suggestions/v1/":
            ids = parse_qs(query).get("ids", [""])[0]
            found = {id_: known.get(id_, []) for id_ in ids.split(",")}
            wrong = json.dumps({"error": "bad_request", "detail": "ids: Field required"})
            return (200, json.dumps(found), path) if ids else (400, wrong, path)
        thing = unquote(path.removeprefix("/suggestions/v1/"))
        if not path.startswith("/suggestions/v1/") or thing not in known:
            return nothing
        return 200, self.flaws.one or json.dumps(known[thing]), "/suggestions/v1/{thing_id}"

    def record(self, headers: Any, path: str, status: int, route: str) -> None:
        """A span for a request, as a tracer with these flaws would."""
        flaws, found = self.flaws, TRACEPARENT.fullmatch(headers.get("traceparent", ""))
        trace_id, parent, flags = found.groups()[:3] if found else (token_hex(16), None, "01")
        if flaws.drops_traceparent:
            trace_id, parent, flags = token_hex(16), None, "01"
        if flaws.no_spans or (flags == "00" and not flaws.records_all):
            return
        attributes = {"http.request.method": "GET", "http.response.status_code": status}
        if route:
            attributes["http.route"] = route
        failed = status == 404 and flaws.errors_of_404
        now = time.time_ns()
        self.keep(
            Span(
                trace_id=trace_id,
                span_id=token_hex(8),
                parent_id=token_hex(8) if flaws.other_parent else parent,
                service=flaws.service,
                resource={"service.name": flaws.service},
                name=f"GET {path if flaws.named_after_path else route}".strip(),
                kind=flaws.kind,
                start_ns=now - 1_000_000,
                end_ns=now,
                status=Status.ERROR if failed else Status.UNSET,
                attributes={} if flaws.bare_spans else attributes,
                trace_state="" if flaws.drops_tracestate else headers.get("tracestate", ""),
            )
        )

    def keep(self, span: Span) -> None:
        self.spans.append(span)
        if self.otlp:
            body = json.dumps(traces_json([Trace(span.trace_id, (span,))])).encode()
            headers = {"content-type": "application/json"}
            urlopen(Request(f"{self.otlp}/v1/traces", body, headers), timeout=5).close()


class Handler(BaseHTTPRequestHandler):
    server: "Served | ServedOneByOne"
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        program, where = self.server.program, urlsplit(self.path)
        status, body, route = program.answer(where.path, where.query)
        if program.flaws.chokes_on_baggage and "%%%" in self.headers.get("baggage", ""):
            status, body = 500, "{}"
        if where.path not in {"/healthz", "/readyz"}:
            time.sleep(program.flaws.seconds)
            program.record(self.headers, where.path, status, route)
        content = body.encode()
        self.send_response(status)
        self.send_header("content-type", program.flaws.content_type)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


class Served(ThreadingHTTPServer):
    program: LittleSuggestions
    block_on_close = False  # a connection that is kept open has no end


class ServedOneByOne(HTTPServer):
    program: LittleSuggestions


@contextmanager
def served(program: LittleSuggestions, port: int = 0) -> Iterator[str]:
    """Serves it from a thread until the end of the block; yields its address."""
    kind = ServedOneByOne if program.flaws.one_at_a_time else Served
    with kind(("127.0.0.1", port), Handler) as server:
        server.program = program
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()

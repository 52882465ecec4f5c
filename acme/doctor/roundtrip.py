"""Does a span arrive? It is sent to lens over OTLP, as the services do, and read back."""

import http.client
import json
import os
import secrets
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span

from acme.connection import connection_to
from acme.doctor.finding import Finding
from acme.launcher import environment
from acme.launcher.sockets import Listeners, listen
from acme.launcher.spawner import Spawner
from shared.settings import LensSettings

PATIENCE = 5.0
START = 20.0
PAUSE = 0.05
NAME = "doctor's span"


def round_trip(otlp: str, explorer: str, patience: float = PATIENCE) -> Iterator[Finding]:
    """Sends a span to `otlp` and reads its trace from `explorer`, trying for so many seconds."""
    trace, span = secrets.token_bytes(16), secrets.token_bytes(8)
    begun = time.monotonic()
    status, body = call("POST", f"{otlp}/v1/traces", request(trace, span))
    if status != 200:
        fix = "`acme kill lens` starts it anew; its log says more."
        yield Finding("fail", f"lens did not take a span at {otlp}: {status} {body}", fix)
        return
    url = f"{explorer}/api/v3/traces/{trace.hex()}"
    while time.monotonic() - begun < patience:
        status, body = call("GET", url)
        if status == 200 and holds(body, span.hex()):
            taken = (time.monotonic() - begun) * 1000
            yield Finding("ok", f"a span sent to {otlp} was read back after {taken:.0f} ms")
            return
        time.sleep(PAUSE)
    fix = "lens took the span but does not show it: look at its log, and at the disk."
    yield Finding("fail", f"{url} still answers {status} after {patience:.0f} s", fix)


def request(trace: bytes, span: bytes, name: str = NAME, service: str = "doctor") -> bytes:
    """An OTLP export of one span, the root of its trace, that ends now."""
    now = time.time_ns()
    sent = Span(
        trace_id=trace,
        span_id=span,
        name=name,
        kind=Span.SPAN_KIND_INTERNAL,
        start_time_unix_nano=now - 1_000_000,
        end_time_unix_nano=now,
    )
    sent.attributes.add(key="acme.keep").value.bool_value = True  # a sampler might drop it else
    spans = ResourceSpans(scope_spans=[ScopeSpans(spans=[sent])])
    spans.resource.attributes.add(key="service.name").value.string_value = service
    return ExportTraceServiceRequest(resource_spans=[spans]).SerializeToString()


def holds(body: str, span: str) -> bool:
    """Whether an answer of `/api/v3/traces/{id}` has this span."""
    try:
        resources = json.loads(body)["result"]["resourceSpans"]
        scopes = [scope for resource in resources for scope in resource["scopeSpans"]]
        return span in {one["spanId"] for scope in scopes for one in scope["spans"]}
    except (ValueError, KeyError, TypeError):
        return False


def call(method: str, url: str, body: bytes = b"", patience: float = PATIENCE) -> tuple[int, str]:
    """The status of the answer and its text; 0 and the reason when there is none."""
    where = urlsplit(url)
    connection = connection_to(where, patience)
    try:
        connection.request(method, where.path, body, {"Content-Type": "application/x-protobuf"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        return 0, str(error) or type(error).__name__
    finally:
        connection.close()


def alone() -> Iterator[Finding]:
    """The same with a lens of its own, on free ports and in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="acme-") as folder, lens(Path(folder)) as settings:
        explorer, otlp = (
            environment.address(settings.host, port) for port in (settings.port, settings.also[0])
        )
        status, body = call("GET", f"{explorer}/readyz", patience=START)
        if status != 200:
            yield Finding("fail", f"lens does not start: {status} {body}", "Try `acme up lens`.")
            return
        yield Finding("ok", f"lens starts alone at {explorer}")
        yield from round_trip(otlp, explorer)


@contextmanager
def lens(folder: Path) -> Iterator[LensSettings]:
    own = {**environment.own(), "ACME_DATA": str(folder)}
    before = LensSettings.read(own)
    listeners = Listeners("lens", [listen(before.host, 0) for _ in environment.ports_of(before)])
    environ = environment.with_ports(
        environment.with_folders(own, folder), {"lens": listeners.ports}
    )
    settings = LensSettings.read(environ)
    pid, pipe = Spawner(environ, forking=False).start(settings, listeners)
    try:
        yield settings
    finally:
        stop(pid)
        os.close(pipe)


def stop(pid: int) -> None:
    """Ends a child of this process, politely for `PATIENCE` seconds."""
    os.kill(pid, signal.SIGTERM)
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if os.waitpid(pid, os.WNOHANG)[0]:
            return
        time.sleep(PAUSE)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)

"""A learner's route file in a process of its own, which exports over a socket."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.e2e.launched import PATIENCE, ROOT, get, until
from tests.e2e.sink import Sink, sink
from tests.learner import AT_IMPORT, AT_START, NEVER, write_learner

SERVE = """
import sys
from dataclasses import replace
from acme import serve
from shared.topology import BY_NAME

BY_NAME["articles"] = replace(BY_NAME["articles"], package="learner")
sys.exit(serve.main(sys.argv[1:]))
"""


@contextmanager
def serving(folder: Path, **environ: str) -> Iterator[str]:
    """The articles service with the routes of the package `learner` in `folder`, at this URL; on
    leaving it has ended, and sent what it had to send.
    """
    with socket.create_server(("127.0.0.1", 0)) as listening:
        number = str(listening.fileno())
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE, "articles", "--sockets", number],
            env={"PYTHONPATH": f"{folder}:{ROOT}", "ACME_DATA": str(folder), **environ},
            cwd=folder,
            pass_fds=[listening.fileno()],
        )
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)


def spans_in(taking: Sink) -> list[tuple[str, Span]]:
    """Each span that arrived, with the service it says it is of."""
    found = []
    for path, body in taking.bodies:
        if path == "/v1/traces":
            for sent in ExportTraceServiceRequest.FromString(body).resource_spans:
                named = {pair.key: pair.value.string_value for pair in sent.resource.attributes}
                found += [
                    (named["service.name"], span)
                    for scope in sent.scope_spans
                    for span in scope.spans
                ]
    return found


def counted(taking: Sink, name: str) -> list[tuple[str, int]]:
    """What the last export says of a counter: the service, and its value there."""
    requests = [
        ExportMetricsServiceRequest.FromString(body)
        for path, body in taking.bodies
        if path == "/v1/metrics"
    ]
    return [
        (attribute.value.string_value, point.as_int)
        for sent in requests[-1].resource_metrics
        for attribute in sent.resource.attributes
        if attribute.key == "service.name"
        for scope in sent.scope_metrics
        for metric in scope.metrics
        if metric.name == name
        for point in metric.sum.data_points
    ]


@pytest.mark.parametrize("provider", [NEVER, AT_IMPORT, AT_START], ids=["no", "import", "start"])
def test_a_learners_route_sends_one_span_under_one_server_span(
    provider: dict[str, str], tmp_path: Path
) -> None:
    write_learner(tmp_path, provider)
    with sink() as taking:
        with serving(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=taking.url) as url:
            until(lambda: get(f"{url}/healthz")[0] == 200)
            assert get(f"{url}/mine")[0] == 200
        assert counted(taking, "my.requests") == [("articles", 1)]
        (one, mine), (other, server) = sorted(spans_in(taking), key=lambda sent: sent[1].kind)

    assert (mine.name, mine.kind) == ("my work", Span.SPAN_KIND_INTERNAL)
    assert (server.name, server.kind) == ("GET /mine", Span.SPAN_KIND_SERVER)
    assert (mine.trace_id, mine.parent_span_id) == (server.trace_id, server.span_id)
    assert [event.name for event in mine.events] == ["half done"]
    assert one == other == "articles"


PRELOAD = """
from dataclasses import replace
from opentelemetry import trace
from acme.launcher.spawner import preload
from shared.topology import BY_NAME

BY_NAME["articles"] = replace(BY_NAME["articles"], package="learner")
preload(["articles"], chaos=False)
print(type(trace.get_tracer_provider()).__name__)
"""


def test_where_services_are_forked_no_module_sets_the_provider_of_them_all(tmp_path: Path) -> None:
    write_learner(tmp_path, AT_IMPORT)
    ended = subprocess.run(
        [sys.executable, "-c", PRELOAD],
        check=True,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": f"{tmp_path}:{ROOT}"},
    )
    assert ended.stdout.strip() == "CurrentTracerProvider"

"""`python -m lens`: a process of its own, for traces of any program, without the shop."""

import json
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import Status, StatusCode, format_trace_id

ROOT = Path(__file__).parents[2]
PATIENCE = 30
SHOP = ("services", "chaos", "acme", "scripts")


@dataclass(frozen=True)
class Running:
    """A lens of its own; `imported` ends it and says which modules it had imported."""

    process: subprocess.Popen[str]
    pages: str
    otlp: str

    def get(self, path: str) -> str:
        """The page, as soon as it is there."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                with urllib.request.urlopen(self.pages + path, timeout=PATIENCE) as answer:
                    return str(answer.read().decode())
            except urllib.error.HTTPError as error:
                error.close()
                if error.code != 404 or time.monotonic() > end:
                    raise

    def imported(self) -> set[str]:
        self.process.send_signal(signal.SIGTERM)
        _, errors = self.process.communicate(timeout=PATIENCE)
        assert self.process.returncode == 0, errors
        return set(re.findall(r"^import time:.*\|\s*([\w.]+)$", errors, re.MULTILINE))


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-X", "importtime", "-m", "lens", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def lens() -> Iterator[Running]:
    process = start("--port", "0", "--otlp-port", "0", "--ephemeral")
    assert process.stdout is not None
    line = process.stdout.readline()
    pages, otlp = re.findall(r"http://127\.0\.0\.1:\d+", line)
    yield Running(process, pages, otlp)
    if process.poll() is None:
        process.kill()
    process.communicate()


def record(otlp: str) -> str:
    """Two spans of a program that is not the shop's, sent by the stock exporter; their trace."""
    provider = TracerProvider(resource=Resource({"service.name": "bakery"}))
    exporter = OTLPSpanExporter(f"{otlp}/v1/traces", timeout=PATIENCE)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("oven")
    with (
        tracer.start_as_current_span("bake bread") as root,
        tracer.start_as_current_span("heat oven") as oven,
    ):
        oven.set_status(Status(StatusCode.ERROR, "no gas"))
    provider.shutdown()
    return format_trace_id(root.get_span_context().trace_id)


def test_a_strangers_program_sees_its_trace_and_nothing_of_the_shop_is_imported(
    lens: Running,
) -> None:
    assert f"OTEL_EXPORTER_OTLP_ENDPOINT={lens.otlp}" in lens.get("/")
    trace_id = record(lens.otlp)

    page = lens.get(f"/trace/{trace_id}")
    story = json.loads(lens.get(f"/lens/api/traces/{trace_id}"))

    sentence = story["verdict"]["sentence"]
    assert re.fullmatch(
        r"bake bread went through, but bakery failed after .* \(no gas\)\.", sentence
    )
    assert sentence in page
    assert json.loads(lens.get("/api/v3/services")) == {"services": ["bakery"]}
    imported = lens.imported()
    assert "lens.app" in imported
    assert not [name for name in imported if name.partition(".")[0] in SHOP]


def test_its_help_names_every_option() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "lens", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    options = ("--host", "--port", "--otlp-port", "--data", "--ephemeral", "--max-mb", "--version")
    assert [option for option in options if option not in run.stdout] == []


def test_a_busy_port_is_one_line_and_not_a_traceback(lens: Running) -> None:
    port = lens.pages.rpartition(":")[2]
    run = subprocess.run(
        [sys.executable, "-m", "lens", "--port", port, "--ephemeral"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert run.stderr.startswith(f"lens cannot start: 127.0.0.1:{port} cannot be listened on")
    assert run.stderr.count("\n") == 1

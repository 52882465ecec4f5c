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
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from opentelemetry.exporter.otlp.proto.grpc import trace_exporter as grpc_exporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import Status, StatusCode, format_trace_id

ROOT = Path(__file__).parents[2]
PATIENCE = 30
FREE = ["--port", "0", "--otlp-port", "0", "--otlp-grpc-port", "0", "--sampling-port", "0"]
SHOP = ("services", "chaos", "acme", "scripts")


@dataclass(frozen=True)
class Running:
    """A lens of its own; `imported` ends it and says which modules it had imported."""

    process: subprocess.Popen[str]
    errors: Path
    pages: str
    otlp: str
    otlp_grpc: str = ""
    sampling: str = ""

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
        self.process.communicate(timeout=PATIENCE)
        errors = self.errors.read_text()
        assert self.process.returncode == 0, errors
        return set(re.findall(r"^import time:.*\|\s*([\w.]+)$", errors, re.MULTILINE))


@contextmanager
def running(folder: Path, *arguments: str) -> Iterator[Running]:
    ports = FREE
    command = [sys.executable, "-X", "importtime", "-m", "lens", *ports]
    errors = folder / "errors"
    # A file, as what is imported is more text than a pipe holds.
    with errors.open("w") as sink:
        process = subprocess.Popen(
            [*command, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=sink, text=True
        )
    try:
        assert process.stdout is not None
        first, _, sampling = (
            process.stdout.readline().strip().partition("; sampling strategies at ")
        )
        pages, otlp, *grpc = re.findall(r"http://127\.0\.0\.1:\d+", first)
        yield Running(process, errors, pages, otlp, "".join(grpc), sampling)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


@pytest.fixture
def lens(tmp_path: Path) -> Iterator[Running]:
    with running(tmp_path, "--ephemeral") as lens:
        yield lens


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
    assert "grpc" in imported
    assert not [name for name in imported if name.partition(".")[0] in SHOP]


def test_a_program_that_sends_over_grpc_sees_its_trace(lens: Running) -> None:
    provider = TracerProvider(resource=Resource({"service.name": "bakery"}))
    exporter = grpc_exporter.OTLPSpanExporter(lens.otlp_grpc, timeout=PATIENCE)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with provider.get_tracer("oven").start_as_current_span("bake bread") as root:
        pass
    provider.shutdown()
    story = lens.get(f"/lens/api/traces/{format_trace_id(root.get_span_context().trace_id)}")
    assert json.loads(story)["verdict"]["sentence"].startswith("bake bread")
    assert f"<code>{lens.otlp_grpc}</code>" in lens.get("/about")


def test_without_its_port_grpc_is_not_even_imported(tmp_path: Path) -> None:
    with running(tmp_path, "--ephemeral", "--otlp-grpc-port", "off") as lens:
        assert lens.otlp_grpc == ""
        assert "over gRPC" not in lens.get("/about")
        assert "grpc" not in lens.imported()


def test_a_busy_port_for_samplers_is_one_line_and_lens_goes_on(
    lens: Running, tmp_path: Path
) -> None:
    busy = lens.pages.rpartition(":")[2]
    with running(tmp_path, "--ephemeral", "--sampling-port", busy) as other:
        assert "No port is open for other programs" in other.get("/sampling")
        assert other.sampling == ""
        said = [line for line in other.errors.read_text().splitlines() if "sampling strat" in line]
    (line,) = said
    assert f"not served: 127.0.0.1:{busy} cannot be listened on: Address already in use;" in line
    assert line.endswith("; --sampling-port names another port")


def test_a_remote_sampler_is_answered_on_its_port_as_by_jaeger(lens: Running) -> None:
    def strategy(path: str) -> object:
        with urllib.request.urlopen(lens.sampling + path, timeout=PATIENCE) as answer:
            return json.load(answer)

    every = {"samplingRate": 1.0}
    assert strategy("/sampling?service=bakery") == {
        "strategyType": "PROBABILISTIC",
        "probabilisticSampling": every,
    }
    assert strategy("/?service=bakery") == {"strategyType": 0, "probabilisticSampling": every}
    assert "bakery" in lens.get("/sampling")


def test_a_file_of_traces_is_shown(tmp_path: Path) -> None:
    stored = sorted((ROOT / "tests" / "data" / "traces").glob("*.json"))
    with running(tmp_path, "--data", str(tmp_path), *map(str, stored)) as lens:
        while json.loads(lens.get("/lens/api/stats"))["traces"] < len(stored):
            time.sleep(0.02)
        assert lens.process.stdout is not None
        assert lens.process.stdout.readline().endswith(f"{lens.pages}/search?lookback=any\n")
        page = lens.get("/search?lookback=any")
        assert page.count("<tr id=") == len(stored)


def test_what_is_no_file_of_traces_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "shopping.txt"
    file.write_text("tea\nbread\n")
    run = subprocess.run(
        [sys.executable, "-m", "lens", str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert run.stderr.startswith(f"lens cannot start: {file}: it is neither JSON nor OTLP protobuf")
    assert run.stderr.count("\n") == 1


def test_its_help_names_every_option() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "lens", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    options = (
        "--host",
        "--port",
        "--otlp-port",
        "--otlp-grpc-port",
        "--sampling-port",
        "--data",
        "--ephemeral",
        "--max-mb",
        "--version",
    )
    assert [option for option in options if option not in run.stdout] == []


@pytest.mark.parametrize("option", ["--port", "--otlp-port", "--otlp-grpc-port"])
def test_a_busy_port_is_one_line_and_not_a_traceback(lens: Running, option: str) -> None:
    port = lens.pages.rpartition(":")[2]
    free = FREE
    run = subprocess.run(
        [sys.executable, "-m", "lens", *free, option, port, "--ephemeral"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert run.stderr.startswith(f"lens cannot start: 127.0.0.1:{port} cannot be listened on")
    assert run.stderr.count("\n") == 1

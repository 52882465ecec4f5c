"""The variables of OTLP, from the environment to the wire."""

import gzip
import json
import logging
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from shutil import which

import grpc
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from shared.errors import SettingError
from shared.settings import OrdersSettings, Otlp
from shared.settings.otlp import Signal
from shared.telemetry import logs
from shared.telemetry.provider import Telemetry
from tests.shared.test_export import Backend, Collector, until

GENERAL = "OTEL_EXPORTER_OTLP_"
needs_openssl = pytest.mark.skipif(not which("openssl"), reason="openssl makes the certificate")
LENS = "http://127.0.0.1:4318"


def otlp(signal: Signal, environ: Mapping[str, str]) -> Otlp:
    telemetry = OrdersSettings.read(environ).telemetry
    found = {"traces": telemetry.traces, "logs": telemetry.logs, "metrics": telemetry.metrics_otlp}
    one = found[signal]
    assert one is not None
    return one


@pytest.mark.parametrize("signal", ["traces", "logs", "metrics"])
@pytest.mark.parametrize(
    ("environ", "endpoint"),
    [
        ({}, f"{LENS}/v1/SIGNAL"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"}, "http://c:4318/v1/SIGNAL"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318/"}, "http://c:4318/v1/SIGNAL"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "https://c/otlp/"}, "https://c/otlp/v1/SIGNAL"),
        ({"OTEL_EXPORTER_OTLP_SIGNAL_ENDPOINT": "http://c/here"}, "http://c/here"),
        ({"OTEL_EXPORTER_OTLP_SIGNAL_ENDPOINT": "http://c/here/"}, "http://c/here/"),
        ({"OTEL_EXPORTER_OTLP_SIGNAL_ENDPOINT": "http://c"}, "http://c"),
        (
            {
                "OTEL_EXPORTER_OTLP_ENDPOINT": "http://all:4318",
                "OTEL_EXPORTER_OTLP_SIGNAL_ENDPOINT": "http://c/here",
            },
            "http://c/here",
        ),
        (
            {
                "ORDERS_OTEL_EXPORTER_OTLP_ENDPOINT": "http://own:4318",
                "OTEL_EXPORTER_OTLP_SIGNAL_ENDPOINT": "http://c/here",
            },
            "http://own:4318/v1/SIGNAL",
        ),
        ({"LENS_OTLP_PORT": "14318"}, "http://127.0.0.1:14318/v1/SIGNAL"),
    ],
)
def test_an_endpoint_for_all_gets_a_path_and_one_of_a_signal_is_used_as_it_is(
    signal: Signal, environ: dict[str, str], endpoint: str
) -> None:
    named = {name.replace("SIGNAL", signal.upper()): text for name, text in environ.items()}

    assert otlp(signal, named).endpoint == endpoint.replace("SIGNAL", signal)


@pytest.mark.parametrize(
    ("environ", "endpoint"),
    [
        ({}, "http://127.0.0.1:4317"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4317/"}, "http://c:4317"),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://c:4317"}, "https://c:4317"),
    ],
)
def test_an_endpoint_of_grpc_has_no_path(environ: dict[str, str], endpoint: str) -> None:
    found = otlp("traces", environ | {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"})

    assert (found.protocol, found.endpoint) == ("grpc", endpoint)


@pytest.mark.parametrize(
    ("name", "text", "attribute", "value"),
    [
        ("PROTOCOL", "grpc", "protocol", "grpc"),
        ("HEADERS", "x-key=a%20b,Authorization=Basic%20YTpi", "headers", None),
        ("TIMEOUT", "250", "timeout", 0.25),
        ("COMPRESSION", "GZIP", "compression", "gzip"),
    ],
)
def test_a_variable_of_one_signal_counts_before_that_of_all(
    name: str, text: str, attribute: str, value: object
) -> None:
    wanted = {"x-key": "a b", "authorization": "Basic YTpi"} if value is None else value
    own = {f"{GENERAL}TRACES_{name}": text}
    default = getattr(otlp("traces", {}), attribute)

    assert getattr(otlp("traces", {f"{GENERAL}{name}": text}), attribute) == wanted
    assert getattr(otlp("traces", own), attribute) == wanted
    assert getattr(otlp("logs", own), attribute) == default


@pytest.mark.parametrize(
    ("name", "text", "allowed"),
    [
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", "http/protobuf or grpc is allowed"),
        ("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "deflate", "gzip or none is allowed"),
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/no/such.pem", "a PEM file of certificates is allowed"),
        ("OTEL_EXPORTER_OTLP_LOGS_TIMEOUT", "soon", "milliseconds from 1 to 600000 are allowed"),
        ("OTEL_TRACES_EXPORTER", "zipkin", "a list of otlp, console, none is allowed"),
        ("OTEL_TRACES_EXPORTER", "otlp,jaeger", "a list of otlp, console, none is allowed"),
        ("OTEL_LOGS_EXPORTER", "logging", "a list of otlp, console, none is allowed"),
        ("OTEL_METRICS_EXPORTER", "statsd", "otlp, prometheus, console or none is allowed"),
        ("OTEL_METRICS_EXEMPLAR_FILTER", "always_on", "trace_based or always_off is allowed"),
        ("OTEL_SDK_DISABLED", "1", "true or false is allowed"),
        ("OTEL_SPAN_EVENT_COUNT_LIMIT", "-1", "a whole number from 0 to 2147483647 is allowed"),
        ("OTEL_LOG_LEVEL", "loud", "none, error, warn, info or debug is allowed"),
        ("OTEL_PROPAGATORS", "xray", "a list of tracecontext,"),
    ],
)
def test_what_is_not_supported_is_named_at_the_start(name: str, text: str, allowed: str) -> None:
    with pytest.raises(SettingError) as caught:
        OrdersSettings.read({name: text})

    assert str(caught.value).startswith(f"{name}={text} cannot be used: {allowed}")


def test_headers_that_cannot_be_used_are_not_repeated() -> None:
    with pytest.raises(SettingError, match=f"^{GENERAL}HEADERS cannot be used: a list ") as caught:
        OrdersSettings.read({f"{GENERAL}HEADERS": "authorization: s3cret"})

    assert "s3cret" not in str(caught.value)
    assert "s3cret" not in repr(OrdersSettings.read({f"{GENERAL}HEADERS": "authorization=s3cret"}))


def test_every_bad_value_has_a_line_of_its_own() -> None:
    with pytest.raises(SettingError) as caught:
        OrdersSettings.read({"ORDERS_PORT": "x", "OTEL_SDK_DISABLED": "x"})

    assert [line.split("=")[0] for line in str(caught.value).splitlines()] == [
        "ORDERS_PORT",
        "OTEL_SDK_DISABLED",
    ]


@pytest.fixture
def backend() -> Iterator[Backend]:
    with closing(Backend()) as one:
        yield one


def one_span(environ: Mapping[str, str]) -> Telemetry:
    """Telemetry that has recorded a span and is closed."""
    telemetry = Telemetry.open(OrdersSettings.read(environ))
    with telemetry.tracer.start_as_current_span("price") as span:
        for n in range(4):
            span.set_attribute(f"key.{n}", "0123456789")
            span.add_event(f"event.{n}", {"a": 1, "b": 2, "c": 3})
    telemetry.close()
    return telemetry


def received(body: bytes) -> ExportTraceServiceRequest:
    return ExportTraceServiceRequest.FromString(body)


@pytest.mark.parametrize("exporter", ["acme", "sdk"])
def test_headers_and_compression_arrive(backend: Backend, exporter: str) -> None:
    one_span(
        {
            "ACME_EXPORTER": exporter,
            "OTEL_METRICS_EXPORTER": "none",
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{backend.port}/base",
            "OTEL_EXPORTER_OTLP_HEADERS": "x-team=a%20b",
            "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION": "gzip",
        }
    )

    [headers], [body] = backend.headers, backend.bodies
    assert headers["x-team"] == "a b"
    assert headers["content-encoding"] == "gzip"
    [resource] = received(gzip.decompress(body)).resource_spans
    assert resource.scope_spans[0].spans[0].name == "price"


@needs_openssl
def test_the_files_of_one_signal_count_before_those_of_all(tmp_path: Path) -> None:
    key, certificate = map(str, self_signed(tmp_path))
    files = (("CERTIFICATE", certificate), ("CLIENT_CERTIFICATE", certificate), ("CLIENT_KEY", key))
    for name, file in files:
        own = {f"{GENERAL}TRACES_{name}": file}
        assert getattr(otlp("traces", {f"{GENERAL}{name}": file}), name.lower()) == file
        assert getattr(otlp("traces", own), name.lower()) == file
        assert getattr(otlp("logs", own), name.lower()) is None


@needs_openssl
@pytest.mark.parametrize("exporter", ["acme", "sdk"])
def test_a_backend_is_trusted_by_its_own_authority(
    backend: Backend, tmp_path: Path, exporter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):  # of requests, which the SDK's has
        monkeypatch.delenv(name, raising=False)
    certificate = secured(backend, tmp_path)
    environ = {
        "ACME_EXPORTER": exporter,
        "OTEL_METRICS_EXPORTER": "none",
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"https://localhost:{backend.port}",
    }

    one_span(environ | {"OTEL_EXPORTER_OTLP_CERTIFICATE": str(certificate)})
    assert len(backend.bodies) == 1


@needs_openssl
def test_a_backend_that_the_system_does_not_trust_gets_nothing(
    backend: Backend, tmp_path: Path
) -> None:
    secured(backend, tmp_path)

    one_span(
        {
            "OTEL_METRICS_EXPORTER": "none",
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"https://localhost:{backend.port}",
        }
    )
    assert backend.bodies == []


def secured(backend: Backend, folder: Path) -> Path:
    """Has the backend speak TLS; answers the certificate."""
    key, certificate = self_signed(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    backend.secure(context)
    return certificate


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A key for localhost, and a certificate that nobody has signed but itself."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    return key, certificate


GRPC = {
    "OTEL_METRICS_EXPORTER": "none",
    "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
    "OTEL_EXPORTER_OTLP_HEADERS": "X-Team=a%20b",
    "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
}


def test_headers_arrive_over_grpc_in_lower_case() -> None:
    with closing(Collector()) as collector:
        one_span(GRPC | {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url})

    assert collector.metadata[0]["x-team"] == "a b"
    assert received(collector.bodies[0]).resource_spans


@needs_openssl
def test_a_backend_over_grpc_is_trusted_by_its_own_authority(tmp_path: Path) -> None:
    key, certificate = self_signed(tmp_path)
    pair = key.read_bytes(), certificate.read_bytes()
    with closing(Collector(grpc.ssl_server_credentials([pair]))) as collector:
        secure = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"https://localhost:{collector.port}",
            "OTEL_EXPORTER_OTLP_CERTIFICATE": str(certificate),
        }
        one_span(GRPC | secure)

    assert received(collector.bodies[0]).resource_spans


def test_a_certificate_that_is_none_ends_the_start(tmp_path: Path) -> None:
    none = tmp_path / "none.pem"
    none.write_text("this is no certificate")
    environ = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": "https://localhost:1",
        "OTEL_EXPORTER_OTLP_CERTIFICATE": str(none),
    }

    with pytest.raises(SettingError, match=r"none\.pem cannot be used: a PEM file"):
        OrdersSettings.read(environ)


def test_log_lines_go_where_the_settings_say(backend: Backend) -> None:
    settings = OrdersSettings.read(
        {
            "OTEL_TRACES_EXPORTER": "none",
            "OTEL_METRICS_EXPORTER": "none",
            "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": f"http://127.0.0.1:{backend.port}/mine",
            "OTEL_EXPORTER_OTLP_LOGS_HEADERS": "x-key=1",
            "OTEL_EXPORTER_OTLP_LOGS_COMPRESSION": "gzip",
            "OTEL_BLRP_SCHEDULE_DELAY": "1",
        }
    )
    telemetry = Telemetry.open(settings)
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        logs.configure(settings, telemetry)
        logging.getLogger("shop").info("hello")
        until(lambda: bool(backend.bodies))
    finally:
        telemetry.close()
        root.handlers[:], root.level = before, level

    assert backend.headers[0]["x-key"] == "1"
    assert b"hello" in gzip.decompress(backend.bodies[0])


def test_spans_can_go_nowhere(backend: Backend) -> None:
    environ = {
        "OTEL_TRACES_EXPORTER": "none",
        "OTEL_METRICS_EXPORTER": "none",
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{backend.port}",
    }

    one_span(environ)
    assert backend.bodies == []


def test_spans_can_go_to_the_console_and_to_a_backend(
    backend: Backend, capsys: pytest.CaptureFixture[str]
) -> None:
    environ = {
        "OTEL_TRACES_EXPORTER": "console, otlp",
        "OTEL_METRICS_EXPORTER": "none",
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{backend.port}",
    }

    one_span(environ)
    assert json.loads(capsys.readouterr().out)["name"] == "price"
    assert len(backend.bodies) == 1


@pytest.mark.parametrize(
    ("environ", "attributes", "events", "of_event", "length"),
    [
        ({}, 4, 4, 3, 10),
        ({"OTEL_ATTRIBUTE_COUNT_LIMIT": "2"}, 2, 4, 2, 10),
        ({"OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "3"}, 3, 4, 3, 10),
        ({"OTEL_SPAN_EVENT_COUNT_LIMIT": "1"}, 4, 1, 3, 10),
        ({"OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT": "1"}, 4, 4, 1, 10),
        ({"OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT": "5"}, 4, 4, 3, 5),
        ({"OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT": "6"}, 4, 4, 3, 6),
        ({"ORDERS_OTEL_SPAN_EVENT_COUNT_LIMIT": "2"}, 4, 2, 3, 10),
    ],
)
def test_limits_cut_what_a_span_holds(
    backend: Backend,
    environ: dict[str, str],
    attributes: int,
    events: int,
    of_event: int,
    length: int,
) -> None:
    rest = {
        "OTEL_METRICS_EXPORTER": "none",
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{backend.port}",
    }

    one_span(environ | rest)
    span = received(backend.bodies[0]).resource_spans[0].scope_spans[0].spans[0]
    assert len(span.attributes) == attributes
    assert span.dropped_attributes_count == 4 - attributes
    assert len(span.events) == events
    assert {len(event.attributes) for event in span.events} == {of_event}
    assert {len(one.value.string_value) for one in span.attributes} == {length}


def test_a_batch_is_given_up_after_its_time(backend: Backend) -> None:
    backend.status = 503
    telemetry = Telemetry.open(
        OrdersSettings.read(
            {
                "OTEL_METRICS_EXPORTER": "none",
                "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{backend.port}",
                "OTEL_BSP_SCHEDULE_DELAY": "1",
                "OTEL_BSP_EXPORT_TIMEOUT": "100",
            }
        )
    )
    telemetry.tracer.start_span("lost").end()
    until(lambda: bool(backend.bodies))
    assert telemetry.span_processor.force_flush()
    backend.status = 200
    telemetry.tracer.start_span("kept").end()
    assert telemetry.span_processor.force_flush()
    telemetry.close()

    *_, last = backend.bodies
    [span] = received(last).resource_spans[0].scope_spans[0].spans
    assert span.name == "kept"


def test_telemetry_logs_about_itself_from_its_own_level_on() -> None:
    settings = OrdersSettings.read({"OTEL_LOG_LEVEL": "error", "OTEL_SDK_DISABLED": "TRUE"})
    root, own = logging.getLogger(), logging.getLogger("shared.telemetry")
    before, level = root.handlers[:], root.level
    try:
        logs.configure(settings, Telemetry.open(settings))
        assert not own.isEnabledFor(logging.WARNING)
        assert logging.getLogger("shop").isEnabledFor(logging.INFO)
    finally:
        root.handlers[:], root.level = before, level
        for name in ("shared.telemetry", "opentelemetry"):
            logging.getLogger(name).setLevel(logging.NOTSET)

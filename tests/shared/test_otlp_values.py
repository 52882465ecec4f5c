"""Values of the OTLP exporter's variables that no exporter can use: a line at the start, and never
a traceback for each batch.
"""

import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from shared.errors import SettingError
from shared.settings import OrdersSettings, Otlp
from shared.telemetry.endpoint import ExportResult, Outcome
from shared.telemetry.otlp_grpc import OtlpGrpc
from shared.telemetry.otlp_http import OtlpHttp
from shared.telemetry.provider import Telemetry
from tests.shared.misbehaving import Server, answering
from tests.shared.test_export import LONG, Collector
from tests.shared.test_export_trouble import OK
from tests.shared.test_otlp_settings import needs_openssl, self_signed

PREFIX = "OTEL_EXPORTER_OTLP_"
SECRET = "s3cret"


def refusal(**variables: str) -> str:
    """The line that the start ends with."""
    environ = {f"{PREFIX}{name}": text for name, text in variables.items()}
    with pytest.raises(SettingError) as caught:
        Telemetry.open(OrdersSettings.read(environ))
    line = str(caught.value)
    assert line.isprintable(), "one line"
    return line


@pytest.mark.parametrize("signal", ["", "TRACES_", "METRICS_", "LOGS_"])
@pytest.mark.parametrize(
    "text",
    [
        *("x-key", f"a=1,{SECRET}", f"={SECRET}", f"x key={SECRET}", f"x:key={SECRET}"),
        *(f"é={SECRET}", f"x-key={SECRET}é", f"x-key={SECRET}%C3%A9", f"x-key={SECRET}%00"),
        *(f"x-key={SECRET}\nb=1", f"x-key={SECRET}%0d%0ab:1", f"x%0akey={SECRET}"),
        *("content-length=5", "Content-Type=text/plain", "transfer-encoding=chunked"),
        *("connection=close", "content-encoding=br", "grpc-timeout=1S", 'x"key=1', "(x)=1"),
    ],
)
def test_headers_that_cannot_be_sent_end_the_start(signal: str, text: str) -> None:
    line = refusal(**{f"{signal}HEADERS": text})
    assert line.startswith(f"{PREFIX}{signal}HEADERS cannot be used: a list like key=value")
    assert SECRET not in line


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("x-key=1", {"x-key": "1"}),
        (" X-Key = 1 , b=2,", {"x-key": "1", "b": "2"}),
        ("authorization=Basic%20YTpi", {"authorization": "Basic YTpi"}),
        ("a=1=2,b=x%2Cy", {"a": "1=2", "b": "x,y"}),
        ("A=1,a=2", {"a": "2"}),
        ("x_y.z=", {"x_y.z": ""}),
        ("host=tenant.test", {"host": "tenant.test"}),
        ("x-bin=abc", {"x-bin": "abc"}),
    ],
)
def test_headers_that_can_be_sent_arrive_by_each_protocol(text: str, sent: dict[str, str]) -> None:
    headers = OrdersSettings.read({f"{PREFIX}HEADERS": text}).telemetry.traces.headers
    assert headers == sent
    with closing(Server(answering(OK))) as server:
        with closing(OtlpHttp(server.url, headers, LONG)) as endpoint:
            assert endpoint.post(b"").result is ExportResult.SUCCESS
        lines = server.requests[0].decode().splitlines()
        assert {f"{name}: {value}" for name, value in sent.items()} <= set(lines)
        assert len({line.partition(":")[0] for line in lines[1:] if line}) == len(lines) - 2
    with closing(Collector()) as collector:
        over_grpc = OtlpGrpc(Otlp(collector.url, "grpc", headers), "traces")
        assert over_grpc.post(b"") == Outcome(ExportResult.SUCCESS)
        over_grpc.close()


@pytest.mark.parametrize("protocol", ["http/protobuf", "grpc"])
@pytest.mark.parametrize(
    "text",
    [
        *("localhost:4318", "localhost", "ftp://c", "grpc://c:4317", "unix:///c", "http://", "//c"),
        *(
            "http://a b",
            "http://c/a b",
            "http://c/\nx",
            "http://c\t:1",
            "http://é",
            "http://c#here",
        ),
        *("http://c:0", "http://c:99999", "http://c:x", "http://[::1", "http://a..b", "http:///x"),
        f"http://{'x' * 64}",
    ],
)
def test_an_endpoint_that_is_none_ends_the_start(text: str, protocol: str) -> None:
    line = refusal(ENDPOINT=text, PROTOCOL=protocol)
    assert line.endswith("cannot be used: an http:// or https:// address is allowed")


def test_a_password_in_an_address_is_not_repeated() -> None:
    line = refusal(ENDPOINT=f"http://eric:{SECRET}@c:99999/x")
    assert line.startswith(f"{PREFIX}ENDPOINT=http://***@c:99999/x cannot be used")


@pytest.mark.parametrize(
    ("general", "endpoint"),
    [
        ("http://c?key=1", "http://c/v1/traces?key=1"),
        ("http://c/base/?key=1", "http://c/base/v1/traces?key=1"),
        ("HTTP://C:1", "http://C:1/v1/traces"),
        ("http://[::1]:4318", "http://[::1]:4318/v1/traces"),
    ],
)
def test_the_path_of_a_signal_goes_before_the_query(general: str, endpoint: str) -> None:
    telemetry = OrdersSettings.read({f"{PREFIX}ENDPOINT": general}).telemetry
    assert telemetry.traces.endpoint == endpoint


@pytest.mark.parametrize(
    "text", ["0", "-1", "nan", "inf", "-inf", "10s", "0x10", "1_000", "\u0663", "1,5", "600001"]
)
def test_a_timeout_that_is_none_ends_the_start(text: str) -> None:
    assert refusal(TRACES_TIMEOUT=text).endswith("milliseconds from 1 to 600000 are allowed")


@pytest.mark.parametrize("text", ["zstd", "deflate", "br", "identity", "gzip,none"])
def test_a_compression_that_is_unknown_ends_the_start(text: str) -> None:
    assert refusal(LOGS_COMPRESSION=text).endswith("gzip or none is allowed")


@pytest.mark.parametrize("variable", ["CERTIFICATE", "CLIENT_CERTIFICATE", "CLIENT_KEY"])
@pytest.mark.parametrize("name", ["missing.pem", ".", "a\0b", "empty", "text", "der"])
def test_a_file_that_cannot_be_used_ends_the_start(
    tmp_path: Path, variable: str, name: str
) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "text").write_text("this is no certificate")
    (tmp_path / "der").write_bytes(b"\x30\x82\x00\x01")
    line = refusal(**{variable: str(tmp_path / name)})
    assert line.startswith(f"{PREFIX}{variable}=")
    what = "a private key" if variable == "CLIENT_KEY" else "certificates"
    assert line.endswith(f"cannot be used: a PEM file of {what} is allowed")


@needs_openssl
@pytest.mark.parametrize("protocol", ["http/protobuf", "grpc"])
def test_a_key_goes_with_its_certificate_and_asks_nobody_for_a_password(
    tmp_path: Path, protocol: str
) -> None:
    key, certificate = self_signed(tmp_path)
    secure = {"ENDPOINT": "https://localhost:1", "PROTOCOL": protocol}
    alone = refusal(CLIENT_KEY=str(key), **secure)
    assert alone == f"{key} cannot be used for TLS without a client certificate"

    locked = tmp_path / "locked.pem"
    command = ("openssl", "rsa", "-aes256", "-passout", "pass:x", "-in", key, "-out", locked)
    subprocess.run(command, check=True, capture_output=True)
    files = {"CLIENT_CERTIFICATE": str(certificate), "CLIENT_KEY": str(locked)}
    assert refusal(**files, **secure).startswith(f"{certificate}, {locked} cannot be used for TLS")

    both = tmp_path / "both.pem"
    both.write_bytes(key.read_bytes() + certificate.read_bytes())
    settings = {f"{PREFIX}{name}": value for name, value in secure.items()}
    settings |= {f"{PREFIX}CLIENT_CERTIFICATE": str(both), "OTEL_METRICS_EXPORTER": "none"}
    Telemetry.open(OrdersSettings.read(settings)).close()

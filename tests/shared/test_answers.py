"""How a service answers when something goes wrong."""

import re
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.errors import Conflict, Unavailable
from shared.service import create_service
from shared.settings import AuthSettings
from tests.faulty import open_runtime


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
async def client(tmp_path: Path, spans: InMemorySpanExporter) -> httpx.AsyncClient:
    router = APIRouter()

    @router.get("/crash")
    async def crash() -> None:
        raise RuntimeError("the password is hunter2")

    @router.get("/conflict")
    async def conflict() -> None:
        raise Conflict("at most 10 of kettle in one cart")

    @router.get("/unavailable")
    async def unavailable() -> None:
        raise Unavailable("not now")

    @router.get("/number/{n}")
    async def number(n: int) -> int:
        return n

    @router.post("/login")
    async def login(body: dict[str, int]) -> None:
        raise AssertionError("a wrong body is not let in")

    async with open_runtime(AuthSettings(failure_rate=0), exporter=spans) as runtime:
        app = create_service("auth", runtime, router)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://auth")


@pytest.mark.parametrize(
    ("method", "path", "status", "error", "detail"),
    [
        ("GET", "/conflict", 409, "conflict", "at most 10 of kettle in one cart"),
        ("GET", "/unavailable", 503, "unavailable", "not now"),
        ("GET", "/nowhere", 404, "not_found", "GET /nowhere: Not Found"),
        ("POST", "/conflict", 405, "method_not_allowed", "POST /conflict: Method Not Allowed"),
        ("GET", "/number/x1", 400, "bad_request", "n: Input should be a valid integer"),
    ],
)
async def test_every_error_has_one_shape(
    client: httpx.AsyncClient, method: str, path: str, status: int, error: str, detail: str
) -> None:
    response = await client.request(method, path)

    assert response.status_code == status
    assert response.json()["error"] == error
    assert response.json()["detail"].startswith(detail)


async def test_a_crash_shows_the_caller_nothing_and_the_trace_everything(
    client: httpx.AsyncClient, spans: InMemorySpanExporter
) -> None:
    response = await client.get("/crash")

    assert response.status_code == 500
    assert "hunter2" not in response.text
    assert "traceresponse" in response.headers
    [span] = spans.get_finished_spans()
    assert span.attributes is not None
    assert span.attributes["error.type"] == "500"
    assert [event.name for event in span.events] == ["exception"]


async def test_a_client_error_leaves_the_server_span_unset(
    client: httpx.AsyncClient, spans: InMemorySpanExporter
) -> None:
    await client.get("/conflict")

    [span] = spans.get_finished_spans()
    assert span.status.is_unset
    assert span.events == ()


async def test_an_answer_names_its_trace(
    client: httpx.AsyncClient, spans: InMemorySpanExporter
) -> None:
    response = await client.get("/number/1")

    [span] = spans.get_finished_spans()
    assert span.context is not None
    traceparent = f"00-{span.context.trace_id:032x}-{span.context.span_id:016x}-"
    assert response.headers["traceresponse"].startswith(traceparent)
    assert traceparent in response.headers["server-timing"]


@pytest.mark.parametrize("flags", ["00", "01"])
async def test_an_answer_tells_whether_its_trace_is_sampled(
    client: httpx.AsyncClient, flags: str
) -> None:
    traceparent = f"00-{'a' * 32}-{'b' * 16}-{flags}"

    response = await client.get("/number/1", headers={"traceparent": traceparent})

    assert re.fullmatch(f"00-{'a' * 32}-[0-9a-f]{{16}}-{flags}", response.headers["traceresponse"])


async def test_a_wrong_value_in_an_address_is_repeated_and_one_in_a_body_is_not(
    client: httpx.AsyncClient,
) -> None:
    wrong = await client.get("/number/x1")
    secret = await client.post("/login", json={"pin": "hunter2"})

    assert wrong.json()["detail"].endswith(", not 'x1'")
    assert secret.status_code == 400
    assert "hunter2" not in secret.text

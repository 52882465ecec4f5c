"""What services answer one another: named in OpenAPI, and taken for a failure in another shape."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from services.articles.app import create_app as create_articles
from services.gateway.app import create_app as create_gateway
from services.orders.app import create_app as create_orders
from services.orders.domain import STATUS_UNKNOWN
from shared.runtime import Runtime
from shared.settings import settings_for
from shared.topology import SERVICES
from tests.inprocess import Shop
from tests.shop.rules import app_of

JSON = "application/json"
NAMED = {"$ref": "#/components/schemas/Error"}


def operations(app: FastAPI) -> list[tuple[str, dict[str, Any]]]:
    """The calls of a service that answer JSON, as OpenAPI describes them."""
    return [
        (f"{method.upper()} {path}", operation)
        for path, methods in app.openapi()["paths"].items()
        for method, operation in methods.items()
    ]


@pytest.mark.parametrize("service", [row.name for row in SERVICES if row.traced])
async def test_openapi_names_every_answer_and_every_error(shop: Shop, service: str) -> None:
    app = app_of(shop, service)
    components = app.openapi()["components"]["responses"]
    for call, operation in operations(app):
        responses: dict[str, Any] = operation["responses"]
        failures = {code for code in responses if code[0] in "45"}

        for success in responses.keys() - failures:
            assert "$ref" in responses[success]["content"][JSON]["schema"], f"{call} of {service}"
        assert "5XX" in failures, f"{call} of {service}"
        assert "422" not in failures, f"{call} of {service}: bad input is a 400 here"
        for code in failures:
            error = components[responses[code]["$ref"].rpartition("/")[2]]
            assert error["content"][JSON]["schema"] == NAMED, f"{call} of {service}"


class Caller(httpx.AsyncClient):
    """A service whose one callee answers every call with the same body; and its spans."""

    def __init__(self, app: FastAPI, spans: InMemorySpanExporter) -> None:
        self._spans = spans
        super().__init__(transport=httpx.ASGITransport(app), base_url="http://caller.test")

    def client_span(self) -> ReadableSpan:
        spans = self._spans.get_finished_spans()
        return next(span for span in spans if span.kind is SpanKind.CLIENT and peer_of(span))


def peer_of(span: ReadableSpan) -> Any:
    return (span.attributes or {}).get("service.peer.name")


@asynccontextmanager
async def caller_of(
    callee: str, body: bytes, service: str, create_app: Any, data: Path
) -> AsyncIterator[Caller]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 200 OK\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    environ = {"ACME_DATA": str(data), f"{callee.upper()}_URL": address}
    settings, spans = settings_for(service, environ), InMemorySpanExporter()
    async with (
        Runtime.open(settings, exporter=spans) as runtime,
        Caller(create_app(runtime), spans) as caller,
    ):
        await runtime.start()
        yield caller
    server.close()


@pytest.mark.parametrize(
    ("path", "callee", "body"),
    [
        ("/products", "catalog", b'{"data": [{"id": "kettle"}]}'),
        ("/products/kettle", "catalog", b"<h1>It works!</h1>"),
        ("/tags", "catalog", b'{"data": [{"name": "kitchen", "count": "3"}]}'),
        ("/suggestions/v1/1", "suggestions", b'{"ids": []}'),
        ("/articles/v1/1", "articles", b'{"id": 1, "author": "", "title": "", "text": ""}'),
    ],
)
async def test_a_success_of_another_shape_is_a_502_that_the_client_span_explains(
    tmp_path: Path, path: str, callee: str, body: bytes
) -> None:
    async with caller_of(callee, body, "gateway", create_gateway, tmp_path) as gateway:
        response = await gateway.get(path)
        span = gateway.client_span()

    assert response.status_code == 502
    assert response.json()["error"] == "upstream_error"
    assert response.json()["detail"].startswith(f"{callee} answered 200 in an unknown shape: ")
    assert span.status.status_code is StatusCode.ERROR
    assert (span.attributes or {})["error.type"] == "invalid_response"


async def test_an_n_plus_one_over_wrong_shapes_is_a_502_too(tmp_path: Path) -> None:
    async with caller_of("suggestions", b"[1]", "articles", create_articles, tmp_path) as articles:
        response = await articles.get("/articles/v1/?with_suggested=1")

    assert response.status_code == 502


async def test_auth_that_answers_in_another_shape_has_failed(tmp_path: Path) -> None:
    async with caller_of(
        "auth", b'{"id": "guest"}', "gateway", create_gateway, tmp_path
    ) as gateway:
        response = await gateway.get("/orders/12345")

    assert response.status_code == 503
    assert response.json()["detail"] == "Auth Service gave an error"


async def test_an_order_degrades_when_shipping_answers_in_another_shape(tmp_path: Path) -> None:
    async with caller_of(
        "shipping", b'{"id": "12345"}', "orders", create_orders, tmp_path
    ) as orders:
        response = await orders.get("/order/12345", params={"user": "guest"})
        span = orders.client_span()

    assert response.status_code == 200
    assert response.json()["status"] == STATUS_UNKNOWN
    assert span.status.status_code is StatusCode.ERROR

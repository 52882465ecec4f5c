"""Secrets in addresses are recorded nowhere: not in spans, log lines, metrics or errors."""

import json
import logging

import httpx
import pytest
from fastapi import APIRouter
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from shared.errors import Unavailable
from shared.http import Peer
from shared.http.policy import CallPolicy
from shared.runtime import Runtime
from shared.service import create_service
from shared.settings import settings_for
from shared.telemetry.redaction import LONGEST_NAME, LONGEST_QUERY, redacted, redacted_url
from shared.transport import Request, Response, Transport

SECRET = "opensesame"


@pytest.mark.parametrize(
    "name",
    [
        *("password", "passphrase", "passwd", "pass", "db_pass", "pwd", "pw", "pin", "otp"),
        *("secret", "client_secret", "clientSecret", "CLIENT-SECRET", "credential", "credentials"),
        *("token", "access_token", "idToken", "csrf", "xsrf-token", "jwt", "bearer", "oauth"),
        *("auth", "Authorization", "authenticity", "auth[user]", "session", "SESSION", "sid"),
        *("code", "session_id", "cookie", "ticket", "nonce", "assertion", "SAMLResponse"),
        *("key", "api_key", "apikey", "apiKey", "API-KEY", "x-api-key", "privateKey", "access.key"),
        *("sig", "sign", "signature", "Signature", "hmac", "sas", "SharedAccessSignature"),
        *("AWSAccessKeyId", "GoogleAccessId", "X-Amz-Signature", "x-amz-security-token"),
        *("X-Amz-Credential", "X-Amz-Date", "X-Goog-Signature", "x-goog-credential"),
        *("card", "card_number", "ccv", "cvv", "api%5Fkey", "%74oken", "%2574oken", "api%20key"),
        "x" * (LONGEST_NAME + 1),
    ],
)
def test_a_parameter_with_the_name_of_a_secret_loses_its_value(name: str) -> None:
    for before in ("", "user=guest&", "user=guest;", "?"):
        assert redacted(f"{before}{name}=abc&size=2") == f"{before}{name}=REDACTED&size=2"


@pytest.mark.parametrize(
    "query",
    [
        *("", "user=guest", "a=b&c", "pass", "=x", "token=", "a==b&c&&d=", "a=b;c=d"),
        *("author=x&design=1&keyword=2&monkey=3&signal=4&pinned=5&state=6&page=7&sort=8"),
        *("keyboard=1&traceID=2&service=3&limit=4&tags=%7B%22http.status%22%3A%22500%22%7D"),
        *("q=a%3Db", "email=a%40b.c", "next=%2Fcart%3Fpage%3D2", "lookback=1h&minDuration=2ms"),
    ],
)
def test_what_is_no_secret_stays(query: str) -> None:
    assert redacted(query) == query


@pytest.mark.parametrize(
    "value",
    [
        "https%3A%2F%2Fh%2F%3Ftoken%3Dabc",
        "https%253A%252F%252Fh%252F%253Ftoken%253Dabc",
        "%2Flogin%3Fa%3D1%26sig%3D2",
        "/login?sig=2",
        "https://h/%23access_token=abc",
        "http%3A%2F%2Feric%3Aopensesame%40h%2F",
        "http://eric:opensesame@h/",
    ],
)
def test_an_address_with_a_secret_is_none_to_record(value: str) -> None:
    assert redacted(f"a=1&next={value}&b=2").startswith("a=1&next=REDACTED")
    assert "abc" not in redacted(f"next={value}")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://h:1/x", "http://h:1/x"),
        ("http://eric:s3cret@h:1/x", "http://REDACTED:REDACTED@h:1/x"),
        ("https://t0ken@h/?a=1&sig=2", "https://REDACTED:REDACTED@h/?a=1&sig=REDACTED"),
        ("http://h/a@b?mail=c@d", "http://h/a@b?mail=c@d"),
        ("http://eric:p%40ss@w@h/", "http://REDACTED:REDACTED@h/"),
    ],
)
def test_an_address_is_recorded_without_user_and_password(url: str, shown: str) -> None:
    assert redacted_url(url) == shown


@given(st.text(st.characters(codec="latin-1"), max_size=200))
def test_any_query_can_be_recorded(query: str) -> None:
    assert len(redacted(query)) >= 0
    assert SECRET not in redacted(f"{query}&token={SECRET}")


@pytest.mark.parametrize("piece", ["token=1&", "a=?", "x", "=", "%25", "A", "http://"])
def test_of_a_long_query_the_beginning_is_recorded(piece: str) -> None:
    long = redacted(piece * 100_000)
    assert len(long) <= LONGEST_QUERY * 2
    assert "token=1" not in long


class Broken(Transport):
    """A wire that repeats the address in its error."""

    async def handle_async_request(self, request: Request) -> Response:
        raise httpx.ConnectError("no route", request=request)


async def test_nothing_that_is_recorded_of_a_request_has_the_secret(
    spans: InMemorySpanExporter, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    router = APIRouter()
    settings = settings_for("orders", {})
    async with Runtime.open(settings, exporter=spans) as runtime:
        base = f"http://eric:{SECRET}@cart.test"
        cart = Peer("cart", base, Broken(), runtime.telemetry, CallPolicy(1.0).always)

        @router.get("/orders/{order_id}")
        async def read_order(order_id: str) -> dict[str, str]:
            query = {"apiKey": SECRET, "size": "2"}
            return await cart.get(
                "/cart/{order_id}", dict[str, str], query=query, order_id=order_id
            )

        @router.get("/bugs")
        async def bug() -> None:
            raise ZeroDivisionError

        @router.get("/outages")
        async def outage() -> None:
            raise Unavailable("no wire")

        app = create_service("orders", runtime, router)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        answers = ""
        async with httpx.AsyncClient(transport=transport, base_url="http://o.test") as client:
            for path in ("/orders/7", "/bugs", "/outages", "/nowhere"):
                answer = await client.get(f"{path}?X-Amz-Signature={SECRET}&size=2")
                answers += answer.text
            metrics = (await client.get("/metrics")).text
    recorded = [span.to_json() for span in spans.get_finished_spans()]
    assert "url.query" in recorded[-1]
    logged = "\n".join(record.getMessage() for record in caplog.records if record.name != "httpx")
    for text in (*recorded, logged, metrics, answers):
        assert SECRET not in text
    (call,) = (one for one in spans.get_finished_spans() if one.kind is SpanKind.CLIENT)
    shown = "http://REDACTED:REDACTED@cart.test/cart/7?apiKey=REDACTED&size=2"
    assert json.loads(call.to_json())["attributes"]["url.full"] == shown

"""Which requests are let in: not those that another site's page has a browser send."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from pydantic import BaseModel

from shared import answers, slashes
from shared.gate import Gate
from shared.hosts import KnownHosts

KNOWN = ["127.0.0.1:5005", "localhost", "LOCALHOST:1", "[::1]:5005", "payment:5005", "localhost."]
FOREIGN = ["evil.example", "0.0.0.0:5005", "169.254.169.254", "[::]", "127.0.0.1.evil.example"]
NO_HOSTS = ["", "[", "user@127.0.0.1", "a:b:c", "x/y"]
FORMS = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]


class Charge(BaseModel):
    cents: int


@pytest.fixture
def taken() -> list[str]:
    """What was done."""
    return []


@pytest.fixture
async def service(taken: list[str]) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()

    @app.get("/charges/{name}")
    async def read(name: str) -> str:
        return name

    @app.post("/charges/{name}/void")
    async def void(name: str) -> str:
        taken.append(name)
        return name

    @app.put("/charges")
    async def charge(body: Charge) -> int:
        taken.append("charge")
        return body.cents

    @app.get("/healthz")
    async def health() -> str:
        return "alive"

    answers.install(app)
    slashes.install(app)
    app.add_middleware(Gate, hosts=KnownHosts(["payment"]))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:5005") as client:
        yield client


@pytest.mark.parametrize("host", KNOWN)
async def test_it_answers_to_its_own_names(service: httpx.AsyncClient, host: str) -> None:
    assert (await service.get("/charges/a", headers={"host": host})).status_code == 200


@pytest.mark.parametrize("host", FOREIGN)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
async def test_it_does_not_answer_to_the_names_of_others(
    service: httpx.AsyncClient, taken: list[str], method: str, host: str
) -> None:
    answer = await service.request(method, "/charges/a/void", headers={"host": host})

    assert (answer.status_code, answer.json()["error"]) == (421, "misdirected")
    assert "ACME_HOSTS=" in answer.json()["detail"]
    assert not taken


@pytest.mark.parametrize("host", NO_HOSTS)
async def test_what_is_no_host_is_a_bad_request(service: httpx.AsyncClient, host: str) -> None:
    answer = await service.get("/charges/a", headers={"host": host})

    assert (answer.status_code, answer.json()["error"]) == (400, "bad_request")


async def test_two_hosts_are_a_bad_request(service: httpx.AsyncClient) -> None:
    headers = [("host", "127.0.0.1"), ("host", "evil.example")]
    answer = await service.get("/charges/a", headers=headers)

    assert (answer.status_code, answer.json()["detail"]) == (
        400,
        "one Host header is needed, not 2",
    )


async def test_what_a_proxy_says_of_the_host_is_not_believed(service: httpx.AsyncClient) -> None:
    for header in ("x-forwarded-host", "forwarded", "x-host", "x-original-host"):
        own = {"host": "127.0.0.1:5005", header: "evil.example"}
        foreign = {"host": "evil.example", header: "127.0.0.1"}
        answer = await service.get("/charges/a/", headers=own)
        assert (answer.status_code, answer.headers["location"]) == (307, "/charges/a")
        assert (await service.get("/charges/a", headers=foreign)).status_code == 421


async def test_a_load_balancer_may_ask_for_health_by_any_name(service: httpx.AsyncClient) -> None:
    assert (await service.get("/healthz", headers={"host": "node-7.internal"})).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": "http://127.0.0.1:8080"},
        {"origin": "http://127.0.0.1:8080"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": ""},
    ],
)
async def test_another_sites_page_changes_nothing(
    service: httpx.AsyncClient, taken: list[str], headers: dict[str, str]
) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    for kind in ({}, form, {"content-type": "application/json"}):
        answer = await service.post("/charges/a/void", headers=headers | kind)
        assert (answer.status_code, answer.json()["error"]) == (403, "foreign_origin")
    answer = await service.put("/charges", json={"cents": 1}, headers=headers)
    assert answer.status_code == 403
    assert not taken


async def test_a_link_from_another_site_may_be_followed(service: httpx.AsyncClient) -> None:
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}

    assert (await service.get("/charges/a", headers=headers)).status_code == 200


@pytest.mark.parametrize("headers", [{}, {"sec-fetch-site": "same-origin"}, {"origin": "own"}])
async def test_its_own_pages_and_programs_change_what_they_like(
    service: httpx.AsyncClient, taken: list[str], headers: dict[str, str]
) -> None:
    sent = {name: text.replace("own", "http://127.0.0.1:5005") for name, text in headers.items()}

    assert (await service.post("/charges/a/void", headers=sent)).status_code == 200
    assert (await service.put("/charges", json={"cents": 2}, headers=sent)).json() == 2
    assert taken == ["a", "charge"]


@pytest.mark.parametrize("kind", [*FORMS, "", "text/json", "application/octet-stream"])
async def test_what_a_form_can_send_is_not_taken_for_json(
    service: httpx.AsyncClient, taken: list[str], kind: str
) -> None:
    answer = await service.put("/charges", content=b'{"cents": 1}', headers={"content-type": kind})

    assert (answer.status_code, answer.json()["error"]) == (415, "unsupported_media_type")
    assert "application/json" in answer.json()["detail"]
    assert not taken


@pytest.mark.parametrize(
    "kind", ["Application/JSON", "application/json;charset=utf-8", "application/x+json"]
)
async def test_json_has_several_names(service: httpx.AsyncClient, kind: str) -> None:
    answer = await service.put("/charges", content=b'{"cents": 1}', headers={"content-type": kind})

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("path", "to"),
    [
        ("/charges/a/", "/charges/a"),
        ("/charges/a//?x=1&y=%2F", "/charges/a?x=1&y=%2F"),
        ("/charges/%3Fa%23/", "/charges/%3Fa%23"),
        ("/charges/", "/charges"),
    ],
)
async def test_a_redirect_is_a_path(service: httpx.AsyncClient, path: str, to: str) -> None:
    answer = await service.get(path)

    assert (answer.status_code, answer.headers["location"]) == (307, to)


@pytest.mark.parametrize("path", ["//evil.example/charges/a/", "//evil.example/", "/nothing/", "/"])
async def test_nothing_leads_to_another_host(service: httpx.AsyncClient, path: str) -> None:
    answer = await service.get(f"http://127.0.0.1:5005{path}")

    assert answer.status_code == 404

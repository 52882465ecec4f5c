"""Every service against requests made from its own OpenAPI document, some as it asks for and some
not: whatever it is sent, it answers as the document says. `acme audit --api` does more of it.
"""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, closing
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as bounded_by
from schemathesis import APIOperation, BaseSchema, Case, GenerationMode
from schemathesis.checks import CheckFunction
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import ignored_auth

import lens.app
from acme.audit.api import CONFIG
from chaos.control_plane.app import create_app as create_chaos
from shared.settings import ChaosSettings, settings_for
from shared.topology import BY_NAME, SERVICES
from tests.faulty import open_runtime
from tests.inprocess import Shop
from tests.shop.acme import client_of, log_in
from tests.shop.rules import app_of

NAMES = [row.name for row in SERVICES]
EXAMPLES = 2
LONGEST = 60_000  # of a query, as the client would not send a longer one
# An answer that does not end by itself: it is read only by `acme audit --api`, over a socket.
ENDLESS = {"/lens/api/stream", "/chaos/v1/events"}
# It sends requests of its own, which need a socket.
OVER_A_SOCKET: list[CheckFunction] = [ignored_auth]
Operation = APIOperation[Any, Any, Any, Any]
BOUNDED = bounded_by(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
async def every_shop(shop: Shop) -> AsyncIterator[Shop]:
    """The shop with lens and the control plane beside it."""
    data = shop.runtimes["orders"].settings.data
    async with AsyncExitStack() as stack:
        settings = settings_for("chaos", {"ACME_DATA": str(data)})
        assert isinstance(settings, ChaosSettings)
        runtime = await stack.enter_async_context(open_runtime(settings, transport=shop.board))
        options = lens.app.Options(data)
        store = stack.enter_context(closing(lens.app.open_store(options)))
        apps = {"chaos": create_chaos(runtime), "lens": lens.app.create_app(store, options)}
        for name, app in apps.items():
            shop.board.lines[BY_NAME[name].port] = httpx.ASGITransport(app)
        yield shop


async def test_what_is_answered_is_in_the_document(
    every_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with client_of(every_shop) as client:
        # One of the staff, so that no route answers 403.
        session = await log_in(client, "walter")
        client.cookies.clear()
        monkeypatch.setenv("ACME_AUDIT_USER", session["token"])
        monkeypatch.setenv("ACME_AUDIT_TOKEN", session["access_token"])
        monkeypatch.setenv("ACME_AUDIT_CHAOS_TOKEN", "unused")
        config = schemathesis.Config.from_path(CONFIG)
        for service in NAMES:
            document = app_of(every_shop, service).openapi()
            for case in cases_of(schemathesis.openapi.from_dict(document, config=config)):
                response = await client.send(request_of(every_shop, service, case, session))
                try:
                    case.validate_response(response, excluded_checks=OVER_A_SOCKET)
                except FailureGroup as failures:
                    where = f"{service}, {case.operation.label}"
                    pytest.fail(f"{where}: {failures.exceptions}\n{response.text}")


async def test_documents_are_fit_to_be_read(every_shop: Shop) -> None:
    for service in NAMES:
        document = app_of(every_shop, service).openapi()
        operations = [one for path in document["paths"].values() for one in path.values()]

        ids = Counter(one["operationId"] for one in operations)
        assert all(count == 1 for count in ids.values()), f"{service}: {ids}"
        assert all(one["tags"] for one in operations), service
        for reference in references_of(document):
            assert resolved(document, reference), f"{service}: {reference}"
        for name, response in document["components"]["responses"].items():
            assert response["description"], f"{service}: {name}"


def references_of(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        part = list(part.values())
    if isinstance(part, list):
        for one in part:
            yield from references_of(one)


def resolved(document: Any, reference: str) -> Any:
    for step in reference.removeprefix("#/").split("/"):
        document = document.get(step, {})
    return document


def cases_of(schema: BaseSchema) -> Iterator[Case[Operation]]:
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        if operation.path not in ENDLESS:
            yield from examples(operation, GenerationMode.POSITIVE)
            # To any text in a path there is no opposite.
            if operation.body or operation.query:
                yield from examples(operation, GenerationMode.NEGATIVE)


def examples(operation: Operation, mode: GenerationMode) -> list[Case[Operation]]:
    """A few requests, the same in every run."""
    cases: list[Case[Operation]] = []

    @BOUNDED
    @given(operation.as_strategy(generation_mode=mode))
    def note(case: Case[Operation]) -> None:
        cases.append(case)

    note()
    return cases


def request_of(
    shop: Shop, service: str, case: Case[Operation], session: dict[str, str]
) -> httpx.Request:
    """The request of a case; at the gateway it is made by a user, and is about that user."""
    if "userid" in case.path_parameters:
        case.path_parameters["userid"] = session["token"]
    made = case.as_transport_kwargs(base_url=shop.url(service, ""))
    query = urlencode(made["params"] or {}, doseq=True)[:LONGEST]
    headers = {
        name.lower(): str(value).encode("latin-1") for name, value in made["headers"].items()
    }
    if service == "gateway":
        # Nobody's token at the end of a session, which the other cases need.
        token = "none" if case.path == "/logout" else session["access_token"]
        headers["authorization"] = f"Bearer {token}".encode()
    return httpx.Request(
        made["method"],
        f"{made['url']}?{query}",
        headers=headers,
        json=made.get("json"),
        content=made.get("data"),
    )

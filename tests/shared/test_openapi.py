"""The OpenAPI document of an application has every answer, and what is answered is as it says."""

from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from shared import answers
from shared.contracts.sent import Amount, Quantity, QuantityOrNone, Text, ThingId
from shared.errors import NotFound, TooManyRequests, Unauthorized
from shared.openapi import Application, errors


class Gift(BaseModel):
    cents: int


class Sent(BaseModel):
    model_config = ConfigDict(coerce_numbers_to_str=True)

    text: Text = ""
    thing: ThingId = "x"
    quantity: Quantity = 1
    left: QuantityOrNone = 0
    price: Amount = 0.0


@pytest.fixture
def app() -> Application:
    router = APIRouter(prefix="/gifts")

    @router.get(
        "/{name}", responses=errors(401, 404, 429), openapi_extra={"security": [{"token": []}]}
    )
    async def read_gift(name: str, page: Annotated[int, Query(ge=1)] = 1) -> Gift:
        if name == "secret":
            raise Unauthorized("log in first")
        if name == "busy":
            busy = TooManyRequests("later")
            busy.retry_after = 1.2
            raise busy
        raise NotFound(f"no gift {name}")

    @router.put("/{name}")
    async def write_gift(name: str, gift: Gift) -> Gift:
        return gift

    @router.get("")
    async def count_gifts() -> Gift:
        return Gift(cents=0)

    app = Application()
    app.router.routes.extend(router.routes)
    answers.install(app)
    return app


async def sent(app: Application, method: str, path: str, **given: Any) -> httpx.Response:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://gifts.test") as client:
        return await client.request(method, path, **given)


def statuses(app: Application, method: str, path: str) -> set[str]:
    return set(app.openapi()["paths"][path][method]["responses"])


def test_an_operation_has_its_own_errors_and_those_that_follow_from_what_it_takes(
    app: Application,
) -> None:
    gate = {"400", "421"}
    read = {"200", "401", "404", "429", "5XX"} | gate
    assert statuses(app, "get", "/gifts/{name}") == read
    assert statuses(app, "put", "/gifts/{name}") == {"200", "403", "413", "415", "5XX"} | gate
    assert statuses(app, "get", "/gifts") == {"200", "5XX"} | gate


def test_errors_and_security_schemes_are_shared_components(app: Application) -> None:
    document = app.openapi()

    read = document["paths"]["/gifts/{name}"]["get"]
    assert read["responses"]["404"] == {"$ref": "#/components/responses/NotFound"}
    assert read["operationId"] == "read_gift"
    components = document["components"]
    assert set(components["schemas"]) == {"Error", "Gift"}
    assert components["responses"]["TooManyRequests"]["headers"].keys() == {"Retry-After"}
    assert components["responses"]["Unauthorized"]["headers"].keys() == {"WWW-Authenticate"}
    assert components["securitySchemes"] == {"token": {"type": "http", "scheme": "bearer"}}
    assert document is app.openapi()


@pytest.mark.parametrize(
    ("method", "path", "status", "header", "value"),
    [
        ("GET", "/gifts/secret", 401, "www-authenticate", "Bearer"),
        ("GET", "/gifts/busy", 429, "retry-after", "2"),
        ("DELETE", "/gifts/any", 405, "allow", "GET, PUT"),
        ("OPTIONS", "/gifts/any", 405, "allow", "GET, PUT"),
        ("POST", "/gifts", 405, "allow", "GET"),
        ("PUT", "/openapi.json", 405, "allow", "GET, HEAD"),
    ],
)
async def test_an_error_says_in_its_headers_what_to_do(
    app: Application, method: str, path: str, status: int, header: str, value: str
) -> None:
    answer = await sent(app, method, path)

    assert (answer.status_code, answer.headers[header]) == (status, value)


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("text", 5, "5"),
        ("thing", 12345, "12345"),
        ("quantity", "2", 2),
        ("left", "0", 0),
        ("price", "34.99", "34.99"),
        ("price", 34, 34.0),
    ],
)
def test_a_number_may_come_as_text_and_a_text_as_a_number(
    field: str, value: Any, kept: Any
) -> None:
    assert getattr(Sent.model_validate({field: value}), field) == kept


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("quantity", True),
        ("quantity", "1.0"),
        ("quantity", " 1"),
        ("quantity", 0),
        ("left", False),
        ("left", -1),
        ("price", "-1"),
        ("price", True),
        ("price", float("nan")),
        ("price", 1e7),
        ("thing", "../users"),
        ("text", "x" * 201),
    ],
)
def test_what_the_schema_does_not_allow_is_refused(field: str, value: Any) -> None:
    with pytest.raises(ValidationError, match=field):
        Sent.model_validate({field: value})


def test_the_schema_says_that_both_are_taken() -> None:
    quantity = TypeAdapter(Quantity).json_schema()

    assert quantity == {
        "type": ["integer", "string"],
        "minimum": 1,
        "maximum": 99,
        "pattern": "^[1-9][0-9]?$",
    }

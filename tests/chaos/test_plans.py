"""Plans, the schema, validation and the processes."""

from typing import Any

import pytest

from chaos.engine.reader import read_faults
from tests.chaos.opened import API, DOWN, Opened, Opener, own, report

PLANS = f"{API}/plans"
ONE = DOWN | {"id": "pay-down"}


async def test_a_plan_is_aimed_at_whoever_carries_its_token(plane: Opened) -> None:
    made = await plane.post(PLANS, json={"faults": [ONE], "token": "p-7k3q", "ttl": "5m"})
    content = made.json()
    assert made.status_code == 201
    assert 290 < content.pop("expires_in") <= 300
    assert content.pop("expires_at") > 0
    assert content == {
        "token": "p-7k3q",
        "baggage": "acmeshop.plan=p-7k3q",
        "header": "x-acmeshop-plan: p-7k3q",
        "url": "http://127.0.0.1:8080/?plan=p-7k3q",
        "faults": ["pay-down-p-7k3q"],
    }
    (row,) = (await plane.read_json("/faults"))["faults"]
    assert (row["scope"], row["source"]) == ("plan", "plan:p-7k3q")
    assert row["fault"]["where"]["match"]["baggage"] == {"acmeshop.plan": "p-7k3q"}


async def test_a_plan_without_a_token_is_given_one_and_ends_as_a_whole(plane: Opened) -> None:
    token = (await plane.post(PLANS, json={"faults": [ONE, ONE | {"id": "two"}]})).json()["token"]
    listed = (await plane.read_json("/plans"))["plans"]
    assert [plan["token"] for plan in listed] == [token]
    assert len((await plane.read_json(f"/plans/{token}"))["faults"]) == 2
    assert (await plane.delete(f"{PLANS}/{token}")).status_code == 204
    assert (await plane.get(f"{PLANS}/{token}")).status_code == 404
    assert await plane.ids() == []


@pytest.mark.parametrize(
    ("wish", "path"),
    [
        ({"faults": []}, "faults"),
        ({"faults": [ONE], "token": "P 1"}, "token"),
        ({"faults": [ONE | {"rate": 7}]}, "faults.0.rate"),
        ({"faults": [ONE | {"id": "a" * 45}], "token": "p-7k3q"}, "faults.0.id"),
        ({"faults": [ONE | {"effect": {"type": "crash"}}]}, "faults.0.effect"),
        ({"faults": [ONE], "tokn": "p-1"}, "tokn"),
        ({"faults": [7]}, "faults.0"),
    ],
)
async def test_errors_in_a_plan_are_refused(plane: Opened, wish: dict[str, Any], path: str) -> None:
    answer = await plane.post(PLANS, json=wish)
    assert answer.status_code == 422
    assert [wrong["path"] for wrong in answer.json()["errors"]] == [path]


async def test_a_token_is_taken_once(plane: Opened) -> None:
    wish = {"faults": [ONE], "token": "p-7k3q"}
    await plane.post(PLANS, json=wish)
    assert (await plane.post(PLANS, json=wish)).status_code == 409


async def test_a_plan_leads_to_the_shop_under_the_name_that_one_came_by(open_plane: Opener) -> None:
    plane = await open_plane(ACME_HOSTS="192.168.7.1")
    wish = {"faults": [ONE], "token": "p-7k3q"}
    answer = await plane.post(PLANS, json=wish, headers={"host": "192.168.7.1:5010"})
    assert answer.json()["url"] == "http://192.168.7.1:8080/?plan=p-7k3q"


async def test_the_schema_and_the_validation_are_of_the_format_that_is_read(
    plane: Opened,
) -> None:
    schema = await plane.read_json("/schema")
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert set(schema["properties"]) == {"version", "faults"}
    text = "faults:\n- {id: one, effect: {type: latency, ms: 5}}\n"
    answer = await plane.post(
        f"{API}/validate", content=text, headers={"content-type": "application/yaml"}
    )
    assert [one["id"] for one in answer.json()["faults"]] == [read_faults(text)[0].id]
    assert await plane.ids() == []


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("faults: [{id: one, effect: {type: latency}}]", 422),
        ("{id: one, effect: {type: error}}", 200),
        ("{id: one, effct: {type: error}}", 422),
        ("a: [", 400),
        ("a: &a [1]\nb: *a", 400),
        ("", 422),
        ('faults: ["\\uD800"]', 400),
    ],
)
async def test_a_text_is_valid_or_has_errors(plane: Opened, text: str, status: int) -> None:
    answer = await plane.post(
        f"{API}/validate", content=text, headers={"content-type": "text/plain"}
    )
    assert answer.status_code == status, answer.text


async def test_the_processes_are_listed_with_what_they_have(plane: Opened) -> None:
    plane.control.hear(report("auth", revision=1, own=[own("auth-failure")], waiting=2))
    content = await plane.read_json("/instances")
    assert (content["applied"], content["instances"][0].pop("heard") < 5) == ("0/1", True)
    assert content["instances"] == [
        {
            "service": "auth",
            "instance": "auth-1",
            "pid": 1,
            "revision": 1,
            "waiting": 2,
            "overflow": 0,
            "own": ["auth-failure"],
        }
    ]

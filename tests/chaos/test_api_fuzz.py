"""Whatever is sent to the control plane, it knows what to answer: 4xx at worst, and it goes on."""

import json
from typing import Any

import httpx
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chaos.control_plane.flows.control import Control
from chaos.engine.model import Fault
from chaos.engine.reader import TYPES
from tests.chaos.opened import API, Opened

JSON = {"content-type": "application/json"}
PATHS = ["/faults", "/faults/one", "/faults/one/extend", "/plans", "/reset", "/preview", "/reports"]
RELAXED = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
WORDS = [
    *Fault.model_fields,
    *("side", "service", "peer", "route", "operation", "match", "session", "baggage", "header"),
    *("type", "status", "ms", "name", "max_s", "faults", "token", "scope", "to", "over", "own"),
    *("hits", "tallies", "fault", "instance", "place", "attribute", "step", "version"),
]
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**80), 2**80)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from([*TYPES, "server", "15m", "9" * 400, "every 3", "1,2", "\ud800", "*", "one"])
)
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=5), inner, max_size=6)
    ),
    max_leaves=20,
)
FAULTS = st.fixed_dictionaries(
    {"effect": st.fixed_dictionaries({"type": st.sampled_from(list(TYPES))})},
    optional={
        "id": st.just("one"),
        "where": st.dictionaries(st.sampled_from(WORDS), SCALARS, max_size=3),
        "rate": SCALARS,
        "draw": st.sampled_from(["attempt", "request", "session", "key"]),
        "key": SCALARS,
        "hits": SCALARS,
        "ramp": DOCUMENTS,
        "ttl": SCALARS,
        "priority": SCALARS,
        "hidden": SCALARS,
        "instead_of": SCALARS,
        "title": st.text(max_size=20),
    },
)


async def answered(answer: httpx.Response, control: Control) -> None:
    """It was answered in the way the control plane answers, and can still be worked with."""
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code
        assert answer.json()["detail"]
    assert json.dumps(control.snapshot())


@RELAXED
@given(path=st.sampled_from(PATHS), body=st.binary(max_size=100))
async def test_random_bytes_are_refused(plane: Opened, path: str, body: bytes) -> None:
    answer = await plane.post(f"{API}{path}", content=body, headers=JSON)
    await answered(answer, plane.control)


@RELAXED
@given(path=st.sampled_from(PATHS), document=DOCUMENTS)
async def test_json_of_any_shape_is_taken_or_refused(
    plane: Opened, path: str, document: Any
) -> None:
    body = json.dumps(document)
    for method in ("POST", "PUT", "PATCH"):
        answer = await plane.request(method, f"{API}{path}", content=body, headers=JSON)
        await answered(answer, plane.control)


@RELAXED
@given(document=FAULTS, session=st.sampled_from(["", "?session=s-1234", "?scope=class"]))
async def test_a_fault_of_any_shape_is_taken_or_refused(
    plane: Opened, document: Any, session: str
) -> None:
    body = json.dumps(document)
    answer = await plane.put(f"{API}/faults/one{session}", content=body, headers=JSON)
    await answered(answer, plane.control)
    assert answer.status_code in {200, 201, 400, 409, 422}
    question = {"service": "auth", "place": "GET /auth", "session": "s-1234", "step": "1"}
    await answered(await plane.post(f"{API}/preview", json=question), plane.control)
    await answered(await plane.get(f"{API}/faults"), plane.control)


@RELAXED
@given(text=st.text(max_size=80) | DOCUMENTS.map(yaml.safe_dump))
async def test_yaml_of_any_shape_is_valid_or_has_errors(plane: Opened, text: str) -> None:
    body = text.encode(errors="surrogatepass")
    answer = await plane.post(
        f"{API}/validate", content=body, headers={"content-type": "application/yaml"}
    )
    await answered(answer, plane.control)
    assert answer.status_code in {200, 400, 422}


@pytest.mark.parametrize(
    "body", ["[" * 100_000, "{" * 5_000, '{"a":' * 50_000, "9" * 5_000, "NaN", '"\\ud800"', "1e999"]
)
async def test_json_that_breaks_parsers_is_refused(plane: Opened, body: str) -> None:
    for path in ("/faults", "/validate", "/reports"):
        answer = await plane.post(f"{API}{path}", content=body, headers=JSON)
        await answered(answer, plane.control)
        assert answer.status_code in {400, 422}

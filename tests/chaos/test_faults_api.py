"""The faults over HTTP: put, changed, looked at, taken away."""

import json
from typing import Any

import pytest

from tests.chaos.opened import API, DOWN, Opened, own, report

FAULTS = f"{API}/faults"
AIMED = {"where": {"service": "payment", "match": {"session": "s-1234"}}}


async def test_a_fault_is_put_and_then_in_the_list_with_all_that_is_known(plane: Opened) -> None:
    plane.control.hear(report("payment", tallies={"pay-down": {"matched": 4, "fired": 2}}))
    answer = await plane.put(f"{FAULTS}/pay-down?reason=a+lesson", json=DOWN | {"rate": 0.5})
    assert (answer.status_code, answer.headers["location"]) == (201, f"{FAULTS}/pay-down")
    plane.control.polled("payment", "payment-1", plane.control.revisions.last)
    (row,) = (await plane.read_json("/faults"))["faults"]
    assert 890 < row.pop("expires_in") <= 900
    assert row.pop("since") > 0
    assert row.pop("fault") == answer.json()["fault"]
    assert row == {
        "id": "pay-down",
        "title": "",
        "service": "payment",
        "scope": "class",
        "source": "live",
        "state": "active",
        "owner": "presenter",
        "reason": "a lesson",
        "applied": "1/1",
        "why": "applied by presenter (live): a lesson",
        "warning": "",
        "matched": 4,
        "fired": 2,
    }


async def test_to_put_the_same_again_changes_nothing_but_its_end(plane: Opened) -> None:
    first = await plane.put_fault("one", rate=0.5)
    again = await plane.put_fault("one", rate=0.5)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["fault"] == again.json()["fault"]
    assert first.json()["since"] == again.json()["since"]


async def test_a_post_adds_a_new_fault(plane: Opened) -> None:
    made = DOWN | {"id": "one"}
    assert (await plane.post(FAULTS, json=made)).status_code == 201
    again = await plane.post(FAULTS, json=made)
    assert (again.status_code, again.json()["detail"]) == (
        409,
        "the fault one exists already: PUT replaces it",
    )


async def test_a_patch_changes_one_thing_and_keeps_the_end(plane: Opened) -> None:
    before = (await plane.put_fault("one", ttl="1h")).json()
    patched = await plane.patch(f"{FAULTS}/one", json={"rate": 0.25, "where": {"service": None}})
    content = patched.json()
    assert (content["fault"]["rate"], content["service"]) == (0.25, None)
    assert content["expires_in"] <= before["expires_in"]
    longer = await plane.patch(f"{FAULTS}/one", json={"ttl": "2h"})
    assert 7190 < longer.json()["expires_in"] <= 7200


async def test_a_patch_makes_nothing(plane: Opened) -> None:
    plane.control.hear(report("auth", own=[own("auth-failure")]))
    answer = await plane.patch(f"{FAULTS}/auth-failure", json={"rate": 0})
    assert answer.status_code == 404
    assert "it is a default fault of a service: PUT one with its id" in answer.json()["detail"]


async def test_a_fault_is_extended_and_removed(plane: Opened) -> None:
    await plane.put_fault("one", ttl="5s")
    longer = await plane.post(f"{FAULTS}/one/extend", json={"ttl": "10m"})
    assert 600 < longer.json()["expires_in"] <= 605
    assert 605 < (await plane.post(f"{FAULTS}/one/extend")).json()["expires_in"] <= 610
    most = await plane.post(f"{FAULTS}/one/extend", json={"ttl": "4h"})
    assert 14_390 < most.json()["expires_in"] <= 14_400
    assert (await plane.delete(f"{FAULTS}/one")).status_code == 204
    assert (await plane.delete(f"{FAULTS}/one")).status_code == 404
    assert await plane.ids() == []


@pytest.mark.parametrize(
    ("body", "kind"), [("null", "null"), ("[]", "a list"), ("5", "a number"), ('"5m"', "a text")]
)
async def test_a_body_that_is_no_object_extends_nothing(
    plane: Opened, body: str, kind: str
) -> None:
    await plane.put_fault("one")
    answer = await plane.post(
        f"{FAULTS}/one/extend", content=body, headers={"content-type": "application/json"}
    )
    assert (answer.status_code, f"not {kind}" in answer.json()["detail"]) == (422, True)


@pytest.mark.parametrize(
    ("where", "path", "hint"),
    [
        ({"service": "paymnt"}, "where.service", 'did you mean "payment"?'),
        ({"service": "lens"}, "where.service", ""),
        ({"side": "client", "peer": "carier"}, "where.peer", 'did you mean "carrier"?'),
    ],
)
async def test_a_service_that_has_no_faults_is_refused(
    plane: Opened, where: dict[str, str], path: str, hint: str
) -> None:
    put = await plane.put_fault("one", where=where)
    plan = await plane.post(f"{API}/plans", json={"faults": [DOWN | {"id": "x1", "where": where}]})
    yaml = {"content-type": "application/yaml"}
    text = json.dumps({"faults": [DOWN | {"id": "x1", "where": where}]})
    valid = await plane.post(f"{API}/validate", content=text, headers=yaml)

    for answer, before in ((put, ""), (plan, "faults.0."), (valid, "faults.0.")):
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/unknown-service")
        [wrong] = answer.json()["errors"]
        assert (wrong["path"], wrong["hint"]) == (before + path, hint)
    assert await plane.ids() == []


async def test_a_change_of_what_has_changed_since_is_refused(plane: Opened) -> None:
    seen = (await plane.put_fault("one")).headers["etag"]
    await plane.put_fault("other")
    ok = await plane.patch(f"{FAULTS}/one", json={"rate": 0.5}, headers={"if-match": seen})
    assert ok.status_code == 200
    for method in ("PATCH", "PUT", "DELETE"):
        stale = await plane.request(method, f"{FAULTS}/one", json=DOWN, headers={"if-match": seen})
        assert (stale.status_code, stale.json()["type"]) == (412, "/problems/stale")
    fresh = (await plane.get(f"{FAULTS}/one")).headers["etag"]
    gone = await plane.delete(f"{FAULTS}/one", headers={"if-match": f'"x", {fresh}'})
    assert gone.status_code == 204
    new = await plane.put(f"{FAULTS}/one", json=DOWN, headers={"if-match": "*"})
    assert new.status_code == 412


@pytest.mark.parametrize(
    ("sent", "path", "message", "hint"),
    [
        ({"rate": 30}, "rate", "at most 1 is taken", "did you mean 0.3 (30 %)?"),
        ({"rats": 1}, "rats", 'there is no key "rats"', 'did you mean "rate"?'),
        (
            {"where": {"match": {"sesion": "x"}}},
            "where.match.sesion",
            'there is no key "sesion"',
            'did you mean "session"?',
        ),
        (
            {"effect": {"type": "eror"}},
            "effect",
            "there is no effect of the type eror",
            'did you mean "error"?',
        ),
        (
            {"effect": {"type": "error", "status": 200}},
            "effect.status",
            "at least 400 is taken",
            "",
        ),
    ],
)
async def test_an_error_in_a_fault_has_its_path_and_a_hint(
    plane: Opened, sent: dict[str, Any], path: str, message: str, hint: str
) -> None:
    answer = await plane.put_fault("one", **sent)
    problem = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (
        422,
        "application/problem+json",
    )
    assert problem.keys() == {"type", "title", "status", "detail", "errors"}
    (wrong,) = problem["errors"]
    assert (wrong["path"], wrong["hint"]) == (path, hint)
    assert wrong["message"].startswith(message)


async def test_the_address_and_the_body_agree_about_the_id(plane: Opened) -> None:
    answer = await plane.put_fault("one", id="two")
    assert (answer.status_code, answer.json()["detail"]) == (
        422,
        "the fault has the id two, but the address says one",
    )


@pytest.mark.parametrize(
    ("effect", "side"),
    [
        ({"type": "cpu", "ms": 10}, "server"),
        ({"type": "leak", "kib": 1}, "server"),
        ({"type": "crash"}, "server"),
        ({"type": "unready"}, "server"),
        ({"type": "pool"}, "store"),
        ({"type": "rate_limit", "per_second": 1}, "server"),
        ({"type": "behavior", "name": "single_connection"}, "point"),
        ({"type": "behavior", "name": "no_idempotency"}, "point"),
    ],
)
async def test_what_affects_a_process_cannot_be_for_one_session(
    plane: Opened, effect: dict[str, Any], side: str
) -> None:
    where = {"side": side, "match": {"session": "s-1234"}}
    refused = await plane.put_fault("one", effect=effect, where=where)
    assert (refused.status_code, refused.json()["type"]) == (
        422,
        "/problems/effect-not-request-scoped",
    )
    assert refused.json()["errors"][0]["code"] == "effect-not-request-scoped"
    taken = await plane.put_fault("one", effect=effect, where={"side": side})
    assert taken.status_code == 201


@pytest.mark.parametrize("name", ["n_plus_one", "fallback", "retries", "no_timeout"])
async def test_a_behavior_of_a_request_can_be_for_one_session(plane: Opened, name: str) -> None:
    where = {"side": "point", "match": {"session": "s-1234"}}
    effect = {"type": "behavior", "name": name}
    assert (await plane.put_fault("one", effect=effect, where=where)).status_code == 201


async def test_a_scope_needs_what_it_matches(plane: Opened) -> None:
    for scope, key in (("session", "where.match.session"), ("plan", "where.match.baggage")):
        answer = await plane.put(f"{FAULTS}/one?scope={scope}", json=DOWN)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["path"].startswith(key)
    aimed = await plane.put(f"{FAULTS}/one?scope=class", json=DOWN | AIMED)
    assert aimed.json()["scope"] == "class"


async def test_a_private_fault_does_not_take_the_place_of_a_services_own(plane: Opened) -> None:
    plane.control.hear(report("auth", own=[own("auth-failure")]))
    refused = await plane.put_fault("auth-failure", **AIMED)
    assert refused.status_code == 409
    assert refused.json()["detail"].endswith("another id, and instead_of: auth-failure")


async def test_the_list_says_of_each_fault_where_it_comes_from_and_why_it_rests(
    plane: Opened,
) -> None:
    both = [own("auth-failure"), own("auth-latency", "environment AUTH_LATENCY_MS")]
    plane.control.hear(report("auth", own=both))

    async def content() -> dict[str, tuple[str, str]]:
        rows = (await plane.read_json("/faults"))["faults"]
        return {row["source"]: (row["state"], row["why"]) for row in rows}

    by_row = "default fault of auth, from chaos/defaults.py"
    by_variable = "default fault of auth, from the variable AUTH_LATENCY_MS"
    assert await content() == {
        "topology": ("active", by_row),
        "environment AUTH_LATENCY_MS": ("active", by_variable),
    }
    await plane.put(f"{API}/profile", json={"name": "calm"})
    assert await content() == {
        "topology": ("resting", f"{by_row}; it rests in the profile calm"),
        "environment AUTH_LATENCY_MS": ("active", by_variable),
    }
    await plane.put_fault("auth-failure")
    assert await content() == {
        "live": (
            "active",
            "applied by presenter (live); it replaces the one from topology",
        ),
        "topology": ("replaced", f"{by_row}; the one from live replaces it"),
        "environment AUTH_LATENCY_MS": ("active", by_variable),
    }
    await plane.post(f"{API}/reset", json={"scope": "all"})
    assert await content() == {
        "topology": ("resting", f"{by_row}; it rests since everything was stopped"),
        "environment AUTH_LATENCY_MS": (
            "resting",
            f"{by_variable}; it rests since everything was stopped",
        ),
    }


async def test_the_list_can_be_of_one_scope_or_of_what_is_active(plane: Opened) -> None:
    plane.control.hear(report("auth", own=[own("auth-failure")]))
    await plane.put_fault("mine", **AIMED)
    await plane.put(f"{API}/profile", json={"name": "calm"})
    only = await plane.read_json("/faults?scope=session")
    active = await plane.read_json("/faults?active=true")
    assert [row["id"] for row in only["faults"]] == ["mine"]
    assert [row["id"] for row in active["faults"]] == ["mine"]


async def test_a_stop_says_what_is_gone(plane: Opened) -> None:
    await plane.put_fault("one")
    await plane.put_fault("mine", **AIMED)
    mine = await plane.post(f"{API}/reset?session=s-1234", json={"scope": "mine"})
    every = await plane.post(f"{API}/reset", json={"scope": "all"})
    again = await plane.post(f"{API}/reset", json={"scope": "all"})
    assert mine.json()["removed"] == ["mine"]
    assert every.json()["removed"] == ["one"]
    assert (again.status_code, again.json()["removed"]) == (200, [])
    assert again.json().keys() == {
        "revision",
        "removed",
        "stopped_runs",
        "stopped_defaults",
        "put_back",
    }


async def test_without_a_session_there_is_a_problem(plane: Opened) -> None:
    answer = await plane.post(f"{API}/reset")
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/no-session")


async def test_the_profile_is_read_and_chosen(plane: Opened) -> None:
    chosen = await plane.put(f"{API}/profile", json={"name": "realistic"})
    assert chosen.json() == await plane.read_json("/profile")
    assert (chosen.json()["name"], chosen.json()["names"]) == (
        "realistic",
        ["calm", "default", "realistic"],
    )
    assert "realistic-latency" in await plane.ids()
    unknown = await plane.put(f"{API}/profile", json={"name": "wild"})
    assert (unknown.status_code, unknown.json()["detail"]) == (
        422,
        "there is no profile wild: there are calm, default, realistic",
    )


async def test_what_does_not_exist_is_a_problem_too(plane: Opened) -> None:
    for method, path, status in (
        ("GET", f"{API}/nowhere", 404),
        ("GET", f"{FAULTS}/none", 404),
        ("PUT", f"{API}/hits", 405),
        ("GET", f"{API}/snapshot?wait=forever", 422),
    ):
        answer = await plane.request(method, path)
        assert (answer.status_code, answer.headers["content-type"]) == (
            status,
            "application/problem+json",
        )
        assert answer.json()["status"] == status

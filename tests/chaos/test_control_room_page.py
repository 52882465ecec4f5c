"""The control room's page as the server writes it, without any script."""

import re
from html import unescape
from typing import Any

import pytest

from chaos.engine.engine import FaultEngine
from chaos.engine.model import Snapshot
from tests.chaos.opened import Opened, Opener, entry, own, report

ME = {"session": "5e551011abcdef00"}
LATE = {"type": "latency", "ms": 0}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def headline(page: str) -> str:
    found = re.search(r"<h1>(.*?)</h1>", page)
    assert found
    return found[1]


async def test_the_page_lists_the_active_faults_and_for_whom(plane: Opened) -> None:
    where = {"service": "payment", "match": ME}
    await plane.put_fault("payment-failure", rate=0.4)
    await plane.put_fault("mine", where=where, effect={"type": "latency", "ms": 300})
    mine = (await plane.get("/", params=ME)).text
    everybody = (await plane.get("/")).text
    assert (headline(mine), headline(everybody)) == (
        "2 active faults for you",
        "1 active fault for everybody",
    )
    assert "payment: 40 % · +300 ms" in mine
    assert "open the shop" in everybody


async def test_a_private_fault_is_in_force_in_the_view_of_the_whole_class(plane: Opened) -> None:
    await plane.put("/chaos/v1/profile", json={"name": "calm"})
    await plane.put_fault("mine", where={"service": "payment", "match": ME})
    page = (await plane.get("/", params=ME | {"scope": "class"})).text
    assert headline(page) == "No active faults for everybody"
    assert "1 for your session only." in page
    assert '<li class="fault bad">' in page
    assert "rests" not in page


async def test_a_run_leaves_what_somebody_put_for_themselves_and_its_faults_end_with_it(
    plane: Opened,
) -> None:
    rest = entry("rest", rate=0, instead_of="*", source="scenario:r-1", effect=LATE)
    where = {"service": "payment", "match": ME}
    mine = entry("mine", "session", where=where, instead_of="payment-failure")
    plane.control.put(rest, mine, entry("others"))
    page = (await plane.get("/", params=ME)).text
    assert headline(page) == "1 active fault for you"
    assert "all other faults rest, but those for one session." in page
    assert re.findall(r'data-extend="(.*?)"', page) == ["mine", "others"]


async def test_a_click_is_explained_by_its_draws_and_leads_to_its_trace(plane: Opened) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    content = {"fault": "auth-failure", "place": "GET /auth", "trace_id": trace} | ME
    met = [content | {"fired": False, "draw": 0.61, "rate": 0.2, "at": 3723.5}]
    plane.control.hear(report(hits=met))
    page = (await plane.get("/", params=ME)).text
    assert "No fault fired." in page
    assert "drew 0.61, fires below 0.20" in page
    assert f"/trace/{trace}" in page
    assert '<time class="dim" data-ago="3723.5">01:02:03 UTC</time>' in page
    assert "no prediction" in page


async def test_what_somebody_wrote_is_shown_and_never_run(plane: Opened) -> None:
    await plane.put_fault("odd", where={"service": "payment", "match": {"user": "<script>x"}})
    page = await plane.get("/")
    assert "&lt;script&gt;x" in page.text
    assert "<script>x" not in page.text
    assert "script-src 'self'" in page.headers["content-security-policy"]


COUNTED: dict[str, list[dict[str, Any]]] = {
    "for everybody": [{"id": "one"}],
    "for me, too": [{"id": "one"}, {"id": "mine", "where": {"match": ME}}],
    "of others": [{"id": "others", "where": {"match": {"session": "others"}}}],
    "in place of another one": [
        {"id": "one"},
        {"id": "mine", "where": {"match": ME}, "instead_of": "one"},
    ],
    "at rest": [{"id": "one"}, {"id": "rest", "rate": 0, "instead_of": "*"}],
    "without a rate": [{"id": "one", "rate": 0}],
    "with a ramp": [{"id": "one", "rate": 0, "ramp": {"to": 1, "over": "10s"}}],
    "for a header": [{"id": "one"}, {"id": "lab", "where": {"match": {"header": {"x-lab": "1"}}}}],
    "for a user": [{"id": "one"}, {"id": "erics", "where": {"match": {"user": "eric"}}}],
    "hidden": [{"id": "one"}, {"id": "secret", "hidden": True}],
}


@pytest.mark.parametrize("faults", COUNTED.values(), ids=COUNTED)
async def test_the_headline_counts_the_faults_that_the_banner_of_the_shop_counts(
    plane: Opened, faults: list[dict[str, Any]]
) -> None:
    for one in faults:
        await plane.put_fault(one["id"], **one)
    storefront = FaultEngine([])
    storefront.replace(Snapshot.model_validate(await plane.read_json("/snapshot")))

    banner = storefront.notice({"session.id": ME["session"]})

    page = (await plane.get("/", params=ME)).text
    number = banner.number if banner else 0
    assert re.findall(r"(\d+) active fault", headline(page)) == ([str(number)] if number else [])


async def test_default_faults_are_counted_by_themselves(plane: Opened) -> None:
    plane.control.hear(report("auth", own=[own("auth-failure", rate=0.2)]))
    before = headline((await plane.get("/", params=ME)).text)
    await plane.put_fault("payment-failure")
    after = headline((await plane.get("/", params=ME)).text)
    assert before == "1 default fault, and no others for you"
    assert after == "1 active fault for you, and 1 by default"


@pytest.mark.parametrize("before", ["default", "realistic"])
async def test_stop_all_says_that_default_faults_rest_and_offers_to_put_them_back(
    plane: Opened, before: str
) -> None:
    source = "environment AUTH_FAILURE_RATE"
    plane.control.hear(report("auth", own=[own("auth-failure", source, rate=0.2)]))
    await plane.put("/chaos/v1/profile", json={"name": before})
    assert "Stop all <small>and the shop's default faults</small>" in (await plane.get("/")).text

    for _ in range(2):
        stopped = (await plane.post("/chaos/v1/reset", json={"scope": "all"})).json()

    page = (await plane.get("/")).text
    assert (stopped["stopped_defaults"], stopped["put_back"]) == ([], before)
    assert "the shop's default faults rest, too" in unescape(page)
    assert f'id="put-back" data-profile="{before}"' in page
    await plane.put("/chaos/v1/profile", json={"name": stopped["put_back"]})
    page = (await plane.get("/")).text
    assert "1 by default" in headline(page) or "1 default fault" in headline(page)
    assert "put-back" not in page


async def test_a_stop_names_the_default_faults_that_rest_from_now_on(plane: Opened) -> None:
    resting = own("payment-failure", rate=0)
    plane.control.hear(report("auth", own=[own("auth-failure", rate=0.2), resting]))
    stopped = await plane.post("/chaos/v1/reset", json={"scope": "all"})
    assert stopped.json()["stopped_defaults"] == ["auth-failure"]


async def test_stop_all_is_a_form_that_only_a_page_of_ours_can_send(plane: Opened) -> None:
    await plane.put_fault("payment-failure")
    foreign = {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert (await plane.post("/stop-all", headers=FORM | foreign)).status_code == 403
    assert "payment-failure" in await plane.ids()
    answer = await plane.post("/stop-all?scope=class", headers=FORM)
    assert (answer.status_code, answer.headers["location"]) == (303, "/?scope=class")
    assert await plane.ids() == []


async def test_without_a_token_it_asks_for_one_and_a_student_has_no_whole_class(
    open_plane: Opener,
) -> None:
    tokens = {"CHAOS_DEFAULT_ROLE": "none", "CHAOS_TOKEN": "p-1", "CHAOS_STUDENT_TOKEN": "s-1"}
    plane = await open_plane(**tokens)
    await plane.put("/chaos/v1/profile", json={"name": "calm"})
    nobody = (await plane.get("/")).text
    assert headline(nobody) == "Sign in"
    assert "/stop-all" not in nobody
    student = (await plane.get("/", params=ME, headers={"Authorization": "Bearer s-1"})).text
    assert "Stop all of mine" in student
    assert "scope=class" not in student


@pytest.mark.parametrize("path", ["/?scope=nobodys", "/?session=NO"])
async def test_an_address_that_makes_no_sense_is_no_page(plane: Opened, path: str) -> None:
    assert (await plane.get(path)).status_code == 422

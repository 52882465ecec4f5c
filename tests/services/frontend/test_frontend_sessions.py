"""The edge of the storefront: whose click it is, its number, and what is shown of faults."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from chaos.control_plane.domain.scope import SESSION
from chaos.engine.model import Fault, Snapshot
from services.frontend.domain.banner import clock
from services.frontend.domain.visitor import WRITTEN, Session, Steps, plan_in
from shared.session import SESSION_ID, is_sealed, tenant_of
from tests.services.frontend.conftest import GATEWAY, Browser, OpenBrowser, plain


@pytest.fixture
def heard(browser: Browser) -> list[httpx.Headers]:
    return listening(browser)


def listening(browser: Browser) -> list[httpx.Headers]:
    """The headers of all calls to the gateway."""
    heard: list[httpx.Headers] = []
    line = browser.board.lines[GATEWAY]

    class Ear(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            heard.append(request.headers)
            return await line.handle_async_request(request)

    browser.board.lines[GATEWAY] = Ear()
    return heard


def said(headers: httpx.Headers) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in headers.get("baggage", "").split(",") if pair)
    return {name: value for name, _, value in pairs}


def step(browser: Browser) -> int:
    return int(browser.cookies["shop_session"].partition(".")[2])


async def test_each_page_and_each_form_is_a_step(
    browser: Browser, heard: list[httpx.Headers]
) -> None:
    await browser.get("/login")
    await browser.get("/journal")
    await browser.log_in()
    session = browser.cookies["shop_session"].partition(".")[0]

    members = [(said(headers)["session.id"], said(headers)["acmeshop.step"]) for headers in heard]
    assert members == [(session, "2"), (session, "3")]


async def test_polling_makes_no_step(browser: Browser) -> None:
    await browser.get("/products")
    for path in ("/clicks", "/orders/1/status", "/static/x/shop.css", "/favicon.ico", "/healthz"):
        await browser.get(path)
    await browser.get("/.well-known/made-up")

    assert step(browser) == 1


async def test_a_poll_belongs_to_the_step_it_is_made_in(
    browser: Browser, heard: list[httpx.Headers]
) -> None:
    await browser.get("/products")
    await browser.get("/orders/1/status")

    assert said(heard[-1])["acmeshop.step"] == "1"
    assert said(heard[-1])["session.id"] == said(heard[0])["session.id"]


async def test_a_step_whose_answer_never_arrived_was_one(
    browser: Browser, heard: list[httpx.Headers]
) -> None:
    await browser.get("/products")
    kept = browser.cookies["shop_session"]
    await browser.get("/products")
    browser.cookies["shop_session"] = kept
    await browser.get("/products")

    assert said(heard[-1])["acmeshop.step"] == "3"


async def test_restarted_steps_begin_at_the_first(
    browser: Browser, heard: list[httpx.Headers]
) -> None:
    for _ in range(3):
        await browser.get("/products")
    before = said(heard[-1])
    answer = await browser.send_form("/session/restart")
    await browser.get("/products")
    after = said(heard[-1])

    assert (answer.status_code, before["acmeshop.step"], after["acmeshop.step"]) == (303, "3", "1")
    assert before["session.id"] == after["session.id"]


async def test_only_our_own_page_restarts_steps(browser: Browser) -> None:
    await browser.get("/products")
    answer = await browser.post("/session/restart", data={"form_token": "made-up"})

    assert answer.status_code == 403
    assert step(browser) == 1


async def test_what_an_outsider_says_is_not_passed_on(
    browser: Browser, heard: list[httpx.Headers]
) -> None:
    members = "session.id=mallory,acmeshop.step=9,acmeshop.plan=x,user.id=me,else=kept"
    await browser.get("/products", headers={"baggage": members, "x-acmeshop-hop": f"{'0' * 16}/3"})

    passed = said(heard[0])
    assert passed["session.id"] != "mallory"
    assert (passed["acmeshop.step"], passed["else"]) == ("1", "kept")
    assert passed.keys() & {"acmeshop.plan", "user.id"} == set()
    assert not heard[0].get("x-acmeshop-hop", "").startswith("0" * 16)


async def test_who_is_logged_in_is_passed_on_and_shown_on_no_span(
    browser: Browser, heard: list[httpx.Headers]
) -> None:
    await browser.log_in()
    await browser.get("/cart")
    attributes = browser.roots[-1].attributes or {}

    members = said(heard[-1])
    assert len(members["user.id"]) == 24
    assert attributes["session.id"] == members["session.id"]
    assert (
        attributes["acmeshop.tenant"]
        == members["acmeshop.tenant"]
        == tenant_of(members["session.id"])
    )
    assert "user.id" not in attributes


async def test_a_plan_stays_with_the_browser_until_it_is_given_back(
    browser: Browser, heard: list[httpx.Headers]
) -> None:
    await browser.get("/products?plan=p-7k3q")
    await browser.get("/journal")
    kept = [said(headers).get("acmeshop.plan") for headers in heard]
    await browser.get("/products?plan=")
    await browser.get("/products")

    assert set(kept) == {"p-7k3q"}
    assert "acmeshop.plan" not in said(heard[-1])


async def test_the_gateway_can_verify_who_sent_it(browser_with: OpenBrowser) -> None:
    browser = await browser_with(CHAOS_TOKEN="ours")
    heard = listening(browser)
    await browser.get("/products")
    members = said(heard[0])

    assert is_sealed(members, "ours")
    assert not is_sealed(members, "theirs")
    assert not is_sealed({**members, "acmeshop.step": "2"}, "ours")
    assert "ours" not in str(members)


@pytest.mark.parametrize("propagators", ["tracecontext", "b3", "jaeger", "none"])
async def test_the_shop_works_without_baggage(browser_with: OpenBrowser, propagators: str) -> None:
    browser = await browser_with(OTEL_PROPAGATORS=propagators)
    statuses = [(await browser.get("/products")).status_code for _ in range(2)]

    assert (statuses, step(browser)) == ([200, 200], 2)


async def test_every_page_leads_to_the_control_room(browser: Browser) -> None:
    page = (await browser.get("/products")).text
    session = browser.cookies["shop_session"].partition(".")[0]

    assert f'href="http://127.0.0.1:5010/?session={session}"' in page
    assert "active for you" not in page


def fault(**members: Any) -> Fault:
    return Fault.model_validate({"id": "made", "effect": {"type": "error"}, **members})


def test_the_banner_has_a_clock() -> None:
    assert [clock(seconds) for seconds in (5, 252, 3 * 3600 + 65)] == ["0:05", "4:12", "3:01:05"]


async def test_the_banner_stands_on_every_page_of_whom_it_is_about(
    browser: Browser,
) -> None:
    await browser.get("/")
    session = browser.cookies["shop_session"].partition(".")[0]
    mine = {"service": "cart", "match": {"session": session}}
    faults = fault(where=mine, ttl=100), fault(id="hidden-one", hidden=True)
    browser.faults.replace(Snapshot(revision=1, faults=faults))

    pages = [(await browser.get(path)).text for path in ("/", "/login", "/made-up")]
    browser.cookies.clear()
    other = (await browser.get("/")).text

    assert all("1 fault active for you · 1:" in plain(page) for page in pages)
    assert "active for you" not in other


@pytest.mark.parametrize(
    "text", ["", "abc.1", "ABCD.1", "abcd", "abcd.-1", "abcd.1234567890", "é.1"]
)
def test_a_cookie_that_is_none_of_ours_is_no_session(text: str) -> None:
    assert Session.read(text) is None


def test_the_shop_and_its_control_room_know_a_session_by_one_rule() -> None:
    assert WRITTEN.pattern.startswith(f"({SESSION_ID})")
    assert SESSION.pattern == SESSION_ID


def test_a_session_is_read_as_it_was_written() -> None:
    session = Session("ab-12", 7, "p")

    assert Session.read(session.written(), "p") == session
    assert plan_in("no plan") == ""


def test_steps_go_on_where_any_answer_ended() -> None:
    steps, session = Steps(), Session("abcd", 4)
    fifth = steps.next(session)

    assert (fifth.step, steps.next(session).step, steps.now(session).step) == (5, 6, 6)
    assert steps.next(replace(session, step=0)).step == 1

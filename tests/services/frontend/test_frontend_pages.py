"""The pages over a made-up gateway: what they show, what they keep, how they fail."""

import re

import httpx
import pytest
from opentelemetry.sdk.trace import ReadableSpan

from services.frontend.domain.forms import CHECKOUT, demo_of
from services.frontend.domain.shop import Product
from shared.errors import (
    Conflict,
    DeadlineExceeded,
    PaymentRequired,
    ShopError,
    Unavailable,
    UpstreamError,
)
from shared.gate import FORM, JSON
from tests.services.frontend.conftest import GATEWAY, LENS, Browser, OpenBrowser, plain
from tests.traces.made import checkout

CARD = {"type": "Visa", "number": "4111 1111 1111 1111", "expMonth": "12", "ccv": "737"}
ORDER = {
    "firstname": "Ada",
    "lastname": "Example",
    "email": "ada@example.com",
    "street": "12 Harbour Lane",
    "city": "Example Falls",
    "zip": "12345",
    "state": "CA",
    "country": "Utopia",
    "delivery": "BICYCLE",
    "key": "a-key-of-mine",
    "total": "47.90",
    "expYear": "2031",
    **CARD,
}
PAGES = [
    ("/", 200),
    ("/products", 200),
    ("/products?q=kettle", 200),
    ("/products/storm-lantern", 200),
    ("/products/nothing", 404),
    ("/cart", 200),
    ("/login", 200),
    ("/register", 200),
    ("/checkout", 200),
    ("/orders", 200),
    ("/orders/12345", 200),
    ("/orders/nothing", 404),
    ("/journal", 200),
    ("/journal?with_suggested=1", 200),
    ("/journal/1", 200),
    ("/clicks", 200),
    (f"/clicks/{1:032x}", 200),
    ("/clicks/nothing", 400),
    ("/nowhere", 404),
    ("/products?q=" + "x" * 101, 400),
]


@pytest.mark.parametrize(("path", "status"), PAGES)
async def test_every_page_is_safe_and_works_without_javascript(
    browser: Browser, path: str, status: int
) -> None:
    await browser.log_in()
    await browser.send_form("/cart/items", product="storm-lantern", quantity="2")
    page = await browser.get(path)
    assert page.status_code == status
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    policy = page.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "same-origin"
    assert page.headers["cache-control"] == "no-store"
    assert not re.search(r"<[^>]+ (style|on\w+)=|<script>|<style", page.text)
    assert page.text.count("<h1") == page.text.count("<main") == 1
    assert page.text.startswith("<!doctype html>")
    posts = re.findall(r'<form[^>]*method="post">(.*?)</form>', page.text, re.DOTALL)
    assert posts
    assert all('name="form_token"' in form for form in posts)


async def test_the_home_page_shows_products_what_goes_with_them_and_articles(
    browser: Browser,
) -> None:
    page = plain((await browser.get("/")).text)
    assert "Storm lantern $23.95" in page
    assert "Goes well with the storm lantern" in page
    assert "What 3 years with one bird feeder taught us" in page


@pytest.mark.parametrize(
    ("failing", "missing"),
    [
        ("GET /suggestions", "What goes well with it cannot be shown"),
        ("GET /articles", "The journal cannot be shown"),
    ],
)
async def test_a_page_that_misses_a_part_shows_less_and_says_so(
    browser: Browser, failing: str, missing: str
) -> None:
    browser.shop.failing[failing] = Unavailable("not now")
    page = await browser.get("/")
    assert page.status_code == 200
    assert missing in page.text
    assert "From the shelves" in page.text
    [root] = browser.roots
    assert dict(root.attributes or {})["acmeshop.resilience.outcome"] == "fallback"


async def test_products_are_found_by_words_and_by_tag(browser: Browser) -> None:
    page = (await browser.get("/products?q=lantern")).text
    assert 'value="lantern"' in page
    assert "Storm lantern" in page
    assert "Wool blanket" not in page
    assert "Wool blanket" in (await browser.get("/products?tag=cosy")).text
    assert "Nothing found" in (await browser.get("/products?q=xyzzy")).text


async def test_what_is_typed_stays_text(browser: Browser) -> None:
    evil = "<script>alert(1)</script>\"'"
    page = (await browser.get("/products", params={"q": evil})).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


async def test_a_visitor_who_checks_out_is_led_to_the_login_and_back(browser: Browser) -> None:
    await browser.send_form("/cart/items", product="storm-lantern", quantity="1")
    answer = await browser.get("/checkout")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=%2Fcheckout"
    page = (await browser.get(answer.headers["location"])).text
    assert 'name="next" value="/checkout"' in page
    back = await browser.send_form("/login/demo", username="eric", next="/checkout")
    assert back.headers["location"] == "/checkout"
    assert "1 × Storm lantern" in plain((await browser.get("/checkout")).text)


@pytest.mark.parametrize("path", ["/checkout", "/orders"])
async def test_a_page_of_a_user_requires_a_login(browser: Browser, path: str) -> None:
    answer = await browser.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/login?next=%2F{path[1:]}"
    assert browser.shop.calls == []


async def test_a_session_that_ended_is_forgotten_and_leads_to_the_login(browser: Browser) -> None:
    await browser.log_in()
    browser.shop.sessions.clear()
    answer = await browser.get("/orders")
    assert answer.headers["location"] == "/login?next=%2Forders"
    assert "shop_token" not in browser.cookies


async def test_cookies_are_out_of_reach_of_scripts_and_of_other_sites(browser: Browser) -> None:
    answer = await browser.send_form("/login/demo", username="eric")
    cookies = answer.headers.get_list("set-cookie")
    assert {cookie.partition("=")[0] for cookie in cookies} >= {"shop_token", "shop_user"}
    assert all("HttpOnly" in cookie and "SameSite=lax" in cookie for cookie in cookies)
    assert not any("Secure" in cookie for cookie in cookies)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(browser.app), base_url="https://shop.test"
    ) as https:
        cookies = (await https.get("/login")).headers.get_list("set-cookie")
        assert cookies
        assert all("Secure" in cookie for cookie in cookies)


async def test_the_demo_password_is_in_no_page(browser: Browser) -> None:
    assert "vmware1!" not in (await browser.get("/login")).text
    await browser.log_in()
    assert "Hi, Eric" in plain((await browser.get("/")).text)


async def test_demo_users_can_be_switched_off(browser_with: OpenBrowser) -> None:
    browser = await browser_with(FRONTEND_DEMO_LOGIN="false")
    assert "Continue as" not in (await browser.get("/login")).text
    assert (await browser.send_form("/login/demo", username="eric")).status_code == 404


async def test_a_wrong_password_keeps_the_name_and_not_the_password(browser: Browser) -> None:
    page = await browser.send_form("/login", username="eric", password="hunter2!")
    assert page.status_code == 401
    assert "Username or password is wrong." in page.text
    assert 'value="eric"' in page.text
    assert "hunter2!" not in page.text


async def test_who_registers_is_logged_in_and_led_on(browser: Browser) -> None:
    person = {"firstname": "Ada", "lastname": "Example", "email": "ada@example.com"}
    answer = await browser.send_form(
        "/register", **person, username="ada", password="long enough", next="/cart"
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/cart")
    assert "Hi, Ada" in plain((await browser.get("/cart")).text)
    taken = await browser.send_form("/register", **person, username="ada", password="long enough")
    assert taken.status_code == 409
    assert "The user name ada is taken." in plain(taken.text)
    assert 'value="ada@example.com"' in taken.text


async def test_logging_out_forgets_the_user_even_when_the_shop_is_away(browser: Browser) -> None:
    await browser.log_in()
    del browser.board.lines[GATEWAY]
    assert (await browser.send_form("/logout")).headers["location"] == "/"
    assert "shop_token" not in browser.cookies


async def test_a_cart_is_changed_and_emptied(browser: Browser) -> None:
    await browser.log_in()
    await browser.send_form("/cart/items", product="storm-lantern", quantity="2")
    await browser.send_form("/cart/items/storm-lantern", quantity="3")
    assert "$71.85" in (await browser.get("/cart")).text
    await browser.send_form("/cart/items/storm-lantern", quantity="0")
    assert "Nothing in it yet" in (await browser.get("/cart")).text
    assert (await browser.get("/checkout")).headers["location"] == "/cart"


async def test_a_page_reads_no_more_from_the_gateway_than_it_shows(browser: Browser) -> None:
    await browser.log_in()
    browser.shop.calls.clear()
    await browser.get("/products/storm-lantern")
    assert sorted(browser.shop.calls) == [
        "GET /products",
        "GET /products/storm-lantern",
        "GET /suggestions/v1/storm-lantern",
    ]


FOREIGN = [
    {"origin": "http://evil.test"},
    {"origin": "null"},
    {"origin": "http://["},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
]


@pytest.mark.parametrize("headers", FOREIGN)
async def test_a_form_of_another_site_is_refused_with_a_friendly_page(
    browser: Browser, headers: dict[str, str]
) -> None:
    await browser.log_in()
    browser.shop.calls.clear()
    data = {"form_token": browser.cookies["shop_form"], "product": "storm-lantern"}
    page = await browser.post("/cart/items", data=data, headers=headers)
    assert page.status_code == 403
    assert "This form was not sent from here" in page.text
    assert browser.shop.calls == []


@pytest.mark.parametrize(
    "path",
    ["/login", "/login/demo", "/register", "/logout", "/cart/items", "/cart/items/x", "/checkout"],
)
async def test_no_form_is_taken_without_its_token(browser: Browser, path: str) -> None:
    await browser.log_in()
    browser.shop.calls.clear()
    for data in ({}, {"form_token": "guessed"}):
        assert (await browser.post(path, data=data)).status_code == 403
    assert browser.shop.calls == []


BODIES = [b"\xff\xfe=\xff", b"form_token=%ED%A0%80", b"&".join(b"a=b" for _ in range(50)), b"{}"]


@pytest.mark.parametrize("body", BODIES)
async def test_a_body_that_is_no_form_is_refused_politely(browser: Browser, body: bytes) -> None:
    for path in ("/login", "/checkout", "/cart/items"):
        for kind, statuses in (
            (FORM, {400, 403}),
            ("text/plain", {415}),
            (JSON, {415}),
            ("", {415}),
        ):
            page = await browser.post(path, content=body, headers={"content-type": kind})
            assert page.status_code in statuses
            assert "<h1" in page.text


async def test_cookies_of_any_kind_are_survived(browser: Browser) -> None:
    for value in ("%00", "a" * 3000, '"\\377"', "!!|!!", "🫖"):
        names = ("shop_token", "shop_user", "shop_form", "shop_clicks")
        cookie = "; ".join(f"{name}={value}" for name in names)
        page = await browser.get("/products", headers={b"cookie": cookie.encode()})
        assert page.status_code == 200


async def test_a_form_that_is_far_too_large_is_too_much(browser: Browser) -> None:
    page = await browser.send_form("/login", username="x" * 70_000)
    assert page.status_code == 413
    assert "That is too much" in page.text


async def test_an_order_goes_out_once_and_its_page_says_thanks(browser: Browser) -> None:
    await browser.log_in()
    await browser.send_form("/cart/items", product="storm-lantern", quantity="2")
    page = (await browser.get("/checkout")).text
    assert 'name="total" value="47.90"' in page
    first = await browser.send_form("/checkout", **ORDER)
    again = await browser.send_form("/checkout", **ORDER)
    assert first.headers["location"] == again.headers["location"] == "/orders/order-1?placed=1"
    assert browser.shop.bodies[0]["card"]["number"] == "4111111111111111"
    assert browser.shop.bodies[0]["total"] == "47.90"
    thanks = plain((await browser.get("/orders/order-1?placed=1")).text)
    assert "Thank you, Eric! Your order is placed." in thanks
    assert "12 Harbour Lane" in thanks
    assert "2 × Storm lantern" in plain((await browser.get("/orders")).text)


async def test_every_checkout_has_a_key_of_its_own(browser: Browser) -> None:
    await browser.log_in()
    await browser.send_form("/cart/items", product="storm-lantern", quantity="1")
    keys = [
        re.findall(r'name="key" value="([\w-]{8,64})"', (await browser.get("/checkout")).text)[0]
        for _ in range(2)
    ]
    assert keys[0] != keys[1]


async def test_a_demo_address_is_filled_in_without_javascript_too(browser: Browser) -> None:
    await browser.log_in()
    await browser.send_form("/cart/items", product="storm-lantern", quantity="1")
    page = (await browser.get("/checkout?demo=1")).text
    assert 'value="4111 1111 1111 1111"' in page
    assert 'value="12 Harbour Lane"' in page


@pytest.mark.parametrize(
    ("sent", "failing", "status"),
    [
        ({"expYear": "2020"}, None, 402),
        ({"expMonth": "13"}, None, 400),
        ({}, Unavailable("Auth Service gave an error"), 503),
    ],
)
async def test_a_failed_checkout_keeps_all_that_was_typed_but_the_card(
    browser: Browser, sent: dict[str, str], failing: Unavailable | None, status: int
) -> None:
    await browser.log_in()
    await browser.send_form("/cart/items", product="storm-lantern", quantity="2")
    if failing:
        browser.shop.failing["POST /order/add"] = failing
    own_card = {"number": "5555 5555 5555 4444"}
    page = await browser.send_form("/checkout", **ORDER | own_card | sent)
    assert page.status_code == status
    for name in ("street", "city", "zip", "state", "country", "email"):
        assert f'value="{ORDER[name]}"' in page.text
    assert '<option value="BICYCLE" selected>' in page.text
    assert "please type its number and security code once more" in page.text
    assert own_card["number"] not in page.text
    assert '"737"' not in page.text


async def test_after_a_failure_the_demo_card_is_still_there_to_press_again(
    browser: Browser,
) -> None:
    await browser.log_in()
    await browser.send_form("/cart/items", product="storm-lantern", quantity="2")
    browser.shop.failing["POST /order/add"] = Unavailable("Auth Service gave an error")
    page = await browser.send_form("/checkout", **ORDER | demo_of(CHECKOUT))
    assert page.status_code == 503
    assert 'value="4111 1111 1111 1111"' in page.text
    assert "please type its number" not in page.text


async def test_an_order_that_may_have_gone_through_keeps_its_key(browser: Browser) -> None:
    await browser.log_in()
    await browser.send_form("/cart/items", product="storm-lantern", quantity="2")
    browser.shop.failing["POST /order/add"] = Unavailable("payment could not be reached")
    page = await browser.send_form("/checkout", **ORDER)
    assert 'name="key" value="a-key-of-mine"' in page.text
    assert "never takes it twice" in page.text
    browser.shop.failing.clear()
    refused = await browser.send_form("/checkout", **ORDER | {"expYear": "2020"})
    assert 'name="key" value="a-key-of-mine"' not in refused.text


async def test_a_buyer_whose_session_ended_keeps_the_form(browser: Browser) -> None:
    await browser.log_in()
    browser.shop.sessions.clear()
    page = await browser.send_form("/checkout", **ORDER)
    assert page.status_code == 401
    assert "You are no longer logged in" in page.text
    assert 'value="12 Harbour Lane"' in page.text
    assert 'name="key" value="a-key-of-mine"' in page.text


async def test_a_failure_is_a_page_with_its_trace_and_an_open_drawer(browser: Browser) -> None:
    browser.shop.failing["GET /products"] = Unavailable("catalog could not be reached")
    page = await browser.get("/products")
    assert page.status_code == 503
    assert "A part of the shop is not answering" in page.text
    assert "catalog could not be reached" in page.text
    trace_id = page.headers["traceresponse"].split("-")[1]
    assert f"http://127.0.0.1:16686/trace/{trace_id}" in page.text
    assert f'data-copy="{trace_id}"' in page.text
    assert '<details class="drawer failed" id="drawer" open>' in page.text
    assert 'href="/products">Try again' in page.text


async def test_a_gateway_that_is_away_is_named(browser: Browser) -> None:
    del browser.board.lines[GATEWAY]
    page = await browser.get("/products")
    assert page.status_code == 503
    assert "gateway could not be reached" in plain(page.text)


async def test_a_form_that_failed_is_sent_once_more_at_a_click(browser: Browser) -> None:
    await browser.log_in()
    browser.shop.failing["POST /cart"] = Unavailable("Auth Service gave an error")
    page = await browser.send_form("/cart/items", product="storm-lantern", quantity="2")
    assert page.status_code == 503
    assert 'action="/cart/items"' in page.text
    assert '<input type="hidden" name="quantity" value="2">' in page.text


async def test_a_fault_of_the_frontend_itself_is_a_page_and_keeps_the_form(
    browser_with: OpenBrowser,
) -> None:
    browser = await browser_with(FRONTEND_FAILURE_RATE="1")
    page = await browser.get("/")
    assert page.status_code == 503
    assert "[acmeshop fault frontend-failure]" in page.text
    form = await browser.post("/checkout", data=ORDER)
    assert form.status_code == 503
    assert 'value="12 Harbour Lane"' in form.text
    assert (await browser.get("/static/x/shop.css")).status_code == 200
    assert all("503" in str(dict(root.attributes or {})) for root in browser.roots)


async def test_a_crash_is_a_page_without_a_word_of_its_inside(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(_product: object) -> Product:
        raise KeyError("hunter2")

    monkeypatch.setattr(Product, "of", crash)
    page = await browser.get("/products/wool-blanket")
    assert page.status_code == 500
    assert "Something in the shop broke" in page.text
    assert "hunter2" not in page.text
    assert "KeyError" not in page.text
    [root] = browser.roots
    assert root.events[0].name == "exception"


async def test_an_answer_in_another_shape_is_a_page_that_blames_the_gateway(
    browser: Browser,
) -> None:
    browser.shop.products["odd"] = {"id": "odd", "name": ["hunter2"]}
    page = await browser.get("/products/odd")
    assert page.status_code == 502
    assert "A part of the shop failed" in page.text
    assert "gateway answered 200 in an unknown shape" in page.text
    assert "hunter2" not in page.text


async def test_health_stays_json(browser: Browser) -> None:
    assert (await browser.get("/healthz")).json() == {"service": "frontend", "status": "alive"}


async def test_a_user_cookie_that_was_tampered_with_earns_a_refusal(browser: Browser) -> None:
    await browser.log_in()
    browser.cookies.set("shop_user", f"{'a' * 24}!eve!Eve", domain="shop.test")
    page = await browser.get("/cart")
    assert page.status_code == 403
    assert "This is not yours" in page.text


async def test_a_token_that_is_no_token_is_nobody(browser: Browser) -> None:
    await browser.log_in()
    user = browser.cookies["shop_user"]
    headers = {"cookie": f'shop_user={user}; shop_token="a\\012evil: yes"'}
    browser.cookies.clear()
    answer = await browser.get("/orders", headers=headers)
    assert answer.headers["location"] == "/login?next=%2Forders"


async def test_the_page_after_a_form_shows_the_forms_trace_first(browser: Browser) -> None:
    await browser.log_in()
    sent = await browser.send_form("/cart/items", product="storm-lantern", quantity="1")
    trace_id = sent.headers["traceresponse"].split("-")[1]
    page = (await browser.get("/cart")).text
    own = browser.roots[-1].context
    assert own is not None
    stories = re.findall(r'data-story="/clicks/(\w+)/story"', page)
    assert stories == [trace_id, f"{own.trace_id:032x}"]
    assert "Your click POST /cart/items 303" in plain(page)
    assert len(re.findall("data-story", (await browser.get("/cart")).text)) == 1


async def test_a_page_that_fails_after_a_form_that_did_not_is_shown_first(
    browser: Browser,
) -> None:
    await browser.log_in()
    await browser.send_form("/cart/items", product="storm-lantern", quantity="1")
    browser.shop.failing["GET /cart/items"] = Unavailable("not now")
    page = plain((await browser.get("/cart")).text)
    assert page.index("This page GET /cart 503") < page.index("The click that led here POST /cart")


async def test_the_last_clicks_are_listed_and_looking_at_them_adds_none(browser: Browser) -> None:
    await browser.get("/products/storm-lantern")
    await browser.get("/nowhere")
    before = len(browser.roots)
    page = plain((await browser.get("/clicks")).text)
    assert page.index("404 GET /nowhere") < page.index("200 GET /products/storm-lantern")
    assert len(browser.roots) == before
    assert "GET /clicks" not in plain((await browser.get("/clicks")).text)


async def test_the_story_of_a_click_is_shown_as_far_as_it_has_arrived(browser: Browser) -> None:
    trace_id = f"{7:032x}"
    waiting = await browser.get(f"/clicks/{trace_id}/story")
    assert 'data-state="waiting"' in waiting.text
    browser.stories[trace_id] = checkout(bank=503).story(trace_id)
    story = (await browser.get(f"/clicks/{trace_id}/story")).text
    assert 'data-state="complete" data-tone="bad"' in story
    assert "POST /checkout failed because payment&#39;s bank answered 503 after 212 ms." in story
    assert "began here" in story
    whole = (await browser.get(f"/clicks/{trace_id}")).text
    assert "POST /checkout failed because" in whole
    assert browser.roots == []


async def test_a_story_that_is_still_coming_is_looked_for_again_without_javascript(
    browser: Browser,
) -> None:
    trace_id = f"{7:032x}"
    page = (await browser.get(f"/clicks/{trace_id}")).text
    assert f'content="2;url=/clicks/{trace_id}?tried=1"' in page
    assert "http-equiv" not in (await browser.get(f"/clicks/{trace_id}?tried=4")).text


async def test_lens_being_away_is_shown_with_the_link(browser: Browser) -> None:
    del browser.board.lines[LENS]
    page = await browser.get(f"/clicks/{7:032x}")
    assert page.status_code == 200
    assert "does not answer" in page.text
    assert f"http://127.0.0.1:16686/trace/{7:032x}" in page.text


async def test_other_backends_are_linked_to_and_lens_is_not_called(
    browser_with: OpenBrowser,
) -> None:
    links = "Jaeger=http://jaeger:16686/trace/{trace_id},Tempo=http://grafana/t/{trace_id}"
    browser = await browser_with(FRONTEND_TRACE_LINKS=links)
    page = await browser.get("/")
    trace_id = page.headers["traceresponse"].split("-")[1]
    assert f'href="http://jaeger:16686/trace/{trace_id}"' in page.text
    assert f'href="http://grafana/t/{trace_id}"' in page.text
    assert "data-story" not in page.text
    del browser.board.lines[LENS]
    assert 'data-state="elsewhere"' in (await browser.get(f"/clicks/{trace_id}/story")).text


async def test_without_tracing_the_shop_works_and_says_that_nobody_knows(
    browser_with: OpenBrowser,
) -> None:
    browser = await browser_with(OTEL_SDK_DISABLED="true")
    page = await browser.get("/")
    assert page.status_code == 200
    assert "Tracing is switched off" in page.text
    assert "shop_clicks" not in browser.cookies


async def test_a_request_that_the_sampler_did_not_take_is_shown_as_unrecorded(
    browser_with: OpenBrowser,
) -> None:
    browser = await browser_with(OTEL_TRACES_SAMPLER="always_off")
    assert "The sampler did not take this request" in (await browser.get("/")).text


async def test_a_trace_begins_at_the_frontend_with_the_name_of_its_route(browser: Browser) -> None:
    await browser.get("/products/storm-lantern")
    assert [root.name for root in browser.roots] == ["GET /products/{product_id}"]


def words(span: ReadableSpan) -> str:
    """What a span says; not its ids and times, in which any three digits may come up."""
    events = [(event.name, dict(event.attributes or {})) for event in span.events]
    return f"{span.name} {dict(span.attributes or {})} {events} {span.status.description}"


async def test_nothing_secret_is_in_a_span(browser: Browser) -> None:
    await browser.log_in()
    await browser.send_form("/login", username="eric", password="hunter2!")
    await browser.send_form("/cart/items", product="storm-lantern", quantity="2")
    await browser.send_form("/checkout", **ORDER | {"expYear": "2020"})
    texts = "".join(words(span) for span in browser._spans.get_finished_spans())
    for secret in ("4111", "737", "hunter2", "vmware1", "token-of", browser.cookies["shop_form"]):
        assert not re.search(rf"\b{re.escape(secret)}", texts)


async def test_what_is_static_is_kept_for_ever_and_leaves_no_trace(browser: Browser) -> None:
    page = (await browser.get("/")).text
    before = len(browser.roots)
    addresses = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert {address.rpartition(".")[2] for address in addresses} == {"css", "js", "svg"}
    for address in addresses:
        asset = await browser.get(address)
        assert asset.status_code == 200
        assert "immutable" in asset.headers["cache-control"]
    assert (await browser.get("/static/0/none.js")).status_code == 404
    assert (await browser.get("/favicon.ico")).headers["content-type"] == "image/svg+xml"
    assert (await browser.get("/pictures/tea-set-1.svg")).status_code == 200
    assert len(browser.roots) == before


async def test_an_order_is_followed_in_silence(browser: Browser) -> None:
    status = await browser.get("/orders/12345/status")
    delivered = {"says": "Delivered", "step": 2, "ended": True, "cancelled": False}
    assert status.json() == delivered
    assert browser.roots == []


@pytest.mark.parametrize(
    ("status", "refresh", "pill"),
    [
        ("processing", True, "Being packed"),
        ("shipped", True, "On its way"),
        ("error fetching shipping status", True, "Status unknown for the moment"),
        ("delivered", False, "Delivered"),
        ("cancelled", False, "Cancelled"),
    ],
)
async def test_list_and_page_of_an_order_agree_and_what_has_ended_is_not_refreshed(
    browser: Browser, status: str, refresh: bool, pill: str
) -> None:
    await browser.log_in()
    await browser.send_form("/cart/items", product="storm-lantern", quantity="2")
    await browser.send_form("/checkout", **ORDER)
    browser.shop.orders[ORDER["key"]]["status"] = status

    page = (await browser.get("/orders/order-1")).text

    assert pill in plain(page)
    assert pill in plain((await browser.get("/orders")).text)
    assert ("Refresh" in page) is refresh
    assert ("<p data-cancelled hidden>" in page) is (status != "cancelled")


@pytest.mark.parametrize(
    ("error", "path", "uncertain"),
    [
        (Unavailable("not now"), "/checkout", True),
        (DeadlineExceeded("over 3 s"), "/checkout", True),
        (UpstreamError("orders answered 500"), "/checkout", True),
        (PaymentRequired("the card was declined"), "/checkout", False),
        (Conflict("this costs more now"), "/checkout", False),
        (DeadlineExceeded("over 3 s"), "/cart/items", True),
        (Unavailable("not now"), "/cart/items", False),
    ],
)
async def test_a_failure_is_uncertain_or_certain_and_never_both(
    browser: Browser, error: ShopError, path: str, uncertain: bool
) -> None:
    await browser.log_in()
    await browser.send_form("/cart/items", product="storm-lantern", quantity="2")
    browser.shop.failing.update({"POST /order/add": error, "POST /cart/item/add": error})
    form = ORDER if path == "/checkout" else {"product": "storm-lantern", "quantity": "1"}

    page = plain((await browser.send_form(path, **form)).text)

    assert ("It is not certain" in page) is uncertain
    certain = ("failed", "refused", "did not", "does not fit", "Nothing was", "is not answering")
    assert any(word in page.partition("The shop said")[0] for word in certain) is not uncertain

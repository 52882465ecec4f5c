"""axe finds nothing to mend on any page of the shop, its control room and its trace explorer."""

from collections.abc import Iterator
from hashlib import sha256

import pytest
from playwright.sync_api import Browser, expect

from tests.conftest import CALM
from tests.e2e.accessible import AXE, Inspected, prepare
from tests.e2e.browser import needs_browser
from tests.e2e.launched import Launched
from tests.e2e.test_control_room import turn
from tests.e2e.test_storefront import PATIENT, check_out, put_into_the_cart

pytestmark = needs_browser

AXE_SHA256 = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
TOKENS = {"CHAOS_TOKEN": "teacher", "CHAOS_DEFAULT_ROLE": "none"}


@pytest.fixture
def inspected(chromium: Browser) -> Iterator[Inspected]:
    context = chromium.new_context()
    prepare(context)
    yield Inspected(context.new_page())
    context.close()


def test_axe_is_the_published_file() -> None:
    assert sha256(AXE.read_bytes()).hexdigest() == AXE_SHA256


def test_axe_finds_nothing_on_any_page(launched: Launched, inspected: Inspected) -> None:
    launched.environ |= CALM | TOKENS
    launched.up()
    urls = {name: row["url"] for name, row in launched.services().items() if "url" in row}
    of_the_empty_explorer(inspected, urls["lens"])
    of_the_storefront(inspected, urls["frontend"])
    of_the_control_room(inspected, urls["chaos"])
    of_a_failed_checkout(inspected, urls["frontend"])
    of_the_explorer(inspected, urls["lens"])
    assert not inspected.found, "\n".join(inspected.found)


def of_the_empty_explorer(it: Inspected, lens: str) -> None:
    for path in (
        "/",
        "/services",
        "/logs",
        "/dependencies",
        "/sampling",
        "/import",
        "/about",
        "/trace/zz",
        f"/trace/{7:032x}?try=6",
    ):
        it.page.goto(lens + path)
        it.inspect(f"lens, empty, {path}")


def of_the_storefront(it: Inspected, shop: str) -> None:
    paths = ["/", "/products", "/products?q=nothing", "/products?tag=kitchen", "/cart", "/login"]
    paths += ["/register", "/journal", "/journal?with_suggested=1", "/clicks", "/nowhere"]
    for path in paths:
        it.page.goto(shop + path)
        it.inspect(f"shop {path}")
    it.page.goto(f"{shop}/login")
    it.page.get_by_role("button", name="Continue as Eric").click()
    it.page.goto(f"{shop}/orders")
    it.inspect("shop /orders, none")
    put_into_the_cart(it.page, "kettle", "Pour-over kettle")
    it.inspect("shop /cart, filled")
    it.page.get_by_role("link", name="Pour-over kettle").click()
    it.inspect("shop, a product")
    it.page.goto(f"{shop}/checkout")
    it.page.get_by_role("button", name="Place the order").click()
    it.inspect("shop /checkout")
    check_out_again(it, shop)
    it.inspect("shop, an order")
    drawer = it.page.locator("#drawer")
    expect(drawer.locator("[data-says]")).to_contain_text(" went well: ", timeout=PATIENT)
    drawer.locator("summary").click()
    it.inspect("shop, an order with its drawer")
    for path in ("/orders", "/clicks", "/journal/1"):
        it.page.goto(shop + path)
        it.inspect(f"shop {path}, filled")
    it.page.goto(f"{shop}/clicks")
    it.page.locator(".clicks a").first.click()
    it.inspect("shop, a click")


def check_out_again(it: Inspected, shop: str) -> None:
    it.page.goto(f"{shop}/cart")
    check_out(it.page)
    expect(it.page.get_by_text("Your order is placed")).to_be_visible()


def of_the_control_room(it: Inspected, chaos: str) -> None:
    page = it.page
    page.goto(chaos)
    it.inspect("control room, sign in")
    page.locator("#main").get_by_label("Token").fill("teacher")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#lamp")).to_have_text("Live", timeout=PATIENT)
    it.inspect("control room, calm")
    turn(page, "payment: errors")
    it.inspect("control room, a fault")
    page.get_by_text("Add any fault").click()
    page.get_by_label("Faults", exact=True).fill("faults: 1")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#problems")).not_to_be_empty()
    it.inspect("control room, a wrong fault")
    card = page.locator(".scenario", has=page.get_by_role("button", name="Run for")).first
    card.get_by_role("button", name="Run for").click()
    expect(page.locator(".scenario.runs")).to_be_visible()
    it.inspect("control room, a scenario")
    page.locator(".scenario.runs").get_by_role("button", name="Stop").click()
    expect(page.locator(".scenario.runs")).to_have_count(0)


def of_a_failed_checkout(it: Inspected, shop: str) -> None:
    it.page.goto(shop)
    put_into_the_cart(it.page, "kettle", "Pour-over kettle")
    check_out(it.page)
    expect(it.page.locator(".sentence.bad")).to_be_visible(timeout=PATIENT)
    it.inspect("shop, a checkout that failed")


def of_the_explorer(it: Inspected, lens: str) -> None:
    page = it.page
    for path in (
        "/",
        "/search?errors=1",
        "/search?limit=0&tags=a%3D%22b",
        "/search?service=nobody",
    ):
        page.goto(lens + path)
        it.inspect(f"lens {path}")
    page.goto(lens)
    field = page.get_by_role("combobox", name="Query")
    field.press_sequentially("http")
    expect(page.get_by_role("listbox", name="Suggestions")).to_be_visible()
    field.press("ArrowDown")
    it.inspect("lens, suggested terms")
    page.goto(f"{lens}/search?lookback=custom")
    it.inspect("lens, a custom range")
    for path in (
        "/services?service=orders",
        "/logs?level=info",
        "/logs?level=loud",
        "/dependencies",
        "/dependencies?lookback=soon",
        "/about",
        "/errors",
        "/errors?q=%3D",
        "/search?q=%7Bservice%3Dgateway%7D+%3E%3E+%7Berror%7D",
    ):
        page.goto(lens + path)
        it.inspect(f"lens {path}")
    # Not any failed trace: by now there may be one of the recovery, which has no like.
    page.goto(f"{lens}/search?q=service%3Dpayment+error+trace.name~checkout")
    page.locator(".traces .go").first.click()
    expect(page.locator(".details")).to_be_visible()
    it.inspect("lens, a failed trace")
    trace = page.url.partition("?")[0]
    page.goto(f"{trace}?uiFind=payment")
    it.inspect("lens, a trace searched")
    page.keyboard.press("?")
    it.inspect("lens, the keys")
    for view in ("flame", "graph", "table", "table&by=kind", "logs"):
        page.goto(f"{trace}?view={view}")
        it.inspect(f"lens, {view} of a trace")
    page.goto(trace)
    page.locator(".explain summary").first.click()
    it.inspect("lens, why it matters")
    page.goto(f"{trace}/usual")
    it.inspect("lens, a trace against the usual")
    page.goto(f"{lens}/search")
    other = page.locator(".traces .go").last.get_attribute("href") or ""
    page.goto(f"{trace}...{other.rpartition('/')[2]}")
    expect(page.locator(".sides")).to_be_visible()
    it.inspect("lens, two traces")
    page.goto(trace)
    page.get_by_role("button", name="Pin").click()
    page.locator(".menu summary").click()
    it.inspect("lens, a pinned trace and how to export it")
    exported = page.request.get(f"{trace}/export").text()
    page.goto("about:blank")  # as from a file, without the policy of lens
    page.set_content(exported)
    it.inspect("lens, an exported trace")

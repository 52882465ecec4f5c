"""The control room in a real browser: what is turned there fails in the shop, until it is ended."""

import re

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.conftest import CALM
from tests.e2e.browser import needs_browser
from tests.e2e.launched import Launched
from tests.e2e.test_storefront import PATIENT, check_out, put_into_the_cart

pytestmark = needs_browser


def opened(shop: Launched, page: Page) -> Page:
    """Starts the shop, fills a cart, and goes to the control room by its link; answers its page."""
    # An order that failed is to wait for its second try, however slow the browser is.
    shop.environ |= CALM
    shop.up()
    page.goto(shop.services()["frontend"]["url"])
    page.get_by_role("button", name="Continue as Eric").click()
    put_into_the_cart(page, "kettle", "Pour-over kettle")
    with page.expect_popup() as popup:
        page.get_by_role("contentinfo").get_by_role("link", name="Control room").click()
    room = popup.value
    expect(room.get_by_role("heading", level=1)).to_have_text("Calm: no active faults")
    expect(room.locator("#lamp")).to_have_text("Live")
    return room


def turn(room: Page, name: str, key: str = "End") -> Locator:
    """Turns a slider with a key; answers it once all processes have what it says."""
    slider = room.get_by_role("slider", name=name)
    expect(slider).to_be_enabled()
    slider.press(key)
    expect(room.locator("#message")).to_contain_text(name, timeout=PATIENT)
    expect(room.locator("[data-applied]")).to_have_text(re.compile(r"(\d+)/\1"), timeout=PATIENT)
    return slider


def test_a_slider_breaks_the_checkout_for_me_until_all_is_stopped(
    launched: Launched, page: Page
) -> None:
    room = opened(launched, page)
    expect(room.get_by_role("link", name="Only me")).to_have_attribute("aria-current", "true")
    slider = turn(room, "payment: errors")
    expect(slider).to_have_attribute("aria-valuetext", "100 %")
    expect(room.get_by_role("heading", level=1)).to_have_text("1 active fault for you")
    box = room.locator("svg.wide a.box.bad")
    expect(box).to_have_attribute("aria-label", "payment: 100 %")

    check_out(page)
    trouble = page.get_by_role("alert")
    expect(trouble).to_be_visible(timeout=PATIENT)
    expect(page.locator("[data-banner]")).to_contain_text("1 fault active for you")
    with page.expect_popup() as popup:
        trouble.get_by_role("link").first.click()
    expect(popup.value).to_have_url(re.compile("/trace/[0-9a-f]{32}$"))
    expect(popup.value.locator("main")).to_contain_text("payment", timeout=PATIENT)

    last = room.get_by_label("Your last click")
    expect(last).to_contain_text("payment-failure fired", timeout=PATIENT)
    with room.expect_popup() as popup:
        last.get_by_role("link", name="Open its trace").click()
    expect(popup.value.locator("main")).to_contain_text("POST /checkout", timeout=PATIENT)
    expect(room.get_by_label("Your next clicks")).to_contain_text("A fault fires in the next one")

    room.get_by_role("button", name="Stop all").click()
    expect(room.locator("#message")).to_contain_text("All fault injection stopped")
    expect(room.get_by_role("heading", level=1)).to_have_text("Calm: no active faults")
    expect(slider).to_have_attribute("aria-valuetext", "0 %")
    page.get_by_role("button", name="Place the order").click()
    expect(page.get_by_text("Thank you, Eric! Your order is placed.")).to_be_visible(
        timeout=PATIENT
    )


def test_the_whole_class_is_another_matter_and_any_fault_can_be_written(
    launched: Launched, page: Page
) -> None:
    room = opened(launched, page)
    room.get_by_role("link", name="Whole class").click()
    expect(room.get_by_text("the whole class is affected", exact=True)).to_be_visible()
    turn(room, "catalog: latency", "ArrowRight")
    active = room.get_by_label("Active faults")
    expect(active).to_contain_text("+50 ms")
    expect(active).to_contain_text("everybody")

    room.get_by_text("Add any fault").click()
    text = room.get_by_label("Faults", exact=True)
    written = text.input_value()
    text.fill(written.replace("rate: 0.5", "rate: 30"))
    room.get_by_role("button", name="Apply").click()
    expect(room.locator("#problems")).to_contain_text("faults.0.rate")
    expect(room.locator("#problems")).to_contain_text("did you mean 0.3")
    text.fill(written)
    room.get_by_role("button", name="Apply").click()
    expect(active).to_contain_text("carrier-slow")
    active.get_by_role("button", name="Remove carrier-slow").click()
    expect(active).not_to_contain_text("carrier-slow")

    room.get_by_role("button", name="Realistic").click()
    expect(active).to_contain_text("realistic-latency")
    card = room.locator(".scenario", has=room.get_by_role("button", name="Run for")).first
    title = card.get_by_role("heading").inner_text()
    card.get_by_role("button", name="Run for").click()
    running = room.locator(".scenario.runs")
    expect(running).to_contain_text(title)
    running.get_by_role("button", name="Hint").click()
    expect(running.get_by_label("Hints").get_by_role("listitem")).to_have_count(1)
    running.get_by_role("button", name="Reveal").click()
    expect(running).to_contain_text("The cause")
    running.get_by_role("button", name="Stop").click()
    expect(running).to_have_count(0)
    what_is_hidden_is_shown_to_who_asks(room)


def what_is_hidden_is_shown_to_who_asks(room: Page) -> None:
    hidden = room.locator(".scenario").get_by_role("button", name="Run for").first
    hidden.click()
    headline, of_it = room.get_by_role("heading", level=1), room.get_by_text("a scenario")
    expect(headline).to_have_text("A scenario is running: find out what is wrong")
    expect(of_it.and_(room.locator(".chip"))).to_have_count(1)
    expect(room.locator("svg.wide a.box.bad, svg.wide a.box.slow")).to_have_count(0)
    room.get_by_role("link", name="Show hidden faults").click()
    expect(headline).to_have_text(re.compile("active faults? for everybody"))
    room.get_by_role("link", name="Hide hidden faults").click()
    expect(headline).to_have_text("A scenario is running: find out what is wrong")
    room.get_by_role("button", name="Stop all").click()
    expect(room.locator("#message")).to_contain_text("removed")
    expect(headline).to_have_text("Calm: no active faults")


def test_the_page_fits_a_phone_says_when_it_lost_the_line_and_stops_without_a_script(
    launched: Launched, page: Page, chromium: Browser
) -> None:
    room = opened(launched, page)
    turn(room, "orders: errors")
    state = room.context.storage_state()
    phone = chromium.new_context(viewport={"width": 390, "height": 844}, storage_state=state)
    small = phone.new_page()
    small.goto(room.url)
    expect(small.locator("svg.tall a.box.bad")).to_be_visible()
    assert small.evaluate("document.documentElement.scrollWidth <= innerWidth")

    small.evaluate("window.before = true")
    launched.acme("kill", "chaos")
    expect(small.locator("#lamp[data-state=lost]")).to_contain_text("Connection lost")
    expect(small.locator("#lamp")).to_have_text("Live", timeout=PATIENT)
    assert small.evaluate("window.before")
    phone.close()

    plain = chromium.new_context(java_script_enabled=False, storage_state=state)
    stopped_by_a_form(plain, room.url)
    expect(room.get_by_role("heading", level=1)).to_have_text(re.compile("^Calm"), timeout=PATIENT)


def stopped_by_a_form(context: BrowserContext, url: str) -> None:
    page = context.new_page()
    page.goto(url)
    expect(page.get_by_role("heading", level=1)).to_have_text("1 active fault for you")
    expect(page.get_by_label("Active faults")).to_contain_text("orders-failure")
    expect(page.get_by_role("slider", name="orders: errors")).to_be_disabled()
    page.get_by_role("button", name="Stop all").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Calm: no active faults")
    context.close()


def test_where_nobody_is_anybody_a_token_makes_one_a_student(
    launched: Launched, page: Page
) -> None:
    tokens = {"CHAOS_TOKEN": "teacher", "CHAOS_STUDENT_TOKEN": "student"}
    launched.environ |= CALM | tokens | {"CHAOS_DEFAULT_ROLE": "none"}
    launched.up()
    urls = {name: row["url"] for name, row in launched.services().items() if "url" in row}
    page.goto(urls["frontend"])
    page.goto(urls["chaos"])
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    for token in ("nobody", "student"):
        page.locator("#main").get_by_label("Token").fill(token)
        page.get_by_role("button", name="Sign in").click()
        if token == "nobody":
            expect(page.locator("#error")).to_have_text("This token is not known.")
    expect(page.locator("#lamp")).to_have_text("Live")
    turn(page, "cart: errors")
    expect(page.get_by_role("link", name="Whole class")).to_have_count(0)
    page.get_by_role("button", name="Stop all of mine").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Calm: no active faults")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")

"""A newcomer in a real browser, over the whole shop as `acme up` starts it."""

import re

from playwright.sync_api import Page, expect

from tests.conftest import CALM
from tests.e2e.browser import needs_browser
from tests.e2e.launched import Launched

PATIENT = 30_000

pytestmark = needs_browser


def opened(shop: Launched, page: Page, **environ: str) -> None:
    """Starts the shop and opens its home page."""
    shop.environ |= CALM | environ
    shop.up()
    page.goto(shop.services()["frontend"]["url"])


def register(page: Page) -> None:
    page.get_by_role("link", name="Log in").click()
    page.get_by_role("link", name="I have no account yet").click()
    page.get_by_label("First name").fill("Nora")
    page.get_by_label("Last name").fill("Newcomer")
    page.get_by_label("Email").fill("nora@example.com")
    page.get_by_label("User name").fill("nora")
    page.get_by_label("Password").fill("a long password")
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_text("Hi, Nora")).to_be_visible()


def put_into_the_cart(page: Page, word: str, name: str) -> None:
    page.get_by_role("searchbox", name="Search the shop").fill(word)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=f"Found for “{word}”")).to_be_visible()
    page.get_by_role("link", name=name).click()
    page.get_by_role("button", name="Add to cart").click()
    expect(page.get_by_role("heading", name="Your cart")).to_be_visible()
    expect(page.get_by_role("link", name=name)).to_be_visible()


def check_out(page: Page) -> None:
    page.get_by_role("link", name="Check out").click()
    page.get_by_role("link", name="Fill in a demo card and address").click()
    page.get_by_role("button", name="Place the order").click()


def test_a_newcomer_buys_two_things_and_sees_where_the_click_went(
    launched: Launched, page: Page
) -> None:
    opened(launched, page)
    register(page)
    put_into_the_cart(page, "lantern", "Storm lantern")
    put_into_the_cart(page, "blanket", "Wool blanket")
    amount = page.get_by_label("Quantity of Storm lantern")
    amount.fill("3")
    amount.press("Enter")
    expect(page.get_by_label("Total")).to_contain_text("4 things")

    check_out(page)
    expect(page.get_by_text("Thank you, Nora! Your order is placed.")).to_be_visible()
    drawer = page.locator("#drawer")
    expect(drawer.locator("[data-says]")).to_contain_text(" went well: ", timeout=PATIENT)
    drawer.locator("summary").click()
    click = drawer.locator(".click").first
    expect(click).to_contain_text("Your click POST /checkout 303")
    for service in ("frontend", "gateway", "auth", "orders", "cart", "payment", "bank"):
        expect(click.locator(".chip", has_text=re.compile(f"^{service}$"))).to_be_visible()

    says = page.locator("[data-says-status]")
    expect(says).to_have_text(re.compile("On its way|Delivered"), timeout=PATIENT)

    with page.expect_popup() as popup:
        click.get_by_role("link", name="Open the full trace").click()
    expect(popup.value).to_have_url(re.compile("/trace/[0-9a-f]{32}$"))
    expect(popup.value.locator("main")).to_contain_text("POST /checkout")


def test_a_failed_checkout_says_what_broke_and_keeps_the_address(
    launched: Launched, page: Page
) -> None:
    opened(launched, page, PAYMENT_FAILURE_RATE="1")
    page.get_by_role("button", name="Continue as Eric").click()
    put_into_the_cart(page, "kettle", "Pour-over kettle")
    check_out(page)

    trouble = page.get_by_role("alert")
    expect(trouble).to_be_visible(timeout=PATIENT)
    expect(trouble.get_by_role("link")).to_have_attribute("href", re.compile("/trace/[0-9a-f]{32}"))
    expect(page.locator("#drawer")).to_have_attribute("open", "")
    sentence = re.compile("POST /checkout failed because payment answered 503 after")
    expect(page.locator(".sentence.bad")).to_have_text(sentence, timeout=PATIENT)
    expect(trouble.locator("[data-cause]")).to_have_text(sentence)
    expect(page.locator(".chip.failed")).to_have_text(re.compile("^payment"))
    expect(page.locator(".row.began").first).to_contain_text("payment")
    expect(page.get_by_label("Street and number")).to_have_value("12 Harbour Lane")
    # The demo's card is no secret: pressing again is all that is left to do.
    expect(page.get_by_label("Card number")).to_have_value("4111 1111 1111 1111")

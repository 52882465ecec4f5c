"""A person in a real browser, over a shop that runs already."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.browser import needs_browser
from tests.e2e.test_storefront import check_out, put_into_the_cart
from tests.stack.running import Stack

PATIENT = 60_000

pytestmark = needs_browser


def test_a_person_buys_something_and_sees_where_the_click_went(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.shop}/login")
    page.get_by_role("button", name="Continue as Eric").click()
    put_into_the_cart(page, "lantern", "Storm lantern")
    check_out(page)

    expect(page.get_by_text("Thank you, Eric! Your order is placed.")).to_be_visible()
    drawer = page.locator("#drawer")
    expect(drawer.locator("[data-says]")).to_contain_text(" went well: ", timeout=PATIENT)
    drawer.locator("summary").click()
    click = drawer.locator(".click").first
    for service in ("frontend", "gateway", "auth", "orders", "cart", "payment", "bank"):
        expect(click.locator(".chip", has_text=re.compile(f"^{service}$"))).to_be_visible()
    says = page.locator("[data-says-status]")
    expect(says).to_have_text(re.compile("On its way|Delivered"), timeout=PATIENT)


def test_what_a_page_links_to_is_where_a_browser_finds_it(stack: Stack, page: Page) -> None:
    page.goto(stack.shop)

    footer = page.get_by_label("About this shop")
    expect(footer.get_by_role("link", name="Trace explorer")).to_have_attribute("href", stack.lens)
    page.goto(stack.gateway)
    link = page.get_by_role("link", name="the shop")
    expect(link).to_have_attribute("href", stack.shop)

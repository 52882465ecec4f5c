"""The cart: before anybody logs in, at the login, and how many things are in it on every page."""

import re

import pytest

from services.frontend.domain.basket import MOST_ITEMS, Basket
from shared.errors import Conflict, DeadlineExceeded, ShopError, Unauthorized, Unavailable
from tests.services.frontend.conftest import GATEWAY, Browser, plain
from tests.services.frontend.test_frontend_pages import ORDER

PERSON = {
    "firstname": "Ada",
    "lastname": "Example",
    "email": "ada@example.com",
    "username": "ada",
    "password": "long enough",
}


async def put(browser: Browser, **products: int) -> None:
    for name, quantity in products.items():
        product = name.replace("_", "-")
        answer = await browser.send_form("/cart/items", product=product, quantity=str(quantity))
        assert answer.headers["location"] == "/cart"


def count_on(page: str) -> str | None:
    found = re.search(r'<span class="count">(\d+)<', page)
    return found and found[1]


def cart_of(browser: Browser, username: str) -> dict[str, int]:
    return browser.shop.carts.get(browser.shop.users[username]["id"], {})


async def test_a_cart_is_filled_changed_and_emptied_without_a_login(browser: Browser) -> None:
    await put(browser, storm_lantern=2, tea_set=1)

    page = (await browser.get("/cart")).text

    assert "Storm lantern" in page
    assert "goes into your own cart as soon as you log in" in plain(page)
    assert count_on(page) == "3"
    await browser.send_form("/cart/items/storm-lantern", quantity="5")
    assert count_on((await browser.get("/journal")).text) == "6"
    await browser.send_form("/cart/items/storm-lantern", quantity="0")
    await browser.send_form("/cart/items/tea-set", quantity="0")
    assert "Nothing in it yet" in (await browser.get("/cart")).text
    assert "shop_basket" not in browser.cookies


async def test_an_unknown_product_is_not_put_into_a_cart_before_the_login_either(
    browser: Browser,
) -> None:
    page = await browser.send_form("/cart/items", product="nothing", quantity="1")
    assert page.status_code == 404
    assert "shop_basket" not in browser.cookies


async def test_what_is_no_longer_sold_leaves_the_cart_of_the_browser(browser: Browser) -> None:
    await put(browser, storm_lantern=1, tea_set=1)
    del browser.shop.products["tea-set"]
    assert count_on((await browser.get("/cart")).text) == "1"
    assert browser.cookies["shop_basket"].strip('"') == "storm-lantern:1"


@pytest.mark.parametrize(
    ("before", "chosen", "after"),
    [
        ({}, {"storm-lantern": 1}, {"storm-lantern": 1}),
        ({}, {"storm-lantern": 3, "tea-set": 1}, {"storm-lantern": 3, "tea-set": 1}),
        ({"storm-lantern": 2}, {"storm-lantern": 3}, {"storm-lantern": 5}),
        ({"wool-blanket": 1}, {"tea-set": 2}, {"wool-blanket": 1, "tea-set": 2}),
    ],
)
async def test_what_was_chosen_before_the_login_is_in_the_cart_afterwards(
    browser: Browser, before: dict[str, int], chosen: dict[str, int], after: dict[str, int]
) -> None:
    browser.shop.carts[browser.shop.users["eric"]["id"]] = dict(before)
    await put(browser, **chosen)

    await browser.log_in()

    assert cart_of(browser, "eric") == after
    assert "shop_basket" not in browser.cookies
    assert count_on((await browser.get("/journal")).text) == str(sum(after.values()))


async def test_a_login_by_password_and_a_registration_bring_the_cart_along(
    browser: Browser,
) -> None:
    await put(browser, storm_lantern=2)
    await browser.send_form("/register", **PERSON)
    assert cart_of(browser, "ada") == {"storm-lantern": 2}
    await browser.send_form("/logout")
    await put(browser, tea_set=1)
    await browser.send_form("/login", username="ada", password=PERSON["password"])
    assert cart_of(browser, "ada") == {"storm-lantern": 2, "tea-set": 1}


async def test_a_registration_whose_login_fails_brings_the_cart_along_later(
    browser: Browser,
) -> None:
    await put(browser, storm_lantern=2)
    browser.shop.failing["POST /login"] = Unavailable("Auth Service gave an error")
    await browser.send_form("/register", **PERSON)
    browser.shop.failing.clear()
    await browser.send_form("/login", username="ada", password=PERSON["password"])
    assert cart_of(browser, "ada") == {"storm-lantern": 2}


@pytest.mark.parametrize("error", [Unavailable("not now"), DeadlineExceeded("over 3 s")])
async def test_while_the_cart_service_fails_the_choice_waits_in_the_browser(
    browser: Browser, error: ShopError
) -> None:
    await put(browser, storm_lantern=2, tea_set=1)
    browser.shop.failing["POST /cart/item/add"] = error

    await browser.log_in()

    assert cart_of(browser, "eric") == {}
    page = plain((await browser.get("/cart")).text)
    assert "(2 × storm-lantern, 1 × tea-set) could not be put into your cart just now" in page
    assert (await browser.get("/checkout")).headers["location"] == "/cart"
    browser.shop.failing.clear()
    assert count_on((await browser.get("/cart")).text) == "3"
    assert cart_of(browser, "eric") == {"storm-lantern": 2, "tea-set": 1}


async def test_what_the_cart_refuses_is_said_once_and_the_rest_goes_in(browser: Browser) -> None:
    await put(browser, storm_lantern=60, tea_set=1)
    refusal = Conflict("at most 99 of Storm lantern in one cart")
    browser.shop.refused["storm-lantern"] = refusal

    await browser.log_in()

    assert cart_of(browser, "eric") == {"tea-set": 1}
    page = plain((await browser.get("/cart")).text)
    assert f"60 × storm-lantern could not be put into your cart: {refusal}." in page
    assert "could not be put" not in plain((await browser.get("/cart")).text)


async def test_what_is_added_after_the_session_ended_is_in_the_cart_after_the_login(
    browser: Browser,
) -> None:
    await browser.log_in()
    browser.shop.sessions.clear()
    answer = await browser.send_form("/cart/items", product="tea-set", quantity="2")
    assert answer.headers["location"].startswith("/login")
    await browser.log_in()
    assert cart_of(browser, "eric") == {"tea-set": 2}


@pytest.mark.parametrize(
    "path", ["/", "/products", "/products/storm-lantern", "/journal", "/orders", "/clicks", "/no"]
)
async def test_every_page_has_the_count_and_asks_nobody_for_it(browser: Browser, path: str) -> None:
    await browser.log_in()
    await put(browser, storm_lantern=4)
    browser.shop.calls.clear()
    assert count_on((await browser.get(path)).text) == "4"
    assert not [call for call in browser.shop.calls if "/cart" in call]


async def test_an_order_leaves_an_empty_cart_in_the_header(browser: Browser) -> None:
    await browser.log_in()
    await put(browser, storm_lantern=2)
    await browser.send_form("/checkout", **ORDER)
    assert count_on((await browser.get("/journal")).text) == "0"


async def test_a_page_that_does_not_know_the_count_has_a_script_ask_in_silence(
    browser: Browser,
) -> None:
    browser.shop.carts[browser.shop.users["eric"]["id"]] = {"storm-lantern": 7}
    await browser.log_in()
    assert "data-count" in (await browser.get("/journal")).text
    before = len(browser.roots)

    answer = await browser.get("/cart/count")

    assert answer.json() == {"count": 7}
    assert len(browser.roots) == before
    assert count_on((await browser.get("/journal")).text) == "7"


async def test_the_count_is_left_out_while_the_cart_cannot_be_asked(browser: Browser) -> None:
    await browser.log_in()
    for error in (Unavailable("not now"), Unauthorized("this session has ended")):
        browser.shop.failing["GET /cart"] = error
        assert (await browser.get("/cart/count")).json() == {"count": None}
    del browser.board.lines[GATEWAY]
    assert (await browser.get("/cart/count")).json() == {"count": None}


async def test_the_count_of_one_user_is_not_shown_to_the_next(browser: Browser) -> None:
    await browser.log_in("eric")
    await put(browser, storm_lantern=4)
    await browser.log_in("han")
    assert "data-count" in (await browser.get("/journal")).text
    await browser.send_form("/logout")
    assert count_on((await browser.get("/journal")).text) == "0"


@pytest.mark.parametrize("text", ["", "|", "a:0", "a:100", "a:-1", "ä:1", "a", "a:1:2", "x" * 500])
def test_what_is_no_basket_is_an_empty_one(text: str) -> None:
    assert Basket.read(text) == Basket()


def test_a_basket_is_read_as_it_was_written() -> None:
    basket = Basket().added("tea-set", 2).added("storm-lantern", 99)
    assert Basket.read(basket.written()) == basket


def test_a_basket_holds_so_much_and_no_more() -> None:
    with pytest.raises(Conflict, match="at most 99 of tea-set in one cart, not 100"):
        Basket().added("tea-set", 99).added("tea-set", 1)
    full = Basket({f"thing-{number}": 1 for number in range(MOST_ITEMS)})
    with pytest.raises(Conflict, match="20 different things"):
        full.added("tea-set", 1)
    assert full.added("thing-1", 1).items["thing-1"] == 2

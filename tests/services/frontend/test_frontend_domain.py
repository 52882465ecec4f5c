"""The rules of the storefront's pages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.frontend.domain.forms import (
    CHECKOUT,
    REGISTER,
    SECRET,
    demo_of,
    mistakes,
    order_of,
    quantity_of,
    repeatable,
)
from services.frontend.domain.paths import local, login, path_of
from services.frontend.domain.shop import Article, Cart, Order, Product, in_window, picked, price
from services.frontend.domain.visitor import (
    KEPT,
    Click,
    User,
    ago,
    led_here,
    read_clicks,
    write_clicks,
)
from services.frontend.views.troubles import settled, trouble
from shared.contracts import articles, orders
from shared.contracts.cart import Item
from shared.contracts.gateway import CartItems

TRACE = "0af7651916cd43dd8448eb211c80319c"
EVIL = ["//evil.test", "https://evil.test/", "/\\evil.test", "javascript:alert(1)", "", "/a\nb"]


@pytest.mark.parametrize("path", ["/", "/products?q=kettle&tag=a%20b", "/orders/5f2b-1"])
def test_a_path_of_the_shop_is_a_place_to_be_led_to(path: str) -> None:
    assert local(path) == path


@pytest.mark.parametrize("path", EVIL)
def test_no_other_place_is(path: str) -> None:
    assert local(path) == "/"
    assert login(path) == "/login?next=%2F"


@given(st.text(max_size=400))
def test_a_local_path_never_leads_away(text: str) -> None:
    path = local(text)
    assert path.startswith("/")
    assert not path.startswith(("//", "/\\"))


def test_a_form_leads_back_to_the_page_it_stood_on() -> None:
    assert path_of("http://shop.test/products?tag=x", "shop.test") == "/products?tag=x"
    assert path_of("http://evil.test/products", "shop.test") == "/"
    assert path_of("http://[", "shop.test") == "/"


def test_clicks_survive_the_cookie() -> None:
    click = Click(TRACE, "POST", "/cart/items/wool-blanket", 303, 1_700_000_000)
    assert read_clicks(write_clicks((click,))) == (click,)
    assert click.label == "POST /cart/items/wool-blanket"


def test_only_the_last_clicks_are_kept_and_the_cookie_stays_small() -> None:
    click = Click(TRACE, "GET", "/" + "ä" * 500, 200, 1_700_000_000)
    text = write_clicks((click,) * 40)
    assert len(read_clicks(text)) == KEPT
    assert len(write_clicks((Click(TRACE, "GET", "/x" * 30, 200, 1),) * 40)) < 4000


@given(st.text(max_size=200))
def test_a_cookie_that_was_tampered_with_is_no_error(text: str) -> None:
    assert all(len(click.trace_id) == 32 for click in read_clicks(text))
    User.read(text)


def test_the_click_that_led_here_is_the_last_one_if_it_did_so_just_now() -> None:
    sent, seen = Click(TRACE, "POST", "/cart/items", 303, 100), Click(TRACE, "GET", "/", 200, 100)
    assert led_here((sent, seen), now=101) == sent
    assert led_here((sent,), now=200) is None
    assert led_here((seen, sent), now=101) is None
    assert led_here((), now=101) is None


@pytest.mark.parametrize(
    ("at", "text"),
    [(100, "just now"), (88, "12 s ago"), (-80, "3 min ago"), (-7100, "2 h ago")],
)
def test_ages_are_rough(at: int, text: str) -> None:
    assert ago(at, now=100) == text


def test_a_user_survives_the_cookie() -> None:
    user = User("5f2b8c1d9a7e4f3062d1c001", "eric", "Éric | !")
    assert User.read(user.written()) == user
    assert User.read("../etc!eric!Eric") is None


def test_the_demo_order_has_nothing_to_complain_about() -> None:
    typed = demo_of(CHECKOUT) | {"delivery": "UPS/FEDEX", "type": "Visa", "total": "34.99"}
    assert mistakes(CHECKOUT, typed) == {}
    order = order_of(typed)
    assert order["card"]["number"] == "4111111111111111"
    assert order["total"] == "34.99"


def test_every_empty_field_is_named() -> None:
    assert set(mistakes(REGISTER, {})) == {field.name for field in REGISTER}


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("username", "a b", "User name: 3 to 32 letters, digits, dots, dashes or underscores."),
        ("password", "short", "Password: at least 8 characters."),
        ("email", "nobody", "Email: it should look like ada@example.com."),
        ("firstname", "x" * 81, "First name: at most 80 characters, not 81."),
        ("lastname", "a\x00b", "Last name: these characters cannot be used."),
    ],
)
def test_what_cannot_be_used_is_explained_in_a_sentence(
    field: str, value: str, sentence: str
) -> None:
    assert mistakes(REGISTER, {field: value})[field] == sentence


def test_cards_and_passwords_never_stand_in_a_page_again() -> None:
    assert {"number", "ccv", "password"} == SECRET
    assert repeatable({"number": "4111", "street": "Harbour Lane"}) == {"street": "Harbour Lane"}


@pytest.mark.parametrize(
    ("text", "quantity"),
    [("0", 0), ("99", 99), ("100", None), ("-1", None), ("٣", None), ("", None)],
)
def test_a_quantity_is_a_number_up_to_99(text: str, quantity: int | None) -> None:
    assert quantity_of(text) == quantity


def test_a_cart_adds_up_in_cents() -> None:
    pens = Item(itemid="a", name="A", price=0.1, quantity=3, shortDescription="")
    kettle = Item(itemid="b", name="B", price=34.99, quantity=1, shortDescription="")
    cart = Cart.of(CartItems(userid="ann", cart=(pens, kettle)))
    assert (cart.total, cart.quantity) == (3529, 4)
    assert price(cart.total) == "$35.29"
    assert price(123456) == "$1,234.56"


def product(id_: str) -> Product:
    return Product(id_, "", "", "", 100, (), ())


def test_what_goes_well_is_shown_in_its_order_and_the_unknown_left_out() -> None:
    products = [product(id_) for id_ in "abc"]
    assert [p.id for p in picked(products, ["c", "x", "a", "b"], 2)] == ["c", "a"]


def test_the_window_comes_first_and_nothing_is_left_out() -> None:
    products = [product(id_) for id_ in ("anvil", "rucksack", "storm-lantern")]
    assert [p.id for p in in_window(products)] == ["storm-lantern", "rucksack", "anvil"]


def test_the_oldest_orders_know_no_more_than_their_price() -> None:
    order = Order.of(orders.Order(id="12345", status="delivered", totalPrice=100, userid="guest"))
    assert (order.says, order.step, order.ended, order.day) == ("Delivered", 2, True, "")
    assert (order.lines, order.address) == ((), ())


def test_a_status_that_could_not_be_fetched_is_unknown_and_not_the_end() -> None:
    order = Order.of(
        orders.Order(
            id="1",
            status="error fetching shipping status",
            totalPrice=1,
            userid="ann",
            placedAt="2026-03-12T14:05:00+00:00",
        )
    )
    assert (order.says, order.step, order.ended) == ("Status unknown for the moment", None, False)
    assert order.day == "12 March 2026, 14:05"


def test_an_article_opens_with_its_first_sentence() -> None:
    article = Article.of(
        articles.Article(id="1", author="A", title="T", text="One thing. Another.")
    )
    assert (article.opening, article.minutes) == ("One thing.", 1)


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 409, 418, 500, 502, 503, 504])
def test_every_failure_has_words_for_a_person(status: int) -> None:
    shown = trouble(status)
    assert shown.title[0].isupper()
    assert shown.text.endswith(".")
    assert shown.again == (status >= 500)


def test_a_refusal_speaks_with_the_words_of_the_shop() -> None:
    assert trouble(402, "the card has expired").text == "The card has expired."


def test_only_a_refusal_settles_an_order() -> None:
    assert settled(402)
    assert not settled(503)
    assert not settled(401)

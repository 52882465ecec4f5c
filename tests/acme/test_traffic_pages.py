"""Pages as the people of `acme traffic` see them."""

import random

import pytest

from acme.traffic.page import Click, Missing, Page

URL = "http://127.0.0.1:8080/products/kettle?x=1"
FORM = """
<form action="/cart/items" method="post">
  <input type="hidden" name="form_token" value="t0k3n">
  <input name="quantity" type="number" value="1" required>
  <input name="gone" value="1" disabled>
  <input type="checkbox" name="wrapped" value="yes">
  <input type="checkbox" name="card" value="yes" checked>
  <select name="size"><option value="s">S<option value="m" selected>M<option value="l">L</select>
  <select name="colour"><option value="red">Red<option value="blue">Blue</select>
  <input type="submit" name="ok" value="OK"><button name="user" value="eric">Eric</button>
</form>"""


def page(html: str) -> Page:
    return Page.read(URL, 200, html)


def test_a_form_sends_what_is_hidden_and_chosen_in_it() -> None:
    click = page(FORM).form("/cart/*").filled()

    assert click == Click(
        "POST",
        "/cart/items",
        {"form_token": "t0k3n", "quantity": "1", "card": "yes", "size": "m", "colour": "red"},
    )


def test_a_form_sends_only_the_fields_that_it_has() -> None:
    click = page(FORM).form("/cart/*").filled({"quantity": "3", "number": "4111"})

    assert click.fields["quantity"] == "3"
    assert "number" not in click.fields


def test_a_button_sends_its_value_when_it_is_pressed() -> None:
    form = page(FORM).form("/cart/*", user="eric")

    assert form.filled({"user": "eric"}).fields["user"] == "eric"


def test_of_several_forms_the_one_that_offers_a_value_is_taken() -> None:
    two = "".join(
        f'<form action="/login/demo" method="POST"><input name="username" value="{name}"></form>'
        for name in ("eric", "han")
    )

    assert page(two).form("/login/demo", username="han").filled().fields == {"username": "han"}


def test_a_form_that_asks_becomes_an_address() -> None:
    form = page('<form action="/products"><input name="q"></form>').form("/products")

    assert form.filled({"q": "red kettle"}) == Click("GET", "/products?q=red+kettle")


def test_a_form_without_an_action_goes_to_its_own_page() -> None:
    form = page('<form method="post"><input name="a" value="b"></form>').form("/products/*")

    assert form.filled() == Click("POST", "/products/kettle?x=1", {"a": "b"})


def test_links_that_lead_out_of_the_shop_are_not_seen() -> None:
    found = page(
        '<a href="#main">a</a><a href="http://127.0.0.1:16686/trace/1">b</a>'
        '<a href="//x.test/">c</a><a href="mailto:a@example.com">d</a><a>e</a><a href="/cart">f</a>'
        '<a href="http://127.0.0.1:8080/orders?a=b">g</a><form action="http://x.test/"></form>'
    )

    assert found.links == ("/cart", "/orders?a=b")
    assert found.forms == ()


def test_one_of_the_links_of_a_kind_is_taken_by_chance() -> None:
    found = page('<a href="/products/a">a</a><a href="/products/b">b</a><a href="/cart">c</a>')

    taken = {found.any_link("/products/*", random.Random(seed)).address for seed in range(20)}

    assert taken == {"/products/a", "/products/b"}


def test_what_a_page_does_not_have_is_missing() -> None:
    empty = page("<p>nothing</p>")

    for look in (
        lambda: empty.link("/cart"),
        lambda: empty.any_link("/products/*", random.Random(1)),
        lambda: empty.form("/checkout"),
    ):
        with pytest.raises(Missing, match="/products/kettle"):
            look()


def test_scripts_and_styles_are_no_text() -> None:
    found = page("<style>b {}</style><b>Hello</b> <script>var x</script> there")

    assert found.text == "Hello there"


def test_an_answer_that_sends_the_browser_out_of_the_shop_leads_nowhere() -> None:
    assert Page.read(URL, 303, "", "/cart").leads_to == "/cart"
    assert Page.read(URL, 303, "", "http://x.test/cart").leads_to == ""


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("/", "GET /"),
        ("/products?q=kettle", "GET /products"),
        ("/products/red-kettle", "GET /products/{id}"),
        ("/orders/7?placed=1", "GET /orders/{id}"),
        ("/cart/items/red-kettle", "GET /cart/items/{id}"),
        ("/login/demo", "GET /login/demo"),
    ],
)
def test_clicks_have_few_names(address: str, name: str) -> None:
    assert Click("GET", address).name == name

"""What the people of `acme traffic` do, against a storefront of pages only."""

from collections.abc import Callable

import pytest

from acme.traffic.journeys import HOPS, JOURNEYS, LOOKS, TRIES, Steps, Visits, browse, buy, mixed
from acme.traffic.page import Missing
from acme.traffic.people import GOOD, REFUSED, Person
from tests.acme.littleshop import LittleShop

NEWCOMER, ERIC = 0, 1


def person(number: int = NEWCOMER, seed: int = 1) -> Person:
    return Person(seed, number)


def test_who_browses_looks_at_everything_and_buys_nothing() -> None:
    shop = LittleShop()

    shop.make(browse(person()))

    assert shop.names == [
        "GET /",
        "GET /products",
        "GET /products",
        "GET /products",
        "GET /products/{id}",
        "GET /journal",
        "GET /journal/{id}",
    ]


def test_people_search_for_what_they_have_seen() -> None:
    shop = LittleShop()

    for number in range(10):
        shop.make(browse(person(number)))

    searches = {click.address for click in shop.clicks if "?q=" in click.address}
    assert searches == {"/products?q=kettle", "/products?q=rucksack"}


def test_who_buys_registers_and_goes_all_the_way_to_the_order() -> None:
    shop = LittleShop()

    last = shop.make(buy(person()))

    assert shop.names == [
        "GET /",
        "GET /login",
        "GET /register",
        "POST /register",
        "GET /",
        "GET /products",
        "GET /products",
        "GET /products/{id}",
        "POST /cart/items",
        "GET /cart",
        "POST /cart/items/{id}",
        "GET /cart",
        "GET /checkout",
        "POST /checkout",
        "GET /orders/{id}",
    ]
    assert last.address == "/orders/7?placed=1"


def test_every_form_brings_back_what_was_hidden_in_it() -> None:
    shop = LittleShop()

    shop.make(buy(person()))

    posted = [click for click in shop.clicks if click.method == "POST"]
    assert {click.fields["form_token"] for click in posted} == {"t0k3n"}
    assert [click.fields["key"] for click in shop.named("POST /checkout")] == ["the-key"]


def test_a_demo_user_comes_in_at_one_click() -> None:
    shop = LittleShop()

    shop.make(buy(person(ERIC)))

    (came,) = shop.named("POST /login/demo")
    assert came.fields["username"] == "eric"
    assert not shop.named("POST /register")


def test_who_registered_in_an_earlier_run_logs_in() -> None:
    shop = LittleShop({"POST /register": [409]})

    shop.make(buy(person()))

    (refused,), (came,) = shop.named("POST /register"), shop.named("POST /login")
    assert came.fields["username"] == refused.fields["username"]
    assert came.fields["password"] == refused.fields["password"]
    assert shop.named("POST /checkout")


def test_who_is_known_already_does_not_log_in_again() -> None:
    shop = LittleShop()
    shop.pages["/"] = "Hi, Eric"

    shop.make(buy(person(ERIC)))

    assert not shop.named("GET /login")


def test_a_refused_card_is_followed_by_one_that_is_taken() -> None:
    shop = LittleShop({"POST /checkout": [402]})

    shop.make(buy(person()))

    assert [click.fields["number"] for click in shop.named("POST /checkout")][-1] == GOOD


def test_few_pay_with_a_card_that_is_refused() -> None:
    ada = person()

    cards = [ada.card()["number"] for _ in range(1000)]

    assert 10 < cards.count(REFUSED) < 100


def test_an_order_that_is_not_shipped_is_looked_at_a_few_times() -> None:
    shop = LittleShop()
    shop.pages["/orders/{id}"] = '<b>Being packed</b> <a href="/orders/7">Refresh</a>'

    shop.make(buy(person()))

    assert len(shop.named("GET /orders/{id}")) == 1 + LOOKS


def test_most_people_look_around_and_some_buy() -> None:
    shop = LittleShop()
    ada = person()

    for _ in range(40):
        shop.make(mixed(ada))

    assert 0 < len(shop.named("POST /checkout")) < 20


@pytest.mark.parametrize("journey", JOURNEYS.values(), ids=JOURNEYS)
def test_the_same_seed_makes_the_same_clicks(journey: Callable[[Person], Steps]) -> None:
    one, two, other = LittleShop(), LittleShop(), LittleShop()

    for shop, seed in ((one, 7), (two, 7), (other, 8)):
        shop.let_in(Visits().of(Person(seed, NEWCOMER), journey), 100)

    assert one.clicks == two.clicks
    assert one.clicks != other.clicks


def test_people_of_one_seed_do_not_all_do_the_same() -> None:
    clicked = []
    for number in range(5):
        shop = LittleShop()
        shop.make(browse(person(number)))
        clicked.append(tuple(click.address for click in shop.clicks))

    assert len(set(clicked)) > 1


def test_a_form_that_failed_is_sent_again_as_it_was() -> None:
    shop = LittleShop({"POST /checkout": [503, 0]})

    last = shop.make(buy(person()))

    first, second, third = shop.named("POST /checkout")
    assert first.fields == second.fields == third.fields
    assert last.address == "/orders/7?placed=1"


def test_the_page_behind_a_form_is_loaded_again_without_sending_the_form_again() -> None:
    shop = LittleShop({"GET /cart": [503]})

    shop.make(buy(person()))

    assert len(shop.named("POST /cart/items")) == 1
    assert [click.led for click in shop.named("GET /cart")] == [True, False, True]


def test_what_a_person_got_wrong_is_not_tried_again() -> None:
    shop = LittleShop({"POST /cart/items": [400]})

    with pytest.raises(Missing):
        shop.make(buy(person()))

    assert len(shop.named("POST /cart/items")) == 1


def test_who_gets_nowhere_gives_up_and_begins_anew() -> None:
    shop = LittleShop({"GET /products/{id}": [500] * TRIES})
    del shop.pages["/products/{id}"]
    visits = Visits()

    shop.let_in(visits.of(person(), buy), 30)

    tries = shop.names.index("GET /products/{id}")
    assert shop.names[tries : tries + TRIES + 1] == ["GET /products/{id}"] * TRIES + ["GET /"]
    assert visits.given_up == visits.made > 0


def test_answers_that_lead_in_circles_are_not_followed_for_ever() -> None:
    shop = LittleShop()
    shop.leads["GET /journal/{id}"] = "/journal/1"

    shop.make(browse(person()))

    assert len(shop.named("GET /journal/{id}")) == 1 + HOPS

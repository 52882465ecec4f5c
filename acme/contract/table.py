"""The contract of each service.

What is in here is what the services that call it rely on; docs/api.md has the rest of the gateway.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any

from acme.contract.exchange import Request
from acme.contract.terms import Contract, Judge, Term
from shared.contracts.articles import Article, Articles
from shared.contracts.auth import Caller, LoggedOut
from shared.contracts.cart import Cart
from shared.contracts.catalog import OneProduct, Products, Tags
from shared.contracts.orders import Order, Orders
from shared.contracts.payment import Charge, Charges
from shared.contracts.shipping import Shipments, ShipmentStatuses
from shared.contracts.suggestions import SuggestedIds, SuggestedIdsOfMany

UNKNOWN = "contract-unknown"
NOBODY = "0" * 24
ARTICLES = tuple(map(str, range(1, 25)))
NO_JSON = b"{"


def equal(wanted: object, found: object, what: str) -> str:
    return "" if found == wanted else f"answered {found!r} as {what}, not {wanted!r}"


def field(path: str, wanted: object) -> Judge:
    """Wants a value at a dotted path of the answer."""

    def judge(answer: Any) -> str:
        found = answer
        for name in path.split("."):
            found = getattr(found, name)
        return equal(wanted, found, path)

    return judge


def some(path: str) -> Judge:
    """Wants at least one of what is at a name of the answer."""
    return lambda answer: "" if getattr(answer, path) else f"answered no {path}"


def ids_of_every_article(answer: SuggestedIdsOfMany) -> str:
    if missing := [id_ for id_ in ARTICLES if not answer.root.get(id_)]:
        return f"has no suggestions for {', '.join(missing)}: the journal asks for each article"
    return ""


def suggestions() -> Contract:
    one, path = SuggestedIds, "/suggestions/v1"
    every = f"{path}/?ids={','.join(ARTICLES)}"
    none = {"tea-set", UNKNOWN}
    return Contract(
        Term(Request(f"{path}/7"), 200, one),
        (
            Term(Request(f"{path}/tea-set"), 200, one),
            Term(Request(every), 200, SuggestedIdsOfMany, ids_of_every_article),
            Term(
                Request(f"{path}/?ids=tea-set,{UNKNOWN}"),
                200,
                SuggestedIdsOfMany,
                lambda answer: (
                    equal(none, set(answer.root), "the ids it was given")
                    or equal((), answer.root[UNKNOWN], f"what goes with {UNKNOWN}")
                ),
            ),
            Term(Request(f"{path}/{UNKNOWN}"), 404),
            Term(Request(f"{path}/a%2Fb%20%C3%A9"), 404),
            Term(Request(f"{path}/"), 400),
        ),
        # The journal asks for all 24 articles, one after the other, within one deadline.
        within=1 / len(ARTICLES),
    )


def articles() -> Contract:
    path = "/articles/v1"
    return Contract(
        Term(Request(f"{path}/?with_suggested=1"), 200, Articles, some("articles")),
        (
            Term(Request(f"{path}/"), 200, Articles, some("articles")),
            Term(Request(f"{path}/7"), 200, Article, field("id", "7")),
            Term(Request(f"{path}/{UNKNOWN}"), 404),
            Term(Request(f"{path}/?with_suggested=perhaps"), 400),
        ),
        calling=("suggestions",),
    )


def catalog() -> Contract:
    def tea_set_alone(answer: Products) -> str:
        return equal(["tea-set"], [product.id for product in answer.data], "the ids of data")

    return Contract(
        Term(Request("/products/tea-set"), 200, OneProduct, field("data.id", "tea-set")),
        (
            Term(Request("/products"), 200, Products, some("data")),
            Term(Request(f"/products?ids=tea-set,{UNKNOWN}"), 200, Products, tea_set_alone),
            Term(Request("/products?ids="), 200, Products, field("data", ())),
            Term(Request(f"/products?tag={UNKNOWN}"), 200, Products, field("data", ())),
            Term(Request(f"/products?q={UNKNOWN}"), 200, Products, field("data", ())),
            Term(Request("/tags"), 200, Tags, some("data")),
            Term(Request(f"/products/{UNKNOWN}"), 404),
        ),
        within=0.1,
    )


def payment() -> Contract:
    """Its charges are of orders that nobody placed, and are voided at the end."""
    order = f"contract-{token_hex(6)}"
    declined, path = f"{order}-declined", f"/charges/{order}"

    def charge(id_: str, amount: int, year: int, key: str = "") -> Request:
        card = {"number": "4111111111111111", "expMonth": "12", "expYear": str(year), "ccv": "123"}
        body = {"order_id": id_, "user_id": "contract", "amount_cents": amount, "card": card}
        return Request("/charges", "POST", body, {"idempotency-key": key or id_})

    def charged(answer: Charge) -> str:
        transactions.append(answer.transaction_id)
        return equal("charged", answer.status, "status")

    def once(answer: Charge) -> str:
        found = answer.transaction_id
        return equal(transactions[0], found, "the transaction when the same order is sent again")

    transactions: list[str] = []
    year = datetime.now(UTC).year
    again = charge(order, 1999, year + 1)
    return Contract(
        Term(Request(f"/charges/{UNKNOWN}"), 404),
        (
            Term(again, 201, Charge, charged, "a new order"),
            Term(again, 201, Charge, once, "the same order again: charged once"),
            Term(Request(path), 200, Charge, field("amount", 19.99)),
            Term(charge(order, 2999, year + 1), 409, about="the same order, another amount"),
            Term(charge(order, 1999, year + 1, key="another"), 400, about="another key"),
            Term(charge(declined, 1999, year - 1), 402, about="a card that has expired"),
            Term(Request("/charges", "POST", NO_JSON, {"idempotency-key": order}), 400),
            Term(Request(f"{path}/void", "POST"), 200, Charge, field("status", "voided")),
            Term(again, 409, about="an order that was voided"),
            Term(Request("/charges?limit=1"), 200, Charges, some("data")),
        ),
        within=0.2,
    )


def cart() -> Contract:
    path = f"/carts/contract-{token_hex(6)}"
    tea_set = {"itemid": "tea-set", "quantity": 2}
    return Contract(
        Term(Request(path), 200, Cart, field("quantity", 0)),
        (
            Term(Request(f"{path}/items", "POST", tea_set), 200, Cart, field("quantity", 2)),
            Term(Request(f"{path}/items/tea-set", "POST", {"quantity": 0}), 200, Cart),
            Term(Request(f"{path}/items", "POST", {"itemid": UNKNOWN}), 404),
            Term(Request(f"{path}/items", "POST", NO_JSON), 400),
            Term(Request(f"{path}/clear", "POST", {}), 200, Cart, field("cart", ())),
        ),
        within=0.1,
    )


def auth() -> Contract:
    wrong = {"username": "contract", "password": UNKNOWN}
    bearer = {"authorization": f"Bearer {UNKNOWN}"}
    return Contract(
        Term(Request("/auth"), 200, Caller, field("role", "guest")),
        (
            Term(Request("/auth", headers=bearer), 401),
            Term(Request("/login", "POST", wrong), 401),
            Term(Request("/logout", "POST", {}), 200, LoggedOut),
        ),
    )


def users() -> Contract:
    wrong = {"username": "contract", "password": UNKNOWN}
    return Contract(
        Term(Request(f"/users/{NOBODY}"), 404),
        (
            Term(Request(f"/users/{UNKNOWN}"), 400),
            Term(Request("/credentials", "POST", wrong), 401),
            Term(Request("/users", "POST", {"username": "contract"}), 400),
        ),
    )


def orders() -> Contract:
    return Contract(
        Term(Request("/order/12345?user=guest"), 200, Order, field("id", "12345")),
        (
            Term(Request(f"/order/{UNKNOWN}?user=guest"), 404),
            Term(Request("/order/12345"), 400),
            Term(Request(f"/users/{UNKNOWN}/orders"), 200, Orders, field("data", ())),
            Term(Request(f"/users/{UNKNOWN}/orders", "POST", NO_JSON), 400),
        ),
        calling=("shipping",),
    )


def shipping() -> Contract:
    return Contract(
        Term(Request("/shipments?orders=12345"), 200, Shipments, some("data")),
        (
            Term(Request(f"/shipments?orders={UNKNOWN}"), 200, Shipments, field("data", ())),
            Term(Request(f"/statuses?orders={UNKNOWN}"), 200, ShipmentStatuses, field("data", ())),
            Term(Request(f"/order/{UNKNOWN}/status"), 404),
        ),
        within=0.5,
    )


def gateway() -> Contract:
    return Contract(
        Term(Request("/products/tea-set"), 200, OneProduct, field("data.id", "tea-set")),
        (
            Term(Request("/products"), 200, Products, some("data")),
            Term(Request(f"/products/{UNKNOWN}"), 404),
            Term(Request("/articles/v1/7"), 200, Article, field("id", "7")),
            Term(Request("/suggestions/v1/7"), 200, SuggestedIds),
            Term(Request(f"/users/{NOBODY}"), 401),
            Term(Request("/login/", "POST", NO_JSON), 400),
        ),
        calling=("catalog",),
    )


def frontend() -> Contract:
    return Contract(
        Term(Request("/products"), 200, None),
        (Term(Request("/products/tea-set"), 200, None), Term(Request("/journal/7"), 200, None)),
        calling=("gateway",),
    )


# Made anew for each run: what changes something does so under an id of its own.
CONTRACTS: Mapping[str, Callable[[], Contract]] = {
    "frontend": frontend,
    "gateway": gateway,
    "auth": auth,
    "orders": orders,
    "shipping": shipping,
    "cart": cart,
    "payment": payment,
    "catalog": catalog,
    "users": users,
    "articles": articles,
    "suggestions": suggestions,
}

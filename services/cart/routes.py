from typing import Annotated

from fastapi import APIRouter, Path
from opentelemetry import metrics, trace
from pydantic import BaseModel, ConfigDict, Field

from services.cart import domain
from services.cart.clients import Products
from services.cart.domain import Cart, Item
from services.cart.store import CartStore
from shared.contracts import cart as contract
from shared.contracts.sent import (
    THING_ID,
    Amount,
    LongText,
    Quantity,
    QuantityOrNone,
    Text,
    ThingId,
)
from shared.errors import NotFound
from shared.money import cents, dollars
from shared.openapi import errors

cart_sizes = metrics.get_meter(__name__).create_histogram(
    "acmeshop.cart.size",
    "{item}",
    "Items in a cart after its buyer changed it, counting each piece.",
    explicit_bucket_boundaries_advisory=(1, 2, 3, 5, 10, 20, 50, 100),
)

UserId = Annotated[str, Path(min_length=1, max_length=64)]
ItemId = Annotated[str, Path(pattern=THING_ID)]
# Names of members are text in any case.
ItemKey = Annotated[str, Field(pattern=THING_ID)]


class ItemBody(BaseModel):
    """An item as clients of the ACME demo send it; any number may come as text."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    itemid: ThingId
    name: Text | None = None
    price: Amount | None = None
    quantity: Quantity = 1
    description: Annotated[LongText, Field(alias="shortDescription")] = ""


class QuantityBody(BaseModel):
    quantity: QuantityOrNone


# `additionalProperties`: what the pattern of the names does not fit is refused.
Quantities = Annotated[
    dict[ItemKey, Quantity],
    Field(max_length=domain.MOST_ITEMS, json_schema_extra={"additionalProperties": False}),
]


class ClearBody(BaseModel):
    only: Quantities | None = None


def routes(store: CartStore, products: Products) -> APIRouter:
    router = APIRouter(prefix="/carts/{user_id}", tags=["cart"])

    @router.get("")
    async def read_cart(user_id: UserId) -> contract.Cart:
        return answer(user_id, await store.read(user_id))

    @router.post("/items", responses=errors(404, 409))
    async def add_item(user_id: UserId, body: ItemBody) -> contract.Cart:
        item = await item_of(body)
        return changed(user_id, await store.change(user_id, lambda cart: domain.added(cart, item)))

    @router.post("/items/{itemid}", responses=errors(404, 409))
    async def set_quantity(user_id: UserId, itemid: ItemId, body: QuantityBody) -> contract.Cart:
        def rule(cart: Cart) -> Cart:
            return domain.with_quantity(cart, itemid, body.quantity)

        return changed(user_id, await store.change(user_id, rule))

    @router.post("/clear")
    async def clear_cart(user_id: UserId, body: ClearBody) -> contract.Cart:
        if body.only is None:
            await store.clear(user_id)
            return answer(user_id, {})
        only = body.only
        return answer(user_id, await store.change(user_id, lambda cart: domain.without(cart, only)))

    async def item_of(body: ItemBody) -> Item:
        """The item as the catalog knows it, or else as it describes itself."""
        product = await products.find(body.itemid)
        if product is not None:
            name, price = product.name, cents(product.price)
            description = product.shortDescription
        elif body.name and body.price is not None:
            name, price = body.name, cents(body.price)
            description = body.description
        else:
            raise NotFound(f"no product {body.itemid}")
        return Item(body.itemid, name, price, body.quantity, description)

    return router


def changed(user_id: str, cart: Cart) -> contract.Cart:
    cart_sizes.record(domain.quantity_of(cart))
    return answer(user_id, cart)


def answer(user_id: str, cart: Cart) -> contract.Cart:
    trace.get_current_span().set_attribute("acmeshop.cart.items", len(cart))
    return contract.Cart(
        userid=user_id,
        cart=tuple(map(item_answer, cart.values())),
        quantity=domain.quantity_of(cart),
        total=dollars(domain.total_of(cart)),
    )


def item_answer(item: Item) -> contract.Item:
    return contract.Item(
        itemid=item.itemid,
        name=item.name,
        price=dollars(item.price),
        quantity=item.quantity,
        shortDescription=item.description,
    )

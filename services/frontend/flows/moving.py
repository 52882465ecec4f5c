"""Whoever logs in finds in the cart what was put there before."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.frontend.clients import Gateway
from services.frontend.domain.basket import Basket
from services.frontend.domain.shop import Cart
from services.frontend.domain.visitor import User
from services.frontend.flows.optional import fall_back
from shared.errors import Forbidden, ShopError, Unauthorized


@dataclass(frozen=True)
class Moved:
    """`cart` is the user's afterwards, or None when nothing went into it; `left` is what did not,
    and `refused` says of some of that why the cart will never take it, by the product's id.
    """

    cart: Cart | None
    left: Basket
    refused: Mapping[str, str]

    @property
    def waiting(self) -> Basket:
        """What may go into the cart another time."""
        items = self.left.items.items()
        return Basket({id_: count for id_, count in items if id_ not in self.refused})


async def move_in(gateway: Gateway, user: User, token: str, basket: Basket) -> Moved:
    """Puts the basket into the user's cart, one product after the other.

    A failure of the shop ends it and leaves the rest for another time. After a timeout nobody knows
    whether that product is in the cart already: it will be put there once more, since one too many
    is seen in the cart and one too few is not.
    """
    cart, left, refused = None, basket, dict[str, str]()
    for id_, quantity in basket.items.items():
        try:
            cart = await gateway.add(user, token, id_, quantity)
        except ShopError as error:
            if error.status >= 500 or isinstance(error, Unauthorized | Forbidden):
                fall_back(error)
                break
            refused[id_] = str(error)
        else:
            left = left.changed(id_, 0)
    return Moved(cart, left, refused)

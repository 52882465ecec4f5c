from shared.contracts.answer import Answer, Price, Sum


class Item(Answer):
    """So many of one thing, at the price of each."""

    itemid: str
    name: str
    price: Price
    quantity: int
    shortDescription: str


class Cart(Answer):
    """A user's cart, with what it counts and costs in all."""

    userid: str
    cart: tuple[Item, ...]
    quantity: int
    total: Sum

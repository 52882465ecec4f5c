from shared.contracts.answer import Answer, Price


class Product(Answer):
    id: str
    name: str
    shortDescription: str
    description: str
    imageUrl1: str
    imageUrl2: str
    imageUrl3: str
    price: Price
    tags: tuple[str, ...]


class OneProduct(Answer):
    data: Product


class Products(Answer):
    data: tuple[Product, ...]


class Tag(Answer):
    """`count` products carry it."""

    name: str
    count: int


class Tags(Answer):
    data: tuple[Tag, ...]

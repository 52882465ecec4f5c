"""The rules of suggestions."""


def kind_of(id_: str) -> str:
    """Articles are numbered, products have names."""
    return "article" if id_.isdecimal() else "product"

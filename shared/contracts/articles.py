from shared.contracts.answer import Answer


class Article(Answer):
    """`suggested` are the articles that go with it, where the request wants them."""

    id: str
    author: str
    title: str
    text: str
    suggested: tuple["Article", ...] = ()


class Articles(Answer):
    articles: tuple[Article, ...]

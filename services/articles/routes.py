from collections.abc import Iterable, Mapping

from fastapi import APIRouter
from opentelemetry import trace

from services.articles.clients import Suggestions
from services.articles.domain import Article, known
from shared.contracts import articles as contract
from shared.errors import NotFound
from shared.openapi import errors

tracer = trace.get_tracer(__name__)


def routes(articles: Mapping[str, Article], suggestions: Suggestions, *, batch: bool) -> APIRouter:
    router = APIRouter(prefix="/articles/v1", tags=["articles"])

    async def ids_suggested() -> Mapping[str, tuple[str, ...]]:
        with tracer.start_as_current_span("collect suggestions") as span:
            span.set_attribute("acmeshop.journal.articles", len(articles))
            if batch:
                return await suggestions.of_all(articles)
            # One call for each article, one after the other: the trace shows this N+1 as a
            # staircase.
            return {id_: await suggestions.of(id_) for id_ in articles}

    @router.get("/", response_model_exclude_unset=True)
    async def list_articles(with_suggested: bool = False) -> contract.Articles:
        if not with_suggested:
            return contract.Articles(articles=tuple(map(answer, articles.values())))
        ids = await ids_suggested()
        both = ((one, known(ids.get(one.id, ()), articles)) for one in articles.values())
        return contract.Articles(articles=tuple(answer_with(*pair) for pair in both))

    @router.get("/{article_id}", response_model_exclude_unset=True, responses=errors(404))
    async def read_article(article_id: str) -> contract.Article:
        if article_id not in articles:
            raise NotFound(f"no article {article_id}")
        return answer(articles[article_id])

    return router


def answer(article: Article) -> contract.Article:
    return contract.Article(
        id=article.id, author=article.author, title=article.title, text=article.text
    )


def answer_with(article: Article, suggested: Iterable[Article]) -> contract.Article:
    """The article with those that go with it."""
    return contract.Article(
        id=article.id,
        author=article.author,
        title=article.title,
        text=article.text,
        suggested=tuple(map(answer, suggested)),
    )

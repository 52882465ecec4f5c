"""Articles and suggestions: the N+1, and the one call that ends it."""

from itertools import pairwise

import pytest

from tests.conftest import CALM, OpenShop
from tests.inprocess import Shop
from traces.testing import Tracing

pytestmark = pytest.mark.services("gateway", "articles", "suggestions")

JOURNAL = "/articles/v1/"


async def test_the_journal_lists_every_article(shop: Shop) -> None:
    articles = (await shop.get(JOURNAL)).json()["articles"]

    assert [article["id"] for article in articles] == [str(n) for n in range(1, 25)]
    assert articles[0].keys() == {"id", "author", "title", "text"}


async def test_the_journal_answers_on_its_own_port_too(shop: Shop) -> None:
    for path in (JOURNAL, "/articles/v1/7"):
        own = await shop.get(shop.url("articles", path))
        assert own.json() == (await shop.get(path)).json()

    own = await shop.get(shop.url("suggestions", "/suggestions/v1/7"))
    assert own.json() == (await shop.get("/suggestions/v1/7")).json()


@pytest.mark.parametrize("batch", ["0", "1"])
async def test_suggested_articles_come_along(shop_with: OpenShop, batch: str) -> None:
    shop = await shop_with(**CALM, SUGGESTIONS_BATCH=batch)

    articles = (await shop.get(JOURNAL, params={"with_suggested": "1"})).json()["articles"]

    for article in articles:
        ids = (await shop.get(f"/suggestions/v1/{article['id']}")).json()
        assert [other["id"] for other in article["suggested"]] == ids
        assert len(ids) == len(set(ids)) == 4
        assert article["id"] not in ids


async def test_each_article_costs_a_call_of_its_own(shop: Shop, traced: Tracing) -> None:
    with traced() as t:
        await shop.get(JOURNAL, params={"with_suggested": "1"})

    t.expect_whole()
    t.expect_edge("gateway", "articles")
    calls = t.expect(count=24, service="articles", kind="CLIENT")
    assert {call.name for call in calls} == {"GET /suggestions/v1/{article_id}"}
    [collecting] = t.expect(count=1, name="collect suggestions", kind="INTERNAL")
    assert t.children(collecting) == calls
    assert all(first.end_ns <= second.start_ns for first, second in pairwise(calls))


async def test_a_batch_ends_the_n_plus_1(shop_with: OpenShop) -> None:
    shop = await shop_with(**CALM, SUGGESTIONS_BATCH="1")

    with shop.tracing() as t:
        await shop.get(JOURNAL, params={"with_suggested": "1"})

    t.expect(count=1, service="articles", kind="CLIENT")


@pytest.mark.parametrize("path", ["/articles/v1/99", "/suggestions/v1/99"])
async def test_an_unknown_article_is_not_found(shop: Shop, path: str) -> None:
    response = await shop.get(path)

    assert response.status_code == 404
    assert response.json() == {"error": "not_found", "detail": "no article 99"}


async def test_when_suggestions_are_down_the_journal_says_so(shop: Shop) -> None:
    shop.unplug("suggestions")

    response = await shop.get(JOURNAL, params={"with_suggested": "1"})

    assert response.status_code == 502
    assert response.json()["detail"] == "articles answered 503"


async def test_the_index_leads_on(shop: Shop) -> None:
    page = await shop.get("/")

    assert page.status_code == 200
    for link in ("/orders/12345", "/articles/v1/?with_suggested=1", "http://127.0.0.1:16686"):
        assert f'href="{link}"' in page.text

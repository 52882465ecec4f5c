"""lens, its API and the storefront's drawer explain one click in the same words."""

import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import httpx
import pytest

from lens.app import Options, create_app, open_store
from tests.services.frontend.conftest import Browser, browser, browser_with
from tests.traces.corpus import NAMES, document, stored
from traces.findings import findings
from traces.verdict import verdict

__all__ = ["browser", "browser_with"]
JSON = {"Content-Type": "application/json"}


@pytest.fixture
async def lens(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """lens with the whole corpus, taken in over OTLP."""
    options = Options(data=tmp_path)
    store = open_store(options)
    transport = httpx.ASGITransport(create_app(store, options))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        for name in NAMES:
            taken = await client.post("/v1/traces", content=document(name), headers=JSON)
            assert taken.status_code == 200, taken.text
        await store.flushed()
        yield client
    store.close()


def sentences(page: str) -> list[str]:
    """The verdict and the findings of a page, as one reads them."""
    found = re.findall(r"<p [^>]*>(.*?)</p>", page)
    # Titles and links stand before and after the words.
    return [unescape(re.sub(r"<b>.*?</b>|<a .*", "", text)).strip() for text in found]


async def test_both_pages_and_the_api_explain_every_stored_trace_in_the_same_words(
    lens: httpx.AsyncClient, browser: Browser
) -> None:
    for name in NAMES:
        trace = stored(name)
        said = [verdict(trace).sentence, *(finding.sentence for finding in findings(trace))]

        page = (await lens.get(f"/trace/{trace.trace_id}")).text
        story = (await lens.get(f"/lens/api/traces/{trace.trace_id}")).json()
        browser.stories[trace.trace_id] = story
        drawer = (await browser.get(f"/clicks/{trace.trace_id}/story")).text

        judged = story["verdict"]
        assert [judged["sentence"], *(one["sentence"] for one in judged["findings"])] == said, name
        assert [one for one in sentences(drawer) if one in said] == said, name
        # lens says at the top of the page that spans are missing.
        assert sorted(one for one in sentences(page) if one in said) == sorted(said), name

"""What end-to-end tests share: a shop as `acme up` starts it, and a browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.e2e.browser import CHROMIUM, QUIET
from tests.e2e.launched import Launched

ANSWERED = "the server responded with a status"


@pytest.fixture
def launched(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launched]:
    """A shop that is not started yet."""
    shop = Launched(tmp_path, tmp_path_factory.getbasetemp() / "bytecode")
    yield shop
    shop.close()


@pytest.fixture
def shop(launched: Launched) -> Launched:
    """Here the shop is a launched one, and not that in the test's own process."""
    return launched


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    expect.set_options(timeout=20_000)  # of a machine that is busy with other things
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page on which an error of a script, or a violation of the policy, fails the test. That a
    page itself was answered with an error is none of that.
    """
    wrong: list[str] = []
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
    yield page
    context.close()
    assert [line for line in wrong if ANSWERED not in line] == []

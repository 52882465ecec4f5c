"""What tests of the explorer's pages share beside fixtures."""

import re
from html import unescape
from typing import Protocol

from tests.lens.pages_traces import Recorder

EXAMPLE = "http://127.0.0.1:5000/orders/12345"
EVIL = "<script>alert('x')</script>\"'><img src=x onerror=alert(1)>"


class Keep(Protocol):
    """Puts traces into the store, and returns when they can be read."""

    async def __call__(self, *traces: Recorder) -> None: ...


def plain(page: str) -> str:
    """The words of a page, as one reads them."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())

"""Parts of a page that it can do without."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from opentelemetry import trace

from shared.errors import ShopError
from shared.tracebacks import without_hidden_frames

T = TypeVar("T")
U = TypeVar("U")


async def beside(needed: Awaitable[T], wanted: Awaitable[U]) -> tuple[T, U | None]:
    """Both at once: what is needed, and what the page can do without. Both are waited for, also
    when the first fails: no call outlives the answer that it was made for.
    """
    extra = asyncio.create_task(if_possible(wanted))
    try:
        found = await needed
    finally:
        more = await extra
    return found, more


async def if_possible(call: Awaitable[T]) -> T | None:
    """What the call gives, or None when it fails: the page then shows less, and says so."""
    try:
        return await call
    except ShopError as error:
        fall_back(error)
        return None


def fall_back(error: ShopError) -> None:
    """Notes a failure that the page is answered without: its span is no error, only that below."""
    span = trace.get_current_span()
    span.set_attribute("acmeshop.resilience.outcome", "fallback")
    span.record_exception(without_hidden_frames(error))

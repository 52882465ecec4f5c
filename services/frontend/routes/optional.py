"""Parts of a page that it can do without."""

from collections.abc import Awaitable
from typing import TypeVar

from opentelemetry import trace

from shared.errors import ShopError

T = TypeVar("T")


async def if_possible(call: Awaitable[T]) -> T | None:
    """What the call gives, or None when it fails: the page then shows less, and says so."""
    try:
        return await call
    except ShopError:
        # The page is still answered, so its span is no error: only the one below it is.
        trace.get_current_span().set_attribute("acmeshop.resilience.outcome", "fallback")
        return None

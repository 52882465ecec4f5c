"""Work that is done again and again."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from shared.errors import ShopError

log = logging.getLogger("acmeshop")


def repeating(
    seconds: float, work: Callable[[], Awaitable[object]]
) -> Callable[[], Coroutine[Any, Any, None]]:
    """Does `work` at once and then every so often, without end. A failure is logged, and the next
    time is another try.
    """

    async def repeat() -> None:
        while True:
            try:
                await work()
            except ShopError as error:
                log.warning("%s failed: %s", work.__name__, error)
            except Exception:  # a mistake in it must not be the end of it
                log.exception("%s crashed", work.__name__)
            await asyncio.sleep(seconds)

    return repeat

"""Where carts are kept: each user's as one JSON text, forgotten after a week without a change."""

import json
from collections.abc import Callable

from opentelemetry import trace
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from services.cart.domain import Cart, cart_of, document
from shared.stores.redis import Keys

WEEK = 7 * 24 * 3600
CHANGE = "WATCH cart:?; GET cart:?; MULTI; SET cart:? ? EX ?; EXEC"


class CartStore:
    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    async def read(self, user_id: str) -> Cart:
        text = await self._keys.run("GET", "cart", lambda redis: redis.get(key_of(user_id)))
        return read_cart(text)

    async def change(self, user_id: str, rule: Callable[[Cart], Cart]) -> Cart:
        """The cart after `rule`; none of two changes at once is lost.

        Redis refuses the second of two writers, who then starts again from what the first one left:
        so a rule may look at the whole cart, and no reader ever sees one that breaks it.
        """
        key = key_of(user_id)

        tries = 0

        async def step(pipe: Pipeline) -> Cart:
            nonlocal tries
            tries += 1
            if tries > 1:
                trace.get_current_span().add_event("cart.changed_meanwhile", {"try": tries})
            cart = rule(read_cart(await pipe.get(key)))
            pipe.multi()  # type: ignore[no-untyped-call]
            pipe.set(key, json.dumps(document(cart)), ex=WEEK)
            return cart

        async def work(redis: Redis) -> Cart:
            changed: Cart = await redis.transaction(step, key, value_from_callable=True)
            return changed

        return await self._keys.run("SET", "cart", work, text=CHANGE)

    async def clear(self, user_id: str) -> None:
        await self._keys.run("DEL", "cart", lambda redis: redis.delete(key_of(user_id)))


def key_of(user_id: str) -> str:
    return f"cart:{user_id}"


def read_cart(text: str | bytes | None) -> Cart:
    return cart_of(json.loads(text)) if text else {}

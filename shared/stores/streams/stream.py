"""One stream, for those who publish and for those who consume."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from shared.errors import Unavailable
from shared.hooks import NO_HOOKS, Fields, Hooks
from shared.stores.redis import Keys, code_of
from shared.stores.spans import type_of
from shared.stores.streams.consumer import Consumer
from shared.stores.streams.group import Group
from shared.stores.streams.message import BODY, Message, Patience
from shared.telemetry.messages import MessageSpans
from shared.telemetry.provider import Telemetry
from shared.telemetry.server import failed
from shared.tracebacks import without_hidden_frames


class Stream:
    """One stream of events, as in `stream.publish({"order_id": ...})`.

    It has one group of consumers: what they are done with is deleted.
    """

    def __init__(
        self,
        keys: Keys,
        name: str,
        telemetry: Telemetry,
        patience: Patience | None = None,
        hooks: Hooks = NO_HOOKS,
    ) -> None:
        self._keys, self._name, self._hooks = keys, name, hooks
        self._publish = hooks.publisher(self._add, name)
        # A handler may call someone and write down the answer, each within the deadline of a call.
        self._patience = patience or Patience(handling=2 * keys.timeout)
        self._spans = MessageSpans(telemetry, name, {"messaging.system": "redis", **keys.server})

    async def publish(self, body: Any) -> str:
        """Adds an event that carries the current trace's context; answers its id. Raises
        Unavailable.
        """
        fields = {BODY: json.dumps(body)}
        with self._spans.sending() as (span, headers):
            fields |= headers
            try:
                id_ = await self._publish(fields)
            except Unavailable as error:
                failed(span, code_of(error.__cause__) or type_of(error.__cause__))
                without_hidden_frames(error)  # which the span records on its way out
                raise
            span.set_attribute("messaging.message.id", id_)
            return id_

    async def _add(self, fields: Fields) -> str:
        added: dict[Any, Any] = {**fields}
        return str(await self._keys.unseen(lambda client: client.xadd(self._name, added)))

    async def consume(self, group: str, handle: Callable[[Message], Awaitable[None]]) -> None:
        """Has `handle` called for every event, again and again until it raises nothing. Never ends.

        After a ShopError, or when it takes too long, an event is tried again for ever. Whatever
        else `handle` raises is a mistake that trying does not mend: after some deliveries the event
        goes to the stream `<name>.dead`.
        """
        members = Group(self._keys, self._name, group, self._patience)
        await Consumer(members, self._spans, self._patience, handle, self._hooks).run()

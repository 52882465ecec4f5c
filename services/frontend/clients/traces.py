"""lens, as far as the storefront knows it."""

from services.frontend.domain.story import Story, story_of
from shared.errors import NotFound
from shared.http import Peer


class Traces:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def read(self, trace_id: str) -> Story | None:
        """What has arrived of a trace; None as long as that is nothing."""
        try:
            told = await self._peer.get("/lens/api/traces/{trace_id}", dict, trace_id=trace_id)
        except NotFound:
            return None
        return story_of(told)

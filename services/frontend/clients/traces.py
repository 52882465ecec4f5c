"""lens, as far as the storefront knows it."""

from shared.errors import NotFound, UpstreamError
from shared.http import Peer
from traces.formats.story import trace_of
from traces.model import Trace


class Traces:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def read(self, trace_id: str) -> Trace | None:
        """What has arrived of a trace; None as long as that is nothing."""
        try:
            story = await self._peer.get("/lens/api/traces/{trace_id}", dict, trace_id=trace_id)
            return trace_of(story)
        except NotFound:
            return None
        except (KeyError, TypeError, ValueError) as error:
            raise UpstreamError(f"lens answered with something that is no trace: {error}") from None

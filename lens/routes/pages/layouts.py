"""Traces laid out. Long ones are kept for a while, since their rows are asked for in turn."""

from collections import OrderedDict

from anyio import to_thread

from lens.domain.ids import trace_id as read_id
from lens.store import TraceStore
from lens.views.chunks import SHORT
from lens.views.trace_page import Layout, laid_out
from traces.findings import Surroundings
from traces.layout.related_map import RelatedMap, related_map

KEPT = 2
Version = tuple[int, int, int]


class Layouts:
    """Reads traces of a store; a long one that has not changed since is not laid out again."""

    def __init__(self, store: TraceStore) -> None:
        self.store = store
        self._kept: OrderedDict[tuple[str, bool], tuple[Version, Layout]] = OrderedDict()

    async def around(self, layout: Layout) -> Surroundings:
        """What the store knows beside the trace that says something of it."""
        return await self.store.around(layout.trace)

    async def related(self, layout: Layout) -> RelatedMap | None:
        """The traces that links join to this one; None if there is no link."""
        trace = layout.trace
        if not trace.followers and not any(span.links for span in trace.spans):
            return None
        return related_map(await self.store.related(trace.trace_id))

    async def of(self, text: str, *, recorded: bool = False) -> Layout | None:
        """The trace with this id; None if `text` is none, or no span of it is kept."""
        known = read_id(text)
        version = await self.store.version(known) if known else None
        if known is None or version is None:
            return None
        kept = self._kept.get((known, recorded))
        if kept is not None and kept[0] == version:
            return kept[1]
        trace = await self.store.trace(known)
        if trace is None or not trace.spans:
            return None
        layout = await to_thread.run_sync(laid_out, trace, recorded)
        if len(trace.spans) > SHORT:
            self._kept[known, recorded] = version, layout
            self._kept.move_to_end((known, recorded))
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return layout

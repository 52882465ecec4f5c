"""Where spans and logs are kept: one SQLite file, one thread that writes, a few that read."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from pathlib import Path

from lens.domain.log_query import FoundLines, LogQuery
from lens.domain.query import Operation, Query
from lens.domain.red import Samples
from lens.domain.tail import TailPolicy
from lens.store import queries, suggestions
from lens.store.around import alike, surroundings, usual_of
from lens.store.exemplars import Exemplars
from lens.store.failures import FoundFailures, found_failures
from lens.store.inbox import Inbox
from lens.store.intake import Intake
from lens.store.log_search import log_lines
from lens.store.measured import samples
from lens.store.notifier import Notifier
from lens.store.outage import Outage
from lens.store.readers import Readers
from lens.store.relations import related_traces
from lens.store.retention import Limits
from lens.store.strategies import StrategyStore
from lens.store.tail import TailStage
from lens.store.writer import DROPPED, Writer
from shared.errors import Conflict
from traces.dependencies import Edge, edges
from traces.findings import Surroundings
from traces.model import LogLine, Span, Trace
from traces.related import Related
from traces.summary import TraceSummary
from traces.usual import Usual

SECONDS_TO_FINISH = 5.0
TYPICAL_BYTES = 1_000
MOST_PINNED = 200
STRATEGIES = "sampling.json"


class TraceStore:
    """Keeps the newest `max_traces` traces in a file of about `max_mb` megabytes at `path`.

    What comes from outside goes in through `intake`; with a policy for the `tail`, spans wait there
    until it is decided which traces are kept. Sampling strategies are kept beside the file.
    """

    def __init__(
        self, path: Path, *, max_traces: int, max_mb: int, tail: TailPolicy | None = None
    ) -> None:
        self._inbox = Inbox()
        self._outage = Outage()
        self.tail = TailStage(tail, self._inbox) if tail else None
        self.exemplars = Exemplars()
        self.intake = Intake(self._inbox, self._outage, self.exemplars, self.tail)
        self.strategies = StrategyStore(path.with_name(STRATEGIES))
        self._notifier = Notifier()
        self._limits = Limits(max_traces, max_mb)
        self._writer = Writer(path, self._limits, self._inbox, self._notifier, self._outage)
        self._readers = Readers(self._writer)
        self._ending = False
        self._writer.start()
        if self.tail:
            self.tail.start()

    @property
    def ending(self) -> bool:
        """Whether those who wait for changes should stop waiting."""
        return self._ending or self._inbox.closed

    def end_waits(self) -> None:
        """Ends the waits for changes, while all else goes on; never blocks."""
        self._ending = True
        self._notifier.notify()

    def close(self) -> None:
        """Ends the waits for changes, writes what was offered, then ends all threads."""
        self.end_waits()
        if self.tail:
            self.tail.close()
        self._inbox.close()
        self._notifier.notify()
        self._readers.close()
        self._writer.join(SECONDS_TO_FINISH)

    def offer(self, spans: Sequence[Span], size: int | None = None) -> bool:
        """Takes spans that came in `size` bytes; False if the queue is full. Never blocks."""
        return self._inbox.put(spans, (), size or len(spans) * TYPICAL_BYTES)

    def offer_logs(self, lines: Sequence[LogLine], size: int | None = None) -> bool:
        """Takes log lines that came in `size` bytes; False if the queue is full. Never blocks."""
        return self._inbox.put((), lines, size or len(lines) * TYPICAL_BYTES)

    async def flushed(self) -> None:
        """Returns when all that was offered before can be read, or cannot be written for now."""
        ticket = self._inbox.offered
        self._inbox.hurry()
        await self._notifier.until(lambda: self._writer.written >= ticket or bool(self._outage))

    async def services(self) -> list[str]:
        return await self._readers.read(queries.services)

    async def operations(self, service: str, kind: str | None = None) -> list[Operation]:
        """What a service does, by name; `kind` is the word of a Kind, None for all."""
        return await self._readers.read(
            lambda connection: queries.operations(connection, service, kind)
        )

    async def suggested_keys(self, service: str, text: str) -> list[str]:
        """Keys of attributes of the newest spans, of one service or (empty) of all."""
        return await self._readers.read(partial(suggestions.keys, service=service, text=text))

    async def suggested_values(self, service: str, key: str, text: str) -> list[str]:
        """Values that attributes with this key have in the newest spans."""
        found = partial(suggestions.values_of, service=service, key=key, text=text)
        return await self._readers.read(found)

    async def search(self, query: Query) -> list[TraceSummary]:
        """The newest traces that answer the query, in one row each."""
        return await self._readers.read(partial(queries.search, query=query))

    async def traces(self, query: Query) -> list[Trace]:
        """The newest traces that answer the query, with all their spans but without logs."""
        return await self._readers.read(partial(queries.traces, query=query))

    async def failures(self, query: Query) -> FoundFailures:
        """Where the failures of the traces that answer the query began, whatever its limit."""
        return await self._readers.read(partial(found_failures, query=query))

    async def trace(self, trace_id: str) -> Trace | None:
        """One trace with its logs; None if it is not, or no longer, known."""
        return await self._readers.read(partial(queries.trace, trace_id=trace_id))

    async def related(self, trace_id: str) -> Related:
        """The traces that links join to this one."""
        return await self._readers.read(partial(related_traces, trace_id=trace_id))

    async def log_lines(self, query: LogQuery) -> FoundLines:
        """The log lines that answer the query: the newest first, or those that came after one."""
        return await self._readers.read(partial(log_lines, query=query))

    async def around(self, trace: Trace) -> Surroundings:
        """What is known beside a trace: who sends spans, where its links lead, what is usual."""
        return await self._readers.read(partial(surroundings, trace=trace))

    async def usual(self, trace: Trace) -> Usual:
        """How the last traces of the same kind before it were."""
        return await self._readers.read(partial(usual_of, trace=trace))

    async def alike(self, trace: Trace, limit: int) -> list[TraceSummary]:
        """The newest other traces with the same root."""
        return await self._readers.read(partial(alike, trace=trace, limit=limit))

    async def pinned(self) -> frozenset[str]:
        """The ids of the traces that are kept beyond the limits."""
        return await self._readers.read(queries.pinned)

    async def pin(self, trace_id: str) -> None:
        """Keeps a trace beyond the limits; raises Conflict with a sentence if too many are, since
        new traces need room, too.
        """
        if trace_id not in await self.pinned():
            check_room(await self.stats(), self._limits)
        self._inbox.put_pin(trace_id, True)
        await self.flushed()

    async def unpin(self, trace_id: str) -> None:
        """Lets a trace be forgotten when its turn comes."""
        self._inbox.put_pin(trace_id, False)
        await self.flushed()

    async def version(self, trace_id: str) -> tuple[int, int, int] | None:
        """Two numbers that change when a trace grows; None if it is not, or no longer, known."""
        return await self._readers.read(partial(queries.version, trace_id=trace_id))

    async def dependencies(self, start_ns: int, end_ns: int) -> list[Edge]:
        """Calls from service to service, and to systems that send no spans, within a time range."""
        calls = partial(queries.calls, start_ns=start_ns, end_ns=end_ns)
        return await self._readers.read(lambda connection: edges(calls(connection)))

    async def samples(
        self,
        start_ns: int,
        end_ns: int,
        services: Collection[str] = (),
        kinds: Collection[str] = (),
    ) -> Samples:
        """The spans that began in this time, without what is not needed to measure them."""
        read = partial(samples, start_ns=start_ns, end_ns=end_ns, services=services, kinds=kinds)
        return await self._readers.read(read)

    async def newest(self, after_seq: int, limit: int) -> list[TraceSummary]:
        """What changed since `after_seq`, the earliest change first."""
        return await self._readers.read(partial(queries.newest, after_seq=after_seq, limit=limit))

    async def last_seq(self) -> int:
        """The seq of the latest change."""
        return self._writer.seq

    async def wait_for(self, seq: int, timeout: float) -> int:
        """The last seq, as soon as it is above `seq`, or after `timeout` seconds, or if ending."""
        await self._notifier.until(lambda: self._writer.seq > seq or self.ending, timeout)
        return self._writer.seq

    async def stats(self) -> dict[str, int]:
        """Counts of what is kept, of requests that were refused while lens was full, and of spans
        and log lines that were taken and dropped later; the latter two also by reason.
        `duplicates` are spans that were sent twice.
        """
        stored = await self._readers.read(queries.stats)
        refused = {"queue_full": self.intake.refused, "cannot_write": self._outage.refused}
        dropped = {reason: self._writer.dropped[reason] for reason in DROPPED}
        return {
            **stored,
            "rejected": sum(refused.values()),
            **{f"rejected_{reason}": count for reason, count in refused.items()},
            "dropped": sum(dropped.values()),
            **{f"dropped_{reason}": count for reason, count in dropped.items()},
            "duplicates": self._writer.duplicates,
            "metrics": self.intake.data_points,
            "seq": self._writer.seq,
        }


def check_room(stats: Mapping[str, int], limits: Limits) -> None:
    """Raises Conflict if no further trace can be pinned."""
    most = max(1, min(MOST_PINNED, limits.max_traces // 2))
    share = stats["bytes"] * stats["pinned_spans"] // max(1, stats["spans"])
    if stats["pinned"] >= most or share > limits.max_bytes // 2:
        raise Conflict(
            f"{stats['pinned']} traces are pinned, which is all there is room for: unpin one"
        )

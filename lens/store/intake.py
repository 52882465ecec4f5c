"""The one way in: what was decoded, whatever brought it, is queued, counted and receipted."""

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lens.store.exemplars import Exemplars
from lens.store.inbox import Inbox
from lens.store.outage import Outage
from lens.store.tail import TailStage
from shared.errors import Unavailable
from traces.formats.decoded import Decoded
from traces.model import Exemplar, LogLine, Span

FULL = "lens has more to write than its queue holds"
NO_METRICS = "metrics are not kept, but for their exemplars; OTEL_METRICS_EXPORTER=none sends none"
SPANS, LOGS, METRICS = "spans", "log records", "data points"


class Full(Unavailable):
    """The queue to the file is full, or the file cannot be written: nothing of this was taken, it
    is to be sent again later.
    """

    retry_after = 1.0


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the answer says: how many entries were taken and rejected, and why."""

    accepted: int
    rejected: int = 0
    message: str = ""


@dataclass(slots=True)
class Count:
    """What came from one source, such as `OTLP/HTTP JSON`. `rejected` is by what was wrong;
    `refused` counts whole requests of which nothing could be read. `octets` is the size of the
    bodies, unpacked, by what was in them.
    """

    accepted: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    octets: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        return {
            "accepted": dict(self.accepted),
            "rejected": dict(self.rejected),
            "refused": self.refused,
            "bytes": dict(self.octets),
        }


class Intake:
    """Takes spans and log lines from any thread; raises Full while there is no room for them.
    `refused` counts the requests that found the queue full.

    `size` is the bytes that an offer came in, `source` its transport and format as people call
    them: the About page lists what came by source. Spans that programs send pass through the stage
    `tail`, if there is one; what a person imports does not, nor do log lines.
    """

    def __init__(
        self,
        inbox: Inbox,
        outage: Outage,
        exemplars: Exemplars,
        tail: TailStage | None = None,
    ) -> None:
        self.refused = 0
        self._inbox = inbox
        self._tail = tail
        self._outage = outage
        self._exemplars = exemplars
        self._lock = threading.Lock()
        self._counts: dict[str, Count] = {}

    @property
    def full(self) -> bool:
        """Whether an offer would be refused now."""
        return self._inbox.full or self._inbox.closed or bool(self._outage)

    def check(self) -> None:
        """Raises Full if an offer would be refused now, before the trouble of reading it."""
        if self.full:
            raise self._full()

    def spans(self, decoded: Decoded[Span], size: int, source: str) -> Receipt:
        if decoded.taken and not self._put_spans(decoded.taken, size):
            raise self._full()
        return self._receipt(decoded, SPANS, source, size)

    def logs(self, decoded: Decoded[LogLine], size: int, source: str) -> Receipt:
        if decoded.taken and not self._put((), decoded.taken, size):
            raise self._full()
        return self._receipt(decoded, LOGS, source, size)

    def everything(
        self, spans: Decoded[Span], logs: Decoded[LogLine], size: int, source: str
    ) -> Receipt:
        """All of a file, or nothing."""
        if not self._put(spans.taken, logs.taken, size):
            raise self._full()
        first, second = self._receipt(spans, SPANS, source), self._receipt(logs, LOGS, source)
        return Receipt(
            first.accepted + second.accepted,
            first.rejected + second.rejected,
            "; ".join(filter(None, (first.message, second.message))),
        )

    def metrics(self, points: int, exemplars: Sequence[Exemplar], source: str) -> Receipt:
        """Metrics are counted, and but for their exemplars not kept, which the answer says."""
        self._exemplars.add(exemplars)
        with self._lock:
            self._of(source).accepted[METRICS] += points
        return Receipt(0, points, NO_METRICS) if points else Receipt(0)

    def refuse(self, source: str) -> None:
        """Counts a request of which nothing could be read; the answer said why."""
        with self._lock:
            self._of(source).refused += 1

    def counts(self) -> Mapping[str, Count]:
        """What came, by source; copies, in order of the names."""
        with self._lock:
            return {
                source: Count(
                    Counter(found.accepted),
                    Counter(found.rejected),
                    found.refused,
                    Counter(found.octets),
                )
                for source, found in sorted(self._counts.items())
            }

    @property
    def data_points(self) -> int:
        return sum(count.accepted[METRICS] for count in self.counts().values())

    def _put_spans(self, spans: Sequence[Span], size: int) -> bool:
        if self._tail is None:
            return self._put(spans, (), size)
        return not self._outage and self._tail.put(spans, size)

    def _put(self, spans: Sequence[Span], lines: Sequence[LogLine], size: int) -> bool:
        return not self._outage and self._inbox.put(spans, lines, size)

    def _full(self) -> Full:
        """Counts a request that is refused, and says why it is."""
        with self._lock:
            reason = self._outage.reason
            if reason:
                self._outage.refused += 1
            else:
                self.refused += 1
        return Full(f"{reason or FULL}; send it again later")

    def _receipt(self, decoded: Decoded[Any], signal: str, source: str, size: int = 0) -> Receipt:
        with self._lock:
            count = self._of(source)
            count.accepted[signal] += len(decoded.taken)
            count.octets[signal] += size
            count.rejected.update(decoded.reasons)
        return Receipt(len(decoded.taken), decoded.rejected, decoded.explanation)

    def _of(self, source: str) -> Count:
        return self._counts.setdefault(source, Count())

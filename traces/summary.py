"""A trace in one row, built span by span in whatever order they come."""

from collections.abc import Iterable
from dataclasses import dataclass

from traces.model import Span, Status
from traces.times import LENIENCE_NS, SINCE_NS, UNTIL_NS
from traces.units import duration

ERROR = Status.ERROR  # looked up once: spans are many

Start = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class ServiceShare:
    """How much of a trace is one service's."""

    name: str
    spans: int
    errors: int


@dataclass(frozen=True, slots=True)
class TraceSummary:
    """A trace in one row. `seq` grows with every change, so a reader can ask for what is new.

    Start and end are those of the spans whose times are possible, `odd` counts the others; a trace
    with no other starts when it arrived.
    """

    trace_id: str
    root_service: str
    root_name: str
    start_ns: int
    end_ns: int
    spans: int
    errors: int
    orphans: int
    services: tuple[ServiceShare, ...]
    seq: int = 0
    odd: int = 0

    @property
    def duration_ns(self) -> int:
        return max(0, self.end_ns - self.start_ns)

    @property
    def took(self) -> str:
        """How long the trace lasted, in words."""
        return duration(self.duration_ns) if self.duration_ns or not self.odd else "unknown"


class Tally:
    """What is known of one trace so far; `add` is constant time, so late spans are cheap."""

    def __init__(self, trace_id: str) -> None:
        self.trace_id = trace_id
        self.span_ids: set[str] = set()
        self.arrived_ns = 0
        self.start_ns = 0
        self.end_ns = 0
        self.errors = 0
        self.odd = 0
        self._services: dict[str, list[int]] = {}
        self._root: Start | None = None
        self._first: Start | None = None
        self._waiting: dict[str, list[Start]] = {}

    def add(self, span: Span, now_ns: int = 0) -> bool:
        """Counts a span in; False if a span with this id was counted before. What begins after
        `now_ns`, if that is known, is in the future.
        """
        span_id, start_ns, end_ns = span.span_id, span.start_ns, span.end_ns
        if span_id in self.span_ids:
            return False
        service, parent_id = span.service, span.parent_id
        here = (start_ns, service, span.name)
        if self._first is None or here < self._first:
            self._first = here
        self.arrived_ns = self.arrived_ns or now_ns
        latest = now_ns + LENIENCE_NS if now_ns else UNTIL_NS
        if SINCE_NS <= start_ns <= latest:
            self.start_ns = min(self.start_ns or start_ns, start_ns)
            self.end_ns = max(self.end_ns, start_ns, end_ns if end_ns <= latest else 0)
            self.odd += not start_ns <= end_ns <= latest
        else:
            self.odd += 1
        self.span_ids.add(span_id)
        share = self._services.setdefault(service, [0, 0])
        share[0] += 1
        if span.status is ERROR:
            share[1] += 1
            self.errors += 1
        if self._waiting:
            self._waiting.pop(span_id, None)
        if parent_id is None:
            if self._root is None or here < self._root:
                self._root = here
        elif parent_id not in self.span_ids:
            self._waiting.setdefault(parent_id, []).append(here)
        return True

    @property
    def root(self) -> tuple[str, str]:
        """Service and name of the root; while it is missing, of the earliest orphan."""
        orphans = (start for waiting in self._waiting.values() for start in waiting)
        _, service, name = self._root or min(orphans, default=self._first) or (0, "", "")
        return service, name

    @property
    def orphans(self) -> int:
        return sum(map(len, self._waiting.values()))

    @property
    def services(self) -> tuple[ServiceShare, ...]:
        return tuple(ServiceShare(name, *share) for name, share in sorted(self._services.items()))

    def summary(self, seq: int = 0) -> TraceSummary:
        service, name = self.root
        return TraceSummary(
            trace_id=self.trace_id,
            root_service=service,
            root_name=name,
            start_ns=self.start_ns or self.arrived_ns,
            end_ns=self.end_ns or self.arrived_ns,
            spans=len(self.span_ids),
            errors=self.errors,
            orphans=self.orphans,
            services=self.services,
            seq=seq,
            odd=self.odd,
        )


def summary(spans: Iterable[Span]) -> TraceSummary:
    """The summary of one trace's spans."""
    tally = Tally("")
    for span in spans:
        tally.trace_id = span.trace_id
        tally.add(span)
    return tally.summary()

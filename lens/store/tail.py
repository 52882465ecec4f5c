"""The tail stage: spans wait in memory until their trace is decided, and then go on or are dropped.

It stands before the queue to the file, so that what is dropped costs no more than memory for a
while. A trace is kept whole or dropped whole: spans that come after the decision follow it.
"""

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from lens.domain.tail import Reason, TailPolicy
from lens.store.inbox import Inbox
from traces.model import Span

TICK = 0.1  # seconds between two looks at what is due
MOST_WAITING = 100_000  # spans; beyond it the oldest traces are decided early
MOST_DECIDED = 200_000  # traces whose decision is remembered
TRIES_AT_CLOSE = 50


@dataclass(slots=True)
class Waiting:
    """The spans of a trace that is not decided yet, the bytes that they came in, since when."""

    since: float
    spans: list[Span] = field(default_factory=list)
    size: float = 0.0


@dataclass(frozen=True, slots=True)
class TailCounts:
    """What became of the traces: `kept` by reason. `late` are spans that came after the decision,
    `early` the traces that were decided before their time since too many waited.
    """

    policy: TailPolicy
    kept: Counter[Reason]
    dropped: int
    dropped_spans: int
    late_kept: int
    late_dropped: int
    early: int
    waiting: int

    def as_json(self) -> dict[str, object]:
        return {
            "policy": str(self.policy),
            "kept": {reason: self.kept[reason] for reason in ("error", "slow", "share")},
            "dropped": self.dropped,
            "dropped_spans": self.dropped_spans,
            "late_kept": self.late_kept,
            "late_dropped": self.late_dropped,
            "early": self.early,
            "waiting": self.waiting,
        }


class TailStage:
    """Takes spans from any thread; a thread of its own decides, and hands on what is kept."""

    def __init__(
        self, policy: TailPolicy, inbox: Inbox, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._policy, self._inbox, self._clock = policy, inbox, clock
        self._lock = threading.Lock()
        self._waiting: OrderedDict[str, Waiting] = OrderedDict()  # in the order of their first span
        self._waiting_spans = 0
        self._decided: OrderedDict[str, bool] = OrderedDict()
        self._ready: list[Span] = []
        self._ready_size = 0.0
        self._kept: Counter[Reason] = Counter()
        self._dropped = self._dropped_spans = 0
        self._late_kept = self._late_dropped = self._early = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lens-tail", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def put(self, spans: Sequence[Span], size: int) -> bool:
        """Takes spans that came in `size` bytes; False while what is kept cannot be handed on."""
        each = size / max(1, len(spans))
        with self._lock:
            if len(self._ready) >= MOST_WAITING or self._ended.is_set():
                return False
            now = self._clock()
            for span in spans:
                self._take(span, each, now)
            while self._waiting_spans > MOST_WAITING:
                self._early += 1
                self._decide(next(iter(self._waiting)))
            return True

    def advance(self, *, all_of_them: bool = False) -> None:
        """Decides the traces whose time has come, and hands on what is kept as far as there is room
        for it.
        """
        with self._lock:
            due = self._clock() - self._policy.wait_ns / 1e9
            while self._waiting:
                trace_id, first = next(iter(self._waiting.items()))
                if first.since > due and not all_of_them:
                    break
                self._decide(trace_id)
            if self._ready and self._inbox.put(self._ready, (), round(self._ready_size)):
                self._ready, self._ready_size = [], 0.0

    def close(self) -> None:
        """Decides all that waits, and hands it on before the inbox is closed."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()
        for _ in range(TRIES_AT_CLOSE):
            self.advance(all_of_them=True)
            if not self._ready:
                return
            time.sleep(TICK)

    @property
    def counts(self) -> TailCounts:
        with self._lock:
            return TailCounts(
                self._policy,
                Counter(self._kept),
                self._dropped,
                self._dropped_spans,
                self._late_kept,
                self._late_dropped,
                self._early,
                len(self._waiting),
            )

    def _run(self) -> None:
        while not self._ended.wait(TICK):
            self.advance()

    def _take(self, span: Span, size: float, now: float) -> None:
        kept = self._decided.get(span.trace_id)
        if kept is None:
            waiting = self._waiting.get(span.trace_id)
            if waiting is None:
                waiting = self._waiting[span.trace_id] = Waiting(now)
            waiting.spans.append(span)
            waiting.size += size
            self._waiting_spans += 1
        elif kept:
            self._late_kept += 1
            self._ready.append(span)
            self._ready_size += size
        else:
            self._late_dropped += 1
            self._dropped_spans += 1

    def _decide(self, trace_id: str) -> None:
        waiting = self._waiting.pop(trace_id)
        self._waiting_spans -= len(waiting.spans)
        reason = self._policy.reason(waiting.spans)
        self._decided[trace_id] = reason is not None
        if len(self._decided) > MOST_DECIDED:
            self._decided.popitem(last=False)
        if reason is None:
            self._dropped += 1
            self._dropped_spans += len(waiting.spans)
        else:
            self._kept[reason] += 1
            self._ready += waiting.spans
            self._ready_size += waiting.size

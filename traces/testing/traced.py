"""From a request in a test to its whole trace."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from traces.model import Trace
from traces.testing.assertions import AssertableTrace
from traces.testing.sources import Source

PATIENCE, PAUSE, SAME = 15.0, 0.1, 6


class Traced(AssertableTrace):
    """The trace of the one request made in a `with traced()` block; `all` has one for every
    request.
    """

    def __init__(self) -> None:
        super().__init__(Trace("", ()))
        self.all: list[AssertableTrace] = []

    def fill(self, traces: list[AssertableTrace]) -> None:
        self.all = traces
        if len(traces) == 1:
            self.trace = traces[0].trace


class Tracing:
    """Notes the `traceresponse` header of every answer a test gets, and reads those traces.

    Hand `note` each answer's headers; a `traced()` block then covers the answers noted within it.
    """

    def __init__(self, source: Source, clock: Callable[[], float] = time.monotonic) -> None:
        self._source, self._clock = source, clock
        self._seen: list[str] = []

    def note(self, traceresponse: str | None) -> None:
        if traceresponse is not None:
            self._seen.append(traceresponse.split("-")[1])

    @contextmanager
    def __call__(self) -> Iterator[Traced]:
        before, traced = len(self._seen), Traced()
        yield traced
        ids = self._seen[before:]
        if not ids:
            raise AssertionError("no answer with a traceresponse header came within this block")
        traced.fill([self.whole(id_) for id_ in ids])

    def whole(self, trace_id: str) -> AssertableTrace:
        """The trace, once it has a root, lacks no parent and has stopped growing.

        Raises AssertionError with what had come when that takes more than 15 s.
        """
        trace = self._source.trace(trace_id)
        if not self._source.eventual:
            return trace
        end, same = self._clock() + PATIENCE, 0
        while same < SAME:
            if self._clock() > end:
                raise AssertionError(f"trace {trace_id} never became whole\n{trace.tree()}")
            time.sleep(PAUSE)
            before, trace = trace, self._source.trace(trace_id)
            settled = trace.trace.is_whole
            same = same + 1 if settled and len(trace.spans) == len(before.spans) else 0
        return trace

"""The path of a span: what it has in common with the same piece of work in another trace.

A path is the way down from the root: service, kind and name of each span on it, and which of the
siblings that are alike it is. Ids differ from trace to trace, paths do not.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b

from traces.model import Span, Trace, once
from traces.tree import in_order

Path = str
ABOVE: Path = ""


@once
def paths(trace: Trace) -> Mapping[str, Path]:
    """The path of each span, by its id, parents before their children."""
    return {span.span_id: path for span, path in walk(trace)}


@once
def by_path(trace: Trace) -> Mapping[Path, Span]:
    return {path: span for span, path in walk(trace)}


def walk(trace: Trace) -> Iterator[tuple[Span, Path]]:
    """All spans with their paths; what hangs on nothing that is there begins a path."""
    cut = [ring[0] for ring in trace.rings]
    tops = sorted([s for s in trace.spans if trace.parent_of(s) is None] + cut, key=in_order)
    # Without recursion: traces may be deeper than Python's stack.
    waiting = [below(ABOVE, tops)]
    while waiting:
        found = next(waiting[-1], None)
        if found is None:
            waiting.pop()
            continue
        span, path = found
        yield span, path
        waiting.append(below(path, trace.children_of(span)))


def below(path: Path, siblings: Sequence[Span]) -> Iterator[tuple[Span, Path]]:
    alike: Counter[tuple[str, str, str]] = Counter()
    for span in siblings:
        step = (span.service, span.kind.word, span.name)
        text = "\x1f".join((path, *step, str(alike[step])))
        alike[step] += 1
        yield span, blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

"""A trace explained, and two compared, as text: out of lens, Jaeger, or files."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from textwrap import fill
from typing import Any

from acme.explorer.backend import Backend, Refused
from acme.terminal import Colours, columns
from traces.compare import Comparison, Pair
from traces.formats.reading import NoTraces, read
from traces.formats.story import story_json
from traces.same_id import traces_of
from traces.times import took
from traces.units import duration

RIGHT = ("FIRST", "SECOND", "DIFFERENCE")
SIGNS = {"problem": ("x", "red"), "notice": ("!", "yellow"), "fact": ("-", "grey")}
WIDTH = 100


def stories(texts: Iterable[str], backend: Backend) -> Iterator[dict[str, Any]]:
    """The stories of traces that are named by an id, or lie in a file: all of the file.

    Raises Refused for a trace that is not there, or a file that has none.
    """
    for text in texts:
        file = Path(text)
        yield from of_file(file) if file.is_file() else [of_backend(text, backend)]


def of_backend(trace_id: str, backend: Backend) -> dict[str, Any]:
    story = backend.story(trace_id)
    if story is None:
        raise Refused(f"{backend.url} has no trace {trace_id}, or no longer")
    return story


def of_file(file: Path) -> list[dict[str, Any]]:
    """Explained by themselves: what else lens may know is not there."""
    try:
        found = read(file.read_bytes())
    except (OSError, NoTraces) as error:
        raise Refused(f"{file}: {error}") from None
    # Of a file nothing is still to come.
    traces = (replace(trace, read_ns=time.time_ns()) for trace in traces_of(found.spans.taken))
    return [story_json(trace) for trace in traces]


def explanation(story: Mapping[str, Any], colours: Colours, *, why: bool) -> Iterator[str]:
    """What lens says of a trace; with `why` also why each of it matters."""
    yield colours.paint("bold", story["verdict"]["sentence"])
    for one in story["verdict"]["findings"]:
        sign, colour = SIGNS[one["weight"]]
        yield f"{colours.paint(colour, sign)} {one['sentence']}"
        if why:
            yield fill(one["why"], WIDTH, initial_indent="    ", subsequent_indent="    ")
    yield colours.paint("grey", f"trace {story['traceId']}")


def differences(found: Comparison) -> Iterator[str]:
    """What is different, and a table of the rows that are."""
    yield from (text for text, _ in found.sentences)
    if rows := [row(pair) for pair in found.rows if pair.state != "same"]:
        yield ""
        yield columns(("SPAN", "", *RIGHT), rows, RIGHT)


def comparison_as_json(found: Comparison) -> dict[str, object]:
    """All rows; durations in nanoseconds, null where a trace has no such span."""
    return {
        "sentences": [text for text, _ in found.sentences],
        "rows": [
            {
                "service": pair.span.service,
                "name": pair.span.name,
                "state": pair.state,
                "first_ns": pair.left and pair.left.duration_ns,
                "second_ns": pair.right and pair.right.duration_ns,
            }
            for pair in found.rows
        ],
    }


def row(pair: Pair) -> Sequence[str]:
    left, right = pair.left, pair.right
    times = [took(span) if span else "-" for span in (left, right)]
    more = ""
    if left and right:
        ns = right.duration_ns - left.duration_ns
        more = f"{'+' if ns >= 0 else '-'}{duration(abs(ns))}"
    return f"{pair.span.service}: {pair.span.name}", pair.state, *times, more

"""A store instrumented with OpenTracing and the same with OpenTelemetry: what differs."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry import context, propagate
from opentelemetry.baggage.propagation import W3CBaggagePropagator
from opentelemetry.context import Context
from opentelemetry.propagators.composite import CompositePropagator
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from examples.opentracing.compare import (
    BAGGAGE,
    ERROR,
    EVENT,
    EXPECTED,
    KIND,
    NAMES,
    TRACE,
    differences,
    report,
    traced_after,
    traced_before,
)

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "opentracing.md"


@pytest.fixture(autouse=True)
def _empty_context(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As in a program of its own: no span is current, and W3C's formats are spoken."""
    w3c = CompositePropagator([TraceContextTextMapPropagator(), W3CBaggagePropagator()])
    monkeypatch.setattr(propagate, "propagator", w3c)
    token = context.attach(Context())
    yield
    context.detach(token)


def test_both_make_the_same_spans_in_the_same_order() -> None:
    before, after = traced_before(), traced_after()

    assert [span.name for span in before] == [span.name for span in after]
    assert len(before) == 8


def test_they_differ_in_what_the_page_says_and_in_nothing_else() -> None:
    found = differences(traced_before(), traced_after())

    assert {one.what for one in found} == EXPECTED


@pytest.mark.parametrize(
    ("what", "before", "after"),
    [
        (KIND, "INTERNAL", "SERVER"),
        (ERROR, "UNSET", "ERROR"),
        (TRACE, "book parcel", "none: a root"),
        (BAGGAGE, "unknown", "gold"),
        (EVENT, {"event": "parcel booked", "grams": 1200}, {"grams": 1200}),
        (NAMES, None, "INSERT INTO parcels VALUES (?, ?, 'booked')"),
    ],
)
def test_this_is_how_they_differ(what: str, before: object, after: object) -> None:
    first = next(one for one in differences(traced_before(), traced_after()) if one.what == what)

    assert (first.before, first.after) == (before, after)


def test_what_follows_is_linked_to_the_booking_in_both() -> None:
    for spans in (traced_before(), traced_after()):
        (booked, *_) = [span for span in spans if span.name == "book parcel"]
        (handed_over,) = [span for span in spans if span.name == "hand over parcel"]

        assert [link.span_id for link in handed_over.links] == [booked.span_id]


def test_the_page_shows_what_the_command_prints() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "examples.opentracing"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    shown = re.search(r"```text\n(OpenTracing, .*?)```", PAGE.read_text(), re.DOTALL)
    assert shown is not None
    assert done.stdout == shown[1] == report(traced_before(), traced_after()) + "\n"


def test_the_page_s_code_runs() -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    names: dict[str, object] = {}

    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), names)  # noqa: S102 - our own page

    assert len(blocks) >= 6

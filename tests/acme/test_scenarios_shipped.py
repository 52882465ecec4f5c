"""What holds of every scenario that is shipped, without a shop."""

import pytest

from acme.launcher.environment import ROOT
from chaos.control_plane.flows.runs import Library
from chaos.measures import Answer, Click, Evidence, Shop, evaluate
from traces.model import Kind, Span, Trace

SCENARIOS = Library.read(ROOT / "chaos" / "scenarios").scenarios


@pytest.mark.parametrize("id_", SCENARIOS)
def test_it_does_not_end_before_its_minutes_are_over(id_: str) -> None:
    assert SCENARIOS[id_].ttl >= SCENARIOS[id_].minutes * 60


@pytest.mark.parametrize("id_", SCENARIOS)
def test_no_expectation_depends_on_how_busy_the_machine_is(id_: str) -> None:
    assert "latency_ms" not in {expect.measure for expect in SCENARIOS[id_].expect}


def query(id_: str, start: int, end: int) -> Span:
    return Span("t", id_, None, "orders", "SELECT orders", Kind.CLIENT, start, end)


@pytest.mark.parametrize(
    ("spans", "most"),
    [
        ([(0, 10), (10, 20), (20, 30)], 1),
        ([(0, 10), (5, 20), (12, 30)], 2),
        ([(0, 30), (5, 20), (12, 30)], 3),
        ([], 0),
    ],
)
def test_spans_of_all_traces_are_counted_that_are_there_at_the_same_time(
    spans: list[tuple[int, int]], most: int
) -> None:
    evidence = Evidence(Shop({}), (Click("s", 1, (Answer(200, 0.1),)),))
    traces = [Trace("t", (query(f"{n}", *span),)) for n, span in enumerate(spans)]
    evidence.__dict__["traces"] = traces

    assert evaluate(evidence, "most_concurrent", {"service": "orders"}) == most

"""What a benchmark says of what it measured."""

from collections import Counter

import pytest

from acme.bench.measure import Load, Measured
from acme.bench.run import INSTRUMENTED, UNTRACED, Result, conclusion, show, table


def measured(name: str, cpu: float, spans: int) -> Measured:
    """A hundred requests, at this many seconds of CPU for each thousand."""
    load = Load(seconds=2.0, latencies=[0.01] * 100)
    used = Counter({"gateway": cpu / 10, "lens": 5.0})
    kept = spans * 100
    return Measured(name, load=load, cpu=used, memory={}, spans_due=kept, spans_kept=kept)


FOUR = [
    measured("manual", 1.5, 10),
    measured("native", 1.75, 22),
    measured("auto", 2.5, 18),
    measured("off", 1.0, 0),
]


def test_each_instrumentation_is_compared_with_none() -> None:
    assert conclusion(FOUR[:-1], FOUR[-1]) == (
        "Tracing adds CPU to the services: 50% (manual), 75% (native), 150% (auto)."
    )


def test_there_is_a_column_for_each_shop() -> None:
    head, *lines = table(FOUR).splitlines()
    rows = {line.split("  ")[0]: line.split() for line in lines}

    assert head.split() == list(INSTRUMENTED)
    assert rows["CPU s per 1,000 requests"][-4:] == ["1.50", "1.75", "2.50", "1.00"]
    assert rows["spans a request"][-4:] == ["10", "22", "18", "0"]


@pytest.mark.parametrize("names", [["manual"], ["manual", "off"]])
def test_a_conclusion_needs_a_shop_without_tracing(
    names: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    show(Result([one for one in FOUR if one.name in names]))

    assert ("Tracing adds" in capsys.readouterr().out) == ("off" in names)


def test_the_last_shop_is_the_one_without_tracing() -> None:
    assert (*INSTRUMENTED,)[-1] == "off"
    assert (*UNTRACED,) == ("untraced",)

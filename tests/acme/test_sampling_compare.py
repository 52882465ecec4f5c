"""`acme sampling compare`: what is plausible, what is promised, and the report."""

import json
import re
from dataclasses import replace
from math import comb
from pathlib import Path

import pytest

from acme.sampling.compare.band import band
from acme.sampling.compare.measure import Kept, Measured, services_of
from acme.sampling.compare.report import write
from acme.sampling.compare.run import Comparison, Options, Row, lessons, show
from acme.sampling.compare.traffic import Request, Traffic, outcome_of
from acme.sampling.compare.variants import NAMES, VARIANTS
from tests.acme.command_line import acme

ALL = frozenset({"gateway", "auth", "orders", "shipping"})
BY_NAME = {variant.name: variant for variant in VARIANTS}


@pytest.mark.parametrize(("of", "share"), [(400, 0.25), (20, 0.1), (1000, 0.5), (64, 0.9)])
def test_the_band_leaves_out_half_a_thousandth_on_each_side(of: int, share: float) -> None:
    low, high = band(of, share)
    exact = [comb(of, k) * share**k * (1 - share) ** (of - k) for k in range(of + 1)]
    assert sum(exact[:low]) <= 0.0005 < sum(exact[: low + 1])
    assert sum(exact[high + 1 :]) <= 0.0005 < sum(exact[high:])


@pytest.mark.parametrize(("of", "share", "found"), [(400, 0, 0), (400, 1, 400), (0, 0.5, 0)])
def test_without_chance_the_band_is_one_number(of: int, share: float, found: int) -> None:
    assert band(of, share) == (found, found)


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (200, b'{"status": "delivered"}', "well"),
        (200, b'{"status": "error fetching shipping status"}', "degraded"),
        (503, b"Auth Service gave an error", "failed"),
    ],
)
def test_what_went_wrong_is_seen_by_the_client(status: int, body: bytes, outcome: str) -> None:
    assert outcome_of(status, body) == outcome


def traffic() -> Traffic:
    """Forty requests: four fail, two are slow."""
    requests = [
        Request(
            f"{number:032x}", "failed" if number < 4 else "well", 1.6 if number in (4, 5) else 0.02
        )
        for number in range(40)
    ]
    return Traffic(requests, seconds=2.0)


def measured(name: str, numbers: range, *, orphans: int = 0) -> Measured:
    """A sampler that has kept the traces with these numbers."""
    kept = [Kept(f"{number:032x}", ALL, orphans) for number in numbers]
    expected = {"well": ALL, "failed": frozenset({"gateway", "auth"})}
    tail = {"waiting": 0} if name == "tail" else None
    return Measured(
        BY_NAME[name],
        traffic(),
        kept,
        expected,  # type: ignore[arg-type]  # the keys are outcomes
        octets=1_000 * len(numbers),
        spans=10 * len(numbers),
        cpu=1.0,
        cpu_lens=0.1,
        tail=tail,
    )


def failed(one: Measured) -> list[str]:
    return [check.sentence for check in Row(one).checks() if not check.holds]


@pytest.mark.parametrize(
    ("name", "numbers", "sentence"),
    [
        ("always_on", range(39), "39 kept, the 99.9 % band has 40"),
        ("probabilistic", range(30), "30 kept, the 99.9 % band has 2 to 20"),
        ("rate_limiting", range(16), "16 kept, rate and burst allow up to 15"),
        ("tail", range(1, 8), "3 of 4 errors kept, and 2 of 2 slow"),
        ("tail", range(30), "30 kept, the 99.9 % band has 6 to 16"),
    ],
)
def test_a_sampler_that_breaks_its_promise_is_found(
    name: str, numbers: range, sentence: str
) -> None:
    assert failed(measured(name, numbers)) == [sentence]


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("always_on", range(40)),
        ("probabilistic", range(10)),
        ("rate_limiting", range(15)),
        ("adaptive", range(3)),
        ("error_biased", range(8)),
        ("tail", range(9)),
    ],
)
def test_a_sampler_that_keeps_its_promise_passes(name: str, numbers: range) -> None:
    assert failed(measured(name, numbers)) == []


def test_a_broken_trace_is_found_except_where_services_decide_for_themselves() -> None:
    assert failed(measured("probabilistic", range(10), orphans=1)) == ["10 broken traces of 10"]
    assert failed(measured("independent", range(10), orphans=1)) == []


def test_a_trace_that_lacks_a_service_is_not_whole() -> None:
    one = measured("probabilistic", range(10))
    short = Kept(one.kept[9].trace_id, ALL - {"shipping"}, 0)
    assert replace(one, kept=[*one.kept[:9], short]).whole == 9
    assert services_of(one.traffic, one.kept)["well"] == ALL


def test_the_first_sampler_is_always_the_one_that_keeps_all() -> None:
    names = [variant.name for variant in Options(400, 1, ["tail", "adaptive"]).variants]
    assert names == ["always_on", "adaptive", "tail"]
    assert [variant.name for variant in Options(400, 1).variants] == list(NAMES)


def test_table_json_and_report_say_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [Row(measured("always_on", range(40))), Row(measured("error_biased", range(2, 9)))]
    rows += [Row(measured("independent", range(8), orphans=1)), Row(measured("tail", range(9)))]
    comparison = Comparison(Options(40, 7), rows)
    assert comparison.passed
    show(comparison)
    printed = capsys.readouterr().out
    write(tmp_path / "report.html", comparison)
    page = (tmp_path / "report.html").read_text()
    document = json.loads(json.dumps(comparison.as_json()))
    assert document["samplers"][3]["errors_kept"] == 4
    for sentence in lessons(comparison):
        assert sentence in printed
        assert sentence.replace("'", "&#39;") in page
    assert "error_biased kept 2 of 4 errors" in printed
    assert "independent broke 8 of 8 traces" in printed
    assert not re.search(r"(src|href)=", page), "it needs nothing beside it"


def test_a_sampler_that_is_not_compared_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert acme("sampling", "compare", "--sampler", "tails") == 2
    assert "tails is not a sampler to compare. Did you mean 'tail'?" in capsys.readouterr().err


@pytest.mark.slow
def test_tail_sampling_keeps_every_error_and_every_slow_trace_whole(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert acme("sampling", "compare", "--sampler", "tail", "--requests", "60", "--json") == 0
    every, tail = json.loads(capsys.readouterr().out)["samplers"]
    assert every["kept"] == every["whole"] == 60
    assert tail["errors_kept"] == tail["errors"] > 0
    assert tail["slow_kept"] == tail["slow"] > 0
    assert tail["whole"] == tail["kept"] < 60

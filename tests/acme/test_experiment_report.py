"""What an experiment's journal comes to: a verdict, and a report of it."""

import re
from pathlib import Path
from typing import Any

import pytest

from chaos.experiments.evidence import Evidence, by_kind
from chaos.experiments.journal import in_words, number, verdict
from chaos.experiments.report import fenced, markdown, write
from chaos.experiments.timeline import timeline
from traces.model import Kind, Span, Status, Trace

SLY = "<script>alert(1)</script>|`*_[x](javascript:1)"
RANGE = {"type": "range", "range": [0, 0]}
PROBE = {"type": "probe", "name": "share that fails", "tolerance": RANGE, "provider": {}}
FAULT = {
    "id": "sly",
    "title": SLY,
    "where": {"service": "auth"},
    "rate": 0.5,
    "effect": {"type": "error", "status": 503},
}
ROW = {"id": "sly", "fault": FAULT, "state": "active", "matched": 4, "fired": 2}
FACTS = {"command": "acme experiment run sly"}


def at(second: float) -> str:
    return f"2026-01-02T03:04:{second:06.3f}+00:00"


def done(name: str, start: float, **more: Any) -> dict[str, Any]:
    activity = {"type": "action", "name": name, "provider": {"arguments": {"fault": FAULT}}}
    times = {"start": at(start), "end": at(start + 1), "duration": 1.0, "output": "done"}
    return {"activity": activity, "status": "succeeded", **times, **more}


def measured(output: float, start: float, *, met: bool) -> dict[str, Any]:
    probe = done("", start, output=output, tolerance_met=met) | {"activity": PROBE}
    return {"steady_state_met": met, "probes": [probe], "faults": [ROW]}


def journal(**changed: Any) -> dict[str, Any]:
    """Of an experiment that deviated."""
    return {
        "experiment": {
            "title": SLY,
            "description": SLY,
            "steady-state-hypothesis": {"title": SLY, "probes": [PROBE]},
        },
        "start": at(0),
        "end": at(10),
        "duration": 10.0,
        "status": "completed",
        "deviated": True,
        "steady_states": {"before": measured(0, 1, met=True), "after": measured(0.5, 4, met=False)},
        "run": [done(SLY, 2)],
        "rollbacks": [done("rolled back", 6)],
    } | changed


def states(before: Any, after: Any) -> dict[str, Any]:
    return {"before": before, "after": after}


def trace(name: str, fault: str = "") -> Trace:
    status = {"http.response.status_code": 503}
    failed = (Status.ERROR, "")
    root = Span("a", "1", None, "gateway", name, Kind.SERVER, 0, 900, *failed, status)
    known = {**status, "acmeshop.fault.id": fault}
    cause = Span("a", "2", "1", "auth", SLY, Kind.SERVER, 100, 300, *failed, known)
    return Trace("a", (root, cause))


def test_a_probe_out_of_its_range_afterwards_is_a_deviation() -> None:
    result = verdict(journal())

    assert (result.word, result.code) == ("deviated", 4)
    assert result.sentence == "The hypothesis does not hold: share that fails was 0.5, not 0."


def test_a_probe_out_of_its_range_beforehand_shows_nothing_about_the_hypothesis() -> None:
    result = verdict(journal(deviated=False, steady_states=states(measured(1, 1, met=False), None)))

    assert (result.word, result.code) == ("not steady", 1)
    assert result.sentence == (
        "Even before the method, share that fails was 1, not 0: look at the shop."
    )


def test_a_steady_state_before_and_after_is_a_hypothesis_that_holds() -> None:
    met = states(measured(0, 1, met=True), measured(0, 4, met=True))
    result = verdict(journal(deviated=False, steady_states=met))

    assert (result.word, result.code) == ("held", 0)


def test_what_could_not_be_done_is_no_proof_though_nothing_deviated() -> None:
    met = states(measured(0, 1, met=True), measured(0, 4, met=True))
    failed = done("put", 2, status="failed", exception=["Traceback\n", "Rejected: no such fault\n"])
    result = verdict(journal(deviated=False, steady_states=met, run=[failed]))

    assert (result.word, result.code) == ("broken off", 1)
    assert "put could not be done (Rejected: no such fault)" in result.sentence


@pytest.mark.parametrize("status", ["interrupted", "aborted"])
def test_an_interrupted_experiment_has_no_verdict(status: str) -> None:
    assert verdict(journal(status=status)).code == 1


def test_no_text_of_an_experiment_becomes_markup(tmp_path: Path) -> None:
    evidence = Evidence({"ab": trace("GET /", SLY)}, {"ab": 3}, {}, "http://h/trace/{trace_id}")
    html, text = write(tmp_path / "report", journal(), evidence, FACTS | {"sly": SLY})
    shown, plain = html.read_text(), text.read_text()

    assert "<script" not in shown.lower()
    assert shown.count("&lt;script&gt;alert(1)&lt;/script&gt;") > 8
    assert "3 like this one" in shown
    assert "<script" not in plain.partition("<details>")[0].lower()
    assert "](javascript" not in plain.partition("<details>")[0]


def test_a_report_is_self_contained(tmp_path: Path) -> None:
    html, _ = write(tmp_path / "report.html", journal(), Evidence(), FACTS)
    shown = html.read_text()

    assert "default-src 'none'" in shown
    assert not re.search(r"<(script|img|link|iframe|object)|\bsrc=|@import|url\(", shown)


def test_a_report_says_how_often_the_faults_fired(tmp_path: Path) -> None:
    _, text = write(tmp_path / "report.html", journal(), Evidence(), FACTS)

    assert "| sly | auth | error 503 | 50 % | 4 | 2 |" in text.read_text()


def test_other_faults_that_fired_meanwhile_are_named(tmp_path: Path) -> None:
    changed = journal()
    for phase, fired in (("before", 1), ("after", 3)):
        changed["steady_states"][phase]["faults"].append({**ROW, "id": "other", "fired": fired})
        changed["steady_states"][phase]["faults"][-1]["fault"] = FAULT | {"id": "other"}
    _, text = write(tmp_path / "report.html", changed, Evidence(), FACTS)

    assert "not part of this experiment: other (2 times)" in text.read_text()


def test_the_timeline_shows_what_was_done_when() -> None:
    drawn = timeline(journal())

    assert [bar.phase for bar in drawn.bars] == ["before", "method", "after", "rollback"]
    assert [bar.x for bar in drawn.bars] == [100, 200, 400, 600]
    assert [bar.ok for bar in drawn.bars] == [True, True, False, True]
    assert drawn.shade == (200, 700)


def test_traces_that_failed_alike_are_shown_once() -> None:
    found = {"a": trace("GET /"), "b": trace("POST /checkout"), "c": trace("GET /")}

    assert by_kind(found) == [["a", "c"], ["b"]]


def test_nothing_in_a_journal_ends_the_block_it_is_in() -> None:
    assert fenced("a\n````\nb").startswith("`````json\n")


@pytest.mark.parametrize(
    ("tolerance", "description"),
    [(RANGE, "0"), ({"type": "range", "range": [0, 2000]}, "0 to 2,000"), (True, "True"), (1, "1")],
)
def test_a_tolerance_is_described_in_words(tolerance: Any, description: str) -> None:
    assert in_words(tolerance) == description


def test_a_number_has_as_many_digits_as_one_reads() -> None:
    assert [number(value) for value in (0.333333, 12345.6, 2, "x")] == [
        "0.3333",
        "12,346",
        "2",
        "x",
    ]
    assert markdown("a|b\nc") == "a\\|b c"

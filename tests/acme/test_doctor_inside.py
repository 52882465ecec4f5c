"""What the doctor sees from within a container."""

import json

import pytest

from acme.doctor import inside, roundtrip
from acme.doctor.finding import Finding


def test_a_collector_that_is_away_is_reported_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roundtrip, "call", lambda *_: (0, "nobody is there"))

    (only,) = inside.findings("otel-collector")

    assert (only.mark, only.what) == ("fail", "the collector answers 0 nobody is there")


def test_a_span_goes_through_the_collector_and_is_reported_as_a_line_of_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    called: list[str] = []

    def round_trip(otlp: str, explorer: str, _patience: float) -> list[Finding]:
        called.extend((otlp, explorer))
        return [Finding("fail", "lost", "`acme kill lens`")]

    monkeypatch.setattr(roundtrip, "call", lambda *_: (200, ""))
    monkeypatch.setattr(roundtrip, "round_trip", round_trip)

    assert inside.main(["otel-collector"]) == 0

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["what"] for one in lines] == ["the collector is well", "lost"]
    assert lines[1]["fix"].startswith("`docker compose logs")
    assert called == ["http://otel-collector:4318", "http://127.0.0.1:16686"]


def test_without_a_collector_spans_go_to_lens_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []

    def round_trip(otlp: str, *_: object) -> list[Finding]:
        called.append(otlp)
        return []

    monkeypatch.setattr(roundtrip, "round_trip", round_trip)

    assert not list(inside.findings(""))
    assert called == ["http://127.0.0.1:4318"]

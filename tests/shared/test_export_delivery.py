"""What is said of an outage, how long a backend is left alone, and what arrives afterwards."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import (
    InMemoryMetricReader,
    MetricExportResult,
    MetricsData,
)

from shared.telemetry.delivery import LONGEST_WAIT, RetryingSender
from shared.telemetry.endpoint import QUIET_SECONDS, ExportResult, Outage, Outcome
from shared.telemetry.export import ExportQueue
from shared.telemetry.metrics.export import OtlpMetricExporter
from shared.telemetry.otlp_http import OtlpHttp, retry_after
from tests.shared.misbehaving import SHORT, Server, answering, trickling
from tests.shared.test_export import LONG, StubEndpoint, in_words, lines, sender_to, until
from tests.shared.test_export_trouble import OK, post_to

SUCCESS, FAILURE, RETRYABLE = ExportResult.SUCCESS, ExportResult.FAILURE, ExportResult.RETRYABLE


def test_rejected_items_are_said_once_and_counted_as_dropped(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sender, _, _ = sender_to(
        Outcome(SUCCESS, "too old", rejected=3), Outcome(SUCCESS, "too old", rejected=2), SUCCESS
    )
    queue = ExportQueue("spans", sender.send, delay=LONG, size=10, batch=10)
    sender.backlog = queue.backlog
    for _ in range(3):
        for number in range(4):
            queue.put(number)
        assert queue.flush(LONG)
    queue.close(LONG)
    assert (queue.exported, queue.failed, queue.dropped) == (7, 5, 5)
    begin, *_, end = lines(caplog)
    assert begin.endswith("rejects items it is sent: 3 of 4, too old")
    assert "takes telemetry again" in end
    assert sum("rejects" in line for line in lines(caplog)) == 1


def in_seconds(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("5", 5, 5),
        (" 120 ", 120, 120),
        ("0", 0, 0),
        ("-5", 0, 0),
        ("soon", 0, 0),
        ("5.5", 0, 0),
        ("²", 0, 0),
        ("", 0, 0),
        ("Fri, 99 Xyz 2026 99:99:99 GMT", 0, 0),
    ],
)
def test_retry_after_is_a_whole_number_of_seconds(text: str, low: float, high: float) -> None:
    assert low <= retry_after({"retry-after": text}) <= high


@pytest.mark.parametrize(("seconds", "low", "high"), [(3_600, 3_500, 3_600), (-3_600, 0, 0)])
def test_a_date_to_retry_after_is_so_long_from_now(seconds: float, low: float, high: float) -> None:
    assert low <= retry_after({"retry-after": in_seconds(seconds)}) <= high


@pytest.mark.parametrize("status", [b"429 Too Many Requests", b"503 Service Unavailable"])
def test_a_backend_that_asks_for_time_gets_it(status: bytes) -> None:
    head = b"HTTP/1.1 %b\r\nretry-after: 5\r\ncontent-length: 0\r\n\r\n" % status
    with closing(Server(answering(head))) as server:
        outcome = post_to(server, LONG)
    assert (outcome.result, outcome.wait) == (RETRYABLE, 5)

    sender, _, clock = sender_to(outcome, outcome, SUCCESS)
    assert sender.send([1])
    assert clock.pauses == [5, 5]


def test_a_backend_that_asks_for_days_gets_minutes() -> None:
    sender, _, clock = sender_to(Outcome(RETRYABLE, "busy", 1e9), SUCCESS)
    assert sender.send([1])
    assert clock.pauses == [LONGEST_WAIT]


def test_a_batch_that_is_given_up_does_not_shorten_the_time_that_was_asked_for() -> None:
    endpoint = StubEndpoint(Outcome(RETRYABLE, "busy", 60), SUCCESS)
    sender = RetryingSender(endpoint, in_words, give_up=1)
    assert [sender.send([number]) for number in range(3)] == [0, 0, 0]
    assert endpoint.attempts == 1


def metrics() -> MetricsData:
    reader = InMemoryMetricReader()
    MeterProvider([reader], shutdown_on_exit=False).get_meter("test").create_counter("n").add(1)
    data = reader.get_metrics_data()
    assert data is not None
    return data


def test_exports_of_metrics_are_left_out_while_the_backend_wants_none() -> None:
    endpoint = StubEndpoint(Outcome(RETRYABLE, "busy", 60))
    exporter, data = OtlpMetricExporter(endpoint), metrics()
    assert {exporter.export(data) for _ in range(3)} == {MetricExportResult.FAILURE}
    assert endpoint.attempts == 1


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (Outcome(FAILURE, "400 no"), "refuses metrics: 400 no"),
        (Outcome(SUCCESS, "too old", rejected=2), "rejects metrics it is sent: 2 points, too old"),
        (Outcome(RETRYABLE, "gone"), "is unavailable, and the next export has all metrics: gone"),
    ],
)
def test_trouble_with_metrics_is_said_once(
    caplog: pytest.LogCaptureFixture, outcome: Outcome, said: str
) -> None:
    endpoint = StubEndpoint(outcome, outcome, SUCCESS)
    exporter, data = OtlpMetricExporter(endpoint), metrics()
    for _ in range(4):
        exporter.export(data)
    begin, end = lines(caplog)
    assert begin == f"{endpoint.url} {said}"
    assert "takes telemetry again" in end


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_a_backend_that_comes_and_goes_fills_no_log(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    outage = Outage("http://c", clock)
    for _ in range(10):
        outage.begin("is unavailable", "busy")
        clock.now += 1
        outage.end()
    assert lines(caplog) == [
        "http://c is unavailable: busy",
        "http://c takes telemetry again after 1.0 s",
    ]


def test_an_outage_that_lasts_is_said_even_when_it_began_quietly(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = Clock()
    outage = Outage("http://c", clock)
    outage.begin("is unavailable", "busy")
    outage.end()
    caplog.clear()
    outage.begin("is unavailable", "busy")
    assert lines(caplog) == []
    clock.now += QUIET_SECONDS
    outage.begin("is unavailable", "busy")
    outage.begin("refuses telemetry", "400")
    assert lines(caplog) == ["http://c is unavailable: busy", "http://c refuses telemetry: 400"]


def test_after_a_backend_that_trickled_everything_arrives(caplog: pytest.LogCaptureFixture) -> None:
    with closing(Server(trickling(OK * 9))) as server:
        sender = RetryingSender(OtlpHttp(server.url, {}, SHORT), in_words)
        queue = ExportQueue("spans", sender.send, delay=0.005, size=10_000, batch=2_048)
        sender.backlog = queue.backlog
        for number in range(9_600):
            queue.put(number)
        until(lambda: len(lines(caplog)) == 1)
        server.behave = answering(OK)
        assert queue.flush(LONG)
        sender.stop_retrying()
        queue.close(LONG)
        sender.close()
    assert (queue.exported, queue.dropped) == (9_600, 0)
    begin, end = lines(caplog)
    assert begin == (
        f"{server.url} is unavailable and telemetry waits: no answer within {SHORT:g} s"
    )
    assert end.startswith(f"{server.url} takes telemetry again after ")

"""Traces and log lines are drawn on a terminal of any width, and cannot take it over."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from threading import Thread

import pytest

from acme.explorer import lines, listing
from acme.explorer.backend import Backend
from acme.explorer.text import fitted, plain, width
from acme.explorer.waterfall import Picture, guides
from acme.terminal import Colours
from tests.acme.command_line import acme
from tests.lens.made import MS, T0, line, span, trace
from traces.formats.otlp_json import summary_json, traces_json
from traces.model import Status
from traces.summary import TraceSummary, summary

PLAIN = Colours(wanted=False)
SHOP = trace(
    span(1, service="gateway", name="GET /orders", ms=100, kind="server"),
    span(2, 1, service="auth", name="GET /auth", at=10, ms=20, status=Status.ERROR),
    span(3, 1, service="orders", name="GET /order/{id}", at=40, ms=50),
    span(4, 3, service="orders", name="SELECT orders", at=50, ms=10),
)
DRAWN = """\
gateway GET /orders
00000000000000000000000000000001  DAY
100 ms, 4 spans, 3 services, 1 error
SENTENCE

                          0                      50 ms             100 ms
gateway GET /orders       ███████████████████████████████████████████████   100 ms
├ auth GET /auth              █████████                                      20 ms ✖
└ orders GET /order/{id}                    ████████████████████████         50 ms
  └ orders SELECT orders                         █████                       10 ms"""


def drawn(columns: int, *, ascii_only: bool = False) -> list[str]:
    return list(Picture(columns, PLAIN, ascii_only=ascii_only).lines(SHOP))


def test_a_waterfall_has_tree_bar_duration_and_error_mark() -> None:
    got = re.sub(r"  \d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "  DAY", "\n".join(drawn(86)))
    sentence = got.splitlines()[3]
    assert "auth" in sentence
    assert got.replace(sentence, "SENTENCE") == DRAWN


@pytest.mark.parametrize("columns", [60, 80, 81, 120, 200])
def test_no_line_of_a_waterfall_is_wider_than_the_terminal(columns: int) -> None:
    rows = drawn(columns)
    assert max(map(width, rows)) <= columns
    ends = {row.rindex(" ms") for row in rows[-4:]}
    assert len(ends) == 1


def test_a_terminal_without_the_characters_gets_those_of_ascii() -> None:
    rows = "\n".join(drawn(80, ascii_only=True)[4:])
    assert rows.isascii()
    assert "|-auth GET /auth" in rows
    assert rows.splitlines()[3].endswith("20 ms x")


def test_each_log_line_stands_under_its_span() -> None:
    logged = replace(SHOP, logs=(replace(line("no such\nsession", of=2), time_ns=T0 + 15 * MS),))
    rows = list(Picture(80, PLAIN).lines(logged, logs=True))
    at = next(number for number, row in enumerate(rows) if "auth GET /auth" in row and "█" in row)
    assert rows[at + 1] == "    15 ms WARN no such session"


@pytest.mark.parametrize(
    ("depths", "wanted"),
    [
        ([], []),
        ([0], [()]),
        ([0, 1, 1], [(), ("more",), ("last",)]),
        ([0, 1, 2, 1], [(), ("more",), ("pass", "last"), ("last",)]),
        ([0, 1, 2, 3], [(), ("last",), ("none", "last"), ("none", "none", "last")]),
        ([0, 1, 0, 1], [(), ("last",), (), ("last",)]),
    ],
)
def test_guides_join_the_rows_of_one_parent(
    depths: list[int], wanted: list[tuple[str, ...]]
) -> None:
    assert guides(depths) == wanted


def test_a_deep_trace_leaves_room_for_its_bars() -> None:
    deep = trace(span(1), *(span(number, number - 1) for number in range(2, 60)))
    rows = list(Picture(80, PLAIN).lines(deep))[6:]
    assert all("█" in row and width(row) <= 80 for row in rows)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2Jred", "�[2Jred"),
        ("two\nlines", "two lines"),
        ("bell\x07", "bell�"),
        ("right\u202eleft", "right�left"),
        ("naïve 茶", "naïve 茶"),
    ],
)
def test_telemetry_cannot_command_the_terminal(text: str, shown: str) -> None:
    assert plain(text) == shown


@pytest.mark.parametrize(
    ("text", "columns", "got"),
    [
        ("tea", 5, "tea  "),
        ("kettle", 4, "ket…"),
        ("茶茶茶", 4, "茶… "),
        ("", 2, "  "),
        ("tea", 0, ""),
    ],
)
def test_text_is_cut_or_filled_to_its_columns(text: str, columns: int, got: str) -> None:
    assert fitted(text, columns) == got


class Canned(Backend):
    """A backend that gives one prepared answer after the other, and the last for ever."""

    def __init__(self, *answers: list[TraceSummary]) -> None:
        super().__init__("http://127.0.0.1:9")
        object.__setattr__(self, "answers", list(answers))
        object.__setattr__(self, "queries", [])

    def search(self, query: Mapping[str, str]) -> list[TraceSummary]:
        self.queries.append(query)  # type: ignore[attr-defined]
        answers: list[list[TraceSummary]] = self.answers  # type: ignore[attr-defined]
        return answers.pop(0) if len(answers) > 1 else answers[0]


def a_summary(number: int, spans: int = 1) -> TraceSummary:
    return replace(summary([span(1, trace=number)]), spans=spans)


def test_tail_prints_a_trace_once_and_when_it_has_stopped_growing() -> None:
    first, grown, second = a_summary(1), a_summary(1, spans=5), a_summary(2)
    backend = Canned([], [first], [grown], [second, grown], [second, grown], [second])
    pauses: list[float] = []
    stream = listing.tail(backend, listing.Wanted(), clock=lambda: 1000.0, pause=pauses.append)
    assert list(islice(stream, 2)) == [grown, second]
    assert len(pauses) == 4


def test_a_search_is_asked_for_by_the_parameters_of_jaegers_api() -> None:
    wanted = listing.Wanted("orders", "POST /orders", True, ("a=b=c",), "100ms", "2s")
    assert wanted.query(0, 1.5, 7) == {
        "query.serviceName": "orders",
        "query.operationName": "POST /orders",
        "query.attributes": '{"a": "b=c", "error": "true"}',
        "query.durationMin": "100ms",
        "query.durationMax": "2s",
        "query.startTimeMin": "1970-01-01T00:00:00.000000Z",
        "query.startTimeMax": "1970-01-01T00:00:01.500000Z",
        "query.searchDepth": "7",
    }


def test_a_log_line_has_its_stack_trace_below_it() -> None:
    entry = {
        "timeUnixNano": str(T0),
        "severity": "ERROR",
        "severityNumber": 17,
        "service": "cart",
        "body": "it crashed",
        "traceId": "ab" * 16,
        "attributes": {
            "logger.name": "x",
            "http.route": "/cart",
            "exception.stacktrace": "Traceback\n  boom",
        },
    }
    first, *stack = lines.text_of(entry, PLAIN, with_trace=True).splitlines()
    assert first.endswith(f"ERROR cart: it crashed http.route=/cart trace={'ab' * 16}")
    assert stack == ["  Traceback", "    boom"]
    painted = lines.text_of(entry, Colours(wanted=True), with_trace=False)
    assert "\x1b[31mERROR\x1b[0m" in painted
    assert "trace=" not in painted


class Jaeger(BaseHTTPRequestHandler):
    """Answers as Jaeger does: OTLP JSON of the trace it has, and its page for what it knows not."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        answers = {
            f"/api/v3/traces/{SHOP.trace_id}": {"result": traces_json([SHOP])},
            "/api/v3/trace-summaries": {"summaries": [summary_json(summary(SHOP.spans))]},
            "/api/v3/services": {"services": ["orders"]},
        }
        missing = path.startswith("/api/")
        found = path in answers
        page = b"404 page not found" if missing else b"<!doctype html><title>Jaeger UI</title>"
        self.send_response(404 if missing and not found else 200)
        self.end_headers()
        self.wfile.write(json.dumps(answers[path]).encode() if found else page)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def jaeger() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Jaeger) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_of_a_jaeger_the_traces_are_read_and_what_it_has_not_is_said(
    jaeger: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert acme("traces", "list", "--url", jaeger) == 0
    assert SHOP.trace_id in capsys.readouterr().out
    assert acme("traces", "show", SHOP.trace_id, "--url", jaeger) == 0
    assert "└ orders GET /order/{id}" in capsys.readouterr().out
    assert acme("traces", "show", "abc", "--url", jaeger) == 1
    assert f"has no trace {'abc':0>32}" in capsys.readouterr().err
    assert acme("logs", "--url", jaeger) == 1
    assert "is not lens, and has no log lines" in capsys.readouterr().err
    assert acme("traces", "list", "--query", "error", "--url", jaeger) == 1
    assert "is not lens, which alone knows queries in words" in capsys.readouterr().err

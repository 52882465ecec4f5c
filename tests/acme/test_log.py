"""How the launcher shows what services print."""

import json
from datetime import UTC, datetime

from acme.launcher.log import LONGEST, Lines, compact
from acme.terminal import Colours, wanted

PLAIN, PAINTED = Colours(wanted=False), Colours(wanted=True)


def test_a_json_line_becomes_time_level_message_and_trace() -> None:
    line = json.dumps(
        {
            "time": "2026-11-21T10:11:12.345Z",
            "level": "warning",
            "service": "orders",
            "message": "the carrier is away",
            "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
            "span_id": "00f067aa0ba902b7",
        }
    )

    local = datetime(2026, 11, 21, 10, 11, 12, tzinfo=UTC).astimezone().strftime("%H:%M:%S")
    assert (
        compact(line, PLAIN)
        == f"{local}.345 WARNING the carrier is away (trace 4bf92f3577b34da6a3ce929d0e0e4736)"
    )


def test_information_needs_no_level_and_other_fields_follow() -> None:
    line = '{"level": "info", "message": "placed", "order": 7, "exception": "Traceback\\n  here"}'

    assert compact(line, PLAIN) == "placed order=7\nTraceback\n  here"


def test_what_is_not_a_log_entry_is_shown_as_it_is() -> None:
    for line in ("plain", "{broken", '{"no": "entry"}', "[1]", ""):
        assert compact(line, PLAIN) == line


def test_a_service_cannot_steer_the_terminal() -> None:
    assert compact("a\x1b[2Jb\rc\td", PLAIN) == "a?[2Jb?c\td"
    assert compact('{"message": "x\\u001b]0;y"}', PLAIN) == "x?]0;y"


def test_errors_are_red_where_colours_are_wanted() -> None:
    assert "\x1b[31mERROR \x1b[0m" in compact('{"level": "error", "message": "x"}', PAINTED)
    assert "\x1b" not in compact('{"level": "error", "message": "x"}', PLAIN)


def test_colours_need_a_terminal_and_no_color_wins() -> None:
    assert wanted({}, terminal=True)
    assert not wanted({}, terminal=False)
    assert wanted({"FORCE_COLOR": "1"}, terminal=False)
    assert not wanted({"NO_COLOR": "1", "FORCE_COLOR": "1"}, terminal=True)


def test_pieces_of_a_pipe_are_joined_to_lines() -> None:
    lines = Lines()

    assert list(lines.add(b"one\ntw")) == ["one"]
    assert list(lines.add(b"o\n\nthr\xff")) == ["two", ""]
    assert list(lines.end()) == ["thr\ufffd"]
    assert list(lines.end()) == []


def test_a_line_without_end_is_cut() -> None:
    lines = Lines()

    assert [len(line) for line in lines.add(b"x" * (LONGEST + 1))] == [LONGEST + 1]
    assert list(lines.add(b"y\n")) == ["y"]

"""The launcher's output never waits for its reader."""

import os
from collections.abc import Iterator

import pytest

from acme.launcher import output
from acme.launcher.events import Events
from acme.launcher.output import Output


@pytest.fixture
def events() -> Iterator[Events]:
    loop = Events()
    yield loop
    loop.close()


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    for end in (reading, writing):
        try:
            os.close(end)
        except OSError:
            continue


def test_lines_go_out_at_once_when_they_can(events: Events, pipe: tuple[int, int]) -> None:
    reading, writing = pipe

    Output(writing, events).line("hello")

    assert os.read(reading, 100) == b"hello\n"


def test_lines_wait_for_a_slow_reader_and_come_out_whole(
    events: Events, pipe: tuple[int, int]
) -> None:
    reading, writing = pipe
    out = Output(writing, events)
    wanted = [f"line {number} {'x' * 1000}" for number in range(500)]
    for line in wanted:
        out.line(line)

    got = b""
    while got.count(b"\n") < len(wanted):
        got += os.read(reading, 65536)
        events.later(0, events.end)
        events.run()

    assert got.decode().splitlines() == wanted


def test_when_too_many_wait_the_oldest_are_dropped_and_counted(
    events: Events, pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "MOST_LINES", 10)
    reading, writing = pipe
    out = Output(writing, events)
    for number in range(300):
        out.line(f"line {number} {'x' * 1000}")
    os.set_blocking(reading, False)
    got = b""
    while b"dropped" not in got:
        got += os.read(reading, 65536)
        out.drain(1)

    lines = got.decode().splitlines()
    kept = [int(line.split()[1]) for line in lines if line.startswith("line ")]
    assert lines[-1] == f"{300 - len(kept)} lines were dropped: nobody read them."
    assert kept[-9:] == list(range(291, 300))


def test_it_calls_back_once_when_nobody_reads_any_more(
    events: Events, pipe: tuple[int, int]
) -> None:
    reading, writing = pipe
    calls: list[str] = []
    out = Output(writing, events)
    out.on_closed(lambda: calls.append("closed"))
    os.close(reading)

    out.line("one")
    out.line("two")

    assert calls == ["closed"]

"""What comes often, as faults do that strike a thousand times, does not flood the terminal."""

import logging

from shared.events import event
from shared.telemetry.logs import Seldom


def record(message: str, at: float, *, often: bool = True) -> logging.LogRecord:
    told = logging.makeLogRecord({"msg": message, **event("struck", {}, often=often)})
    told.created = at
    return told


def test_what_comes_often_is_printed_once_a_second() -> None:
    seldom = Seldom()
    printed = [at for at in (10.0, 10.3, 10.9, 11.0, 11.5) if seldom.filter(record("one", at))]

    assert printed == [10.0, 11.0]


def test_another_fault_is_printed_beside_it() -> None:
    seldom = Seldom()

    assert seldom.filter(record("one", 10.0))
    assert seldom.filter(record("two", 10.1))


def test_all_else_is_printed_each_time() -> None:
    seldom = Seldom()

    assert all(seldom.filter(record("one", 10.0, often=False)) for _ in range(3))

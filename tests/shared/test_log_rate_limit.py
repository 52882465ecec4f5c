"""What is logged often, such as a fault that is injected a thousand times, does not flood the
terminal.
"""

import logging

from shared.events import event
from shared.telemetry.logs import RateLimit


def record(message: str, at: float, *, often: bool = True) -> logging.LogRecord:
    made = logging.makeLogRecord({"msg": message, **event("fault", {}, often=often)})
    made.created = at
    return made


def test_the_same_message_is_printed_once_a_second() -> None:
    limit = RateLimit()
    printed = [at for at in (10.0, 10.3, 10.9, 11.0, 11.5) if limit.filter(record("one", at))]

    assert printed == [10.0, 11.0]


def test_another_message_is_printed_beside_it() -> None:
    limit = RateLimit()

    assert limit.filter(record("one", 10.0))
    assert limit.filter(record("two", 10.1))


def test_a_record_that_is_not_marked_is_printed_each_time() -> None:
    limit = RateLimit()

    assert all(limit.filter(record("one", 10.0, often=False)) for _ in range(3))

"""Stack traces as they are recorded: without the frames that say nothing of what went wrong.

A package is left out of them by `__tracebackhide__ = True` in its `__init__.py`, the name by which
test runners know such frames, too. A line that calls into it stays.
"""

import sys
from types import FrameType, TracebackType
from typing import TypeVar

E = TypeVar("E", bound=BaseException)


def without_hidden_frames(error: E) -> E:
    """The error, its stack trace without the frames of hidden packages."""
    kept: list[TracebackType] = []
    entry = error.__traceback__
    while entry is not None:
        if not is_hidden(entry.tb_frame):
            kept.append(entry)
        entry = entry.tb_next
    for above, below in zip(kept, [*kept[1:], None], strict=True):
        above.tb_next = below
    return error.with_traceback(kept[0] if kept else None)


def is_hidden(frame: FrameType) -> bool:
    package = sys.modules.get(frame.f_globals.get("__package__") or "")
    return bool(getattr(package, "__tracebackhide__", False))

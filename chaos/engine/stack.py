"""Stack traces without the engine: its frames are around every route, and are in no story.

A line that leads into it stays, and is shown as it is written: so the stores and streams call it by
a name that does not give it away.
"""

from pathlib import Path
from types import TracebackType
from typing import TypeVar

HERE = str(Path(__file__).parent)
E = TypeVar("E", bound=BaseException)


def without_engine(error: E) -> E:
    """The error, its stack trace without this package's frames: they would give away a hidden
    fault.
    """
    kept: list[TracebackType] = []
    frame = error.__traceback__
    while frame is not None:
        if not frame.tb_frame.f_code.co_filename.startswith(HERE):
            kept.append(frame)
        frame = frame.tb_next
    for above, below in zip(kept, [*kept[1:], None], strict=True):
        above.tb_next = below
    return error.with_traceback(kept[0] if kept else None)

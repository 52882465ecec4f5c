"""Tail sampling: which traces are kept, decided when they are over."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from zlib import crc32

from lens.domain.durations import nanoseconds
from traces.model import Span, Status

Reason = Literal["error", "slow", "share"]
MILLISECOND = 1_000_000
LONGEST_WAIT_NS = 300_000 * MILLISECOND
EXAMPLE = "wait=5s,slow=800ms,share=0.1"


@dataclass(frozen=True, slots=True)
class TailPolicy:
    """Keeps traces with an error, those that took `slow_ns` or longer, and the `share` of all
    others. The decision falls `wait_ns` after the first span of a trace has come.
    """

    wait_ns: int = 5_000 * MILLISECOND
    slow_ns: int = 800 * MILLISECOND
    share: float = 0.1

    def __str__(self) -> str:
        wait, slow = self.wait_ns / MILLISECOND, self.slow_ns / MILLISECOND
        return f"wait={wait:g}ms,slow={slow:g}ms,share={self.share:g}"

    def reason(self, spans: Sequence[Span]) -> Reason | None:
        """Why a trace with these spans is kept; None for one that is not."""
        if any(span.status == Status.ERROR for span in spans):
            return "error"
        if max(s.end_ns for s in spans) - min(s.start_ns for s in spans) >= self.slow_ns:
            return "slow"
        return "share" if belongs(spans[0].trace_id, self.share) else None


def belongs(trace_id: str, share: float) -> bool:
    """Whether a trace is in the share of all. It goes by a hash of the id: the id's own digits have
    decided already where a service samples by ratio, and the two would not be independent.
    """
    return crc32(trace_id.encode()) < share * 2**32


def read_policy(text: str) -> TailPolicy | None:
    """The policy in `wait=5s,slow=800ms,share=0.1`, of which each may be left out; `on` has them as
    they are by default, and nothing or `off` is none. Raises ValueError with a sentence.
    """
    if text.strip().lower() in ("", "off"):
        return None
    default = TailPolicy()
    if text.strip().lower() == "on":
        return default
    found: dict[str, str] = {}
    for part in text.split(","):
        key, equals, value = part.partition("=")
        if key.strip() not in ("wait", "slow", "share") or not equals:
            raise ValueError(f"{part.strip()} is not understood; on, off or {EXAMPLE} is")
        found[key.strip()] = value.strip()
    wait = nanoseconds(found["wait"]) if "wait" in found else default.wait_ns
    slow = nanoseconds(found["slow"]) if "slow" in found else default.slow_ns
    if not 0 < wait <= LONGEST_WAIT_NS:
        raise ValueError(f"wait={found['wait']} is not between 1ns and 5m")
    if slow < 0:
        raise ValueError(f"slow={found['slow']} is before the trace begins")
    return TailPolicy(wait, slow, share_of(found.get("share", str(default.share))))


def share_of(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise ValueError(f"share={text} is not a number from 0 to 1")
    return share

"""Times that cannot be right: in another unit, of an unset clock, without an end, an end too early.

They are kept as they were sent, and said in words.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from traces.model import Span
from traces.units import duration

# No program that sends spans ran before 2000: such times are in another unit, or of an unset clock.
SINCE_NS = 946_684_800_000_000_000
UNTIL_NS = 4_102_444_800_000_000_000
# How far a clock may be ahead before its times are in the future.
LENIENCE_NS = 60_000_000_000
UNITS = ((10**3, "microseconds"), (10**6, "milliseconds"), (10**9, "seconds"))


@dataclass(frozen=True, slots=True)
class OddTime:
    """What is odd about a span's times: `one` follows its name, `many` a number of such spans.

    A span that is `misplaced` has no place on a time axis.
    """

    span: Span
    one: str
    many: str
    misplaced: bool = False


def odd_time(span: Span) -> OddTime | None:
    """What is odd about a span's times, without a look at today's date or at other spans."""
    if span.start_ns == 0:
        return OddTime(span, "has no start", "have no start", misplaced=True)
    if span.start_ns < SINCE_NS:
        if unit := unit_of(span.start_ns):
            one = f"starts in 1970: its times look like {unit}"
            many = f"start in 1970: their times look like {unit}"
        else:
            year = moment(span.start_ns).year
            one = f"starts in {year}: the clock of its host was not set"
            many = f"start in {year}: the clock of their host was not set"
        return OddTime(span, one, many, misplaced=True)
    if span.end_ns == 0:
        return OddTime(span, "has no end", "have no end")
    if span.end_ns < span.start_ns:
        if unit := unit_of(span.end_ns):
            look = f"in 1970, before {{}}: {{}} end looks like {unit}"
            return OddTime(
                span,
                "ends " + look.format("it starts", "its"),
                "end " + look.format("they start", "their"),
            )
        early = duration(span.start_ns - span.end_ns)
        return OddTime(span, f"ends {early} before it starts", "end before they start")
    return None


def unit_of(time: int) -> str:
    """The unit in which a time of this century would be this number; empty if there is none."""
    fitting = (unit for factor, unit in UNITS if SINCE_NS <= time * factor <= UNTIL_NS)
    return next(fitting, "")


def has_duration(span: Span) -> bool:
    """Whether both ends of a span can be believed."""
    return SINCE_NS <= span.start_ns <= span.end_ns


def took(span: Span) -> str:
    """How long a span lasted, in words."""
    return duration(span.duration_ns) if has_duration(span) else "unknown"


def moment(ns: int) -> datetime:
    return datetime.fromtimestamp(ns // 1_000_000_000, UTC)


def day(ns: int) -> str:
    """The date in UTC."""
    return f"{moment(ns):%Y-%m-%d}"

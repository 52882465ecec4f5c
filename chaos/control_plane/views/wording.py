"""A fault in a few words, and as a mark on the service map."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import inf

from chaos.control_plane.views.service_map import calls, outside, streams
from chaos.engine.effect import Behavior, Cpu, Error, Latency, Pool, Raise, RateLimit
from chaos.engine.model import Fault

MITIGATIONS = ("fallback", "retries")
DESCRIPTIONS = {
    "hang": "hangs",
    "connect_error": "cannot be reached",
    "reset": "connection reset",
    "truncate": "answer cut off",
    "drip": "answers in drips",
    "drop_context": "loses the trace",
    "leak": "leaks memory",
    "crash": "crashes",
    "unready": "not ready",
    "duplicate": "messages twice",
    "drop": "messages lost",
    "poison": "messages corrupted",
}
SLOW = frozenset(
    {"latency", "drip", "cpu", "leak", "drop_context", "duplicate", "pool", "behavior"}
)


def tone(fault: Fault) -> str:
    """How it is coloured: "bad" for what fails, "slow" for what is slow or odd, "good" for what
    mitigates those.
    """
    if isinstance(fault.effect, Behavior) and fault.effect.name in MITIGATIONS:
        return "good"
    return "slow" if fault.effect.type in SLOW else "bad"


def does(fault: Fault) -> str:  # noqa: PLR0911  one answer for each effect
    """What happens when it fires: "answers 503", "+500 ms"."""
    match fault.effect:
        case Error(status=status):
            return f"answers {status}"
        case Raise(name=name):
            return f"raises {name}"
        case Latency(ms=ms, dist=dist):
            return f"{'+' if dist == 'fixed' else '~'}{duration(ms)}"
        case RateLimit(per_second=most):
            return f"at most {most:g} a second"
        case Cpu(ms=ms):
            return f"computes {duration(ms)}"
        case Pool(size=size):
            return f"{size} at a time"
        case Behavior(name=name):
            return name.replace("_", " ")
        case other:
            return DESCRIPTIONS.get(other.type, other.type)


def often(fault: Fault) -> str:
    """In how many matches it fires: "20 %", "every 2"; "" for all."""
    if fault.hits is not None:
        return fault.hits if fault.hits[0] in "ef" else f"no. {fault.hits.replace(',', ', ')}"
    if fault.ramp is not None:
        return f"{percent(fault.rate)} to {percent(fault.ramp.to)}"
    return "" if fault.rate == 1 else percent(fault.rate)


def short(fault: Fault) -> str:
    """As on the map: how often something fails, or how slow it is."""
    if isinstance(fault.effect, Error) and fault.hits is None:
        return often(fault) or "100 %"
    return " ".join(filter(None, (often(fault), does(fault))))


def place(fault: Fault) -> str:
    """Where it matches: "auth · GET /auth", "shipping → carrier"."""
    where = fault.where
    service = where.service or "every service"
    if where.side == "client":
        service += f" → {where.peer or 'every callee'}"
    elif where.side != "server":
        service += f" · {where.side}"
    return " · ".join(filter(None, (service, where.route, where.operation)))


def condition(fault: Fault) -> str:
    """Which requests it matches beside the session and the place; "" for all."""
    match = fault.where.match
    given = {"user": match.user} if match.user else {}
    given |= match.header | match.baggage | {k: str(v) for k, v in match.attribute.items()}
    return ", ".join(f"{name} = {value}" for name, value in given.items())


def percent(rate: float) -> str:
    return f"{rate * 100:.3g} %"


def duration(ms: float) -> str:
    return f"{ms:g} ms" if ms < 1000 else f"{ms / 1000:g} s"


def countdown(seconds: float | None) -> str:
    """As on a clock: "4:12", "1:00:05"; "" when it does not end."""
    if seconds is None or seconds == inf:
        return ""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


WORST = {"bad": 0, "slow": 1, "good": 2}
MOST = 2
NOTICED, NOTICED_MS = 0.02, 20
Line = tuple[str, str, str]
Target = str | Line


@dataclass(frozen=True)
class Mark:
    """The text at a box or a line of the map; `tone` is that of the worst fault."""

    tone: str
    words: tuple[str, ...]

    def brief(self, most: int) -> str:
        """As much as fits in `most` letters, never a part of a number or a word."""
        first, more = self.words[0], len(self.words) - 1
        shorter = (f"{first} · {more} more", f"{first} …") if more else ()
        shown = (" · ".join(self.words), *shorter, first, first.rpartition(" % ")[2])
        return next((text for text in shown if len(text) <= most), "")

    @property
    def text(self) -> str:
        more = len(self.words) - MOST
        return " · ".join(self.words[:MOST]) + (f" · {more} more" if more > 0 else "")


def marks(faults: Iterable[Fault]) -> dict[Target, Mark]:
    """The mark of each box, by its name, and of each line, by its ends and its stream."""
    found: dict[Target, list[Fault]] = {}
    for fault in filter(is_noticeable, faults):
        for target in targets(fault):
            found.setdefault(target, []).append(fault)
    return {target: mark(faults) for target, faults in found.items()}


def is_noticeable(fault: Fault) -> bool:
    """Whether one would notice it: else a profile with small faults would colour the whole map."""
    if isinstance(fault.effect, Latency):
        return fault.effect.ms >= NOTICED_MS
    return fault.hits is not None or fault.ramp is not None or fault.rate >= NOTICED


def mark(faults: list[Fault]) -> Mark:
    worst = sorted(faults, key=lambda fault: (WORST[tone(fault)], fault.id))
    words = dict.fromkeys(short(fault) for fault in worst)
    return Mark(tone(worst[0]), tuple(words))


def targets(fault: Fault) -> Iterator[Target]:
    """The lines and boxes it affects: where it matches, and what then seems broken."""
    where = fault.where
    if where.side == "client":
        yield from ends_of(where.service, where.peer)
    elif where.side == "stream":
        yield from (
            (sender, receiver, stream)
            for sender, receiver, stream in streams()
            if where.service in {None, sender, receiver}
            and (where.operation is None or where.operation in f"{stream} send {stream}")
        )
    elif where.service is not None:
        yield where.service
    else:
        yield from dict.fromkeys(caller for caller, _ in calls())


def ends_of(service: str | None, peer: str | None) -> Iterator[Target]:
    for caller, callee in calls():
        if service in {None, caller} and peer in {None, callee}:
            yield caller, callee, ""
            if callee in outside():
                yield callee

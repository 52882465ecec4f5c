"""Which boxes and lines of the service map the faults that are there turn red, amber or green."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chaos.control_plane.domain.panel_layers import calls, outside, streams
from chaos.control_plane.domain.panel_words import short, tone
from chaos.engine.delay import Latency
from chaos.engine.model import Fault

WORST = {"bad": 0, "slow": 1, "good": 2}
MOST = 2
NOTICED, NOTICED_MS = 0.02, 20
Line = tuple[str, str, str]
Target = str | Line


@dataclass(frozen=True)
class Mark:
    """What is said at a box or a line; `tone` is that of the worst there."""

    tone: str
    words: tuple[str, ...]

    def brief(self, most: int) -> str:
        """As much as there is room for, never a part of a number or a word; "" for no room."""
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
    for fault in filter(is_large, faults):
        for target in targets(fault):
            found.setdefault(target, []).append(fault)
    return {target: mark(there) for target, there in found.items()}


def is_large(fault: Fault) -> bool:
    """Whether one would notice it: a profile that has a little everywhere would paint it all."""
    if isinstance(fault.effect, Latency):
        return fault.effect.ms >= NOTICED_MS
    return fault.hits is not None or fault.ramp is not None or fault.rate >= NOTICED


def mark(faults: list[Fault]) -> Mark:
    worst = sorted(faults, key=lambda fault: (WORST[tone(fault)], fault.id))
    words = dict.fromkeys(short(fault) for fault in worst)
    return Mark(tone(worst[0]), tuple(words))


def targets(fault: Fault) -> Iterator[Target]:
    """The lines it breaks, and the boxes: of what it strikes, and of what then seems broken."""
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

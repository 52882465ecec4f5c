"""The ledger of what the faults did, in all processes."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from chaos.control_plane.domain.instances import ReportedHit

MOST = 20_000


@dataclass(frozen=True)
class RecordedHit:
    """A hit, or a miss, with the process that reported it; `number` counts all there ever were."""

    number: int
    service: str
    instance: str
    hit: ReportedHit

    def as_json(self) -> dict[str, Any]:
        head = {"number": self.number, "service": self.service, "instance": self.instance}
        return head | self.hit.model_dump()


class HitBook:
    """The last `most` hits. `secrets` has the ids of the faults that only presenters may see."""

    def __init__(self, most: int = MOST) -> None:
        self._hits: deque[RecordedHit] = deque(maxlen=most)
        self.number = 0
        self.secrets: set[str] = set()

    def record(self, service: str, instance: str, hits: Iterable[ReportedHit]) -> None:
        for hit in hits:
            self.number += 1
            self._hits.append(RecordedHit(self.number, service, instance, hit))

    def after(self, number: int) -> list[RecordedHit]:
        """Those since there were `number`, as far as they are still known."""
        fresh = min(self.number - number, len(self._hits))
        return list(islice(reversed(self._hits), fresh))[::-1] if fresh > 0 else []

    def find(
        self, *, trace_id: str = "", session: str = "", fault: str = "", after: int = 0
    ) -> Iterator[RecordedHit]:
        """Those with these properties, the oldest first; what is not given may be anything."""
        for noted in self.after(after):
            hit = noted.hit
            if (
                trace_id in ("", hit.trace_id)
                and session in ("", hit.session)
                and fault in ("", hit.fault)
            ):
                yield noted

    def last_step(self, session: str, fault: str = "") -> list[RecordedHit]:
        """All hits of the last step of this session, the oldest first."""
        found: list[RecordedHit] = []
        for noted in reversed(self._hits):
            if noted.hit.session != session or fault not in ("", noted.hit.fault):
                continue
            if found and noted.hit.step != found[0].hit.step:
                break
            found.append(noted)
        return found[::-1]

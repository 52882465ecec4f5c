"""What clicks have shown: their answers and their traces."""

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol
from urllib.parse import urlencode
from urllib.request import urlopen

from chaos.measures.shop import Shop
from shared.moments import rfc3339
from traces.backend import Backend
from traces.model import Trace

# A service keeps a finished span for up to 0.4 s before it sends it.
HELD, PATIENCE, PAUSE, SAME = 0.6, 10.0, 0.15, 2
FAILED = 500


@dataclass(frozen=True)
class Answer:
    """One answer; `status` 0 means that there was none."""

    status: int
    seconds: float
    text: str = ""
    trace_id: str = ""
    about: str = ""

    @property
    def failed(self) -> bool:
        return self.status == 0 or self.status >= FAILED


@dataclass(frozen=True)
class Click:
    """One run of a journey: `step` is the number of its first request in the session."""

    session: str
    step: int
    answers: tuple[Answer, ...]
    tenant: str = ""

    @property
    def failed(self) -> bool:
        return any(answer.failed for answer in self.answers)

    @property
    def seconds(self) -> float:
        return sum(answer.seconds for answer in self.answers)


class Traces(Protocol):
    def trace(self, trace_id: str) -> Trace: ...


@dataclass(frozen=True)
class Evidence:
    """Clicks that were made in `shop` from the moment `since` on, in seconds since 1970."""

    shop: Shop
    clicks: tuple[Click, ...]
    since: float = field(default_factory=time.time)

    def among(self, tenant: str | None = None, about: str | None = None) -> "Evidence":
        """The clicks of one tenant, or about one thing, such as a tag of the product."""
        kept = (
            click
            for click in self.clicks
            if tenant in (None, click.tenant)
            and (about is None or any(about in answer.about.split() for answer in click.answers))
        )
        return Evidence(self.shop, tuple(kept), self.since)

    @property
    def answers(self) -> list[Answer]:
        return [answer for click in self.clicks for answer in click.answers]

    @property
    def failed(self) -> frozenset[tuple[str, int]]:
        """Session and step of each click that failed."""
        return frozenset((click.session, click.step) for click in self.clicks if click.failed)

    @cached_property
    def traces(self) -> list[Trace]:
        """The traces of all answers, once they have stopped growing."""
        ids = [answer.trace_id for answer in self.answers if answer.trace_id]
        return settled(Backend(self.shop.lens), ids)

    def roots_in(self, service: str) -> list[tuple[str, str]]:
        """Service and name of the first span of each trace since then with a span of that one."""
        query = {
            "query.serviceName": service,
            "query.startTimeMin": rfc3339(self.since),
            "query.startTimeMax": rfc3339(time.time()),
            "query.searchDepth": "1000",
        }
        url = f"{self.shop.lens}/api/v3/trace-summaries?{urlencode(query)}"
        with urlopen(url, timeout=5) as answer:  # noqa: S310 - the address of lens
            found = json.load(answer)["summaries"]
        return [(str(one["rootServiceName"]), str(one["rootOperationName"])) for one in found]


def settled(source: Traces, ids: Iterable[str]) -> list[Trace]:
    """These traces, each as soon as it has a root and all parents and nothing more comes; as they
    are when that takes too long.
    """
    waiting = {id_: Waiting() for id_ in ids}
    found: dict[str, Trace] = {id_: Trace(id_, ()) for id_ in waiting}
    end = time.monotonic() + PATIENCE
    time.sleep(HELD)
    while waiting and time.monotonic() < end:
        time.sleep(PAUSE)
        for id_, state in list(waiting.items()):
            found[id_] = source.trace(id_)
            if state.has_settled(found[id_]):
                del waiting[id_]
    return list(found.values())


class Waiting:
    """A trace that is still coming: how many spans it had, and how often that was the same."""

    def __init__(self) -> None:
        self._spans = self._same = 0

    def has_settled(self, trace: Trace) -> bool:
        whole = bool(trace.roots) and not trace.orphans
        self._same = self._same + 1 if whole and len(trace.spans) == self._spans else 0
        self._spans = len(trace.spans)
        return self._same >= SAME

"""Work that several ask for at the same time is done once, for all of them."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from opentelemetry.trace import Span, get_current_span

from chaos.engine.engine import Faults

T = TypeVar("T")


@dataclass(frozen=True)
class Flight(Generic[T]):
    """Work under way: the span of the request that does it, and its outcome, once it is there. It
    is cancelled with the request that did it.
    """

    leader: Span
    outcome: asyncio.Future[T]


class SingleFlight(Generic[T]):
    """Whoever comes first does the work, and is the leader; who comes before it is done follows,
    and waits for the same outcome, be it an error. Followers' spans link to the leader's.

    Those at whom a fault is aimed share with nobody else.
    """

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._flights: dict[tuple[str, str], Flight[T]] = {}

    async def shared(self, key: str, work: Callable[[], Awaitable[T]]) -> T:
        """What `work` answers, done now or under way already; equal keys are equal work."""
        if self._faults.behaves("no_single_flight"):
            return await work()
        whole_key = (key, self._faults.privacy())
        while (flight := self._flights.get(whole_key)) is not None:
            tell(flight.leader, get_current_span())
            await asyncio.wait({flight.outcome})
            if not flight.outcome.cancelled():
                return flight.outcome.result()
        return await self._lead(whole_key, work)

    async def _lead(self, key: tuple[str, str], work: Callable[[], Awaitable[T]]) -> T:
        outcome = asyncio.get_running_loop().create_future()
        self._flights[key] = Flight(get_current_span(), outcome)
        try:
            answer = await work()
        except Exception as error:
            outcome.set_exception(error)
            outcome.exception()  # is known now, also where nobody follows
            raise
        else:
            outcome.set_result(answer)
            return answer
        finally:
            outcome.cancel()  # nothing, where it is done
            del self._flights[key]


def tell(leader: Span, follower: Span) -> None:
    leader.set_attribute("acmeshop.single_flight", "leader")
    follower.set_attribute("acmeshop.single_flight", "follower")
    follower.add_link(leader.get_span_context())

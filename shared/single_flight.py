"""Work that several ask for at the same time is done once, for all of them."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from opentelemetry.trace import Span, get_current_span

T = TypeVar("T")


@dataclass(frozen=True)
class Flight(Generic[T]):
    """Work under way: the span of the request that does it, and its outcome, once it is there. It
    is cancelled with the request that did it.
    """

    leader: Span
    outcome: asyncio.Future[T]


class Sharing(Protocol[T]):
    """How requests that need the same work at the same time come by its outcome."""

    async def shared(self, key: str, work: Callable[[], Awaitable[T]]) -> T:
        """What `work` answers, done now or under way already; equal keys are equal work."""


class EachItsOwn(Generic[T]):
    """Every request does the work by itself."""

    async def shared(self, _key: str, work: Callable[[], Awaitable[T]]) -> T:
        return await work()


class SingleFlight(Generic[T]):
    """Whoever comes first does the work, and is the leader; who comes before it is done follows,
    and waits for the same outcome, be it an error. Followers' spans link to the leader's.

    Only requests with the same `share_key` share.
    """

    def __init__(self, share_key: Callable[[], str] = lambda: "") -> None:
        self._share_key = share_key
        self._flights: dict[tuple[str, str], Flight[T]] = {}

    async def shared(self, key: str, work: Callable[[], Awaitable[T]]) -> T:
        whole_key = (key, self._share_key())
        while (flight := self._flights.get(whole_key)) is not None:
            link(flight.leader, get_current_span())
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


def link(leader: Span, follower: Span) -> None:
    leader.set_attribute("acmeshop.single_flight", "leader")
    follower.set_attribute("acmeshop.single_flight", "follower")
    follower.add_link(leader.get_span_context())

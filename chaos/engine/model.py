"""What a fault is: where it is injected and for whom, how often, for how long, and what happens."""

import re
from collections.abc import Collection, Mapping
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from chaos.engine.effect import ON_SIDE, Effect, Latency
from chaos.engine.values import Lasting, Name, Part, Rate, Side

FIRST, EVERY = re.compile(r"first ([1-9]\d{0,5})"), re.compile(r"every ([1-9]\d{0,5})")
NUMBERS = r"[1-9]\d{0,5}"
HITS = rf"^(first {NUMBERS}|every {NUMBERS}|{NUMBERS}(,{NUMBERS})*)$"
QUARTER = 15 * 60.0
ID: Final = "[a-z][a-z0-9-]{1,47}"
ALL: Final = "*"


# Which side a key of `where` belongs to.
KEYS: Mapping[str, frozenset[Side]] = {
    "peer": frozenset({"client"}),
    "route": frozenset({"server", "client"}),
    "operation": frozenset({"store", "stream", "point"}),
}


class Match(Part):
    """Whom a fault is for: all that is given must be so; nothing given means everybody.

    `session` and `user` are what the baggage says, `attribute` is what the marked span has
    by then, and on the server's side the values in the route's path, too.
    """

    session: Name | None = None
    user: Name | None = None
    header: dict[Name, str] = Field(default_factory=dict)
    baggage: dict[Name, str] = Field(default_factory=dict)
    attribute: dict[Name, bool | int | float | str] = Field(default_factory=dict)


class Where(Part):
    """The place where a fault is injected; a key that is not given matches everything.

    `side` is "server" (the service answers badly), "client" (its call to `peer` goes badly),
    "store", "stream", or "point" (a place in the code that has a name). `route` is a route's
    template, with or without its method, as in "GET /order/{order_id}"; for a client it is that of
    the callee. `operation` is what the span is named, or one word of it: "INSERT orders", "orders".
    """

    side: Side = "server"
    service: Name | None = None
    peer: Name | None = None
    route: Name | None = None
    operation: Name | None = None
    match: Match = Match()

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        for key, sides in KEYS.items():
            if getattr(self, key) is not None and self.side not in sides:
                allowed = " or ".join(sorted(sides))
                raise ValueError(f"{key} is for the side {allowed}, not for {self.side}")
        return self

    def is_at(self, place: str, peer: str) -> bool:
        """Whether it is meant for `place`, a method and a route or an operation and its target."""
        named = self.operation if self.route is None else self.route
        return self.peer in (None, peer) and (
            named is None
            or named.casefold() == place.casefold()
            or named.casefold() in place.casefold().split(" ")
        )

    @property
    def is_aimed(self) -> bool:
        """Whether it names a session, a user, or anything else that goes along with a request."""
        return bool(self.match.session or self.match.user or self.match.baggage)

    @property
    def narrowness(self) -> int:
        """How many things must be so; what is for the fewest comes first."""
        match = self.match
        given = [self.service, self.peer, self.route, self.operation, match.session, match.user]
        kept = len(match.header) + len(match.baggage) + len(match.attribute)
        return sum(one is not None for one in given) + kept


class Ramp(Part):
    """The rate moves evenly from the fault's own `to` another one, `over` so many seconds."""

    to: Rate
    over: Lasting


class Fault(Part):
    """A failure on purpose: `effect` is injected at `where` with probability `rate` (0 never, 1
    always), or, instead, on the `hits` that are named: "1,3,5", "every 4", "first 3".

    `draw` is for what is drawn: each attempt, so that a retry may succeed; a request with all its
    attempts; a session with all its requests; or each value of the attribute `key`. It ends
    `ttl` seconds after a process learned of it, and after `max_hits` hits.

    A `hidden` one leaves no mark in spans, answers or logs. While it is there, the fault with the
    id `instead_of` ("*": all that stand in for none themselves) fires for none of the requests that
    this one's `where.match` is about, even where this one does not fire, either.
    """

    id: Annotated[str, Field(pattern=rf"^{ID}$")]
    title: Annotated[str, Field(max_length=200)] = ""
    where: Where = Where()
    rate: Rate = 1.0
    draw: Literal["attempt", "request", "session", "key"] = "attempt"
    key: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    hits: Annotated[str, Field(pattern=HITS, max_length=200)] | None = None
    ramp: Ramp | None = None
    ttl: Lasting = QUARTER
    max_hits: Annotated[int, Field(ge=1)] | None = None
    priority: int = 0
    hidden: bool = False
    instead_of: Annotated[str, Field(pattern=rf"^({ID}|\*)$")] | None = None
    effect: Effect

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if type(self.effect) not in ON_SIDE[self.where.side]:
            message = f"{self.effect.type} cannot happen on the side {self.where.side}"
            raise ValueError(message)
        after = isinstance(self.effect, Latency) and self.effect.position == "after"
        if after and self.where.side not in {"server", "client"}:
            raise ValueError(f"on the side {self.where.side} a delay comes before the work")
        if self.hits is not None and (self.rate != 1 or self.ramp is not None):
            raise ValueError("hits take the place of a rate and a ramp: give one or the other")
        if (self.draw == "key") != (self.key is not None):
            raise ValueError("draw: key needs a key, the name of an attribute, and no other does")
        if self.instead_of == self.id:
            raise ValueError("no fault stands in for itself: instead_of names another one")
        return self

    @property
    def precedence(self) -> tuple[int, bool, int, str]:
        """The greatest priority comes first, then what is aimed at somebody, then the narrowest,
        then the first by its id.
        """
        return -self.priority, not self.where.is_aimed, -self.where.narrowness, self.id

    @property
    def can_fire(self) -> bool:
        return self.rate > 0 or self.ramp is not None

    def rests_for(self, replaced: Collection[str | None]) -> bool:
        """Whether it is among those that others are `instead_of`, by their ids."""
        return self.instead_of is None and not {self.id, ALL}.isdisjoint(replaced)

    def is_hit(self, number: int) -> bool:
        """Whether its `hits` name the match with this number, counted from 1."""
        assert self.hits is not None
        if found := FIRST.fullmatch(self.hits):
            return number <= int(found[1])
        if found := EVERY.fullmatch(self.hits):
            return number % int(found[1]) == 0
        return str(number) in self.hits.split(",")

    def rate_after(self, seconds: float) -> float:
        """The rate when the fault has been there for so long."""
        if self.ramp is None:
            return self.rate
        share = min(seconds / self.ramp.over, 1.0)
        return self.rate + (self.ramp.to - self.rate) * share


class Snapshot(Part):
    """All the faults there are, at one moment. A fault's `ttl` counts from when it arrives.

    A fault with the id of one that the service has by itself takes its place. `calm` has those
    rest: all of them, or the "defaults" and not those that its environment asks for.
    """

    revision: Annotated[int, Field(ge=0)] = 0
    faults: tuple[Fault, ...] = ()
    calm: Literal["no", "defaults", "all"] = "no"

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if len({fault.id for fault in self.faults}) < len(self.faults):
            raise ValueError("a snapshot has each id once")
        return self

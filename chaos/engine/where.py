"""Where a fault strikes, and whom."""

from collections.abc import Mapping
from typing import Self

from pydantic import Field, model_validator

from chaos.engine.values import Name, Part, Side

# Which side a key of `where` belongs to.
KEYS: Mapping[str, frozenset[Side]] = {
    "peer": frozenset({"client"}),
    "route": frozenset({"server", "client"}),
    "operation": frozenset({"store", "stream", "point"}),
}


class Match(Part):
    """Whom a fault strikes: all that is given must be so; nothing given means everybody.

    `session` and `user` are what the baggage says, `attribute` is what the span that is struck has
    by then, and on the server's side the values in the route's path, too.
    """

    session: Name | None = None
    user: Name | None = None
    header: dict[Name, str] = Field(default_factory=dict)
    baggage: dict[Name, str] = Field(default_factory=dict)
    attribute: dict[Name, bool | int | float | str] = Field(default_factory=dict)


class Where(Part):
    """The place a fault strikes; a key that is not given matches everything.

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
        """How many things must be so; whom the most is said about is struck by it first."""
        match = self.match
        given = [self.service, self.peer, self.route, self.operation, match.session, match.user]
        kept = len(match.header) + len(match.baggage) + len(match.attribute)
        return sum(one is not None for one in given) + kept

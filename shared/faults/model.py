"""What a fault is: where it strikes, how often, and what then happens."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Rate = Annotated[float, Field(ge=0, le=1)]


class Where(BaseModel):
    """The place a fault strikes; a key that is not given matches everything.

    `side` is "server" (the service answers badly) or "client" (its call to `peer` goes badly).
    `route` is a method and a route template, as in "GET /order/{order_id}"; it is for the server
    side.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    side: Literal["server", "client"] = "server"
    route: str | None = None
    peer: str | None = None


class Effect(BaseModel):
    """What happens: a delay of `latency_ms` milliseconds, then an answer with `status`, if there
    is one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    status: Annotated[int, Field(ge=400, le=599)] | None = None
    latency_ms: Annotated[float, Field(ge=0, le=60_000)] = 0


class Fault(BaseModel):
    """A failure on purpose: `effect` strikes at `where` with probability `rate` (0 never, 1
    always).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,47}$")]
    title: str
    where: Where = Where()
    rate: Rate = 1.0
    effect: Effect

"""THE table of the shop: every service, its port, whom it calls, where it keeps things, what fails
by default.

The tables of the docs are written from this one, and trace tests are checked against it.
"""

from dataclasses import dataclass
from typing import Literal

from shared.faults.model import Effect, Fault, Where

Keeps = Literal["nothing", "documents", "mocks", "traces"]


@dataclass(frozen=True)
class Service:
    """One process of the shop.

    `port` is the default of `<NAME>_PORT`; `also` lists further ports the same process listens on.
    `calls` are the services it may call, `outside` the systems that are not ours.
    """

    name: str
    port: int
    is_: str
    calls: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    keeps: Keeps = "nothing"
    also: tuple[int, ...] = ()
    traced: bool = True
    faults: tuple[Fault, ...] = ()


AUTH_FAILS = Fault(
    id="auth-failure",
    title="auth cannot tell who is asking; its SERVER span and the gateway's CLIENT span turn red",
    where=Where(side="server", route="GET /auth"),
    rate=0.2,
    effect=Effect(status=500),
)
CARRIER_FAILS = Fault(
    id="shipping-failure",
    title="the carrier answers 503; shipping's spans turn red, the order is still answered",
    where=Where(side="client", peer="carrier"),
    rate=0.3,
    effect=Effect(status=503),
)

SERVICES: tuple[Service, ...] = (
    Service(
        "gateway",
        5000,
        "the public JSON API",
        calls=("auth", "orders", "articles", "suggestions"),
    ),
    Service("auth", 5001, "who is this?", faults=(AUTH_FAILS,)),
    Service("orders", 5002, "answers for orders", calls=("shipping",), keeps="documents"),
    Service(
        "shipping",
        5003,
        "shipments, and what the carrier says of them",
        outside=("carrier",),
        keeps="documents",
        faults=(CARRIER_FAILS,),
    ),
    Service("articles", 8001, "the shop's journal", calls=("suggestions",), keeps="mocks"),
    Service("suggestions", 8002, "what else goes with this article", keeps="mocks"),
    Service(
        "lens",
        16686,
        "embedded trace backend and explorer",
        keeps="traces",
        also=(4318,),
        traced=False,
    ),
)

BY_NAME = {service.name: service for service in SERVICES}
EDGES = frozenset((service.name, callee) for service in SERVICES for callee in service.calls)

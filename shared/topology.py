"""THE table of the shop: every service, its port, whom it calls, where it keeps things.

The tables of the docs are written from this one, and trace tests are checked against it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal

Keeps = Literal["nothing", "documents", "redis", "mocks", "traces", "faults"]


@dataclass(frozen=True)
class Service:
    """One process of the shop.

    `port` is the default of `<NAME>_PORT`; `also` lists further ports the same process listens on,
    or may (that of payment is for gRPC).
    `calls` are the services it may call, `outside` the systems that are not ours; `publishes` and
    `consumes` name streams of events; `pages` are there for a person's browser; `package` is where
    it is written, if not in services/<name>.
    """

    name: str
    port: int
    is_: str
    calls: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    keeps: Keeps = "nothing"
    publishes: tuple[str, ...] = ()
    consumes: tuple[str, ...] = ()
    also: tuple[int, ...] = ()
    traced: bool = True
    pages: bool = False
    package: str = ""

    @property
    def module(self) -> str:
        """The package that it is written in."""
        return self.package or f"services.{self.name}"

    @property
    def needs_redis(self) -> bool:
        return self.keeps == "redis" or bool(self.publishes or self.consumes)


SERVICES: tuple[Service, ...] = (
    Service(
        "frontend",
        8080,
        "the storefront a person clicks",
        calls=("gateway", "lens"),
        pages=True,
    ),
    Service(
        "gateway",
        5000,
        "the public JSON API",
        calls=("auth", "users", "catalog", "cart", "orders", "articles", "suggestions"),
        pages=True,
    ),
    Service(
        "auth",
        5001,
        "who is this? login, logout, sessions",
        calls=("users",),
        keeps="redis",
    ),
    Service(
        "orders",
        5002,
        "places orders and answers for them",
        calls=("cart", "catalog", "payment", "shipping"),
        keeps="documents",
        publishes=("order.placed",),
    ),
    Service(
        "shipping",
        5003,
        "ships what was ordered, and asks the carrier where it is",
        outside=("carrier",),
        keeps="documents",
        consumes=("order.placed",),
    ),
    Service("cart", 5004, "carts", calls=("catalog",), keeps="redis"),
    Service(
        "payment",
        5005,
        "charges cards, each order once",
        outside=("bank",),
        keeps="documents",
        also=(5055,),
    ),
    Service("catalog", 5006, "products", keeps="documents"),
    Service("users", 5007, "profiles and credentials", keeps="documents"),
    Service("articles", 8001, "the shop's journal", calls=("suggestions",), keeps="mocks"),
    Service("suggestions", 8002, "what else goes with this article or product", keeps="mocks"),
    Service(
        "lens",
        16686,
        "embedded trace backend and explorer",
        keeps="traces",
        also=(4318, 5778, 4317),
        traced=False,
        pages=True,
        package="lens",
    ),
    Service(
        "chaos",
        5010,
        "control plane of the faults, and its control room",
        keeps="faults",
        traced=False,
        pages=True,
        package="chaos.control_plane",
    ),
)


def problems(services: Sequence[Service]) -> Iterator[str]:
    """What is wrong with a table, a sentence for each thing."""
    names = [service.name for service in services]
    ports = [(port, service.name) for service in services for port in (service.port, *service.also)]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{name} is there twice"
    for index, (port, name) in enumerate(ports):
        if other := next((one for taken, one in ports[:index] if taken == port), None):
            yield f"{name} and {other} have the same port, {port}"
    for service in services:
        for callee in service.calls:
            if callee not in names:
                yield f"{service.name} calls {callee}, which is no service"
        if not is_there(service.module):
            yield f"{service.name} has no package {service.module}"


def is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


BY_NAME = {service.name: service for service in SERVICES}
EDGES = frozenset((service.name, callee) for service in SERVICES for callee in service.calls)

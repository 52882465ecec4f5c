"""The faults of a service, put in rows: one for each place that asks for them."""

from collections.abc import Iterable
from typing import Final

from chaos.engine.active import Active
from chaos.engine.aim import precedence
from chaos.engine.effect import Behavior, Pool
from chaos.engine.privacy import whom
from chaos.engine.values import Side

Row = tuple[Active, ...]
NONE: Final[Row] = ()


class Rows:
    """Where nothing can strike, a row is empty, and that is all that a request has to ask."""

    def __init__(self, active: Iterable[Active], service: str) -> None:
        every = sorted(active, key=lambda one: precedence(one.fault))
        here = [one for one in every if one.fault.where.service in (None, service)]
        able = [one for one in here if one.fault.rate > 0 or one.fault.ramp is not None]
        self.server, self.client = struck(able, "server"), struck(able, "client")
        self.store, self.stream = struck(able, "store"), struck(able, "stream")
        self.points = struck(able, "point")
        self.behaviors: dict[str, Row] = {}
        self.pools: dict[Side, Row] = {}
        for one in able:
            effect, side = one.fault.effect, one.fault.where.side
            if isinstance(effect, Behavior):
                self.behaviors[effect.name] = (*self.behaviors.get(effect.name, NONE), one)
            elif isinstance(effect, Pool):
                self.pools[side] = (*self.pools.get(side, NONE), one)
        self.instead = tuple(one for one in here if one.fault.instead_of is not None)
        # Of all services: what is aimed at somebody comes back to the caller, too.
        aimed = (one for one in every if one.fault.where.is_aimed)
        self.aimed = tuple((one, whom(one.fault.where.match)) for one in aimed)


def struck(able: Iterable[Active], side: Side) -> Row:
    """Those that strike on that side, but for those that are asked for by themselves."""
    return tuple(
        one
        for one in able
        if one.fault.where.side == side and not isinstance(one.fault.effect, Behavior | Pool)
    )

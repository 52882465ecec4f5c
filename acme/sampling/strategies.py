"""The strategies that lens serves to remote samplers: `acme sampling show` and `set`."""

import json
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from acme.connection import exchange, unreachable
from acme.terminal import columns
from shared.settings.parsers import number, switch
from shared.settings.telemetry import SAMPLERS
from shared.topology import BY_NAME, EDGES
from traces.units import digits, duration, plural

TIMEOUT = 10.0
EVERYBODY, INHERIT = "default", "default"
HEAD = ("service", "strategy", "records", "last polled")
REMOTE = "OTEL_TRACES_SAMPLER=jaeger_remote"
POLLS_WITHIN = 60.0  # seconds, the interval of most SDKs
# What a strategy can be, by the names of the samplers that do the same in a service.
SHARES = frozenset({"probabilistic", "traceidratio", "parentbased_traceidratio"})
RATES = frozenset({"ratelimiting", "rate_limiting"})
ALL = frozenset({"always_on", "parentbased_always_on"})
NONE = frozenset({"always_off", "parentbased_always_off"})
SETTABLE = (INHERIT, *sorted({*SHARES, *RATES, *ALL, *NONE, "const"}))
Document = dict[str, Any]


class Refused(Exception):
    """lens does not take it; the message says why."""


class NoStrategy(ValueError):
    """What cannot be a strategy; the message says why, and what can."""


@dataclass(frozen=True)
class Strategies:
    """What lens serves, and since when it has not been polled for it."""

    document: Document
    polled_ns: dict[str, int]

    @classmethod
    def of(cls, lens: str) -> "Strategies":
        document = request(lens, "GET", "/lens/api/sampling")
        return cls(document, document.pop("polled_ns"))

    def of_service(self, service: str) -> tuple[Document, bool]:
        """The strategy of a service, and whether it is its own."""
        for one in self.document["service_strategies"]:
            if one["service"] == service:
                return one, True
        return self.document["default_strategy"], False

    def show(self) -> None:
        own = [one["service"] for one in self.document["service_strategies"]]
        shop = [name for name, row in BY_NAME.items() if row.traced]
        names = dict.fromkeys((*shop, *own, *self.polled_ns))
        rows = [("all others", *words(self.document["default_strategy"]), "")]
        for name in names:
            strategy, is_own = self.of_service(name)
            type_, records = words(strategy)
            rows.append((name, type_ if is_own else "as all others", records, self.polled(name)))
            rows += [
                (f"  {one['operation']}", *words(one), "")
                for one in strategy.get("operation_strategies", ())
                if is_own
            ]
        print(columns(HEAD, rows))
        if not self.polled_ns:
            print(f"No service polls: {REMOTE} acme up starts a shop that follows these.")

    def polled(self, service: str) -> str:
        at = self.polled_ns.get(service)
        return f"{duration(max(0, time.time_ns() - at))} ago" if at else "never"

    def polls(self, service: str) -> bool:
        """Whether its remote sampler has asked lately."""
        at = self.polled_ns.get(service, 0)
        return time.time_ns() - at < POLLS_WITHIN * 1e9


def words(strategy: Document) -> tuple[str, str]:
    """A strategy as one writes it, and what it records."""
    param = strategy["param"]
    written = f"{strategy['type']} {param:g}"
    if strategy["type"] == "ratelimiting":
        return written, f"{plural(int(param), 'trace')} per second"
    if param in (0, 1):
        return written, "every trace" if param else "no trace"
    return written, f"{digits(param * 100)} % of the traces"


def strategy(sampler: str, param: str) -> Document:
    """The strategy that does what a sampler of this name does. Raises NoStrategy."""
    if sampler in SHARES:
        return {"type": "probabilistic", "param": share(param)}
    if sampler in RATES:
        return {"type": "ratelimiting", "param": per_second(param)}
    if sampler in ALL | NONE:
        if param:
            raise NoStrategy(f"{sampler} takes no number, not {param}")
        return {"type": "probabilistic", "param": int(sampler in ALL)}
    if sampler == "const":
        try:
            return {"type": "probabilistic", "param": int(switch(param or "1"))}
        except ValueError:
            raise NoStrategy(f"const takes 1 or 0, not {param}") from None
    if sampler in ("remote", "jaeger_remote"):
        raise NoStrategy(
            f"{sampler} is what a service needs to follow a strategy, not a strategy: start the "
            f"shop with {REMOTE}"
        )
    if sampler in SAMPLERS:
        raise NoStrategy(
            f"{sampler} works in the service alone, without strategies: start the shop with "
            f"OTEL_TRACES_SAMPLER={sampler}"
        )
    raise NoStrategy(f"{sampler} is not a sampler; there are {', '.join(SETTABLE)}")


def share(text: str) -> float:
    with suppress(ValueError):
        return number(0, 1)(text)
    hint = ""
    with suppress(ValueError):
        hint = f"; did you mean {number(0, 100)(text) / 100:g} ({float(text):g} %)?"
    raise NoStrategy(f"{text or 'nothing'} is not a share from 0 to 1{hint}")


def per_second(text: str) -> int:
    try:
        found = number(0, 1_000_000)(text)
    except ValueError:
        found = 0.5
    if found % 1:
        raise NoStrategy(
            f"{text or 'nothing'} is not a whole number of traces per second, up to 1000000"
        )
    return int(found)


def put(lens: str, service: str, wanted: Document | None, operation: str = "") -> None:
    """Sets the strategy of a service, of one of its operations, or of all others; removes it for
    None. Raises Refused and Unreachable.
    """
    path = "default" if service == EVERYBODY else f"services/{quote(service, safe='')}"
    if operation:
        wanted = with_operation(Strategies.of(lens).of_service(service)[0], operation, wanted)
    if wanted is None:
        request(lens, "DELETE", f"/lens/api/sampling/{path}")
    else:
        request(lens, "PUT", f"/lens/api/sampling/{path}", wanted)


def with_operation(before: Document, operation: str, wanted: Document | None) -> Document:
    """The strategy of a service with another one for an operation, or without one for it."""
    strategies = before.get("operation_strategies", ())
    kept = [one for one in strategies if one["operation"] != operation]
    if wanted is not None:
        kept.append({"operation": operation, **wanted})
    elif len(kept) == len(strategies):
        raise Refused(f"{operation} has no strategy of its own")
    return {"type": before["type"], "param": before["param"], "operation_strategies": kept}


def after_set(lens: str, service: str) -> list[str]:
    """What to know once a strategy is set: who follows it, and for which traces."""
    found = Strategies.of(lens)
    if service == EVERYBODY:
        following = sorted(name for name in found.polled_ns if found.polls(name))
        if following:
            return [f"{', '.join(following)} follow within their poll interval."]
        return [f"No service polls for strategies: {REMOTE} acme up starts a shop that does."]
    lines = [
        f"{service} polled {found.polled(service)}, and follows within its poll interval."
        if found.polls(service)
        else f"{service} does not poll for strategies: {REMOTE} acme up starts a shop that does."
    ]
    if callers := sorted(caller for caller, callee in EDGES if callee == service):
        lines.append(
            f"It counts for traces that begin at {service}; requests from {' and '.join(callers)} "
            "follow what was decided there."
        )
    return lines


def request(lens: str, method: str, path: str, document: Document | None = None) -> Document:
    """What lens answers. Raises Refused and Unreachable."""
    body = None if document is None else json.dumps(document).encode()
    headers = {} if body is None else {"Content-Type": "application/json"}
    status, answer = exchange(lens, method, path, body, headers, patience=TIMEOUT)
    if answer is None:
        raise unreachable(lens, f"what is there answered {status}")
    if status != 200:
        raise Refused(str(answer.get("detail") or f"lens answered {status}"))
    return answer

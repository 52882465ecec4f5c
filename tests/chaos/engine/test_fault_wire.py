"""Every effect on the sides of a call, over real sockets: what exactly both spans say of it."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import StatusCode

from chaos.engine.effect import ON_SIDE
from chaos.engine.reader import TYPES
from shared.errors import ShopError
from tests.chaos.engine.pair import Pair, marked, until
from tests.faulty import faults_in


@dataclass(frozen=True)
class Said:
    """What a span says: the status of the answer, and, when it is red, the `error.type`."""

    status: int | None
    error: str | None = None

    @classmethod
    def by(cls, span: ReadableSpan) -> "Said":
        """Whether it is red and whether it has an `error.type` is the same, whatever happens."""
        attributes: dict[str, Any] = dict(span.attributes or {})
        error = attributes.get("error.type")
        red = StatusCode.UNSET if error is None else StatusCode.ERROR
        assert span.status.status_code is red
        return cls(attributes.get("http.response.status_code"), error)


OK = Said(200)
LATE = Said(None, "timeout")
CUT = Said(None, "ReadError")
RESET = Said(None, "ConnectionResetError")
HUNG_UP, HALF = Said(None, "ReadError"), Said(200, "ConnectionAbortedError")
DONE, NOT_DONE = True, False

SERVER: list[tuple[dict[str, Any], Said, Said, bool]] = [
    *(
        (
            {"type": "error", "status": status},
            Said(status, str(status)),
            Said(status, str(status)),
            NOT_DONE,
        )
        for status in (500, 502, 503, 504, 599)
    ),
    *(
        ({"type": "error", "status": status}, Said(status), Said(status, str(status)), NOT_DONE)
        for status in (400, 401, 402, 403, 404, 409, 418, 429)
    ),
    ({"type": "exception", "name": "KeyError"}, Said(500, "500"), Said(500, "500"), NOT_DONE),
    ({"type": "latency", "ms": 5}, OK, OK, DONE),
    ({"type": "latency", "ms": 5, "position": "after"}, OK, OK, DONE),
    ({"type": "hang", "max_s": 0.01}, RESET, CUT, NOT_DONE),
    ({"type": "reset"}, RESET, CUT, NOT_DONE),
    ({"type": "reset", "position": "after"}, RESET, CUT, DONE),
    ({"type": "truncate", "keep": 0.5}, HALF, HUNG_UP, DONE),
    ({"type": "drip", "chunk_bytes": 4, "interval_ms": 1}, OK, OK, DONE),
    ({"type": "rate_limit", "per_second": 0.001}, Said(429), Said(429, "429"), NOT_DONE),
    ({"type": "cpu", "ms": 5}, OK, OK, DONE),
    ({"type": "leak", "kib": 1}, OK, OK, DONE),
]
CLIENT: list[tuple[dict[str, Any], Said | None, Said, bool]] = [
    *(
        ({"type": "error", "status": status}, None, Said(status, str(status)), NOT_DONE)
        for status in (400, 404, 429, 500, 503)
    ),
    ({"type": "latency", "ms": 5}, OK, OK, DONE),
    ({"type": "latency", "ms": 5, "position": "after"}, OK, OK, DONE),
    ({"type": "hang", "max_s": 0.01}, None, Said(None, "ReadTimeout"), NOT_DONE),
    ({"type": "connect_error"}, None, Said(None, "ConnectError"), NOT_DONE),
    ({"type": "connect_error", "kind": "dns"}, None, Said(None, "ConnectError"), NOT_DONE),
    ({"type": "connect_error", "kind": "timeout"}, None, Said(None, "ConnectTimeout"), NOT_DONE),
    ({"type": "reset"}, None, CUT, NOT_DONE),
    ({"type": "reset", "position": "after"}, OK, CUT, DONE),
    ({"type": "rate_limit", "per_second": 0.001}, None, Said(429, "429"), NOT_DONE),
    ({"type": "drop_context"}, OK, OK, DONE),
    ({"type": "pool"}, OK, OK, DONE),
]
# A test of its own has: the end of a process, and what only health checks show.
ELSEWHERE = {"crash", "unready"}


def named(case: Any) -> str | None:
    return "-".join(map(str, case.values())) if isinstance(case, dict) else ""


async def post(pair: Pair) -> None:
    """One call; a fault may make it fail."""
    with suppress(ShopError):
        await pair.peer.post("/orders", dict, {})


async def fires(pair: Pair, side: str, effect: dict[str, Any], spans: int) -> None:
    pair.inject(side, **effect)
    if effect["type"] == "rate_limit":  # which lets the first one pass
        await post(pair)
        await until(lambda: len(pair.spans.get_finished_spans()) == 2)
        pair.spans.clear()
        pair.done.clear()
    await post(pair)
    await until(lambda: len(pair.spans.get_finished_spans()) == spans)


@pytest.mark.parametrize(("effect", "server", "client", "done"), SERVER, ids=named)
async def test_both_spans_show_a_fault_of_the_service(
    pair: Pair, effect: dict[str, Any], server: Said, client: Said, done: bool
) -> None:
    await fires(pair, "server", effect, spans=2)

    assert (Said.by(pair.server), Said.by(pair.client)) == (server, client)
    assert (marked(pair.server), marked(pair.client)) == ("the-fault", None)
    assert pair.done == ["placed"] * done


@pytest.mark.parametrize(("effect", "server", "client", "done"), CLIENT, ids=named)
async def test_the_span_of_a_call_and_of_its_callee_if_any_show_a_fault_of_the_call(
    pair: Pair, effect: dict[str, Any], server: Said | None, client: Said, done: bool
) -> None:
    await fires(pair, "client", effect, spans=1 if server is None else 2)

    assert faults_in(pair.gateway).registry.tallies["the-fault"].fired
    assert Said.by(pair.client) == client
    assert server is None or Said.by(pair.server) == server
    pool_waits_before = effect["type"] == "pool"
    assert marked(pair.client) == (None if pool_waits_before else "the-fault")
    assert pair.done == ["placed"] * done


def test_no_effect_is_left_out() -> None:
    for side, cases in (("server", SERVER), ("client", CLIENT)):
        shown = {effect["type"] for effect, *_ in cases}
        here = {name for name, kind in TYPES.items() if kind in ON_SIDE[side]}  # type: ignore[index]
        assert here - ELSEWHERE == shown

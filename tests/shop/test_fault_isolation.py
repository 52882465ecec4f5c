"""What is aimed at one person's clicks is nobody else's trouble, whatever their requests share."""

import asyncio
from collections import Counter, defaultdict

from tests.inprocess import Shop
from tests.shop.acme import KETTLE, client_of, log_in, order
from tests.shop.faulted import fault, set_faults
from traces.model import Span, Trace
from traces.testing import AssertableTrace
from traces.testing.sources import from_sdk

ANN, BOB = "session-ann", "session-bob"
CHECKOUTS = 100
BODY = order([{"itemid": KETTLE, "name": "Kettle", "quantity": 1, "price": 35.95}], "35.95")


class Person:
    """A customer with a session of their own: the status of each of their clicks, and its trace."""

    def __init__(self, shop: Shop, session: str, user: str) -> None:
        self._client, self._spans = client_of(shop), shop.spans
        self._session, self._user = session, user
        self.statuses: Counter[int] = Counter()
        self._traces: list[str] = []

    async def arrive(self) -> "Person":
        self._id = (await log_in(self._client, self._user))["user"]["id"]
        return self

    async def check_out(self) -> None:
        await self._click("POST", f"/order/add/{self._id}", json=BODY)

    async def look_around(self) -> None:
        await self._click("GET", "/products")

    async def _click(self, method: str, path: str, json: object = None) -> None:
        members = f"session.id={self._session},acmeshop.step={len(self._traces) + 1}"
        answer = await self._client.request(method, path, json=json, headers={"baggage": members})
        self.statuses[answer.status_code] += 1
        self._traces.append(answer.headers["traceresponse"].split("-")[1])

    def traces(self) -> list[AssertableTrace]:
        """The traces of the clicks so far, in their order."""
        spans = defaultdict[str, list[Span]](list)
        for span in map(from_sdk, self._spans.get_finished_spans()):
            spans[span.trace_id].append(span)
        return [AssertableTrace(Trace.of(id_, spans[id_])) for id_ in self._traces]


async def customers(shop: Shop) -> tuple[Person, Person]:
    return await Person(shop, ANN, "eric").arrive(), await Person(shop, BOB, "dwight").arrive()


def was_stopped(trace: AssertableTrace) -> bool:
    """Whether the breaker let no call of payment through at the end."""
    return bool(trace.find("orders", kind="CLIENT", error__type="breaker_open"))


async def test_a_payment_that_is_down_for_one_opens_the_breaker_for_nobody_else(shop: Shop) -> None:
    ann, bob = await customers(shop)
    down = fault("ann-payment", "payment", "server", session=ANN, type="error", status=503)
    set_faults(shop, down)

    for _ in range(CHECKOUTS):
        await asyncio.gather(ann.check_out(), bob.check_out())

    assert bob.statuses == {201: CHECKOUTS}
    assert ann.statuses == {503: CHECKOUTS}
    assert not any(was_stopped(trace) for trace in bob.traces())
    assert sum(was_stopped(trace) for trace in ann.traces()) > CHECKOUTS / 2


async def test_the_same_failure_for_everybody_opens_it_for_everybody(shop: Shop) -> None:
    ann, bob = await customers(shop)
    set_faults(shop, fault("payment-down", "payment", "server", type="error", status=503))

    for _ in range(2):
        await ann.check_out()
    await bob.check_out()

    assert bob.statuses == {503: 1}
    [trace] = bob.traces()
    assert was_stopped(trace)
    assert trace.find("payment") == []


async def test_after_the_fault_has_ended_nothing_of_it_is_left(shop: Shop) -> None:
    ann, _ = await customers(shop)
    set_faults(
        shop, fault("ann-payment", "payment", "server", session=ANN, type="error", status=503)
    )
    for _ in range(3):
        await ann.check_out()
    assert was_stopped(ann.traces()[-1])

    set_faults(shop)
    await ann.check_out()

    assert ann.statuses == {503: 3, 201: 1}


async def test_a_store_that_fails_one_who_reads_fails_nobody_who_reads_with_them(
    shop: Shop,
) -> None:
    ann, bob = await customers(shop)
    slow = fault("slow", "catalog", "store", type="latency", ms=150)
    refused = fault("ann-store", "catalog", "store", session=ANN, type="connect_error")
    set_faults(shop, slow, refused)

    clicks = [person.look_around() for _ in range(5) for person in (ann, bob)]
    await asyncio.gather(*clicks)

    assert bob.statuses == {200: 5}
    assert ann.statuses == {502: 5}
    together = [trace.find("catalog", acmeshop__single_flight="leader") for trace in bob.traces()]
    assert sum(map(len, together)) == 1

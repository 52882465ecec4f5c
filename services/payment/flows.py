"""Charging and voiding: what was begun here is brought to its end, by whoever comes next."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from time import time

from opentelemetry import metrics, trace

from services.payment.clients.bank import Bank
from services.payment.domain import (
    CHARGED,
    DECLINED,
    PENDING,
    VOIDED,
    VOIDING,
    Card,
    Entry,
    another_key,
    checked,
    paid,
)
from services.payment.store import Ledger
from shared.errors import ShopError
from shared.events import event
from shared.hooks import Choice
from shared.money import Cents
from shared.telemetry.decorator import Trace
from shared.telemetry.suppression import suppress_instrumentation

MOST = 200

log = logging.getLogger("acmeshop")
tracer = trace.get_tracer(__name__)
charges = metrics.get_meter(__name__).create_counter(
    "acmeshop.payment.charges", "{charge}", "Charges by what the bank made of them."
)


Repeat = Callable[[Ledger, Entry], Awaitable[Entry]]


async def known(ledger: Ledger, entry: Entry) -> Entry:
    """The order's first entry, by which a repeated request is answered like the first one."""
    return checked(await ledger.read(entry.order_id), entry.amount)


async def another(ledger: Ledger, entry: Entry) -> Entry:
    """One more entry of the order, under a new key: each request is charged, as it must not be."""
    more = replace(entry, order_id=another_key(entry.order_id))
    await ledger.add(more)
    return more


@dataclass(frozen=True)
class Payments:
    """The bank does everything once for each order, so calling it again is always safe; the ledger
    decides who of two gives way. What nobody has worked on for `wait` seconds is taken up again.
    `repeat` gives the entry that a repeated request is about.
    """

    ledger: Ledger
    bank: Bank
    wait: float
    repeat: Choice[Repeat]
    clock: Callable[[], float] = time

    async def charge(self, order_id: str, user_id: str, amount: Cents, card: Card) -> Entry:
        """The order's charge, made now or before. Raises PaymentRequired when the bank declines,
        Conflict when the payment was voided; after an UpstreamError nobody knows.
        """
        entry = Entry(order_id, PENDING, self.clock(), user_id, amount)
        if not await self.ledger.add(entry):
            entry = await self.repeat(order_id=order_id)(self.ledger, entry)
        if entry.state == PENDING:
            entry = await self._charged(entry, card)
        return paid(entry)

    async def _charged(self, entry: Entry, card: Card) -> Entry:
        """The entry as the bank decides. Where a crash came between the bank and the ledger, the
        bank says again what it did.
        """
        with tracer.start_as_current_span("charge card") as span:
            span.set_attribute("acmeshop.payment.amount", entry.amount)
            try:
                decided = await self.bank.charge(entry, card)
            except ShopError:
                charges.add(1, {"acmeshop.charge.outcome": "failed"})
                raise
            charges.add(1, {"acmeshop.charge.outcome": decided["state"]})
            entry = await self.ledger.change(entry, **decided)
            span.set_attribute("acmeshop.payment.state", entry.state)
            outcome = event(f"payment.{entry.state}", {"acmeshop.order.id": entry.order_id})
            log.info("the payment of order %s is %s", entry.order_id, entry.state, extra=outcome)
            if entry.state == DECLINED:
                # No error: the bank did what it is there for.
                span.add_event("payment.declined", {"reason": entry.reason})
            return entry

    async def read(self, order_id: str) -> Entry:
        """The order's entry, with what the bank did meanwhile."""
        entry = await self.ledger.read(order_id)
        if entry.state == PENDING and (decided := await self.bank.decided(order_id)):
            return await self.ledger.change(entry, **decided)
        return entry

    async def void(self, order_id: str) -> Entry:
        """Sees to it that nothing is charged for the order, now and ever."""
        entry = Entry(order_id, VOIDED, self.clock())
        if await self.ledger.add(entry):
            return entry  # the bank was never called, and now it never will be
        entry = await self.ledger.read(order_id)
        # A declined one as well: should the bank ever have given two answers, this is the last.
        while entry.state in {PENDING, CHARGED, DECLINED}:
            entry = await self.ledger.change(entry, state=VOIDING, touched_at=self.clock())
        return await self._voided(entry) if entry.state == VOIDING else entry

    async def _voided(self, entry: Entry) -> Entry:
        await self.bank.give_back(entry.order_id)
        return await self.ledger.change(entry, state=VOIDED)

    async def take_up(self) -> None:
        """Brings on what a crash left between the ledger and the bank; to look leaves no spans."""
        with suppress_instrumentation():
            found = [*await self._due(PENDING), *await self._due(VOIDING)]
        for entry in found:
            try:
                await self._take_up(entry)
            except ShopError as error:
                log.warning("payment of order %s is not settled yet: %s", entry.order_id, error)

    async def _due(self, state: str) -> list[Entry]:
        now = self.clock()
        found = await self.ledger.in_state(state, MOST)
        return [entry for entry in found if now - entry.touched_at >= self.wait]

    async def _take_up(self, entry: Entry) -> None:
        decided: dict[str, str] | None = None
        if entry.state == PENDING:
            with suppress_instrumentation():
                decided = await self.bank.decided(entry.order_id)
            if decided is None:
                return  # the charge may still come; if not, orders has it voided in the end
        await self._recover(entry, decided or {})

    @Trace(name="recover payment")
    async def _recover(self, entry: Entry, decided: dict[str, str]) -> None:
        trace.get_current_span().set_attribute("acmeshop.order.id", entry.order_id)
        if entry.state == VOIDING:
            await self._voided(entry)
        else:
            await self.ledger.change(entry, **decided)

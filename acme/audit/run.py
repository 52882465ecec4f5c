"""Runs an audit: buyers and a killer in a temporary shop, then a look at its books."""

import asyncio
import os
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from acme.audit.books import Books
from acme.audit.buyers import Answers, Buyers
from acme.audit.killer import Killer, turns
from acme.ephemeral import EphemeralShop, ephemeral_shop
from acme.launcher import environment
from acme.redis.server import choose
from acme.terminal import columns

SHOWN_DISCREPANCIES = 20
TICK = 0.25
SETTLE_TIMEOUT = 120.0


@dataclass(frozen=True)
class Options:
    """What `acme audit` is to do. The three rates are failure rates of services, from 0 to 1;
    nobody to `kill` means all that a checkout needs.
    """

    orders: int
    buyers: int
    seed: int
    auth: float
    carrier: float
    payment: float
    kill: Sequence[str]
    kills: int
    log: Path | None

    @property
    def environ(self) -> dict[str, str]:
        return {
            "AUTH_FAILURE_RATE": str(self.auth),
            "SHIPPING_FAILURE_RATE": str(self.carrier),
            "PAYMENT_FAILURE_RATE": str(self.payment),
            "ACME_SEED": str(self.seed),
            "ORDERS_RECOVERY_SECONDS": "1",
            "ORDERS_PATIENCE_SECONDS": "1",
        }


@dataclass(frozen=True)
class Audit:
    """What came of it."""

    answers: Answers
    books: Books
    killed: Mapping[str, int]
    seconds: float
    unsettled: int

    @property
    def discrepancies(self) -> list[str]:
        return self.books.discrepancies(self.answers)

    @property
    def passed(self) -> bool:
        return not (self.discrepancies or self.answers.given_up or self.unsettled)

    def as_json(self) -> dict[str, Any]:
        return {
            "acknowledged": len(self.answers.orders),
            "refused": len(self.answers.refused),
            "given_up": len(self.answers.given_up),
            "unsettled": self.unsettled,
            "killed": dict(self.killed),
            "answers": dict(self.answers.counts),
            "seconds": self.seconds,
            "discrepancies": self.discrepancies,
        }


async def run(options: Options, progress: Console) -> Audit:
    """Runs the audit, and shows on `progress` how far it is. Raises TimeoutError when the shop does
    not start.
    """
    redis = choose(environment.own().get("PATH", os.defpath))
    if redis.forgets:
        progress.print(f"{redis.description}, so neither it nor the launcher is killed")
    victims = turns(options.kill, options.kills, options.seed, redis_forgets=redis.forgets)
    progress.print("Starting a shop ...")
    with ephemeral_shop(options.environ, options.log) as shop:
        begun = time.monotonic()
        killer = Killer(shop, victims, options.orders, options.seed)
        buyers = Buyers(shop.urls["gateway"], options.orders, options.buyers, options.seed)
        await buy(buyers, killer, options.orders, progress)
        unsettled = await settle(shop, buyers.answers)
        books = Books.read(shop.data)
        seconds = time.monotonic() - begun
        return Audit(buyers.answers, books, dict(killer.killed), seconds, unsettled)


async def buy(buyers: Buyers, killer: Killer, orders: int, console: Console) -> None:
    """Lets buyers and killer work until all orders are answered and all victims were killed."""
    work = asyncio.gather(buyers.shop(), killer.kill(buyers.answers))
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, TimeRemainingColumn(), console=console) as progress:
        bar = progress.add_task("orders", total=orders)
        while not work.done():
            await asyncio.wait({work}, timeout=TICK)
            progress.update(bar, completed=buyers.answers.settled)
    await work


async def settle(shop: EphemeralShop, answers: Answers) -> int:
    """Gives the shop time to recover until nothing is half done any more; how much still is when
    that takes too long.
    """
    end = time.monotonic() + SETTLE_TIMEOUT
    while left := Books.read(shop.data).unsettled(answers):
        if time.monotonic() > end:
            break
        await asyncio.sleep(TICK)
    return left


def table(audit: Audit) -> str:
    answers, books = audit.answers, audit.books
    statuses = ", ".join(f"{what} ({count})" for what, count in sorted(answers.counts.items()))
    kills = ", ".join(f"{name} {count}" for name, count in sorted(audit.killed.items())) or "nobody"
    cancelled = sum(1 for order in books.orders.values() if order["state"] == "cancelled")
    bank = Counter(entry["state"] for entry in books.bank.values())
    rows: tuple[tuple[str, object], ...] = (
        ("orders acknowledged", len(answers.orders)),
        ("cards refused", len(answers.refused)),
        ("given up by their buyers", len(answers.given_up)),
        ("the bank's books", ", ".join(f"{state} {n}" for state, n in sorted(bank.items()))),
        ("orders cancelled", cancelled),
        ("shipments", len(books.shipments.keys() & books.charges.keys())),  # not the guest's
        ("parcels in the carrier's books", len(books.carrier)),
        ("killed", kills),
        ("answers", statuses),
    )
    head = ("audit", f"{audit.seconds:.0f} s")
    return columns(head, [(name, str(value)) for name, value in rows])


def show(audit: Audit) -> None:
    print(table(audit))
    for sentence in audit.discrepancies[:SHOWN_DISCREPANCIES]:
        print(sentence)
    if audit.unsettled:
        print(f"{audit.unsettled} orders were still not settled after {SETTLE_TIMEOUT:.0f} s")
    print(f"{len(audit.discrepancies)} discrepancies in {audit.answers.settled} orders")

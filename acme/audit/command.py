"""The command `acme audit`."""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from acme.apart import Apart, shop_apart
from acme.audit.books import Books
from acme.audit.buyers import Buyers, Told
from acme.audit.killer import Killer
from acme.audit.report import table
from shared.readers import number, whole

VICTIMS = ("orders", "payment", "shipping", "cart")
RATE = number(0, 1)
TICK, PATIENCE = 0.25, 120.0


@dataclass(frozen=True)
class Audit:
    """What came of it."""

    told: Told
    books: Books
    killed: dict[str, int]
    seconds: float

    @property
    def discrepancies(self) -> list[str]:
        return self.books.discrepancies(self.told)


def main(arguments: Sequence[str]) -> int:
    """Runs the audit; answers 1 when the books and what buyers were told do not agree."""
    given = parser().parse_args(arguments)
    try:
        audit = asyncio.run(run(given))
    except TimeoutError as error:
        print(error, file=sys.stderr)
        return 1
    Console().print(table(audit.told, audit.books, audit.killed, audit.seconds))
    for sentence in audit.discrepancies[:20]:
        print(sentence)
    print(f"{len(audit.discrepancies)} discrepancies in {audit.told.settled} orders")
    if given.json:
        given.json.write_text(json.dumps(document(audit), indent=1) + "\n")
    return int(bool(audit.discrepancies or audit.told.given_up))


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="acme audit",
        description="Has buyers check out while services fail and are killed, then goes through "
        "the books: every order acknowledged is stored once, charged once, shipped once.",
    )
    add = parser.add_argument
    add("--orders", type=whole(1, 1_000_000), default=200, help="how many orders (200)")
    add("--buyers", type=whole(1, 200), default=6, help="buyers at a time (6)")
    add("--seed", type=whole(0, 2**31), default=1, help="of all that is left to chance (1)")
    add("--auth", type=RATE, default=0.2, metavar="RATE", help="failures of auth (0.2)")
    add("--carrier", type=RATE, default=0.3, metavar="RATE", help="failures of the carrier (0.3)")
    add("--payment", type=RATE, default=0.1, metavar="RATE", help="failures of payment (0.1)")
    add("--kill", nargs="*", default=list(VICTIMS), metavar="SERVICE", help="whom to kill")
    add(
        "--kills",
        type=whole(0, 10_000),
        help="how many times in all (one in 50 orders, at least 8)",
    )
    add("--json", type=Path, metavar="FILE", help="write the figures there, too")
    add("--log", type=Path, metavar="FILE", help="write the log of the shop there")
    return parser


async def run(given: argparse.Namespace) -> Audit:
    environ = {
        "AUTH_FAILURE_RATE": str(given.auth),
        "SHIPPING_FAILURE_RATE": str(given.carrier),
        "PAYMENT_FAILURE_RATE": str(given.payment),
        "ACME_SEED": str(given.seed),
        "ORDERS_RECOVERY_SECONDS": "1",
        "ORDERS_PATIENCE_SECONDS": "1",
    }
    print("Starting a shop ...", flush=True)
    with shop_apart(environ, given.log) as apart:
        begun = time.monotonic()
        kills = max(8, given.orders // 50) if given.kills is None else given.kills
        killer = Killer(apart, given.kill, kills, given.orders, given.seed)
        buyers = Buyers(apart.urls["gateway"], given.orders, given.buyers, given.seed)
        await buy(buyers, killer, given.orders)
        await settle(apart, buyers.told)
        books = Books.read(apart.data)
        return Audit(buyers.told, books, dict(killer.killed), time.monotonic() - begun)


async def buy(buyers: Buyers, killer: Killer, orders: int) -> None:
    """Lets buyers and killer loose, until all orders are answered and all victims dead."""
    work = asyncio.gather(buyers.shop(), killer.kill(buyers.told))
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, TimeRemainingColumn()) as progress:
        bar = progress.add_task("orders", total=orders)
        while not work.done():
            await asyncio.wait({work}, timeout=TICK)
            progress.update(bar, completed=buyers.told.settled)
    await work


async def settle(apart: Apart, told: Told) -> None:
    """Waits until nothing is half done any more: the shop is given time to recover."""
    end = time.monotonic() + PATIENCE
    while left := Books.read(apart.data).unsettled(told):
        if time.monotonic() > end:
            print(f"{left} orders are still not settled after {PATIENCE:.0f} s", file=sys.stderr)
            return
        await asyncio.sleep(TICK)


def document(audit: Audit) -> dict[str, object]:
    return {
        "acknowledged": len(audit.told.orders),
        "refused": len(audit.told.refused),
        "given_up": len(audit.told.given_up),
        "killed": audit.killed,
        "answers": dict(audit.told.answers),
        "seconds": audit.seconds,
        "discrepancies": audit.discrepancies,
    }

"""The audit's result, for reading."""

from collections import Counter
from collections.abc import Mapping

from rich.table import Table

from acme.audit.books import Books
from acme.audit.buyers import Told


def table(told: Told, books: Books, killed: Mapping[str, int], seconds: float) -> Table:
    answers = "\n".join(f"{what} ({count})" for what, count in sorted(told.answers.items()))
    kills = ", ".join(f"{name} {count}" for name, count in sorted(killed.items())) or "nobody"
    cancelled = sum(1 for order in books.orders.values() if order["state"] == "cancelled")
    bank = Counter(entry["state"] for entry in books.bank.values())
    grid = Table(show_header=False, title=f"Audit, {seconds:.0f} s")
    for name, value in (
        ("orders acknowledged", len(told.orders)),
        ("cards refused", len(told.refused)),
        ("given up by their buyers", len(told.given_up)),
        ("the bank's books", ", ".join(f"{state} {n}" for state, n in sorted(bank.items()))),
        ("orders cancelled", cancelled),
        ("shipments", len(books.shipments.keys() & books.charges.keys())),  # not the guest's
        ("parcels in the carrier's books", len(books.carrier)),
        ("killed", kills),
        ("answers", answers),
    ):
        grid.add_row(name, str(value))
    return grid

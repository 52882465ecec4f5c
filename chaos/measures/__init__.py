"""Measures: they click through a running shop, and return a number.

    shop = Shop.of_environment()
    measure(shop, "failed_share", journey="checkout", clicks=40, seed=7)

The clicks are the same for the same seed. They carry a session id and a step number, so faults hit
the same clicks each time. Raises NoShop when there is no shop to click through.
"""

from chaos.measures.evidence import Answer, Click, Evidence
from chaos.measures.load import check_sessions_trusted, drive
from chaos.measures.measures import MEASURES, evaluate, measure
from chaos.measures.shop import NoShop, Shop, is_applied_everywhere

__all__ = [
    "MEASURES",
    "Answer",
    "Click",
    "Evidence",
    "NoShop",
    "Shop",
    "check_sessions_trusted",
    "drive",
    "evaluate",
    "is_applied_everywhere",
    "measure",
]
